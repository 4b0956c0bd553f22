//! `POST /api/v1/tickets/{system}`: a system of tickets says how one of its own stands. Its signature is all that lets it in.

use super::api;
use super::serve::Console;
use crate::ticket::CallRefused;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The call.
pub(super) async fn called(
    State(console): State<Arc<Console>>,
    Path(system): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Twice the same header is no header: which of them would count?
    let given = |name: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
    };
    let signing = (given("webhook-id"), given("webhook-timestamp"), given("webhook-signature"));
    let taken = match &console.calls {
        Some(calls) => calls.call(&system, signing, &body).await,
        None => Err(CallRefused::Unknown),
    };
    let (status, error) = match &taken {
        Ok(()) => return StatusCode::NO_CONTENT.into_response(),
        Err(CallRefused::Ledger(error)) => return api::ledger(error),
        Err(CallRefused::Unknown | CallRefused::Unsigned(_)) => (StatusCode::UNAUTHORIZED, "not-signed"),
        Err(CallRefused::Replayed) => (StatusCode::CONFLICT, "came-before"),
        Err(CallRefused::Unreadable(_)) => (StatusCode::BAD_REQUEST, "unreadable"),
        Err(CallRefused::Absent) => (StatusCode::NOT_FOUND, "not-found"),
    };
    let said = taken.err().map(|refused| refused.to_string());
    tracing::warn!(system, error, said, "a call of a ticket system was refused");
    (status, Json(serde_json::json!({ "error": error, "said": said }))).into_response()
}
