//! A page does not load at all: nothing answers at its address.

use super::certificate_error::is_certificate;
use super::statement::{Detector, Said, Tier, answer_key, blame, failure_of, stopped_by_guard};
use crate::finding::{Finding, Severity};
use crate::walk::{Attribution, Class, Exchange, ExchangeKind, FailureKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "navigation-failed",
    zh: "页面无法加载",
    en: "page does not load",
    catalogue: &["BF09", "SD09"],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    record.steps.iter().filter_map(|step| Some(found(record, step, error_of(step)?))).collect()
}

fn found(record: &WalkRecord, step: &StepRecord, error: &str) -> Finding {
    let attribution = blame(None, Some(error));
    let (zh, en) = match attribution {
        Attribution::Network => (
            format!("巡检端到应用的网络不通，「{}」没有走成", step.title),
            format!("The way from the robot to the app is cut: “{}” could not be walked", step.title),
        ),
        _ => (
            format!("页面打不开（{error}），客户无法完成「{}」", step.title),
            format!("The page does not load ({error}): customers cannot get past “{}”", step.title),
        ),
    };
    Said::new(Class::Blocked, Severity::P1, zh, en)
        .cause(error, answer_key(None, Some(error)))
        .attributed(attribution)
        .deterministic()
        .on(&DETECTOR, record, step)
}

/// The browser's error: of the step's own failure, or, where the step failed otherwise, of a navigation it
/// caused. A navigation that was given up while the customer got on is none.
fn error_of(step: &StepRecord) -> Option<&str> {
    let failure = failure_of(step)?;
    let error = match &failure.kind {
        FailureKind::NavigationFailed { error } => error.as_str(),
        // An error without a code is a navigation that another one overtook.
        _ => error_behind(step).filter(|error| error.contains("ERR") && !error.contains("ABORTED"))?,
    };
    let others = error.contains("TOO_MANY_REDIRECTS") || error.contains("REDIRECT_LOOP") || is_certificate(error);
    (!others).then_some(error)
}

/// The error of the last navigation or of the last document asked for.
fn error_behind(step: &StepRecord) -> Option<&str> {
    let navigated = step.seen.navigations.last().and_then(|n| n.error.as_deref());
    let document = |e: &&Exchange| e.kind == ExchangeKind::Document && !stopped_by_guard(&step.seen, e);
    let fetched = step.seen.exchanges.iter().rfind(document).and_then(|e| e.error.as_deref());
    navigated.or(fetched)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, fail, failed, step, step_with, walk};
    use crate::walk::Navigation;

    fn check(step: StepRecord, expected: &[(&str, Attribution)]) {
        let findings = inspect(&walk([step]));
        let got: Vec<_> = findings.iter().map(|f| (f.cause_key.as_str(), f.attribution)).collect();
        assert_eq!(got, expected);
    }

    fn refused(error: &str) -> StepRecord {
        failed("open", FailureKind::NavigationFailed { error: error.into() })
    }

    #[test]
    fn the_code_says_whose_fault() {
        check(refused("net::ERR_CONNECTION_REFUSED"), &[("=gateway", Attribution::Product)]);
        check(refused("net::ERR_NAME_NOT_RESOLVED"), &[("=net::ERR_NAME_NOT_RESOLVED", Attribution::Network)]);
        check(
            refused("net::ERR_PROXY_CONNECTION_FAILED"),
            &[("=net::ERR_PROXY_CONNECTION_FAILED", Attribution::Network)],
        );
        check(refused("net::ERR_CERT_DATE_INVALID"), &[]);
        check(step("open"), &[]);
        let unanswered = |s: &mut StepRecord| {
            let mut document = exchange(ExchangeKind::Document, "GET", "/funds", 0);
            (document.status, document.error) = (None, Some("net::ERR_CONNECTION_REFUSED".into()));
            s.seen.exchanges.push(document);
        };
        check(step_with("open", unanswered), &[]);
        let overtaken = Navigation {
            url: "https://app.test/wealth".into(),
            same_document: false,
            error: Some("the navigation failed".into()),
            offset: std::time::Duration::ZERO,
        };
        let astray = FailureKind::WrongRoute { expected: "/wealth".into(), actual: "/help".into() };
        let mut helped = failed("tap", astray);
        helped.seen.navigations.push(overtaken);
        check(helped, &[]);
        let mut blocked = step_with("open", unanswered);
        blocked.outcome = fail(FailureKind::NotSeen);
        check(blocked, &[("=gateway", Attribution::Product)]);
    }
}
