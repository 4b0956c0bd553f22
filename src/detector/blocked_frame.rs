//! A part of the page that comes in a frame does not come: the browser refuses to show it there, or its server fails.

use super::statement::{Detector, Said, Tier, add_once, answer_key, blame, failure_of, given_up, stopped_by_guard};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, Exchange, ExchangeKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "blocked-frame",
    zh: "内嵌页面打不开",
    en: "frame that does not come",
    catalogue: &["BF17"],
    tier: Tier::Call,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &record.steps {
        for frame in step.seen.exchanges.iter().filter(|e| did_not_come(step, e)) {
            add_once(&mut findings, found(record, step, frame));
        }
    }
    findings
}

/// A frame of the app's own, or one that the browser refuses to show in this page. Of others' frames many are advertisements,
/// which come and go.
fn did_not_come(step: &StepRecord, frame: &Exchange) -> bool {
    let wrong = frame.error.is_some() || frame.status.is_some_and(|status| status >= 400);
    let concerns = frame.own || refused(frame);
    frame.kind == ExchangeKind::Frame && wrong && concerns && !given_up(frame) && !stopped_by_guard(&step.seen, frame)
}

/// Whether the frame's own headers, or the page's policy, forbid it to stand there.
fn refused(frame: &Exchange) -> bool {
    let by = |error: &String| ["BLOCKED_BY_RESPONSE", "BLOCKED_BY_CSP"].iter().any(|word| error.contains(word));
    frame.error.as_ref().is_some_and(by)
}

fn found(record: &WalkRecord, step: &StepRecord, frame: &Exchange) -> Finding {
    let what = if frame.own { route_of(&frame.url) } else { super::statement::host_of(&frame.url).to_owned() };
    let (status, error) = (frame.status, frame.error.as_deref());
    let why = error.map_or_else(|| status.unwrap_or_default().to_string(), str::to_owned);
    let because =
        if refused(frame) { ("，浏览器不许它嵌在这里", ", which may not be shown there") } else { ("", "") };
    let zh = format!("「{}」时内嵌的页面 {what} 打不开{}", step.title, because.0);
    let en = format!("At “{}” the frame {what}{} does not come", step.title, because.1);
    let said = Said::new(Class::Broken, Severity::P1, zh, en)
        .cause(format!("frame {what} → {why}"), format!("frame {what} {}", answer_key(status, error)))
        .attributed(blame(status, error))
        .deterministic();
    // Frames that nobody sees renew sign-ons; only a customer who is stopped minds.
    let stopped = failure_of(step).is_some() && !step.soft;
    let said = if stopped { said } else { said.soft() };
    said.on(&DETECTOR, record, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, fail, step_with, walk};
    use crate::walk::FailureKind;

    fn check(stopped: bool, change: impl FnOnce(&mut Exchange), expected: &[(&str, bool)]) {
        let mut frame = Exchange {
            error: Some("net::ERR_BLOCKED_BY_RESPONSE".into()),
            status: None,
            ..exchange(ExchangeKind::Frame, "GET", "/esign/frame", 0)
        };
        change(&mut frame);
        let step = step_with("check", |s| {
            s.seen.exchanges.push(frame);
            s.seen.guarded.push("GET https://app.test/never (host)".into());
            if stopped {
                s.outcome = fail(FailureKind::Missing);
            }
        });
        let findings = inspect(&walk([step]));
        assert_eq!(findings.iter().map(|f| (f.cause_key.as_str(), f.failing)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn frames_that_do_not_come_speak() {
        check(true, |_| (), &[("frame /esign/frame =net::ERR_BLOCKED_BY_RESPONSE", true)]);
        let vendor = |e: &mut Exchange| (e.own, e.url) = (false, "https://face.vendor.test/verify?id=7".into());
        check(true, vendor, &[("frame face.vendor.test =net::ERR_BLOCKED_BY_RESPONSE", true)]);
        check(true, |e| (e.error, e.status) = (None, Some(502)), &[("frame /esign/frame =gateway", true)]);
        check(false, |_| (), &[("frame /esign/frame =net::ERR_BLOCKED_BY_RESPONSE", false)]);
    }

    /// Advertisements, frames that the page took back, what the guard kept out, and frames that came.
    #[test]
    fn what_no_customer_waits_for_is_silent() {
        let ads = |e: &mut Exchange| (e.own, e.error) = (false, Some("net::ERR_NAME_NOT_RESOLVED".into()));
        check(true, ads, &[]);
        check(true, |e| e.error = Some("net::ERR_ABORTED".into()), &[]);
        check(true, |e| e.url = "https://app.test/never".into(), &[]);
        check(true, |e| (e.error, e.status) = (None, Some(200)), &[]);
        check(true, |e| e.kind = ExchangeKind::Image, &[]);
    }
}
