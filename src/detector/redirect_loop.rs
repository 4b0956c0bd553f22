//! The page redirects in a circle, or loads itself again and again.

use super::statement::{Detector, Said, Tier, acts, failure_of};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, ExchangeKind, FailureKind, StepRecord, WalkRecord};
use std::collections::BTreeMap;

pub(super) const DETECTOR: Detector = Detector {
    id: "redirect-loop",
    zh: "循环跳转",
    en: "redirect loop",
    catalogue: &["BF11", "BP11"],
    tier: Tier::Fatal,
    inspect,
};

/// Redirects of one document that no sign-on needs.
const REDIRECTS_MAX: u32 = 10;
/// Loads of one route within one step that no token refresh needs.
const RELOADS_MAX: usize = 3;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let spread = reloading(record);
    let within_step = |step| if spread.is_none() { reloaded(record, step) } else { None };
    let of_step = |step| redirected(record, step).or_else(|| within_step(step));
    record.steps.iter().filter_map(of_step).chain(spread.clone()).collect()
}

/// A page that reloads itself while the customer goes on with it: its loads are spread over several steps. One load
/// after each of the customer's own acts is theirs, also where everything has one address.
fn reloading(record: &WalkRecord) -> Option<Finding> {
    let (mut url, mut began, mut times, mut asked) = ("", None, 0, false);
    for step in &record.steps {
        if matches!(step.verb.as_str(), "open" | "reload" | "back") {
            (url, times, asked) = ("", 0, false);
        }
        asked |= acts(step);
        for navigation in step.seen.navigations.iter().filter(|n| !n.same_document && n.error.is_none()) {
            let theirs = std::mem::take(&mut asked);
            if navigation.url != url {
                (url, began, times) = (&navigation.url, Some(step), 1);
            } else if !theirs {
                times += 1;
            }
        }
        if let Some(first) = began.filter(|_| times > RELOADS_MAX) {
            return Some(told(record, first, &route_of(url), times));
        }
    }
    None
}

fn redirected(record: &WalkRecord, step: &StepRecord) -> Option<Finding> {
    let too_many = |error: &str| error.contains("TOO_MANY_REDIRECTS") || error.contains("REDIRECT_LOOP");
    let failed =
        failure_of(step).is_some_and(|f| matches!(&f.kind, FailureKind::NavigationFailed { error } if too_many(error)));
    let navigated = step.seen.navigations.iter().find(|n| n.error.as_deref().is_some_and(too_many));
    let documents = step.seen.exchanges.iter().filter(|e| e.kind == ExchangeKind::Document);
    let fetched =
        documents.into_iter().find(|e| e.redirects >= REDIRECTS_MAX || e.error.as_deref().is_some_and(too_many));
    let url = navigated.map(|n| n.url.as_str()).or(fetched.map(|e| e.url.as_str()));
    if !failed && url.is_none() {
        return None;
    }
    let route = url.map(route_of).unwrap_or_default();
    let zh = format!("页面来回跳转、始终打不开，客户无法完成「{}」", step.title);
    let en = format!("The page redirects in a circle and never opens: customers cannot get past “{}”", step.title);
    // Which link of the circle was the last one is chance, so the key does not name it.
    let said = Said::new(Class::Blocked, Severity::P1, zh, en).cause(format!("redirects at {route}"), "redirects");
    Some(said.deterministic().on(&DETECTOR, record, step))
}

fn reloaded(record: &WalkRecord, step: &StepRecord) -> Option<Finding> {
    let mut loads: BTreeMap<String, usize> = BTreeMap::new();
    for navigation in step.seen.navigations.iter().filter(|n| !n.same_document && n.error.is_none()) {
        *loads.entry(route_of(&navigation.url)).or_default() += 1;
    }
    let (route, times) = loads.into_iter().max_by_key(|(_, times)| *times).filter(|(_, times)| *times > RELOADS_MAX)?;
    Some(told(record, step, &route, times))
}

fn told(record: &WalkRecord, step: &StepRecord, route: &str, times: usize) -> Finding {
    let zh = format!("「{}」之后页面不断自己刷新，客户无法操作", step.title);
    let en = format!("After “{}” the page keeps reloading itself: customers cannot use it", step.title);
    let said = Said::new(Class::Broken, Severity::P1, zh, en).cause(format!("{route} loaded {times} times"), "reloads");
    said.on(&DETECTOR, record, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, step_with, walk};
    use crate::walk::Navigation;
    use std::time::Duration;

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    fn navigation(path: &str) -> Navigation {
        let url = format!("https://app.test{path}");
        Navigation { url, same_document: false, error: None, offset: Duration::ZERO }
    }

    #[test]
    fn circles_speak() {
        let circle = |s: &mut StepRecord| {
            let mut document = exchange(ExchangeKind::Document, "GET", "/login", 302);
            document.redirects = 20;
            s.seen.exchanges.push(document);
        };
        check(step_with("open", circle), &["open: redirects"]);
        check(
            step_with("open", |s| s.seen.navigations = (0..5).map(|_| navigation("/home")).collect()),
            &["open: reloads"],
        );
    }

    #[test]
    fn reloads_spread_over_steps_speak_where_they_began() {
        let check = |verb: &str, expected: &[&str]| {
            let at = |id| {
                step_with(id, |s| {
                    s.verb = verb.into();
                    s.seen.navigations = vec![navigation("/messages"); 2];
                })
            };
            assert_eq!(keys(&inspect(&walk([at("a"), at("b"), at("c")]))), expected);
        };
        check("see", &["a: reloads"]);
        check("reload", &[]);
    }

    /// A portal with one address for everything loads it once for each of the customer's taps.
    #[test]
    fn loads_that_taps_ask_for_are_silent() {
        let check = |verbs: &[(&str, usize)], expected: &[&str]| {
            let step = |(at, (verb, loads)): (usize, &(&str, usize))| {
                step_with(&format!("s{at}"), |s| {
                    s.verb = (*verb).into();
                    s.seen.navigations = vec![navigation("/perbank/main.do"); *loads];
                })
            };
            let record = WalkRecord { steps: verbs.iter().enumerate().map(step).collect(), ..walk([]) };
            assert_eq!(keys(&inspect(&record)), expected, "{verbs:?}");
        };
        check(&[("tap", 1); 6], &[]);
        check(&[("press", 1), ("fill", 0), ("choose", 1), ("tap", 1), ("tap", 1), ("tap", 1)], &[]);
        // The load came after the tap's own step had ended.
        check(&[("tap", 0), ("see", 1), ("tap", 0), ("see", 1), ("tap", 0), ("see", 1), ("tap", 0), ("see", 1)], &[]);
        check(&[("tap", 2), ("tap", 2), ("tap", 3)], &["s0: reloads"]);
    }

    #[test]
    fn sign_on_hops_and_client_routes_are_silent() {
        let hops = ["/", "/sso", "/sso/callback", "/home", "/home"].map(navigation).to_vec();
        check(step_with("open", |s| s.seen.navigations = hops), &[]);
        let routes = (0..9).map(|_| Navigation { same_document: true, ..navigation("/home") }).collect();
        check(step_with("open", |s| s.seen.navigations = routes), &[]);
    }
}
