//! What every detector is made of: its card, and the words it makes a finding with.

use crate::evidence::EvidenceKey;
use crate::finding::{Bilingual, Finding, Severity, route_of};
use crate::journey::title::in_chinese;
use crate::walk::{
    Attribution, Class, Exchange, ExchangeKind, Failure, FailureKind, Kept, Observation, Outcome, PageLook, StepRecord,
    WalkRecord,
};

/// How a detector's findings stand to those of others on the same step: what explains what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Ends the page: everything else on the step follows from it.
    Fatal,
    /// The page as a whole: what is missing, empty or odd on it follows from it.
    Page,
    /// A call the page depends on.
    Call,
    /// A text that stands where the right one should.
    Content,
    /// The page still waits for something.
    Waiting,
    /// What the step could not do: the symptom, when nothing above explains it.
    Symptom,
    /// An exception: gives a cause to what stands above, and stands alone otherwise.
    Script,
    /// Stands beside whatever else is wrong.
    Beside,
    /// Takes too long: follows from anything above.
    Slow,
    /// How the page looks, beside the approved picture: follows from whatever else is wrong with it.
    Looks,
}

/// A detector's card.
#[derive(Debug, Clone, Copy)]
pub struct Detector {
    /// Stable name, part of every fingerprint.
    pub id: &'static str,
    /// What it finds, in Chinese.
    pub zh: &'static str,
    /// What it finds, in English.
    pub en: &'static str,
    /// The faults of the catalogue it covers, such as `BF03`.
    pub catalogue: &'static [&'static str],
    /// What it explains, and what explains it.
    pub tier: Tier,
    /// The pure function itself.
    pub inspect: fn(&WalkRecord) -> Vec<Finding>,
}

/// What a detector says about one step; the rest of the finding comes from the record.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub class: Class,
    pub severity: Severity,
    pub attribution: Attribution,
    pub zh: String,
    pub en: String,
    pub cause: Option<String>,
    pub cause_key: String,
    /// What findings of other pages share with this one when one change made them all.
    pub shared: Option<String>,
    pub deterministic: bool,
    pub failing: bool,
    pub lasting: bool,
}

impl Said {
    /// A failing statement against the product; the detector adjusts what differs.
    pub fn new(class: Class, severity: Severity, zh: String, en: String) -> Self {
        Self {
            class,
            severity,
            attribution: Attribution::Product,
            zh,
            en,
            cause: None,
            cause_key: String::new(),
            shared: None,
            deterministic: false,
            failing: true,
            lasting: false,
        }
    }

    /// With a cause, and the stable part of it.
    pub fn cause(mut self, cause: impl Into<String>, key: impl Into<String>) -> Self {
        self.cause = Some(cause.into()).filter(|c| !c.is_empty());
        self.cause_key = key.into();
        self
    }

    /// With what findings of other pages share when one change made them all.
    pub fn shared(self, shared: impl Into<String>) -> Self {
        Self { shared: Some(shared.into()), ..self }
    }

    /// One more look settles it.
    pub fn deterministic(self) -> Self {
        Self { deterministic: true, ..self }
    }

    /// Degrades a walk only.
    pub fn soft(self) -> Self {
        Self { failing: false, ..self }
    }

    /// Degrades a walk, and is worth an incident when it lasts.
    pub fn lasting(self) -> Self {
        Self { failing: false, lasting: true, ..self }
    }

    /// Somebody else's fault.
    pub fn attributed(self, attribution: Attribution) -> Self {
        Self { attribution, ..self }
    }

    /// The finding of `detector` on `step`.
    pub fn on(self, detector: &Detector, record: &WalkRecord, step: &StepRecord) -> Finding {
        let zh = self.zh.replace(&step.title, &in_chinese(&step.title));
        let route = step_route(record, step);
        Finding {
            detector: detector.id,
            class: self.class,
            severity: self.severity,
            attribution: self.attribution,
            journey: record.journey.clone(),
            step: step.id.clone(),
            step_title: step.title.clone(),
            kin: super::kin::kin_of(detector, &route, &self.cause_key, self.shared.as_deref()),
            route,
            headline: Bilingual::new(zh, self.en),
            cause: self.cause,
            cause_key: self.cause_key,
            deterministic: self.deterministic,
            failing: self.failing,
            lasting: self.lasting,
            evidence: evidence_of(step),
        }
    }
}

