//! An outbox that answers one at a time: a round that waits for its answer must not keep the next question waiting.

use super::desk::{Desk, Fake, opened, route};
use gengfu::alert::{Channel, LeasedNotice, NoticeState, Outbox, OutboxRow, Pile, Receiver, Settlement, Taken, Taking};
use gengfu::finding::Severity;
use gengfu::id::{IncidentId, NoticeId};
use gengfu::incident::LedgerError;
use gengfu::moment::Moment;
use gengfu::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

/// One way in, held for a while by whoever got it.
struct Narrow(Arc<Store>, Semaphore);

impl Narrow {
    async fn enter(&self) -> SemaphorePermit<'_> {
        let permit = self.1.acquire().await.unwrap();
        // Whoever has the way needs to be polled again before it gives it back.
        tokio::task::yield_now().await;
        permit
    }
}

#[async_trait::async_trait]
impl Outbox for Narrow {
    async fn due(&self, now: Moment) -> Result<Vec<String>, LedgerError> {
        let _way = self.enter().await;
        self.0.due(now).await
    }
    async fn receivers(&self, channel: &str, now: Moment) -> Result<Vec<Receiver>, LedgerError> {
        let _way = self.enter().await;
        self.0.receivers(channel, now).await
    }
    async fn pile(&self, channel: &str, to: Option<&str>, now: Moment) -> Result<Pile, LedgerError> {
        let _way = self.enter().await;
        self.0.pile(channel, to, now).await
    }
    async fn withdraw(&self, notices: &[NoticeId], why: &str) -> Result<(), LedgerError> {
        self.0.withdraw(notices, why).await
    }
    async fn heard(
        &self,
        incident: IncidentId,
        channel: &str,
        to: Option<&str>,
        since: Moment,
    ) -> Result<bool, LedgerError> {
        self.0.heard(incident, channel, to, since).await
    }
    async fn take(&self, taking: &Taking<'_>, now: Moment) -> Result<Taken, LedgerError> {
        let _way = self.enter().await;
        self.0.take(taking, now).await
    }
    async fn settle(&self, leased: &LeasedNotice, outcome: &Settlement, now: Moment) -> Result<bool, LedgerError> {
        let _way = self.enter().await;
        self.0.settle(leased, outcome, now).await
    }
    async fn give_up(&self, leased: NoticeId, queued_before: Moment, said: &str) -> Result<u32, LedgerError> {
        self.0.give_up(leased, queued_before, said).await
    }
    async fn rest(&self, channel: &str, until: Moment) -> Result<(), LedgerError> {
        self.0.rest(channel, until).await
    }
    async fn notices(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        self.0.notices(limit).await
    }
    async fn undelivered(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        self.0.undelivered(limit).await
    }
    async fn told(&self, incident: IncidentId, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        self.0.told(incident, limit).await
    }
    async fn tally(&self) -> Result<BTreeMap<NoticeState, u64>, LedgerError> {
        self.0.tally().await
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
    let mut deliverer = desk.deliverer(Arc::new(Narrow(desk.store.clone(), Semaphore::new(1))));
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
