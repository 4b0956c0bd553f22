//! What a walk has read of its oracles so far.

use super::breach::{Breach, BreachKind};
use super::judgement::{Judgement, judge};
use super::ledger;
use super::page::Page;
use crate::journey::Value;
use crate::journey::oracle::{Oracle, Place, PlaceSource, Subject};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The most values a walk remembers.
const FACTS_MAX: usize = 50_000;

/// A place that is to be read, by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub(super) oracle: usize,
    pub(super) subject: usize,
    pub(super) place: usize,
}

/// What was read at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Which.
    pub asked: Asked,
    /// Its rows in order.
    pub rows: Vec<Row>,
    /// Whether rows stand there of which nobody knows which they are.
    pub unkeyed: bool,
}

/// One row of a place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// What tells it from others; empty where there is one row only.
    pub key: String,
    /// Texts by figure; what does not stand in the row is left out.
    pub read: BTreeMap<String, String>,
}

/// The time of a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The day where the app is.
    pub today: Date,
    /// Since the walk's start.
    pub offset: Duration,
}

/// A value, and when it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    pub value: Value,
    pub read: Duration,
}

/// Oracle, subject, key and figure.
pub(super) type FactKey = (usize, usize, String, String);
/// What each place said last.
pub(super) type Facts = BTreeMap<FactKey, BTreeMap<usize, Fact>>;

/// How a claim fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fared {
    Judged,
    /// Why it could not be.
    Unjudged(String),
}

/// Holds what a walk reads to its journey's oracles.
#[derive(Debug, Default)]
pub struct Witness {
    pub(super) oracles: Vec<Arc<Oracle>>,
    /// The names of the account that the walk is made as.
    pub(super) account: Vec<String>,
    pub(super) facts: Facts,
    /// Claims that rest on what a registry says of some row, or would have.
    pub(super) leaning: BTreeSet<String>,
    /// Figures of rows that were told to be wrong by themselves.
    pub(super) wrong: BTreeSet<(String, String)>,
    /// What was told in this walk, and is not told again.
    told: BTreeSet<(BreachKind, String)>,
    /// What has been waited for in vain.
    waited: BTreeSet<(BreachKind, String)>,
    claims: BTreeMap<String, Fared>,
    /// Figures of places that were come to, and whether any was ever read.
    seen: BTreeMap<String, bool>,
    /// Sockets that had to speak, and did.
    pub(super) spoke: BTreeSet<String>,
    /// Figures of which places alone said different things, and claims false by what they said: no registry is needed to know.
    pub(super) apart: BTreeSet<String>,
}

impl Witness {
    /// Before anything was read.
    pub fn new(oracles: Vec<Arc<Oracle>>) -> Self {
        Self { oracles, ..Self::default() }
    }

    /// The same for a walk that is made as an account, known by any of these names: held to what is known of it, and to what
    /// others own.
    pub fn made_as(self, names: Vec<String>) -> Self {
        Self { account: names, ..self }
    }

    /// Whether there is anything to hold to.
    pub fn is_idle(&self) -> bool {
        self.oracles.is_empty()
    }

    /// The places to be read on a page: its own, and answers, which may have come since.
    pub fn asked(&self, page: &Page) -> Vec<(Asked, &Place)> {
        let here = |place: &Place| match &place.source {
            PlaceSource::Page { on, .. } => page.is_on(on),
            PlaceSource::Answer { .. } => true,
        };
        let mut all = Vec::new();
        for (oracle, held) in self.oracles.iter().enumerate() {
            for (subject, of) in held.subjects.iter().enumerate() {
                let places = of.places.iter().enumerate().filter(|(_, place)| here(place));
                all.extend(places.map(|(place, at)| (Asked { oracle, subject, place }, at)));
            }
        }
        all
    }

    /// What of `read`, and of the page's `text`, cannot be, and was not told before.
    pub fn judge(&self, page: &Page, read: &[Rows], text: &str, now: Now) -> Judgement {
        let mut judgement = judge(self, page, read, text, now);
        judgement.breaches.retain(|breach| !self.told.contains(&(breach.kind, breach.topic.clone())));
        judgement
    }

    /// Whether there is anything in a judgement that nobody has waited for yet.
    pub fn is_news(&self, judgement: &Judgement) -> bool {
        judgement.breaches.iter().any(|b| !self.waited.contains(&(b.kind, b.topic.clone())))
    }

    pub(super) fn is_told(&self, kind: BreachKind, topic: &str) -> bool {
        self.told.contains(&(kind, topic.to_owned()))
    }

    /// Remembers which sockets spoke.
    pub fn hold_spoken(&mut self, spoke: &BTreeSet<String>) {
        self.spoke.extend(spoke.iter().cloned());
    }

    /// Remembers what is told of what was not read off the page.
    pub fn tell(&mut self, breaches: &[Breach]) {
        self.told.extend(breaches.iter().map(|breach| (breach.kind, breach.topic.clone())));
    }

    /// Remembers what was read, and what is told of it; what is not was waited for in vain all the same.
    pub fn keep(&mut self, judgement: Judgement, told: &[Breach]) {
        let Judgement { breaches, facts, wrong, leaning, claims, seen, apart } = judgement;
        self.apart.extend(apart);
        self.waited.extend(breaches.into_iter().map(|breach| (breach.kind, breach.topic)));
        self.tell(told);
        // What was not told hides nothing.
        let is_told =
            |topic: &String| self.told.iter().any(|(_, told)| told == topic || ledger::is_topic_of(told, topic));
        let wrong: Vec<_> = wrong.into_iter().filter(|(topic, _)| is_told(topic)).collect();
        self.wrong.extend(wrong);
        self.leaning.extend(leaning);
        for (key, said) in facts {
            if self.facts.len() < FACTS_MAX || self.facts.contains_key(&key) {
                self.facts.entry(key).or_default().extend(said);
            }
        }
        for (claim, fared) in claims {
            let known = self.claims.entry(claim).or_insert_with(|| fared.clone());
            if fared == Fared::Judged {
                *known = fared;
            }
        }
        for (figure, read) in seen {
            *self.seen.entry(figure).or_default() |= read;
        }
    }

    /// How many different figures were read.
    pub fn figures(&self) -> usize {
        self.facts.len()
    }

    /// How many claims were judged.
    pub fn judged(&self) -> usize {
        self.claims.values().filter(|fared| **fared == Fared::Judged).count()
    }

    /// Claims that the walk came by and could not judge, each with the reason.
    pub fn unjudged(&self) -> impl Iterator<Item = String> {
        self.claims.iter().filter_map(|(claim, fared)| match fared {
            Fared::Judged => None,
            Fared::Unjudged(why) => Some(format!("{claim} ({why})")),
        })
    }

    /// Figures of places that the walk came to and that were never there: their locator may be wrong.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().filter(|(_, read)| !**read).map(|(figure, _)| figure.as_str())
    }

    pub(super) fn subject(&self, asked: Asked) -> Option<(&Oracle, &Subject, &Place)> {
        let held = self.oracles.get(asked.oracle)?;
        let of = held.subjects.get(asked.subject)?;
        Some((held, of, of.places.get(asked.place)?))
    }
}
