//! What clean walks have taught of a journey on a device: what its answers promise, and what was found usual.
//!
//! A missing header is no finding: many an app never sent it. One that was there in every clean walk and is gone is a
//! regression (`detection.md`, SC05 and SC13: differences from a baseline, never absence). Clean walks alone teach, so
//! what is broken is never learnt as right; a person who wants the app taken as it is says so (`Lesson::Vouched`).

mod port;
mod v1;

pub use port::{Shelf, ShelfError, Subject};
pub use v1::BaselineError;

use crate::finding::{Finding, Fingerprint, route_of};
use crate::journey::Section;
use crate::walk::{BrokenPromise, Outcome, Promise, Promises, StepRecord, Verdict, WalkRecord};
use std::collections::{BTreeMap, BTreeSet};

/// Clean walks in a row that must have seen a promise held before it is missed: a tenth of all servers without it would
/// have shown themselves in four of ten such rows.
pub const HELD_AFTER_WALKS: u32 = 5;
/// Routes that are remembered; the ones not met for longest make room.
const ROUTES_MAX: usize = 300;
/// Findings that are usual.
const USUAL_MAX: usize = 500;

/// Findings that were there when a person took the app as it is, with what they said then.
pub type Usual = BTreeMap<Fingerprint, String>;

/// What is known of one journey on one device at one address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// Walks that taught it.
    walks: u32,
    /// What the answers of each route promise.
    routes: BTreeMap<String, Route>,
    /// What is no news.
    usual: Usual,
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

    /// Writes into the record what its answers promised in clean walks and do not any more.
    pub fn compare(&self, record: &mut WalkRecord) {
        for step in &mut record.steps {
            let broken: BTreeSet<BrokenPromise> =
                spoken(step).flat_map(|(route, said)| self.broken(&route, said)).collect();
            step.seen.broken_promises = broken.into_iter().collect();
        }
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
        let through = !record.steps.iter().any(|s| s.section == Section::Steps && cut_short(s));
        let teaches = match lesson {
            Lesson::Clean => matches!(verdict, Verdict::Passed | Verdict::Degraded),
            Lesson::Vouched => through && verdict != Verdict::Inconclusive,
        };
        if !teaches {
            return false;
        }
        self.walks = self.walks.saturating_add(1);
        let mut met: BTreeMap<String, Vec<&Promises>> = BTreeMap::new();
        for (route, said) in record.steps.iter().flat_map(spoken) {
            met.entry(route).or_default().push(said);
        }
        for (route, said) in met {
            let known = self.routes.entry(route).or_default();
            known.met = self.walks;
            known.held.retain(|promise, _| !said.iter().any(|s| s.breaks(promise)));
            let made: BTreeSet<&Promise> = said.iter().flat_map(|s| &s.made).collect();
            for promise in made.into_iter().filter(|promise| !said.iter().any(|s| s.breaks(promise))) {
                let walks = known.held.entry(promise.clone()).or_default();
                *walks = walks.saturating_add(1);
            }
        }
        while self.routes.len() > ROUTES_MAX {
            let Some(oldest) = self.routes.iter().min_by_key(|(_, r)| r.met).map(|(route, _)| route.clone()) else {
                break;
            };
            self.routes.remove(&oldest);
        }
        if lesson == Lesson::Vouched {
            let places = USUAL_MAX.saturating_sub(self.usual.len());
            let told = findings.iter().map(|finding| (finding.fingerprint(), finding.headline.zh.clone()));
            self.usual.extend(told.take(places));
        }
        true
    }
}

/// The answers of a step that promise something, by route.
fn spoken(step: &StepRecord) -> impl Iterator<Item = (String, &Promises)> {
    step.seen.exchanges.iter().filter_map(|e| Some((route_of(&e.url), e.promises.as_ref()?)))
}

fn cut_short(step: &StepRecord) -> bool {
    !step.soft && matches!(step.outcome, Outcome::Failed(_) | Outcome::Inconclusive(_))
}
