//! A call of the app's own API fails, or answers with a business error.

use super::statement::{Detector, Said, Tier, answer_key, blame, cut, failure_of, given_up, own_exchanges};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Exchange, ExchangeKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "api-error",
    zh: "接口报错",
    en: "API error",
    catalogue: &["BF10", "BF01", "BF23"],
    tier: Tier::Call,
    inspect,
};

/// Business codes that mean "fine" where the app's configuration does not say.
const FINE: [&str; 16] = [
    "0", "00", "000", "0000", "00000", "000000", "0000000", "00000000", "1", "200", "ok", "success", "succ", "true",
    "s", "normal",
];

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, exchange) in own_exchanges(record, ExchangeKind::Api) {
        let Some(how) = wrong(step, exchange) else { continue };
        let finding = found(record, step, exchange, &how);
        // The same call failing on every page is one trouble, met first here.
        match findings.iter_mut().find(|f| f.cause_key == finding.cause_key && (f.step == step.id || f.failing)) {
            Some(first) => first.failing |= finding.failing,
            None => findings.push(finding),
        }
    }
    findings
}

/// How a call went wrong, and how much of it a customer meets.
struct Wrong {
    shown: String,
    key: String,
    failing: bool,
}

fn wrong(step: &StepRecord, exchange: &Exchange) -> Option<Wrong> {
    if given_up(exchange) {
        return None;
    }
    let blocked = failure_of(step).is_some() && !step.soft;
    if !blocked && left_behind(step, exchange) {
        return None;
    }
    let (shown, key, hard) = match (exchange.status, &exchange.error, &exchange.business_code) {
        // Whether someone is signed in is asked with calls that answer 401; only a customer who is stopped minds.
        (Some(401), ..) if !blocked => return None,
        (Some(status), ..) if status >= 400 => (status.to_string(), answer_key(Some(status), None), status >= 500),
        (None, Some(error), _) => (error.clone(), answer_key(None, Some(error)), true),
        (_, _, Some(code)) if !exchange.business_right.unwrap_or_else(|| is_fine(code)) => {
            (code.clone(), format!("={code}"), false)
        }
        _ => return None,
    };
    let code = exchange.business_code.as_ref().filter(|code| **code != shown && key != "=gateway");
    let key = code.map_or(key.clone(), |code| format!("{key} ={code}"));
    Some(Wrong { shown, key, failing: blocked || (hard && !recovered(step, exchange)) })
}

fn is_fine(code: &str) -> bool {
    FINE.contains(&code.to_lowercase().as_str())
}

/// Whether the customer was leaving the page while it still asked: a figure that ticks until the log-out is answered
/// "not signed in", to a page that nobody sees any more.
fn left_behind(step: &StepRecord, read: &Exchange) -> bool {
    let documents = || step.seen.exchanges.iter().filter(|e| e.kind == ExchangeKind::Document);
    let left_before_the_answer = documents().any(|d| d.offset <= read.offset + read.elapsed);
    let next_page_after_it = documents().any(|d| d.offset > read.offset);
    read.method == "GET" && left_before_the_answer && next_page_after_it
}

/// Whether the page tried again in the same step and got its answer: the customer did not notice. On an address that
/// is asked for many things, another answer is only this call's when it was asked in the very same words.
fn recovered(step: &StepRecord, failed: &Exchange) -> bool {
    let of_route = |e: &&Exchange| e.method == failed.method && route_of(&e.url) == route_of(&failed.url);
    let alone = step.seen.exchanges.iter().filter(of_route).count() == 2;
    let again = |e: &Exchange| alone || (e.method == "GET" && e.url == failed.url);
    let right = |e: &Exchange| e.offset > failed.offset && e.status.is_some_and(|s| s < 400);
    step.seen.exchanges.iter().filter(of_route).any(|e| again(e) && right(e))
}

