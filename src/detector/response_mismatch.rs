//! The app's answer to a step is not what the journey expects of it, or there is none.

use super::statement::{Detector, Tier, answer_key, failures, on_failure};
use crate::finding::{Finding, route_of};
use crate::walk::{FailureKind, WalkRecord};

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
        let zh = format!("「{}」时后台应答不对（{request}），客户无法继续", step.title);
        let en = format!("The answer to “{}” is not what it should be ({request}): customers cannot go on", step.title);
        let mut said = on_failure(step, failure, zh, en).deterministic();
        said.cause_key = format!("{method} {} {}", route_of(url), answer_key(*status, None));
        said.cause_key.extend(code.iter().map(|code| format!(" ={code}")));
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
}
