//! Walks that nobody's schedule asks for: those that show whether an incident is over. Which of them is made now. Pure.

use crate::id::IncidentId;
use crate::incident::{Incident, Kind, VerifyPolicy};
use crate::moment::Moment;
use std::collections::BTreeMap;

/// What was tried when.
#[derive(Debug, Default)]
pub(super) struct Errands {
    tried: BTreeMap<IncidentId, Moment>,
    /// Where the next look at the queue goes on; its beginning when there is no more.
    pub from: Option<IncidentId>,
}

impl Errands {
    /// Those of `in_hand` for which a walk is due at `now`, what waits longest first. What was tried long ago is forgotten.
    pub fn due<'a>(&mut self, in_hand: &'a [Incident], now: Moment, policy: &VerifyPolicy) -> Vec<&'a Incident> {
        self.tried.retain(|_, tried| now.since(*tried) <= policy.within);
        let when = |incident: &Incident| incident.verify_due(self.tried.get(&incident.id).copied(), policy);
        let mut due: Vec<(Moment, &Incident)> = in_hand
            .iter()
            .filter(|incident| incident.kind == Kind::App)
            .filter_map(|incident| Some((when(incident).filter(|due| *due <= now)?, incident)))
            .collect();
        due.sort_by_key(|(due, incident)| (*due, incident.id));
        due.into_iter().map(|(_, incident)| incident).collect()
    }

    /// A walk is made for it now.
    pub fn tried(&mut self, incident: IncidentId, now: Moment) {
        self.tried.insert(incident, now);
    }
}
