//! `POST /api/v1/tickets/{system}`: a system of tickets says how one of its own stands. Its signature is all that lets it in.

use super::api;
use super::operation::Operation;
use super::serve::Console;
use crate::moment::Moment;
use crate::ticket::{CallRefused, CallV1};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The pause between two words on calls that nobody signed: anybody can send as many as they like.
const STRANGERS_EVERY: Duration = Duration::from_secs(60);

/// Calls that nobody signed, counted.
#[derive(Default)]
pub(super) struct Strangers(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    calls: u64,
    told: Option<Moment>,
}

impl Strangers {
    /// One more came; how many there were since the last word on them, when another is due.
    fn came(&self, now: Moment) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.calls += 1;
        if counted.told.is_some_and(|told| now.since(told) < STRANGERS_EVERY) {
            return None;
        }
        counted.told = Some(now);
        Some(std::mem::take(&mut counted.calls))
    }
}

/// The operation, for the document.
pub(super) fn operation() -> Operation {
    Operation::post("/api/v1/tickets/{system}", "A system of tickets says how one of its own stands")
        .told("Signed as Standard Webhooks has it, with the secret that the system's `tickets:` entry names.")
        .name("system", "The system's name in `tickets:`.")
        .header("webhook-id", "The call's name; what comes twice by the same name is taken once.")
        .header("webhook-timestamp", "Seconds since 1970, at most 5 minutes from the present.")
        .header("webhook-signature", "`v1,` and the base64 of the HMAC-SHA256 over `ID.TIMESTAMP.BODY`.")
        .body::<CallV1>()
        .refuses(400, "unreadable", "the body is no such JSON")
        .refuses(401, "not-signed", "it is not signed as it should be, or no such system calls here")
        .refuses(404, "not-found", "this incident has no ticket in this system")
        .refuses(409, "came-before", "a call of this name was taken before")
}

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
    let stranger = matches!(&taken, Err(CallRefused::Unknown | CallRefused::Unsigned(_)));
    let said = taken.err().map(|refused| refused.to_string());
    if !stranger {
        tracing::warn!(system, error, said, "a call of a ticket system was refused");
    } else if let Some(calls) = console.strangers.came(console.clock.now()) {
        tracing::warn!(
            calls,
            system,
            said,
            "calls of ticket systems that nobody signed were refused; this is the last"
        );
    }
    api::refused(status, error, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_told_of_once_a_minute_and_none_is_left_out() {
        let strangers = Strangers::default();
        let came = |second: i64| strangers.came(Moment::from_millis(second * 1000));
        assert_eq!(came(0), Some(1));
        assert!((1..60).all(|second| came(second).is_none()));
        assert_eq!(came(60), Some(60));
        assert_eq!((came(61), came(500)), (None, Some(2)));
    }
}
