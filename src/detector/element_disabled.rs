//! The control is there and stays disabled. The walk waited for terms and countdowns as long as the step allows.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "element-disabled",
    zh: "按钮不可用",
    en: "control stays disabled",
    catalogue: &["BF04"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Disabled))
        .map(|(step, failure)| {
            let zh = format!("「{}」时按钮一直是灰的、点不了，客户无法继续", step.title);
            let en = format!("The control stays disabled at “{}”: customers cannot go on", step.title);
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
    fn only_disabled_speaks() {
        check(failed("next", FailureKind::Disabled), &["next: disabled 下一步"]);
        check(failed("next", FailureKind::Missing), &[]);
        check(step("next"), &[]);
    }
}
