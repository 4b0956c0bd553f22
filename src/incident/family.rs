//! One trouble met by many journeys is one incident: the first of a kin that opens is the whole, later ones are parts of
//! it. It has recovered when the last of them has. People hear of a part only where the whole does not reach them.

use super::{Change, Incident, Kind, Known, Odds, Passes, Policy, State, What};
use crate::actor::Actor;
use crate::id::IncidentId;
use crate::moment::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// `changes` of one walk, with what opened made part of what is open already, and with what that means for the whole.
pub(super) fn gathered(known: &Known, policy: &Policy, changes: Vec<Change>) -> Vec<Change> {
    let incidents = known.incidents.iter().map(|incident| (incident.id, incident.clone())).collect();
    let mut family = Family { incidents, policy, changes: Vec::new() };
    // The walk's own changes first: what follows for a whole builds on them.
    changes.into_iter().for_each(|change| family.take(change));
    family.follow();
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
        let before = change.before.as_ref();
        let was_open = before.is_some_and(|before| before.state == State::Open);
        let was_past = before.is_some_and(|before| before.past.is_some());
        match change.what {
            What::Opened => change.after.parent = self.whole_for(&change.after, change.at),
            What::Reopened | What::Sighted | What::Worsened | What::ClaimRefused => self.stay_or_leave(&mut change),
            What::Recovered if was_open && self.has_open_parts(change.after.id, change.at) => {
                // Told once: later walks of its own journey that get past it, too, say nothing new.
                if was_past {
                    return;
                }
                change.after.recovered = change.before.as_ref().and_then(|before| before.recovered);
                (change.after.state, change.after.past) = (State::Open, Some(change.at));
                change.after.handling.passes = Passes::default();
                change.what = What::Narrowed;
            }
            What::Recovered => change.after.past = None,
            _ => {}
        }
        self.put(change);
    }

    fn put(&mut self, change: Change) {
        debug_assert_eq!(
            change.before.as_ref().map(|before| before.revision),
            self.incidents.get(&change.after.id).map(|known| known.revision),
            "a change is made of what is known"
        );
        self.incidents.insert(change.after.id, change.after.clone());
        self.changes.push(change);
    }

    /// A part that is worse than the whole, or whose whole is not to be found, stands for itself again.
    fn stay_or_leave(&self, change: &mut Change) {
        let Some(parent) = change.after.parent else { return };
        let whole = self.incidents.get(&parent);
        if whole.is_none() && change.what == What::Sighted {
            change.what = What::Reopened;
        }
        if whole.is_none_or(|whole| change.after.severity < whole.severity) {
            (change.after.parent, change.after.flaps, change.after.flapping) = (None, 0, false);
        }
    }

    /// The whole that `newcomer` is a part of: of the same cause before what only looks alike, the oldest first.
    fn whole_for(&self, newcomer: &Incident, at: Moment) -> Option<IncidentId> {
        let kin = newcomer.kin.as_ref().filter(|_| newcomer.kind == Kind::App)?;
        let found = self.incidents.values().filter(|whole| self.takes_parts(whole, newcomer, at)).filter_map(|whole| {
            let members = || self.open_parts(whole.id).chain([whole]).filter_map(|member| member.kin.as_ref());
            let near = apart(at, whole.opened.unwrap_or(whole.first_seen)) <= self.policy.gather_within;
            let same_cause = members().any(|theirs| theirs.is_one_with(kin, false));
            let alike = near && members().any(|theirs| theirs.is_one_with(kin, true));
            (same_cause || alike).then_some((!same_cause, whole.opened, whole.id))
        });
        found.min().map(|(_, _, id)| id)
    }

    fn takes_parts(&self, whole: &Incident, newcomer: &Incident, at: Moment) -> bool {
        whole.id != newcomer.id
            && whole.kind == Kind::App
            && whole.state == State::Open
            && whole.parent.is_none()
            && whole.app == newcomer.app
            // What comes and goes is told when it has calmed, what is worse at once.
            && !whole.flapping
            // People who heard of what some meet have not heard of what all meet.
            && (newcomer.odds.intermittent || !whole.odds.intermittent)
            && whole.severity <= newcomer.severity
            // Who wants to hear nothing of the one has not heard of the other.
            && !whole.handling.is_quiet(at)
            && (self.stands(whole, at) || self.has_open_parts(whole.id, at))
    }

    /// Whether anybody still looks: an incident of a journey that is not walked any more keeps nothing open and takes
    /// nothing in.
    fn stands(&self, incident: &Incident, at: Moment) -> bool {
        apart(at, incident.last_seen) <= self.policy.stands_within
    }

    fn open_parts(&self, whole: IncidentId) -> impl Iterator<Item = &Incident> {
        self.incidents.values().filter(move |part| part.parent == Some(whole) && part.state == State::Open)
    }

    fn has_open_parts(&self, whole: IncidentId, at: Moment) -> bool {
        self.open_parts(whole).any(|part| self.stands(part, at))
    }

    /// What the walk's own changes bring about in the wholes they belong to.
    fn follow(&mut self) {
        let own = self.changes.clone();
        for change in own.iter().filter(|change| change.after.parent.is_some()) {
            match change.what {
                What::Opened | What::Reopened | What::Sighted | What::Worsened | What::ClaimRefused => {
                    self.seen_in_part(change);
                }
                What::Recovered => self.recover_whole(change),
                _ => {}
            }
        }
        for change in own.iter().filter(|change| change.what == What::Recovered) {
            self.release(change);
        }
        for change in &mut self.changes {
            change.whole = change.after.parent.and_then(|whole| self.incidents.get(&whole)).cloned().map(Box::new);
        }
    }

    /// Where its own journey does not meet it any more, the whole shows what others meet.
    fn seen_in_part(&mut self, change: &Change) {
        let part = &change.after;
        let Some(whole) = part.parent.and_then(|parent| self.incidents.get(&parent)).cloned() else { return };
        let mut after = whole.clone();
        let what = match whole.state {
            State::Open if after.refuse_claim(part.last_seen, change.at) => What::ClaimRefused,
            State::Open if whole.past.is_none() => return,
            State::Open => What::Sighted,
            State::Suspected | State::Recovered => {
                after.reopen(change.at, self.policy);
                (after.past, after.odds) = (Some(change.at), Odds::default());
                What::Reopened
            }
        };
        after.last_seen = after.last_seen.max(part.last_seen);
        after.failing_walk = part.failing_walk;
        after.cause = part.cause.clone().or(after.cause);
        after.picture = part.picture.clone().or(after.picture);
        self.put(follows(change, what, whole, after));
    }

    fn recover_whole(&mut self, change: &Change) {
        let Some(whole) = change.after.parent.and_then(|parent| self.incidents.get(&parent)).cloned() else { return };
        if whole.state != State::Open || whole.past.is_none() || self.has_open_parts(whole.id, change.at) {
            return;
        }
        let after = Incident {
            state: State::Recovered,
            recovered: Some(change.at),
            past: None,
            odds: Odds::default(),
            ..whole.clone()
        };
        let over = follows(change, What::Recovered, whole, after);
        self.put(over.clone());
        self.release(&over);
    }

    /// Parts that nobody looks at any more do not go with their whole: they are shown for themselves.
    fn release(&mut self, over: &Change) {
        let whole = over.after.id;
        let is_over = self.incidents.get(&whole).is_some_and(|whole| whole.state == State::Recovered);
        let left: Vec<Incident> = self.open_parts(whole).filter(|_| is_over).cloned().collect();
        for part in left {
            let after = Incident { parent: None, ..part.clone() };
            self.put(follows(over, What::Sighted, part, after));
        }
    }
}

/// What a change brings about in another incident. The stamp stays: it orders the walks of that one's own journey.
fn follows(change: &Change, what: What, before: Incident, after: Incident) -> Change {
    let after = Incident { revision: before.revision + 1, ..after };
    let (before, walk, at, by) = (Some(before), change.walk, change.at, Actor::Robot);
    Change { what, before, after, sighting: None, whole: None, walk, at, by, why: String::new() }
}

/// How far apart two moments are, whichever came first.
fn apart(one: Moment, other: Moment) -> Duration {
    one.since(other).max(other.since(one))
}