/// The statement on a step's own failure. A soft step's failure is no block: the customer gets on without it.
pub(super) fn on_failure(step: &StepRecord, failure: &Failure, zh: String, en: String) -> Said {
    let class = match failure.kind.class() {
        Class::Blocked if step.soft => Class::Broken,
        class => class,
    };
    let severity = if step.soft { Severity::P2 } else { Severity::P1 };
    let cause = match &failure.detail {
        Some(detail) => format!("{} · {}", failure.said, cut(detail, 300)),
        None => failure.said.clone(),
    };
    let key = format!("{} {}", failure.kind.word(), failure.locus.as_deref().unwrap_or_default());
    let said = Said::new(class, severity, zh, en)
        .cause(cut(&cause, 500), key.trim_end())
        .attributed(failure.kind.attribution());
    if step.soft { said.lasting() } else { said }
}

/// The steps that failed, soft ones too.
pub(super) fn failures(record: &WalkRecord) -> impl Iterator<Item = (&StepRecord, &Failure)> {
    record.steps.iter().filter_map(|step| failure_of(step).map(|failure| (step, failure)))
}

/// A step's failure, if it failed.
pub(super) fn failure_of(step: &StepRecord) -> Option<&Failure> {
    match &step.outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    }
}

/// The pages that were looked at while visible, with their steps. The browser's own pages are none of the app's.
pub(super) fn looks(record: &WalkRecord) -> impl Iterator<Item = (&StepRecord, &PageLook)> {
    record.steps.iter().filter_map(|step| app_page(&step.seen).map(|page| (step, page)))
}

fn app_page(seen: &Observation) -> Option<&PageLook> {
    seen.page.as_ref().filter(|p| p.visible && !p.url.starts_with("about:") && !p.url.starts_with("chrome-error:"))
}

/// Whether the step does to the page what may make it load another one.
pub(super) fn acts(step: &StepRecord) -> bool {
    const ACTS: [&str; 10] = ["tap", "fill", "type", "press", "choose", "check", "upload", "drag", "swipe", "dialog"];
    ACTS.contains(&step.verb.as_str())
}

/// The step walked after this one, control flow and branches not taken left out.
pub(super) fn next_walked<'r>(record: &'r WalkRecord, step: &StepRecord) -> Option<&'r StepRecord> {
    let at = record.steps.iter().position(|s| std::ptr::eq(s, step))?;
    let walked = |s: &&StepRecord| s.section == step.section && !matches!(s.outcome, Outcome::Skipped(_));
    record.steps[at + 1..].iter().find(walked)
}

/// Whether the customer went on with an element of the page as it was at the step's end: it was there by then.
pub(super) fn was_used(record: &WalkRecord, step: &StepRecord) -> bool {
    const TOUCHES: [&str; 6] = ["tap", "fill", "choose", "check", "upload", "drag"];
    let got_through = |s: &&StepRecord| matches!(s.outcome, Outcome::Passed | Outcome::Degraded(_));
    next_walked(record, step).filter(got_through).is_some_and(|next| TOUCHES.contains(&next.verb.as_str()))
}

/// Adds a finding unless its trouble is told already: it was met first where it stands.
pub(super) fn add_once(findings: &mut Vec<Finding>, finding: Finding) {
    if !findings.iter().any(|f| f.cause_key == finding.cause_key) {
        findings.push(finding);
    }
}

/// Looks at pages that have settled and stayed so: a page that was right at the next look was only still coming.
pub(super) fn lasting_looks(record: &WalkRecord, wrong: impl Fn(&PageLook) -> bool) -> Vec<(&StepRecord, &PageLook)> {
    let all: Vec<_> = looks(record).collect();
    let stays = |at: usize| {
        let page = all[at].1;
        all.get(at + 1).is_none_or(|(_, next)| wrong(next) || route_of(&next.url) != route_of(&page.url))
    };
    (0..all.len()).filter(|&at| wrong(all[at].1) && stays(at)).map(|at| all[at]).collect()
}

