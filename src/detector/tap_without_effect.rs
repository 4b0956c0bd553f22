//! A control was tapped twice and nothing happened: no change, no request, no navigation.

use super::statement::{Detector, Said, Tier, failures, on_failure};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Degradation, FailureKind, Outcome, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "tap-without-effect",
    zh: "点击没有反应",
    en: "tap without effect",
    catalogue: &["BF02"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let dead = failures(record).filter(|(_, failure)| failure.kind == FailureKind::NoEffect).map(|(step, failure)| {
        let zh = format!("「{}」后没有任何反应，客户无法继续「{}」", step.title, record.title);
        let en = format!("Nothing happens after “{}”: customers cannot go on with “{}”", step.title, record.title);
        on_failure(step, failure, zh, en).on(&DETECTOR, record, step)
    });
    dead.chain(record.steps.iter().filter(|s| needed_two(s)).map(|step| sluggish(record, step))).collect()
}

fn needed_two(step: &StepRecord) -> bool {
    matches!(&step.outcome, Outcome::Degraded(list) if list.contains(&Degradation::SecondTap))
}

fn sluggish(record: &WalkRecord, step: &StepRecord) -> Finding {
    let zh = format!("「{}」要点两次才有反应", step.title);
    let en = format!("“{}” takes two taps before anything happens", step.title);
    let said = Said::new(Class::Broken, Severity::P3, zh, en).cause("first tap had no effect", "second-tap");
    said.soft().on(&DETECTOR, record, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, step, step_with, walk};

    fn check(step: StepRecord, expected: &[(&str, bool)]) {
        let findings = inspect(&walk([step]));
        assert_eq!(findings.iter().map(|f| (f.cause_key.as_str(), f.failing)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn dead_taps_fail_and_sluggish_ones_degrade() {
        check(failed("next", FailureKind::NoEffect), &[("no-effect 下一步", true)]);
        let second = step_with("next", |s| s.outcome = Outcome::Degraded(vec![Degradation::SecondTap]));
        check(second, &[("second-tap", false)]);
        check(failed("next", FailureKind::NotSeen), &[]);
        check(step("next"), &[]);
    }
}
