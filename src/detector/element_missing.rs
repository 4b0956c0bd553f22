//! What the step is about is nowhere, or there and not to be seen.

use super::statement::{Detector, Tier, failures, on_failure};
use super::words::plain;
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "element-missing",
    zh: "缺少按钮或内容",
    en: "element missing",
    catalogue: &["BF03", "BF13", "BF15", "BF17", "PS08"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::Missing | FailureKind::Hidden))
        .map(|(step, failure)| {
            let what = failure.locus.as_deref().map(plain).unwrap_or(&step.title);
            let (zh, en) = match failure.kind {
                FailureKind::Hidden => ("看不见", "cannot be seen"),
                _ => ("不见了", "is missing"),
            };
            let zh = format!("页面上「{what}」{zh}，客户无法完成「{}」", step.title);
            let en = format!("“{what}” {en} on the page: customers cannot get past “{}”", step.title);
            let mut said = on_failure(step, failure, zh, en);
            // Whether it is gone or only hidden is one trouble.
            said.cause_key = format!("missing {}", failure.locus.as_deref().unwrap_or_default()).trim_end().into();
            said.on(&DETECTOR, record, step)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, keys, step, step_with, walk};
    use crate::walk::{Class, Outcome, StepRecord};

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn missing_and_hidden_are_one_trouble() {
        check(failed("next", FailureKind::Missing), &["next: missing 下一步"]);
        check(failed("next", FailureKind::Hidden), &["next: missing 下一步"]);
        check(failed("next", FailureKind::Disabled), &[]);
        check(step_with("next", |s| s.outcome = Outcome::NotReached), &[]);
        check(step("next"), &[]);
    }

    #[test]
    fn a_soft_step_blocks_nobody() {
        let soft = StepRecord { soft: true, ..failed("logout", FailureKind::Missing) };
        let findings = inspect(&walk([soft]));
        assert_eq!((findings[0].failing, findings[0].class), (false, Class::Broken));
    }
}
