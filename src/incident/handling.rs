//! What people make of an incident, and how far its end is verified. What the robot sees stands in [`super::State`] and is
//! no person's to change: a person may say that it is mended, never that it is over.

use super::{Incident, State};
use crate::actor::Actor;
use crate::id::IncidentId;
use crate::moment::Moment;
use crate::tags::Correction;
use std::collections::BTreeSet;

/// How far people have got with it, by their own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Stage {
    /// Nobody has taken it up.
    #[default]
    New,
    /// Somebody is to see to it.
    Assigned,
    /// Somebody knows of it.
    Acknowledged,
    /// Somebody mends it.
    Fixing,
    /// Somebody says that it is mended; a walk has to show it.
    FixClaimed,
    /// Nothing is wrong: the robot erred.
    FalseAlarm,
    /// It stays as it is.
    WontFix,
    /// It is another incident's trouble.
    Duplicate,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Stage; 8] = [
        Stage::New,
        Stage::Assigned,
        Stage::Acknowledged,
        Stage::Fixing,
        Stage::FixClaimed,
        Stage::FalseAlarm,
        Stage::WontFix,
        Stage::Duplicate,
    ];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Stage::New => "new",
            Stage::Assigned => "assigned",
            Stage::Acknowledged => "acknowledged",
            Stage::Fixing => "fixing",
            Stage::FixClaimed => "fix-claimed",
            Stage::FalseAlarm => "false-alarm",
            Stage::WontFix => "wont-fix",
            Stage::Duplicate => "duplicate",
        }
    }

    /// Whether people want to hear no more of it.
    pub fn is_set_aside(self) -> bool {
        matches!(self, Stage::FalseAlarm | Stage::WontFix | Stage::Duplicate)
    }
}

/// Where an incident stands in the queue: what the robot sees and what people say, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A walk showed it, and not enough others have.
    Suspected,
    /// Customers meet it, and nobody has taken it up.
    Confirmed,
    /// Customers meet it, and somebody is to see to it.
    Assigned,
    /// Customers meet it, and somebody knows of it.
    Acknowledged,
    /// Customers meet it, and somebody mends it.
    Fixing,
    /// Somebody says that it is mended, and no walk has shown it yet.
    FixClaimed,
    /// A walk got past it; not enough others have.
    Verifying,
    /// Enough walks got past it, for long enough.
    Closed,
    /// Nothing was wrong.
    FalseAlarm,
    /// It stays as it is.
    WontFix,
    /// It is another incident's trouble.
    Duplicate,
}

impl Standing {
    /// Every standing, in the order of the way to the end.
    pub const ALL: [Standing; 11] = [
        Standing::Suspected,
        Standing::Confirmed,
        Standing::Assigned,
        Standing::Acknowledged,
        Standing::Fixing,
        Standing::FixClaimed,
        Standing::Verifying,
        Standing::Closed,
        Standing::FalseAlarm,
        Standing::WontFix,
        Standing::Duplicate,
    ];

    /// Customers meet it, and nobody has set it aside.
    pub const OPEN: [Standing; 5] =
        [Standing::Confirmed, Standing::Assigned, Standing::Acknowledged, Standing::Fixing, Standing::FixClaimed];

    /// People want to hear no more of it.
    pub const ASIDE: [Standing; 3] = [Standing::FalseAlarm, Standing::WontFix, Standing::Duplicate];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Suspected => "suspected",
            Standing::Confirmed => "confirmed",
            Standing::Assigned => "assigned",
            Standing::Acknowledged => "acknowledged",
            Standing::Fixing => "fixing",
            Standing::FixClaimed => "fix-claimed",
            Standing::Verifying => "verifying",
            Standing::Closed => "closed",
            Standing::FalseAlarm => "false-alarm",
            Standing::WontFix => "wont-fix",
            Standing::Duplicate => "duplicate",
        }
    }
}

