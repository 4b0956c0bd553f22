//! Who is told what and why, and that what is told arrives.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "alert/between.rs"]
pub mod between;
#[path = "alert/desk.rs"]
mod desk;
#[path = "alert/escalated.rs"]
mod escalated;
#[path = "alert/gathered.rs"]
mod gathered;
#[path = "alert/held_open.rs"]
mod held_open;
#[path = "alert/hours.rs"]
mod hours;
#[path = "alert/killed.rs"]
mod killed;
#[path = "alert/narrow.rs"]
mod narrow;
#[path = "alert/otherwise.rs"]
mod otherwise;
#[path = "alert/planned.rs"]
mod planned;
#[path = "alert/six_hours.rs"]
mod six_hours;
#[path = "alert/storm.rs"]
mod storm;
#[path = "alert/undelivered.rs"]
mod undelivered;

use crate::store::{at, change, filing, incident, walk_row};
use desk::{Answer, Desk, LATER, recovery, route};
use gengfu::actor::Actor;
use gengfu::alert::deliver::Round;
use gengfu::alert::{
    AlertPolicy, AlertReason, Bulletin, Language, NoticeState, Outbox, Place, Plan, Quiet, Routes, SendFailure,
    Telling, Tone, Voice, decide, one_line, render,
};
use gengfu::evidence::EvidenceKey;
use gengfu::finding::{Bilingual, Severity};
use gengfu::id::NoticeId;
use gengfu::incident::{Change, Incident, Kind, Ledger, Mute, QueuedNotice, Stage, State, What};
use gengfu::moment::Clock;
use gengfu::walk::{Purpose, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

const HOUR: i64 = 3600;

/// A change of one sample incident at `seconds`, which it enters by `shape`.
fn changed(what: What, seconds: i64, shape: impl Fn(&mut Incident, &mut Incident)) -> Change {
    let walk = walk_row(at(seconds), Verdict::Failed, Purpose::Manual);
    let mut before = incident("v1:aa", &walk);
    before.first_seen = at(0);
    (before.opened, before.flapping) = (Some(at(0)), false);
    let mut after = Incident { last_seen: at(seconds), ..before.clone() };
    shape(&mut before, &mut after);
    let before = (what != What::Opened).then_some(before);
    let mut change = change(what, before, after, &walk);
    change.at = at(seconds);
    change
}

fn voice(language: Language) -> Voice {
    Voice { language, zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap() }
}

fn bulletin_of(change: &Change, reason: AlertReason) -> Bulletin {
    let (console, config) = ("https://gengfu.bank.test".to_owned(), "/etc/gengfu/它的 gengfu.yaml".to_owned());
    Bulletin::of(NoticeId::fresh(), reason, change, &Place { console: Some(console), config: Some(config) })
}

#[test]
fn each_change_is_told_for_a_reason_or_not_for_a_reason() {
    let check = |what: What, seconds: i64, shape: &dyn Fn(&mut Incident, &mut Incident), expected: AlertReason| {
        let change = changed(what, seconds, shape);
        assert_eq!(decide(&change, &AlertPolicy::default()), expected, "{what:?} at {seconds} s");
    };
    let as_it_is = |_: &mut Incident, _: &mut Incident| {};
    let seen_before = |seconds: i64| move |b: &mut Incident, _: &mut Incident| b.last_seen = at(seconds);
    let silent = AlertReason::Silent;
    check(What::Suspected, 0, &as_it_is, silent(Quiet::NotConfirmed));
    check(What::Unconfirmed, 0, &as_it_is, silent(Quiet::Unconfirmed));
    check(What::Narrowed, 0, &as_it_is, silent(Quiet::StillElsewhere));
    check(What::Opened, 0, &as_it_is, AlertReason::FirstSeen);
    check(What::Worsened, 60, &as_it_is, AlertReason::Worsened);
    check(What::Sighted, 300, &seen_before(0), silent(Quiet::AlreadyTold));
    check(What::Sighted, 24 * HOUR + 60, &seen_before(24 * HOUR - 240), AlertReason::StillBroken { since: at(0) });
    check(What::Sighted, 24 * HOUR + 360, &seen_before(24 * HOUR + 60), silent(Quiet::AlreadyTold));
    check(What::Sighted, 49 * HOUR, &seen_before(47 * HOUR), AlertReason::StillBroken { since: at(0) });
    check(What::Recovered, 300, &as_it_is, AlertReason::Recovered);
    check(What::Reopened, 300, &as_it_is, AlertReason::Reopened);

    let some_meet_it = |_: &mut Incident, a: &mut Incident| a.odds.intermittent = true;
    check(What::Opened, 300, &some_meet_it, AlertReason::Intermittent);
    check(What::Reopened, 300, &some_meet_it, AlertReason::Intermittent);

    // What comes and goes is told once, and once more when it has calmed.
    let flapping = |was: bool, is: bool| move |b: &mut Incident, a: &mut Incident| (b.flapping, a.flapping) = (was, is);
    check(What::Reopened, 300, &flapping(false, true), AlertReason::Flapping);
    check(What::Recovered, 300, &flapping(true, true), silent(Quiet::Flapping));
    check(What::Reopened, 300, &flapping(true, true), silent(Quiet::Flapping));
    check(What::Sighted, 300, &flapping(true, true), silent(Quiet::AlreadyTold));
    check(What::Worsened, 300, &flapping(true, true), AlertReason::Worsened);
    check(What::Sighted, 300, &flapping(true, false), AlertReason::StillBroken { since: at(0) });
    check(What::Recovered, 300, &flapping(true, false), AlertReason::Recovered);
    check(What::Reopened, 300, &flapping(true, false), AlertReason::Reopened);

    // What people make of it.
    let muted = |until: i64| {
        move |b: &mut Incident, a: &mut Incident| {
            let mute = Mute { until: at(until), why: "升级窗口".into(), by: Actor::Robot };
            b.last_seen = at(0);
            (a.handling.mute, b.handling.mute) = (Some(mute.clone()), Some(mute));
        }
    };
    check(What::Sighted, 25 * HOUR, &muted(99 * HOUR), silent(Quiet::Muted));
    check(What::ClaimRefused, 300, &muted(400), silent(Quiet::Muted));
    check(What::Worsened, 300, &muted(400), AlertReason::Worsened);
    check(What::Recovered, 300, &muted(400), AlertReason::Recovered);
    check(What::Sighted, 300, &muted(200), AlertReason::StillBroken { since: at(0) });
    let aside = |_: &mut Incident, a: &mut Incident| a.handling.stage = Stage::FalseAlarm;
    check(What::Reopened, 300, &aside, silent(Quiet::SetAside));
    check(What::Recovered, 300, &aside, silent(Quiet::SetAside));
    check(What::Worsened, 300, &aside, AlertReason::Worsened);
    check(What::TakenUp, 300, &as_it_is, AlertReason::StillBroken { since: at(0) });
    let named = |_: &mut Incident, a: &mut Incident| a.handling.assignee = Some("loan-team".into());
    check(What::Assigned, 300, &named, AlertReason::Assigned);
    check(What::Assigned, 300, &as_it_is, silent(Quiet::PeopleKnow));
    check(What::Escalated, 300, &as_it_is, AlertReason::Escalated);
    let acted_upon = |b: &mut Incident, _: &mut Incident| b.handling.acknowledged = Some(at(9));
    check(What::Closed, 300, &acted_upon, AlertReason::VerifiedClosed);
    check(What::Closed, 300, &as_it_is, silent(Quiet::AlreadyTold));
    check(What::Passed, 300, &as_it_is, silent(Quiet::AlreadyTold));
}

/// What waits in the outbox is known by its word alone.
#[test]
fn a_reason_is_read_back_from_its_word_and_that_it_is_over_is_no_alarm() {
    let check = |reason: AlertReason, what: What, tone: Tone| {
        assert_eq!(AlertReason::named(reason.word(), at(7)), Some(reason));
        let worst = |_: &mut Incident, a: &mut Incident| {
            a.severity = Severity::P1;
            let over = matches!(reason, AlertReason::Recovered | AlertReason::VerifiedClosed);
            a.state = if over { State::Recovered } else { State::Open };
        };
        let bulletin = bulletin_of(&changed(what, 300, worst), reason);
        let words = render(&bulletin, &voice(Language::Zh), Telling { over_already: false, pictured: false });
        assert_eq!(words.brief.tone, tone, "{reason:?}");
    };
    check(AlertReason::FirstSeen, What::Opened, Tone::Alarm);
    check(AlertReason::Intermittent, What::Opened, Tone::Alarm);
    check(AlertReason::Worsened, What::Worsened, Tone::Alarm);
    check(AlertReason::StillBroken { since: at(7) }, What::Sighted, Tone::Alarm);
    check(AlertReason::Reopened, What::Reopened, Tone::Alarm);
    check(AlertReason::Flapping, What::Reopened, Tone::Alarm);
    check(AlertReason::Assigned, What::Assigned, Tone::Alarm);
    check(AlertReason::ClaimRefused, What::ClaimRefused, Tone::Alarm);
    check(AlertReason::Escalated, What::Escalated, Tone::Alarm);
    check(AlertReason::Recovered, What::Recovered, Tone::Calm);
    check(AlertReason::VerifiedClosed, What::Closed, Tone::Calm);
    check(AlertReason::SetAside, What::CalledFalse, Tone::Calm);
    assert_eq!(AlertReason::named("digest", at(0)), None);
}

#[test]
fn whoever_was_named_hears_and_a_silent_whole_is_no_telling() {
    let to = |to: &str| route("mail", Some(to));
    let owners = BTreeMap::from([
        ("wealth-team".to_owned(), vec![to("wealth@bank.test")].into()),
        ("loan-team".to_owned(), vec![to("loan@bank.test")].into()),
    ]);
    let plan = Plan { routes: Routes { owners, ..Routes::default() }, ..Plan::default() };
    let check = |shape: &dyn Fn(&mut Change), expected: &[&str]| {
        let mut change = changed(What::Worsened, 300, |_, after| after.owner = Some("wealth-team".into()));
        shape(&mut change);
        let notices = plan.notices(&[change], at(300), &mut NoticeId::fresh);
        assert_eq!(notices.iter().filter_map(|n| n.to.as_deref()).collect::<Vec<_>>(), expected);
    };
    check(&|_| {}, &["wealth@bank.test"]);
    check(&|c| c.after.handling.assignee = Some("loan-team".into()), &["loan@bank.test"]);
    check(&|c| c.after.handling.assignee = Some("李雷".into()), &["wealth@bank.test"]);
    check(&|c| c.whole = Some(Box::new(c.after.clone())), &[]);
    let quiet = |c: &mut Change| {
        let mut whole = c.after.clone();
        whole.handling.stage = Stage::WontFix;
        c.whole = Some(Box::new(whole));
    };
    check(&quiet, &["wealth@bank.test"]);
}

#[test]
fn the_owner_map_says_who_hears() {
    let to = |to: &str| route("mail", Some(to));
    let owners = BTreeMap::from([
        ("wealth-team".to_owned(), vec![to("a@bank.test"), to("b@bank.test")].into()),
        ("loan-team".to_owned(), vec![].into()),
    ]);
    let (fallback, operator) = (vec![to("all@bank.test")].into(), vec![route("hook", Some("ops"))].into());
    let routes = Routes { owners, fallback, operator };
    let plan = Plan { routes, ..Plan::default() };
    let check = |what: What, owner: Option<&str>, kind: Kind, expected: &[&str]| {
        let change = changed(what, 300, |_, after| (after.owner, after.kind) = (owner.map(str::to_owned), kind));
        let notices = plan.notices(&[change], at(300), &mut NoticeId::fresh);
        assert_eq!(notices.iter().filter_map(|n| n.to.as_deref()).collect::<Vec<_>>(), expected, "{owner:?} {kind:?}");
    };
    check(What::Opened, Some("wealth-team"), Kind::App, &["a@bank.test", "b@bank.test"]);
    check(What::Opened, Some("loan-team"), Kind::App, &["all@bank.test"]);
    check(What::Opened, Some("nobody"), Kind::App, &["all@bank.test"]);
    check(What::Opened, None, Kind::App, &["all@bank.test"]);
    check(What::Opened, Some("wealth-team"), Kind::Robot, &["ops"]);
    check(What::Suspected, Some("wealth-team"), Kind::App, &[]);
}

#[test]
fn a_notice_says_what_where_since_when_how_often_and_whose_fault() {
    let change = changed(What::Opened, 0, |_, after| after.cause = Some("POST /api/orders/prepare 500".into()));
    let told = bulletin_of(&change, AlertReason::FirstSeen);
    let check = |language: Language, facts: &[&str]| {
        let words = render(&told, &voice(language), Telling { over_already: false, pictured: true });
        let html = words.html.replace("&#x2f;", "/").replace("&#x27;", "'");
        for fact in facts {
            assert!(words.text.contains(fact), "{fact} is not in\n{}", words.text);
            assert!(html.contains(fact), "{fact} is not in\n{html}");
        }
        assert!(words.html.contains("cid:picture"));
        assert!(!words.text.contains("\n\n\n"), "no holes in\n{}", words.text);
        words
    };
    let id = change.after.id;
    let (page, replay) = (
        format!("https://gengfu.bank.test/incidents/{id}"),
        format!("gengfu replay {id} --config '/etc/gengfu/它的 gengfu.yaml'"),
    );
    let zh = [
        "找不到“申购”按钮",
        "客户无法继续办理",
        "基金申购",
        "2023-11-15 06:13 +08:00",
        "2 次巡检",
        "应用本身",
        &page,
        &replay,
    ];
    let en = ["the buy button is gone", "customers cannot go on", "/funds/:id", "2 walks", "own", &page, &replay];
    assert_eq!(check(Language::Zh, &zh).subject, "【更夫 P1】基金申购：找不到“申购”按钮");
    assert_eq!(check(Language::En, &en).subject, "[gengfu P1] 基金申购: the buy button is gone");
}

#[test]
fn what_is_over_says_so() {
    let recovered = changed(What::Recovered, 600, |_, after| {
        (after.state, after.recovered) = (State::Recovered, Some(at(600)));
    });
    let words = render(&bulletin_of(&recovered, AlertReason::Recovered), &voice(Language::Zh), Telling::default());
    assert!(words.subject.contains("已恢复") && words.text.contains("恢复：2023-11-15 06:23 +08:00"), "{words:?}");
    assert!(!words.html.contains("cid:picture"));
}

#[test]
fn what_a_page_says_cannot_harm() {
    let hostile = "<script>alert(1)</script>\r\nBcc: thief@evil.test\u{202e}gpj.exe";
    let change = changed(What::Opened, 0, |_, after| {
        after.headline = Bilingual::new(hostile, hostile);
        (after.title, after.step_title, after.cause) = (hostile.into(), hostile.into(), Some(hostile.into()));
    });
    let words = render(&bulletin_of(&change, AlertReason::FirstSeen), &voice(Language::Zh), Telling::default());
    assert!(!words.subject.contains(['\r', '\n', '\u{202e}']), "{:?}", words.subject);
    assert!(!words.html.contains("<script>") && !words.html.contains('\u{202e}'), "{}", words.html);
    assert!(!words.text.contains("\nBcc") && !words.text.contains('\r'), "{}", words.text);
    assert_eq!(one_line("长长长长", 3), "长长…");
}

const DELIVERED: Round = Round { delivered: 1, again: 0, undeliverable: 0 };
const AGAIN: Round = Round { delivered: 0, again: 1, undeliverable: 0 };
const UNDELIVERABLE: Round = Round { delivered: 0, again: 0, undeliverable: 1 };

#[tokio::test]
async fn what_is_told_arrives_once_with_its_picture() {
    let desk = Desk::open(&[Answer::Accept]).await;
    let (filing, id) = desk.told().await;
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.round().await, Round::default());
    let sent = desk.fake.sent.lock().unwrap();
    let [notice] = &sent[..] else { panic!("sent {} times", sent.len()) };
    assert_eq!(
        (notice.id, notice.incident, notice.to.as_deref()),
        (id, Some(filing.changes[0].after.id), Some("owner@bank.test"))
    );
    assert_eq!(notice.picture.as_ref().unwrap().bytes, b"a picture");
    let bulletin: Bulletin = serde_json::from_str(&notice.bulletin).unwrap();
    assert_eq!((bulletin.event_id, bulletin.event_type.as_str()), (id.to_string(), "incident.first-seen"));
}

