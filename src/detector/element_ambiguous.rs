//! A locator answers to several elements: the journey's matter, unless the page doubled its blocks.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "element-ambiguous",
    zh: "定位不唯一",
    en: "locator names several elements",
    catalogue: &["BP14"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Ambiguous { .. }))
        .map(|(step, failure)| {
            let zh = format!("「{}」的定位同时命中多个元素，需要旅程作者收窄", step.title);
            let en = format!(
                "The locator of “{}” names several elements: the journey's author has to narrow it",
                step.title
            );
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
    fn only_ambiguity_speaks() {
        check(failed("next", FailureKind::Ambiguous { matches: 2 }), &["next: ambiguous 下一步"]);
        check(failed("next", FailureKind::Missing), &[]);
        check(step("next"), &[]);
    }
}
