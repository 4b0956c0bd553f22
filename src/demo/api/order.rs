//! Buying a fund: prepare, look again, order. An order is accepted and never touches the customer's ledger.

use super::{ok, refuse};
use crate::demo::customer::money;
use crate::demo::gate::Signed;
use crate::demo::product::{figure, fund};
use crate::demo::site::Shared;
use crate::money::Decimal;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::str::FromStr;

/// How many prepared orders and transfers one session keeps.
pub(super) const PREPARED_MAX: usize = 100;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/orders/prepare", post(prepare))
        .route("/api/orders/prepared/{id}", get(prepared))
        .route("/api/orders", post(submit))
}

#[derive(Deserialize)]
struct Wish {
    code: String,
    amount: String,
    pin: String,
    #[serde(default)]
    risk_read: bool,
}

async fn prepare(signed: Signed, Json(wish): Json<Wish>) -> Json<Value> {
    let Some(fund) = fund(&wish.code) else { return refuse("E2001", "产品不存在或已下架") };
    let amount = match amount(&wish.amount) {
        Ok(amount) if amount < figure(fund.min_amount) => return refuse("E3002", "申购金额低于起购金额"),
        Ok(amount) => amount,
        Err(refusal) => return refusal,
    };
    let customer = signed.customer();
    if amount > customer.assets(signed.site.today())[0] {
        return refuse("E3003", "可用余额不足");
    }
    if !wish.risk_read {
        return refuse("E3004", "请先阅读并同意风险揭示书");
    }
    if wish.pin != customer.trade_pin {
        return refuse("E3005", "交易密码错误");
    }
    let rate = figure(fund.fee_shown) / Decimal::ONE_HUNDRED;
    let net = (amount / (Decimal::ONE + rate)).round_dp(2);
    keep(
        &signed,
        json!({
            "kind": "orders", "name": fund.name, "code": fund.code, "risk": fund.risk, "amount": money(amount),
            "fee": money(amount - net), "net": money(net), "card": format!("储蓄卡 尾号 {}", customer.card_tail()),
        }),
    )
}

async fn prepared(signed: Signed, Path(id): Path<String>) -> Json<Value> {
    show(&signed, &id)
}

#[derive(Deserialize)]
struct Submission {
    id: String,
}

async fn submit(signed: Signed, Json(submission): Json<Submission>) -> Json<Value> {
    accept(&signed, &submission.id, "orders")
}

/// Reads an amount a customer typed: positive, at most two decimals.
pub(super) fn amount(typed: &str) -> Result<Decimal, Json<Value>> {
    match Decimal::from_str(&typed.replace(',', "")) {
        Ok(amount) if amount > Decimal::ZERO && amount.normalize().scale() <= 2 => Ok(amount),
        _ => Err(refuse("E3001", "请输入正确的金额")),
    }
}

/// Keeps something prepared in the session and answers its id.
pub(super) fn keep(signed: &Signed, what: Value) -> Json<Value> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let kept = signed.session(|s| {
        let room = s.prepared.len() < PREPARED_MAX;
        if room {
            s.prepared.insert(id.clone(), what);
        }
        room
    });
    if kept { ok(json!({"id": id})) } else { refuse("E3009", "待确认申请过多，请稍后再试") }
}

/// What was prepared under this id.
pub(super) fn show(signed: &Signed, id: &str) -> Json<Value> {
    match signed.session(|s| s.prepared.get(id).cloned()) {
        Some(what) => ok(what),
        None => refuse("E3006", "申请已失效，请重新提交"),
    }
}

/// Accepts what was prepared, once.
pub(super) fn accept(signed: &Signed, id: &str, kind: &str) -> Json<Value> {
    let accepted = signed.session(|s| match s.prepared.get_mut(id) {
        Some(what) if what["kind"] == kind && what["accepted"].is_null() => {
            what["accepted"] = json!(true);
            true
        }
        _ => false,
    });
    if accepted { ok(json!({"serial": id})) } else { refuse("E3006", "申请已失效，请重新提交") }
}
