//! `--html`: one self-contained page with the filmstrip, for reading, mailing and keeping. No script, nothing from outside.

use super::{Language, lasting};
use crate::evidence::EvidenceKey;
use crate::walk::v1::{ExchangeV1, FindingV1, OutcomeV1, StepV1, VerdictV1, WalkV1};
use base64::Engine as _;
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;

/// The page of these walks. `picture` gives a piece of evidence's bytes, or `None` when it is not at hand.
pub fn html(walks: &[WalkV1], picture: &dyn Fn(&EvidenceKey) -> Option<Vec<u8>>, language: Language) -> String {
    let mut environment = Environment::new();
    // The name's ending turns autoescape on.
    environment
        .add_template("walk.html", include_str!("walk.html"))
        .expect("invariant: the template is a part of this program and parses");
    let walks: Vec<WalkView<'_>> = walks.iter().enumerate().map(|(at, walk)| WalkView::of(at, walk, picture)).collect();
    let template = environment.get_template("walk.html").expect("invariant: it was added above");
    template
        .render(context! { walks => Serde(&walks), english => language == Language::En, lang => language.tag(), robot => env!("CARGO_PKG_VERSION") })
        .expect("invariant: the template names only what it is given")
}

/// A walk with what the page works out of it.
#[derive(Serialize)]
struct WalkView<'a> {
    /// Prefix of its anchors.
    id: String,
    walk: &'a WalkV1,
    verdict: [&'static str; 2],
    elapsed: String,
    width: u32,
    height: u32,
    steps: Vec<StepView<'a>>,
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct StepView<'a> {
    id: String,
    number: usize,
    step: &'a StepV1,
    mark: char,
    /// The class that colours it: a soft step's failure is a blemish.
    tone: &'static str,
    outcome: [&'static str; 2],
    elapsed: String,
    /// `data:` URI of its picture.
    picture: Option<String>,
    open: bool,
    rows: Vec<RowView<'a>>,
    span: String,
}

#[derive(Serialize)]
struct RowView<'a> {
    exchange: &'a ExchangeV1,
    path: String,
    failed: bool,
    elapsed: String,
    /// Where its bar begins and how long it is, in percent of the step's own window.
    left: String,
    wide: String,
}

#[derive(Serialize)]
struct FindingView<'a> {
    finding: &'a FindingV1,
    /// What the detector finds, Chinese and English; its name where this version does not know it.
    title: [&'a str; 2],
    /// The anchor of the step it was met in.
    step: Option<String>,
    /// Whether the page's head says the same.
    headline_above: bool,
}

impl<'a> WalkView<'a> {
    fn of(at: usize, walk: &'a WalkV1, picture: &dyn Fn(&EvidenceKey) -> Option<Vec<u8>>) -> Self {
        let id = format!("w{}", at + 1);
        let (width, height) = viewport(&walk.environment.viewport);
        let first = walk.findings.first().filter(|f| f.failing).map(|f| f.step.as_str());
        let opened =
            walk.steps.iter().position(|s| s.outcome == OutcomeV1::Inconclusive || Some(s.id.as_str()) == first);
        let view = |(n, step)| StepView::of(&id, n, step, opened == Some(n), picture);
        let steps: Vec<StepView<'a>> = walk.steps.iter().enumerate().map(view).collect();
        let anchor = |f: &FindingV1| steps.iter().find(|s| s.step.id == f.step).map(|s| s.id.clone());
        let view = |finding: &'a FindingV1| FindingView {
            finding,
            title: title(&finding.detector),
            step: anchor(finding),
            headline_above: walk.headline.as_ref() == Some(&finding.headline),
        };
        let findings = walk.findings.iter().map(view).collect();
        Self {
            id,
            walk,
            verdict: verdict(walk.verdict),
            elapsed: lasting(walk.elapsed_ms),
            width,
            height,
            steps,
            findings,
        }
    }
}

impl<'a> StepView<'a> {
    fn of(
        walk: &str,
        at: usize,
        step: &'a StepV1,
        open: bool,
        picture: &dyn Fn(&EvidenceKey) -> Option<Vec<u8>>,
    ) -> Self {
        let (mark, outcome) = match step.outcome {
            OutcomeV1::Passed => ('✓', ["通过", "passed"]),
            OutcomeV1::Degraded => ('!', ["有瑕疵", "degraded"]),
            OutcomeV1::Failed => ('✗', ["失败", "failed"]),
            OutcomeV1::Inconclusive => ('?', ["无法判断", "inconclusive"]),
            OutcomeV1::Skipped => ('–', ["跳过", "skipped"]),
            OutcomeV1::NotReached => ('○', ["未走到", "not reached"]),
        };
        let blemish = step.soft && step.outcome == OutcomeV1::Failed;
        let (rows, span) = waterfall(&step.seen.exchanges);
        Self {
            id: format!("{walk}s{}", at + 1),
            number: at + 1,
            step,
            mark: if blemish { '!' } else { mark },
            tone: if blemish { OutcomeV1::Degraded.word() } else { step.outcome.word() },
            outcome,
            elapsed: lasting(step.elapsed_ms),
            picture: step.picture.evidence().and_then(|key| data_uri(&key, picture)),
            open,
            rows,
            span: lasting(span),
        }
    }
}

fn title(detector: &str) -> [&str; 2] {
    let known = crate::detector::ALL.iter().find(|d| d.id == detector);
    known.map_or([detector, detector], |d| [d.zh, d.en])
}

fn verdict(verdict: VerdictV1) -> [&'static str; 2] {
    match verdict {
        VerdictV1::Passed => ["通过", "passed"],
        VerdictV1::Degraded => ["有瑕疵", "degraded"],
        VerdictV1::Failed => ["失败", "failed"],
        VerdictV1::Inconclusive => ["无法判断", "inconclusive"],
    }
}

fn data_uri(key: &EvidenceKey, picture: &dyn Fn(&EvidenceKey) -> Option<Vec<u8>>) -> Option<String> {
    let bytes = picture(key)?;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    Some(format!("data:{};base64,{text}", key.kind().media_type()))
}

/// `390x844@3` in CSS pixels; a phone's where it cannot be read.
fn viewport(text: &str) -> (u32, u32) {
    let size = text.split('@').next().unwrap_or_default();
    let read = size.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    read.filter(|(w, h): &(u32, u32)| *w > 0 && *h > 0).unwrap_or((390, 844))
}

/// The exchanges as bars over the time from the first request to the last byte, and that time in milliseconds.
fn waterfall(exchanges: &[ExchangeV1]) -> (Vec<RowView<'_>>, u64) {
    let start = exchanges.iter().map(|e| e.offset_ms).min().unwrap_or(0);
    let end = exchanges.iter().map(|e| e.offset_ms + e.elapsed_ms).max().unwrap_or(0);
    let span = (end - start).max(1);
    let percent = |ms: u64| format!("{:.2}", ms as f64 * 100.0 / span as f64);
    let rows = exchanges.iter().map(|exchange| RowView {
        exchange,
        path: shown_path(&exchange.url, exchange.own),
        failed: exchange.status.map_or(exchange.error.is_some(), |status| status >= 400),
        elapsed: lasting(exchange.elapsed_ms),
        left: percent(exchange.offset_ms - start),
        wide: percent(exchange.elapsed_ms.max(1)),
    });
    (rows.collect(), end - start)
}

/// The path of the app's own, the whole address of others.
fn shown_path(url: &str, own: bool) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    if own { rest.find('/').map_or("/", |at| &rest[at..]).to_owned() } else { rest.to_owned() }
}
