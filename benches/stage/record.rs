//! The record of a walk that nobody made.

use gengfu::id::{StepId, WalkId};
use gengfu::journey::{Journey, Section, Step};
use gengfu::moment::Moment;
use gengfu::walk::{
    Attempt, Environment, Failure, Kept, Observation, Outcome, Purpose, StepRecord, Verdict, WalkRecord,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// A walk of `journey` that passed, or failed at its last step.
pub fn record(
    journey: &Journey,
    walk: WalkId,
    purpose: Purpose,
    started: Moment,
    failed: Option<Failure>,
) -> WalkRecord {
    let verdict = if failed.is_some() { Verdict::Failed } else { Verdict::Passed };
    let mut steps: Vec<StepRecord> = journey.steps.iter().map(step).collect();
    if let (Some(failure), Some(last)) = (failed, steps.last_mut()) {
        last.outcome = Outcome::Failed(failure);
    }
    WalkRecord {
        walk,
        journey: journey.id.clone(),
        title: journey.title.clone(),
        app: journey.app.clone(),
        owner: None,
        tags: BTreeMap::new(),
        digest: journey.digest.clone(),
        safety: journey.safety,
        device: journey.device.name(),
        customer: None,
        base: "https://app.test/".to_owned(),
        purpose,
        started,
        elapsed: Duration::from_secs(6),
        budget: journey.budget,
        verdict,
        steps,
        network: Kept::NotAsked,
        console: Kept::NotAsked,
        oracles: None,
        environment: Environment::default(),
        losses: Vec::new(),
    }
}

fn step(step: &Step) -> StepRecord {
    StepRecord {
        id: StepId(step.id.0.clone()),
        title: step.title.clone(),
        verb: step.verb.word().to_owned(),
        section: Section::Steps,
        soft: false,
        place: "invented.yaml:1".to_owned(),
        outcome: Outcome::Passed,
        attempts: vec![Attempt { offset: Duration::ZERO, elapsed: Duration::from_secs(1), failure: None }],
        offset: Duration::ZERO,
        elapsed: Duration::from_secs(1),
        within: Duration::from_secs(5),
        seen: Observation::default(),
        picture: Kept::NotAsked,
        snapshot: Kept::NotAsked,
    }
}
