//! Pictures, masked before they are taken.

use super::super::agent;
use super::super::feed::Feed;
use super::super::socket::Socket;
use super::BidiLane;
use crate::evidence::Masker;
use crate::walk::port::Target;
use base64::Engine as _;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all, try_join_all};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;

/// How long the browser may take for a picture. A hidden or crashed page never gives one.
const PICTURE_WITHIN: Duration = Duration::from_secs(10);
/// JPEG quality: text stays legible, a phone's page weighs about 60 KiB.
const QUALITY_PERCENT: u32 = 80;
/// A picture beside whose covers the page showed a secret is taken anew, after these pauses.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
];
/// How long the page may take to be covered, or to give a place.
const CALL_WITHIN: Duration = Duration::from_secs(3);

impl BidiLane {
    /// Starts a picture. The next act waits for its capture; decoding and storing are off the walk's path.
    pub(super) fn take_picture(&mut self, of: Option<&Target>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let (done, taken) = watch::channel(false);
        let before = self.picture.replace(taken);
        let socket = self.host.socket.clone();
        let context = self.current.clone();
        let activate = self.bring_front();
        let (feed, covers) = (self.feed.clone(), Covers::of(&self.masker()));
        let target = of.cloned();
        let session = self.host.router.cdp_session_of(&context);
        let taking = async move {
            let shoot = async || match (&target, &session) {
                (None, Some(session)) => capture_view(&socket, session).await,
                _ => capture(&socket, &context, target.as_ref()).await,
            };
            if let Some(mut before) = before {
                let _ = before.wait_for(|taken| *taken).await;
            }
            if let Some(activate) = activate {
                let _ = socket.send("browsingContext.activate", activate, PICTURE_WITHIN).await;
            }
            let Some(covers) = covers else { return shoot().await };
            let mut broken = String::new();
            for pause in PAUSES {
                tokio::time::sleep(pause).await;
                let pages = pages_of(&feed, &context);
                let laid = try_join_all(pages.iter().map(|page| covers.lay(&socket, &feed, page))).await;
                let shot = match &laid {
                    Ok(_) => shoot().await,
                    Err(why) => Err(why.clone()),
                };
                let lifted = join_all(pages.iter().map(|page| covers.lift(&socket, &feed, page))).await;
                laid?;
                match lifted.into_iter().flatten().next() {
                    // Frames that came in between were not covered.
                    None if pages_of(&feed, &context) == pages => return shot,
                    None => broken = "a frame came".to_owned(),
                    Some(why) => broken = why,
                }
            }
            Err(format!("the page showed a secret while the picture was taken: {broken}"))
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
}

/// What must be unreadable while a picture is taken.
struct Covers {
    args: Value,
}

impl Covers {
    /// `None` when there is nothing to cover.
    fn of(masker: &Masker) -> Option<Self> {
        let (source, short) = (masker.pattern(), masker.short());
        let any = source.is_some() || !short.is_empty();
        any.then(|| Self { args: json!({"source": source, "short": short}) })
    }

    async fn lay(&self, socket: &Socket, feed: &Feed, page: &str) -> Result<(), String> {
        match call(socket, page, "cover", self.args.clone()).await {
            Err(_) if is_gone(feed, page) => Ok(()),
            laid => laid.map(drop),
        }
    }

    /// Why not everything stayed covered, if it did not.
    async fn lift(&self, socket: &Socket, feed: &Feed, page: &str) -> Option<String> {
        match call(socket, page, "uncover", json!({})).await {
            Ok(broken) => broken.as_str().map(str::to_owned),
            // The page may be gone by now; then so is the cover, and what came after it was not covered.
            Err(_) if is_gone(feed, page) => None,
            Err(why) => Some(why),
        }
    }
}

fn is_gone(feed: &Feed, page: &str) -> bool {
    feed.lock().pages.get(page).is_none_or(|p| p.gone)
}

/// The page and its frames: a secret shows in any of them.
fn pages_of(feed: &Feed, current: &str) -> Vec<String> {
    let state = feed.lock();
    let mut pages = vec![current.to_owned()];
    let mut frames: Vec<_> = state.pages.iter().filter(|(c, p)| !p.gone && state.is_inside(c, current)).collect();
    frames.sort_by_key(|(_, frame)| frame.order);
    pages.extend(frames.into_iter().map(|(context, _)| context.clone()));
    pages
}

/// What the customer sees, as it is. BiDi's own command asks the page for its measures first and has the browser cut
/// the picture out of it.
async fn capture_view(socket: &Socket, session: &str) -> Result<Value, String> {
    let params = json!({"format": "jpeg", "quality": QUALITY_PERCENT, "optimizeForSpeed": true});
    let ask = json!({"method": "Page.captureScreenshot", "params": params, "session": session});
    let answer = socket.send("goog:cdp.sendCommand", ask, PICTURE_WITHIN).await;
    answer.map(|mut answer| answer["result"].take()).map_err(|e| e.to_string())
}

async fn capture(socket: &Socket, context: &str, target: Option<&Target>) -> Result<Value, String> {
    let mut ask =
        json!({"context": context, "format": {"type": "image/jpeg", "quality": f64::from(QUALITY_PERCENT) / 100.0}});
    if let Some(target) = target {
        let place = call(socket, context, "place", json!({"target": target})).await?;
        if place.is_null() {
            return Err("the element is gone".to_owned());
        }
        ask["clip"] = json!({"type": "box", "x": place["x"], "y": place["y"],
            "width": place["width"], "height": place["height"]});
    }
    socket.send("browsingContext.captureScreenshot", ask, PICTURE_WITHIN).await.map_err(|e| e.to_string())
}

/// A call of the agent outside the lane's own thread. An unmasked page gives no picture: an error here ends it.
async fn call(socket: &Socket, context: &str, verb: &str, args: Value) -> Result<Value, String> {
    let target = json!({"context": context, "sandbox": agent::SANDBOX});
    let params = json!({
        "functionDeclaration": agent::CALL,
        "arguments": [{"type": "string", "value": json!([verb, args]).to_string()}],
        "target": target, "awaitPromise": true, "resultOwnership": "none",
    });
    let send = |method: &'static str, params: Value| async move {
        socket.send(method, params, CALL_WITHIN).await.map_err(|e| e.to_string())
    };
    let mut answer = send("script.callFunction", params.clone()).await?;
    if answer["result"]["value"] == "absent" {
        // A document that came to be before the agent was installed, such as a popup's first.
        let install = json!({"functionDeclaration": agent::INSTALL, "awaitPromise": false, "target": target});
        send("script.callFunction", install).await?;
        answer = send("script.callFunction", params).await?;
    }
    let text = answer["result"]["value"].as_str().unwrap_or_default();
    let value: Value = serde_json::from_str(text).map_err(|_| format!("the page could not be {verb}ed"))?;
    match value["thrown"].as_str() {
        Some(thrown) => Err(thrown.to_owned()),
        None => Ok(value),
    }
}
