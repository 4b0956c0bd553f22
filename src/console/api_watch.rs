//! How the watch is kept, as JSON: `/api/v1/journeys`, `/api/v1/fleet`, `/api/v1/notices`. Published as `api` is.

use super::api::{absent, ledger};
use super::asked::Params;
use super::fleet::Fleet;
use super::inside::{BrowserView, Mistake, SourceLook};
use super::journey::Known;
use super::journeys::{Fared, Fares, Filters as JourneyFilters, got_through, trend};
use super::notices::{self, Filters as NoticeFilters};
use super::operation::Operation;
use super::serve::Console;
use super::shape;
use super::step_trend::Pace;
use super::strip::{Counts, Span};
use super::today::Asked;
use super::visitor::Visitor;
use super::watch::{Standing, Watched};
use crate::alert::OutboxRow;
use crate::id::JourneyId;
use crate::people::May;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Serialize, JsonSchema)]
struct JourneysV1 {
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    journeys: Vec<FaredV1>,
}

#[derive(Serialize, JsonSchema)]
struct FaredV1 {
    journey: String,
    title: String,
    app: String,
    standing: Standing,
    last_walk: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    last_walk_at: Option<String>,
    open_incidents: u64,
    /// Until when maintenance keeps it quiet.
    #[schemars(extend("format" = "date-time"))]
    planned_until: Option<String>,
    day: FareV1,
    week: FareV1,
    /// `better`, `worse` or `same`: the day beside its week.
    trend: Option<&'static str>,
    steps_reached: Option<u32>,
    steps: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct FareV1 {
    counts: Counts,
    /// Of a thousand walks that could say, so many got through.
    got_through_permille: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct JourneyV1 {
    #[serde(flatten)]
    fared: FaredV1,
    #[schemars(extend("format" = "date-time"))]
    next_due: Option<String>,
    step_trends: Vec<StepTrendV1>,
    incidents: Vec<String>,
    walks: Vec<WalkLineV1>,
    source: Option<SourceV1>,
}

#[derive(Serialize, JsonSchema)]
struct StepTrendV1 {
    step: String,
    title: String,
    reached: usize,
    passed: usize,
    usual_ms: Option<u64>,
    pace: Pace,
}

#[derive(Serialize, JsonSchema)]
struct WalkLineV1 {
    walk: String,
    #[schemars(extend("format" = "date-time"))]
    started: String,
    elapsed_ms: u64,
    verdict: &'static str,
    device: String,
    purpose: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct SourceV1 {
    file: String,
    changed: bool,
    /// In how many places it is wrong.
    wrong: usize,
    /// Each with the lines it quotes; none for who may not see the script.
    mistakes: Vec<Mistake>,
}

#[derive(Serialize, JsonSchema)]
struct ScriptV1 {
    file: String,
    /// Whether it is not what walks are made by.
    changed: bool,
    /// What stands in it now; null when it cannot be read.
    text: Option<String>,
    mistakes: Vec<Mistake>,
}

#[derive(Serialize, JsonSchema)]
struct FleetV1 {
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    /// Null while no robot keeps the watch.
    walker: Option<WalkerV1>,
    /// Due times of the last 24 hours that nobody walked.
    missed: Vec<MissedV1>,
    trouble: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct WalkerV1 {
    name: String,
    stopping: bool,
    walks_at_once: usize,
    walking: usize,
    waiting: usize,
    backlog: usize,
    browsers: Option<Vec<BrowserView>>,
    browsers_max: usize,
    late: Vec<LateV1>,
    posts: Vec<PostV1>,
}

#[derive(Serialize, JsonSchema)]
struct LateV1 {
    journey: String,
    #[schemars(extend("format" = "date-time"))]
    due: String,
}

#[derive(Serialize, JsonSchema)]
struct PostV1 {
    journey: String,
    #[schemars(extend("format" = "date-time"))]
    last_due: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    next_due: Option<String>,
    purpose: Option<&'static str>,
    #[schemars(extend("format" = "date-time"))]
    since: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    seated: Option<String>,
    passed_over: usize,
}

#[derive(Serialize, JsonSchema)]
struct MissedV1 {
    journey: String,
    #[schemars(schema_with = "shape::missed")]
    reason: &'static str,
    times: u32,
    #[schemars(extend("format" = "date-time"))]
    newest: String,
}

#[derive(Serialize, JsonSchema)]
struct NoticesV1 {
    notices: Vec<NoticeV1>,
    /// How many there are in each state, all other filters applied.
    counts: BTreeMap<&'static str, u64>,
    undelivered: u64,
    /// What `after` is to be, for those that follow.
    next: Option<String>,
}

/// One notice on one channel.
#[derive(Serialize, JsonSchema)]
pub(super) struct NoticeV1 {
    id: String,
    incident: String,
    channel: String,
    to: Option<String>,
    reason: String,
    #[schemars(schema_with = "shape::notice_state")]
    state: &'static str,
    #[schemars(extend("format" = "date-time"))]
    queued: String,
    /// When the next try is due, or the last one was accepted.
    #[schemars(extend("format" = "date-time"))]
    at: String,
    tries: u32,
    said: Option<String>,
    told_by: Option<String>,
    tells: u32,
    instead_of: Option<String>,
}

/// What is answered here, for the document.
pub(super) fn operations() -> [Operation; 5] {
    [
        Operation::get("/api/v1/journeys", "Every journey, with how it fares")
            .query::<JourneyFilters>()
            .answers::<JourneysV1>("The journeys; there are no pages."),
        Operation::get("/api/v1/journeys/{id}", "A journey: its steps, walks and incidents")
            .name("id", "The journey's own name, such as `fund-purchase`.")
            .query::<Asked>()
            .answers::<JourneyV1>("The journey.")
            .refuses(404, "not-found", "nothing is known of such a journey"),
        Operation::get("/api/v1/journeys/{id}/source", "A journey's script as it is now, with what is wrong in it")
            .name("id", "The journey's own name.")
            .answers::<ScriptV1>("The script.")
            .refuses(404, "not-found", "the journey is not on the watch"),
        Operation::get("/api/v1/fleet", "Who walks, what waits, what was missed").answers::<FleetV1>("The fleet."),
        Operation::get("/api/v1/notices", "What people were told and what they were not, 100 a page")
            .query::<NoticeFilters>()
            .answers::<NoticesV1>("A page of notices."),
    ]
}

/// `GET /api/v1/journeys`, with the list's filters.
pub(super) async fn journeys(State(console): State<Arc<Console>>, Params(filters): Params<JourneyFilters>) -> Response {
    match Fares::read(&console, &filters).await {
        Ok(fares) => {
            let one = |fared: &Fared| fared_v1(&fared.watched, fared.day, fared.watched.counts, fared.coverage);
            let journeys = fares.journeys.iter().map(one).collect();
            Json(JourneysV1 { as_of: fares.watch.now.to_string(), journeys }).into_response()
        }
        Err(error) => ledger(&error),
    }
}

/// `GET /api/v1/journeys/{id}`
pub(super) async fn journey(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Params(asked): Params<Asked>,
) -> Response {
    let Ok(id) = id.parse::<JourneyId>() else { return absent() };
    let known = match Known::read(&console, &id, Span::read(asked.range.as_deref())).await {
        Ok(Some(known)) => known,
        Ok(None) => return absent(),
        Err(error) => return ledger(&error),
    };
    let steps = known.steps.iter().map(|step| StepTrendV1 {
        step: step.id.clone(),
        title: step.title.clone(),
        reached: step.reached,
        passed: step.passed,
        usual_ms: step.usual_ms,
        pace: step.pace,
    });
    let walks = known.walks.iter().map(|walk| WalkLineV1 {
        walk: walk.walk.to_string(),
        started: walk.started.to_string(),
        elapsed_ms: u64::try_from(walk.elapsed.as_millis()).unwrap_or(u64::MAX),
        verdict: walk.verdict.word(),
        device: walk.device.clone(),
        purpose: walk.purpose.word(),
    });
    let source = known.source.as_ref().map(|source| SourceV1 {
        file: source.file.clone(),
        changed: source.changed,
        wrong: source.mistakes.len(),
        mistakes: if visitor.may(May::AuthorJourneys) { source.mistakes.clone() } else { Vec::new() },
    });
    Json(JourneyV1 {
        fared: fared_v1(&known.watched, known.day, known.week, known.coverage),
        next_due: known.next.map(|next| next.to_string()),
        step_trends: steps.collect(),
        incidents: known.incidents.iter().map(|incident| incident.id.to_string()).collect(),
        walks: walks.collect(),
        source,
    })
    .into_response()
}

/// `GET /api/v1/journeys/{id}/source`
pub(super) async fn source(State(console): State<Arc<Console>>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<JourneyId>() else { return absent() };
    let Some(look) = console.inside.source(&id).await else { return absent() };
    let SourceLook { file, text, changed, mistakes, .. } = look;
    Json(ScriptV1 { file, changed, text, mistakes }).into_response()
}

fn fared_v1(watched: &Watched, day: Counts, week: Counts, coverage: Option<(u32, u32)>) -> FaredV1 {
    FaredV1 {
        journey: watched.journey.to_string(),
        title: watched.title.clone(),
        app: watched.app.clone(),
        standing: watched.standing,
        last_walk: watched.last.as_ref().map(|walk| walk.walk.to_string()),
        last_walk_at: watched.last.as_ref().map(|walk| walk.started.to_string()),
        open_incidents: watched.incidents,
        planned_until: watched.planned.map(|until| until.to_string()),
        trend: trend(&day, &week),
        day: FareV1 { got_through_permille: got_through(&day), counts: day },
        week: FareV1 { got_through_permille: got_through(&week), counts: week },
        steps_reached: coverage.map(|(reached, _)| reached),
        steps: coverage.map(|(_, all)| all),
    }
}

/// `GET /api/v1/fleet`
pub(super) async fn fleet(State(console): State<Arc<Console>>) -> Response {
    let fleet = match Fleet::read(&console).await {
        Ok(fleet) => fleet,
        Err(error) => return ledger(&error),
    };
    let late =
        || fleet.late().into_iter().map(|(journey, due)| LateV1 { journey: journey.to_string(), due: due.to_string() });
    let walker = fleet.look.as_ref().map(|look| WalkerV1 {
        name: look.board.holder.clone(),
        stopping: look.board.stopping,
        walks_at_once: look.board.seats,
        walking: look.board.seated(),
        waiting: look.board.waiting(),
        backlog: look.backlog,
        browsers: look.browsers.clone(),
        browsers_max: look.browsers_max,
        late: late().collect(),
        posts: look
            .board
            .posts
            .iter()
            .map(|(journey, post)| PostV1 {
                journey: journey.to_string(),
                last_due: post.last.map(|at| at.to_string()),
                next_due: post.next.map(|at| at.to_string()),
                purpose: post.served.as_ref().map(|served| served.purpose),
                since: post.served.as_ref().map(|served| served.since.to_string()),
                seated: post.served.as_ref().and_then(|served| served.seated).map(|at| at.to_string()),
                passed_over: post.passed_over,
            })
            .collect(),
    });
    let missed = fleet.gaps().into_iter().map(|(journey, reason, times, newest)| MissedV1 {
        journey: journey.to_string(),
        reason: reason.word(),
        times,
        newest: newest.to_string(),
    });
    Json(FleetV1 {
        as_of: fleet.now.to_string(),
        missed: missed.collect(),
        trouble: fleet.trouble.iter().map(|incident| incident.id.to_string()).collect(),
        walker,
    })
    .into_response()
}

/// `GET /api/v1/notices`, with the list's filters.
pub(super) async fn notices(State(console): State<Arc<Console>>, Params(filters): Params<NoticeFilters>) -> Response {
    match notices::read(&console, &filters).await {
        Ok(page) => Json(NoticesV1 {
            counts: page.counts.iter().map(|(state, count)| (state.word(), *count)).collect(),
            undelivered: page.undelivered,
            next: page.next.as_ref().map(ToString::to_string),
            notices: page.notices.iter().map(NoticeV1::of).collect(),
        })
        .into_response(),
        Err(error) => ledger(&error),
    }
}

impl NoticeV1 {
    /// As it stands.
    pub fn of(row: &OutboxRow) -> Self {
        Self {
            id: row.id.to_string(),
            incident: row.incident.to_string(),
            channel: row.channel.clone(),
            to: row.to.clone(),
            reason: row.reason.clone(),
            state: row.state.word(),
            queued: row.queued.to_string(),
            at: row.at.to_string(),
            tries: row.tries,
            said: row.said.clone(),
            told_by: row.told_by.map(|id| id.to_string()),
            tells: row.tells,
            instead_of: row.instead_of.clone(),
        }
    }
}
