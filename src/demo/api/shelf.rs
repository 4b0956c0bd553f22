//! The shelf beside the funds: wealth products and loans.

use super::{ok, refuse};
use crate::demo::customer::money;
use crate::demo::gate::Signed;
use crate::demo::product::{self, LOANS, WEALTH};
use crate::demo::site::Shared;
use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/wealth", get(wealth))
        .route("/api/wealth/{code}", get(wealth_product))
        .route("/api/loans", get(loans))
}

async fn wealth(signed: Signed) -> Json<Value> {
    let today = signed.site.today();
    ok(json!({"items": WEALTH.iter().map(|w| w.row(today)).collect::<Vec<_>>()}))
}

async fn wealth_product(signed: Signed, Path(code): Path<String>) -> Json<Value> {
    match product::wealth(&code) {
        Some(w) => ok(w.row(signed.site.today())),
        None => refuse("E2001", "产品不存在或已下架"),
    }
}

async fn loans(signed: Signed) -> Json<Value> {
    let item = |l: &product::Loan| json!({"code": l.code, "name": l.name, "apr": l.apr, "limit": l.limit, "months": l.months, "repayment": l.repayment});
    let today = signed.site.today();
    let due = today.saturating_add(jiff::Span::new().days(15)).to_string();
    let mine = signed.customer().loan.map(|owed| json!({"owed": money(product::figure(owed)), "due": due}));
    ok(json!({"items": LOANS.iter().map(item).collect::<Vec<_>>(), "mine": mine}))
}
