//! Duplicates that nobody looks after any more.

use super::{at, change, filing, fresh, incident, walk_row};
use gengfu::id::IncidentId;
use gengfu::incident::{Incident, Ledger as _, Stage, State, What};
use gengfu::moment::Moment;
use gengfu::walk::{Purpose, Verdict};

#[tokio::test]
async fn those_are_found_that_walks_met_after_their_original_was_closed() {
    let (_dir, store) = fresh().await;
    let write = async |print: &str, shape: &dyn Fn(&mut Incident)| -> IncidentId {
        let walk = walk_row(at(0), Verdict::Failed, Purpose::Manual);
        let mut after = incident(print, &walk);
        shape(&mut after);
        let id = after.id;
        store.file(&filing(walk.clone(), vec![change(What::Opened, None, after, &walk)], vec![])).await.unwrap();
        id
    };
    let closed = write("closed", &|i| (i.state, i.handling.closed) = (State::Recovered, Some(at(100)))).await;
    let open = write("open", &|_| ()).await;
    let duplicate = async |print: &str, of: IncidentId, state: State, seen: Moment| {
        write(print, &|i| {
            (i.handling.stage, i.handling.duplicate_of) = (Stage::Duplicate, Some(of));
            (i.state, i.last_seen) = (state, seen);
        })
        .await
    };
    let forsaken = duplicate("met since", closed, State::Open, at(101)).await;
    duplicate("met before", closed, State::Open, at(100)).await;
    duplicate("over, too", closed, State::Recovered, at(101)).await;
    duplicate("looked after", open, State::Open, at(101)).await;
    let found: Vec<IncidentId> = store.forsaken(10).await.unwrap().iter().map(|incident| incident.id).collect();
    assert_eq!(found, [forsaken]);
}
