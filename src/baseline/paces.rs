//! The steps of a walk beside the time they usually take.

use super::drag::Drag;
use super::pace::{Pace, Usual};
use super::season::Hour;
use crate::id::StepId;
use crate::walk::{Degradation, Outcome, Purpose, Slowness, StepRecord, WalkRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Ways to steps that are remembered, and for how many walks one is that no walk meets any more while others want its room.
const WAYS_MAX: usize = 200;
const FORGOTTEN_AFTER_WALKS: u32 = 100;
/// Steps that take less say nothing of the machine: their times are mostly chance.
const TELLING: Duration = Duration::from_millis(50);

/// What is known of the time a journey's steps take.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Paces(pub(super) BTreeMap<Way, Pace>);

/// A step and the one before it, empty for the first: what a step takes depends on where the other left off. Behind steps
/// that are not always walked (a pop-up that comes now and then) it has several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    pub(super) step: StepId,
    pub(super) after: String,
}

/// A step whose time can be compared.
struct Timed {
    at: usize,
    way: Way,
    took: Duration,
}

impl Paces {
    /// Writes into the record how its steps stand to what they usually take, when walks of others were slower by
    /// `others`; gives how slow this one was as a whole. Walks made because of another say nothing: they follow from it.
    pub(super) fn compare(&self, record: &mut WalkRecord, others: Option<Drag>) -> Option<Drag> {
        record.steps.iter_mut().for_each(|step| step.seen.slowness = None);
        let hour = hour_of(record);
        let usual = |step: Timed| self.of(&step)?.usual(hour).map(|usual| (step, usual));
        let known: Vec<(Timed, Usual)> = timed(record).into_iter().filter_map(usual).collect();
        let telling: Vec<&(Timed, Usual)> = known.iter().filter(|(_, usual)| usual.duration() >= TELLING).collect();
        let drag_without = |at: usize| {
            let rest = telling.iter().filter(|(step, _)| step.at != at);
            Drag::of_steps(rest.map(|(step, usual)| usual.excess(step.took)).collect())
        };
        for (step, usual) in &known {
            let own = drag_without(step.at);
            let drag = match (own, others) {
                (Some(own), Some(others)) => Some(if own > others { own } else { others }),
                (own, others) => own.or(others),
            };
            // Where nothing says how the machine was, a slow step may be the machine's.
            let weight = usual.weight(step.took, drag.map_or(0.0, |drag| drag.0));
            let weight = if drag.is_some() { weight } else { weight.min(0) };
            let sounds = self.of(step).is_some_and(|pace| pace.sounds_with(weight));
            let dragged = drag.is_some_and(Drag::is_heavy);
            let slowness = Slowness { usual: usual.duration(), weight, sounds, dragged };
            record.steps[step.at].seen.slowness = Some(slowness);
        }
        drag_without(usize::MAX)
    }

    fn of(&self, step: &Timed) -> Option<&Pace> {
        self.0.get(&step.way)
    }

    /// Counts what a walk that was compared has said, and learns from it when it is clean: whether there was anything.
    /// `walks` is how many have taught the baseline.
    pub(super) fn learn(&mut self, record: &WalkRecord, walks: u32, clean: bool) -> bool {
        let hour = hour_of(record);
        let mut learnt = false;
        for step in timed(record) {
            if !clean && self.of(&step).is_none() {
                continue;
            }
            let Some(pace) = self.met(&step.way, walks) else { continue };
            let seen = record.steps[step.at].seen.slowness.as_ref();
            pace.count(seen.map_or(0, |seen| seen.weight));
            if clean && !seen.is_some_and(|seen| seen.dragged) {
                pace.teach(step.took, hour, record.started);
            }
            learnt = true;
        }
        learnt
    }

    /// A person takes the app as it is: what has become slower is learnt anew.
    pub(super) fn forget_slow(&mut self) {
        self.0.values_mut().filter(|pace| pace.sounds()).for_each(Pace::forget);
    }

    /// The pace of a step that was met; nothing where there is no room.
    fn met(&mut self, way: &Way, walks: u32) -> Option<&mut Pace> {
        if !self.0.contains_key(way) && self.0.len() >= WAYS_MAX {
            let oldest = self.0.iter().min_by_key(|(_, pace)| pace.met).map(|(way, pace)| (way.clone(), pace.met));
            let (oldest, _) = oldest.filter(|(_, met)| walks.saturating_sub(*met) > FORGOTTEN_AFTER_WALKS)?;
            self.0.remove(&oldest);
        }
        let pace = self.0.entry(way.clone()).or_default();
        pace.met = walks;
        Some(pace)
    }
}

fn hour_of(record: &WalkRecord) -> Hour {
    Hour::of(record.started, &record.environment.timezone)
}

/// The steps that went as they should, up to the first that did not: of one that is repeated, the first time. A second tap
/// waits for the first; its time is no pace.
fn timed(record: &WalkRecord) -> Vec<Timed> {
    if matches!(record.purpose, Purpose::Confirm { .. }) {
        return Vec::new();
    }
    let ended = |s: &StepRecord| !s.soft && matches!(s.outcome, Outcome::Failed(_) | Outcome::Inconclusive(_));
    let end = record.steps.iter().position(ended).unwrap_or(record.steps.len());
    let mut met = BTreeSet::new();
    let mut before = "";
    let mut timed = Vec::new();
    for (at, step) in record.steps.iter().enumerate().take(end) {
        if went(step) && met.insert(&step.id) {
            let way = Way { step: step.id.clone(), after: before.to_owned() };
            timed.push(Timed { at, way, took: step.elapsed });
        }
        before = &step.id.0;
    }
    timed
}

fn went(step: &StepRecord) -> bool {
    let once = step.attempts.len() == 1;
    match &step.outcome {
        Outcome::Passed => once,
        Outcome::Degraded(how) => once && !how.contains(&Degradation::SecondTap),
        _ => false,
    }
}
