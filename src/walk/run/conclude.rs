//! From outcomes to the verdict of the steps.

use super::super::{Degradation, Failure, FailureKind, Kept, Observation, Outcome, StepRecord, Verdict};
use crate::journey::{Section, Step};
use std::time::Duration;

/// The record of a step that has not been walked.
pub fn unreached(step: &Step, section: Section, within: Duration) -> StepRecord {
    StepRecord {
        id: step.id.clone(),
        title: step.title.clone(),
        verb: step.verb.word().to_owned(),
        section,
        soft: step.soft || section == Section::Always,
        place: place(step),
        outcome: Outcome::NotReached,
        attempts: Vec::new(),
        offset: Duration::ZERO,
        elapsed: Duration::ZERO,
        within: step.within.unwrap_or(within),
        seen: Observation::default(),
        picture: Kept::NotAsked,
        snapshot: Kept::NotAsked,
    }
}

/// `file:line` of a step.
fn place(step: &Step) -> String {
    let before = step.source.text.get(..step.span.start).unwrap_or_default();
    format!("{}:{}", step.source.name, before.matches('\n').count() + 1)
}

/// The outcome of a step that a customer got through. `within` is what its author allowed, if anything.
pub(super) fn got_through(mut degradations: Vec<Degradation>, elapsed: Duration, within: Option<Duration>) -> Outcome {
    let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    if let Some(within) = within.filter(|w| elapsed > *w) {
        degradations.push(Degradation::Slow { elapsed_ms: millis(elapsed), within_ms: millis(within) });
    }
    if degradations.is_empty() { Outcome::Passed } else { Outcome::Degraded(degradations) }
}

/// Whether nothing after this is reached.
pub(super) fn ends(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(_) | Outcome::Inconclusive(_))
}

/// The verdict of the steps alone. What a never rule stopped outweighs everything. A hard failure outweighs trouble that came after it; trouble without one
/// is inconclusive; anything soft degrades.
pub(super) fn verdict(steps: &[StepRecord]) -> Verdict {
    let guarded = |f: &Failure| matches!(f.kind, FailureKind::Guarded { .. });
    if steps.iter().any(|s| matches!(&s.outcome, Outcome::Failed(f) if guarded(f))) {
        return Verdict::Failed;
    }
    let mut verdict = Verdict::Passed;
    for step in steps {
        match &step.outcome {
            Outcome::Failed(_) if !step.soft => return Verdict::Failed,
            Outcome::Inconclusive(_) if step.section == Section::Steps => return Verdict::Inconclusive,
            Outcome::Failed(_) | Outcome::Degraded(_) | Outcome::Inconclusive(_) => verdict = Verdict::Degraded,
            Outcome::Passed | Outcome::Skipped(_) | Outcome::NotReached => {}
        }
    }
    verdict
}
