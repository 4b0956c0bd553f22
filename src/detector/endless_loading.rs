//! The page loads and never ends: a spinner, a skeleton, 加载中.

use super::statement::{Detector, Said, Tier, failure_of, looks};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Exchange, ExchangeKind, LoadingMark, StepRecord, WalkRecord};
use std::time::Duration;

pub(super) const DETECTOR: Detector = Detector {
    id: "endless-loading",
    zh: "一直加载",
    en: "endless loading",
    catalogue: &["BF08", "BP15"],
    tier: Tier::Waiting,
    inspect,
};

/// A customer has given up by then, whatever the step allows.
const GIVEN_UP: Duration = Duration::from_secs(10);
/// Where the step failed, a mark that stood this long is what it waited for.
const STOOD: Duration = Duration::from_secs(2);

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, page) in looks(record) {
        let Some(mark) = page.loading.iter().filter(|mark| endless(step, mark)).max_by_key(|mark| mark.age) else {
            continue;
        };
        let zh = format!("「{}」时页面一直在加载，客户等不到内容", step.title);
        let en = format!("The page keeps loading at “{}”: customers wait in vain", step.title);
        // Who got on with the page was not kept from it: a part of it does not come.
        let (class, severity) =
            if stopped(step) { (Class::Blocked, Severity::P1) } else { (Class::Broken, Severity::P2) };
        let said =
            Said::new(class, severity, zh, en).cause(shown(record, step, mark), format!("loading {}", mark.locus));
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
}

/// The mark, and the call that it stands for.
fn shown(record: &WalkRecord, step: &StepRecord, mark: &LoadingMark) -> String {
    let call = pending(record, step).map(|e| format!(", waiting for {} {}", e.method, route_of(&e.url)));
    format!("{} for {:.1} s{}", mark.locus, mark.age.as_secs_f64(), call.unwrap_or_default())
}

/// The call of the app's own that was waited for longest when the step ended. That it was given up then, or came after all,
/// is told in a later step.
fn pending<'r>(record: &'r WalkRecord, step: &StepRecord) -> Option<&'r Exchange> {
    let end = step.offset + step.elapsed;
    let waits = |e: &&Exchange| {
        let stream = e.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/event-stream"));
        e.own && e.kind == ExchangeKind::Api && !stream && e.offset + STOOD <= end && e.offset + e.elapsed >= end
    };
    record.steps.iter().flat_map(|s| &s.seen.exchanges).filter(waits).min_by_key(|e| e.offset)
}

fn endless(step: &StepRecord, mark: &LoadingMark) -> bool {
    mark.age >= if stopped(step) { STOOD } else { GIVEN_UP }
}

fn stopped(step: &StepRecord) -> bool {
    failure_of(step).is_some() && !step.soft
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{api, fail, keys, page_with, step, walk};
    use crate::walk::FailureKind;

    #[test]
    fn a_step_that_passed_was_not_blocked() {
        let mark = LoadingMark { locus: "div#list.skeleton".into(), age: Duration::from_secs(12) };
        let finding = |fails: bool| {
            let mut step = page_with("open", |p| p.loading.push(mark.clone()));
            if fails {
                step.outcome = fail(FailureKind::NotSeen);
            }
            inspect(&walk([step])).remove(0)
        };
        assert_eq!((finding(false).class, finding(false).severity), (Class::Broken, Severity::P2));
        assert_eq!((finding(true).class, finding(true).severity), (Class::Blocked, Severity::P1));
    }

    #[test]
    fn the_call_that_does_not_come_is_named() {
        let check = |began: u64, took: u64, expected: &str| {
            let mark = LoadingMark { locus: "div#list.skeleton".into(), age: Duration::from_secs(5) };
            let mut stuck = page_with("open", |p| p.loading.push(mark));
            (stuck.outcome, stuck.elapsed) = (fail(FailureKind::NotSeen), Duration::from_secs(6));
            let mut left = step("leave");
            let call =
                Exchange { status: None, error: Some("net::ERR_ABORTED".into()), ..api("GET", "/api/wealth", 0) };
            let ms = Duration::from_millis;
            left.seen.exchanges = vec![Exchange { offset: ms(began), elapsed: ms(took), ..call }];
            assert_eq!(inspect(&walk([stuck, left]))[0].cause.as_deref(), Some(expected));
        };
        check(900, 5_400, "div#list.skeleton for 5.0 s, waiting for GET /api/wealth");
        // It had come by then; it was asked only then.
        check(900, 3_000, "div#list.skeleton for 5.0 s");
        check(5_500, 900, "div#list.skeleton for 5.0 s");
    }

    fn check(age_ms: u64, fails: bool, expected: &[&str]) {
        let mark = LoadingMark { locus: "div#list.skeleton".into(), age: Duration::from_millis(age_ms) };
        let mut step = page_with("open", |p| p.loading.push(mark));
        if fails {
            step.outcome = fail(FailureKind::NotSeen);
        }
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn marks_that_stay_speak_and_those_that_pass_are_silent() {
        check(4_800, true, &["open: loading div#list.skeleton"]);
        check(12_000, false, &["open: loading div#list.skeleton"]);
        check(800, false, &[]);
        check(4_800, false, &[]);
        check(300, true, &[]);
    }
}
