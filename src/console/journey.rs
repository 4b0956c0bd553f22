//! `GET /journeys/{id}`: one journey: its script, how each step went lately, its incidents and walks.

use super::calendar::{When, when};
use super::inside::{Mistake, SourceLook};
use super::journeys::{availability, trend};
use super::lang::{Lang, Viewer};
use super::serve::Console;
use super::step_trend::{self, Brief, Pace, StepTrend};
use super::strip::{Face, Span};
use super::today::{Asked, Row, Scene};
use super::watch::{Watch, Watched};
use super::{refusal, render};
use crate::id::JourneyId;
use crate::incident::{Incident, IncidentQuery, LedgerError, WalkQuery, WalkRow};
use crate::moment::Moment;
use crate::people::May;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Walks whose records are read for the steps.
const RECORDS_MAX: u32 = 40;
/// Walks and incidents listed.
const LISTED_MAX: u32 = 30;

/// What is known of one journey.
pub(super) struct Known {
    pub watch: Watch,
    pub watched: Watched,
    pub day: super::strip::Counts,
    pub week: super::strip::Counts,
    pub steps: Vec<StepTrend>,
    pub walks_read: usize,
    pub coverage: Option<(u32, u32)>,
    pub incidents: Vec<Incident>,
    pub walks: Vec<WalkRow>,
    pub source: Option<SourceLook>,
    pub next: Option<Moment>,
}

impl Known {
    /// Reads it; `None` when it is neither on the watch nor was ever walked.
    pub async fn read(console: &Console, id: &JourneyId, span: Span) -> Result<Option<Self>, LedgerError> {
        let mut watch = Watch::of(console, span, Some(id)).await?;
        let Some(watched) = watch.journeys.pop() else { return Ok(None) };
        let on_watch = console.roster.iter().find(|rostered| rostered.journey == *id);
        if on_watch.is_none() && watched.last.is_none() {
            return Ok(None);
        }
        let records = console.archive.records(id, RECORDS_MAX).await?;
        let briefs: Vec<Brief> = records.iter().map(|row| Brief::read(&row.json)).collect();
        let incidents = IncidentQuery { journey: Some(id.clone()), limit: LISTED_MAX, ..IncidentQuery::default() };
        let walks = WalkQuery { journey: Some(id.clone()), limit: LISTED_MAX, ..WalkQuery::default() };
        let counts = async |span| {
            let all = Watch::counted(console, span, Some(id)).await?;
            Ok::<_, LedgerError>(all.get(id).copied().unwrap_or_default())
        };
        let schedule = on_watch.and_then(|rostered| rostered.schedule.as_ref());
        Ok(Some(Self {
            day: counts(Span::Day).await?,
            week: counts(Span::Week).await?,
            steps: step_trend::steps(&briefs),
            walks_read: briefs.len(),
            coverage: watched.coverage(),
            incidents: console.archive.incidents(&incidents).await?,
            walks: console.archive.walks(&walks).await?,
            source: console.inside.source(id).await,
            next: schedule.and_then(|schedule| schedule.next(id, watch.now)),
            watch,
            watched,
        }))
    }
}

