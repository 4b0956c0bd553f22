//! Sending money: payees, prepare, look again, transfer.

use super::order::{accept, amount, keep, show};
use super::{ok, refuse};
use crate::demo::customer::money;
use crate::demo::gate::Signed;
use crate::demo::site::Shared;
use crate::money::Decimal;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// Whom everyone may pay: id, name, masked account.
const PAYEES: [(&str, &str, &str); 4] = [
    ("p1", "江雨桐", "招商银行 6225 **** **** 1186"),
    ("p2", "顾言", "工商银行 6222 **** **** 4402"),
    ("p3", "听潮物业服务中心", "建设银行 6217 **** **** 9035"),
    ("p4", "宋知微", "农业银行 6228 **** **** 7710"),
];

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/payees", get(payees))
        .route("/api/transfers/prepare", post(prepare))
        .route("/api/transfers/prepared/{id}", get(prepared))
        .route("/api/transfers", post(submit))
}

async fn payees(signed: Signed) -> Json<Value> {
    let items = PAYEES.map(|(id, name, account)| json!({"id": id, "name": name, "account": account}));
    let cash = signed.customer().assets(signed.site.today())[0];
    ok(json!({"items": items, "available": money(cash)}))
}

#[derive(Deserialize)]
struct Wish {
    payee: String,
    amount: String,
    pin: String,
    #[serde(default)]
    remark: String,
}

async fn prepare(signed: Signed, Json(wish): Json<Wish>) -> Json<Value> {
    let Some((_, name, account)) = PAYEES.iter().find(|p| p.0 == wish.payee) else {
        return refuse("E4001", "请选择收款人");
    };
    let amount = match amount(&wish.amount) {
        Ok(amount) if amount > Decimal::from(200_000) => return refuse("E4002", "超过单笔限额"),
        Ok(amount) => amount,
        Err(refusal) => return refusal,
    };
    let customer = signed.customer();
    if amount > customer.assets(signed.site.today())[0] {
        return refuse("E3003", "可用余额不足");
    }
    if wish.pin != customer.trade_pin {
        return refuse("E3005", "交易密码错误");
    }
    let remark: String = wish.remark.chars().take(20).collect();
    keep(
        &signed,
        json!({
            "kind": "transfers", "name": name, "account": account, "amount": money(amount), "fee": "0.00",
            "card": format!("储蓄卡 尾号 {}", customer.card_tail()), "remark": if remark.is_empty() { "无" } else { &remark },
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
    accept(&signed, &submission.id, "transfers")
}
