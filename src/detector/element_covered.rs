//! Something lies over what the customer wants to tap.

use super::statement::{Detector, Tier, cut, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "element-covered",
    zh: "按钮被遮挡",
    en: "element covered",
    catalogue: &["BF05", "BF18", "VB06", "VB07"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, failure) in failures(record) {
        let FailureKind::Covered { by } = &failure.kind else { continue };
        let by = cut(by, 80);
        let zh = format!("「{}」时目标被 {by} 挡住，客户点不到", step.title);
        let en = format!("{by} lies over the target of “{}”: customers cannot tap it", step.title);
        let mut said = on_failure(step, failure, zh, en);
        // What covers it is the trouble: its text may change from walk to walk, its tag does not.
        let tag = by.split('>').next().unwrap_or_default();
        said.cause_key = format!("covered by {tag}>");
        let said = said.shared(format!("{tag}>"));
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
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
    fn what_covers_is_the_cause() {
        let covered = FailureKind::Covered { by: "<div id=mask class=overlay> 优惠还剩 3 天".into() };
        check(failed("next", covered), &["next: covered by <div id=mask class=overlay>"]);
        check(failed("next", FailureKind::Missing), &[]);
        check(step("next"), &[]);
    }
}
