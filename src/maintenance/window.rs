//! One window: from when to when, of what, why, and who answers for it.

use crate::actor::Actor;
use crate::id::{JourneyId, WindowId};
use crate::moment::Moment;
use std::collections::BTreeSet;

/// What a window is of: journeys through these apps, and these journeys; of everything where neither is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Covers {
    /// Apps.
    pub apps: BTreeSet<String>,
    /// Journeys.
    pub journeys: BTreeSet<JourneyId>,
}

impl Covers {
    /// Whether it is of everything.
    pub fn is_all(&self) -> bool {
        self.apps.is_empty() && self.journeys.is_empty()
    }

    /// Whether `journey` through `app` is among it.
    pub fn holds(&self, app: &str, journey: &JourneyId) -> bool {
        self.is_all() || self.apps.contains(app) || self.journeys.contains(journey)
    }

    /// Whether some of it is named by the other, too.
    pub fn meets(&self, other: &Covers) -> bool {
        let shares = !self.apps.is_disjoint(&other.apps) || !self.journeys.is_disjoint(&other.journeys);
        shares || self.is_all() || other.is_all()
    }
}

/// A time in which work is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// What people call it.
    pub name: String,
    /// Why.
    pub why: String,
    /// Who answers for it.
    pub by: Actor,
    /// What it is of.
    pub covers: Covers,
    /// When it begins.
    pub from: Moment,
    /// When it ends, unless somebody ends it earlier.
    pub until: Moment,
    /// How it was declared; `None` where the configuration has it.
    pub declared: Option<Declared>,
}

/// That somebody declared it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name in the ledger.
    pub id: WindowId,
    /// When.
    pub at: Moment,
    /// That it was ended early, or called off before it began.
    pub ended: Option<Ended>,
}

/// That somebody ended it early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: Actor,
}

impl Window {
    /// When it was ended early, and by whom.
    pub fn ended(&self) -> Option<&Ended> {
        self.declared.as_ref().and_then(|declared| declared.ended.as_ref())
    }

    /// When it is over: at its end, or when somebody ended it.
    pub fn over(&self) -> Moment {
        self.ended().map_or(self.until, |ended| ended.at.min(self.until))
    }

    /// Whether it ever is in force: not where it was called off before it began.
    pub fn is_ever(&self) -> bool {
        self.from < self.over()
    }

    /// Whether both are turns of one window of the configuration.
    pub(super) fn is_turn_with(&self, other: &Window) -> bool {
        let of_config = self.declared.is_none() && other.declared.is_none();
        of_config && self.name == other.name && self.covers == other.covers
    }

    /// Whether it is in force at `at`.
    pub fn holds(&self, at: Moment) -> bool {
        self.from <= at && at < self.over()
    }
}
