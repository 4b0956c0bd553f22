//! One trouble met by many journeys is one incident: the first of a kin that opens stands for all, later ones are parts of
//! it. It has recovered when the last of them has.

use super::{Change, Incident, Kind, Known, Policy, State, What};
use crate::id::IncidentId;
use crate::moment::Moment;
use std::collections::BTreeMap;

/// `changes` of one walk, with what opened made part of what is open already, and with what that means for the whole.
pub(super) fn gathered(known: &Known, policy: &Policy, changes: Vec<Change>) -> Vec<Change> {
    let incidents = known.incidents.iter().map(|incident| (incident.id, incident.clone())).collect();
    let mut family = Family { incidents, policy, changes: Vec::new() };
    changes.into_iter().for_each(|change| family.take(change));
    family.changes
}

struct Family<'a> {
    /// As they are after the changes taken so far.
    incidents: BTreeMap<IncidentId, Incident>,
    policy: &'a Policy,
    changes: Vec<Change>,
}

impl Family<'_> {
    fn take(&mut self, mut change: Change) {
        let was_open = change.before.as_ref().is_some_and(|before| before.state == State::Open);
        match change.what {
            What::Opened | What::Reopened => {
                change.after.parent = self.head_for(&change.after, change.at);
                self.put(change.clone());
                self.worsen_head(&change);
            }
            What::Sighted | What::Worsened => {
                self.put(change.clone());
                self.worsen_head(&change);
            }
            What::Recovered if was_open && self.has_open_parts(change.after.id) => {
                (change.after.state, change.after.past) = (State::Open, Some(change.at));
                change.after.recovered = change.before.as_ref().and_then(|before| before.recovered);
                // Told once; later walks of its own journey that get past it, too, say nothing new.
                if change.before.as_ref().is_some_and(|before| before.past.is_none()) {
                    self.put(Change { what: What::Narrowed, ..change });
                }
            }
            What::Recovered if was_open => {
                self.put(change.clone());
                self.recover_head(&change);
            }
            _ => self.put(change),
        }
    }

    fn put(&mut self, change: Change) {
        self.incidents.insert(change.after.id, change.after.clone());
        self.changes.push(change);
    }

    /// Who stands for the kin of `newcomer`, if anybody does.
    fn head_for(&self, newcomer: &Incident, at: Moment) -> Option<IncidentId> {
        let kin = newcomer.kin.as_ref().filter(|_| newcomer.kind == Kind::App)?;
        let near = |head: &Incident| at.since(head.opened.unwrap_or(head.first_seen)) <= self.policy.gather_within;
        let stands = |head: &&Incident| {
            head.id != newcomer.id
                && head.state == State::Open
                && head.parent.is_none()
                && head.app == newcomer.app
                && head.kin.as_ref().is_some_and(|theirs| theirs.is_one_with(kin, near(head)))
        };
        self.incidents.values().filter(stands).min_by_key(|head| (head.opened, head.id)).map(|head| head.id)
    }

    fn has_open_parts(&self, head: IncidentId) -> bool {
        self.incidents.values().any(|part| part.parent == Some(head) && part.state == State::Open)
    }

    fn open_head_of(&self, change: &Change) -> Option<&Incident> {
        let head = self.incidents.get(&change.after.parent?)?;
        (head.state == State::Open).then_some(head)
    }

    /// A part that is worse than the whole makes the whole worse.
    fn worsen_head(&mut self, part: &Change) {
        let severity = part.after.severity;
        let Some(head) = self.open_head_of(part).filter(|head| severity < head.severity).cloned() else { return };
        let after = Incident { severity, ..head.clone() };
        self.put(follows(part, What::Worsened, head, after));
    }

    fn recover_head(&mut self, part: &Change) {
        let Some(head) = self.open_head_of(part).cloned() else { return };
        if head.past.is_none() || self.has_open_parts(head.id) {
            return;
        }
        let after = Incident { state: State::Recovered, recovered: Some(part.at), past: None, ..head.clone() };
        self.put(follows(part, What::Recovered, head, after));
    }
}

/// What a change of a part brings about in the whole. The stamp stays: it orders the walks of the whole's own journey.
fn follows(part: &Change, what: What, before: Incident, after: Incident) -> Change {
    let after = Incident { revision: before.revision + 1, ..after };
    Change { what, before: Some(before), after, sighting: None, walk: part.walk, at: part.at }
}
