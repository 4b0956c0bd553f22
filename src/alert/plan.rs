//! Who hears of a change: the owner map, and the notices it makes.

use super::{AlertPolicy, AlertReason, Bulletin, Place, decide};
use crate::id::NoticeId;
use crate::incident::{Change, DELIVERY, Incident, Kind, QueuedNotice};
use crate::moment::Moment;
use std::collections::BTreeMap;

/// A channel, and the receiver on it where the channel needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The channel's name.
    pub channel: String,
    /// An e-mail address. One route for each, so that each is told, tried again and shown by itself.
    pub to: Option<String>,
}

/// Whom alerts reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// By owner.
    pub owners: BTreeMap<String, Vec<Route>>,
    /// For incidents whose owner is not named, not known, or reached by nothing.
    pub fallback: Vec<Route>,
    /// For the robot's own trouble; the fallback when empty.
    pub operator: Vec<Route>,
}

impl Routes {
    /// Whom a change reaches: of a part, those whom the whole does not reach. That a channel does not deliver is told on
    /// another, whoever's that is.
    fn for_change(&self, change: &Change) -> Vec<&Route> {
        let regular = self.of(&change.after);
        if change.after.detector != DELIVERY {
            let heard = change.whole.as_deref().map_or(&[][..], |whole| self.of(whole));
            return regular.iter().filter(|route| !heard.contains(route)).collect();
        }
        let works = |route: &&Route| route.channel != change.after.step_title;
        let named: Vec<&Route> = regular.iter().filter(works).collect();
        if !named.is_empty() {
            return named;
        }
        let mut others: Vec<&Route> = Vec::new();
        for route in self.owners.values().flatten().chain(&self.operator).chain(&self.fallback).filter(works) {
            if !others.contains(&route) {
                others.push(route);
            }
        }
        others
    }

    fn of(&self, incident: &Incident) -> &[Route] {
        let named = match incident.kind {
            Kind::Robot => Some(&self.operator),
            Kind::App => incident.owner.as_ref().and_then(|owner| self.owners.get(owner)),
        };
        named.filter(|routes| !routes.is_empty()).unwrap_or(&self.fallback)
    }
}

/// What is told to whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The owner map.
    pub routes: Routes,
    /// How much people want to hear.
    pub policy: AlertPolicy,
    /// Where people find what notices speak of.
    pub place: Place,
}

impl Plan {
    /// The notices that `changes` call for, named by `mint`.
    pub fn notices(&self, changes: &[Change], now: Moment, mint: &mut dyn FnMut() -> NoticeId) -> Vec<QueuedNotice> {
        let mut notices = Vec::new();
        for change in changes {
            let reason = decide(change, &self.policy);
            if let AlertReason::Silent(_) = reason {
                continue;
            }
            for route in self.routes.for_change(change) {
                let id = mint();
                let bulletin = Bulletin::of(id, reason, change, &self.place);
                notices.push(QueuedNotice {
                    id,
                    incident: change.after.id,
                    channel: route.channel.clone(),
                    to: route.to.clone(),
                    reason: reason.word().to_owned(),
                    due: now,
                    body: bulletin.to_json(),
                });
            }
        }
        notices
    }
}
