//! The next channel when one fails, and hours in which nobody wants to hear of what can wait.

use super::desk::{Answer, Desk, Fake, LATER, opened, recovery, route};
use super::{AGAIN, DELIVERED};
use gengfu::alert::deliver::Round;
use gengfu::alert::{Bulletin, Hours, NoticeState, Outbox, Reach};
use gengfu::finding::Severity;
use gengfu::moment::{Clock, Moment};
use std::sync::Arc;
use std::time::Duration;

/// Told by `ding`, and when that fails for five minutes by `mail`, and after five more by `sms`.
async fn three_ways(ding: &[Answer], mail: &[Answer]) -> (Desk, Arc<Fake>, Arc<Fake>) {
    let mut desk = Desk::open(mail).await;
    let (first, last) = (Arc::new(Fake::default()), Arc::new(Fake::default()));
    first.answers(ding);
    desk.others.insert("ding".into(), first.clone());
    desk.others.insert("sms".into(), last.clone());
    desk.reach = Reach {
        at_once: vec![route("ding", None)],
        otherwise: vec![vec![route("mail", Some("owner@bank.test"))], vec![route("sms", None)]],
        after: Duration::from_secs(300),
        ..Reach::default()
    };
    (desk, first, last)
}

/// Rounds every second for so long.
async fn rounds(desk: &Desk, seconds: u64) {
    for _ in 0..seconds {
        desk.round().await;
        desk.pass(1);
    }
}

#[tokio::test]
async fn the_next_channel_is_told_when_one_fails_and_says_so() {
    let (desk, ding, sms) = three_ways(&[LATER], &[LATER]).await;
    let filing = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    rounds(&desk, 300).await;
    assert_eq!((desk.fake.names().len(), sms.names().len()), (0, 0));
    assert!(ding.names().len() > 4, "it is tried again and again meanwhile");
    desk.round().await;
    let told = desk.fake.last();
    assert!(told.words.text.contains("渠道“ding”未能及时送达，改由本渠道通知"), "{}", told.words.text);
    let bulletin: Bulletin = serde_json::from_str(&told.bulletin).unwrap();
    assert_eq!(bulletin.instead_of.as_deref(), Some("ding"));
    rounds(&desk, 301).await;
    assert!(sms.last().words.text.contains("渠道“ding, mail”"), "{}", sms.last().words.text);
    let rows = desk.store.told(filing.changes[0].after.id, 9).await.unwrap();
    let state = |channel: &str| rows.iter().find(|row| row.channel == channel).map(|row| row.state).unwrap();
    assert_eq!(
        (state("ding"), state("mail"), state("sms")),
        (NoticeState::Waiting, NoticeState::Waiting, NoticeState::Delivered)
    );
}

#[tokio::test]
async fn a_digest_says_for_whom_it_stands_in() {
    let (desk, _, _) = three_ways(&[LATER], &[]).await;
    for name in ["v1:aa", "v1:bb"] {
        desk.filed(opened(name, 100, Severity::P1)).await;
    }
    rounds(&desk, 301).await;
    assert_eq!(desk.fake.digests()[0].instead_of.as_deref(), Some("ding"));
    let words = desk.fake.last().words;
    for text in [&words.text, &words.html] {
        assert!(text.contains("其中有渠道“ding”未能及时送达的，改由本渠道通知"), "{text}");
    }
    // It was accepted: those who stand by after it are spared.
    assert_eq!(desk.tally().await[&NoticeState::Spared], 2);
}

#[tokio::test]
async fn nobody_stands_in_for_a_channel_that_accepted_in_time() {
    let (desk, ding, _) = three_ways(&[LATER, Answer::Accept], &[]).await;
    desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    rounds(&desk, 20).await;
    assert_eq!(ding.names().len(), 2);
    // Told in a digest, and superseded before they were told: both are told all the same.
    let first = desk.filed(opened("v1:bb", 100, Severity::P1)).await;
    desk.filed(opened("v1:cc", 100, Severity::P1)).await;
    desk.filed(recovery(&first.changes[0].after, 130)).await;
    rounds(&desk, 900).await;
    assert_eq!((ding.digests().len(), desk.fake.names().len()), (1, 0));
    assert_eq!(desk.tally().await[&NoticeState::Spared], 8);
}

