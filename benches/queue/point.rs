//! Where a desk dies: before and after each commit and each send, named.

use super::between::Way;
use async_trait::async_trait;
use gengfu::alert::{Channel, Draft, Notice, Receipt, SendError, SendRate};
use gengfu::finding::Kin;
use gengfu::id::{IncidentId, JourneyId};
use gengfu::incident::{
    Change, Coming, Filed, FiledTogether, Filing, Folding, Incident, Known, Ledger, LedgerError, Missed, QueuedNotice,
    SlotClaim, SlotTaken,
};
use gengfu::moment::Moment;
use gengfu::store::Store;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Every point by name: what is committed, and what is sent.
pub const POINTS: [&str; 8] = [
    "before-file",
    "after-file",
    "before-take",
    "after-take",
    "before-send",
    "after-send",
    "before-settle",
    "after-settle",
];

/// The point at which this process dies, and how often it may pass it before.
pub struct Death {
    pub point: Option<String>,
    pub after: AtomicU32,
}

impl Death {
    /// Dies as nobody can refuse, if this is the time.
    fn at(&self, point: &str) {
        if self.point.as_deref() == Some(point) && self.after.fetch_sub(1, Ordering::SeqCst) == 0 {
            let _ = kill(Pid::this(), Signal::SIGKILL);
            std::thread::park();
        }
    }
}

/// The ledger, on the way to and from which this process may die.
pub struct Mortal<T: ?Sized> {
    pub inner: Arc<T>,
    pub death: Arc<Death>,
}

#[async_trait]
impl Ledger for Mortal<Store> {
    async fn take_slot(&self, claim: &SlotClaim) -> Result<SlotTaken, LedgerError> {
        self.inner.take_slot(claim).await
    }
    async fn miss_slots(&self, journey: &JourneyId, missed: &[Missed], now: Moment) -> Result<(), LedgerError> {
        self.inner.miss_slots(journey, missed, now).await
    }
    async fn last_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        self.inner.last_slot(journey).await
    }
    async fn lost_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        self.inner.lost_slot(journey).await
    }
    async fn sweep_slots(&self, now: Moment) -> Result<u64, LedgerError> {
        self.inner.sweep_slots(now).await
    }
    async fn known(&self, journey: &JourneyId, app: &str, kin: &[&Kin]) -> Result<Known, LedgerError> {
        self.inner.known(journey, app, kin).await
    }
    async fn in_hand(&self, after: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, LedgerError> {
        self.inner.in_hand(after, limit).await
    }
    async fn forsaken(&self, limit: u32) -> Result<Vec<Incident>, LedgerError> {
        self.inner.forsaken(limit).await
    }
    async fn file(&self, filing: &Filing) -> Result<Filed, LedgerError> {
        self.death.at("before-file");
        let filed = self.inner.file(filing).await;
        self.death.at("after-file");
        filed
    }
    async fn file_together(&self, coming: &[Coming<'_>], fold: Folding<'_>) -> Vec<Result<FiledTogether, LedgerError>> {
        self.death.at("before-file");
        let filed = self.inner.file_together(coming, fold).await;
        self.death.at("after-file");
        filed
    }
    async fn amend(&self, changes: &[Change], notices: &[QueuedNotice], now: Moment) -> Result<Filed, LedgerError> {
        Ledger::amend(&*self.inner, changes, notices, now).await
    }
}

/// The way to the outbox and from it.
#[async_trait]
impl Way for Arc<Death> {
    async fn there(&self, call: &'static str) -> Result<Box<dyn Send + '_>, LedgerError> {
        self.at(&format!("before-{call}"));
        Ok(Box::new(()))
    }
    async fn back(&self, call: &'static str) -> Result<(), LedgerError> {
        self.at(&format!("after-{call}"));
        Ok(())
    }
}

#[async_trait]
impl Channel for Mortal<dyn Channel> {
    fn name(&self) -> &str {
        self.inner.name()
    }
    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        self.death.at("before-send");
        let sent = self.inner.send(notice).await;
        self.death.at("after-send");
        sent
    }
    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        self.inner.drafts(notice)
    }
    fn rates(&self) -> &[SendRate] {
        self.inner.rates()
    }
    fn sends(&self, notice: &Notice) -> u32 {
        self.inner.sends(notice)
    }
    fn gathers(&self) -> bool {
        self.inner.gathers()
    }
}
