//! The port that writes: slots taken once, walks filed with all they changed, in one transaction.

use super::{Change, Deed, Incident, Known, Refused};
use crate::actor::Actor;
use crate::finding::Kin;
use crate::id::{IncidentId, JourneyId, NoticeId, WalkId};
use crate::moment::Moment;
use crate::walk::{Attribution, Class, Outcome, Purpose, Verdict};
use std::time::Duration;

/// The one place that remembers. Every write is durable when it returns.
#[async_trait::async_trait]
pub trait Ledger: Send + Sync {
    /// Takes a due time for `claim.holder`, or says that it is taken. A slot whose lease ran out without a
    /// walk, also one that was marked as lost since, is taken again with a higher epoch, so that the dead
    /// holder's late walk is refused.
    async fn take_slot(&self, claim: &SlotClaim) -> Result<SlotTaken, LedgerError>;

    /// Records due times that nobody walked, and why; slots that are already there stay as they are.
    async fn miss_slots(&self, journey: &JourneyId, missed: &[Missed], now: Moment) -> Result<(), LedgerError>;

    /// The newest slot of `journey` that was taken or missed: where its patrol goes on after a restart.
    async fn last_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError>;

    /// The newest slot of `journey`, if it is one whose holder died with it: it may be taken again.
    async fn lost_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError>;

    /// Marks slots whose lease ran out before `now` without a walk as missed; returns how many.
    async fn sweep_slots(&self, now: Moment) -> Result<u64, LedgerError>;

    /// What `fold` needs to know before a walk of `journey` through `app` that found trouble of these `kin` is filed: not all
    /// that is open there, or a storm would be the slower the longer it lasts.
    async fn known(&self, journey: &JourneyId, app: &str, kin: &[&Kin]) -> Result<Known, LedgerError>;

    /// What people have in hand: open, and recovered but not closed; by name, from behind `after` on, at most so many.
    async fn in_hand(&self, after: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, LedgerError>;

    /// Duplicates that a walk has met since their original was closed: nobody looks after them. At most so many.
    async fn forsaken(&self, limit: u32) -> Result<Vec<Incident>, LedgerError>;

    /// Writes a walk, its slot, the changes and the notices in one transaction. Filing a walk that is there
    /// already changes nothing and says so.
    async fn file(&self, filing: &Filing) -> Result<Filed, LedgerError>;

    /// Files walks that come together, each folded with what is known once those before it are written: for all of them
    /// one commit, where the ledger can. Gives what became of each, in their order; what could not be committed has failed
    /// with all that came with it, but a walk whose slot is another's, or that conflicts, keeps none of the others.
    async fn file_together(&self, coming: &[Coming<'_>], fold: Folding<'_>) -> Vec<Result<FiledTogether, LedgerError>> {
        let mut all = Vec::with_capacity(coming.len());
        for (place, walk) in coming.iter().enumerate() {
            let one = async {
                let filing = fold(place, self.known(walk.journey, walk.app, &walk.kin).await?);
                Ok((self.file(&filing).await?, filing.changes))
            };
            all.push(one.await);
        }
        all
    }

    /// Writes changes that no walk brought about, and their notices, in one transaction.
    async fn amend(&self, changes: &[Change], notices: &[QueuedNotice], now: Moment) -> Result<Filed, LedgerError>;
}

/// What must be known of a walk to read what it is folded with: as for `Ledger::known`.
#[derive(Debug, Clone)]
pub struct Coming<'a> {
    /// The journey.
    pub journey: &'a JourneyId,
    /// The app.
    pub app: &'a str,
    /// Kin of what it found.
    pub kin: Vec<&'a Kin>,
}

/// Makes what is to be written of the walk at that place, by what is known. Asked again when the transaction is.
pub type Folding<'a> = &'a (dyn Fn(usize, Known) -> Filing + Send + Sync);

/// What became of a walk that was filed with others, and the changes that were folded from it.
pub type FiledTogether = (Filed, Vec<Change>);

/// What people do about incidents, done one at a time with all that walks bring about.
#[async_trait::async_trait]
pub trait Deeds: Send + Sync {
    /// Does it, tells whom it concerns, and gives what it changed.
    async fn act(&self, incident: IncidentId, deed: Deed, by: Actor, why: &str) -> Result<Change, DeedError>;
}

/// Why a deed was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeedError {
    /// There is no such incident.
    #[error("there is no such incident")]
    Absent,
    /// It is not possible.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Who wants which slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotClaim {
    /// The journey.
    pub journey: JourneyId,
    /// The due time.
    pub slot: Moment,
    /// Who takes it: a walker's name.
    pub holder: String,
    /// The present moment.
    pub now: Moment,
    /// How long the holder has to file a walk.
    pub lease: Duration,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotTaken {
    /// It is the claimant's; its walk must carry this epoch.
    Taken {
        /// Counts the takings of this slot, from 1.
        epoch: i64,
    },
    /// Somebody has it, or had it.
    AlreadyTaken,
}

/// A due time that nobody walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missed {
    /// The due time.
    pub slot: Moment,
    /// Why.
    pub reason: MissReason,
}

