//! What calls to a system of tickets have in common: an answer that is read as JSON, and what it means when it is none.

use crate::alert::SendError;
use crate::channel::post::{Answer, Fault, Letter, Poster};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Calls, and reads the answer as `judged` says; `null` where it is empty.
pub(super) async fn call(
    poster: &Poster,
    method: Method,
    letter: Letter,
    judged: impl Fn(&Answer) -> Result<(), Fault>,
) -> Result<Value, SendError> {
    let answer = poster.call(method, letter).await?;
    poster.settle(&answer, judged(&answer))?;
    if answer.text.trim().is_empty() {
        return Ok(Value::Null);
    }
    answer.json().ok_or_else(|| {
        // A sign-in page has a status of 200, too.
        let error = poster.settle(&answer, Err(Fault::again(None, "this is no answer of the vendor's API")));
        error.err().unwrap_or_else(|| SendError::temporary("an answer that cannot be read"))
    })
}

/// What an answer means by its status alone: nothing at this address is the ticket's end where one was asked for.
pub(super) fn by_status(answer: &Answer, of_ticket: bool) -> Result<(), Fault> {
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE if of_ticket => Err(Fault::gone("there is no such ticket any more")),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Err(Fault::refused(
            "the vendor refuses what was sent: look at the project, the type and `fields:` of the mapping",
        )),
        _ => Err(answer.by_status()),
    }
}
