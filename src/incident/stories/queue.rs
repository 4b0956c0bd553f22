//! Stories of people and walks: who says what, and what it takes to close an incident.

use super::*;
use crate::actor::Actor;
use crate::maintenance::Standstill;
use crate::walk::TestCustomer;
use std::collections::BTreeMap;

/// What happens next: a walk by this customer, or a deed.
enum Then {
    /// A walk, so many minutes later.
    Walks(i64, &'static str, Shows),
    /// A deed, at once; and why.
    Says(Deed, &'static str),
}

use Then::{Says, Walks};

/// Tells a story of `(what happens, where the incident stands then)`; a deed that is not done says why.
fn check(story: &[(Then, &str)]) -> Incident {
    let mut told = Story::new();
    for (at, (then, expected)) in story.iter().enumerate() {
        let refused = match then {
            Walks(minutes, customer, shows) => {
                told.now += minutes * 60_000;
                let (record, verdict, findings) = told.record(*shows);
                let customer = Some(TestCustomer { name: (*customer).into(), of: 2 });
                told.file(&WalkRecord { customer, ..record }, verdict, &findings);
                None
            }
            Says(deed, why) => says(&mut told, deed.clone(), why).err(),
        };
        let stands = told.known.incidents[0].standing().word().to_owned();
        let said = refused.map_or(stands, |refused| refused.to_string());
        assert_eq!(said, *expected, "{at}");
    }
    told.known.incidents.remove(0)
}

fn says(story: &mut Story, deed: Deed, why: &str) -> Result<What, Refused> {
    let by = Actor::person("李雷").unwrap();
    let asked = Asked { deed, by, why: why.into(), at: Moment::from_millis(story.now + 10_000) };
    let original = match &asked.deed {
        Deed::CallDuplicate { of } => story.known.incidents.iter().find(|i| i.id == *of).cloned(),
        _ => None,
    };
    let change = act(&story.known.incidents[0], &asked, original.as_ref())?;
    story.known.incidents[0] = change.after;
    Ok(change.what)
}

const A: Shows = Shows::Fail(1, "a");

#[test]
fn the_long_way_to_the_end() {
    let closed = check(&[
        (Walks(5, "lin", A), "suspected"),
        (Walks(0, "lin", A), "confirmed"),
        (Says(Deed::Acknowledge, ""), "acknowledged"),
        (Says(Deed::BeginFix, ""), "fixing"),
        (Says(Deed::ClaimFix, "热修复 3.2.1"), "fix-claimed"),
        // The fault lasts: the claim does not.
        (Walks(1, "lin", A), "fixing"),
        (Says(Deed::ClaimFix, "缓存已清"), "fix-claimed"),
        (Walks(1, "lin", Shows::Pass), "verifying"),
        (Walks(5, "su", Shows::Pass), "verifying"),
        (Walks(5, "lin", Shows::Pass), "verifying"),
        // Three passes are enough, and the first of them is a quarter of an hour ago.
        (Walks(5, "lin", Shows::Pass), "closed"),
        (Walks(5, "lin", Shows::Pass), "closed"),
    ]);
    assert_eq!((closed.handling.refused, closed.handling.passes.count, closed.reopened), (1, 4, 0));
    assert_eq!(closed.handling.assignee.as_deref(), Some("李雷"));
}

#[test]
fn what_comes_back_is_nobodys_claim_any_more() {
    let again = check(&[
        (Walks(5, "lin", A), "suspected"),
        (Walks(0, "lin", A), "confirmed"),
        (Says(Deed::ClaimFix, ""), "fix-claimed"),
        (Walks(1, "su", Shows::Pass), "verifying"),
        (Walks(9, "lin", Shows::Pass), "verifying"),
        (Walks(9, "lin", Shows::Pass), "closed"),
        (Walks(60, "lin", A), "closed"),
        (Walks(0, "lin", A), "assigned"),
    ]);
    assert_eq!((again.reopened, again.handling.closed, again.handling.claimed), (1, None, None));
}

#[test]
fn a_suspicion_while_it_is_verified_begins_the_count_anew() {
    check(&[
        (Walks(5, "lin", A), "suspected"),
        (Walks(0, "lin", A), "confirmed"),
        (Walks(9, "lin", Shows::Pass), "verifying"),
        (Walks(9, "su", Shows::Pass), "verifying"),
        (Walks(9, "lin", A), "verifying"),
        (Walks(9, "lin", Shows::Pass), "verifying"),
        (Walks(9, "lin", Shows::Pass), "verifying"),
        (Walks(9, "su", Shows::Pass), "verifying"),
        (Walks(9, "su", Shows::Pass), "closed"),
    ]);
}

#[test]
fn one_customer_alone_closes_nothing_where_there_are_others() {
    let once = |n| (Walks(n, "lin", Shows::Pass), "verifying");
    check(&[
        (Walks(5, "lin", A), "suspected"),
        (Walks(0, "lin", A), "confirmed"),
        once(9),
        once(9),
        once(9),
        once(9),
        (Walks(9, "su", Shows::Pass), "closed"),
    ]);
}

#[test]
fn what_is_set_aside_stays_so_and_can_be_taken_up() {
    check(&[
        (Walks(5, "lin", A), "suspected"),
        (Says(Deed::LeaveIt, "下版本"), "`leave-it` is not possible of an incident that is suspected"),
        (Walks(0, "lin", A), "confirmed"),
        (Says(Deed::CallFalse, ""), "`call-false` needs a reason: who reads this later must know why"),
        (Says(Deed::CallFalse, "测试数据"), "false-alarm"),
        (Walks(5, "lin", A), "false-alarm"),
        (Says(Deed::ClaimFix, ""), "`claim-fix` is not possible of an incident that is false-alarm"),
        (Walks(5, "lin", Shows::Pass), "false-alarm"),
        (Walks(5, "lin", A), "false-alarm"),
        (Walks(0, "lin", A), "false-alarm"),
        (Says(Deed::TakeUp, "客户投诉了"), "confirmed"),
    ]);
}

#[test]
fn a_journey_that_no_longer_comes_by_verifies_nothing() {
    let mut story = Story::new();
    let walk = |story: &mut Story, shows| story.walk(shows);
    walk(&mut story, A);
    walk(&mut story, A);
    (story.digest, story.steps) = ("two", vec!["open", "buy"]);
    for _ in 0..10 {
        walk(&mut story, Shows::Pass);
    }
    let incident = &story.known.incidents[0];
    assert_eq!((incident.standing(), incident.handling.passes.count), (Standing::Verifying, 0));
}

/// No deed, in whatever order, closes an incident or makes it recover.
#[test]
fn no_deed_moves_what_the_robot_sees() {
    let mut story = Story::new();
    story.walk(A);
    story.walk(A);
    let open = story.known.incidents[0].clone();
    let other = Incident { id: id(2, 99), ..open.clone() };
    let at = Moment::from_millis(story.now + 1);
    let deeds = [
        Deed::Assign { to: "韩梅梅".into() },
        Deed::Acknowledge,
        Deed::BeginFix,
        Deed::ClaimFix,
        Deed::CallFalse,
        Deed::LeaveIt,
        Deed::CallDuplicate { of: other.id },
        Deed::TakeUp,
        Deed::Mute { until: at.after(Duration::from_secs(60)) },
        Deed::Unmute,
        Deed::Retag(crate::tags::Correction { reason: Some(crate::tags::Reason::Rules), ..Default::default() }),
        Deed::Note,
    ];
    let mut reached = vec![open.clone()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(incident) = reached.pop() {
        for deed in &deeds {
            let asked = Asked { deed: deed.clone(), by: Actor::system("jira").unwrap(), why: "why".into(), at };
            let possible = deed.kind().is_possible(incident.kind, incident.standing());
            let Ok(change) = act(&incident, &asked, Some(&other)) else { continue };
            assert!(possible, "{:?} from {:?}", deed.kind(), incident.standing());
            assert_eq!((change.after.state, change.after.handling.closed), (State::Open, None), "{deed:?}");
            assert!(change.what.is_move() && change.after.revision == incident.revision + 1);
            if seen.insert((change.after.standing(), change.after.handling.mute.is_some())) {
                reached.push(change.after);
            }
        }
    }
    let stands: std::collections::BTreeSet<_> = seen.iter().map(|(standing, _)| standing.word()).collect();
    let all =
        ["acknowledged", "assigned", "confirmed", "duplicate", "false-alarm", "fix-claimed", "fixing", "wont-fix"];
    assert_eq!(stands.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn walks_are_made_for_what_is_claimed_at_once_and_for_what_recovered_in_turn() {
    let minute = |n: i64| Moment::from_millis(n * 60_000);
    let check = |tried: Option<i64>, incident: &Incident, expected: Option<i64>| {
        let due = incident.verify_due(tried.map(minute), &VerifyPolicy::default());
        assert_eq!(due, expected.map(minute));
    };
    let mut story = Story::new();
    story.walk(A);
    check(None, &story.known.incidents[0], None);
    story.walk(A);
    check(None, &story.known.incidents[0], None);
    let mut claimed = story.known.incidents[0].clone();
    (claimed.handling.stage, claimed.handling.claimed) = (Stage::FixClaimed, Some(minute(12)));
    check(None, &claimed, Some(12));
    check(Some(11), &claimed, Some(12));
    // Claimed again at once: not before a minute has passed.
    claimed.handling.claimed = Some(Moment::from_millis(11 * 60_000 + 1));
    check(Some(11), &claimed, Some(12));
    claimed.handling.claimed = Some(minute(12));
    check(Some(12), &claimed, Some(17));
    check(Some(60 * 30), &claimed, None);
    story.walk(Shows::Pass);
    check(None, &story.known.incidents[0], Some(20));
    check(Some(18), &story.known.incidents[0], Some(23));
    let aside = Incident { handling: Handling { stage: Stage::FalseAlarm, ..Handling::default() }, ..claimed };
    check(None, &aside, None);
}

#[test]
fn overdue_is_what_nobody_took_up_or_mended_in_time() {
    let hour = |n: i64| Moment::from_millis(n * HOUR);
    let open = |severity, acknowledged: Option<i64>| {
        let mut story = Story::new();
        story.walk(A);
        story.walk(A);
        let mut incident = story.known.incidents.remove(0);
        (incident.severity, incident.opened) = (severity, Some(hour(0)));
        incident.handling.acknowledged = acknowledged.map(hour);
        incident
    };
    let check = |incident: &Incident, at: i64, expected: Option<Overdue>| {
        assert_eq!(incident.overdue(hour(at), &Deadlines::default(), &Standstill::default()), expected, "{at} h");
    };
    check(&open(Severity::P1, None), 0, None);
    check(&open(Severity::P1, None), 1, Some(Overdue::Acknowledge));
    check(&open(Severity::P1, Some(0)), 1, None);
    check(&open(Severity::P1, Some(0)), 24, Some(Overdue::Fix));
    check(&open(Severity::P2, None), 23, None);
    check(&open(Severity::P2, None), 24, Some(Overdue::Acknowledge));
    let aside = Handling { stage: Stage::WontFix, ..Handling::default() };
    check(&Incident { handling: aside, ..open(Severity::P1, None) }, 99, None);
    check(&Incident { state: State::Recovered, ..open(Severity::P1, None) }, 99, None);
}

/// Who was named to see to it answers for it where the owner map knows them; then its owner, then who takes the rest.
#[test]
fn nobody_is_overdue_before_the_hours_of_who_answers_for_it() {
    let hour = |n: i64| Moment::from_millis(n * HOUR);
    // Told at these hours of each day.
    let from = |hour: u16| {
        let days = jiff::civil::Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>().into();
        Some(Hours { days, from: hour * 60, to: hour * 60 + 60, zone: jiff::tz::TimeZone::UTC })
    };
    let owners = BTreeMap::from([("wealth".to_owned(), from(9)), ("duty".to_owned(), None)]);
    let rota = Rota { owners, fallback: from(20), operator: from(12) };
    let deadlines = Deadlines { rota, ..Deadlines::default() };
    let check = |kind: Kind, assignee: Option<&str>, owner: Option<&str>, expected: i64| {
        let mut story = Story::new();
        story.walk(A);
        story.walk(A);
        let mut incident = story.known.incidents.remove(0);
        (incident.kind, incident.severity, incident.opened) = (kind, Severity::P2, Some(hour(0)));
        (incident.handling.assignee, incident.owner) = (assignee.map(str::to_owned), owner.map(str::to_owned));
        let overdue = |at: i64| incident.overdue(hour(at), &deadlines, &Standstill::default());
        let told = format!("{kind:?} {assignee:?} {owner:?}");
        assert_eq!(incident.due(&deadlines, &Standstill::default()).unwrap().from, hour(expected), "{told}");
        assert_eq!((overdue(expected + 23), overdue(expected + 24)), (None, Some(Overdue::Acknowledge)), "{told}");
    };
    check(Kind::App, None, Some("wealth"), 9);
    check(Kind::App, None, Some("nobody-knows-them"), 20);
    check(Kind::App, None, None, 20);
    check(Kind::App, Some("duty"), Some("wealth"), 0);
    check(Kind::App, Some("李雷"), Some("wealth"), 9);
    check(Kind::App, Some("wealth"), None, 9);
    check(Kind::Robot, Some("duty"), Some("wealth"), 12);
}

/// The watch's own trouble may be looked after and muted for hours; it ends by itself.
#[test]
fn nobody_sets_the_watchs_own_trouble_aside() {
    let mut story = Story::new();
    story.walk(Shows::Trouble(TroubleKind::Uplink));
    let at = Moment::from_millis(story.now);
    let check = |story: &mut Story, deed: Deed, expected: Option<Refused>| {
        let done = says(story, deed.clone(), "在修专线");
        assert_eq!(done.err(), expected, "{deed:?}");
    };
    let hours = |n: u64| Deed::Mute { until: at.after(Duration::from_secs(n * 3600)) };
    for deed in [Deed::CallFalse, Deed::LeaveIt, Deed::ClaimFix, Deed::CallDuplicate { of: id(2, 1) }, hours(24)] {
        check(&mut story, deed, Some(Refused::RobotsOwn));
    }
    check(&mut story, Deed::Acknowledge, None);
    check(&mut story, hours(4), None);
    let again = Refused::NotFromHere { standing: Standing::Acknowledged, deed: DeedKind::Acknowledge };
    check(&mut story, Deed::Acknowledge, Some(again));
}

#[test]
fn a_duplicate_has_an_original_that_somebody_looks_after() {
    let mut story = Story::new();
    story.walk(A);
    story.walk(A);
    let mine = story.known.incidents[0].clone();
    let other = Incident { id: id(2, 99), ..mine.clone() };
    let check = |of: IncidentId, original: Option<Incident>, expected: Option<Refused>| {
        let (deed, by) = (Deed::CallDuplicate { of }, Actor::person("李雷").unwrap());
        let asked = Asked { deed, by, why: "同一个接口".into(), at: Moment::from_millis(1) };
        assert_eq!(act(&mine, &asked, original.as_ref()).err(), expected);
    };
    let none = Some(Refused::NoSuchOriginal);
    check(other.id, Some(other.clone()), None);
    check(other.id, None, none.clone());
    check(mine.id, Some(mine.clone()), none.clone());
    check(other.id, Some(Incident { app: "another".into(), ..other.clone() }), none.clone());
    check(other.id, Some(Incident { state: State::Recovered, ..other.clone() }), none.clone());
    check(other.id, Some(Incident { kind: Kind::Robot, ..other.clone() }), none.clone());
    let aside = Handling { stage: Stage::FalseAlarm, ..Handling::default() };
    check(other.id, Some(Incident { handling: aside, ..other }), none);
}

#[test]
fn what_is_worse_is_told_though_somebody_said_that_it_is_mended() {
    let mut story = Story::new();
    story.walk(A);
    story.walk(A);
    says(&mut story, Deed::ClaimFix, "").unwrap();
    assert_eq!(story.walk(Shows::Worse(1, "a")), "worsened list");
    let incident = &story.known.incidents[0];
    assert_eq!((incident.standing(), incident.handling.refused), (Standing::Fixing, 1));
}
