//! An outbox before the store's: what is to happen on the way there and back happens here. `ci/bench queue` uses it, too.

use async_trait::async_trait;
use gengfu::alert::{LeasedNotice, NoticeState, Outbox, OutboxRow, Pile, Receiver, Settlement, Taken, Taking};
use gengfu::id::{IncidentId, NoticeId};
use gengfu::incident::LedgerError;
use gengfu::moment::Moment;
use gengfu::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happens around a call, which is named as the port names it.
#[async_trait]
pub trait Way: Send + Sync {
    /// On the way there; what is given is held until the call is back.
    async fn there(&self, call: &'static str) -> Result<Box<dyn Send + '_>, LedgerError>;

    /// On the way back.
    async fn back(&self, _call: &'static str) -> Result<(), LedgerError> {
        Ok(())
    }
}

pub struct Between<W> {
    pub store: Arc<Store>,
    pub way: W,
}

impl<W: Way> Between<W> {
    async fn pass<T>(
        &self,
        call: &'static str,
        asked: impl Future<Output = Result<T, LedgerError>> + Send,
    ) -> Result<T, LedgerError> {
        let _held = self.way.there(call).await?;
        let answer = asked.await;
        self.way.back(call).await?;
        answer
    }
}

#[async_trait]
impl<W: Way> Outbox for Between<W> {
    async fn due(&self, now: Moment) -> Result<Vec<String>, LedgerError> {
        self.pass("due", self.store.due(now)).await
    }
    async fn receivers(&self, channel: &str, now: Moment) -> Result<Vec<Receiver>, LedgerError> {
        self.pass("receivers", self.store.receivers(channel, now)).await
    }
    async fn pile(&self, channel: &str, to: Option<&str>, now: Moment) -> Result<Pile, LedgerError> {
        self.pass("pile", self.store.pile(channel, to, now)).await
    }
    async fn withdraw(&self, notices: &[NoticeId], why: &str) -> Result<(), LedgerError> {
        self.pass("withdraw", self.store.withdraw(notices, why)).await
    }
    async fn heard(
        &self,
        incident: IncidentId,
        channel: &str,
        to: Option<&str>,
        since: Moment,
    ) -> Result<bool, LedgerError> {
        self.pass("heard", self.store.heard(incident, channel, to, since)).await
    }
    async fn take(&self, taking: &Taking<'_>, now: Moment) -> Result<Taken, LedgerError> {
        self.pass("take", self.store.take(taking, now)).await
    }
    async fn settle(&self, leased: &LeasedNotice, outcome: &Settlement, now: Moment) -> Result<bool, LedgerError> {
        self.pass("settle", self.store.settle(leased, outcome, now)).await
    }
    async fn give_up(&self, leased: NoticeId, queued_before: Moment, said: &str) -> Result<u32, LedgerError> {
        self.pass("give_up", self.store.give_up(leased, queued_before, said)).await
    }
    async fn rest(&self, channel: &str, until: Moment) -> Result<(), LedgerError> {
        self.pass("rest", self.store.rest(channel, until)).await
    }
    async fn notices(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        self.pass("notices", self.store.notices(limit)).await
    }
    async fn undelivered(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        self.pass("undelivered", self.store.undelivered(limit)).await
    }
    async fn told(&self, incident: IncidentId, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        self.pass("told", self.store.told(incident, limit)).await
    }
    async fn tally(&self) -> Result<BTreeMap<NoticeState, u64>, LedgerError> {
        self.pass("tally", self.store.tally()).await
    }
}
