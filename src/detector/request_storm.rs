//! The page asks the same of its server again and again, many times a second.

use super::statement::{Detector, Said, Tier};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Exchange, ExchangeKind, StepRecord, WalkRecord};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const DETECTOR: Detector = Detector {
    id: "request-storm",
    zh: "重复请求风暴",
    en: "request storm",
    catalogue: &["SD08"],
    tier: Tier::Beside,
    inspect,
};

/// Calls of one address within [`WINDOW`] that neither polling nor typing makes.
const CALLS_MAX: usize = 12;
const WINDOW: Duration = Duration::from_secs(2);

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut calls: BTreeMap<String, Vec<(&StepRecord, Duration)>> = BTreeMap::new();
    for step in &record.steps {
        // What is posted to one address may be twelve different things: a gateway, GraphQL.
        let reads = |e: &&Exchange| e.own && e.kind == ExchangeKind::Api && e.method == "GET";
        for call in step.seen.exchanges.iter().filter(reads) {
            calls.entry(name_of(call)).or_default().push((step, call.offset));
        }
    }
    let storm = |(name, mut made): (String, Vec<(&StepRecord, Duration)>)| {
        made.sort_by_key(|(_, offset)| *offset);
        let burst = made.windows(CALLS_MAX).find(|w| w[CALLS_MAX - 1].1 - w[0].1 <= WINDOW)?;
        Some(found(record, burst[0].0, &name))
    };
    calls.into_iter().filter_map(storm).collect()
}

/// The whole address: a page that fetches twelve different funds asks for twelve things.
fn name_of(call: &Exchange) -> String {
    format!("{} {}", call.method, call.url)
}

fn found(record: &WalkRecord, step: &StepRecord, name: &str) -> Finding {
    let (method, url) = name.split_once(' ').unwrap_or(("GET", name));
    let call = format!("{method} {}", route_of(url));
    let zh = format!("「{}」时页面不停地重复请求 {call}，拖慢手机，也压垮后台", step.title);
    let en = format!("The page asks for {call} again and again at “{}”", step.title);
    Said::new(Class::Slow, Severity::P2, zh, en)
        .cause(format!("{call} more than {CALLS_MAX} times in {} s", WINDOW.as_secs()), format!("storm {call}"))
        .on(&DETECTOR, record, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{api, keys, step_with, walk};

    fn check(times: u64, apart_ms: u64, path: fn(u64) -> String, expected: &[&str]) {
        let step = step_with("messages", |s| {
            s.seen.exchanges = (0..times)
                .map(|n| Exchange { offset: Duration::from_millis(n * apart_ms), ..api("GET", &path(n), 200) })
                .collect();
        });
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn the_same_call_many_times_a_second_speaks() {
        check(30, 40, |_| "/api/messages".into(), &["messages: storm GET /api/messages"]);
    }

    /// One gateway for everything: twelve tiles ask twelve things of one address.
    #[test]
    fn single_gateways_are_silent() {
        let calls = |n: u64| Exchange { offset: Duration::from_millis(n * 20), ..api("POST", "/gateway.do", 200) };
        let step = step_with("home", |s| s.seen.exchanges = (0..14).map(calls).collect());
        assert_eq!(keys(&inspect(&walk([step]))), Vec::<String>::new());
    }

    #[test]
    fn polling_and_lists_are_silent() {
        check(30, 1_000, |_| "/api/estimate".into(), &[]);
        check(30, 40, |n| format!("/api/funds/{n}"), &[]);
        check(5, 10, |_| "/api/messages".into(), &[]);
    }
}
