//! The pages: a shell rendered here, filled by each page's script from the API.

use super::gate::{SESSION_COOKIE, Signed, Visitor, set_cookie};
use super::product::{self, DISCLOSURE};
use super::site::Shared;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Response, StatusCode};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use axum::{Extension, Router};
use minijinja::{Environment, Value, context};
use std::collections::HashMap;

/// Every template, by name.
const TEMPLATES: &[(&str, &str)] = &[
    ("base.html", include_str!("pages/base.html")),
    ("buy.html", include_str!("pages/buy.html")),
    ("buy-confirm.html", include_str!("pages/buy-confirm.html")),
    ("close-account.html", include_str!("pages/close-account.html")),
    ("complaint.html", include_str!("pages/complaint.html")),
    ("done.html", include_str!("pages/done.html")),
    ("esign.html", include_str!("pages/esign.html")),
    ("esign-frame.html", include_str!("pages/esign-frame.html")),
    ("fund.html", include_str!("pages/fund.html")),
    ("funds.html", include_str!("pages/funds.html")),
    ("help.html", include_str!("pages/help.html")),
    ("home.html", include_str!("pages/home.html")),
    ("loans.html", include_str!("pages/loans.html")),
    ("login.html", include_str!("pages/login.html")),
    ("login-verify.html", include_str!("pages/login-verify.html")),
    ("messages.html", include_str!("pages/messages.html")),
    ("missing.html", include_str!("pages/missing.html")),
    ("privacy.html", include_str!("pages/privacy.html")),
    ("proof.html", include_str!("pages/proof.html")),
    ("prospectus.html", include_str!("pages/prospectus.html")),
    ("settings.html", include_str!("pages/settings.html")),
    ("statements.html", include_str!("pages/statements.html")),
    ("transactions.html", include_str!("pages/transactions.html")),
    ("transfer.html", include_str!("pages/transfer.html")),
    ("transfer-confirm.html", include_str!("pages/transfer-confirm.html")),
    ("wealth.html", include_str!("pages/wealth.html")),
    ("wealth-product.html", include_str!("pages/wealth-product.html")),
];

/// Pages that need nothing but a customer: route, template, title, place in the navigation.
const PLAIN: &[(&str, &str, &str, &str)] = &[
    ("/home", "home.html", "我的资产", "home"),
    ("/funds", "funds.html", "基金超市", "funds"),
    ("/wealth", "wealth.html", "理财产品", "wealth"),
    ("/loans", "loans.html", "贷款服务", "home"),
    ("/transfer", "transfer.html", "转账汇款", "home"),
    ("/transactions", "transactions.html", "交易明细", "home"),
    ("/messages", "messages.html", "消息中心", "messages"),
    ("/settings", "settings.html", "我的", "settings"),
    ("/settings/privacy", "privacy.html", "隐私政策", "settings"),
    ("/settings/close-account", "close-account.html", "注销账户", "settings"),
    ("/settings/proof", "proof.html", "证明材料", "settings"),
    ("/help", "help.html", "帮助中心", "settings"),
    ("/help/complaint", "complaint.html", "意见与投诉", "settings"),
    ("/esign", "esign.html", "电子签约", "home"),
    ("/esign/frame", "esign-frame.html", "电子签约合同", "home"),
    ("/statements", "statements.html", "电子月结单", "home"),
];

/// Reads the templates once. They are part of the program, so one that does not parse is a bug a unit test finds.
pub(super) fn environment() -> Environment<'static> {
    let mut pages = Environment::new();
    for (name, source) in TEMPLATES {
        pages.add_template(name, source).expect("invariant: the demo's templates parse");
    }
    pages
}

/// The routes of all pages.
pub(super) fn routes() -> Router<Shared> {
    let plain = PLAIN.iter().fold(Router::new(), |router, (route, template, title, section)| {
        let show = move |signed: Signed| async move { show(&signed, template, title, section, &[]) };
        router.route(route, get(show))
    });
    plain
        .route("/", get(|| async { Redirect::to("/home") }))
        .route("/login", get(login))
        .route("/login/verify", get(verify))
        .route("/logout", get(logout))
        .route("/funds/{code}", get(fund))
        .route("/funds/{code}/buy", get(buy))
        .route("/funds/{code}/prospectus", get(prospectus))
        .route("/wealth/{code}", get(wealth))
        .route("/orders/{id}/confirm", get(|s: Signed, p: Path<String>| prepared(s, p, "buy-confirm.html", "申购确认")))
        .route("/orders/{id}/done", get(|s: Signed, p: Path<String>| prepared(s, p, "done.html", "申请已受理")))
        .route(
            "/transfers/{id}/confirm",
            get(|s: Signed, p: Path<String>| prepared(s, p, "transfer-confirm.html", "转账确认")),
        )
        .route("/transfers/{id}/done", get(|s: Signed, p: Path<String>| prepared(s, p, "done.html", "转账已受理")))
}