/// Why a due time was not walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissReason {
    /// The robot was not there: stopped, asleep, or its clock jumped.
    Away,
    /// The walk before was still under way.
    Overlap,
    /// No walker was free in time.
    Busy,
    /// The walker that had it died.
    Lost,
    /// The robot was shutting down.
    Draining,
    /// The ledger could not be written: no room, or damaged.
    Ledger,
}

impl MissReason {
    /// Every reason.
    pub const ALL: [MissReason; 6] = [
        MissReason::Away,
        MissReason::Overlap,
        MissReason::Busy,
        MissReason::Lost,
        MissReason::Draining,
        MissReason::Ledger,
    ];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            MissReason::Away => "away",
            MissReason::Overlap => "overlap",
            MissReason::Busy => "busy",
            MissReason::Lost => "lost",
            MissReason::Draining => "draining",
            MissReason::Ledger => "ledger",
        }
    }
}

/// One walk with everything it changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    /// The walk.
    pub walk: WalkRow,
    /// The epoch its slot was taken with; `None` for walks without a slot.
    pub epoch: Option<i64>,
    /// What `fold` made of it.
    pub changes: Vec<Change>,
    /// Whom to tell.
    pub notices: Vec<QueuedNotice>,
    /// The present moment.
    pub now: Moment,
}

/// What is kept of a walk: its record as text, and what it is looked up by.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkRow {
    /// Its name.
    pub walk: WalkId,
    /// What was walked.
    pub journey: JourneyId,
    /// What people call it.
    pub title: String,
    /// The app.
    pub app: String,
    /// What it was walked on.
    pub device: String,
    /// Why.
    pub purpose: Purpose,
    /// When it began.
    pub started: Moment,
    /// How long it took.
    pub elapsed: Duration,
    /// What it says of the app, detectors heard.
    pub verdict: Verdict,
    /// How a customer suffers, by the worst finding.
    pub class: Option<Class>,
    /// Whose fault, by the worst finding.
    pub attribution: Option<Attribution>,
    /// How far it came.
    pub steps: StepCount,
    /// The record as `walk.v1` JSON; masked, opaque to the ledger.
    pub json: String,
}

/// How far a walk came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepCount {
    /// Steps that were walked, whatever came of them.
    pub walked: u32,
    /// Steps that it had, without those rightly left out.
    pub all: u32,
}

impl StepCount {
    /// Of these steps.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut count = Self::default();
        for outcome in outcomes {
            count.all += u32::from(!matches!(outcome, Outcome::Skipped(_)));
            count.walked += u32::from(!matches!(outcome, Outcome::Skipped(_) | Outcome::NotReached));
        }
        count
    }
}

/// A notice on its way to the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedNotice {
    /// Its name, the same in every try: Message-ID and webhook-id come from it.
    pub id: NoticeId,
    /// What it is about.
    pub incident: IncidentId,
    /// The channel it goes out by, as named in the configuration.
    pub channel: String,
    /// Whom it reaches on that channel, where the channel needs to know.
    pub to: Option<String>,
    /// The reason word (`first-seen`, `recovered`, …), for lists.
    pub reason: String,
    /// When it may go out.
    pub due: Moment,
    /// The channels it stands in for: it goes out only when none of them has accepted it by then.
    pub instead_of: Option<String>,
    /// Its content as `notice.v1` JSON; opaque to the ledger.
    pub body: String,
}

/// What became of a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filed {
    /// It is written.
    Written,
    /// The walk was there already; nothing was written.
    AlreadyThere,
    /// An incident changed since it was read, or its fingerprint was opened by another: read and fold again.
    Conflict,
}

/// Why the ledger did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The slot was taken again by another since: this writer is out of date and must let go.
    #[error("slot {slot} of `{journey}` is no longer held with epoch {epoch}: its walk was given to another")]
    StaleEpoch {
        /// The journey.
        journey: JourneyId,
        /// The due time.
        slot: Moment,
        /// The epoch the writer had.
        epoch: i64,
    },
    /// No room on the disk.
    #[error(
        "the ledger's disk is full: {0}; make room: what was walked waits in memory, nothing new is walked until there is"
    )]
    Full(String),
    /// The file holds what it should not.
    #[error("the ledger is damaged: {0}; restore it from the last backup")]
    Damaged(String),
    /// The database did not answer as it should.
    #[error("the ledger failed: {0}")]
    Failed(String),
}
