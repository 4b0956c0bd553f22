//! Whether a change is told, and why. Pure: what was told before follows from the incident itself.

use super::{AlertReason, Quiet};
use crate::incident::{Change, Handling, Incident, State, What};
use crate::moment::Moment;
use std::time::Duration;

/// How much people want to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertPolicy {
    /// What is still open is told again each time this long has passed.
    pub remind_every: Duration,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        Self { remind_every: Duration::from_secs(24 * 3600) }
    }
}

impl AlertPolicy {
    /// How often what opened then is due to be told again by `at`.
    pub(super) fn periods(&self, opened: Moment, at: Moment) -> u128 {
        at.since(opened).as_millis() / self.remind_every.as_millis().max(1)
    }
}

/// What is told of `change`.
pub fn decide(change: &Change, policy: &AlertPolicy) -> AlertReason {
    match news(change, policy) {
        silent @ AlertReason::Silent(_) => silent,
        reason => hushed(&change.after.handling, reason, change.at).map_or(reason, AlertReason::Silent),
    }
}

/// Why people who handle an incident so do not want to hear `reason` of it at `at`; `None` where they do. Who wants to hear
/// nothing of what is known still hears that it became worse; who muted it, that it is over, which also ends what a receiver
/// holds open. What waits to be sent is held to the same.
pub fn hushed(handling: &Handling, reason: AlertReason, at: Moment) -> Option<Quiet> {
    match reason {
        // What they did is what is told.
        AlertReason::Worsened | AlertReason::SetAside => None,
        _ if handling.stage.is_set_aside() => Some(Quiet::SetAside),
        AlertReason::Recovered => None,
        _ => handling.is_muted(at).then_some(Quiet::Muted),
    }
}

/// What systems that hold an alert open until they hear otherwise are told of `change` where people are told nothing. Set
/// aside or muted, it ends there, or somebody would be called for what nobody wants to hear of; heard of again, it is back.
pub fn held_open(change: &Change) -> Option<AlertReason> {
    let (after, open) = (&change.after, change.after.state == State::Open);
    match change.what {
        What::CalledFalse | What::LeftAsItIs | What::CalledDuplicate | What::Muted if open => {
            Some(AlertReason::SetAside)
        }
        // It had become worse since, which everybody was told.
        What::Recovered if after.handling.stage.is_set_aside() => Some(AlertReason::SetAside),
        What::Unmuted if open && !after.handling.is_quiet(change.at) => {
            Some(AlertReason::StillBroken { since: after.opened.unwrap_or(after.first_seen) })
        }
        _ => None,
    }
}

/// What is new in `change`, whoever wants to hear of it.
fn news(change: &Change, policy: &AlertPolicy) -> AlertReason {
    let (quiet, handling) = (AlertReason::Silent, &change.after.handling);
    match (change.what, &change.before) {
        (What::Suspected, _) => quiet(Quiet::NotConfirmed),
        (What::Unconfirmed, _) => quiet(Quiet::Unconfirmed),
        (What::Opened, _) if change.after.odds.intermittent => AlertReason::Intermittent,
        (What::Opened, _) => AlertReason::FirstSeen,
        (What::Worsened, _) => AlertReason::Worsened,
        (What::Sighted, Some(before))
            if calmed(before, change) || unmuted(before, change) || reminder_due(before, &change.after, policy) =>
        {
            AlertReason::StillBroken { since: change.after.opened.unwrap_or(change.after.first_seen) }
        }
        (What::Sighted, _) => quiet(Quiet::AlreadyTold),
        (What::Narrowed, _) => quiet(Quiet::StillElsewhere),
        (What::Recovered, _) if change.after.flapping => quiet(Quiet::Flapping),
        (What::Recovered, _) => AlertReason::Recovered,
        (What::Reopened, Some(before)) if before.flapping && change.after.flapping => quiet(Quiet::Flapping),
        (What::Reopened, _) if change.after.flapping => AlertReason::Flapping,
        (What::Reopened, _) if change.after.odds.intermittent => AlertReason::Intermittent,
        (What::Reopened, _) => AlertReason::Reopened,
        // It may have opened while nobody wanted to hear of it.
        (What::TakenUp, _) if change.after.state == State::Open => {
            AlertReason::StillBroken { since: change.after.opened.unwrap_or(change.after.first_seen) }
        }
        (What::Assigned, Some(before)) if before.handling.assignee != handling.assignee => AlertReason::Assigned,
        (What::ClaimRefused, _) => AlertReason::ClaimRefused,
        (What::Escalated, _) => AlertReason::Escalated,
        // That nobody has done anything about has recovered, as was told: that it stays so is no news to anybody.
        (What::Closed, Some(before)) if before.handling.acknowledged.is_some() || before.flapping => {
            AlertReason::VerifiedClosed
        }
        (What::Closed | What::Passed, _) => quiet(Quiet::AlreadyTold),
        (
            What::Assigned
            | What::Acknowledged
            | What::FixBegun
            | What::FixClaimed
            | What::CalledFalse
            | What::LeftAsItIs
            | What::CalledDuplicate
            | What::TakenUp
            | What::Muted
            | What::Unmuted
            | What::Retagged
            | What::Noted,
            _,
        ) => quiet(Quiet::PeopleKnow),
    }
}

/// Whether this sighting is the first since another `remind_every` went by.
fn reminder_due(before: &Incident, after: &Incident, policy: &AlertPolicy) -> bool {
    let opened = after.opened.unwrap_or(after.first_seen);
    policy.periods(opened, after.last_seen) > policy.periods(opened, before.last_seen)
}

/// Whether this sighting is the first since a time without messages ended.
fn unmuted(before: &Incident, change: &Change) -> bool {
    let ended = before.handling.mute.as_ref().map(|mute| mute.until);
    ended.is_some_and(|ended| before.last_seen < ended && ended <= change.after.last_seen)
}

/// Whether it came and went until now, and has stood for long enough: what people heard last need not hold any more.
fn calmed(before: &Incident, change: &Change) -> bool {
    before.flapping && !change.after.flapping
}
