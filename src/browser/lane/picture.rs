//! Pictures, masked before they are taken.

use super::super::agent;
use super::super::socket::Socket;
use super::BidiLane;
use crate::walk::port::Target;
use base64::Engine as _;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;

/// How long the browser may take for a picture. A hidden or crashed page never gives one.
const PICTURE_WITHIN: Duration = Duration::from_secs(10);
/// JPEG quality: text stays legible, a phone's page weighs about 60 KiB.
const QUALITY: f64 = 0.8;

impl BidiLane {
    /// Starts a picture. The next act waits for its capture; decoding and storing are off the walk's path.
    pub(super) fn take_picture(&mut self, of: Option<&Target>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let (done, taken) = watch::channel(false);
        let before = self.picture.replace(taken);
        let socket = self.host.socket.clone();
        let context = self.current.clone();
        let activate = self.bring_front();
        let covers = if self.secrets.is_empty() { Vec::new() } else { self.pages_to_cover() };
        let secrets: Vec<String> = self.secrets.iter().map(|s| s.expose().to_owned()).collect();
        let target = of.cloned();
        let taking = async move {
            if let Some(mut before) = before {
                let _ = before.wait_for(|taken| *taken).await;
            }
            if let Some(activate) = activate {
                let _ = socket.send("browsingContext.activate", activate, PICTURE_WITHIN).await;
            }
            for page in &covers {
                call(&socket, page, "cover", json!({"secrets": secrets})).await?;
            }
            let mut ask = json!({"context": context, "format": {"type": "image/jpeg", "quality": QUALITY}});
            if let Some(target) = target {
                let place = call(&socket, &context, "place", json!({"target": target})).await?;
                if place.is_null() {
                    return Err("the element is gone".to_owned());
                }
                ask["clip"] = json!({"type": "box", "x": place["x"], "y": place["y"],
                    "width": place["width"], "height": place["height"]});
            }
            let shot = socket.send("browsingContext.captureScreenshot", ask, PICTURE_WITHIN).await;
            for page in &covers {
                // The page may be gone by now; then so is the cover.
                let _ = call(&socket, page, "uncover", json!({})).await;
            }
            shot.map_err(|e| e.to_string())
        };
        // Spawned, so that the capture begins now and ends whether or not anybody waits for it.
        let task = tokio::spawn(async move {
            let shot = taking.await;
            let _ = done.send(true);
            let shot: Value = shot?;
            let data = shot["data"].as_str().ok_or("the browser gave no picture")?;
            base64::engine::general_purpose::STANDARD.decode(data).map_err(|e| e.to_string())
        });
        async move { task.await.unwrap_or_else(|e| Err(e.to_string())) }.boxed()
    }

    /// The page and its frames: a secret shows in any of them.
    fn pages_to_cover(&self) -> Vec<String> {
        let state = self.feed.lock();
        let mut covered = vec![self.current.clone()];
        let mut next = 0;
        while let Some(parent) = covered.get(next).cloned() {
            let children = state.pages.iter().filter(|(_, p)| p.parent.as_deref() == Some(&parent) && !p.gone);
            covered.extend(children.map(|(c, _)| c.clone()));
            next += 1;
        }
        covered
    }
}

/// A call of the agent outside the lane's own thread. An unmasked page gives no picture: an error here ends it.
async fn call(socket: &Socket, context: &str, verb: &str, args: Value) -> Result<Value, String> {
    let params = json!({
        "functionDeclaration": agent::CALL,
        "arguments": [{"type": "string", "value": json!([verb, args]).to_string()}],
        "target": {"context": context, "sandbox": agent::SANDBOX},
        "awaitPromise": true, "resultOwnership": "none",
    });
    let answer = socket.send("script.callFunction", params, Duration::from_secs(3)).await.map_err(|e| e.to_string())?;
    let text = answer["result"]["value"].as_str().unwrap_or_default();
    let value: Value = serde_json::from_str(text).map_err(|_| format!("the page could not be {verb}ed"))?;
    match value["thrown"].as_str() {
        Some(thrown) => Err(thrown.to_owned()),
        None => Ok(value),
    }
}
