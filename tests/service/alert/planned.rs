//! Stories around a maintenance window: what is told, to whom it is news, and what no window keeps quiet.

use super::*;
use gengfu::alert::{Told, around_windows};
use gengfu::id::JourneyId;
use gengfu::incident::{Deadlines, NEVER_PLANNED, Overdue, Sighting, SightingRole, Untold};
use gengfu::maintenance::{Almanac, Covers, Declared, Ended, Window, Windows};
use std::sync::Arc;

/// A window from one second to another, of everything.
fn window(from: i64, until: i64) -> Window {
    let (name, why, by) = ("核心升级".to_owned(), "换库".to_owned(), Actor::person("李雷").unwrap());
    Window { name, why, by, covers: Covers::default(), from: at(from), until: at(until), declared: None }
}

fn of_journey(journey: &str, window: Window) -> Window {
    let journeys = [journey.parse::<JourneyId>().unwrap()].into();
    Window { covers: Covers { journeys, ..Covers::default() }, ..window }
}

fn ended(at_second: i64, window: Window) -> Window {
    let (declared, by) = (at(0), window.by.clone());
    let ended = Some(Ended { at: at(at_second), by });
    Window { declared: Some(Declared { id: gengfu::id::WindowId::fresh(), at: declared, ended }), ..window }
}

/// What happens to the incident: a walk that begins then and takes ten seconds.
#[derive(Clone, Copy)]
enum Then {
    Opens,
    Seen,
    Worse,
    Passes,
    Returns,
    /// Somebody names who sees to it.
    Named,
    /// It was let lie.
    Late,
    /// Somebody had set it aside, and takes it up again.
    TakenUp,
}

use Then::{Late, Named, Opens, Passes, Returns, Seen, TakenUp, Worse};

const WALK: i64 = 10;
const POLICY: AlertPolicy = AlertPolicy { remind_every: std::time::Duration::from_secs(24 * 3600) };

/// The change that `then` makes of `before` at `seconds`, as the fold makes it.
fn step(before: Option<&Incident>, then: Then, seconds: i64) -> Change {
    let walk = walk_row(at(seconds), Verdict::Failed, Purpose::Manual);
    let ends = at(seconds + WALK);
    let mut after = before.cloned().unwrap_or_else(|| Incident { flapping: false, ..incident("v1:aa", &walk) });
    let what = match then {
        Opens => What::Opened,
        Seen => What::Sighted,
        Worse => What::Worsened,
        Passes => What::Recovered,
        Returns => What::Reopened,
        Named => What::Assigned,
        Late => What::Escalated,
        TakenUp => What::TakenUp,
    };
    let deed = matches!(then, Named | Late | TakenUp);
    match then {
        Named => after.handling.assignee = Some("李雷".into()),
        Late | TakenUp => {}
        Passes => (after.state, after.recovered) = (State::Recovered, Some(ends)),
        Opens | Seen | Worse | Returns => (after.state, after.last_seen) = (State::Open, at(seconds)),
    }
    if matches!(then, Opens | Returns) {
        after.opened = Some(ends);
    }
    after.reopened += u32::from(matches!(then, Returns));
    let mut change = change(what, before.cloned(), after, &walk);
    (change.at, change.sighting) = (ends, None);
    if !deed && !matches!(then, Passes) {
        change.sighting = Some(Sighting {
            incident: change.after.id,
            walk: walk.walk,
            at: at(seconds),
            role: SightingRole::Repeat,
            device: "h5-iphone".into(),
            cause: None,
            evidence: vec![],
        });
    }
    change
}

/// What is told of each change of a story.
fn told(windows: &[Window], story: &[(Then, i64)], shape: &dyn Fn(&mut Incident)) -> Vec<String> {
    let windows = Windows::of(windows.iter().cloned());
    let (mut before, mut said) = (None, Vec::new());
    for (then, seconds) in story {
        let mut change = step(before.as_ref(), *then, *seconds);
        shape(&mut change.after);
        let told = around_windows(&change, decide(&change, &POLICY), &windows);
        let why = match told.reason {
            AlertReason::Silent(Quiet::Maintenance) => "planned".to_owned(),
            reason => reason.word().to_owned(),
        };
        said.push(told.behind.map_or(why.clone(), |window| format!("{why} behind {}", window.name)));
        change.after.handling.untold = told.untold;
        before = Some(change.after);
    }
    said
}

fn check(windows: &[Window], story: &[(Then, i64)], expected: &[&str]) {
    assert_eq!(told(windows, story, &|_| ()), expected);
}

