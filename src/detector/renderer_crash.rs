//! The page's process died.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "renderer-crash",
    zh: "页面崩溃",
    en: "page crashed",
    catalogue: &["BP18"],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Crashed))
        .map(|(step, failure)| {
            let zh = format!("「{}」时页面崩溃，客户看到浏览器的错误页", step.title);
            let en = format!("The page crashes at “{}”: customers see the browser's own error page", step.title);
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
    fn only_a_crash_speaks() {
        check(failed("next", FailureKind::Crashed), &["next: crashed 下一步"]);
        check(failed("next", FailureKind::Unresponsive), &[]);
        check(step("next"), &[]);
    }
}
