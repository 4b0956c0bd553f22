//! The app's own server takes long to answer, though the step's own limit still held.

use super::statement::{Detector, Said, Tier, add_once, given_up, stopped_by_guard};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Exchange, ExchangeKind, StepRecord, WalkRecord};
use std::time::Duration;

pub(super) const DETECTOR: Detector = Detector {
    id: "slow-answer",
    zh: "后台响应慢",
    en: "slow answer",
    catalogue: &["SD01", "SD03", "SD05", "SD06"],
    tier: Tier::Slow,
    inspect,
};

/// From here on a customer notices that the app is slow rather than the page.
const SLOW: Duration = Duration::from_secs(3);

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for step in &record.steps {
        for exchange in step.seen.exchanges.iter().filter(|e| slow(step, e)) {
            let step = waiting(record, exchange).unwrap_or(step);
            let call = format!("{} {}", exchange.method, route_of(&exchange.url));
            let seconds = exchange.elapsed.as_secs_f64();
            let zh = format!("「{}」时后台响应慢：{call} 用了 {seconds:.1} 秒", step.title);
            let en = format!("The server is slow at “{}”: {call} takes {seconds:.1} s", step.title);
            let said = Said::new(Class::Slow, Severity::P2, zh, en)
                .cause(format!("{call} in {seconds:.1} s"), format!("slow {call}"))
                .lasting();
            add_once(&mut findings, said.on(&DETECTOR, record, step));
        }
    }
    findings
}

/// The step that waited longest for it: an answer that takes seconds may be told of in a later step only.
fn waiting<'a>(record: &'a WalkRecord, exchange: &Exchange) -> Option<&'a StepRecord> {
    let end = exchange.offset + exchange.elapsed;
    let shared = |s: &StepRecord| (s.offset + s.elapsed).min(end).saturating_sub(s.offset.max(exchange.offset));
    record.steps.iter().max_by_key(|s| shared(s)).filter(|s| !shared(s).is_zero())
}

/// Pages and calls of the app's own, and sheets, before which nothing is painted; a stream stays open on purpose and says so by its type.
fn slow(step: &StepRecord, exchange: &Exchange) -> bool {
    let waited_for = matches!(exchange.kind, ExchangeKind::Document | ExchangeKind::Api | ExchangeKind::Style);
    let stream = exchange.content_type.as_deref().is_some_and(|t| t.starts_with("text/event-stream"));
    let answered = exchange.status.is_some() && !given_up(exchange) && !stopped_by_guard(&step.seen, exchange);
    exchange.own && waited_for && answered && !stream && exchange.elapsed >= SLOW
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{api, keys, step_with, walk};

    fn check(change: impl FnOnce(&mut Exchange), expected: &[&str]) {
        let mut call = api("GET", "/api/funds", 200);
        call.elapsed = Duration::from_millis(4_200);
        change(&mut call);
        assert_eq!(keys(&inspect(&walk([step_with("funds", |s| s.seen.exchanges.push(call))]))), expected);
    }

    #[test]
    fn own_slow_answers_speak() {
        check(|_| (), &["funds: slow GET /api/funds"]);
        check(|e| e.kind = ExchangeKind::Style, &["funds: slow GET /api/funds"]);
        check(|e| e.own = false, &[]);
        check(|e| e.content_type = Some("text/event-stream".into()), &[]);
        check(|e| e.elapsed = Duration::from_millis(900), &[]);
        check(|e| e.kind = ExchangeKind::Image, &[]);
    }

    #[test]
    fn the_step_that_waited_is_named() {
        let mut call = api("GET", "/api/home", 200);
        (call.offset, call.elapsed) = (Duration::from_secs(1), Duration::from_secs(6));
        let at = |id, from, takes| {
            step_with(id, |s| (s.offset, s.elapsed) = (Duration::from_secs(from), Duration::from_secs(takes)))
        };
        let mut later = at("assert", 7, 1);
        later.seen.exchanges.push(call);
        assert_eq!(
            keys(&inspect(&walk([at("log-in", 0, 1), at("total", 1, 6), later]))),
            ["total: slow GET /api/home"]
        );
    }
}
