//! What comes within one window becomes one message, what no window needs is counted, and a receiver's word closes a channel.

use super::desk::{Answer, Desk, Fake, LATER, opened, recovery, route};
use super::{AGAIN, DELIVERED, at, voice};
use gengfu::actor::Actor;
use gengfu::alert::deliver::Round;
use gengfu::alert::{AlertReason, Digest, GAP, Language, NoticeState, Outbox, SendFailure, SendRate, render_digest};
use gengfu::finding::{Bilingual, Severity};
use gengfu::incident::{Asked, Deed, Filed, Ledger, act};
use gengfu::moment::Clock;
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test]
async fn the_first_goes_out_at_once_and_what_follows_is_gathered() {
    let desk = Desk::open(&[]).await;
    let first = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    assert_eq!(desk.round().await, DELIVERED);
    for (name, severity) in [("v1:bb", Severity::P3), ("v1:cc", Severity::P1), ("v1:dd", Severity::P2)] {
        desk.pass(1);
        desk.filed(opened(name, 100, severity)).await;
        assert_eq!(desk.round().await, Round::default());
    }
    desk.pass(57);
    assert_eq!(desk.round().await, DELIVERED);
    let sent = desk.fake.sent.lock().unwrap().clone();
    assert_eq!((sent.len(), sent[0].id, sent[1].incident), (2, first.notices[0].id, None));
    let [digest] = &desk.fake.digests()[..] else { panic!("one digest") };
    assert_eq!((digest.version.as_str(), digest.event_id.clone()), ("incident-digest.v1", sent[1].id.to_string()));
    let severities: Vec<&str> = digest.events.iter().map(|event| event.severity.as_str()).collect();
    assert_eq!((severities, digest.counts.open), (vec!["P1", "P2", "P3"], 3));
    assert_eq!(digest.console_url.as_deref(), Some("https://gengfu.bank.test/incidents"));
    assert!(
        sent[1].words.subject.starts_with("【更夫 汇总】3 起异常（P1 1 起、P2 1 起、P3 1 起）"),
        "{}",
        sent[1].words.subject
    );

    // Nothing is lost: each incident's notice names the message that told it.
    assert_eq!(desk.tally().await, BTreeMap::from([(NoticeState::Delivered, 2), (NoticeState::Gathered, 3)]));
    for event in &digest.events {
        let told = desk.store.told(event.incident_id.parse().unwrap(), 10).await.unwrap();
        assert!(told.iter().any(|row| row.told_by == Some(sent[1].id)), "{told:?}");
    }
}

#[tokio::test]
async fn a_failed_digest_is_tried_again_under_its_name_until_more_comes() {
    let desk = Desk::open(&[LATER, LATER, Answer::Accept]).await;
    for name in ["v1:aa", "v1:bb"] {
        desk.filed(opened(name, 100, Severity::P1)).await;
    }
    assert_eq!(desk.round().await, AGAIN);
    desk.pass(10);
    assert_eq!(desk.round().await, AGAIN);
    desk.filed(opened("v1:cc", 100, Severity::P1)).await;
    assert_eq!(desk.round().await, Round::default(), "what is new waits for the next try");
    desk.pass(15);
    assert_eq!(desk.round().await, DELIVERED);
    let names = desk.fake.names();
    assert_eq!(names[0], names[1]);
    assert_ne!(names[1], names[2], "a receiver that has the first must not take the second for the same");
    assert_eq!(desk.fake.digests()[2].counts.open, 3);
    let tally = desk.tally().await;
    assert_eq!(
        (tally[&NoticeState::Delivered], tally[&NoticeState::Gathered], tally[&NoticeState::Superseded]),
        (1, 3, 1)
    );
}

#[tokio::test]
async fn what_is_new_takes_the_place_of_what_was_not_sent() {
    let desk = Desk::open(&[]).await;
    let first = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    let second = desk.filed(recovery(&first.changes[0].after, 160)).await;
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    let notice = desk.fake.last();
    assert_eq!((desk.fake.names().len(), notice.id), (1, second.notices[0].id));
    assert!(notice.words.text.contains("本通知发出之前，故障已经恢复"), "{}", notice.words.text);
    assert_eq!(desk.store.told(first.changes[0].after.id, 9).await.unwrap()[1].told_by, Some(notice.id));

    // Who heard of it hears that it recovered, and not that nobody could be told.
    let third = desk.filed(opened("v1:bb", 160, Severity::P1)).await;
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    desk.filed(recovery(&third.changes[0].after, 260)).await;
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    assert!(!desk.fake.last().words.text.contains("本通知发出之前"), "{}", desk.fake.last().words.text);
}

