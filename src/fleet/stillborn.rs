//! The record of a walk that could not be made, or was lost: every ticket ends in a record.

use super::Order;
use crate::journey::Section;
use crate::moment::Moment;
use crate::walk::run::unreached;
use crate::walk::{Environment, Outcome, StepRecord, Trouble, Verdict, WalkRecord};
use std::time::Duration;

/// The record of `order` that ended in `trouble` before, or without, a record of its own.
pub fn stillborn(order: &Order, base: String, started: Moment, elapsed: Duration, trouble: Trouble) -> WalkRecord {
    let journey = &order.journey;
    let mut steps: Vec<StepRecord> =
        journey.steps.iter().map(|step| unreached(step, Section::Steps, Duration::ZERO)).collect();
    steps.extend(journey.always.iter().map(|step| unreached(step, Section::Always, Duration::ZERO)));
    if let Some(first) = steps.first_mut() {
        first.outcome = Outcome::Inconclusive(trouble.clone());
    }
    WalkRecord {
        walk: order.walk,
        journey: journey.id.clone(),
        title: journey.title.clone(),
        app: journey.app.clone(),
        owner: journey.owner.clone(),
        tags: journey.tags.clone(),
        digest: journey.digest.clone(),
        safety: journey.safety,
        device: journey.device.name(),
        customer: None,
        base,
        purpose: order.purpose.clone(),
        started,
        elapsed,
        budget: journey.budget,
        verdict: Verdict::Inconclusive,
        steps,
        network: crate::walk::Kept::NotAsked,
        console: crate::walk::Kept::NotAsked,
        oracles: None,
        environment: Environment { robot: env!("CARGO_PKG_VERSION").to_owned(), ..Environment::default() },
        losses: vec![format!("everything: {}", trouble.said)],
    }
}
