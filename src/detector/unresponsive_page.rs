//! The page's script does not answer: nothing on it can be used.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "unresponsive-page",
    zh: "页面卡死",
    en: "page hangs",
    catalogue: &["SD04", "SD12"],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Unresponsive))
        .map(|(step, failure)| {
            let zh = format!("「{}」时页面卡死，点什么都没有反应", step.title);
            let en = format!("The page hangs at “{}”: nothing on it can be used", step.title);
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
    fn only_a_hang_speaks() {
        check(failed("next", FailureKind::Unresponsive), &["next: unresponsive 下一步"]);
        check(failed("next", FailureKind::Crashed), &[]);
        check(step("next"), &[]);
    }
}
