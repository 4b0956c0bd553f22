//! What clean walks have taught of a journey on a device: what its answers promise, how long its steps take, and what was
//! found usual.
//!
//! A missing header is no finding: many an app never sent it. One that was there in every clean walk and is gone is a
//! regression (`detection.md`, SC05 and SC13: differences from a baseline, never absence). Only walks that got through and
//! broke no promise teach, so what is lost is never learnt as right; a person who wants the app taken as it is says so
//! (`Lesson::Vouched`). So it is with steps that have become slower.

mod drag;
mod pace;
mod paces;
mod picture;
mod port;
mod season;
mod sheet;
#[cfg(test)]
mod stories;
mod v2;

pub use drag::{Drag, Drags};
pub use pace::PACE_KNOWN_AFTER_LOOKS;
pub use picture::{KnownPicture, Waiting};
pub use port::{Shelf, ShelfError, Subject};
pub use sheet::{Sheet, SheetOf};
pub use v2::BaselineError;

use crate::finding::{Finding, Fingerprint, normalise, route_of};
use crate::walk::{BrokenPromise, Outcome, Promise, Promises, StepRecord, Verdict, WalkRecord};
use paces::Paces;
use std::collections::{BTreeMap, BTreeSet};

/// Clean walks in a row that must have seen a promise held before it is missed: a tenth of all servers without it would
/// have shown themselves in four of ten such rows.
pub const HELD_AFTER_WALKS: u32 = 5;
/// Routes that are remembered, and promises of each.
const ROUTES_MAX: usize = 300;
const HELD_MAX: usize = 40;
/// A route that so many walks in a row did not meet makes room for another.
const FORGOTTEN_AFTER_WALKS: u32 = 100;
/// Findings that are usual.
const USUAL_MAX: usize = 500;
/// Pictures of one journey that are compared.
const PICTURES_MAX: usize = 50;

/// Findings that were there when a person took the app as it is, with what they said then.
pub type Usual = BTreeMap<Fingerprint, String>;

/// What is known of one journey on one device at one address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// Walks that taught it.
    walks: u32,
    /// What the answers of each route promise.
    routes: BTreeMap<String, Route>,
    /// How long its steps take.
    paces: Paces,
    /// What is no news.
    usual: Usual,
    /// How pages look, by the names of their pictures.
    pictures: BTreeMap<String, KnownPicture>,
}

/// What the answers of one route promise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Route {
    /// Of the walks that taught the baseline, the last that met it.
    met: u32,
    /// Walks in a row that saw a promise held.
    held: BTreeMap<Promise, u32>,
}

/// How much a walk may teach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// As much as a clean walk does.
    Clean,
    /// A person says that the app is as it should be: what is missing is given up, and what is found is usual.
    Vouched,
}

impl Baseline {
    /// Walks that taught it.
    pub fn walks(&self) -> u32 {
        self.walks
    }

    /// What is no news.
    pub fn usual(&self) -> &Usual {
        &self.usual
    }

    /// How pages look, by the names of their pictures.
    pub fn pictures(&self) -> &BTreeMap<String, KnownPicture> {
        &self.pictures
    }

    /// The same, for a person who approves or rejects.
    pub fn pictures_mut(&mut self) -> &mut BTreeMap<String, KnownPicture> {
        &mut self.pictures
    }

    /// Writes into the record what its answers promised in clean walks and do not any more, and how long its steps took
    /// beside what they usually take. Steps that failed are left out: what stands in the page's place promised nothing.
    pub fn compare(&self, record: &mut WalkRecord) {
        self.compare_beside(record, None);
    }

    /// The same beside other journeys' walks at the time, which were slow by `others` as a whole; gives how slow this one
    /// was as a whole, when that can be said.
    pub fn compare_beside(&self, record: &mut WalkRecord, others: Option<Drag>) -> Option<Drag> {
        let base = host_of(&record.base);
        for step in record.steps.iter_mut().filter(|s| stood(s)) {
            let broken: BTreeSet<BrokenPromise> =
                spoken(step, &base).flat_map(|(route, said)| self.broken(&route, &said)).collect();
            step.seen.broken_promises = broken.into_iter().collect();
        }
        self.paces.compare(record, others)
    }

    fn broken(&self, route: &str, said: &Promises) -> Vec<BrokenPromise> {
        let Some(known) = self.routes.get(route) else { return Vec::new() };
        let missed = known.held.iter().filter(|(promise, walks)| **walks >= HELD_AFTER_WALKS && said.breaks(promise));
        let told = |(promise, walks): (&Promise, &u32)| BrokenPromise {
            route: route.to_owned(),
            promise: promise.clone(),
            held_in_walks: *walks,
        };
        missed.map(told).collect()
    }

