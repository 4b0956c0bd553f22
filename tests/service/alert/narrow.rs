//! An outbox that answers one at a time: a round that waits for its answer must not keep the next question waiting.

use super::between::{Between, Way};
use super::desk::{Desk, Fake, opened, route};
use gengfu::alert::{Channel, NoticeState};
use gengfu::finding::Severity;
use gengfu::incident::LedgerError;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// One way in, held for a while by whoever got it.
struct Narrow(Semaphore);

#[async_trait::async_trait]
impl Way for Narrow {
    async fn there(&self, call: &'static str) -> Result<Box<dyn Send + '_>, LedgerError> {
        if !["due", "receivers", "pile", "take", "settle"].contains(&call) {
            return Ok(Box::new(()));
        }
        let permit = self.0.acquire().await.unwrap();
        // Whoever has the way needs to be polled again before it gives it back.
        tokio::task::yield_now().await;
        Ok(Box::new(permit))
    }
}

#[tokio::test]
async fn rounds_go_on_while_the_outbox_is_asked_what_is_due() {
    let mut desk = Desk::open(&[]).await;
    for name in ["a", "b", "c", "d"] {
        desk.others.insert(name.to_owned(), Arc::new(Fake::default()) as Arc<dyn Channel>);
        desk.reach = vec![route(name, None)].into();
        desk.filed(opened(&format!("v1:{name}"), 0, Severity::P1)).await;
    }
    let mut deliverer = desk.deliverer(Arc::new(Between { store: desk.store.clone(), way: Narrow(Semaphore::new(1)) }));
    // It asks again at once, while its rounds are at work.
    deliverer.limits.look_every = Duration::ZERO;
    let (cancel, deadline) = (CancellationToken::new(), Instant::now() + Duration::from_secs(20));
    let told = async {
        while desk.tally().await.get(&NoticeState::Delivered) != Some(&4) {
            assert!(Instant::now() < deadline, "it waits for itself");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    };
    tokio::join!(told, deliverer.watch(cancel.clone()));
}
