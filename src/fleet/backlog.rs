//! Walks on their way into the ledger: those that come to be filed, and what it did not take yet, with missed slots; in
//! memory, bounded, oldest first.

use super::Finished;
use crate::id::{JourneyId, WalkId};
use crate::incident::{Change, LedgerError, Missed};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Mutex as Turn, oneshot};

/// How many finished walks wait at most; a walk beyond that is lost, and its slot is told as such.
pub const WALKS_WAITING_MAX: usize = 512;
/// How many missed slots of one journey wait at most: a week of one every ten minutes.
const MISSED_WAITING_MAX: usize = 1_008;

/// What waits to be filed. Clones share it.
#[derive(Clone, Default)]
pub struct Backlog(Arc<Desk>);

#[derive(Default)]
struct Desk {
    turn: Turn<()>,
    /// Those that want to be filed now, in the order they came.
    coming: Mutex<VecDeque<Comer>>,
    waiting: Mutex<Waiting>,
}

/// What became of filing a walk.
pub(super) type Answer = Result<Vec<Change>, LedgerError>;

/// A walk that comes to be filed. Whoever has the turn files it with its own.
pub(super) struct Comer {
    pub finished: Finished,
    pub epoch: Option<i64>,
    answer: oneshot::Sender<Answer>,
}

impl Comer {
    /// With what will be said of it.
    pub fn of(finished: Finished, epoch: Option<i64>) -> (Self, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        (Self { finished, epoch, answer }, answered)
    }

    /// Tells whoever brought it, if they still wait.
    pub fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

#[derive(Default)]
struct Waiting {
    walks: VecDeque<(Finished, Option<i64>)>,
    missed: BTreeMap<JourneyId, Vec<Missed>>,
}

impl Backlog {
    /// How many finished walks wait.
    pub fn waiting(&self) -> usize {
        self.lock().walks.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        let waiting = self.lock();
        waiting.walks.is_empty() && waiting.missed.is_empty()
    }

    /// The right to file. Nobody else folds or files until it is dropped.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    /// Joins those that want to be filed; the answer comes when somebody has.
    pub(super) fn come(&self, finished: &Finished, epoch: Option<i64>) -> oneshot::Receiver<Answer> {
        let (comer, answered) = Comer::of(finished.clone(), epoch);
        self.0.coming.lock().unwrap_or_else(PoisonError::into_inner).push_back(comer);
        answered
    }

    /// Takes so many of them, oldest first, without those whom nobody waits for any more: they are kept below.
    pub(super) fn take(&self, most: usize) -> Vec<Comer> {
        let mut coming = self.0.coming.lock().unwrap_or_else(PoisonError::into_inner);
        coming.retain(|comer| !comer.answer.is_closed());
        let most = most.min(coming.len());
        coming.drain(..most).collect()
    }

    /// The walk that waits behind `passed_over` older ones.
    pub(super) fn waits(&self, passed_over: usize) -> Option<(Finished, Option<i64>)> {
        self.lock().walks.get(passed_over).cloned()
    }

    pub(super) fn drop_walk(&self, walk: WalkId) {
        self.lock().walks.retain(|(finished, _)| finished.record.walk != walk);
    }

    pub(super) fn keep_missed(&self, journey: &JourneyId, missed: &[Missed]) {
        let mut waiting = self.lock();
        let slots = waiting.missed.entry(journey.clone()).or_default();
        slots.extend(missed);
        let excess = slots.len().saturating_sub(MISSED_WAITING_MAX);
        slots.drain(..excess);
    }

    pub(super) fn first_missed(&self) -> Option<(JourneyId, Vec<Missed>)> {
        self.lock().missed.first_key_value().map(|(journey, missed)| (journey.clone(), missed.clone()))
    }

    pub(super) fn drop_missed(&self, journey: &JourneyId) {
        self.lock().missed.remove(journey);
    }

    fn keep(&self, finished: Finished, epoch: Option<i64>) {
        let mut waiting = self.lock();
        waiting.walks.push_back((finished, epoch));
        let lost = if waiting.walks.len() > WALKS_WAITING_MAX { waiting.walks.pop_front() } else { None };
        tracing::error!(waiting = waiting.walks.len(), "a finished walk waits until the ledger takes it");
        if let Some((lost, _)) = lost {
            tracing::error!(walk = %lost.record.walk, journey = %lost.record.journey, "too many walks wait: the oldest is lost");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A walk on its way into the ledger: whatever ends the way before it is settled, the walk is kept.
pub(super) struct Unfiled<'a> {
    backlog: &'a Backlog,
    walk: Option<(&'a Finished, Option<i64>)>,
}

impl<'a> Unfiled<'a> {
    pub fn new(backlog: &'a Backlog, finished: &'a Finished, epoch: Option<i64>) -> Self {
        Self { backlog, walk: Some((finished, epoch)) }
    }

    /// It is filed, or never will be.
    pub fn settled(&mut self) {
        self.walk = None;
    }
}

impl Drop for Unfiled<'_> {
    fn drop(&mut self) {
        if let Some((finished, epoch)) = self.walk.take() {
            self.backlog.keep(finished.clone(), epoch);
        }
    }
}