#[test]
fn what_opens_in_a_window_is_told_once_behind_it_or_never() {
    let upgrade = [window(100, 1000)];
    check(
        &upgrade,
        &[(Opens, 200), (Seen, 500), (Worse, 800), (Seen, 1000), (Seen, 1300), (Passes, 1600)],
        &["planned", "silent", "planned", "first-seen behind 核心升级", "silent", "recovered"],
    );
    check(&upgrade, &[(Opens, 200), (Seen, 500), (Passes, 800)], &["planned", "silent", "planned"]);
    // The first walk behind it got past: nobody heard of it, and nobody hears that it is over.
    check(&upgrade, &[(Opens, 200), (Passes, 1100)], &["planned", "planned"]);
    // It comes back: that is news.
    check(&upgrade, &[(Opens, 200), (Passes, 500), (Returns, 1200)], &["planned", "planned", "reopened"]);
    check(
        &upgrade,
        &[(Opens, 200), (Passes, 500), (Returns, 800), (Seen, 1200)],
        &["planned", "planned", "planned", "reopened behind 核心升级"],
    );
}

/// What opened in one night's window and is seen in the next night's was told in between.
#[test]
fn another_night_is_another_window() {
    let nights = [window(100, 200), window(1000, 1100)];
    let first = ["planned", "first-seen behind 核心升级", "silent"];
    check(&nights, &[(Opens, 150), (Seen, 500), (Seen, 1050), (Passes, 1150)], &[&first[..], &["recovered"]].concat());
    check(&nights, &[(Opens, 150), (Seen, 500), (Seen, 1050), (Passes, 1080)], &[&first[..], &["recovered"]].concat());
    // Windows that touch are one.
    let touching = [window(100, 200), window(200, 300)];
    check(&touching, &[(Opens, 150), (Seen, 250), (Passes, 350)], &["planned", "silent", "planned"]);
}

/// Who was called in the window, or behind it before a walk saw it, hears that it is over.
#[test]
fn whoever_was_called_hears_of_the_end() {
    let upgrade = [window(100, 1000)];
    check(&upgrade, &[(Opens, 200), (Named, 400), (Passes, 600)], &["planned", "assigned", "recovered"]);
    check(&upgrade, &[(Opens, 200), (Named, 400), (Passes, 1100)], &["planned", "assigned", "recovered"]);
    check(&upgrade, &[(Opens, 200), (Late, 1050), (Passes, 1100)], &["planned", "escalated", "recovered"]);
    check(&upgrade, &[(Opens, 200), (TakenUp, 1050), (Passes, 1100)], &["planned", "still-broken", "recovered"]);
    // Once called, nobody is told of it as of something new.
    check(&upgrade, &[(Opens, 200), (Named, 400), (Seen, 1100)], &["planned", "assigned", "silent"]);
    // What is taken up in the window waits for its end.
    check(
        &upgrade,
        &[(Opens, 200), (TakenUp, 400), (Seen, 1100)],
        &["planned", "planned", "first-seen behind 核心升级"],
    );
    // Named when it was open before: it came back unheard of.
    check(
        &upgrade,
        &[(Opens, 0), (Named, 20), (Passes, 50), (Returns, 300), (Passes, 1100)],
        &["first-seen", "assigned", "recovered", "planned", "planned"],
    );
}

#[test]
fn a_walk_that_the_window_begins_or_ends_in_saw_what_was_planned() {
    let upgrade = [window(100, 1000)];
    check(&upgrade, &[(Opens, 95), (Seen, 1100)], &["planned", "first-seen behind 核心升级"]);
    check(&upgrade, &[(Opens, 995), (Seen, 1100)], &["planned", "first-seen behind 核心升级"]);
    check(&upgrade, &[(Opens, 995), (Passes, 1100)], &["planned", "planned"]);
    check(&upgrade, &[(Opens, 80), (Passes, 1100)], &["first-seen", "recovered"]);
    check(&upgrade, &[(Opens, 1000)], &["first-seen"]);
}

#[test]
fn whoever_heard_before_it_hears_that_it_is_over_and_that_it_is_still_there() {
    let upgrade = [window(100, 1000)];
    check(&upgrade, &[(Opens, 0), (Worse, 300), (Passes, 600)], &["first-seen", "planned", "recovered"]);
    check(
        &upgrade,
        &[(Opens, 0), (Worse, 300), (Seen, 1200), (Seen, 1500)],
        &["first-seen", "planned", "worsened behind 核心升级", "silent"],
    );
    // Nothing of it was kept quiet.
    check(&upgrade, &[(Opens, 0), (Seen, 300), (Seen, 1200)], &["first-seen", "silent", "silent"]);
    // A day has gone by while it was.
    let day = 24 * 3600;
    check(
        &[window(day - 100, day + 1000)],
        &[(Opens, 0), (Seen, day + 300), (Seen, day + 1200), (Seen, day + 1500)],
        &["first-seen", "planned", "still-broken behind 核心升级", "silent"],
    );
    // Nobody looked between two nights.
    let nights = [window(100, 200), window(1000, 1100)];
    check(&nights, &[(Opens, 150), (Seen, 1050), (Seen, 1150)], &["planned", "silent", "first-seen behind 核心升级"]);
    // Nothing was kept quiet.
    check(&upgrade, &[(Opens, 0), (Worse, 1200)], &["first-seen", "worsened"]);
    // Of two things the more important.
    check(
        &upgrade,
        &[(Opens, 0), (Worse, 300), (Worse, 1200), (Passes, 1300)],
        &["first-seen", "planned", "worsened behind 核心升级", "recovered"],
    );
}

