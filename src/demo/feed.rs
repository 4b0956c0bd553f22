//! The feed of estimates: a web socket that says a fund's figure when it opens, and again at every tick.

use super::gate::Signed;
use super::product;
use super::site::{Shared, Site};
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

type Line = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

const TICK: Duration = Duration::from_secs(3);

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/feed/quotes", get(quotes))
}

async fn quotes(
    _signed: Signed,
    State(site): State<Shared>,
    Query(asked): Query<HashMap<String, String>>,
    mut request: Request,
) -> Response<Body> {
    let Some(fund) = asked.get("code").and_then(|code| product::fund(code)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A browser that stays must not keep a demo alive that has gone.
    let site = Arc::downgrade(&site);
    let estimate = move |site: &Weak<Site>| Some(fund.estimate(site.upgrade()?.tick()).to_string());
    open(&mut request, move |mut line: Line| async move {
        while let Some(estimate) = estimate(&site) {
            let word = Message::text(json!({"code": fund.code, "estimate": estimate}).to_string());
            if line.send(word).await.is_err() || silent_for(&mut line, TICK).await.is_err() {
                return;
            }
        }
    })
}

/// Opens the socket that is asked for and never says a word: what a feed does whose source has died.
pub(super) fn mute(request: &mut Request) -> Response<Body> {
    open(request, |mut line| async move { while silent_for(&mut line, TICK).await.is_ok() {} })
}

/// Reads what the browser sends, for so long; an error when it has gone.
async fn silent_for(line: &mut Line, time: Duration) -> Result<(), ()> {
    let gone = async { while let Some(Ok(_)) = line.next().await {} };
    if tokio::time::timeout(time, gone).await.is_ok() { Err(()) } else { Ok(()) }
}

fn open<F, W>(request: &mut Request, speak: W) -> Response<Body>
where
    F: Future<Output = ()> + Send,
    W: FnOnce(Line) -> F + Send + 'static,
{
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let accept = key.and_then(|key| HeaderValue::from_str(&key).ok());
    let Some((accept, line)) = accept.zip(request.extensions_mut().remove::<hyper::upgrade::OnUpgrade>()) else {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    };
    tokio::spawn(async move {
        if let Ok(line) = line.await {
            speak(WebSocketStream::from_raw_socket(TokioIo::new(line), Role::Server, None).await).await;
        }
    });
    let head = [
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, head).into_response()
}