/// The route a step ended on, or the last one known before it.
pub(super) fn step_route(record: &WalkRecord, step: &StepRecord) -> String {
    let at = record.steps.iter().position(|s| std::ptr::eq(s, step)).unwrap_or(0);
    let url = record.steps[..=at].iter().rev().find_map(|s| app_page(&s.seen).map(|p| p.url.as_str()));
    route_of(url.unwrap_or(&record.base))
}

/// The answer that brought the page `url` which a step saw, or an earlier one, as a cause names it; the newest.
pub(super) fn document_of(record: &WalkRecord, step: &StepRecord, url: &str) -> Option<String> {
    let at = record.steps.iter().position(|s| std::ptr::eq(s, step))?;
    let brought = |e: &&Exchange| e.own && e.kind == ExchangeKind::Document && route_of(&e.url) == route_of(url);
    record.steps[..=at].iter().rev().find_map(|s| s.seen.exchanges.iter().rev().find(brought)).map(answer_words)
}

/// A request and what came of it: `GET /funds/:id/buy → 302`.
pub(super) fn answer_words(exchange: &Exchange) -> String {
    let answer = match (exchange.status, &exchange.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error.clone(),
        (None, None) => "no answer".into(),
    };
    format!("{} {} → {answer}", exchange.method, route_of(&exchange.url))
}

/// Exchanges with the app's own hosts that the guard did not stop, with their steps.
pub(super) fn own_exchanges(record: &WalkRecord, kind: ExchangeKind) -> impl Iterator<Item = (&StepRecord, &Exchange)> {
    record.steps.iter().flat_map(move |step| {
        let of_kind = move |e: &&Exchange| e.own && e.kind == kind && !stopped_by_guard(&step.seen, e);
        step.seen.exchanges.iter().filter(of_kind).map(move |e| (step, e))
    })
}

/// Whether the guard stopped this exchange: its failure is the robot's doing.
pub(super) fn stopped_by_guard(seen: &Observation, exchange: &Exchange) -> bool {
    let refused = exchange.error.as_deref().is_some_and(|e| e.contains("BLOCKED_BY_CLIENT"));
    refused || seen.guarded.iter().any(|g| guard_names(g, Some(&exchange.method), &exchange.url))
}

/// Whether a line of the guard is about this request. It names a path (`POST /api/orders (rule)`), an address
/// (`GET https://ads.test:443/p (rule)`), or only a host where the path was not to be seen.
pub(super) fn guard_names(guarded: &str, method: Option<&str>, url: &str) -> bool {
    let request = guarded.split(" (").next().unwrap_or_default();
    let Some((stopped, target)) = request.split_once(' ') else { return false };
    let (host, path) = host_and_path(target);
    let (own_host, own_path) = host_and_path(url);
    let same_method = method.is_none_or(|m| m == stopped) || path.is_empty();
    same_method && (host.is_empty() || host == own_host) && (path.is_empty() || path == own_path)
}

/// The host of a URL, with its port where that is not the usual one.
pub(super) fn host_of(url: &str) -> &str {
    host_and_path(url).0
}

fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let bare = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = bare.find('/').map_or((bare, ""), |at| bare.split_at(at));
    (host.strip_suffix(":443").or(host.strip_suffix(":80")).unwrap_or(host), path)
}

/// Whether an exchange was given up by the page itself (it navigated away, it called `abort`).
pub(super) fn given_up(exchange: &Exchange) -> bool {
    exchange.error.as_deref().is_some_and(|e| e.contains("ABORTED") || e.contains("NS_BINDING"))
}

