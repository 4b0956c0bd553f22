//! Pictures, masked before they are taken.

use super::super::agent;
use super::super::feed::{Feed, FeedState};
use super::super::socket::{CommandError, Socket};
use super::{BidiLane, Deadline};
use crate::evidence::Masker;
use crate::walk::port::Target;
use base64::Engine as _;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the browser may take for a picture, and the page to be covered for it and uncovered: a machine that is busy
/// takes long for each. A hidden or crashed page never gives one.
const PICTURE_WITHIN: Duration = Duration::from_secs(10);
/// How long it is waited for once the page has gone on.
const GONE_ON_WITHIN: Duration = Duration::from_millis(500);
/// How long the page may take to give a place.
const CALL_WITHIN: Duration = Duration::from_secs(3);
/// The browser's own command for what the customer sees, as it is.
const CAPTURE: &str = "Page.captureScreenshot";
/// JPEG quality: text stays legible, a phone's page weighs about 60 KiB.
const QUALITY_PERCENT: u32 = 80;
/// A picture beside whose covers the page showed a secret is taken anew, after these pauses; so is one of a page that
/// went away while it was being covered.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
];

impl BidiLane {
    /// Starts a picture. The next act waits for its capture; decoding and storing are off the walk's path.
    pub(super) fn take_picture(&mut self, of: Of) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let (done, taken) = watch::channel(false);
        let before = self.picture.replace(taken);
        let activate = self.bring_front();
        let picture = Picture {
            socket: self.host.socket.clone(),
            feed: self.feed.clone(),
            direct: self.direct.get(&self.current).filter(|socket| socket.dead().is_none()).cloned(),
            session: self.host.router.cdp_session_of(&self.current),
            context: self.current.clone(),
            of,
        };
        let covers = Covers::of(&self.masker());
        let ready = self.covered.take();
        let taking = async move {
            if let Some(mut before) = before {
                let _ = before.wait_for(|taken| *taken).await;
            }
            if let Some(activate) = activate {
                let _ = picture.socket.send("browsingContext.activate", activate, PICTURE_WITHIN).await;
            }
            match covers {
                Some(covers) => picture.covered(&covers, ready).await,
                None => picture.open().await,
            }
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

/// A picture to be taken.
struct Picture {
    socket: Socket,
    feed: Arc<Feed>,
    context: String,
    /// The page's own socket, which spares its bytes the driver's way.
    direct: Option<Socket>,
    /// Its session by way of the driver.
    session: Option<String>,
    of: Of,
}

/// What a picture is of.
pub(super) enum Of {
    /// What the customer sees, for people.
    View,
    /// What the customer sees, pixel by pixel, for comparing.
    Pixels,
    /// One element.
    Element(Target),
}

/// Why a page is not covered.
enum Bare {
    /// It cannot be.
    Never(String),
    /// It went away in the middle, or is slow.
    NotYet(String),
}

impl Picture {
    /// Where nothing is to be covered.
    async fn open(&self) -> Result<Value, String> {
        let until = Deadline::after(PICTURE_WITHIN);
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            if let Some(shot) = self.shoot(until).await {
                return shot;
            }
        }
        Err("the page went on again and again".to_owned())
    }

    /// `None` when another document came in the middle: the browser may then never answer.
    async fn shoot(&self, until: Deadline) -> Option<Result<Value, String>> {
        let documents = |state: &FeedState| state.pages.get(&self.context).map_or(0, |p| p.committed);
        let before = documents(&self.feed.lock());
        let gone_on = async {
            if self.feed.until(until.left(), |state| documents(state) != before).await {
                tokio::time::sleep(GONE_ON_WITHIN).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            shot = self.captured(until) => Some(shot),
            () = gone_on => None,
        }
    }

    /// Asked of the browser itself where that can be, else of it by way of the driver, else of the driver.
    async fn captured(&self, until: Deadline) -> Result<Value, String> {
        let params = match &self.of {
            Of::View => json!({"format": "jpeg", "quality": QUALITY_PERCENT, "optimizeForSpeed": true}),
            Of::Pixels => json!({"format": "png", "optimizeForSpeed": true}),
            Of::Element(_) => return capture(&self.socket, &self.context, &self.of, until.left()).await,
        };
        if let Some(direct) = &self.direct {
            match direct.send(CAPTURE, params.clone(), until.left()).await {
                // It may have let go of the page, which the driver has still.
                Err(CommandError::Refused { .. }) => {}
                shot => return shot.map_err(|e| e.to_string()),
            }
        }
        let Some(session) = &self.session else {
            return capture(&self.socket, &self.context, &self.of, until.left()).await;
        };
        let ask = json!({"method": CAPTURE, "params": params, "session": session});
        let answer = self.socket.send("goog:cdp.sendCommand", ask, until.left()).await;
        answer.map(|mut answer| answer["result"].take()).map_err(|e| e.to_string())
    }

    /// Taken with everything covered that must not be read, before and behind; `ready` is the page's own cover, where it
    /// lies already.
    async fn covered(&self, covers: &Covers, mut ready: Option<Cover>) -> Result<Value, String> {
        let until = Deadline::after(PICTURE_WITHIN);
        let mut broken = String::new();
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            let pages = pages_of(&self.feed, &self.context);
            let ready = ready.take();
            let each = pages.iter().map(|(page, _)| match &ready {
                Some(cover) if cover.page == *page => futures_util::future::ok(Some(cover.clone())).left_future(),
                _ => self.lay(covers, page, until).right_future(),
            });
            let laid = join_all(each).await;
            let whole = laid.iter().all(Result::is_ok);
            let shot = if whole { self.shoot(until).await } else { None };
            let lying = laid.iter().flatten().flatten();
            let lifted = join_all(lying.map(|cover| self.lift(cover))).await;
            broken = match (laid.into_iter().find_map(Result::err), lifted.into_iter().flatten().next(), shot) {
                (Some(Bare::Never(why)), ..) => return Err(why),
                (Some(Bare::NotYet(why)), ..) | (_, Some(why), _) => why,
                // The same documents all along: one that came back, cover and all, was away meanwhile.
                (None, None, Some(shot)) if pages_of(&self.feed, &self.context) == pages => return shot,
                _ => "another page or frame came".to_owned(),
            };
            if until.over() {
                break;
            }
        }
        Err(format!("the page did not stay covered while the picture was taken: {broken}"))
    }

    /// `None` for a page that is gone.
    async fn lay(&self, covers: &Covers, page: &str, until: Deadline) -> Result<Option<Cover>, Bare> {
        let crashed = |state: &FeedState| state.pages.get(page).is_some_and(|p| p.crashed);
        let laid = tokio::select! {
            laid = call(&self.socket, page, "cover", covers.0.clone(), until.left()) => laid,
            true = self.feed.until(PICTURE_WITHIN, crashed) => return Err(Bare::Never("the page crashed".to_owned())),
        };
        match laid {
            Err(_) if is_gone(&self.feed, page) => Ok(None),
            Err(Refused::Thrown(why)) => Err(Bare::Never(why)),
            Err(Refused::Unanswered(why)) => Err(Bare::NotYet(why)),
            Ok(id) => Ok(Some(Cover { page: page.to_owned(), id: id.as_str().unwrap_or_default().to_owned() })),
        }
    }

    /// Why not everything stayed covered, if it did not.
    async fn lift(&self, cover: &Cover) -> Option<String> {
        match cover.take_away(&self.socket).await {
            Ok(broken) => broken.as_str().map(str::to_owned),
            // The page may be gone by now; then so is the cover, and what came after it was not covered.
            Err(_) if is_gone(&self.feed, &cover.page) => None,
            Err(why) => Some(why.words()),
        }
    }
}

/// A cover that lies.
#[derive(Clone)]
pub(super) struct Cover {
    /// The page or frame.
    pub page: String,
    /// Its name: no other has it.
    pub id: String,
}

impl Cover {
    /// Gives why it did not hold, if it did not.
    pub(super) async fn take_away(&self, socket: &Socket) -> Result<Value, Refused> {
        call(socket, &self.page, "uncover", json!({"id": self.id}), PICTURE_WITHIN).await
    }
}

/// What must be unreadable while a picture is taken, as the page is told of it.
pub(super) struct Covers(pub(super) Value);

impl Covers {
    /// `None` when there is nothing to cover.
    pub(super) fn of(masker: &Masker) -> Option<Self> {
        let (search, short) = (masker.search(), masker.short());
        let any = search.is_some() || !short.is_empty();
        any.then(|| Self(json!({"search": search, "short": short})))
    }
}

fn is_gone(feed: &Feed, page: &str) -> bool {
    feed.lock().pages.get(page).is_none_or(|p| p.gone)
}

/// The page and its frames, a secret shows in any of them; and how many documents each has had.
fn pages_of(feed: &Feed, current: &str) -> Vec<(String, u64)> {
    let state = feed.lock();
    let documents = |context: &str| state.pages.get(context).map_or(0, |p| p.committed);
    let mut frames: Vec<_> = state.pages.iter().filter(|(c, p)| !p.gone && state.is_inside(c, current)).collect();
    frames.sort_by_key(|(_, frame)| frame.order);
    let frames = frames.into_iter().map(|(context, frame)| (context.clone(), frame.committed));
    std::iter::once((current.to_owned(), documents(current))).chain(frames).collect()
}

/// By BiDi's own command, which asks the page for its measures first and has the browser cut the picture out of it.
async fn capture(socket: &Socket, context: &str, of: &Of, within: Duration) -> Result<Value, String> {
    let format = match of {
        Of::Pixels => json!({"type": "image/png"}),
        _ => json!({"type": "image/jpeg", "quality": f64::from(QUALITY_PERCENT) / 100.0}),
    };
    let mut ask = json!({"context": context, "format": format});
    if let Of::Element(target) = of {
        let place = call(socket, context, "place", json!({"target": target}), CALL_WITHIN).await;
        let place = place.map_err(Refused::words)?;
        if place.is_null() {
            return Err("the element is gone".to_owned());
        }
        ask["clip"] = json!({"type": "box", "x": place["x"], "y": place["y"],
            "width": place["width"], "height": place["height"]});
    }
    socket.send("browsingContext.captureScreenshot", ask, within).await.map_err(|e| e.to_string())
}

/// Why a call of the agent gave nothing.
pub(super) enum Refused {
    /// The page, or the browser for it, did not answer.
    Unanswered(String),
    /// The agent said why not.
    Thrown(String),
}

impl Refused {
    fn words(self) -> String {
        let (Self::Unanswered(why) | Self::Thrown(why)) = self;
        why
    }
}

/// A call of the agent outside the lane's own thread. An unmasked page gives no picture: an error here ends it.
async fn call(socket: &Socket, context: &str, verb: &str, args: Value, within: Duration) -> Result<Value, Refused> {
    let target = json!({"context": context, "sandbox": agent::SANDBOX});
    let params = json!({
        "functionDeclaration": agent::CALL,
        "arguments": [{"type": "string", "value": json!([verb, args]).to_string()}],
        "target": target, "awaitPromise": true, "resultOwnership": "none",
    });
    let send = |method: &'static str, params: Value| async move {
        socket.send(method, params, within).await.map_err(|e| Refused::Unanswered(e.to_string()))
    };
    let mut answer = send("script.callFunction", params.clone()).await?;
    if answer["result"]["value"] == "absent" {
        // A document that came to be before the agent was installed, such as a popup's first.
        let install = json!({"functionDeclaration": agent::INSTALL, "awaitPromise": false, "target": target});
        send("script.callFunction", install).await?;
        answer = send("script.callFunction", params).await?;
    }
    let text = answer["result"]["value"].as_str().unwrap_or_default();
    let unread = |_| Refused::Unanswered(format!("the page could not be {verb}ed"));
    let value: Value = serde_json::from_str(text).map_err(unread)?;
    match value["thrown"].as_str() {
        Some(thrown) => Err(Refused::Thrown(thrown.to_owned())),
        None => Ok(value),
    }
}