#[tokio::test]
async fn tries_come_further_and_further_apart_and_end() {
    let desk = Desk::open(&[LATER]).await;
    desk.told().await;
    let mut pauses = Vec::new();
    loop {
        match desk.round().await {
            AGAIN => {
                let next = desk.store.notices(1).await.unwrap()[0].at;
                pauses.push(next.since(desk.clock.now()));
                desk.clock.advance(next.since(desk.clock.now()));
            }
            UNDELIVERABLE => break,
            other => panic!("{other:?}"),
        }
    }
    let seconds = |n: u64| Duration::from_secs(n);
    for (at, pause) in pauses.iter().enumerate() {
        let doubled = seconds(5 << at.min(20)).min(seconds(900));
        assert!(*pause >= doubled && *pause <= doubled.mul_f64(1.21), "try {at}: {pause:?}");
    }
    let total: Duration = pauses.iter().sum();
    assert!(total >= seconds(72 * 3600) && total <= seconds(73 * 3600), "{total:?}");
    assert_eq!(desk.state().await.0, NoticeState::Undeliverable);
}

#[tokio::test]
async fn the_receivers_pause_is_kept() {
    let desk =
        Desk::open(&[Answer::Refuse(SendFailure::Temporary { after: Some(Duration::from_secs(60)) }), Answer::Accept])
            .await;
    desk.told().await;
    assert_eq!(desk.round().await, AGAIN);
    desk.clock.advance(Duration::from_secs(59));
    assert_eq!(desk.round().await, Round::default());
    desk.clock.advance(Duration::from_secs(20));
    assert_eq!(desk.round().await, DELIVERED);
}

