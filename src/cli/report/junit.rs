//! `--junit`: a suite a walk, a case a step, as build servers read it.

use crate::walk::v1::{FindingV1, OutcomeV1, StepV1, VerdictV1, WalkV1};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The report of these walks. A step that failed is a failure, one the robot cannot speak for is an error, and a
/// finding on a step that passed fails that step's case: a build server must not show green where a walk is not.
pub fn junit(walks: &[WalkV1]) -> String {
    let mut report = Report::new("gengfu");
    report.set_time(Duration::from_millis(walks.iter().map(|w| w.elapsed_ms).sum()));
    report.add_test_suites(walks.iter().map(suite));
    report.to_string().expect("invariant: the report is UTF-8 and its writer is memory")
}

fn suite(walk: &WalkV1) -> TestSuite {
    let mut suite = TestSuite::new(walk.journey.as_str());
    suite.set_time(Duration::from_millis(walk.elapsed_ms));
    let class = walk.class.map_or("", |class| class.word());
    let attribution = walk.attribution.map_or("", |attribution| attribution.word());
    let properties = [
        ("shape", walk.shape.as_str()),
        ("walk", walk.walk.as_str()),
        ("started", walk.started.as_str()),
        ("device", walk.device.as_str()),
        ("base", walk.base.as_str()),
        ("verdict", walk.verdict.word()),
        ("class", class),
        ("attribution", attribution),
    ];
    suite.add_properties(properties.into_iter().filter(|(_, value)| !value.is_empty()));
    let mut told = false;
    for step in &walk.steps {
        let case = case(walk, step);
        told |= matches!(case.status, TestCaseStatus::NonSuccess { .. });
        suite.add_test_case(case);
    }
    if !told && matches!(walk.verdict, VerdictV1::Failed | VerdictV1::Inconclusive) {
        suite.add_test_case(whole(walk));
    }
    suite
}

fn case(walk: &WalkV1, step: &StepV1) -> TestCase {
    let findings: Vec<&FindingV1> = walk.findings.iter().filter(|f| f.step == step.id).collect();
    let mut case = TestCase::new(format!("{} ({})", step.title, step.id), status(walk, step, &findings));
    case.set_classname(walk.journey.as_str());
    case.set_time(Duration::from_millis(step.elapsed_ms));
    let mut notes: Vec<String> = findings.iter().map(|f| told(f)).collect();
    notes.extend(step.attempts.iter().filter_map(|a| a.failure.clone()).map(|f| format!("attempt: {f}")));
    notes.extend(step.picture.key.iter().map(|key| format!("picture: {key}")));
    notes.extend(step.picture.lost.iter().map(|why| format!("picture lost: {why}")));
    if !notes.is_empty() {
        case.set_system_out(notes.join("\n"));
    }
    case
}

fn status(walk: &WalkV1, step: &StepV1, findings: &[&FindingV1]) -> TestCaseStatus {
    let said = step.said.clone().unwrap_or_default();
    let failing = findings.iter().find(|f| f.failing);
    match step.outcome {
        // Behind a verdict that says nothing of the app, a failure says nothing of it either.
        OutcomeV1::Failed if !step.soft && walk.verdict == VerdictV1::Inconclusive => {
            let attribution = walk.attribution.map_or("robot", |a| a.word());
            unlike(NonSuccessKind::Error, attribution, &said, &headline(walk, None))
        }
        OutcomeV1::Failed if !step.soft => {
            let kind = step.failure.as_ref().map_or("failed", |f| f.kind.as_str());
            unlike(NonSuccessKind::Failure, kind, &headline(walk, failing.copied()), &said)
        }
        OutcomeV1::Inconclusive => unlike(
            NonSuccessKind::Error,
            step.trouble.as_deref().unwrap_or("inconclusive"),
            &said,
            &headline(walk, None),
        ),
        OutcomeV1::Skipped | OutcomeV1::NotReached => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(if said.is_empty() { "not reached".to_owned() } else { said });
            skipped
        }
        _ => match failing {
            Some(finding) => {
                let cause = finding.cause.clone().unwrap_or_default();
                unlike(NonSuccessKind::Failure, &finding.detector, &headline(walk, Some(finding)), &cause)
            }
            None => TestCaseStatus::success(),
        },
    }
}

/// A walk that is not green though none of its steps says why.
fn whole(walk: &WalkV1) -> TestCase {
    let kind = match walk.verdict {
        VerdictV1::Inconclusive => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    };
    let mut case = TestCase::new("the whole walk", unlike(kind, walk.verdict.word(), &headline(walk, None), ""));
    case.set_classname(walk.journey.as_str());
    case
}

fn unlike(kind: NonSuccessKind, type_: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(type_).set_message(message).set_description(description);
    status
}

fn headline(walk: &WalkV1, finding: Option<&FindingV1>) -> String {
    let text = finding.map(|f| &f.headline).or(walk.headline.as_ref());
    text.map_or_else(|| walk.verdict.word().to_owned(), |text| format!("{} · {}", text.zh, text.en))
}

fn told(finding: &FindingV1) -> String {
    let cause = finding.cause.as_deref().map(|cause| format!(" ← {cause}")).unwrap_or_default();
    let (severity, class) = (finding.severity.word(), finding.class.word());
    format!("{severity} {class} {}: {}{cause}", finding.detector, finding.headline.en)
}
