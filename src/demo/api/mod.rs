//! The JSON API. Business trouble is HTTP 200 with a code that is not `0000`, as Chinese banks do it.

mod account;
mod complaint;
mod fund;
mod home;
mod login;
mod order;
mod paper;
mod shelf;
mod transaction;
mod transfer;

use super::site::Shared;
use axum::{Json, Router};
use serde_json::{Value, json};

/// An answer: `{"code": "0000", "message": "成功", "data": …}`.
pub(super) fn ok(data: Value) -> Json<Value> {
    Json(json!({"code": "0000", "message": "成功", "data": data}))
}

/// A refusal: `{"code": "E….", "message": …, "data": null}`.
pub(super) fn refuse(code: &str, message: &str) -> Json<Value> {
    Json(json!({"code": code, "message": message, "data": null}))
}

/// Every route of the API.
pub(super) fn routes() -> Router<Shared> {
    [
        account::routes(),
        complaint::routes(),
        fund::routes(),
        home::routes(),
        login::routes(),
        order::routes(),
        paper::routes(),
        shelf::routes(),
        transaction::routes(),
        transfer::routes(),
    ]
    .into_iter()
    .fold(Router::new(), Router::merge)
}