#[test]
fn a_window_that_is_ended_early_is_over_then_and_one_within_another_is_not() {
    let story = [(Opens, 200), (Seen, 500)];
    check(&[ended(400, window(100, 1000))], &story, &["planned", "first-seen behind 核心升级"]);
    check(&[ended(50, window(100, 1000))], &story, &["first-seen", "silent"]);
    check(&[window(100, 400), window(300, 1000)], &story, &["planned", "silent"]);
}

#[test]
fn a_window_of_one_journey_keeps_no_other_quiet() {
    let own = incident("v1:aa", &walk_row(at(0), Verdict::Failed, Purpose::Manual)).journey;
    check(&[of_journey(own.as_str(), window(100, 1000))], &[(Opens, 200)], &["planned"]);
    check(&[of_journey("another", window(100, 1000))], &[(Opens, 200), (Seen, 1200)], &["first-seen", "silent"]);
}

/// Planned work on the app does not blind the robot, and excuses neither an order nor a leak.
#[test]
fn what_is_no_work_on_the_app_is_told_whatever_is_planned() {
    let upgrade = [window(100, 1000)];
    let robots = |incident: &mut Incident| incident.kind = Kind::Robot;
    assert_eq!(told(&upgrade, &[(Opens, 200), (Passes, 500)], &robots), ["first-seen", "recovered"]);
    let known: Vec<&str> = gengfu::detector::ALL.iter().map(|detector| detector.id).collect();
    for id in NEVER_PLANNED {
        assert!(known.contains(&id), "{id}");
        assert_eq!(told(&upgrade, &[(Opens, 200)], &|i| i.detector = id.to_owned()), ["first-seen"], "{id}");
    }
}

/// What people have muted or set aside stays so behind it.
#[test]
fn a_window_wakes_nobody_who_wants_to_sleep() {
    let upgrade = [window(100, 1000)];
    let aside = |incident: &mut Incident| incident.handling.stage = Stage::WontFix;
    assert_eq!(told(&upgrade, &[(Opens, 200), (Seen, 1200)], &aside), ["silent", "silent"]);
    let muted = |incident: &mut Incident| {
        incident.handling.mute = Some(Mute { until: at(5000), why: "稍后".into(), by: Actor::Robot });
    };
    assert_eq!(told(&upgrade, &[(Opens, 200), (Seen, 1200)], &muted), ["silent", "silent"]);
    // That it became worse they want to hear all the same.
    let story = [(Opens, 0), (Worse, 300), (Seen, 1200), (Seen, 1500)];
    let expected = ["silent", "planned", "worsened behind 核心升级", "silent"];
    assert_eq!(told(&upgrade, &story, &aside), expected);
    assert_eq!(told(&upgrade, &story, &muted), expected);
    // Also who muted or set it aside in the window, of what nobody else has heard of.
    for quiet in [&aside as &dyn Fn(&mut Incident), &muted] {
        let since = |incident: &mut Incident| {
            if incident.last_seen > at(200) {
                quiet(incident);
            }
        };
        let check = |story: &[(Then, i64)], expected: &[&str]| assert_eq!(told(&upgrade, story, &since), expected);
        check(&[(Opens, 200), (Seen, 300), (Seen, 1200)], &["planned", "silent", "silent"]);
        check(&[(Opens, 200), (Seen, 300), (Worse, 1200)], &["planned", "silent", "worsened behind 核心升级"]);
        check(&[(Opens, 200), (Worse, 300), (Seen, 1200)], &["planned", "planned", "worsened behind 核心升级"]);
    }
}

