//! Windows that the configuration has: once, or again and again.

use super::asked::LASTS_MAX;
use super::{Covers, Window};
use crate::actor::Actor;
use crate::moment::Moment;
use crate::patrol::Schedule;
use std::time::Duration;

/// What comes more often than this is no window.
pub const APART_MIN: Duration = Duration::from_secs(3600);

/// A window, or many, as the configuration has it.
#[derive(Debug, Clone)]
pub struct Recurring {
    /// What people call it.
    pub name: String,
    /// Why.
    pub why: String,
    /// Who answers for it.
    pub by: Actor,
    /// What it is of.
    pub covers: Covers,
    /// When.
    pub when: When,
}

/// When a window of the configuration is in force.
#[derive(Debug, Clone)]
pub enum When {
    /// Each time the schedule falls due, for as long as this.
    Each {
        /// Its beginnings.
        schedule: Box<Schedule>,
        /// How long each lasts.
        lasting: Duration,
    },
    /// Once.
    Once {
        /// From when.
        from: Moment,
        /// Until when.
        until: Moment,
    },
}

impl Recurring {
    /// Its windows that are in force at some time from `from` up to, not including, `to`.
    pub fn within(&self, from: Moment, to: Moment) -> Vec<Window> {
        match &self.when {
            When::Once { from: begins, until } => {
                let met = *begins < to && from < *until;
                met.then(|| self.window(*begins, *until)).into_iter().collect()
            }
            When::Each { schedule, lasting } => {
                let lasting = (*lasting).min(LASTS_MAX);
                // The first that may still last then.
                let before = Moment::from_millis(from.as_millis().saturating_sub(millis(lasting)));
                let next = |after: &Moment| schedule.next_for_all(*after).filter(|next| after < next);
                let begins = std::iter::successors(next(&before), next).take_while(|begins| *begins < to);
                begins.map(|begins| self.window(begins, begins.after(lasting))).collect()
            }
        }
    }

    fn window(&self, from: Moment, until: Moment) -> Window {
        let Self { name, why, by, covers, .. } = self.clone();
        Window { name, why, by, covers, from, until, declared: None }
    }
}

fn millis(lasting: Duration) -> i64 {
    i64::try_from(lasting.as_millis()).unwrap_or(i64::MAX)
}
