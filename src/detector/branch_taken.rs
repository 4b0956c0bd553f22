//! A branch of `first_of` showed that its author marked as a failure by itself.

use super::statement::{Detector, Tier, failures, on_failure};
use super::words::plain;
use crate::finding::Finding;
use crate::walk::{Class, FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "branch-taken",
    zh: "出现了不该出现的页面",
    en: "a page that should not come came",
    catalogue: &["BF18", "BF23"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, failure) in failures(record) {
        let FailureKind::Branch { class } = &failure.kind else { continue };
        let what = failure.locus.as_deref().map(plain).unwrap_or(&failure.said);
        let (zh, en) = match class {
            Class::Blocked => ("客户无法继续", "customers cannot go on"),
            Class::Broken => ("页面不能用", "the page does not work"),
            Class::Abnormal | Class::Slow => ("内容不对", "what it shows is wrong"),
        };
        let zh = format!("「{}」时出现了「{what}」，{zh}", step.title);
        let en = format!("“{what}” shows at “{}”: {en}", step.title);
        findings.push(on_failure(step, failure, zh, en).on(&DETECTOR, record, step));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, step, walk};
    use crate::walk::StepRecord;

    fn check(step: StepRecord, expected: &[(&str, Class)]) {
        let findings = inspect(&walk([step]));
        assert_eq!(findings.iter().map(|f| (f.cause_key.as_str(), f.class)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_authors_class_counts() {
        let broken = FailureKind::Branch { class: Class::Broken };
        check(failed("which", broken), &[("branch 下一步", Class::Broken)]);
        check(failed("which", FailureKind::NotSeen), &[]);
        check(step("which"), &[]);
    }
}
