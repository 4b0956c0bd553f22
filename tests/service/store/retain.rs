//! What is old is forgotten, and what is needed is not.

use super::*;
use gengfu::store::{Before, Forgotten};

#[tokio::test]
async fn what_is_old_is_forgotten_unless_something_that_lasts_points_at_it() {
    let (_dir, store) = fresh().await;
    let good = walk_row(at(1), Verdict::Passed, Purpose::Manual);
    let better = walk_row(at(2), Verdict::Passed, Purpose::Manual);
    for walk in [&good, &better, &walk_row(at(3), Verdict::Degraded, Purpose::Manual)] {
        store.file(&filing((*walk).clone(), vec![], vec![])).await.unwrap();
    }
    let lasting = opening("v1:lasting", at(4));
    store.file(&lasting).await.unwrap();
    let mut suspected = opening("v1:suspected", at(5));
    (suspected.changes[0].after.state, suspected.changes[0].what) = (State::Suspected, What::Suspected);
    suspected.notices.clear();
    store.file(&suspected).await.unwrap();
    store.miss_slots(&fund(), &[Missed { slot: at(6), reason: MissReason::Away }], at(6)).await.unwrap();
    store.miss_slots(&fund(), &[Missed { slot: at(7), reason: MissReason::Away }], at(7)).await.unwrap();

    let none = Before { walks: at(0), moves: at(0), notices: at(0), suspicions: at(0) };
    assert_eq!(store.forget(&none).await, Ok(Forgotten::default()));
    let all = Before { walks: at(99), moves: at(99), notices: at(99), suspicions: at(99) };
    // The degraded walk, the older passing one, and that of the suspicion; the newest slot tells where the patrol is.
    let forgotten = Forgotten { walks: 3, slots: 1, moves: 0, feed: 2, notices: 0, suspicions: 1 };
    assert_eq!(store.forget(&all).await, Ok(forgotten));
    assert_eq!(store.forget(&all).await, Ok(Forgotten::default()));
    assert!(store.walk(better.walk).await.unwrap().is_some(), "the last passing walk stays");
    assert!(store.walk(lasting.walk.walk).await.unwrap().is_some(), "an open incident keeps its walk");
    assert_eq!(store.notices(10).await.unwrap().len(), 1, "what waits is not forgotten");
    assert_eq!(store.incidents(&IncidentQuery { limit: 10, ..IncidentQuery::default() }).await.unwrap().len(), 1);
    assert_eq!(store.last_slot(&fund()).await, Ok(Some(at(7))));
}
