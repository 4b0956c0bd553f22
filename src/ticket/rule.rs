//! Which incidents have a ticket, and what the words of its system mean.

use super::{Category, Seen};
use crate::finding::Severity;
use crate::incident::{Incident, Kind, State};
use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Which incidents have a ticket in a system, and how far the two follow each other.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Only of these severities; all where none is named.
    pub severities: BTreeSet<Severity>,
    /// Only of these apps; all where none is named.
    pub apps: BTreeSet<String>,
    /// Only of these owners; all where none is named.
    pub owners: BTreeSet<String>,
    /// What its words mean.
    pub mapping: Mapping,
    /// How often its status is asked for.
    pub poll_every: Duration,
    /// A ticket that was closed within this is opened again for the same trouble; later there is a new one.
    pub reopen_within: Duration,
    /// What becomes of a ticket that a person closed while the fault lasts.
    pub closed_early: EarlyClosing,
    /// Whether the system's word that something is not mended, or is no fault, is an approver's.
    pub approves: bool,
}

/// What becomes of a ticket that a person closed while the fault lasts: either once, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlyClosing {
    /// A comment says that the fault lasts.
    Comment,
    /// It is opened again, with that comment.
    Reopen,
}

/// What a ticket's status says about its incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// Nobody has taken it up.
    New,
    /// Somebody knows of it.
    Acknowledged,
    /// Somebody mends it.
    Fixing,
    /// Somebody says that it is mended.
    FixClaimed,
    /// It stays as it is.
    WontFix,
    /// Nothing is wrong.
    FalseAlarm,
    /// Nothing.
    Nothing,
}

impl Meaning {
    /// Every meaning.
    pub const ALL: [Meaning; 7] = [
        Meaning::New,
        Meaning::Acknowledged,
        Meaning::Fixing,
        Meaning::FixClaimed,
        Meaning::WontFix,
        Meaning::FalseAlarm,
        Meaning::Nothing,
    ];

    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Meaning::New => "new",
            Meaning::Acknowledged => "acknowledged",
            Meaning::Fixing => "fixing",
            Meaning::FixClaimed => "fix-claimed",
            Meaning::WontFix => "wont-fix",
            Meaning::FalseAlarm => "false-alarm",
            Meaning::Nothing => "nothing",
        }
    }
}

/// A system's own words, and what they mean here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// States, in small letters.
    pub states: BTreeMap<String, Meaning>,
    /// Resolutions, in small letters; of a ticket that is done they decide before its state.
    pub resolutions: BTreeMap<String, Meaning>,
    /// What a severity is called there.
    pub severities: BTreeMap<Severity, String>,
    /// Fields of a new ticket beyond the usual, as JSON; `{journey}`, `{app}`, … in their texts are filled in.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// The move that ends a ticket whose incident is closed; only a comment where there is none.
    pub resolve: Option<String>,
    /// The move that opens one again.
    pub reopen: Option<String>,
}

impl Mapping {
    /// What `seen` says about the incident.
    pub fn meaning(&self, seen: &Seen) -> Meaning {
        let done = seen.category == Category::Done;
        let resolution = seen.resolution.as_ref().filter(|_| done);
        let known = resolution.and_then(|word| self.resolutions.get(&word.to_lowercase()));
        known.or_else(|| self.states.get(&seen.status.to_lowercase())).copied().unwrap_or(match seen.category {
            Category::New => Meaning::New,
            Category::Doing => Meaning::Fixing,
            Category::Done => Meaning::FixClaimed,
        })
    }
}

impl Rule {
    /// Whether `incident` is to have a ticket now. Parts of another have none: people hear of the whole.
    pub fn wants(&self, incident: &Incident, now: Moment) -> bool {
        let named = |names: &BTreeSet<String>, name: &str| names.is_empty() || names.contains(name);
        incident.kind == Kind::App
            && incident.state == State::Open
            && incident.parent.is_none()
            && !incident.handling.is_quiet(now)
            && (self.severities.is_empty() || self.severities.contains(&incident.severity))
            && named(&self.apps, &incident.app)
            && named(&self.owners, incident.owner.as_deref().unwrap_or("default"))
    }
}
