//! By when an incident is to be taken up and mended, and whether it was. Pure.

use super::{Change, Incident, State, What};
use crate::actor::Actor;
use crate::finding::Severity;
use crate::maintenance::Standstill;
use crate::moment::Moment;
use std::time::Duration;

/// How long people may take, from when it was opened last; time in which work is planned is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Until somebody says that they know of it.
    pub acknowledge: Duration,
    /// Until a walk gets past it.
    pub fix: Duration,
}

/// Deadlines by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Of P1.
    pub p1: Deadline,
    /// Of P2.
    pub p2: Deadline,
    /// Of P3.
    pub p3: Deadline,
}

impl Default for Deadlines {
    fn default() -> Self {
        let (minute, day) = (Duration::from_secs(60), Duration::from_secs(24 * 3600));
        Self {
            p1: Deadline { acknowledge: minute * 30, fix: day },
            p2: Deadline { acknowledge: day, fix: day * 7 },
            p3: Deadline { acknowledge: day * 7, fix: day * 30 },
        }
    }
}

impl Deadlines {
    /// Those of an incident of this severity.
    pub fn of(&self, severity: Severity) -> Deadline {
        match severity {
            Severity::P1 => self.p1,
            Severity::P2 => self.p2,
            Severity::P3 => self.p3,
        }
    }
}

/// What was not done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overdue {
    /// Nobody has said that they know of it.
    Acknowledge,
    /// Customers still meet it.
    Fix,
}

impl Overdue {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Overdue::Acknowledge => "acknowledge",
            Overdue::Fix => "fix",
        }
    }

    /// How far an incident has been escalated when it was told: see [`super::Handling::escalated`].
    pub fn level(self) -> u32 {
        match self {
            Overdue::Acknowledge => 1,
            Overdue::Fix => 2,
        }
    }
}

impl Incident {
    /// When it is to be acknowledged and mended by; `None` when nobody waits for it: it is over, set aside, part of
    /// another, or not confirmed.
    pub fn due(&self, deadlines: &Deadlines, still: &Standstill) -> Option<(Moment, Moment)> {
        let waits = self.state == State::Open && !self.handling.stage.is_set_aside() && self.parent.is_none();
        let opened = self.opened.filter(|_| waits)?;
        let deadline = deadlines.of(self.severity);
        Some((still.after(opened, deadline.acknowledge), still.after(opened, deadline.fix)))
    }

    /// What was not done in time, the worst of it.
    pub fn overdue(&self, now: Moment, deadlines: &Deadlines, still: &Standstill) -> Option<Overdue> {
        let (acknowledge, fix) = self.due(deadlines, still)?;
        let unknown = self.handling.acknowledged.is_none();
        match () {
            () if now >= fix => Some(Overdue::Fix),
            () if unknown && now >= acknowledge => Some(Overdue::Acknowledge),
            () => None,
        }
    }
}

/// `before`, told to those who answer for it not being done in time.
pub fn escalated(before: &Incident, overdue: Overdue, at: Moment) -> Change {
    let mut after = before.clone();
    after.handling.escalated = overdue.level();
    after.revision += 1;
    let (walk, before, by) = (after.failing_walk, Some(before.clone()), Actor::Robot);
    let (what, why) = (What::Escalated, overdue.word().to_owned());
    Change { what, before, after, sighting: None, whole: None, walk, at, by, why }
}
