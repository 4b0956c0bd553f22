//! What is told of a change around a maintenance window. Pure: what was kept quiet follows from the incident and the windows.

use super::decide::hushed;
use super::{AlertReason, Quiet};
use crate::incident::{Change, Incident, What};
use crate::maintenance::{Window, Windows};
use crate::moment::Moment;

/// What is told of `change`, which is told because of `reason` where nothing is planned; and the window behind which it is
/// told for the first time.
///
/// What a walk saw of it in a window, were it only at the walk's begin or end, is told to nobody. The first walk behind the
/// window that still sees it is news. That it is over is told to whom it was told that it began.
pub fn around_windows<'w>(
    change: &Change,
    reason: AlertReason,
    windows: &'w Windows,
) -> (AlertReason, Option<&'w Window>) {
    let incident = &change.after;
    if !incident.may_be_planned() {
        return (reason, None);
    }
    // A walk that began in it saw what was planned, whenever it ended.
    let began = change.sighting.as_ref().map_or(change.at, |sighting| sighting.at);
    let quiet = |until: Moment| AlertReason::Silent(Quiet::Maintenance { until });
    let before = change.before.as_ref();
    let unheard = nobody_heard(before, windows);
    if let Some(window) = windows.amid(&incident.app, &incident.journey, began, change.at) {
        return match reason {
            AlertReason::Recovered if unheard.is_none() => (reason, None),
            reason if is_told_amid(reason) => (reason, None),
            _ => (quiet(window.over()), None),
        };
    }
    if reason == AlertReason::Recovered {
        return (unheard.map_or(reason, quiet), None);
    }
    let seen = matches!(change.what, What::Sighted | What::Worsened);
    // A part that is let go with its whole is no sighting of it.
    let before = before.filter(|before| seen && before.last_seen < incident.last_seen);
    let window =
        before.and_then(|before| windows.over_since(&incident.app, &incident.journey, before.last_seen, began));
    let Some(window) = window else { return (reason, None) };
    let news = match (before.and_then(|before| before.untold(windows)), reason) {
        (_, AlertReason::Silent(why)) if why != Quiet::AlreadyTold => return (reason, None),
        (Some(_), _) => first_told(incident),
        (None, AlertReason::Silent(_)) => {
            AlertReason::StillBroken { since: incident.opened.unwrap_or(incident.first_seen) }
        }
        (None, reason) => reason,
    };
    match hushed(&incident.handling, news, change.at) {
        Some(why) => (AlertReason::Silent(why), None),
        None => (news, Some(window)),
    }
}

/// What is told in a window, too: what answers a person, what ends something, and silence of another kind.
fn is_told_amid(reason: AlertReason) -> bool {
    match reason {
        AlertReason::Assigned | AlertReason::VerifiedClosed | AlertReason::SetAside | AlertReason::Silent(_) => true,
        AlertReason::FirstSeen
        | AlertReason::Intermittent
        | AlertReason::Worsened
        | AlertReason::StillBroken { .. }
        | AlertReason::Recovered
        | AlertReason::Reopened
        | AlertReason::Flapping
        | AlertReason::ClaimRefused
        | AlertReason::Escalated => false,
    }
}

/// How what nobody heard of is told, once it is.
fn first_told(incident: &Incident) -> AlertReason {
    match () {
        () if incident.odds.intermittent => AlertReason::Intermittent,
        () if incident.reopened > 0 => AlertReason::Reopened,
        () => AlertReason::FirstSeen,
    }
}

/// The end of the windows that kept quiet that it opened, where nobody was told since, nor called for it.
fn nobody_heard(before: Option<&Incident>, windows: &Windows) -> Option<Moment> {
    before.filter(|before| !before.was_called_for())?.untold(windows)
}
