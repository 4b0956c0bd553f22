//! What is told of a change around a maintenance window. Pure: what was kept quiet follows from the incident and the windows.

use super::decide::hushed;
use super::{AlertPolicy, AlertReason, Quiet};
use crate::incident::{Change, Incident, Stage, What};
use crate::maintenance::{Window, Windows};
use crate::moment::Moment;

/// What is told of `change`, which is told because of `reason` where nothing is planned; and the window behind which it is
/// told for the first time.
///
/// What a walk saw of it in a window, were it only at the walk's begin or end, is told to nobody. The first walk behind the
/// window that still sees it is news where something of it was kept quiet. That it is over is told to whom it was told that it began.
pub fn around_windows<'w>(
    change: &Change,
    reason: AlertReason,
    windows: &'w Windows,
    policy: &AlertPolicy,
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
    let (Some(before), Some(window)) = (
        before,
        before.and_then(|before| windows.over_since(&incident.app, &incident.journey, before.last_seen, began)),
    ) else {
        return (reason, None);
    };
    let news = kept_quiet(before, incident, windows, policy)
        .into_iter()
        .chain((!matches!(reason, AlertReason::Silent(_))).then_some(reason))
        .map(|news| hushed(&incident.handling, news, change.at).map_or(news, AlertReason::Silent));
    // What people want to hear, where they want to hear any of it.
    let mut news: Vec<AlertReason> = news.collect();
    news.sort_by_key(|news| matches!(news, AlertReason::Silent(_)));
    match news.first() {
        Some(silent @ AlertReason::Silent(_)) => (*silent, None),
        Some(news) => (*news, Some(window)),
        None => (reason, None),
    }
}

/// What nobody was told of `before` because of the windows in which it was last seen, the most important first.
fn kept_quiet(before: &Incident, after: &Incident, windows: &Windows, policy: &AlertPolicy) -> Vec<AlertReason> {
    let still = AlertReason::StillBroken { since: after.opened.unwrap_or(after.first_seen) };
    [
        before.untold(windows).map(|_| first_told(after)),
        before.is_worse_untold(windows).then_some(AlertReason::Worsened),
        is_due_again(before, windows, policy).then_some(still),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether it would have been told in those windows that it lasts; in doubt, it would.
fn is_due_again(before: &Incident, windows: &Windows, policy: &AlertPolicy) -> bool {
    let handling = &before.handling;
    let amid = before.seen_amid(windows);
    let falls = |at: Option<Moment>| amid.zip(at).is_some_and(|((from, _), at)| from <= at && at <= before.last_seen);
    let opened = before.opened.unwrap_or(before.first_seen);
    let reminded =
        amid.is_some_and(|(from, _)| policy.periods(opened, from) < policy.periods(opened, before.last_seen));
    // It opened in an earlier window, and it may be that no walk saw it between the two.
    let unsure = handling.acknowledged.is_none() && !before.was_called_for() && {
        let opening = before.standstill(windows).until(opened);
        opening.is_some_and(|over| over <= before.last_seen)
    };
    let refused = handling.refused > 0 && falls(handling.since.filter(|_| handling.stage == Stage::Fixing));
    reminded || unsure || refused || falls(handling.mute.as_ref().map(|mute| mute.until))
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
