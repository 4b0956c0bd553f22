//! A walk that a person asked for, from the asking to what it says: what they see of it while it comes about.

use super::Finished;
use crate::actor::Actor;
use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, JourneyId, WalkId, WishId};
use crate::incident::{Change, Meaning};
use crate::moment::{Clock, Moment};
use crate::walk::port::Watcher;
use crate::walk::v1::OutcomeV1;
use crate::walk::{StepRecord, TroubleKind, Verdict};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Steps of a walk that are shown while they come; turns of a `repeat` are steps, too.
pub const WISH_STEPS_MAX: usize = 400;
/// People who join a wish and are named, and incidents that they join for.
const NAMED_MAX: usize = 8;

/// What stands of a wish now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishLook {
    /// Its name.
    pub id: WishId,
    /// The journey.
    pub journey: JourneyId,
    /// What people call it.
    pub title: String,
    /// The device it is walked on.
    pub device: String,
    /// The pool its test customer comes from.
    pub pool: Option<String>,
    /// The incidents it was asked for, the first first.
    pub of: Vec<IncidentId>,
    /// Who asked, the first first.
    pub by: Vec<Actor>,
    /// When it was asked for.
    pub asked: Moment,
    /// How far it is.
    pub stage: WishStage,
    /// The walk, once there is one.
    pub walk: Option<WalkId>,
    /// Its steps so far, in their order.
    pub steps: Vec<WishStep>,
    /// When it ended.
    pub ended: Option<Moment>,
}

/// How far a wish is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WishStage {
    /// It waits: for the journey's own walk to end, or for a seat.
    Waits,
    /// It has a seat; a test customer is leased and a lane opened.
    Prepares,
    /// Its steps are walked.
    Walks,
    /// It has ended.
    Ended(WishEnd),
}

/// How a wish ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WishEnd {
    /// The walk was made and filed.
    Filed {
        /// Its verdict.
        verdict: Verdict,
        /// What it means for each incident that it was asked for.
        meanings: Vec<(IncidentId, Meaning)>,
    },
    /// It was made, and the ledger does not take it now: it is filed as soon as it does.
    Unfiled,
    /// No seat came free in time.
    NoRoom,
    /// The robot was stopped before it began, or in the middle of it.
    Stopped,
    /// Whoever walked it was lost.
    Lost,
}

impl WishEnd {
    /// The word on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            WishEnd::Filed { .. } => "filed",
            WishEnd::Unfiled => "unfiled",
            WishEnd::NoRoom => "no-room",
            WishEnd::Stopped => "stopped",
            WishEnd::Lost => "lost",
        }
    }
}

/// One step as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishStep {
    /// What people call it.
    pub title: String,
    /// How it went; `None` while it is walked. Why it failed is told by the filed walk, which was looked through for secrets.
    pub outcome: Option<OutcomeV1>,
    /// How long it took.
    pub elapsed: Duration,
    /// Its picture, once it is kept.
    pub picture: Option<EvidenceKey>,
}

impl WishLook {
    /// Whether nothing more comes.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, WishStage::Ended(_))
    }

    /// The word of how far it is, on the wire.
    pub fn stage_word(&self) -> &'static str {
        match &self.stage {
            WishStage::Waits => "waits",
            WishStage::Prepares => "prepares",
            WishStage::Walks => "walks",
            WishStage::Ended(_) => "ended",
        }
    }

    pub(super) fn joined(&mut self, by: &Actor, of: Option<IncidentId>) {
        if !self.by.contains(by) && self.by.len() < NAMED_MAX {
            self.by.push(by.clone());
        }
        self.of.extend(of.filter(|of| !self.of.contains(of) && self.of.len() < NAMED_MAX));
    }
}

/// Shows a walk to those who asked for it. A wish whose walk is lost says so when this is dropped.
#[derive(Debug)]
pub struct Onlooker {
    shown: Arc<watch::Sender<WishLook>>,
    clock: ClockOf,
}

/// A clock that has a name in messages of defects.
struct ClockOf(Arc<dyn Clock>);

impl std::fmt::Debug for ClockOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("clock")
    }
}

impl Onlooker {
    pub(super) fn new(shown: Arc<watch::Sender<WishLook>>, clock: Arc<dyn Clock>) -> Self {
        Self { shown, clock: ClockOf(clock) }
    }

    /// It has a seat.
    pub fn seated(&self) {
        self.change(|look| look.stage = WishStage::Prepares);
    }

    /// The walk has a name.
    pub fn named(&self, walk: WalkId) {
        self.change(|look| look.walk = Some(walk));
    }

    /// The walk is in the ledger, with what it changed.
    pub(super) fn filed(&self, finished: &Finished, changes: &[Change]) {
        let judged = &finished.judged;
        // A walk that is called off says nothing of anybody: the robot stopped, or its walker was told to.
        if judged.trouble.as_ref().is_some_and(|trouble| trouble.kind == TroubleKind::Cancelled) {
            return self.ended(WishEnd::Stopped);
        }
        let of = self.shown.borrow().of.clone();
        let meanings = of.into_iter().map(|of| (of, Meaning::of(of, judged.verdict, changes))).collect();
        // What came after the last look, and pictures that came late, are in the filed walk.
        self.ended(WishEnd::Filed { verdict: judged.verdict, meanings });
    }

    /// It has ended so, unless it has ended otherwise before.
    pub fn ended(&self, end: WishEnd) {
        let now = self.clock.0.now();
        self.change(|look| {
            look.stage = WishStage::Ended(end);
            look.ended = Some(now);
        });
    }

    /// Changes what is shown while it has not ended.
    fn change(&self, how: impl FnOnce(&mut WishLook)) {
        self.shown.send_if_modified(|look| {
            let lasts = !look.is_over();
            if lasts {
                how(look);
            }
            lasts
        });
    }
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        self.ended(WishEnd::Lost);
    }
}

fn at(look: &mut WishLook, number: usize) -> Option<&mut WishStep> {
    while look.steps.len() <= number && number < WISH_STEPS_MAX {
        let none = WishStep { title: String::new(), outcome: None, elapsed: Duration::ZERO, picture: None };
        look.steps.push(none);
    }
    look.steps.get_mut(number)
}

#[async_trait]
impl Watcher for Onlooker {
    async fn step_begins(&self, number: usize, title: &str) {
        self.change(|look| {
            look.stage = WishStage::Walks;
            if let Some(step) = at(look, number) {
                title.clone_into(&mut step.title);
            }
        });
    }

    async fn step_ended(&self, number: usize, record: &StepRecord) {
        self.change(|look| {
            if let Some(step) = at(look, number) {
                step.title.clone_from(&record.title);
                step.outcome = Some((&record.outcome).into());
                step.elapsed = record.elapsed;
            }
        });
    }

    fn picture_kept(&self, number: usize, picture: &EvidenceKey) {
        self.change(|look| {
            if let Some(step) = at(look, number) {
                step.picture = Some(picture.clone());
            }
        });
    }
}
