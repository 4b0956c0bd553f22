//! The journey itself is wrong for this page: a matter for its author, never an incident of the app.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "journey-defect",
    zh: "旅程脚本有误",
    en: "the journey itself is wrong",
    catalogue: &[],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Journey))
        .map(|(step, failure)| {
            let zh = format!("旅程脚本在「{}」这一步写得不对，需要作者修改", step.title);
            let en = format!("The journey is wrong at “{}”: its author has to mend it", step.title);
            on_failure(step, failure, zh, en).deterministic().on(&DETECTOR, record, step)
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
    fn only_the_journey_speaks() {
        check(failed("next", FailureKind::Journey), &["next: journey 下一步"]);
        check(failed("next", FailureKind::Missing), &[]);
        check(step("next"), &[]);
    }
}