#[test]
fn a_part_of_what_a_window_keeps_quiet_is_told_for_itself() {
    let to = |to: &str| route("mail", Some(to));
    let owners = BTreeMap::from([("wealth-team".to_owned(), vec![to("wealth@bank.test")].into())]);
    let own = incident("v1:aa", &walk_row(at(0), Verdict::Failed, Purpose::Manual)).journey;
    let check = |windows: Vec<Window>, untold: &[Untold], expected: usize| {
        let maintenance = Arc::new(Almanac::of(Vec::new(), windows));
        let routes = Routes { owners: owners.clone(), ..Routes::default() };
        let plan = Plan { routes, maintenance, ..Plan::default() };
        let mut change = changed(What::Opened, 300, |_, after| after.owner = Some("wealth-team".into()));
        let mut whole = change.after.clone();
        whole.handling.untold = untold.iter().copied().collect();
        change.after.journey = "other-journey".parse().unwrap();
        change.whole = Some(Box::new(whole));
        assert_eq!(plan.notices(&[change], at(300), &mut NoticeId::fresh).len(), expected);
    };
    let upgrade = |until: i64| vec![of_journey(own.as_str(), window(100, until))];
    check(vec![], &[], 0);
    check(upgrade(1000), &[], 1);
    // Behind the window, too, until a walk has seen the whole there.
    check(upgrade(200), &[Untold::Opened], 1);
    check(upgrade(200), &[Untold::Worsened], 0);
    check(upgrade(200), &[], 0);
}

fn in_a_window() -> Incident {
    let mut opened = step(None, Opens, 200).after;
    opened.handling.untold = [Untold::Opened].into();
    opened
}

/// Nobody has seen it: its whole is over, and it is shown for itself from now on.
#[test]
fn a_part_that_is_let_go_is_no_news_of_it() {
    let opened = in_a_window();
    let mut released = step(Some(&opened), Seen, 1200);
    (released.after.last_seen, released.sighting) = (opened.last_seen, None);
    let windows = Windows::of([window(100, 1000)]);
    let told = around_windows(&released, decide(&released, &POLICY), &windows);
    let expected = Told { untold: [Untold::Opened].into(), ..AlertReason::Silent(Quiet::AlreadyTold).into() };
    assert_eq!(told, expected);
}

#[test]
fn a_notice_says_behind_which_window_it_comes() {
    let maintenance = Arc::new(Almanac::of(Vec::new(), vec![window(0, 1000)]));
    let fallback = vec![route("mail", Some("a@bank.test"))].into();
    let plan = Plan { routes: Routes { fallback, ..Routes::default() }, maintenance, ..Plan::default() };
    let opened = in_a_window();
    let notices = plan.notices(&[step(Some(&opened), Seen, 1200)], at(1210), &mut NoticeId::fresh);
    let told: Bulletin = serde_json::from_str(&notices[0].body).unwrap();
    assert_eq!((notices.len(), told.event_type.as_str()), (1, "incident.first-seen"));
    let check = |language: Language, expected: &str| {
        let text = render(&told, &voice(language), Telling::default()).text;
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    };
    let named = Window { name: "see https://evil.test/ @all".into(), ..window(0, 1000) };
    let maintenance = Arc::new(Almanac::of(Vec::new(), vec![named]));
    let fallback = vec![route("mail", Some("a@bank.test"))].into();
    let linking = Plan { routes: Routes { fallback, ..Routes::default() }, maintenance, ..Plan::default() };
    let notices = linking.notices(&[step(Some(&opened), Seen, 1200)], at(1210), &mut NoticeId::fresh);
    let words = render(&serde_json::from_str(&notices[0].body).unwrap(), &voice(Language::En), Telling::default());
    for mail in [&words.text, &words.html] {
        assert!(mail.contains("evil") && !mail.contains("https://evil.test") && !mail.contains("@all"), "{mail}");
    }
    check(Language::Zh, "维护“核心升级”（2023-11-15 06:13 +08:00 至 2023-11-15 06:30 +08:00）期间未发通知");
    check(Language::En, "During the maintenance “核心升级”, 2023-11-15 06:13 +08:00 to 2023-11-15 06:30 +08:00");
}

#[test]
fn deadlines_stand_still_and_go_on() {
    let minutes = |n: i64| n * 60;
    let deadlines = Deadlines::default();
    let check = |opened: i64, windows: &[Window], now: i64, expected: Option<Overdue>| {
        let mut incident = incident("v1:aa", &walk_row(at(0), Verdict::Failed, Purpose::Manual));
        (incident.severity, incident.opened) = (Severity::P1, Some(at(minutes(opened))));
        let still = incident.standstill(&Windows::of(windows.iter().cloned()));
        assert_eq!(incident.overdue(at(minutes(now)), &deadlines, &still), expected, "{opened} at {now}");
    };
    let upgrade = [window(minutes(10), minutes(60))];
    let late = Some(Overdue::Acknowledge);
    // P1 is to be acknowledged within 30 minutes.
    check(0, &[], 29, None);
    check(0, &[], 30, late);
    check(0, &upgrade, 79, None);
    check(0, &upgrade, 80, late);
    check(20, &upgrade, 89, None);
    check(20, &upgrade, 90, late);
    check(20, &[ended(minutes(15), upgrade[0].clone())], 49, None);
    check(20, &[ended(minutes(15), upgrade[0].clone())], 50, late);
}
