//! The guard stopped a request that the step made: the journey would have done what it may not.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::{Finding, route_of};
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "guard-stopped",
    zh: "护栏拦下了请求",
    en: "the guard stopped a request",
    catalogue: &[],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, failure) in failures(record) {
        let FailureKind::Guarded { request } = &failure.kind else { continue };
        let request = request.split(" (").next().unwrap_or_default();
        let (method, url) = request.split_once(' ').unwrap_or(("", request));
        let zh = format!("护栏拦下了「{}」要发出的 {request}：旅程无权这样做，应用没有受影响", step.title);
        let en = format!(
            "The guard stopped {request} at “{}”: the journey may not do that; the app was not touched",
            step.title
        );
        let mut said = on_failure(step, failure, zh, en).deterministic();
        said.cause_key = format!("guarded {method} {}", route_of(url));
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, step_with, walk};
    use crate::walk::{Attribution, StepRecord};

    fn check(step: StepRecord, expected: &[(&str, Attribution)]) {
        let findings = inspect(&walk([step]));
        assert_eq!(findings.iter().map(|f| (f.cause_key.as_str(), f.attribution)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn it_speaks_about_the_journey_only() {
        let stopped = FailureKind::Guarded { request: "POST /api/orders/77 (`never` rule 1)".into() };
        check(failed("confirm", stopped), &[("guarded POST /api/orders/:id", Attribution::Robot)]);
        check(step_with("home", |s| s.seen.guarded.push("GET https://ads.test/p (host)".into())), &[]);
    }
}
