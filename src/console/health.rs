//! `GET /healthz`: whether the console can read the ledger, for a supervisor. It says nothing of the app.

use super::serve::Console;
use crate::incident::WalkQuery;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// 200 when the ledger answers, otherwise 503.
pub(super) async fn healthz(State(console): State<Arc<Console>>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    match console.archive.walks(&WalkQuery { limit: 1, ..WalkQuery::default() }).await {
        Ok(newest) => {
            let last = newest.first().map(|walk| walk.started.to_string());
            Json(serde_json::json!({ "status": "ok", "version": version, "last_walk_at": last })).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the console could not read the ledger");
            let body = serde_json::json!({ "status": "ledger-unreadable", "version": version });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}
