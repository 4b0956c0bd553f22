//! The page itself is answered with 4xx or 5xx.

use super::default_error_page::{is_error_page, is_trace};
use super::statement::{Detector, Said, Tier, answer_key, blame, failure_of, next_walked, stopped_by_guard};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Exchange, ExchangeKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "document-error",
    zh: "页面返回错误",
    en: "page answered with an error",
    catalogue: &["BF09"],
    tier: Tier::Fatal,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    // A stack trace says more of it than the status does.
    let traced = |step: &StepRecord| step.seen.page.as_ref().is_some_and(is_trace);
    let plain = record.steps.iter().filter(|step| !traced(step));
    plain.filter_map(|step| Some(found(record, step, refused(step)?))).collect()
}

fn found(record: &WalkRecord, step: &StepRecord, (document, status): (&Exchange, u16)) -> Finding {
    let route = route_of(&document.url);
    let stops = stops(record, step);
    let (class, severity, zh, en) = if stops {
        let zh = format!("「{}」时页面打不开：服务器返回 {status}", step.title);
        let en = format!("The page does not open at “{}”: the server answers {status}", step.title);
        (Class::Blocked, Severity::P1, zh, en)
    } else {
        let zh = format!("「{}」时页面能用，但服务器返回的状态是 {status}", step.title);
        let en = format!("The page works at “{}”, yet the server answers {status}", step.title);
        (Class::Broken, Severity::P3, zh, en)
    };
    let said = Said::new(class, severity, zh, en)
        .cause(
            format!("{} {route} → {status}", document.method),
            format!("{} {route} {}", document.method, answer_key(Some(status), None)),
        )
        .attributed(blame(Some(status), None))
        .deterministic();
    let said = if stops { said } else { said.soft() };
    said.on(&DETECTOR, record, step)
}

/// Whether the customer gets no further: here, at the very next step, or because the page says so itself. Many hosts
/// answer each address of their single-page app with 404, and with the app.
fn stops(record: &WalkRecord, step: &StepRecord) -> bool {
    let fails = |s: &StepRecord| failure_of(s).is_some() && !s.soft;
    let says_so = step.seen.page.as_ref().is_some_and(is_error_page);
    fails(step) || says_so || next_walked(record, step).is_some_and(fails)
}

/// The last document of the step, if it is an error: an error that led on to a page is a hop.
fn refused(step: &StepRecord) -> Option<(&Exchange, u16)> {
    let mut documents = step.seen.exchanges.iter().filter(|e| e.own && e.kind == ExchangeKind::Document);
    let last = documents.rfind(|e| e.status.is_some() && !stopped_by_guard(&step.seen, e))?;
    last.status.filter(|status| *status >= 400).map(|status| (last, status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{self, api, exchange, keys, step_with, walk};

    fn check(exchanges: Vec<Exchange>, expected: &[&str]) {
        let record = walk([step_with("open", |s| s.seen.exchanges = exchanges)]);
        assert_eq!(keys(&inspect(&record)), expected);
    }

    /// Hosts that answer each deep link with 404 and a working page are common.
    #[test]
    fn only_who_is_stopped_is_blocked() {
        let opened = |text: &str| {
            step_with("open", |s| {
                s.seen.exchanges.push(exchange(ExchangeKind::Document, "GET", "/h5/funds", 404));
                let page = s.seen.page.as_mut().unwrap();
                if !text.is_empty() {
                    (page.text, page.text_chars, page.main_chars) = (text.into(), 20, 20);
                }
            })
        };
        let check = |steps: Vec<StepRecord>, expected: &[(Class, bool)]| {
            let findings = inspect(&WalkRecord { steps, ..walk([]) });
            assert_eq!(findings.iter().map(|f| (f.class, f.failing)).collect::<Vec<_>>(), expected);
        };
        let works = || sample::step("next");
        let stuck = || sample::failed("next", crate::walk::FailureKind::Missing);
        check(vec![opened(""), works()], &[(Class::Broken, false)]);
        check(vec![opened(""), stuck()], &[(Class::Blocked, true)]);
        let failed = StepRecord { outcome: sample::fail(crate::walk::FailureKind::NotSeen), ..opened("") };
        check(vec![failed], &[(Class::Blocked, true)]);
        check(vec![opened("404 Not Found")], &[(Class::Blocked, true)]);
        // A stack trace is a page of its own: `default-error-page` tells of it.
        check(vec![opened("Whitelabel Error Page"), stuck()], &[]);
        let mut theirs = opened("");
        theirs.seen.exchanges[0].own = false;
        check(vec![theirs, stuck()], &[]);
    }

    #[test]
    fn the_last_document_decides() {
        let document = |path: &str, status| exchange(ExchangeKind::Document, "GET", path, status);
        check(vec![document("/funds/000123", 502)], &["open: GET /funds/:id =gateway"]);
        check(vec![document("/home", 401), document("/login", 200)], &[]);
        check(vec![document("/home", 200), api("GET", "/api/x", 500)], &[]);
        check(vec![exchange(ExchangeKind::Frame, "GET", "/ad", 404)], &[]);
    }
}
