//! A figure contradicts another one, or cannot be read as a figure: the page works and is wrong.

use super::statement::{Detector, Said, Tier, cut, failures, on_failure};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Degradation, FailureKind, Outcome, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "figure-assertion-failed",
    zh: "数字或内容不一致",
    en: "figures do not agree",
    catalogue: &[
        "BF07", "BF20", "BF21", "CT15", "PS01", "PS02", "PS03", "PS04", "PS05", "PS06", "PS10", "PS12", "PS13", "PS14",
        "PS20", "PS21", "PS23", "PS24", "PS25", "PS26", "PS27", "PS30", "SC14", "SC15", "SC16",
    ],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, failure) in failures(record) {
        let (zh, en, key) = match &failure.kind {
            FailureKind::AssertionFalse { shown } => (
                format!("「{}」不成立：{}", step.title, cut(shown, 120)),
                format!("“{}” does not hold: {}", step.title, cut(shown, 120)),
                format!("assertion {}", expression_of(shown)),
            ),
            FailureKind::Unreadable => (
                format!("「{}」时页面上的数字读不出来：{}", step.title, cut(&failure.said, 120)),
                format!("A figure cannot be read at “{}”: {}", step.title, cut(&failure.said, 120)),
                format!("unreadable {}", failure.locus.as_deref().unwrap_or_default()),
            ),
            _ => continue,
        };
        let mut said = on_failure(step, failure, zh, en).deterministic();
        said.class = Class::Abnormal;
        // The same claim with the same figures on another page: what works them out for both is one.
        said.shared = match &failure.kind {
            FailureKind::AssertionFalse { shown } => Some(shown.clone()),
            _ => None,
        };
        said.cause_key = key.trim_end().to_owned();
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings.extend(record.steps.iter().filter_map(|step| Some(late(record, step, late_by(step)?))));
    findings
}

fn late_by(step: &StepRecord) -> Option<u64> {
    let Outcome::Degraded(degradations) = &step.outcome else { return None };
    degradations.iter().find_map(|d| match d {
        Degradation::LateFigures { elapsed_ms } => Some(*elapsed_ms),
        _ => None,
    })
}

/// A figure that was wrong for a moment: customers who looked then saw it.
fn late(record: &WalkRecord, step: &StepRecord, elapsed_ms: u64) -> Finding {
    let seconds = elapsed_ms as f64 / 1e3;
    let at_first = step.attempts.first().and_then(|a| a.failure.as_deref()).unwrap_or_default();
    let zh = format!("「{}」过了 {seconds:.1} 秒才成立，先前是：{}", step.title, cut(at_first, 120));
    let en = format!("“{}” holds only after {seconds:.1} s; before: {}", step.title, cut(at_first, 120));
    Said::new(Class::Abnormal, Severity::P3, zh, en).cause(at_first, "late").soft().on(&DETECTOR, record, step)
}

/// The expression without the values behind it: `nav == listed_nav (1.2345, 1.2354)`.
fn expression_of(shown: &str) -> &str {
    shown.strip_suffix(')').and_then(|s| s.rfind(" (")).map_or(shown, |at| &shown[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, keys, step, step_with, walk};

    fn check(step: StepRecord, expected: &[&str]) {
        let findings = inspect(&walk([step]));
        assert!(findings.iter().all(|f| f.class == Class::Abnormal && f.deterministic));
        assert_eq!(keys(&findings), expected);
    }

    #[test]
    fn wrong_figures_speak_and_their_values_are_no_part_of_the_key() {
        let shown = "nav == round(listed_nav, 4) (1.2345, 1.2354)".into();
        check(failed("nav", FailureKind::AssertionFalse { shown }), &["nav: assertion nav == round(listed_nav, 4)"]);
        check(failed("nav", FailureKind::Unreadable), &["nav: unreadable 下一步"]);
        check(failed("nav", FailureKind::Missing), &[]);
        check(step("nav"), &[]);
    }

    #[test]
    fn figures_that_agree_only_later_are_told() {
        let late = step_with("nav", |s| {
            s.attempts[0].failure = Some("false: nav == listed (1.2, 1.3)".into());
            s.outcome = Outcome::Degraded(vec![Degradation::LateFigures { elapsed_ms: 2_100 }]);
        });
        let findings = inspect(&walk([late]));
        assert_eq!((findings.len(), findings[0].failing, findings[0].severity), (1, false, Severity::P3));
        assert!(findings[0].headline.zh.contains("过了 2.1 秒才成立，先前是：false: nav == listed (1.2, 1.3)"));
    }
}
