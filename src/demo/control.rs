//! The control port: break it, mend it, read the ledger. A page for people and a JSON API, on loopback alone.

use super::fault::{Rate, find};
use super::request_ledger::LedgerLine;
use super::site::Shared;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

const PAGE: &str = include_str!("pages/control.html");
/// The bank's own list of its funds, as a system behind the app would answer with it: whatever faults the app has.
const FUNDS: &str = include_str!("../../journeys/oracles/funds.csv");

/// The control port's routes.
pub(super) fn router(site: Shared) -> Router {
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/api/faults", get(faults))
        .route("/api/faults/{id}", post(switch))
        .route("/api/mend", post(mend))
        .route("/api/churn", post(churn))
        .route("/api/ledger", get(ledger).delete(clear))
        .route("/api/tripwire", get(tripwire))
        .route("/registry/funds.csv", get(|| async { ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], FUNDS) }))
        .with_state(site)
}

async fn faults(State(site): State<Shared>) -> Json<Value> {
    let fault = |(fault, rate): (&super::Fault, Rate)| {
        json!({
            "id": fault.id, "group": fault.group, "title_zh": fault.title_zh, "title_en": fault.title_en,
            "class": fault.class.name(), "shows_in": fault.shows_in, "step_hint": fault.expected_step_hint,
            "steps": fault.expected_steps,
            "detector": fault.expected_detector, "rate": rate.name(),
        })
    };
    Json(json!({
        "app": site.app_url, "churn": site.churn.is_on(), "tripped": site.ledger.tripwire().len(),
        "faults": site.switchboard.rates().map(fault).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
struct Wanted {
    rate: String,
}

async fn switch(State(site): State<Shared>, Path(id): Path<String>, Json(wanted): Json<Wanted>) -> impl IntoResponse {
    if find(&id).is_none() {
        return (StatusCode::NOT_FOUND, Json(json!({"error": format!("no fault `{id}`; GET /api/faults lists them")})));
    }
    let Some(rate) = Rate::read(&wanted.rate) else {
        let error = format!("`{}` is not a rate; expected `off`, `always`, `30%` or `10%`", wanted.rate);
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": error})));
    };
    site.switchboard.switch(&id, rate);
    (StatusCode::OK, Json(json!({"id": id, "rate": rate.name()})))
}

// Both take a JSON body so that no page of another origin can press the button.
async fn mend(State(site): State<Shared>, Json(_): Json<Value>) -> Json<Value> {
    site.switchboard.mend_all();
    Json(json!({"mended": true}))
}

#[derive(Deserialize)]
struct ChurnSwitch {
    on: bool,
}

async fn churn(State(site): State<Shared>, Json(wanted): Json<ChurnSwitch>) -> Json<Value> {
    site.churn.switch(wanted.on);
    Json(json!({"on": wanted.on}))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn ledger(State(site): State<Shared>, Query(after): Query<After>) -> Json<Vec<LedgerLine>> {
    Json(site.ledger.after(after.after))
}

async fn clear(State(site): State<Shared>) -> StatusCode {
    site.ledger.clear();
    StatusCode::NO_CONTENT
}

async fn tripwire(State(site): State<Shared>) -> Json<Vec<LedgerLine>> {
    Json(site.ledger.tripwire())
}