#[tokio::test]
async fn what_one_receiver_of_a_channel_accepted_needs_nobody_else() {
    let (mut desk, _, sms) = three_ways(&[], &[]).await;
    desk.reach.at_once = vec![route("ding", Some("one")), route("broken", None)];
    desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    assert_eq!(desk.round().await, Round { delivered: 1, undeliverable: 1, again: 0 });
    rounds(&desk, 700).await;
    assert_eq!((desk.fake.names().len(), sms.names().len()), (0, 0));
}

/// 06:15 in Shanghai, and who sleeps until eight.
async fn asleep() -> (Desk, Moment) {
    let mut desk = Desk::open(&[]).await;
    let hours = Hours {
        days: jiff::civil::Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>().into(),
        from: 8 * 60,
        to: 20 * 60,
        zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(),
    };
    let morning = hours.next(desk.clock.now());
    desk.reach.hours = Some(hours);
    assert_eq!(morning.since(desk.clock.now()), Duration::from_secs(6300));
    (desk, morning)
}

#[tokio::test]
async fn what_can_wait_waits_for_the_morning_and_the_worst_does_not() {
    let (desk, morning) = asleep().await;
    let second = desk.filed(opened("v1:bb", 100, Severity::P2)).await;
    desk.filed(opened("v1:cc", 100, Severity::P3)).await;
    assert_eq!(desk.round().await, Round::default());
    let worst = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.names(), vec![worst.notices[0].id]);
    // What recovered meanwhile is a line.
    desk.pass(3000);
    desk.filed(recovery(&second.changes[0].after, 3000)).await;
    assert_eq!(desk.round().await, Round::default());
    desk.clock.advance(morning.since(desk.clock.now()) - Duration::from_secs(1));
    assert_eq!(desk.round().await, Round::default());
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.round().await, Round::default());
    let digest = desk.fake.digests().remove(0);
    assert_eq!((digest.counts.open, digest.counts.over), (1, 1));
    let text = desk.fake.last().words.text;
    assert!(text.contains("已恢复：2023-11-15 06:15 +08:00 至 2023-11-15 07:03 +08:00"), "{text}");
}

#[tokio::test]
async fn what_became_worse_at_night_is_told_once() {
    let (desk, morning) = asleep().await;
    let held = desk.filed(opened("v1:bb", 100, Severity::P2)).await;
    let mut worse = recovery(&held.changes[0].after, 200);
    let change = &mut worse.changes[0];
    (change.what, change.after.state, change.after.recovered) =
        (gengfu::incident::What::Worsened, gengfu::incident::State::Open, None);
    change.after.severity = Severity::P1;
    desk.filed(worse).await;
    assert_eq!(desk.round().await, DELIVERED);
    desk.clock.advance(morning.since(desk.clock.now()) + Duration::from_secs(60));
    assert_eq!(desk.round().await, Round::default());
    assert_eq!(desk.tally().await[&NoticeState::Superseded], 1);
}

#[tokio::test]
async fn who_stands_in_sleeps_as_long() {
    let (mut desk, morning) = asleep().await;
    desk.fake.answers(&[LATER]);
    let sms = Arc::new(Fake::default());
    desk.others.insert("sms".into(), sms.clone());
    (desk.reach.otherwise, desk.reach.after) = (vec![vec![route("sms", None)]], Duration::from_secs(300));
    desk.filed(opened("v1:bb", 100, Severity::P2)).await;
    desk.clock.advance(morning.since(desk.clock.now()));
    assert_eq!(desk.round().await, AGAIN);
    assert_eq!(sms.names().len(), 0);
    rounds(&desk, 300).await;
    desk.round().await;
    assert_eq!(sms.names().len(), 1);
}
