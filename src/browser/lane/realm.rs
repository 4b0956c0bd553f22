//! The agent of one document, called past the driver.
//!
//! The driver runs the agent in a realm of its own making and names it as the browser does, so a call through the driver
//! teaches the way, and a document that goes takes its realm with it. What comes this way overtakes the driver's events:
//! only calls after which nothing is concluded from those may take it, or calls that are followed by [`told_all`].

use super::super::agent;
use super::super::socket::{CommandError, Socket};
use serde_json::{Value, json};
use std::time::Duration;

/// What calls a function in a realm.
pub(super) const CALL: &str = "Runtime.callFunctionOn";

/// Where the agent of one document is reached.
#[derive(Clone)]
pub(super) struct Realm {
    /// The page's own socket.
    pub page: Socket,
    id: String,
    /// How many documents the page had had by then.
    committed: u64,
}

impl Realm {
    /// As an answer through the driver tells it.
    pub(super) fn of(page: Socket, answer: &Value, committed: u64) -> Option<Self> {
        Some(Self { page, id: answer["realm"].as_str()?.to_owned(), committed })
    }

    /// Whether the page has had another document since.
    pub(super) fn is_past(&self, committed: u64) -> bool {
        self.committed != committed
    }

    /// A call of the agent, to be sent to `page`.
    pub(super) fn call(&self, verb: &str, args: &Value) -> Value {
        json!({
            "functionDeclaration": agent::CALL,
            "arguments": [{"value": json!([verb, args]).to_string()}],
            "uniqueContextId": self.id, "awaitPromise": true, "returnByValue": true,
        })
    }
}

/// Waits until the driver has told what happened before now: its answers come after its events.
pub(super) async fn told_all(driver: &Socket, context: &str, within: Duration) -> Result<(), CommandError> {
    driver.send("browsingContext.getTree", json!({"root": context, "maxDepth": 0}), within).await.map(drop)
}
