//! `GET /healthz`: whether the console can read the ledger and walks are made, for a supervisor. It says nothing of the
//! app.

use super::serve::Console;
use crate::incident::{LedgerError, WalkQuery};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// 200 when the ledger answers and not every journey is overdue, otherwise 503.
pub(super) async fn healthz(State(console): State<Arc<Console>>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    match console.archive.walks(&WalkQuery { limit: 1, ..WalkQuery::default() }).await {
        Ok(newest) => {
            let last = newest.first().map(|walk| walk.started.to_string());
            let (code, status) = match stands_still(&console).await {
                Ok(true) => (StatusCode::SERVICE_UNAVAILABLE, "every-journey-overdue"),
                Ok(false) => (StatusCode::OK, "ok"),
                Err(error) => return unreadable(&error),
            };
            (code, Json(serde_json::json!({ "status": status, "version": version, "last_walk_at": last })))
                .into_response()
        }
        Err(error) => unreadable(&error),
    }
}

/// Whether there are journeys to walk and none of them is walked any more.
async fn stands_still(console: &Console) -> Result<bool, LedgerError> {
    let now = console.clock.now();
    for rostered in &console.roster {
        let newest = WalkQuery { journey: Some(rostered.journey.clone()), limit: 1, ..WalkQuery::default() };
        let last = console.archive.walks(&newest).await?.first().map(|walk| walk.started.after(walk.elapsed));
        if !rostered.overdue(last, now) {
            return Ok(false);
        }
    }
    Ok(!console.roster.is_empty())
}

fn unreadable(error: &LedgerError) -> Response {
    tracing::error!(%error, "the console could not read the ledger");
    let body = serde_json::json!({ "status": "ledger-unreadable", "version": env!("CARGO_PKG_VERSION") });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
