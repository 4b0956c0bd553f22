//! What does not arrive: shown, told on another way, and no hindrance to the rest.

use super::desk::{Answer, Desk, route};
use super::{AGAIN, DELIVERED, UNDELIVERABLE, at};
use gengfu::alert::deliver::Round;
use gengfu::alert::{NoticeBook as _, NoticeQuery, NoticeState, Outbox, OutboxRow, Plan, Route, Routes, SendFailure};
use gengfu::id::{IncidentId, NoticeId, WalkId};
use gengfu::incident::{Delivery, Known, delivery_change};
use gengfu::measure::{Records as _, Week, Window};
use gengfu::moment::Moment;
use gengfu::tags::Rules;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn what_was_given_up_is_shown_until_the_channel_accepts_again() {
    let desk = Desk::open(&[Answer::Refuse(SendFailure::Refused), Answer::Accept]).await;
    desk.told().await;
    let deliverer = desk.deliverer(desk.store.clone());
    assert_eq!(deliverer.round().await.unwrap(), UNDELIVERABLE);
    assert_eq!(undelivered(&desk).await[0].state, NoticeState::Undeliverable);
    desk.clock.advance(Duration::from_secs(60));
    desk.told_of("v1:cc", "mail").await;
    assert_eq!(deliverer.round().await.unwrap(), DELIVERED);
    assert_eq!(undelivered(&desk).await, vec![]);
    assert_eq!(*desk.health.0.lock().unwrap(), ["mail gave up: 451 later", "mail accepts"]);
}

#[tokio::test]
async fn what_waits_is_undelivered_once_it_was_tried_in_vain_several_times() {
    let again = || Answer::Refuse(SendFailure::Temporary { after: None });
    let desk = Desk::open(&[again(), again(), again(), again(), Answer::Accept]).await;
    desk.told().await;
    for undelivered_by_then in [0, 0, 0, 1] {
        assert_eq!(desk.round().await, AGAIN);
        assert_eq!(undelivered(&desk).await.len(), undelivered_by_then);
        desk.clock.advance(Duration::from_secs(6 * 3600));
    }
    assert_eq!(desk.round().await, DELIVERED);
    assert_eq!(undelivered(&desk).await, vec![]);
}

/// What is undelivered, which is the same wherever it is listed or counted.
async fn undelivered(desk: &Desk) -> Vec<OutboxRow> {
    let store = &desk.store;
    let told = store.undelivered(10).await.unwrap();
    let query = NoticeQuery { undelivered: true, limit: 10, ..NoticeQuery::default() };
    let page = store.page(&query).await.unwrap();
    assert_eq!((page.undelivered, store.count_undelivered().await.unwrap()), (told.len() as u64, told.len() as u64));
    assert_eq!(page.notices, told);
    for row in &told {
        let of_it = store.page(&NoticeQuery { incident: Some(row.incident), ..query.clone() }).await.unwrap();
        assert_eq!((of_it.undelivered, of_it.notices), (1, vec![row.clone()]));
    }
    let window = Window::between(Moment::from_millis(0), Moment::from_millis(i64::MAX / 2));
    let week: Week = "2023-W46".parse().unwrap();
    let gathered = store.gathered(&window, (week, week), &Rules::default()).await.unwrap();
    assert_eq!(gathered.notices.undelivered, told.len() as u64);
    told
}

#[tokio::test]
async fn a_channel_that_hangs_holds_up_no_other() {
    let desk = Desk::open(&[Answer::Hang]).await;
    for n in 0..20 {
        desk.told_of(&format!("v1:{n}"), "mail").await;
    }
    desk.told_of("v1:other", "hook").await;
    let hook = Arc::new(super::desk::Fake::default());
    let mut deliverer = desk.deliverer(desk.store.clone());
    deliverer.limits.try_timeout = Duration::from_secs(60);
    deliverer.channels.insert("hook".into(), hook.clone());
    let watching = tokio::spawn(async move { deliverer.watch(CancellationToken::new()).await });
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while hook.sent.lock().unwrap().is_empty() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    watching.abort();
    assert_eq!(hook.sent.lock().unwrap().len(), 1, "sent while the other channel hangs");
}

#[test]
fn that_a_channel_does_not_deliver_is_told_on_another() {
    let to = |channel: &str| route(channel, None);
    let check = |operator: Vec<Route>, expected: &[&str]| {
        let owners = BTreeMap::from([("wealth-team".to_owned(), vec![to("mail"), to("hook")].into())]);
        let routes = Routes { owners, fallback: vec![to("mail")].into(), operator: operator.into() };
        let plan = Plan { routes, ..Plan::default() };
        let given_up = Delivery::GivenUp { said: "550", walk: WalkId::fresh() };
        let change = delivery_change(&Known::default(), "mail", given_up, at(0), &mut IncidentId::fresh).unwrap();
        let notices = plan.notices(&[change], at(0), &mut NoticeId::fresh);
        assert_eq!(notices.iter().map(|n| n.channel.as_str()).collect::<Vec<_>>(), expected);
    };
    check(vec![to("mail"), to("pager")], &["pager"]);
    check(vec![to("mail")], &["hook"]);
    check(vec![], &["hook"]);
}

#[tokio::test]
async fn a_pause_longer_than_ours_is_kept_too() {
    let hour = Duration::from_secs(3600);
    let desk = Desk::open(&[Answer::Refuse(SendFailure::Temporary { after: Some(hour) }), Answer::Accept]).await;
    desk.told().await;
    assert_eq!(desk.round().await, AGAIN);
    desk.clock.advance(hour - Duration::from_secs(1));
    assert_eq!(desk.round().await, Round::default());
    desk.clock.advance(hour / 5 + Duration::from_secs(1));
    assert_eq!(desk.round().await, DELIVERED);
}