#[derive(Serialize)]
struct JourneyPage {
    id: String,
    row: Row,
    spans: Vec<(&'static str, bool)>,
    day: Option<String>,
    week: Option<String>,
    trend: Option<&'static str>,
    coverage: Option<(u32, u32)>,
    next: Option<When>,
    steps: Vec<StepLine>,
    walks_read: usize,
    incidents: Vec<IncidentLine>,
    walks: Vec<WalkLine>,
    source: Option<SourceView>,
}

#[derive(Serialize)]
struct StepLine {
    n: usize,
    title: String,
    reached: usize,
    passed: usize,
    usual: Option<String>,
    pace: Pace,
    bars: Vec<(u64, bool)>,
}

#[derive(Serialize)]
struct IncidentLine {
    id: String,
    severity: &'static str,
    state: &'static str,
    standing_name: &'static str,
    headline: String,
    last_seen: When,
}

#[derive(Serialize)]
struct WalkLine {
    id: String,
    face: Face,
    word: &'static str,
    started: When,
    took: String,
    device: String,
}

#[derive(Serialize)]
struct SourceView {
    file: String,
    changed: bool,
    gone: bool,
    /// Whether it is wrong in some place.
    broken: bool,
    /// Whether its text is for others.
    withheld: bool,
    mistakes: Vec<Mistake>,
    /// Each line with whether a mistake stands in it.
    lines: Vec<(String, bool)>,
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Ok(id) = id.parse::<JourneyId>() else { return refusal::absent(&console, &viewer) };
    let span = Span::read(asked.range.as_deref());
    match Known::read(&console, &id, span).await {
        Ok(Some(known)) => {
            let reads = viewer.visitor.as_ref().is_some_and(|visitor| visitor.may(May::AuthorJourneys));
            render::page(&console, &viewer, "journey.html", show(&console, &known, span, (viewer.lang, reads)))
        }
        Ok(None) => refusal::absent(&console, &viewer),
        Err(error) => refusal::ledger(&console, &viewer, &error),
    }
}

/// `reads` says whether the script is for whoever looks.
fn show(console: &Console, known: &Known, span: Span, (lang, reads): (Lang, bool)) -> JourneyPage {
    let now = known.watch.now;
    let at = |moment| when(moment, now, &console.zone, lang);
    let t = lang.texts();
    let step = |(i, step): (usize, &StepTrend)| StepLine {
        n: i + 1,
        title: lang.step(&step.title),
        reached: step.reached,
        passed: step.passed,
        usual: step.usual_ms.map(|ms| lang.duration(Duration::from_millis(ms))),
        pace: step.pace,
        bars: step.bars.clone(),
    };
    let incident = |incident: &Incident| IncidentLine {
        id: incident.id.to_string(),
        severity: incident.severity.word(),
        state: incident.state.word(),
        standing_name: t.standing_word(incident.standing()),
        headline: lang.of(&incident.headline),
        last_seen: at(incident.last_seen),
    };
    let walk = |walk: &WalkRow| WalkLine {
        id: walk.walk.to_string(),
        face: walk.verdict.into(),
        word: t.verdict_word(walk.verdict),
        started: at(walk.started),
        took: lang.duration(walk.elapsed),
        device: walk.device.clone(),
    };
    JourneyPage {
        id: known.watched.journey.to_string(),
        row: Scene::of(&known.watch, span, &console.zone, lang).row(&known.watched),
        spans: Span::ALL.into_iter().map(|s| (s.word(), s == span)).collect(),
        day: availability(&known.day),
        week: availability(&known.week),
        trend: trend(&known.day, &known.week),
        coverage: known.coverage,
        next: known.next.map(at),
        steps: known.steps.iter().enumerate().map(step).collect(),
        walks_read: known.walks_read,
        incidents: known.incidents.iter().map(incident).collect(),
        walks: known.walks.iter().map(walk).collect(),
        source: known.source.as_ref().map(|look| source(look, reads)),
    }
}

/// A script names places, test data and what customers look for: its text, and what is quoted of it, is for who writes it.
fn source(look: &SourceLook, reads: bool) -> SourceView {
    let marked = |n: usize| look.mistakes.iter().any(|mistake| mistake.line == Some(n));
    let lines = look.text.as_deref().filter(|_| reads).unwrap_or_default().lines().enumerate();
    SourceView {
        file: look.file.clone(),
        changed: look.changed,
        gone: look.text.is_none(),
        broken: !look.mistakes.is_empty(),
        withheld: !reads,
        mistakes: if reads { look.mistakes.clone() } else { Vec::new() },
        lines: lines.map(|(i, line)| (line.to_owned(), marked(i + 1))).collect(),
    }
}
