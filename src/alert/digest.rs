//! The digest: one message that tells of several incidents, and its published JSON (`incident-digest.v1`).

mod words;

pub use words::render_digest;

use super::Bulletin;
use crate::id::NoticeId;
use crate::incident::State;
use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The version of this shape. Fields are added freely; a change of meaning takes a new version.
pub const DIGEST_VERSION: &str = "incident-digest.v1";

/// So many events stand in a digest in full; of the others, the name and the state.
pub const EVENTS_MAX: usize = 100;

/// Several incidents at once, for machines, each as it was when the digest was written. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// `DIGEST_VERSION`.
    pub version: String,
    /// The message's name: the same whenever this digest is delivered again.
    pub event_id: String,
    /// `incident.digest`.
    pub event_type: String,
    /// When it was written.
    pub occurred_at: String,
    /// How many there are of what.
    pub counts: DigestCounts,
    /// The events of the worst, worst first.
    pub events: Vec<Bulletin>,
    /// All others, worst first.
    pub others: Vec<DigestOther>,
    /// The page that shows them all.
    pub console_url: Option<String>,
    /// The channels that did not accept some of it, where this one stands in for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
}

/// How many incidents a digest tells of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DigestCounts {
    /// All.
    pub incidents: u32,
    /// Those that last.
    pub open: u32,
    /// Those that were over before this could be sent, or are by now.
    pub over: u32,
    /// Of those that last, how many of each severity.
    pub open_by_severity: BTreeMap<String, u32>,
    /// Of those that last, how many in each app.
    pub open_by_app: BTreeMap<String, u32>,
}

/// An event that a digest names and does not tell in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestOther {
    /// The event's name.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// The incident.
    pub incident_id: String,
    /// `P1` to `P3`.
    pub severity: String,
    /// Where it stands.
    pub state: String,
}

impl From<&Bulletin> for DigestOther {
    fn from(told: &Bulletin) -> Self {
        Self {
            event_id: told.event_id.clone(),
            event_type: told.event_type.clone(),
            incident_id: told.incident_id.clone(),
            severity: told.severity.clone(),
            state: told.state.clone(),
        }
    }
}

impl Digest {
    /// What `told` comes to at `now`: one event an incident, each brought up to date.
    pub fn of(id: NoticeId, mut told: Vec<Bulletin>, now: Moment) -> Self {
        told.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let counts = DigestCounts::of(&told);
        let others = told.iter().skip(EVENTS_MAX).map(DigestOther::from).collect();
        let instead_of: BTreeSet<&str> = told.iter().filter_map(|told| told.instead_of.as_deref()).collect();
        let instead_of = (!instead_of.is_empty()).then(|| instead_of.into_iter().collect::<Vec<_>>().join(", "));
        // An incident's page stands under the page of all.
        let page = told.first().and_then(|worst| worst.console_url.as_deref()).and_then(|page| page.rsplit_once('/'));
        let console_url = page.map(|(all, _)| all.to_owned());
        told.truncate(EVENTS_MAX);
        Self {
            version: DIGEST_VERSION.to_owned(),
            event_id: id.to_string(),
            event_type: "incident.digest".to_owned(),
            occurred_at: now.to_string(),
            counts,
            events: told,
            others,
            console_url,
            instead_of,
        }
    }

    /// As JSON, the form it is kept and sent in.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("invariant: a digest has string keys only")
    }

    /// The worst that it tells of.
    pub fn worst(&self) -> Option<&Bulletin> {
        self.events.first()
    }
}

impl DigestCounts {
    fn of(told: &[Bulletin]) -> Self {
        let mut counts = Self::default();
        for told in told {
            counts.incidents += 1;
            if is_over(told) {
                counts.over += 1;
                continue;
            }
            counts.open += 1;
            *counts.open_by_severity.entry(told.severity.clone()).or_default() += 1;
            *counts.open_by_app.entry(told.app.clone()).or_default() += 1;
        }
        counts
    }
}

/// Whether customers meet it no more.
pub(super) fn is_over(told: &Bulletin) -> bool {
    told.state == State::Recovered.word()
}

/// What lasts before what is over, the worst first, then what was opened last: the newest of a storm says most of it.
fn rank(told: &Bulletin) -> (bool, &str, Reverse<&str>, &str) {
    let opened = told.opened.as_deref().unwrap_or(&told.first_seen);
    (is_over(told), &told.severity, Reverse(opened), &told.incident_id)
}