fn render(site: &Shared, template: &str, values: Value) -> Response<Body> {
    match site.pages.get_template(template).and_then(|t| t.render(values)) {
        Ok(page) => Html(page).into_response(),
        Err(trouble) => (StatusCode::INTERNAL_SERVER_ERROR, trouble.to_string()).into_response(),
    }
}

fn show(signed: &Signed, template: &str, title: &str, section: &str, more: &[(&str, &str)]) -> Response<Body> {
    let customer = signed.customer();
    let values = context! {
        title, section, disclosure => DISCLOSURE, signed => true,
        customer_name => &customer.name, churn => signed.site.churn.is_on(), third_party => &signed.site.third_party_url,
        more => Value::from_pairs(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))),
    };
    render(&signed.site, template, values)
}

async fn login(State(site): State<Shared>, Extension(visitor): Extension<Visitor>) -> Response<Body> {
    if let Some((_, true)) = visitor.who {
        return Redirect::to("/home").into_response();
    }
    guest(&site, "login.html", "登录")
}

async fn verify(State(site): State<Shared>, Extension(visitor): Extension<Visitor>) -> Response<Body> {
    match visitor.who {
        None => Redirect::to("/login").into_response(),
        Some((_, true)) => Redirect::to("/home").into_response(),
        Some((_, false)) => guest(&site, "login-verify.html", "安全验证"),
    }
}

fn guest(site: &Shared, template: &str, title: &str) -> Response<Body> {
    let values = context! {
        title, signed => false, churn => site.churn.is_on(), third_party => &site.third_party_url,
    };
    render(site, template, values)
}

async fn logout(State(site): State<Shared>, Extension(visitor): Extension<Visitor>) -> Response<Body> {
    visitor.token.iter().for_each(|t| site.sessions.close(t));
    let mut response = Redirect::to("/login").into_response();
    set_cookie(response.headers_mut(), SESSION_COOKIE, "");
    response
}

async fn fund(signed: Signed, Path(code): Path<String>) -> Response<Body> {
    match product::fund(&code) {
        Some(f) => show(&signed, "fund.html", f.name, "funds", &[("code", f.code), ("name", f.name)]),
        None => missing(signed).await,
    }
}

async fn buy(signed: Signed, Path(code): Path<String>) -> Response<Body> {
    match product::fund(&code) {
        Some(f) => {
            show(&signed, "buy.html", "申购", "funds", &[("code", f.code), ("name", f.name), ("min", f.min_amount)])
        }
        None => missing(signed).await,
    }
}

async fn prospectus(
    signed: Signed,
    Path(code): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response<Body> {
    let Some(f) = product::fund(&code) else { return missing(signed).await };
    let heading =
        if query.get("doc").is_some_and(|d| d == "summary") { "产品资料概要" } else { "招募说明书" };
    let more = [("code", f.code), ("name", f.name), ("heading", heading), ("risk", f.risk), ("manager", f.manager)];
    show(&signed, "prospectus.html", heading, "funds", &more)
}

async fn wealth(signed: Signed, Path(code): Path<String>) -> Response<Body> {
    match product::wealth(&code) {
        Some(w) => show(&signed, "wealth-product.html", w.name, "wealth", &[("code", w.code), ("name", w.name)]),
        None => missing(signed).await,
    }
}

async fn prepared(
    signed: Signed,
    Path(id): Path<String>,
    template: &'static str,
    title: &'static str,
) -> Response<Body> {
    if !signed.session(|s| s.prepared.contains_key(&id)) {
        return missing(signed).await;
    }
    show(&signed, template, title, if template.starts_with("buy") { "funds" } else { "home" }, &[("id", &id)])
}

/// The page for what is not there.
pub(super) async fn missing(signed: Signed) -> Response<Body> {
    let mut response = show(&signed, "missing.html", "页面不存在", "home", &[]);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_template_parses() {
        assert!(super::environment().get_template("base.html").is_ok());
    }
}
