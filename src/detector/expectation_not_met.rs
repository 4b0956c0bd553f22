//! What should have been seen was not, or what should not be seen was, and nothing else explains it.

use super::statement::{Detector, Tier, failures, on_failure};
use super::words::plain;
use crate::finding::Finding;
use crate::walk::{Class, Failure, FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "expectation-not-met",
    zh: "没有出现应有的内容",
    en: "expected content does not come",
    catalogue: &["BF01", "BF02", "BF07", "BF14", "BF15", "BF20", "BP12", "BP15", "PS08", "PS16", "PS28"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::NotSeen | FailureKind::StillSeen))
        .map(|(step, failure)| {
            let what = shown(failure).map(plain).unwrap_or("应有的内容 (what should be there)");
            let (zh, en) = match failure.kind {
                FailureKind::StillSeen => (
                    format!("「{}」后不该出现的「{what}」还在", step.title),
                    format!("After “{}” customers still see “{what}”, which should be gone", step.title),
                ),
                _ => (
                    format!("「{}」后没有出现「{what}」，客户无法继续「{}」", step.title, record.title),
                    format!(
                        "“{what}” does not come after “{}”: customers cannot go on with “{}”",
                        step.title, record.title
                    ),
                ),
            };
            let mut said = on_failure(step, failure, zh, en);
            // Nobody is stopped by what they should not be shown; what a tap does not take away is another matter.
            if failure.kind == FailureKind::StillSeen && step.verb == "see" {
                said.class = Class::Abnormal;
            }
            said.on(&DETECTOR, record, step)
        })
        .collect()
}

/// What was looked for, as a customer would read it: the locus may have names in it that only the walk filled in.
fn shown(failure: &Failure) -> Option<&str> {
    let locus = failure.locus.as_deref()?;
    let said = || [" did not show", " still shows"].iter().find_map(|end| Some(failure.said.split_once(end)?.0));
    if locus.contains("${") { said().or(Some(locus)) } else { Some(locus) }
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
    fn unmet_expectations_speak() {
        check(failed("next", FailureKind::NotSeen), &["next: not-seen 下一步"]);
        check(failed("next", FailureKind::StillSeen), &["next: still-seen 下一步"]);
        check(failed("next", FailureKind::Missing), &[]);
        check(step("next"), &[]);
    }

    /// One incident for all test customers, and a headline that names what this one did not see.
    #[test]
    fn names_are_filled_in_for_people_and_left_for_the_key() {
        let mut step = crate::detector::sample::failed("home", FailureKind::NotSeen);
        step.outcome = crate::walk::Outcome::Failed(Failure {
            kind: FailureKind::NotSeen,
            said: "text \"张三\" did not show: waited 5.0 s on /home".into(),
            detail: None,
            locus: Some("text \"${account.name}\"".into()),
        });
        let finding = inspect(&crate::detector::sample::walk([step])).remove(0);
        assert_eq!(finding.cause_key, "not-seen text \"${account.name}\"");
        assert!(finding.headline.zh.contains("「张三」"), "{}", finding.headline.zh);
    }
}