/// Whether a walk failed where the app gave no answer at all: then it may be the robot that reaches nothing. An app that
/// answered anything in the step that failed is reached.
pub fn unanswered(record: &WalkRecord) -> bool {
    let Some(step) = record.failed_step() else { return false };
    let asked = |e: &&Exchange| {
        let page_needs = matches!(e.kind, ExchangeKind::Document | ExchangeKind::Api);
        e.own && page_needs && !given_up(e) && !stopped_by_guard(&step.seen, e)
    };
    let silent = |e: &Exchange| e.status.is_none() && e.error.as_deref().is_some_and(is_no_answer);
    let refused = matches!(failure_of(step).map(|f| &f.kind),
        Some(FailureKind::NavigationFailed { error }) if is_no_answer(error));
    let mut all = step.seen.exchanges.iter().filter(asked).peekable();
    if all.peek().is_none() { refused } else { all.all(silent) }
}

/// Whether a browser's error says that no answer came. A certificate that is refused, or a redirect, is an answer.
pub fn is_no_answer(error: &str) -> bool {
    blame(None, Some(error)) == Attribution::Network || answer_key(None, Some(error)) == "=gateway"
}

/// Whose fault an answer or a browser's error is: the app's, the way's, or a protection's.
pub(super) fn blame(status: Option<u16>, error: Option<&str>) -> Attribution {
    const WAY: [&str; 8] = [
        "NAME_NOT_RESOLVED",
        "NAME_RESOLUTION",
        "INTERNET_DISCONNECTED",
        "PROXY",
        "NETWORK_CHANGED",
        "ADDRESS_UNREACHABLE",
        "NETWORK_IO_SUSPENDED",
        "TUNNEL_CONNECTION",
    ];
    match (status, error) {
        (Some(429), _) => Attribution::Protection,
        (Some(407 | 511), _) => Attribution::Network,
        (_, Some(error)) if WAY.iter().any(|w| error.contains(w)) => Attribution::Network,
        _ => Attribution::Product,
    }
}

/// What an answer is called in a fingerprint. An upstream that is down answers in many ways, or not at all: they are one.
pub(super) fn answer_key(status: Option<u16>, error: Option<&str>) -> String {
    const DOWN: [&str; 7] = [
        "EMPTY_RESPONSE",
        "CONNECTION_REFUSED",
        "CONNECTION_RESET",
        "CONNECTION_CLOSED",
        "CONNECTION_FAILED",
        "TIMED_OUT",
        "NET_RESET",
    ];
    let down = |error: &str| blame(None, Some(error)) == Attribution::Product && DOWN.iter().any(|d| error.contains(d));
    match (status, error) {
        (Some(502..=504), _) => "=gateway".into(),
        (None, Some(error)) if down(error) => "=gateway".into(),
        (Some(status), _) => format!("={status}"),
        (None, Some(error)) => format!("={error}"),
        (None, None) => "=none".into(),
    }
}

/// Pictures and pages that show the step.
pub(super) fn evidence_of(step: &StepRecord) -> Vec<EvidenceKey> {
    let key = |kept: &Kept| if let Kept::At(key) = kept { Some(key.clone()) } else { None };
    [key(&step.picture), key(&step.snapshot)].into_iter().flatten().collect()
}

/// The first `chars` characters, with an ellipsis where something was cut.
pub(super) fn cut(text: &str, chars: usize) -> String {
    let mut out: String = text.chars().take(chars).collect();
    if text.chars().nth(chars).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guards_lines_name_requests() {
        let check = |guarded: &str, method: &str, url: &str, expected: bool| {
            assert_eq!(guard_names(guarded, Some(method), url), expected, "{guarded} / {method} {url}");
        };
        check("POST /api/orders (never)", "POST", "https://app.test/api/orders?x=1", true);
        check("POST /api/orders (never)", "GET", "https://app.test/api/orders", false);
        check("POST /api/orders (never)", "POST", "https://app.test/api/orders/prepare", false);
        check("GET https://ads.test:443/p.gif (host)", "GET", "https://ads.test/p.gif", true);
        check("GET https://ads.test:443/p.gif (host)", "GET", "https://app.test/p.gif", false);
        check("CONNECT ads.test:443 (host)", "GET", "https://ads.test/p.gif", true);
    }
}
