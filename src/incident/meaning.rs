//! What one walk means for an incident that somebody wants to know of. Pure.

use super::{Change, SightingRole, What};
use crate::id::IncidentId;
use crate::walk::Verdict;

/// What a walk means for an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It met the trouble again.
    Still,
    /// It got past it, as one of those that closing needs: how many there are now.
    Passed {
        /// In a row, with this one.
        count: u32,
    },
    /// It got past it, and was the last that was wanted.
    Closed,
    /// It was only suspected, and the walk did not see it.
    NotSeen,
    /// The walk got to its end, and is none of those that closing counts: it is over already, is set aside, or wants more
    /// walks in a row before it is held to be gone.
    Uncounted,
    /// The walk failed of something else and does not say whether this is gone.
    Elsewhere,
    /// The robot's own trouble: the walk says nothing of the app.
    Nothing,
}

impl Meaning {
    /// What a walk of this verdict that brought about `changes` means for `of`.
    pub fn of(of: IncidentId, verdict: Verdict, changes: &[Change]) -> Self {
        let mut own = changes.iter().filter(|change| change.after.id == of);
        let sees = |change: &Change| change.sighting.as_ref().is_some_and(|s| s.role != SightingRole::Refutation);
        match own.next() {
            Some(change) if sees(change) => Meaning::Still,
            Some(change) => match change.what {
                What::Closed => Meaning::Closed,
                What::Recovered | What::Passed => Meaning::Passed { count: change.after.handling.passes.count },
                What::Unconfirmed => Meaning::NotSeen,
                _ => Meaning::Uncounted,
            },
            None => match verdict {
                Verdict::Inconclusive => Meaning::Nothing,
                Verdict::Failed => Meaning::Elsewhere,
                Verdict::Passed | Verdict::Degraded => Meaning::Uncounted,
            },
        }
    }

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Meaning::Still => "still-there",
            Meaning::Passed { .. } => "passed",
            Meaning::Closed => "closed",
            Meaning::NotSeen => "not-seen",
            Meaning::Uncounted => "does-not-count",
            Meaning::Elsewhere => "failed-elsewhere",
            Meaning::Nothing => "says-nothing",
        }
    }
}