impl Incident {
    /// Where it stands in the queue.
    pub fn standing(&self) -> Standing {
        match (self.handling.stage, self.state) {
            (Stage::FalseAlarm, _) => Standing::FalseAlarm,
            (Stage::WontFix, _) => Standing::WontFix,
            (Stage::Duplicate, _) => Standing::Duplicate,
            (_, State::Suspected) => Standing::Suspected,
            (_, State::Recovered) if self.handling.closed.is_some() => Standing::Closed,
            (_, State::Recovered) => Standing::Verifying,
            (Stage::New, State::Open) => Standing::Confirmed,
            (Stage::Assigned, State::Open) => Standing::Assigned,
            (Stage::Acknowledged, State::Open) => Standing::Acknowledged,
            (Stage::Fixing, State::Open) => Standing::Fixing,
            (Stage::FixClaimed, State::Open) => Standing::FixClaimed,
        }
    }
}

/// A time without messages, which somebody answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// When it ends.
    pub until: Moment,
    /// Why.
    pub why: String,
    /// Who wants it.
    pub by: Actor,
}

/// Walks that got past it since a walk last saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passes {
    /// So many.
    pub count: u32,
    /// When the first of them began.
    pub first: Option<Moment>,
    /// Who they were.
    pub ways: BTreeSet<Way>,
}

/// Who walked: on what, and as which test customer where there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The device.
    pub device: String,
    /// The test customer, by its name in the pool.
    pub customer: Option<String>,
}

/// Something that maintenance windows kept quiet of an incident, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untold {
    /// That it opened, or came back: nobody has heard of it at all.
    Opened,
    /// That it became worse.
    Worsened,
    /// That it is still there, as it would have been told again.
    Lasting,
}

impl Untold {
    /// Every one, the most important first.
    pub const ALL: [Untold; 3] = [Untold::Opened, Untold::Worsened, Untold::Lasting];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Untold::Opened => "opened",
            Untold::Worsened => "worsened",
            Untold::Lasting => "lasting",
        }
    }
}

/// What people make of an incident, and how far its end is verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handling {
    /// How far people have got.
    pub stage: Stage,
    /// Since when.
    pub since: Option<Moment>,
    /// Who sees to it: a person, or an owner of the owner map.
    pub assignee: Option<String>,
    /// When somebody first said that they know of it, since it was opened last.
    pub acknowledged: Option<Moment>,
    /// When somebody last said that it is mended.
    pub claimed: Option<Moment>,
    /// How often a walk showed that it was not.
    pub refused: u32,
    /// No messages for now.
    pub mute: Option<Mute>,
    /// The incident it is the same as.
    pub duplicate_of: Option<IncidentId>,
    /// Walks that got past it since.
    pub passes: Passes,
    /// When enough of them had, for long enough.
    pub closed: Option<Moment>,
    /// How far it has been escalated since it was opened last.
    pub escalated: u32,
    /// What maintenance windows kept quiet of it, and nobody has been told since.
    pub untold: BTreeSet<Untold>,
    /// When who answers for it was to be told that it opened, or became graver: its deadlines are counted from then.
    pub told: Option<Moment>,
    /// What people said of its tags; it outlives its end.
    pub corrected: Correction,
}

impl Handling {
    /// Whether windows kept quiet that it opened, and nobody has heard of it since.
    pub fn is_unheard(&self) -> bool {
        self.untold.contains(&Untold::Opened)
    }

    /// Whether nobody wants to hear of it at `at`.
    pub fn is_quiet(&self, at: Moment) -> bool {
        self.stage.is_set_aside() || self.is_muted(at)
    }

    /// Whether it is muted at `at`.
    pub fn is_muted(&self, at: Moment) -> bool {
        self.mute.as_ref().is_some_and(|mute| at < mute.until)
    }

    /// People have got so far.
    pub(super) fn reach(&mut self, stage: Stage, at: Moment) {
        (self.stage, self.since) = (stage, Some(at));
    }

    /// It is open, or open again: what people said of its end holds no more. What they have set aside stays so.
    pub(super) fn begin_anew(&mut self, at: Moment) {
        (self.passes, self.closed, self.claimed) = (Passes::default(), None, None);
        (self.acknowledged, self.escalated, self.told) = (None, 0, None);
        if !self.stage.is_set_aside() {
            self.stage = if self.assignee.is_some() { Stage::Assigned } else { Stage::New };
            self.since = Some(at);
        }
    }
}