    /// Learns from a walk that was compared and judged: whether there was something to learn. `findings` are those that
    /// are told of it.
    pub fn learn(&mut self, record: &WalkRecord, verdict: Verdict, findings: &[Finding], lesson: Lesson) -> bool {
        let broke = record.steps.iter().any(|s| !s.seen.broken_promises.is_empty());
        let teaches = match lesson {
            Lesson::Clean => matches!(verdict, Verdict::Passed | Verdict::Degraded) && !broke,
            Lesson::Vouched => verdict != Verdict::Inconclusive && !record.steps.iter().any(cut_short),
        };
        if !teaches {
            // What is slow is counted by whatever walk met it.
            let counts = lesson == Lesson::Clean && verdict != Verdict::Inconclusive;
            return counts && self.paces.learn(record, self.walks, false);
        }
        self.walks = self.walks.saturating_add(1);
        if lesson == Lesson::Vouched {
            self.paces.forget_slow();
        }
        self.paces.learn(record, self.walks, true);
        let (base, mut met) = (host_of(&record.base), BTreeMap::<String, Vec<Promises>>::new());
        for (route, said) in record.steps.iter().filter(|s| stood(s)).flat_map(|s| spoken(s, &base)) {
            met.entry(route).or_default().push(said);
        }
        for (route, said) in met {
            self.meet(route, &said);
        }
        self.look(record, lesson);
        if lesson == Lesson::Vouched {
            let told = findings.iter().map(|finding| (finding.fingerprint(), finding.headline.zh.clone()));
            let new: Vec<_> = told.filter(|(print, _)| !self.usual.contains_key(print)).collect();
            self.usual.extend(new.into_iter().take(USUAL_MAX.saturating_sub(self.usual.len())));
        }
        true
    }

    /// One walk more has pictured these pages.
    fn look(&mut self, record: &WalkRecord, lesson: Lesson) {
        let mut met = BTreeSet::new();
        for step in record.steps.iter().filter(|step| stood(step)) {
            // A step that is repeated pictures its page once a walk.
            let Some(portrait) = step.seen.portrait.as_ref().filter(|p| met.insert(p.name.clone())) else { continue };
            let room = self.pictures.len() < PICTURES_MAX;
            match self.pictures.get_mut(&portrait.name) {
                Some(known) if lesson == Lesson::Vouched => known.vouched(portrait),
                Some(known) => known.learn(portrait, step.seen.likeness.as_ref()),
                None if room => {
                    self.pictures.insert(portrait.name.clone(), KnownPicture::first(portrait));
                }
                None => {}
            }
        }
    }

    /// One walk more has met a route and heard this.
    fn meet(&mut self, route: String, said: &[Promises]) {
        if !self.routes.contains_key(&route) && self.routes.len() >= ROUTES_MAX {
            let oldest = self.routes.iter().min_by_key(|(_, r)| r.met).map(|(name, r)| (name.clone(), r.met));
            match oldest {
                Some((name, met)) if self.walks.saturating_sub(met) > FORGOTTEN_AFTER_WALKS => {
                    self.routes.remove(&name)
                }
                // What was known first is not given up for what may be random.
                _ => return,
            };
        }
        let known = self.routes.entry(route).or_default();
        known.met = self.walks;
        let broken = |promise: &Promise| said.iter().any(|s| s.breaks(promise));
        known.held.retain(|promise, _| !broken(promise));
        let made: BTreeSet<&Promise> = said.iter().flat_map(|s| &s.made).filter(|promise| !broken(promise)).collect();
        for promise in made {
            let walks = known.held.entry(promise.clone()).or_default();
            *walks = walks.saturating_add(1);
        }
        while known.held.len() > HELD_MAX {
            // Cookies of random names are seen once each; of headers there are few.
            let is_header = |promise: &Promise| !matches!(promise, Promise::Cookie { .. });
            let rarest = known.held.iter().min_by_key(|(promise, walks)| (is_header(promise), **walks));
            let Some(rarest) = rarest.map(|(promise, _)| promise.clone()) else { break };
            known.held.remove(&rarest);
        }
    }
}

/// The answers of a step that promise something, by route; another host of the app's own has routes of its own. A part of a
/// cookie's name that is a number or an id is chance.
fn spoken(step: &StepRecord, base: &str) -> impl Iterator<Item = (String, Promises)> {
    step.seen.exchanges.iter().filter_map(move |e| {
        let (host, route) = (host_of(&e.url), route_of(&e.url));
        let place = if host == base { route } else { format!("{host}{route}") };
        Some((place, e.promises.as_ref()?.named(normalise)))
    })
}

/// The host alone: a port is chance where many robots test.
fn host_of(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether the step's pages are those that are meant to stand there.
fn stood(step: &StepRecord) -> bool {
    !matches!(step.outcome, Outcome::Failed(_))
}

fn cut_short(step: &StepRecord) -> bool {
    !step.soft && matches!(step.outcome, Outcome::Failed(_) | Outcome::Inconclusive(_))
}
