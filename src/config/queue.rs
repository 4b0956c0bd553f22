//! `queue:` — what closes an incident, and by when people are to do what they are to do.

use super::value::Lasting;
use crate::incident::{Deadline, Deadlines, Rota, VerifyPolicy};
use crate::maintenance::REACH;

// Windows further away than any deadline are not looked at.
const _: () = assert!(Lasting::LONGEST.as_secs() <= REACH.as_secs());

/// The incident queue.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// What closes an incident.
    pub verify: Verify,
    /// By when people are to do what they are to do, by severity.
    pub deadlines: DeadlineTable,
}

/// What closes an incident: walks in a row that got past it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Verify {
    /// So many: 1 to 50.
    pub passes: Passes,
    /// The first and the last of them at least this far apart.
    pub over: Lasting,
    /// The pause between two walks that are made for it.
    pub every: Lasting,
}

/// A number of walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "u32")]
pub struct Passes(pub u32);

impl TryFrom<u32> for Passes {
    type Error = String;
    fn try_from(passes: u32) -> Result<Self, String> {
        match passes {
            1..=50 => Ok(Self(passes)),
            _ => Err(format!("`{passes}` is no number of walks that closes an incident: from 1 to 50, such as `3`")),
        }
    }
}

impl Default for Verify {
    fn default() -> Self {
        let VerifyPolicy { passes, over, every, .. } = VerifyPolicy::default();
        Self { passes: Passes(passes), over: Lasting(over), every: Lasting(every) }
    }
}

/// Deadlines by severity.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeadlineTable {
    /// Customers cannot go on, or their money is at stake.
    #[serde(rename = "P1")]
    pub p1: Within,
    /// A part does not work, or is wrong.
    #[serde(rename = "P2")]
    pub p2: Within,
    /// Customers get past it.
    #[serde(rename = "P3")]
    pub p3: Within,
}

/// How long people may take, from when who answers for an incident is told that it opened.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// Until somebody says that they know of it.
    pub acknowledge: Lasting,
    /// Until a walk gets past it.
    pub fix: Lasting,
}

impl Default for DeadlineTable {
    fn default() -> Self {
        let within = |d: Deadline| Within { acknowledge: Lasting(d.acknowledge), fix: Lasting(d.fix) };
        let Deadlines { p1, p2, p3, .. } = Deadlines::default();
        Self { p1: within(p1), p2: within(p2), p3: within(p3) }
    }
}

impl Queue {
    /// As the fold is told.
    pub fn verify(&self) -> VerifyPolicy {
        let Verify { passes, over, every } = &self.verify;
        VerifyPolicy { passes: passes.0, over: over.0, every: every.0, ..VerifyPolicy::default() }
    }

    /// As the fleet is told, for people whose hours are those of `rota`.
    pub fn deadlines(&self, rota: Rota) -> Deadlines {
        let within = |w: &Within| Deadline { acknowledge: w.acknowledge.0, fix: w.fix.0 };
        let DeadlineTable { p1, p2, p3 } = &self.deadlines;
        Deadlines { p1: within(p1), p2: within(p2), p3: within(p3), rota }
    }
}
