//! The app's answer to a step is not what the journey expects of it, or there is none.

use super::statement::{Detector, Tier, answer_key, failures, on_failure};
use crate::finding::{Finding, route_of};
use crate::walk::{Exchange, FailureKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "response-mismatch",
    zh: "后台应答不符",
    en: "answer is not what it should be",
    catalogue: &["BF10", "BF14", "PS26"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, failure) in failures(record) {
        let FailureKind::WrongResponse { request, status, code } = &failure.kind else { continue };
        let (method, url) = request.split_once(' ').unwrap_or(("", request));
        let silent = status.is_none() && !asked(record, step, method, url);
        let (zh, en) = if !silent {
            (
                format!("「{}」时后台应答不对（{request}），客户无法继续", step.title),
                format!("The answer to “{}” is not what it should be ({request}): customers cannot go on", step.title),
            )
        } else {
            (
                format!("「{}」之后页面没有向后台提交（{request}），客户无法继续", step.title),
                format!("“{}” sends nothing to the app ({request}): customers cannot go on", step.title),
            )
        };
        let mut said = on_failure(step, failure, zh, en).deterministic();
        // Buttons that send nothing died of one release.
        said.shared = silent.then(|| "nothing was sent".to_owned());
        said.cause_key = format!("{method} {} {}", route_of(url), answer_key(*status, None));
        said.cause_key.extend(code.iter().map(|code| format!(" ={code}")));
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
}

/// Whether the page asked at all: a dead button sends nothing. What is still under way is told with the last step.
fn asked(record: &WalkRecord, step: &StepRecord, method: &str, url: &str) -> bool {
    // A pattern (`/api/orders/*`) may be any call.
    let fits = |e: &Exchange| url.contains(['*', '?']) || route_of(&e.url) == route_of(url);
    let since = |e: &&Exchange| e.own && e.offset >= step.offset && (method == "any" || e.method == method);
    record.steps.iter().flat_map(|s| &s.seen.exchanges).filter(since).any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{api, failed, keys, step, step_with, walk};

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn wrong_answers_speak() {
        let wrong = |status, code: Option<&str>| FailureKind::WrongResponse {
            request: "POST /api/orders/prepare".into(),
            status,
            code: code.map(str::to_owned),
        };
        check(failed("next", wrong(Some(200), Some("E1001"))), &["next: POST /api/orders/prepare =200 =E1001"]);
        check(failed("next", wrong(None, None)), &["next: POST /api/orders/prepare =none"]);
        check(failed("next", FailureKind::NotSeen), &[]);
        check(step("next"), &[]);
    }

    #[test]
    fn a_page_that_asks_nothing_is_told_from_one_that_gets_no_answer() {
        let request = "POST /api/orders/prepare".to_owned();
        let stuck =
            || failed("next", FailureKind::WrongResponse { request: request.clone(), status: None, code: None });
        let asking = |method| {
            let pending = Exchange { status: None, ..api(method, "/api/orders/prepare", 0) };
            step_with("leave", |s| s.seen.exchanges.push(pending))
        };
        let check = |last: StepRecord, expected: &str| {
            let headline = inspect(&walk([stuck(), last])).remove(0).headline.zh;
            assert!(headline.contains(expected), "{headline}");
        };
        check(step("leave"), "没有向后台提交");
        check(asking("GET"), "没有向后台提交");
        check(asking("POST"), "后台应答不对");
    }
}
