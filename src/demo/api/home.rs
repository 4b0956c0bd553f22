//! The home page: assets, holdings, banner and, now and then, a popup.

use super::ok;
use crate::demo::customer::money;
use crate::demo::gate::Signed;
use crate::demo::product::figure;
use crate::demo::site::Shared;
use crate::money::Decimal;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/api/home", get(home))
}

async fn home(signed: Signed) -> Json<Value> {
    let site = &signed.site;
    let customer = signed.customer();
    let now = site.local_now();
    let [cash, funds, wealth, loans] = customer.assets(now.date());
    let holdings = customer.holdings();
    let gain: Decimal = holdings.iter().filter_map(|h| h["gain"].as_str()).map(figure).sum();
    let nickname = signed.session(|s| s.nickname.clone()).unwrap_or_else(|| customer.name.clone());
    ok(json!({
        "hello": format!("{}，{nickname}{}", site.churn.greeting(now.hour()), customer.address),
        "as_of": now.strftime("%Y-%m-%d %H:%M").to_string(),
        "assets": {
            "total": money(cash + funds + wealth), "cash": money(cash), "funds": money(funds),
            "wealth": money(wealth), "loans": money(loans),
        },
        "yesterday_gain": money(gain),
        "holdings": holdings,
        "banner": site.churn.banner(site.tick()),
        "popup": site.churn.popup(signed.visitor),
    }))
}
