//! The slow third party: an analytics script and its beacon, on another host.

use super::site::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::time::Duration;

const SCRIPT: &str = "(() => { const at = document.currentScript.src.replace('/collect.js', '/beacon'); \
    const say = (what) => navigator.sendBeacon(at, what + ' ' + location.pathname); say('view'); \
    addEventListener('pagehide', () => say('leave')); })();";

/// The third party's routes. It sets no cookie and remembers nothing.
pub(super) fn router(site: Shared) -> Router {
    Router::new()
        .route("/collect.js", get(script))
        .route("/beacon", post(beacon))
        .route("/pixel.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], "window._px = 1;") }))
        .with_state(site)
}

async fn keep_waiting(site: &Shared) {
    tokio::time::sleep(Duration::from_millis(site.churn.third_party_delay_millis())).await;
}

async fn script(State(site): State<Shared>) -> impl IntoResponse {
    keep_waiting(&site).await;
    ([(header::CONTENT_TYPE, "text/javascript"), (header::CACHE_CONTROL, "max-age=600")], SCRIPT)
}

async fn beacon(State(site): State<Shared>, _body: Bytes) -> impl IntoResponse {
    keep_waiting(&site).await;
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], StatusCode::NO_CONTENT)
}