#[tokio::test]
async fn what_people_set_aside_meanwhile_is_told_to_nobody() {
    let desk = Desk::open(&[LATER, Answer::Accept]).await;
    let [kept, dropped, muted] = ["v1:aa", "v1:bb", "v1:cc"].map(|name| opened(name, 100, Severity::P1));
    let kept = desk.filed(kept).await;
    let (dropped, muted) = (desk.filed(dropped).await, desk.filed(muted).await);
    assert_eq!(desk.round().await, AGAIN);
    for (filing, deed) in [(dropped, Deed::CallFalse), (muted, Deed::Mute { until: at(86_400) })] {
        let open = filing.changes[0].after.clone();
        let asked = Asked { deed, by: Actor::Person("王芳".parse().unwrap()), why: "在改了".into(), at: at(110) };
        let done = act(&open, &asked, None).unwrap();
        assert_eq!(desk.store.amend(&[done], &[], at(110)).await.unwrap(), Filed::Written);
    }
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    let told = desk.fake.digests().pop().unwrap().events;
    assert_eq!(
        told.iter().map(|event| event.incident_id.clone()).collect::<Vec<_>>(),
        [kept.changes[0].after.id.to_string()]
    );
    assert_eq!(desk.tally().await[&NoticeState::Withdrawn], 2);
}

#[tokio::test]
async fn who_muted_it_still_hears_that_it_is_over() {
    let desk = Desk::open(&[]).await;
    let filing = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    assert_eq!(desk.round().await, DELIVERED);
    let deed = Deed::Mute { until: at(86_400) };
    let asked = Asked { deed, by: Actor::person("王芳").unwrap(), why: "在改了".into(), at: at(110) };
    let muted = act(&filing.changes[0].after, &asked, None).unwrap();
    let after = muted.after.clone();
    assert_eq!(desk.store.amend(&[muted], &[], at(110)).await.unwrap(), Filed::Written);
    let over = desk.filed(recovery(&after, 200)).await;
    assert_eq!(over.notices.len(), 1);
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.last().reason, AlertReason::Recovered);
    assert!(!desk.tally().await.contains_key(&NoticeState::Withdrawn));
}

#[tokio::test]
async fn who_wants_incidents_apart_gets_them_apart() {
    let desk = Desk::with(Fake { apart: true, ..Fake::default() }).await;
    let first = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    for name in ["v1:bb", "v1:cc"] {
        desk.filed(opened(name, 100, Severity::P1)).await;
    }
    desk.filed(recovery(&first.changes[0].after, 100)).await;
    assert_eq!(desk.round().await, Round { delivered: 3, ..Round::default() });
    assert_eq!((desk.fake.names().len(), desk.fake.digests().len()), (3, 0));
}

#[tokio::test]
async fn the_receivers_pause_closes_the_channel_also_for_a_robot_that_starts_anew() {
    let wait = Answer::Refuse(SendFailure::Temporary { after: Some(Duration::from_secs(600)) });
    let mut desk = Desk::open(&[wait, Answer::Accept]).await;
    desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    assert_eq!(desk.round().await, AGAIN);
    desk.reach = vec![route("mail", Some("other@bank.test"))].into();
    desk.filed(opened("v1:bb", 100, Severity::P1)).await;
    desk.pass(599);
    assert_eq!(desk.round().await, Round::default());
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.last().to.as_deref(), Some("other@bank.test"));
}

#[tokio::test]
async fn a_vendors_limit_holds_also_for_a_robot_that_starts_anew() {
    let rates = vec![SendRate { at_most: 3, per: Duration::from_secs(60) }];
    let mut desk = Desk::with(Fake { rates, answers: vec![LATER, Answer::Accept].into(), ..Fake::default() }).await;
    let mut sent = Vec::new();
    for n in 0..5 {
        desk.reach = vec![route("mail", Some(&format!("owner-{n}@bank.test")))].into();
        desk.filed(opened(&format!("v1:{n}"), 100, Severity::P1)).await;
        sent.push(desk.round().await);
        desk.pass(1);
    }
    // What was not accepted was sent all the same.
    assert_eq!(sent, [AGAIN, DELIVERED, DELIVERED, Round::default(), Round::default()]);
    desk.pass(55);
    assert_eq!(desk.round().await, Round::default(), "60 s after the first");
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.clock.now(), at(161));
}

