//! When an incident is over: enough walks got past it, for long enough, and not as one test customer alone. Pure.

use super::{Incident, Stage, State, Way};
use crate::moment::Moment;
use crate::walk::WalkRecord;
use std::time::Duration;

/// Whoever claims again and again has the robot walk no oftener than this.
const CLAIMS_APART: Duration = Duration::from_secs(60);

/// What it takes to close an incident, and when walks are made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyPolicy {
    /// So many walks in a row got past it.
    pub passes: u32,
    /// The first and the last of them began at least this far apart.
    pub over: Duration,
    /// The pause between two walks that are made for it.
    pub every: Duration,
    /// Walks are made for it no longer than this after it recovered or was said to be mended: what patrols do not show by
    /// then, somebody has to look at.
    pub within: Duration,
}

impl Default for VerifyPolicy {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { passes: 3, over: minute * 15, every: minute * 5, within: minute * 60 * 24 }
    }
}

impl Incident {
    /// One more walk got past it: it is counted, and closes it when it is the last that was wanted. Returns whether it did.
    pub(super) fn passed_by(&mut self, record: &WalkRecord, ended: Moment, policy: &VerifyPolicy) -> bool {
        let passes = &mut self.handling.passes;
        passes.count = passes.count.saturating_add(1);
        passes.first.get_or_insert(record.started);
        let customer = record.customer.as_ref().map(|customer| customer.name.clone());
        passes.ways.insert(Way { device: record.device.clone(), customer });
        let closes = self.is_verified(record, policy);
        if closes {
            self.handling.closed = Some(ended);
        }
        closes
    }

    /// Whether `record`, the newest walk that got past it, is the last that was wanted.
    fn is_verified(&self, record: &WalkRecord, policy: &VerifyPolicy) -> bool {
        let passes = &self.handling.passes;
        let long_enough = passes.first.is_some_and(|first| record.started.since(first) >= policy.over);
        // On a device that met it; and by more than one customer, where the pool has more.
        let same = passes.ways.iter().any(|way| self.devices.contains(&way.device));
        let another = record.customer.as_ref().is_none_or(|c| c.of < 2) || passes.ways.len() > 1;
        passes.count >= policy.passes && long_enough && same && another
    }

    /// When a walk is due that would show whether it is over; `None` when nobody waits for one. `tried` is when one was
    /// last made for it.
    pub fn verify_due(&self, tried: Option<Moment>, policy: &VerifyPolicy) -> Option<Moment> {
        if self.step.is_none() || self.handling.closed.is_some() || self.handling.stage.is_set_aside() {
            return None;
        }
        let pause = |from: Moment| from.after(policy.every);
        let (since, due) = match self.state {
            State::Suspected => return None,
            // At once when it is claimed, then again and again: only a walk may say that it is, or is not.
            State::Open => {
                let claimed = self.handling.claimed.filter(|_| self.handling.stage == Stage::FixClaimed)?;
                let due = match tried {
                    Some(tried) if tried >= claimed => pause(tried),
                    Some(tried) => claimed.max(tried.after(CLAIMS_APART)),
                    None => claimed,
                };
                (claimed, due)
            }
            // After the walk that got past it last, whoever made it.
            State::Recovered => (self.recovered?, pause(tried.map_or(self.judged.0, |tried| tried.max(self.judged.0)))),
        };
        (due.since(since) <= policy.within).then_some(due)
    }
}
