//! Sheets, scripts and pictures, part of the program and served like files.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::IntoResponse;

macro_rules! assets {
    ($($name:literal),* $(,)?) => { &[$(($name, include_bytes!(concat!("assets/", $name)))),*] };
}

/// Every asset by its path under `/assets/`.
const ASSETS: &[(&str, &[u8])] = assets![
    "app.css",
    "js/amount-keys.js",
    "js/app.js",
    "js/buy.js",
    "js/chart.js",
    "js/close-account.js",
    "js/complaint.js",
    "js/confirm.js",
    "js/esign.js",
    "js/fund.js",
    "js/funds.js",
    "js/home.js",
    "js/loans.js",
    "js/login-verify.js",
    "js/login.js",
    "js/messages.js",
    "js/proof.js",
    "js/rating.js",
    "js/settings.js",
    "js/statements.js",
    "js/transactions.js",
    "js/transfer.js",
    "js/wealth-product.js",
    "js/wealth.js",
    "img/banner-safe.svg",
    "img/banner-spring.svg",
    "img/banner-tide.svg",
    "img/done.svg",
    "img/empty.svg",
    "img/gift.svg",
    "img/hero-tide.svg",
    "img/logo.svg",
    "img/quick-help.svg",
    "img/quick-list.svg",
    "img/quick-loan.svg",
    "img/quick-paper.svg",
    "img/quick-sign.svg",
    "img/quick-transfer.svg",
    "img/shield.svg",
    "img/tab-funds.svg",
    "img/tab-home.svg",
    "img/tab-messages.svg",
    "img/tab-settings.svg",
    "img/tab-wealth.svg",
];

/// Serves one asset, to be asked for again each time but sent only when it changed.
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    let Some((_, bytes)) = ASSETS.iter().find(|(n, _)| *n == name) else {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    };
    let tag = format!("\"{:016x}\"", super::chance::mix(0, &String::from_utf8_lossy(bytes)));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let head = [(header::CACHE_CONTROL, "no-cache".to_owned()), (header::ETAG, tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, media_type(&name))], *bytes).into_response()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
