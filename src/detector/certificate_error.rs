//! The browser refuses the site's certificate or its TLS: customers see a warning instead of the app.

use super::statement::{Detector, Said, Tier, failure_of};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, ExchangeKind, FailureKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "certificate-error",
    zh: "证书错误",
    en: "certificate error",
    catalogue: &["SC01", "SC02", "SC03"],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    record.steps.iter().filter_map(|step| Some(found(record, step, refusal(step)?))).collect()
}

fn found(record: &WalkRecord, step: &StepRecord, error: String) -> Finding {
    let zh = format!("浏览器提示“连接不安全”，客户打不开页面（「{}」）", step.title);
    let en =
        format!("The browser warns that the connection is not safe: customers cannot open the page (“{}”)", step.title);
    Said::new(Class::Blocked, Severity::P1, zh, en)
        .cause(error.clone(), format!("={error}"))
        .deterministic()
        .on(&DETECTOR, record, step)
}

/// The browser's word for it. A third party's certificate blocks nobody, so only documents count.
fn refusal(step: &StepRecord) -> Option<String> {
    let failed = failure_of(step).and_then(|f| match &f.kind {
        FailureKind::NavigationFailed { error } => Some(error.as_str()),
        _ => None,
    });
    let navigated = step.seen.navigations.iter().filter_map(|n| n.error.as_deref());
    let fetched = step.seen.exchanges.iter().filter(|e| e.kind == ExchangeKind::Document && e.own);
    let mut errors = failed.into_iter().chain(navigated).chain(fetched.filter_map(|e| e.error.as_deref()));
    errors.find(|e| is_certificate(e)).map(str::to_owned)
}

/// Whether the browser's error is about certificates or TLS.
pub(super) fn is_certificate(error: &str) -> bool {
    ["ERR_CERT_", "ERR_SSL_", "SEC_ERROR_", "SSL_ERROR_", "MOZILLA_PKIX"].iter().any(|mark| error.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, failed, keys, step_with, walk};

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    /// SC01: it has expired; SC02: it is of another host, or nobody vouches for it; SC03: the server speaks old TLS only.
    #[test]
    fn every_refusal_of_the_browsers_speaks() {
        let refused = |error: &str| failed("open", FailureKind::NavigationFailed { error: error.into() });
        for error in [
            "CERT_DATE_INVALID",
            "CERT_COMMON_NAME_INVALID",
            "CERT_AUTHORITY_INVALID",
            "SSL_VERSION_OR_CIPHER_MISMATCH",
        ] {
            check(refused(&format!("net::ERR_{error}")), &[&format!("open: =net::ERR_{error}")]);
        }
        check(refused("net::ERR_CONNECTION_REFUSED"), &[]);
    }

    #[test]
    fn refused_documents_speak_and_third_parties_do_not() {
        let refused = FailureKind::NavigationFailed { error: "net::ERR_CERT_DATE_INVALID".into() };
        check(failed("open", refused), &["open: =net::ERR_CERT_DATE_INVALID"]);
        let third = step_with("open", |s| {
            let mut image = exchange(ExchangeKind::Image, "GET", "/pixel.gif", 0);
            (image.own, image.status, image.error) = (false, None, Some("net::ERR_CERT_DATE_INVALID".into()));
            s.seen.exchanges.push(image);
        });
        check(third, &[]);
    }
}