#[tokio::test]
async fn a_channel_that_breaks_or_hangs_stops_nothing() {
    let desk = Desk::open(&[Answer::Panic, Answer::Hang, Answer::Accept]).await;
    desk.told().await;
    for expected in [AGAIN, AGAIN, DELIVERED] {
        assert_eq!(desk.round().await, expected);
        desk.clock.advance(Duration::from_secs(30));
    }
}

#[tokio::test]
async fn what_is_refused_or_has_no_channel_is_shown_as_undelivered() {
    let desk = Desk::open(&[Answer::Refuse(SendFailure::Refused)]).await;
    desk.told().await;
    assert_eq!(desk.round().await, UNDELIVERABLE);
    assert_eq!(desk.store.notices(10).await.unwrap()[0].said.as_deref(), Some("451 later"));
    assert_eq!(desk.store.undelivered(10).await.unwrap().len(), 1);
    assert_eq!(*desk.health.0.lock().unwrap(), ["mail gave up: 451 later"]);

    let desk = Desk::open(&[]).await;
    desk.told().await;
    let mut without = desk.deliverer(desk.store.clone());
    without.channels.clear();
    assert_eq!(without.round().await.unwrap(), UNDELIVERABLE);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone() {
    let desk = Desk::open(&[Answer::Refuse(SendFailure::Gone)]).await;
    let deliverer = desk.deliverer(desk.store.clone());
    desk.told().await;
    assert_eq!(deliverer.round().await.unwrap(), UNDELIVERABLE);
    let walk = walk_row(at(50), Verdict::Failed, Purpose::Manual);
    let other = incident("v1:bb", &walk);
    let notice = QueuedNotice {
        id: NoticeId::fresh(),
        incident: other.id,
        channel: "mail".into(),
        to: None,
        reason: "first-seen".into(),
        due: at(100),
        instead_of: None,
        body: "{}".into(),
    };
    desk.store.file(&filing(walk.clone(), vec![change(What::Opened, None, other, &walk)], vec![notice])).await.unwrap();
    assert_eq!(deliverer.round().await.unwrap(), UNDELIVERABLE);
    assert_eq!(desk.fake.sent.lock().unwrap().len(), 1, "nothing more was sent to it");
}

#[tokio::test]
async fn what_was_over_before_it_was_sent_says_so() {
    let desk = Desk::open(&[LATER, Answer::Accept]).await;
    let (filed, _) = desk.told().await;
    assert_eq!(desk.round().await, AGAIN);
    desk.store.file(&recovery(&filed.changes[0].after, 110)).await.unwrap();
    desk.clock.advance(Duration::from_secs(30));
    assert_eq!(desk.round().await, DELIVERED);
    let sent = desk.fake.sent.lock().unwrap();
    assert!(
        !sent[0].words.subject.contains("已恢复") && sent[1].words.subject.contains("已恢复"),
        "{}",
        sent[1].words.subject
    );
    assert!(sent[1].words.text.contains("本通知发出之前，故障已经恢复"), "{}", sent[1].words.text);
}

#[tokio::test]
async fn a_lost_picture_does_not_keep_a_notice_back() {
    let desk = Desk::open(&[Answer::Accept]).await;
    let (filing, _) = desk.told().await;
    let key: &EvidenceKey = filing.changes[0].after.picture.as_ref().unwrap();
    std::fs::write(desk.vault.path(key), b"retouched").unwrap();
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.sent.lock().unwrap()[0].picture, None);
    assert_eq!(filing.changes[0].after.severity, Severity::P1);
}
