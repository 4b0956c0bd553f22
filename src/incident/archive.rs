//! The port that reads, for the console, the command line and reports.

use super::{
    Incident, Kind, LedgerError, MissReason, Missed, QueueChoices, QueuePage, QueueQuery, Sighting, Standing, State,
    WalkRow, What,
};
use crate::actor::Actor;
use crate::finding::Severity;
use crate::id::{IncidentId, JourneyId, WalkId};
use crate::moment::Moment;
use crate::walk::{Class, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

/// Reads what the ledger wrote. Lists are newest first and never longer than asked for.
#[async_trait::async_trait]
pub trait Archive: Send + Sync {
    /// One walk.
    async fn walk(&self, walk: WalkId) -> Result<Option<StoredWalk>, LedgerError>;

    /// Walks, without their records.
    async fn walks(&self, query: &WalkQuery) -> Result<Vec<WalkRow>, LedgerError>;

    /// The newest walk of each of these journeys, without its record.
    async fn newest(&self, journeys: &[JourneyId]) -> Result<Vec<WalkRow>, LedgerError>;

    /// Every slot and every walk without a slot from `from` up to, not including, `to`: oldest first,
    /// by journey, at most 50 000. A slot nobody walked is a mark of its own, so that gaps are seen.
    async fn strip(&self, from: Moment, to: Moment) -> Result<Vec<StripCell>, LedgerError>;

    /// The same gathered into cells of `cell` from `from` on, so that no number of walks is too many to be shown: one
    /// tally for each journey, cell and kind of mark. Of one journey only, where it is named.
    async fn tallies(
        &self,
        from: Moment,
        to: Moment,
        cell: Duration,
        only: Option<&JourneyId>,
    ) -> Result<Vec<StripTally>, LedgerError>;

    /// The newest walks of `journey`, with their records.
    async fn records(&self, journey: &JourneyId, limit: u32) -> Result<Vec<WalkRow>, LedgerError>;

    /// Due times from `from` up to, not including, `to` that nobody walked, newest first.
    async fn missed(&self, from: Moment, to: Moment, limit: u32) -> Result<Vec<(JourneyId, Missed)>, LedgerError>;

    /// The last passing walk of `journey` that began before `before`.
    async fn last_good(&self, journey: &JourneyId, before: Moment) -> Result<Option<WalkId>, LedgerError>;

    /// Incidents.
    async fn incidents(&self, query: &IncidentQuery) -> Result<Vec<Incident>, LedgerError>;

    /// A page of the queue.
    async fn queue(&self, query: &QueueQuery) -> Result<QueuePage, LedgerError>;

    /// What the queue can be filtered by.
    async fn queue_choices(&self) -> Result<QueueChoices, LedgerError>;

    /// How many whole incidents of the app each journey has that are open and not set aside.
    async fn open_by_journey(&self) -> Result<BTreeMap<JourneyId, u64>, LedgerError>;

    /// Everything there is, counted.
    async fn census(&self) -> Result<Census, LedgerError>;

    /// One incident with its sightings and its history.
    async fn incident(&self, incident: IncidentId) -> Result<Option<IncidentFile>, LedgerError>;
}

/// Everything there is, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    /// Marks of each journey, as far back as they were gathered: a verdict's word, or the reason why nobody walked.
    pub marks: BTreeMap<(JourneyId, String), u64>,
    /// Whole incidents, by where they stand and how grave they are.
    pub incidents: BTreeMap<(Standing, Severity), u64>,
}

/// A walk as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredWalk {
    /// What it is looked up by, and its record.
    pub row: WalkRow,
    /// Incidents it saw, or looked for in vain.
    pub sightings: Vec<Sighting>,
}

/// Which walks. `WalkRow::json` is empty in lists.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WalkQuery {
    /// Only of this journey.
    pub journey: Option<JourneyId>,
    /// Only with this verdict.
    pub verdict: Option<Verdict>,
    /// Only those that began before this: the last row's start, for the next page.
    pub before: Option<Moment>,
    /// At most so many.
    pub limit: u32,
}

/// Incidents and their parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gathering {
    /// Every one by itself.
    #[default]
    Each,
    /// Only those that are no part of another: what people are told of.
    Wholes,
    /// The parts of this one.
    PartsOf(IncidentId),
}

/// Which incidents, newest sighting first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IncidentQuery {
    /// Only in one of these states; all when empty.
    pub states: Vec<State>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this journey.
    pub journey: Option<JourneyId>,
    /// Whole ones, or parts.
    pub gathering: Gathering,
    /// Only those last seen before this, for the next page.
    pub before: Option<Moment>,
    /// At most so many.
    pub limit: u32,
}

/// One mark on a journey's strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripCell {
    /// The journey.
    pub journey: JourneyId,
    /// The slot's due time, or the start of a walk without one.
    pub at: Moment,
    /// What stands there.
    pub mark: StripMark,
}

/// So many marks of one kind in one cell of a journey's strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripTally {
    /// The journey.
    pub journey: JourneyId,
    /// Where the cell begins.
    pub from: Moment,
    /// What stands there; of walks the newest, its class left out.
    pub mark: StripMark,
    /// How often.
    pub count: u32,
}

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripMark {
    /// It was walked.
    Walked {
        /// The walk.
        walk: WalkId,
        /// What it says.
        verdict: Verdict,
        /// How a customer suffers.
        class: Option<Class>,
    },
    /// It was not.
    Missed(MissReason),
    /// It was taken, and no walk is filed yet.
    UnderWay,
}

/// One incident and its history.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentFile {
    /// As it is now.
    pub incident: Incident,
    /// Walks that looked at it, newest first, at most 200.
    pub sightings: Vec<Sighting>,
    /// What happened to it, newest first, repeats while open left out, at most 200.
    pub moves: Vec<Move>,
}

/// One move of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What happened.
    pub what: What,
    /// When.
    pub at: Moment,
    /// The walk that brought it about, or that somebody had before them.
    pub walk: WalkId,
    /// Who did it.
    pub by: Actor,
    /// Why, in their words; empty where nothing is said.
    pub why: String,
}