#[tokio::test]
async fn what_cannot_be_read_keeps_nothing_back() {
    let desk = Desk::open(&[]).await;
    let mut broken = opened("v1:aa", 100, Severity::P1);
    broken = desk.filed(broken).await;
    desk.filed(opened("v1:bb", 100, Severity::P1)).await;
    desk.filed(opened("v1:cc", 100, Severity::P1)).await;
    sqlx::any::install_default_drivers();
    let ledger = format!("sqlite:{}", desk.dir.path().join("ledger.db").display());
    let pool = sqlx::AnyPool::connect(&ledger).await.unwrap();
    let body = sqlx::query("UPDATE notices SET body = '{' WHERE id = $1").bind(broken.notices[0].id.to_string());
    body.execute(&pool).await.unwrap();
    pool.close().await;
    assert_eq!(desk.round().await, super::UNDELIVERABLE);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.digests()[0].counts.open, 2);
}

#[tokio::test]
async fn a_digest_counts_lists_the_worst_and_says_where_the_others_are() {
    let desk = Desk::open(&[]).await;
    for n in 0..14 {
        let mut filing = opened(&format!("v1:{n}"), 100 + n, if n % 2 == 0 { Severity::P2 } else { Severity::P1 });
        let after = &mut filing.changes[0].after;
        after.headline = Bilingual::new(format!("找不到按钮 {n}\r\n<b>"), format!("button {n} is gone\u{202e}<b>"));
        if n == 7 {
            after.app = "loan-h5".into();
        }
        if n == 3 {
            after.headline = Bilingual::new("请点 www.evil.test", "go to www.evil.test");
        }
        let filing = desk.filed(filing).await;
        if n == 13 {
            desk.filed(recovery(&filing.changes[0].after, 160)).await;
        }
    }
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    let digest: Digest = desk.fake.digests().remove(0);
    let check = |language: Language, facts: &[&str]| {
        let words = render_digest(&digest, &voice(language));
        for fact in facts {
            assert!(words.text.contains(fact), "{fact} is not in\n{}", words.text);
        }
        assert!(!words.text.contains("\n\n\n") && !words.text.contains(['\r', '\u{202e}']), "{}", words.text);
        for shown in [&words.text, &words.html] {
            assert!(shown.replace(GAP, "").contains("www.evil.test") && !shown.contains("evil.test"), "{shown}");
        }
        assert!(!words.html.contains("<b>") && words.html.contains("&lt;b&gt;"), "{}", words.html);
        assert_eq!(words.text.matches("https://gengfu.bank.test/incidents/").count(), 10, "{}", words.text);
        words.subject
    };
    let zh = [
        "13 起异常仍在，另有 1 起在本通知发出之前已经恢复",
        "级别：P1 6 起、P2 7 起",
        "wealth-h5 12 起",
        "loan-h5 1 起",
        "另有 4 起未在此列出",
        "查看全部：https://gengfu.bank.test/incidents\n",
    ];
    let en = [
        "Still open: 13; over before this could be sent: 1",
        "6 P1, 7 P2",
        "1 loan-h5, 12 wealth-h5",
        "Not listed here: 4; see all of them: https://gengfu.bank.test/incidents\n",
    ];
    assert_eq!(
        check(Language::Zh, &zh),
        "【更夫 汇总】13 起异常（P1 6 起、P2 7 起），另 1 起已恢复：基金申购：找不到按钮 11 <b>"
    );
    assert_eq!(
        check(Language::En, &en),
        "[gengfu digest] 13 open (6 P1, 7 P2), 1 over: 基金申购: button 11 is gone<b>"
    );

    // Alone: only what is over.
    let over = Digest::of(digest.event_id.parse().unwrap(), digest.events[13..].to_vec(), at(200));
    let words = render_digest(&over, &voice(Language::Zh));
    assert!(words.text.contains("已恢复：2023-11-15 06:15 +08:00 至 2023-11-15 06:16 +08:00"), "{}", words.text);
    assert_eq!(words.subject, "【更夫 汇总】1 起异常均已恢复：基金申购：找不到按钮 13 <b>");
}
