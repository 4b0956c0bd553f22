//! A robot that dies between two lines of delivery: what it left is sent once more as it was, under the same name.

use super::between::{Between, Way};
use super::desk::{Desk, opened};
use super::{DELIVERED, at};
use gengfu::alert::deliver::Round;
use gengfu::alert::{NoticeState, Outbox as _};
use gengfu::finding::Severity;
use gengfu::incident::{Ledger as _, LedgerError, State, What};
use std::sync::Arc;

/// Where the robot dies.
#[derive(Clone, Copy, PartialEq)]
enum Dies {
    /// The message is stored, and nobody has sent it.
    BeforeSending,
    /// It is sent, and nobody has written that down.
    BeforeRecording,
}

#[async_trait::async_trait]
impl Way for Dies {
    async fn there(&self, call: &'static str) -> Result<Box<dyn Send + '_>, LedgerError> {
        let lives = ["due", "receivers", "pile", "take"].contains(&call);
        if lives { Ok(Box::new(())) } else { killed() }
    }
    async fn back(&self, call: &'static str) -> Result<(), LedgerError> {
        if call == "take" && *self == Dies::BeforeSending { killed() } else { Ok(()) }
    }
}

fn killed<T>() -> Result<T, LedgerError> {
    Err(LedgerError::Failed("killed".into()))
}

/// Dies in its next round.
async fn dies(desk: &Desk, dies: Dies) {
    let dying = desk.deliverer(Arc::new(Between { store: desk.store.clone(), way: dies }));
    dying.round().await.expect_err("killed before it was recorded");
}

#[tokio::test]
async fn a_crash_between_send_and_record_repeats_the_notice_under_its_name() {
    let desk = Desk::open(&[]).await;
    let (_, id) = desk.told().await;
    dies(&desk, Dies::BeforeRecording).await;
    assert_eq!(desk.state().await, (NoticeState::Waiting, 1));
    assert_eq!(desk.round().await, Round::default(), "its lease still holds");
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    let sent = desk.fake.sent.lock().unwrap();
    assert_eq!(sent.iter().map(|n| (n.id, n.queued)).collect::<Vec<_>>(), vec![(id, sent[0].queued); 2]);
}

/// What may have arrived is repeated as it was, whatever has become of the incident; what has is told after it.
#[tokio::test]
async fn one_notice_that_may_have_arrived_is_repeated_word_for_word() {
    let desk = Desk::open(&[]).await;
    desk.filed(opened("v1:aa", 0, Severity::P1)).await;
    dies(&desk, Dies::BeforeRecording).await;
    let open = desk.store.pile("mail", Some("owner@bank.test"), at(200)).await.unwrap().incidents;
    desk.pass(1);
    desk.filed(super::recovery(open.values().next().unwrap(), 101)).await;
    assert_eq!(desk.round().await, DELIVERED);
    desk.pass(60);
    assert_eq!(desk.round().await, DELIVERED);
    let sent = desk.fake.sent.lock().unwrap();
    assert_eq!((sent[0].id, &sent[0].bulletin, &sent[0].words), (sent[1].id, &sent[1].bulletin, &sent[1].words));
    let over = serde_json::from_str::<gengfu::alert::Bulletin>(&sent[2].bulletin).unwrap();
    assert_eq!((over.event_type.as_str(), sent.len()), ("incident.recovered", 3));
}

/// It got worse, and was over before that could be told, to somebody who knew that it had begun.
#[tokio::test]
async fn what_was_over_before_it_was_told_is_repeated_in_the_same_words() {
    let desk = Desk::open(&[]).await;
    let open = desk.filed(opened("v1:aa", 0, Severity::P1)).await.changes[0].after.clone();
    assert_eq!(desk.round().await, DELIVERED);
    desk.pass(900);
    let mut worse = super::recovery(&open, 1000);
    let change = &mut worse.changes[0];
    (change.what, change.after.state, change.after.recovered) = (What::Worsened, State::Open, None);
    let worse = desk.filed(worse).await.changes[0].after.clone();
    // Nobody is told that it is over: the news that waits says so.
    desk.store.file(&super::recovery(&worse, 1001)).await.unwrap();
    dies(&desk, Dies::BeforeRecording).await;
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    let sent = desk.fake.sent.lock().unwrap();
    assert_eq!((sent[1].id, &sent[1].bulletin, &sent[1].words), (sent[2].id, &sent[2].bulletin, &sent[2].words));
    let told = serde_json::from_str::<gengfu::alert::Bulletin>(&sent[1].bulletin).unwrap();
    assert_eq!((told.event_type.as_str(), told.state.as_str()), ("incident.worsened", "recovered"));
    assert!(told.over_already);
}

/// Two incidents wait; the robot dies on its way to tell of them.
async fn two_wait(point: Dies) -> Desk {
    let desk = Desk::open(&[]).await;
    for name in ["v1:aa", "v1:bb"] {
        desk.filed(opened(name, 0, Severity::P1)).await;
    }
    dies(&desk, point).await;
    desk
}

#[tokio::test]
async fn a_digest_is_stored_before_it_is_sent() {
    let desk = two_wait(Dies::BeforeSending).await;
    assert_eq!(desk.fake.names(), vec![]);
    let digest = desk.store.notices(10).await.unwrap().into_iter().find(|row| row.reason == "digest").unwrap();
    assert_eq!((digest.state, digest.tells), (NoticeState::Waiting, 2));
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.names(), vec![digest.id]);
}

#[tokio::test]
async fn a_digest_that_may_have_arrived_is_repeated_word_for_word_and_before_what_came_since() {
    let desk = two_wait(Dies::BeforeRecording).await;
    desk.pass(1);
    let third = desk.filed(opened("v1:cc", 101, Severity::P1)).await;
    assert_eq!(desk.round().await, DELIVERED);
    {
        let sent = desk.fake.sent.lock().unwrap();
        assert_eq!(sent.len(), 2);
        assert_eq!(
            (sent[0].id, sent[0].queued, &sent[0].bulletin, &sent[0].words),
            (sent[1].id, sent[1].queued, &sent[1].bulletin, &sent[1].words)
        );
    }
    desk.pass(59);
    assert_eq!(desk.round().await, Round::default(), "one message a window");
    desk.pass(1);
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(desk.fake.last().id, third.notices[0].id);
}

#[tokio::test]
async fn a_digest_that_was_left_long_ago_is_told_as_it_is_now() {
    let desk = two_wait(Dies::BeforeRecording).await;
    let open = desk.store.pile("mail", Some("owner@bank.test"), at(200)).await.unwrap().incidents;
    let over = super::recovery(open.values().next().unwrap(), 3600);
    desk.pass(3600);
    gengfu::incident::Ledger::file(&*desk.store, &over).await.unwrap();
    assert_eq!(desk.round().await, DELIVERED);
    let (names, digests) = (desk.fake.names(), desk.fake.digests());
    assert_eq!(names[0], names[1], "it may have arrived: it keeps its name");
    assert_eq!((digests[0].counts.open, digests[0].counts.over), (2, 0));
    assert_eq!((digests[1].counts.open, digests[1].counts.over), (1, 1));
}
