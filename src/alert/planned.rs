//! What is told of a change around a maintenance window. Pure: what windows kept quiet is kept with the incident.

use super::decide::hushed;
use super::{AlertReason, Quiet};
use crate::incident::{Change, Incident, Untold, What};
use crate::maintenance::{Window, Windows};
use std::collections::BTreeSet;

/// What is told of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<'w> {
    /// Why, or why nothing is.
    pub reason: AlertReason,
    /// The window behind which it is told for the first time.
    pub behind: Option<&'w Window>,
    /// What people have still not been told of the incident then.
    pub untold: BTreeSet<Untold>,
}

impl From<AlertReason> for Told<'_> {
    fn from(reason: AlertReason) -> Self {
        Self { reason, behind: None, untold: BTreeSet::new() }
    }
}

impl Told<'_> {
    /// Whether people hear for the first time that it is there, or how grave it is.
    pub(super) fn is_news(&self, change: &Change) -> bool {
        let unheard = |before: &Incident| before.handling.is_unheard() || change.after.severity < before.severity;
        let told = !matches!(self.reason, AlertReason::Silent(_) | AlertReason::Recovered | AlertReason::SetAside);
        told && (waits(self.reason) == Some(Untold::Opened) || change.before.as_ref().is_some_and(unheard))
    }
}

/// What is told of `change`, which is told because of `reason` where nothing is planned.
///
/// What a walk saw of it in a window, were it only at the walk's begin or end, is told to nobody. The first walk behind the
/// window that still sees it is news where something of it was kept quiet. That it is over is told to whom it was told that it began.
pub fn around_windows<'w>(change: &Change, reason: AlertReason, windows: &'w Windows) -> Told<'w> {
    let (before, incident) = (change.before.as_ref(), &change.after);
    if !incident.may_be_planned() {
        return reason.into();
    }
    let kept = before.map(|before| before.handling.untold.clone()).unwrap_or_default();
    if reason == AlertReason::Recovered {
        let unheard = kept.contains(&Untold::Opened);
        return if unheard { AlertReason::Silent(Quiet::Maintenance).into() } else { reason.into() };
    }
    // A walk that began in it saw what was planned, whenever it ended.
    let began = change.sighting.as_ref().map_or(change.at, |sighting| sighting.at);
    let amid = incident.kept_quiet_amid(windows, began, change.at).is_some();
    let news = waits(reason);
    if let Some(news) = news.filter(|_| amid) {
        let untold = kept.into_iter().chain([news]).collect();
        return Told { untold, ..AlertReason::Silent(Quiet::Maintenance).into() };
    }
    let Some(before) = before.filter(|before| !amid && !kept.is_empty() && is_seen(change, before)) else {
        // Whatever people are told of it, they see in the queue how it stands.
        let untold = if matches!(reason, AlertReason::Silent(_)) { kept } else { BTreeSet::new() };
        return Told { untold, ..reason.into() };
    };
    // What people want to hear, where they want to hear any of it; the most important first.
    let waited = kept.iter().map(|kept| (*kept, overdue(*kept, incident)));
    let mut all: Vec<(Untold, AlertReason)> = waited.chain(news.map(|news| (news, reason))).collect();
    all.sort_by_key(|(news, _)| *news);
    match all.iter().find(|(_, reason)| hushed(&incident.handling, *reason, change.at).is_none()) {
        Some((_, reason)) => {
            let behind = windows.over_since(&incident.app, &incident.journey, before.last_seen, began);
            Told { behind, ..(*reason).into() }
        }
        None => {
            let quiet = all.first().and_then(|(_, reason)| hushed(&incident.handling, *reason, change.at));
            Told { untold: kept, ..quiet.map_or(reason, AlertReason::Silent).into() }
        }
    }
}

/// Whether a walk saw the incident: a part that is let go with its whole was seen by none.
fn is_seen(change: &Change, before: &Incident) -> bool {
    matches!(change.what, What::Sighted | What::Worsened | What::ClaimRefused)
        && before.last_seen < change.after.last_seen
}

/// What has to be told behind a window that keeps `reason` quiet; `None` where it is told in the window, too: what answers
/// a person, what ends something, and silence of another kind.
fn waits(reason: AlertReason) -> Option<Untold> {
    match reason {
        AlertReason::FirstSeen | AlertReason::Intermittent | AlertReason::Reopened | AlertReason::Flapping => {
            Some(Untold::Opened)
        }
        AlertReason::Worsened => Some(Untold::Worsened),
        AlertReason::StillBroken { .. } | AlertReason::ClaimRefused | AlertReason::Escalated => Some(Untold::Lasting),
        AlertReason::Recovered
        | AlertReason::Assigned
        | AlertReason::VerifiedClosed
        | AlertReason::SetAside
        | AlertReason::Silent(_) => None,
    }
}

/// How what waited is told, once it is.
fn overdue(kept: Untold, incident: &Incident) -> AlertReason {
    match kept {
        Untold::Opened if incident.flapping => AlertReason::Flapping,
        Untold::Opened if incident.odds.intermittent => AlertReason::Intermittent,
        Untold::Opened if incident.reopened > 0 => AlertReason::Reopened,
        Untold::Opened => AlertReason::FirstSeen,
        Untold::Worsened => AlertReason::Worsened,
        Untold::Lasting => AlertReason::StillBroken { since: incident.opened.unwrap_or(incident.first_seen) },
    }
}
