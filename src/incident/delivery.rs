//! The robot's own trouble with telling people: one incident a channel, from the first notice that was given up until
//! the channel accepts one again. No walk brings it about, and none ends it.

use super::{Change, Handling, Incident, Kind, Known, Odds, State, What};
use crate::actor::Actor;
use crate::finding::{Bilingual, Fingerprint, Severity};
use crate::id::{IncidentId, JourneyId, StepId, WalkId};
use crate::moment::Moment;
use crate::walk::Attribution;
use std::collections::{BTreeMap, BTreeSet};

/// The detector named by these incidents.
pub const DELIVERY: &str = "alert-delivery";

/// How a channel fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// A notice was given up.
    GivenUp {
        /// What the receiver said last.
        said: &'a str,
        /// The walk that the notice was about.
        walk: WalkId,
    },
    /// A notice was accepted.
    Accepted,
}

/// The journey these incidents stand under; no script has it.
pub fn delivery_journey() -> JourneyId {
    DELIVERY.parse().expect("invariant: a constant slug")
}

/// What `delivery` on `channel` at `now` changes about what is known of `delivery_journey`. A new incident is named
/// by `mint`.
pub fn delivery_change(
    known: &Known,
    channel: &str,
    delivery: Delivery<'_>,
    now: Moment,
    mint: &mut dyn FnMut() -> IncidentId,
) -> Option<Change> {
    let step = StepId(channel.to_owned());
    let print = Fingerprint::of(&delivery_journey(), &step, DELIVERY, "", channel);
    let mine = known.incidents.iter().filter(|incident| incident.fingerprint == print);
    let before = mine.max_by_key(|incident| (incident.state != State::Recovered, incident.first_seen, incident.id));
    let (what, after) = match (delivery, before) {
        (Delivery::Accepted, Some(before)) if before.state == State::Open => {
            // No walk comes by here: that the channel accepts is all there is to be seen.
            let handling = Handling { closed: Some(now), ..before.handling.clone() };
            let changed = Incident { state: State::Recovered, recovered: Some(now), handling, ..before.clone() };
            (What::Recovered, Incident { judged: (now, before.failing_walk), ..changed })
        }
        (Delivery::Accepted, _) => return None,
        (Delivery::GivenUp { said, walk }, None) => (What::Opened, fresh(print, step, said, walk, now, mint())),
        (Delivery::GivenUp { said, walk }, Some(before)) => {
            let again = before.state == State::Recovered;
            let mut after = before.clone();
            (after.state, after.cause, after.last_seen) = (State::Open, Some(said.to_owned()), now);
            (after.failing_walk, after.judged) = (walk, (now, walk));
            after.sightings += 1;
            if again {
                after.handling.begin_anew(now);
                after.opened = Some(now);
                after.reopened += 1;
            }
            (if again { What::Reopened } else { What::Sighted }, after)
        }
    };
    let revision = before.map_or(1, |before| before.revision + 1);
    let after = Incident { revision, ..after };
    let walk = after.failing_walk;
    let (before, by) = (before.cloned(), Actor::Robot);
    Some(Change { what, before, after, sighting: None, whole: None, walk, at: now, by, why: String::new() })
}

fn fresh(print: Fingerprint, step: StepId, said: &str, walk: WalkId, now: Moment, id: IncidentId) -> Incident {
    let channel = step.0.clone();
    Incident {
        id,
        fingerprint: print,
        kind: Kind::Robot,
        kin: None,
        parent: None,
        past: None,
        app: "gengfu".to_owned(),
        journey: delivery_journey(),
        title: "告警投递 · alert delivery".to_owned(),
        step: Some(step),
        step_title: channel.clone(),
        route: String::new(),
        devices: BTreeSet::new(),
        detector: DELIVERY.to_owned(),
        class: None,
        severity: Severity::P2,
        attribution: Attribution::Robot,
        headline: Bilingual::new(
            format!("渠道“{channel}”有告警没有送达，责任人可能不知情"),
            format!("a notice was given up on the channel `{channel}`: whoever it was for may not know"),
        ),
        cause: Some(said.to_owned()),
        state: State::Open,
        suspicion: None,
        first_seen: now,
        last_seen: now,
        opened: Some(now),
        recovered: None,
        sightings: 1,
        unconfirmed: 0,
        reopened: 0,
        flaps: 0,
        odds: Odds::default(),
        flapping: false,
        digest: String::new(),
        good_walk: None,
        failing_walk: walk,
        picture: None,
        owner: None,
        tags: BTreeMap::new(),
        previous: None,
        judged: (now, walk),
        handling: Handling::default(),
        revision: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(known: &mut Known, channel: &str, delivery: Delivery<'_>, at: i64) -> Option<What> {
        let now = Moment::from_millis(at);
        let change = delivery_change(known, channel, delivery, now, &mut IncidentId::fresh)?;
        known.incidents.retain(|incident| incident.id != change.after.id);
        known.incidents.push(change.after);
        Some(change.what)
    }

    #[test]
    fn a_channel_is_one_incident_until_it_accepts_again() {
        let mut known = Known::default();
        let given_up = Delivery::GivenUp { said: "550 no such mailbox", walk: WalkId::fresh() };
        let told = [
            tell(&mut known, "mail", Delivery::Accepted, 1),
            tell(&mut known, "mail", given_up, 2),
            tell(&mut known, "mail", given_up, 3),
            tell(&mut known, "hook", given_up, 4),
            tell(&mut known, "mail", Delivery::Accepted, 5),
            tell(&mut known, "mail", Delivery::Accepted, 6),
            tell(&mut known, "mail", given_up, 7),
        ];
        let expected = [
            None,
            Some(What::Opened),
            Some(What::Sighted),
            Some(What::Opened),
            Some(What::Recovered),
            None,
            Some(What::Reopened),
        ];
        assert_eq!(told, expected);
        assert_eq!(known.incidents.len(), 2);
    }
}
