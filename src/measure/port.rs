//! The port that gathers what is measured.

use super::{Case, Complaint, Week, Window};
use crate::actor::Actor;
use crate::id::JourneyId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::tags::{Reason, Rules};
use std::time::Duration;

/// A walk that begins no later than this after its due time is punctual.
pub const PUNCTUAL_WITHIN: Duration = Duration::from_secs(60);

/// Reads what is measured, and keeps complaints.
#[async_trait::async_trait]
pub trait Records: Send + Sync {
    /// What the ledger holds of `window`, with the complaints of `weeks`, first and last; `rules` say what incidents are
    /// filed under.
    async fn gathered(&self, window: &Window, weeks: (Week, Week), rules: &Rules) -> Result<Gathered, LedgerError>;

    /// Whether an incident was ever of `owner`.
    async fn is_owner(&self, owner: &str) -> Result<bool, LedgerError>;

    /// How walks went that began in `window`, by journey.
    async fn walked(&self, window: &Window) -> Result<Vec<(JourneyId, WalkCounts)>, LedgerError>;

    /// Keeps these complaints in the place of all that were known of their weeks, and writes into the audit log that they
    /// came.
    async fn keep_complaints(&self, complaints: &[Complaint], intake: &Intake) -> Result<(), LedgerError>;
}

/// Whence complaints come: it stands in the audit log with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// Who took them in.
    pub by: Actor,
    /// When.
    pub at: Moment,
    /// The file's name.
    pub file: String,
    /// SHA-256 of its text, hexadecimal.
    pub digest: String,
}

/// What the ledger holds of a window.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Walks that were made for their own sake, by day and journey.
    pub walks: Vec<DayWalks>,
    /// How those of them went that began while work on their journey was planned.
    pub amid: Vec<(JourneyId, WalkCounts)>,
    /// Due times, by journey.
    pub slots: Vec<JourneySlots>,
    /// What people call the journeys, and their apps.
    pub titles: Vec<(JourneyId, String, String)>,
    /// Incidents that were open in it, or that something happened to.
    pub cases: Vec<Case>,
    /// Notices that were queued in it.
    pub notices: NoticeCount,
    /// Complaints.
    pub complaints: Vec<Complaint>,
    /// What the robot saw on the pages that they are of.
    pub met: Vec<Met>,
}

/// An incident of a page that customers complained of; none that was called false.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// The page's route.
    pub page: String,
    /// What it is filed under.
    pub reason: Option<Reason>,
    /// When it was first opened: people were told.
    pub opened: Moment,
}

/// Walks of one journey on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayWalks {
    /// The day's place in the window.
    pub day: usize,
    /// The journey.
    pub journey: JourneyId,
    /// How they went.
    pub counts: WalkCounts,
    /// Steps that the one that came furthest walked, and steps it had.
    pub steps: (u32, u32),
}

/// Walks by their verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WalkCounts {
    /// Got through, everything as it should be.
    pub passed: u64,
    /// Got through.
    pub degraded: u64,
    /// A customer would not.
    pub failed: u64,
    /// The robot could not say.
    pub inconclusive: u64,
}

impl WalkCounts {
    /// These without `other`, which are among them.
    pub fn without(self, other: WalkCounts) -> Self {
        Self {
            passed: self.passed.saturating_sub(other.passed),
            degraded: self.degraded.saturating_sub(other.degraded),
            failed: self.failed.saturating_sub(other.failed),
            inconclusive: self.inconclusive.saturating_sub(other.inconclusive),
        }
    }

    /// Both together.
    pub fn add(&mut self, other: WalkCounts) {
        self.passed += other.passed;
        self.degraded += other.degraded;
        self.failed += other.failed;
        self.inconclusive += other.inconclusive;
    }

    /// All of them.
    pub fn all(self) -> u64 {
        self.passed + self.degraded + self.failed + self.inconclusive
    }

    /// Those that got through, of those that could say.
    pub fn available(self) -> super::Share {
        let hit = self.passed + self.degraded;
        super::Share { hit, of: hit + self.failed }
    }
}

/// Due times of one journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneySlots {
    /// The journey.
    pub journey: JourneyId,
    /// So many.
    pub due: u64,
    /// Walked.
    pub walked: u64,
    /// Walked within [`PUNCTUAL_WITHIN`].
    pub punctual: u64,
}

/// Notices, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoticeCount {
    /// Somebody was to be told.
    pub queued: u64,
    /// People should have had it and have not: tried several times in vain, or given up with nothing accepted later. This must
    /// be none.
    pub undelivered: u64,
}
