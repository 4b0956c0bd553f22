//! The fund list and one fund.

use super::{ok, refuse};
use crate::demo::gate::Signed;
use crate::demo::product::{self, FUNDS};
use crate::demo::site::Shared;
use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/api/funds", get(list)).route("/api/funds/{code}", get(detail))
}

async fn list(signed: Signed) -> Json<Value> {
    let (today, tick) = (signed.site.today(), signed.site.tick());
    let items: Vec<Value> = FUNDS.iter().map(|f| f.row(today, tick)).collect();
    ok(json!({"nav_date": product::nav_date(today).to_string(), "items": items}))
}

async fn detail(signed: Signed, Path(code): Path<String>) -> Json<Value> {
    match product::fund(&code) {
        Some(fund) => ok(fund.detail(signed.site.today(), signed.site.tick())),
        None => refuse("E2001", "产品不存在或已下架"),
    }
}
