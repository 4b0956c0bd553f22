//! One walk, from first step to record.

use super::{Plan, World};
use crate::journey::Journey;
use crate::walk::{Environment, Verdict, WalkRecord};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The state of one walk.
pub(super) struct Engine {
    journey: Arc<Journey>,
    plan: Plan,
    world: World,
    cancel: CancellationToken,
}

impl Engine {
    pub(super) fn new(journey: Arc<Journey>, plan: Plan, world: World, cancel: CancellationToken) -> Self {
        Self { journey, plan, world, cancel }
    }

    pub(super) async fn walk(self) -> WalkRecord {
        let started = self.world.clock.now();
        let _ = self.cancel.is_cancelled();
        WalkRecord {
            walk: self.plan.walk,
            journey: self.journey.id.clone(),
            title: self.journey.title.clone(),
            app: self.journey.app.clone(),
            owner: self.journey.owner.clone(),
            tags: self.journey.tags.clone(),
            digest: self.journey.digest.clone(),
            safety: self.journey.safety,
            device: self.journey.device.name(),
            base: self.plan.base.to_string(),
            purpose: self.plan.purpose.clone(),
            started,
            elapsed: Duration::ZERO,
            budget: self.journey.budget,
            verdict: Verdict::Inconclusive,
            steps: Vec::new(),
            environment: Environment::default(),
            losses: Vec::new(),
        }
    }
}
