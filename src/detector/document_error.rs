//! The page itself is answered with 4xx or 5xx.

use super::statement::{Detector, Said, Tier, blame, stopped_by_guard};
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
    record.steps.iter().filter_map(|step| Some(found(record, step, refused(step)?))).collect()
}

fn found(record: &WalkRecord, step: &StepRecord, (document, status): (&Exchange, u16)) -> Finding {
    let route = route_of(&document.url);
    let zh = format!("「{}」时页面打不开：服务器返回 {status}", step.title);
    let en = format!("The page does not open at “{}”: the server answers {status}", step.title);
    Said::new(Class::Blocked, Severity::P1, zh, en)
        .cause(format!("{} {route} → {status}", document.method), format!("{} {route} ={status}", document.method))
        .attributed(blame(Some(status), None))
        .deterministic()
        .on(&DETECTOR, record, step)
}

/// The last document of the step, if it is an error: an error that led on to a page is a hop.
fn refused(step: &StepRecord) -> Option<(&Exchange, u16)> {
    let mut documents = step.seen.exchanges.iter().filter(|e| e.kind == ExchangeKind::Document);
    let last = documents.rfind(|e| e.status.is_some() && !stopped_by_guard(&step.seen, e))?;
    last.status.filter(|status| *status >= 400).map(|status| (last, status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{api, exchange, keys, step_with, walk};

    fn check(exchanges: Vec<Exchange>, expected: &[&str]) {
        let record = walk([step_with("open", |s| s.seen.exchanges = exchanges)]);
        assert_eq!(keys(&inspect(&record)), expected);
    }

    #[test]
    fn the_last_document_decides() {
        let document = |path: &str, status| exchange(ExchangeKind::Document, "GET", path, status);
        check(vec![document("/funds/000123", 502)], &["open: GET /funds/:id =502"]);
        check(vec![document("/home", 401), document("/login", 200)], &[]);
        check(vec![document("/home", 200), api("GET", "/api/x", 500)], &[]);
        check(vec![exchange(ExchangeKind::Frame, "GET", "/ad", 404)], &[]);
    }
}
