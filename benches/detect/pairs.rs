//! Two unrelated faults at once: are they told as two?

use super::chance::Chance;
use super::patrol::{Patrol, cause_right, class_right, shows_at};
use super::stage;
use super::watch::TOLD;
use gengfu::demo::{FAULTS, Fault, Rate};
use gengfu::incident::Incident;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Two faults that are on together.
pub type Two = [&'static Fault; 2];

/// What became of two faults that were on together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Each has an incident of its own.
    Apart,
    /// One incident, or one with its parts, holds both.
    Merged,
    /// Only one was told: it may stand in the other's way.
    Hidden,
    /// None was told.
    Neither,
}

/// One pair that was patrolled.
pub struct Pair {
    pub faults: Two,
    pub outcome: Outcome,
    /// What was told, each with the number of the fault it speaks of, when it speaks of one.
    told: Vec<(Option<usize>, String)>,
    pub walks: usize,
    took: Duration,
}

/// `count` pairs drawn by lot from `faults`, none twice. Two of one detector that show at one step cannot be told apart in
/// what is filed, and two that go back to the same address are one trouble: they are no pair.
pub fn drawn(faults: &[&'static Fault], count: usize, seed: u64) -> Vec<Two> {
    let mut all: Vec<Two> = Vec::new();
    for (at, one) in faults.iter().enumerate() {
        all.extend(faults[at + 1..].iter().filter(|other| unrelated(one, other)).map(|other| [*one, *other]));
    }
    let mut chance = Chance::new(seed);
    for at in (1..all.len()).rev() {
        let below = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        all.swap(at, usize::try_from(chance.below(below)).unwrap_or_default());
    }
    all.truncate(count);
    all
}

fn unrelated(one: &Fault, other: &Fault) -> bool {
    let common = |a: &[&str], b: &[&str]| a.iter().any(|x| b.contains(x));
    let one_look = one.expected_detector == other.expected_detector;
    let one_place = common(one.shows_in, other.shows_in) && common(one.expected_steps, other.expected_steps);
    !(common(&one.causes(), &other.causes()) || (one_look && one_place))
}

impl Patrol {
    /// Patrols the journeys of both, `cycles` times: what customers get past is told when it lasts.
    pub async fn pair(&self, faults: Two, cycles: usize) -> Pair {
        let (began, mut watch) = (Instant::now(), self.begin(&faults, Rate::Always).await);
        let journeys: BTreeSet<&str> = faults.iter().flat_map(|fault| fault.shows_in.iter().copied()).collect();
        for _ in 0..cycles {
            for name in &journeys {
                watch.walk(stage::load(name)).await;
            }
        }
        let families = watch.families(&TOLD).await;
        let walks = watch.walks;
        self.end(watch).await;
        let speaks = |incident: &Incident| speaks_of(faults, incident);
        let held: Vec<BTreeSet<usize>> = families
            .iter()
            .map(|(whole, parts)| std::iter::once(whole).chain(parts).filter_map(speaks).collect())
            .collect();
        let told = families.iter().flat_map(|(whole, parts)| std::iter::once(whole).chain(parts));
        let told = told.map(|i| (speaks(i), format!("{} @ {} {}", i.detector, i.journey, i.headline.zh))).collect();
        Pair { faults, outcome: outcome(&held), told, walks, took: began.elapsed() }
    }
}

/// What the families say, each by the faults that it holds.
fn outcome(held: &[BTreeSet<usize>]) -> Outcome {
    if held.iter().any(|family| family.len() > 1) {
        return Outcome::Merged;
    }
    match held.iter().flatten().collect::<BTreeSet<_>>().len() {
        2 => Outcome::Apart,
        1 => Outcome::Hidden,
        _ => Outcome::Neither,
    }
}

/// Which of the two an incident speaks of: the one whose detector it has, if that is one only, since a fault shows in journeys
/// where the table does not look for it, too; else the one that shows at its step, or whose cause or class it has.
fn speaks_of(faults: Two, incident: &Incident) -> Option<usize> {
    let likeness = |fault: &Fault| {
        let there = fault.shows_in.contains(&incident.journey.as_str()) && shows_at(fault, incident);
        let caused = u8::from(cause_right(fault, incident)) * 2;
        let found = u8::from(fault.expected_detector == incident.detector) * 8;
        found + u8::from(there) * 4 + caused + u8::from(there && class_right(fault, incident))
    };
    let [one, other] = faults.map(likeness);
    match one.cmp(&other) {
        std::cmp::Ordering::Greater => Some(0),
        std::cmp::Ordering::Less => Some(1),
        std::cmp::Ordering::Equal => None,
    }
}

/// The pairs to draw from: of what the options ask for.
pub fn faults(asked: impl Fn(&&Fault) -> bool) -> Vec<&'static Fault> {
    FAULTS.iter().filter(asked).collect()
}

impl Pair {
    pub fn line(&self) -> String {
        let told = self.told.iter().map(|(fault, said)| {
            let speaks = fault.map_or("?", |at| self.faults[at].id);
            format!("{speaks}: {said}")
        });
        let [one, other] = self.faults.map(|fault| fault.id);
        let outcome = format!("{:?}", self.outcome).to_lowercase();
        format!("{one} + {other} {outcome:<7} walks {:>3}  {}", self.walks, told.collect::<Vec<_>>().join(" | "))
    }

    pub fn to_json(&self) -> Value {
        let told = self.told.iter().map(|(at, said)| json!({"fault": at.map(|at| self.faults[at].id), "said": said}));
        json!({"faults": self.faults.map(|fault| fault.id), "outcome": format!("{:?}", self.outcome).to_lowercase(),
            "walks": self.walks, "seconds": self.took.as_secs(), "told": told.collect::<Vec<_>>()})
    }
}
