//! The outbox on SQLite: one holder a message, and what was not accepted is listed worst first.

use super::{at, fresh, notice, opening};
use gengfu::alert::{LeasedNotice, NoticeState, Outbox, Settlement, Taken, Taking, Wish};
use gengfu::id::NoticeId;
use gengfu::incident::{Filing, Ledger};
use gengfu::store::Store;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn taking(id: NoticeId) -> Taking<'static> {
    Taking {
        id,
        channel: "mail",
        to: Some("owner@bank.test"),
        digest: None,
        body: None,
        gathered: vec![],
        superseded: vec![],
        rates: &[],
        wish: Wish { sends: 1, urgent: true },
        way: MINUTE / 2,
        lease: MINUTE,
    }
}

async fn leased(store: &Store, id: NoticeId, seconds: i64) -> LeasedNotice {
    match store.take(&taking(id), at(seconds)).await.unwrap() {
        Taken::Leased(leased) => leased,
        other => panic!("{other:?}"),
    }
}

async fn filed(store: &Store, n: i64) -> Filing {
    let filing = opening(&format!("v1:{n}"), at(n));
    store.file(&filing).await.unwrap();
    filing
}

#[tokio::test]
async fn two_deliverers_never_hold_the_same_notice() {
    let (_dir, store) = fresh().await;
    let id = filed(&store, 0).await.notices[0].id;
    let message = taking(id);
    let (one, two) = tokio::join!(store.take(&message, at(100)), store.take(&message, at(100)));
    let (held, refused) = match (one.unwrap(), two.unwrap()) {
        (Taken::Leased(held), other) | (other, Taken::Leased(held)) => (held, other),
        neither => panic!("{neither:?}"),
    };
    assert_eq!(refused, Taken::Changed);

    // What the first holder of an ended lease reports is refused once another holds it.
    let mine = leased(&store, id, 161).await;
    assert_eq!(mine.tries, 2);
    let done = Settlement::Delivered("250 ok".into());
    assert_eq!(store.settle(&held, &done, at(162)).await, Ok(false));
    assert_eq!(store.settle(&mine, &done, at(162)).await, Ok(true));
    assert_eq!(store.settle(&mine, &done, at(163)).await, Ok(false));
}

#[tokio::test]
async fn what_somebody_holds_is_gathered_by_nobody_else() {
    let (_dir, store) = fresh().await;
    let (one, two) = (filed(&store, 0).await, filed(&store, 1).await);
    leased(&store, one.notices[0].id, 100).await;
    let digest = Taking {
        digest: Some((two.notices[0].incident, 0)),
        body: Some("{}".into()),
        gathered: vec![two.notices[0].id, one.notices[0].id],
        ..taking(NoticeId::fresh())
    };
    assert_eq!(store.take(&digest, at(101)).await.unwrap(), Taken::Changed);
    assert_eq!(store.notices(10).await.unwrap().len(), 2, "nothing of it was written");
    assert!(matches!(store.take(&digest, at(161)).await.unwrap(), Taken::Leased(_)));
    let receivers = store.receivers("mail", at(162)).await.unwrap();
    assert_eq!(
        receivers.iter().map(|r| (r.busy, r.to.as_deref())).collect::<Vec<_>>(),
        [(true, Some("owner@bank.test"))]
    );
}

#[tokio::test]
async fn notices_wait_are_given_up_and_are_listed_worst_first() {
    let (_dir, store) = fresh().await;
    let mut held = Vec::new();
    for n in 0..3 {
        let id = filed(&store, n).await.notices[0].id;
        held.push(leased(&store, id, 10).await);
    }
    assert_eq!(store.due(at(10)).await.unwrap(), Vec::<String>::new(), "all of them are held");
    let again = Settlement::Again { at: at(40), said: "451 greylisted".into() };
    store.settle(&held[0], &Settlement::Delivered("250 ok".into()), at(11)).await.unwrap();
    store.settle(&held[1], &again, at(11)).await.unwrap();
    store.settle(&held[2], &Settlement::Undeliverable("550 no such user".into()), at(11)).await.unwrap();
    let states: Vec<NoticeState> = store.notices(10).await.unwrap().iter().map(|n| n.state).collect();
    assert_eq!(states, vec![NoticeState::Undeliverable, NoticeState::Waiting, NoticeState::Delivered]);
    assert_eq!(
        (store.due(at(39)).await.unwrap().len(), store.due(at(40)).await.unwrap()),
        (0, vec!["mail".to_owned()])
    );
    assert_eq!(store.receivers("hook", at(40)).await.unwrap(), vec![]);
    let receiver = store.receivers("mail", at(39)).await.unwrap().remove(0);
    assert_eq!((receiver.not_before, receiver.told, receiver.busy), (Some(at(40)), Some(at(11)), false));
}

#[tokio::test]
async fn a_channel_rests_as_long_as_it_was_last_told_to() {
    let (_dir, store) = fresh().await;
    filed(&store, 0).await;
    for until in [50, 90, 60] {
        store.rest("mail", at(until)).await.unwrap();
    }
    assert_eq!(store.due(at(89)).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.due(at(90)).await.unwrap(), ["mail"]);
}

#[tokio::test]
async fn what_is_too_old_of_a_digest_is_given_up_and_the_rest_is_not() {
    let (_dir, store) = fresh().await;
    let (old, new) = (filed(&store, 0).await, filed(&store, 100).await);
    let digest = Taking {
        digest: Some((new.notices[0].incident, 7)),
        body: Some("{}".into()),
        gathered: vec![old.notices[0].id, new.notices[0].id],
        ..taking(NoticeId::fresh())
    };
    let Taken::Leased(leased) = store.take(&digest, at(200)).await.unwrap() else { panic!("held") };
    assert_eq!((leased.tries, leased.since), (8, old.now));
    assert_eq!(store.give_up(leased.id, at(50), "gave up").await.unwrap(), 1);
    let state = |filing: &Filing| {
        let incident = filing.notices[0].incident;
        let store = &store;
        async move { store.told(incident, 9).await.unwrap().into_iter().find(|row| row.reason != "digest").unwrap() }
    };
    assert_eq!((state(&old).await.state, state(&old).await.told_by), (NoticeState::Undeliverable, None));
    assert_eq!((state(&new).await.state, state(&new).await.told_by), (NoticeState::Gathered, Some(leased.id)));
}

#[tokio::test]
async fn what_waits_for_somebody_is_theirs_alone() {
    let (_dir, store) = fresh().await;
    let mut filing = opening("v1:aa", at(0));
    let told = notice(&filing.changes[0].after, at(0));
    filing.notices = ["a@bank.test", "b@bank.test"]
        .map(|to| gengfu::incident::QueuedNotice { id: NoticeId::fresh(), to: Some(to.into()), ..told.clone() })
        .to_vec();
    store.file(&filing).await.unwrap();
    assert_eq!(store.receivers("mail", at(5)).await.unwrap().len(), 2);
    for (at_place, to) in ["a@bank.test", "b@bank.test"].into_iter().enumerate() {
        let pile = store.pile("mail", Some(to), at(5)).await.unwrap();
        assert_eq!(pile.notices.iter().map(|n| n.id).collect::<Vec<_>>(), [filing.notices[at_place].id]);
        assert_eq!(pile.incidents.len(), 1);
    }
    assert_eq!(store.pile("mail", None, at(5)).await.unwrap().notices, vec![]);
}