fn found(record: &WalkRecord, step: &StepRecord, exchange: &Exchange, how: &Wrong) -> Finding {
    let call = format!("{} {}", exchange.method, route_of(&exchange.url));
    let message = exchange.business_message.as_deref().map(|m| format!("“{}”", cut(m, 60))).unwrap_or_default();
    let zh = format!("「{}」时后台接口报错（{} {}）{message}，页面的一部分不能用", step.title, call, how.shown);
    let en =
        format!("A call fails at “{}” ({call} → {}){message}: a part of the page does not work", step.title, how.shown);
    let code = exchange.business_code.as_ref().filter(|code| **code != how.shown);
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let severity = if how.failing { Severity::P1 } else { Severity::P2 };
    let said = Said::new(Class::Broken, severity, zh, en)
        .cause(format!("{call} → {}{code} {message}", how.shown).trim_end(), format!("{call} {}", how.key))
        .attributed(blame(exchange.status, exchange.error.as_deref()))
        .deterministic();
    let said = if how.failing { said } else { said.soft() };
    said.on(&DETECTOR, record, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{api, fail, step_with, walk};
    use crate::walk::FailureKind;
    use std::time::Duration;

    fn check(blocked: bool, exchanges: Vec<Exchange>, expected: &[(&str, bool)]) {
        let step = step_with("next", |s| {
            s.seen.exchanges = exchanges;
            s.seen.guarded.push("POST https://app.test/api/orders (never)".into());
            if blocked {
                s.outcome = fail(FailureKind::NotSeen);
            }
        });
        let findings = inspect(&walk([step]));
        assert_eq!(findings.iter().map(|f| (f.cause_key.as_str(), f.failing)).collect::<Vec<_>>(), expected);
    }

    fn coded(code: &str) -> Exchange {
        let message = Some("产品已售罄".into());
        Exchange {
            business_code: Some(code.into()),
            business_message: message,
            ..api("POST", "/api/orders/prepare", 200)
        }
    }

    #[test]
    fn own_failures_speak() {
        check(false, vec![api("GET", "/api/funds/000123", 500)], &[("GET /api/funds/:id =500", true)]);
        check(true, vec![coded("E1001")], &[("POST /api/orders/prepare =E1001", true)]);
        check(false, vec![coded("E1001")], &[("POST /api/orders/prepare =E1001", false)]);
        check(true, vec![api("GET", "/api/me", 401)], &[("GET /api/me =401", true)]);
        let refused =
            Exchange { status: None, error: Some("net::ERR_EMPTY_RESPONSE".into()), ..api("GET", "/api/x", 0) };
        check(false, vec![refused], &[("GET /api/x =gateway", true)]);
    }

    #[test]
    fn what_no_customer_minds_is_silent() {
        check(false, vec![coded("0000"), coded("SUCCESS"), api("GET", "/api/me", 401)], &[]);
        check(true, vec![Exchange { business_right: Some(true), ..coded("S-77") }], &[]);
        check(false, vec![Exchange { own: false, ..api("GET", "/collect", 503) }], &[]);
        let aborted = Exchange { status: None, error: Some("net::ERR_ABORTED".into()), ..api("GET", "/api/x", 0) };
        check(true, vec![aborted], &[]);
        let stopped = Exchange { status: None, error: Some("net::ERR_FAILED".into()), ..api("POST", "/api/orders", 0) };
        check(true, vec![stopped], &[]);
    }

    #[test]
    fn a_page_that_is_being_left_is_silent() {
        let check = |order: [u64; 3], expected: &[(&str, bool)]| {
            let at = |ms| Duration::from_millis(ms);
            let read = Exchange { offset: at(order[1]), ..coded("E0401") };
            let read = Exchange { method: "GET".into(), elapsed: at(8), ..read };
            let document = |ms| Exchange { kind: ExchangeKind::Document, offset: at(ms), ..api("GET", "/logout", 200) };
            check(false, vec![document(order[0]), read, document(order[2])], expected);
        };
        check([100, 105, 120], &[]);
        // The new page's own call, and one whose answer sent the customer away.
        check([100, 130, 120], &[("GET /api/orders/prepare =E0401", false)]);
        check([150, 105, 120], &[("GET /api/orders/prepare =E0401", false)]);
    }

    #[test]
    fn a_call_that_recovered_only_degrades() {
        let again = Exchange { offset: Duration::from_millis(900), ..api("GET", "/api/x", 200) };
        check(false, vec![api("GET", "/api/x", 503), again], &[("GET /api/x =gateway", false)]);
        // One gateway for everything: what is right after it may be the answer to something else.
        let later = |ms, status| Exchange { offset: Duration::from_millis(ms), ..api("POST", "/gateway.do", status) };
        let many = vec![later(1, 200), later(2, 500), later(3, 200), later(4, 200)];
        check(false, many, &[("POST /gateway.do =500", true)]);
        check(false, vec![later(1, 500), later(900, 200)], &[("POST /gateway.do =500", false)]);
    }

    /// A dying upstream answers in many ways: they are one trouble.
    #[test]
    fn ways_of_being_down_are_one() {
        let lost = |error: &str| Exchange { status: None, error: Some(error.into()), ..api("GET", "/api/x", 0) };
        let one = &[("GET /api/x =gateway", true)];
        check(false, vec![api("GET", "/api/x", 502)], one);
        check(false, vec![api("GET", "/api/x", 504)], one);
        for error in ["EMPTY_RESPONSE", "CONNECTION_REFUSED", "CONNECTION_RESET", "CONNECTION_CLOSED", "TIMED_OUT"] {
            check(false, vec![lost(&format!("net::ERR_{error}"))], one);
        }
        check(false, vec![api("GET", "/api/x", 500)], &[("GET /api/x =500", true)]);
        check(true, vec![lost("net::ERR_NAME_NOT_RESOLVED")], &[("GET /api/x =net::ERR_NAME_NOT_RESOLVED", true)]);
    }
}
