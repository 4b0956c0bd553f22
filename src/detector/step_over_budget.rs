//! A step took longer than it may, or the walk's whole budget was used up.

use super::statement::{Detector, Said, Tier, failures, on_failure};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Degradation, FailureKind, Outcome, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "step-over-budget",
    zh: "步骤超时",
    en: "step over budget",
    catalogue: &["SD01", "SD03", "SD05"],
    tier: Tier::Slow,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let over = failures(record).filter(|(_, f)| f.kind == FailureKind::OverBudget).map(|(step, failure)| {
        let seconds = record.budget.as_secs();
        let zh = format!("整个旅程 {seconds} 秒内没有走完，停在「{}」", step.title);
        let en = format!("The journey does not end within {seconds} s: it stops at “{}”", step.title);
        on_failure(step, failure, zh, en).on(&DETECTOR, record, step)
    });
    let slow = record.steps.iter().filter_map(|step| Some(slow_step(record, step, slowness(step)?)));
    over.chain(slow).collect()
}

fn slowness(step: &StepRecord) -> Option<(u64, u64)> {
    let Outcome::Degraded(degradations) = &step.outcome else { return None };
    degradations.iter().find_map(|d| match d {
        Degradation::Slow { elapsed_ms, within_ms } => Some((*elapsed_ms, *within_ms)),
        Degradation::SecondTap | Degradation::LateFigures { .. } => None,
    })
}

fn slow_step(record: &WalkRecord, step: &StepRecord, (elapsed_ms, within_ms): (u64, u64)) -> Finding {
    let (took, might) = (elapsed_ms as f64 / 1e3, within_ms as f64 / 1e3);
    let zh = format!("「{}」用了 {took:.1} 秒，应在 {might:.1} 秒内完成", step.title);
    let en = format!("“{}” takes {took:.1} s; it should take {might:.1} s at most", step.title);
    let cause = longest_answer(step).unwrap_or_else(|| "slow".into());
    Said::new(Class::Slow, Severity::P2, zh, en).cause(cause, "slow").lasting().on(&DETECTOR, record, step)
}

/// The app's answer that a slow step waited for: the one that took at least half of its time.
pub(super) fn longest_answer(step: &StepRecord) -> Option<String> {
    let long = step.seen.exchanges.iter().filter(|e| e.own && e.elapsed * 2 >= step.elapsed);
    let longest = long.max_by_key(|e| e.elapsed)?;
    let (method, route) = (&longest.method, route_of(&longest.url));
    Some(format!("longest answer: {method} {route} in {} ms", longest.elapsed.as_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, step, step_with, walk};

    fn check(step: StepRecord, expected: &[(Class, bool)]) {
        let findings = inspect(&walk([step]));
        assert_eq!(findings.iter().map(|f| (f.class, f.failing)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn slow_steps_degrade_and_an_empty_budget_fails() {
        let slow = Degradation::Slow { elapsed_ms: 6_400, within_ms: 5_000 };
        check(step_with("next", |s| s.outcome = Outcome::Degraded(vec![slow])), &[(Class::Slow, false)]);
        check(failed("next", FailureKind::OverBudget), &[(Class::Blocked, true)]);
        check(step_with("next", |s| s.outcome = Outcome::Degraded(vec![Degradation::SecondTap])), &[]);
        check(step("next"), &[]);
    }
}
