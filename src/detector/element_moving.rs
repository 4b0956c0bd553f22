//! The control never stands still, so nobody can hit it.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "element-moving",
    zh: "控件不停移动",
    en: "control never stands still",
    catalogue: &["VB11"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Moving))
        .map(|(step, failure)| {
            let zh = format!("「{}」时目标一直在移动，客户点不准", step.title);
            let en = format!("The control never stands still at “{}”: customers cannot hit it", step.title);
            on_failure(step, failure, zh, en).on(&DETECTOR, record, step)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, keys, step, walk};
    use crate::walk::StepRecord;

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn only_moving_speaks() {
        check(failed("next", FailureKind::Moving), &["next: moving 下一步"]);
        check(failed("next", FailureKind::Covered { by: String::new() }), &[]);
        check(step("next"), &[]);
    }
}
