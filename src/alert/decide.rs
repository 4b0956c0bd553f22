//! Whether a change is told, and why. Pure: what was told before follows from the incident itself.

use super::{AlertReason, Quiet};
use crate::incident::{Change, Incident, What};
use std::time::Duration;

/// How much people want to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertPolicy {
    /// What is still open is told again each time this long has passed.
    pub remind_every: Duration,
    /// From this many returns on, an incident that keeps coming and going within `flap_within` is told no more.
    pub flap_after: u32,
    /// How quickly it must come and go for that.
    pub flap_within: Duration,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self { remind_every: hour * 24, flap_after: 3, flap_within: hour * 6 }
    }
}

/// What is told of `change`.
pub fn decide(change: &Change, policy: &AlertPolicy) -> AlertReason {
    let quiet = AlertReason::Silent;
    match (change.what, &change.before) {
        (What::Suspected, _) => quiet(Quiet::NotConfirmed),
        (What::Unconfirmed, _) => quiet(Quiet::Unconfirmed),
        (What::Opened, _) => AlertReason::FirstSeen,
        (What::Worsened, _) => AlertReason::Worsened,
        (What::Sighted, Some(before)) if reminder_due(before, &change.after, policy) => {
            AlertReason::StillBroken { since: change.after.opened.unwrap_or(change.after.first_seen) }
        }
        (What::Sighted, _) => quiet(Quiet::AlreadyTold),
        (What::Recovered, Some(before)) if flaps(before, change, policy) => quiet(Quiet::Flapping),
        (What::Recovered, _) => AlertReason::Recovered,
        (What::Reopened, Some(before)) if flaps(before, change, policy) => quiet(Quiet::Flapping),
        (What::Reopened, _) => AlertReason::Reopened,
    }
}

/// Whether this sighting is the first since another `remind_every` went by.
fn reminder_due(before: &Incident, after: &Incident, policy: &AlertPolicy) -> bool {
    let opened = after.opened.unwrap_or(after.first_seen);
    let every = policy.remind_every.as_millis().max(1);
    let periods = |incident: &Incident| incident.last_seen.since(opened).as_millis() / every;
    periods(after) > periods(before)
}

/// Whether it came back, or went, so soon and so often that people know by now.
fn flaps(before: &Incident, change: &Change, policy: &AlertPolicy) -> bool {
    let turned = before.opened.max(before.recovered);
    let soon = turned.is_some_and(|turned| change.at.since(turned) < policy.flap_within);
    before.reopened >= policy.flap_after && soon
}
