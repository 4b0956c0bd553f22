//! Maintenance windows as JSON: `/api/v1/maintenance`. Published as `api` is.

use super::api::{absent, ledger, wrong};
use super::asked::Sent;
use super::deeds::{TOO_OFTEN, too_often};
use super::lang::Lang;
use super::maintenance::{NotDone, Said, Shown, declared, ended};
use super::operation::Operation;
use super::serve::Console;
use super::visitor::Visitor;
use crate::incident::LedgerError;
use crate::maintenance::{NotDeclared, Past, Window};
use crate::moment::Moment;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A window to be declared. What it is of has to be said: `everything`, or apps and journeys.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name", "why", "until"]))]
pub(super) struct Asked {
    /// What people call it: one line.
    name: String,
    /// Why: one line.
    why: String,
    /// When it begins, as RFC 3339; a time without a zone is one of the console's. At once where it is left out.
    from: String,
    /// When it ends.
    until: String,
    /// Whether it is of every journey.
    everything: bool,
    /// Apps whose journeys it is of.
    apps: Vec<String>,
    /// Journeys that it is of.
    journeys: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct MaintenanceV1 {
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    /// In force, those that end first before.
    in_force: Vec<WindowV1>,
    /// To come within 90 days, the next first.
    coming: Vec<WindowV1>,
    /// Over within the last 30 days, or called off, the newest first. Of one of the configuration that came again and again the
    /// last time alone: `times` says how often.
    past: Vec<WindowV1>,
}

/// A maintenance window.
#[derive(Serialize, JsonSchema)]
pub(super) struct WindowV1 {
    /// Its name in the ledger; null for one of the configuration.
    id: Option<String>,
    name: String,
    why: String,
    by: String,
    /// Whether it is of every journey.
    everything: bool,
    apps: Vec<String>,
    journeys: Vec<String>,
    #[schemars(extend("format" = "date-time"))]
    from: String,
    /// When it ends, or should have.
    #[schemars(extend("format" = "date-time"))]
    until: String,
    /// When somebody ended it early, or called it off.
    #[schemars(extend("format" = "date-time"))]
    ended: Option<String>,
    ended_by: Option<String>,
    /// Of those that are over: how often it was in force, these times being its last. Null for others.
    times: Option<usize>,
    /// How many incidents it kept quiet so far, all times together; null where that is not counted.
    kept_quiet: Option<u64>,
}

impl WindowV1 {
    /// `window`, with how many incidents it kept quiet.
    pub fn of(window: &Window, kept_quiet: Option<u64>) -> Self {
        Self {
            id: window.declared.as_ref().map(|declared| declared.id.to_string()),
            name: window.name.clone(),
            why: window.why.clone(),
            by: window.by.name().to_owned(),
            everything: window.covers.is_all(),
            apps: window.covers.apps.iter().cloned().collect(),
            journeys: window.covers.journeys.iter().map(ToString::to_string).collect(),
            from: window.from.to_string(),
            until: window.until.to_string(),
            ended: window.ended().map(|ended| ended.at.to_string()),
            ended_by: window.ended().map(|ended| ended.by.name().to_owned()),
            times: None,
            kept_quiet,
        }
    }

    /// Those in force at `now`.
    pub fn in_force(console: &Console, now: Moment) -> Vec<Self> {
        let windows = console.almanac.around(now);
        windows.all().iter().filter(|window| window.holds(now)).map(|window| Self::of(window, None)).collect()
    }
}

/// The operations, for the document.
pub(super) fn operations() -> [Operation; 3] {
    [
        Operation::get("/api/v1/maintenance", "Maintenance windows").answers::<MaintenanceV1>("In force, to come, over."),
        Operation::post("/api/v1/maintenance", "Declare a maintenance window")
            .told("Walks go on and are kept; nobody is called meanwhile for what they meet, no ticket is made, and deadlines stand still.")
            .body::<Asked>()
            .answers::<WindowV1>("The window.")
            .refuses(400, "unreadable", "the body is no JSON, a time is none, or it is of nothing that is patrolled")
            .refuses(409, "refused", "a window cannot be so: `said` says why")
            .refuses(415, "unreadable", "the body does not come as `application/json`")
            .refuses(422, "unreadable", "the body is other JSON")
            .refuses(429, "too-often", TOO_OFTEN),
        Operation::post("/api/v1/maintenance/{id}/end", "End a maintenance window early, or call it off")
            .id("id", "The window.")
            .answers::<WindowV1>("The window, as it is then.")
            .refuses(404, "not-found", "there is no such window, or the configuration has it")
            .refuses(409, "refused", "it is over")
            .refuses(429, "too-often", TOO_OFTEN),
    ]
}

/// `GET /api/v1/maintenance`
pub(super) async fn list(State(console): State<Arc<Console>>) -> Response {
    let Shown { listed, quiet_now, quiet_past } = match Shown::read(&console).await {
        Ok(shown) => shown,
        Err(error) => return ledger(&error),
    };
    let past = |(past, quiet): (&Past, &u64)| WindowV1 {
        times: Some(past.times()),
        ..WindowV1::of(&past.window, Some(*quiet))
    };
    let quiet_now = listed.now.iter().zip(&quiet_now);
    Json(MaintenanceV1 {
        as_of: console.clock.now().to_string(),
        in_force: quiet_now.map(|(window, quiet)| WindowV1::of(window, Some(*quiet))).collect(),
        coming: listed.coming.iter().map(|window| WindowV1::of(window, None)).collect(),
        past: listed.past.iter().zip(&quiet_past).map(past).collect(),
    })
    .into_response()
}

/// `POST /api/v1/maintenance`
pub(super) async fn declare(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Sent(asked): Sent<Asked>,
) -> Response {
    let said = Said {
        name: &asked.name,
        why: &asked.why,
        from: &asked.from,
        until: &asked.until,
        everything: asked.everything,
        apps: asked.apps.iter().map(String::as_str).collect(),
        journeys: asked.journeys.iter().map(String::as_str).collect(),
    };
    answered(declared(&console, &visitor, &said).await)
}

/// `POST /api/v1/maintenance/{id}/end`
pub(super) async fn end(State(console): State<Arc<Console>>, visitor: Visitor, Path(id): Path<String>) -> Response {
    answered(ended(&console, &visitor, &id).await)
}

fn answered(done: Result<Window, NotDone>) -> Response {
    match done {
        Ok(window) => Json(WindowV1::of(&window, None)).into_response(),
        Err(NotDone::TooOften(wait)) => too_often(wait),
        Err(NotDone::Not(NotDeclared::Absent)) => absent(),
        Err(NotDone::Not(NotDeclared::Ledger(error))) => ledger(&LedgerError::Failed(error.0)),
        Err(NotDone::Not(refused)) => wrong(StatusCode::CONFLICT, "refused", refused.to_string()),
        Err(unread) => wrong(StatusCode::BAD_REQUEST, "unreadable", Lang::En.not_planned(&unread)),
    }
}
