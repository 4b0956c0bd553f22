//! The cash ledger, newest line first, ten lines a page.

use super::ok;
use crate::demo::customer::{Entry, money};
use crate::demo::gate::Signed;
use crate::demo::site::Shared;
use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

const LINES_PER_PAGE: usize = 10;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/api/transactions", get(list))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    kind: String,
}

async fn list(signed: Signed, Query(wanted): Query<Wanted>) -> Json<Value> {
    let entries = signed.customer().entries(signed.site.today());
    let fits = |e: &&Entry| match wanted.kind.as_str() {
        "in" => e.amount.is_sign_positive(),
        "out" => e.amount.is_sign_negative(),
        _ => true,
    };
    let lines: Vec<Value> = entries.iter().rev().filter(fits).map(line).collect();
    let pages = lines.len().div_ceil(LINES_PER_PAGE).max(1);
    let page = wanted.page.clamp(1, pages);
    let items: Vec<&Value> = lines.iter().skip((page - 1) * LINES_PER_PAGE).take(LINES_PER_PAGE).collect();
    ok(json!({"count": lines.len(), "page": page, "pages": pages, "items": items}))
}

fn line(entry: &Entry) -> Value {
    json!({
        "serial": entry.serial, "at": entry.at, "title": entry.title, "remark": entry.remark,
        "amount": money(entry.amount), "balance": money(entry.balance),
    })
}
