//! One reader of a browser's events: each goes to the lane it belongs to, and the few that need an answer get one.

use super::feed::{DownloadState, Feed};
use super::socket::{RawEvent, Socket};
use crate::guard::{Decision, GuardRules, Request};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Events every browser is asked for, once.
pub(crate) const SUBSCRIBED: [&str; 18] = [
    "browsingContext.contextCreated",
    "browsingContext.contextDestroyed",
    "browsingContext.navigationStarted",
    "browsingContext.navigationCommitted",
    "browsingContext.navigationFailed",
    "browsingContext.navigationAborted",
    "browsingContext.fragmentNavigated",
    "browsingContext.historyUpdated",
    "browsingContext.domContentLoaded",
    "browsingContext.load",
    "browsingContext.userPromptOpened",
    "browsingContext.downloadWillBegin",
    "browsingContext.downloadEnd",
    "log.entryAdded",
    "network.beforeRequestSent",
    "network.responseCompleted",
    "network.fetchError",
    "goog:cdp.Inspector.targetCrashed",
];

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Windows a lane may open; more is a storm and they are closed.
pub(crate) const POPUPS_MAX: u64 = 10;
/// Dialogs a lane answers; more is a storm.
pub(crate) const DIALOGS_MAX: u32 = 20;

/// A lane as the router knows it.
struct Entry {
    feed: Arc<Feed>,
    guard: Arc<GuardRules>,
    collector: bool,
}

/// Which lane owns what.
#[derive(Default)]
struct Map {
    by_user_context: HashMap<String, Arc<Entry>>,
    by_context: HashMap<String, String>,
    by_cdp_session: HashMap<String, String>,
}

/// Routes events of one browser to its lanes.
#[derive(Clone)]
pub(crate) struct Router {
    map: Arc<Mutex<Map>>,
    socket: Socket,
}

impl Router {
    /// Starts reading. Ends with the socket.
    pub(crate) fn start(socket: Socket, mut events: mpsc::UnboundedReceiver<RawEvent>) -> Self {
        let router = Self { map: Arc::default(), socket };
        let reading = router.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                reading.route(event);
            }
            for entry in reading.map().by_user_context.values() {
                entry.feed.touch();
            }
        });
        router
    }

    /// A lane begins: events of its user context go to `feed`.
    pub(crate) fn add(&self, user_context: &str, feed: Arc<Feed>, guard: Arc<GuardRules>, collector: bool) {
        self.map().by_user_context.insert(user_context.to_owned(), Arc::new(Entry { feed, guard, collector }));
    }

    /// A page of the lane, known before its first event.
    pub(crate) fn add_context(&self, user_context: &str, context: &str) {
        self.map().by_context.insert(context.to_owned(), user_context.to_owned());
    }

    /// The CDP session of a page: crash events carry nothing else.
    pub(crate) fn add_cdp_session(&self, session: &str, context: &str) {
        self.map().by_cdp_session.insert(session.to_owned(), context.to_owned());
    }

    /// The lane has ended.
    pub(crate) fn remove(&self, user_context: &str) {
        let mut map = self.map();
        map.by_user_context.remove(user_context);
        let gone: Vec<String> =
            map.by_context.iter().filter(|(_, u)| *u == user_context).map(|(c, _)| c.clone()).collect();
        map.by_context.retain(|_, u| u != user_context);
        map.by_cdp_session.retain(|_, c| !gone.contains(c));
    }

    fn map(&self) -> std::sync::MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry_of(&self, params: &Value) -> Option<Arc<Entry>> {
        let mut map = self.map();
        let context = params["context"].as_str().or_else(|| params["source"]["context"].as_str());
        let user_context = match params["userContext"].as_str().or_else(|| params["source"]["userContext"].as_str()) {
            Some(user_context) => user_context.to_owned(),
            None => map.by_context.get(context?)?.clone(),
        };
        let entry = map.by_user_context.get(&user_context)?.clone();
        if let Some(context) = context {
            map.by_context.entry(context.to_owned()).or_insert(user_context);
        }
        Some(entry)
    }

    fn route(&self, event: RawEvent) {
        let RawEvent { method, params } = event;
        if method == "goog:cdp.Inspector.targetCrashed" {
            return self.crashed(&params);
        }
        let Some(entry) = self.entry_of(&params) else {
            // Blocked requests must be answered whoever they belong to; without an owner the answer is no.
            if params["isBlocked"] == true {
                self.refuse(&params);
            }
            return;
        };
        match method.as_str() {
            "network.beforeRequestSent" => self.requested(&entry, &params),
            "network.responseCompleted" => self.answered(&entry, &params),
            "network.fetchError" => entry.feed.lock().book.failed(&params),
            "browsingContext.userPromptOpened" => self.prompted(&entry, &params),
            "browsingContext.contextCreated" => self.created(&entry, &params),
            _ => Self::note(&entry.feed, &method, &params),
        }
        entry.feed.touch();
    }

    fn note(feed: &Feed, method: &str, params: &Value) {
        let mut state = feed.lock();
        let context = params["context"].as_str().unwrap_or_default();
        let message = || params["message"].as_str().unwrap_or("the navigation failed").to_owned();
        match method {
            "browsingContext.contextDestroyed" => {
                if let Some(page) = state.pages.get_mut(context) {
                    page.gone = true;
                }
            }
            "browsingContext.navigationStarted" => state.navigated(params, false, None),
            "browsingContext.navigationFailed" | "browsingContext.navigationAborted" => {
                state.navigated(params, false, Some(message()));
            }
            "browsingContext.fragmentNavigated" | "browsingContext.historyUpdated" => {
                state.navigated(params, true, None);
            }
            "browsingContext.navigationCommitted" => {
                state.page(context).committed += 1;
                state.book.leave(context);
            }
            "browsingContext.domContentLoaded" => state.page(context).ready += 1,
            "browsingContext.load" => state.page(context).loaded += 1,
            "log.entryAdded" => state.logged(params),
            "browsingContext.downloadWillBegin" => {
                let id = params["navigation"].as_str().unwrap_or_default().to_owned();
                let name = params["suggestedFilename"].as_str().unwrap_or_default().to_owned();
                state.downloads.insert(id, DownloadState { name, end: None });
            }
            "browsingContext.downloadEnd" => {
                let id = params["navigation"].as_str().unwrap_or_default().to_owned();
                let end = match params["filepath"].as_str() {
                    Some(path) if params["status"] == "complete" => Ok(path.to_owned()),
                    _ => Err("the browser called the download off".to_owned()),
                };
                state.downloads.entry(id).or_default().end = Some(end);
            }
            _ => {}
        }
    }

    fn requested(&self, entry: &Entry, params: &Value) {
        if params["isBlocked"] == true {
            let request = &params["request"];
            let url = request["url"].as_str().unwrap_or_default();
            let method = request["method"].as_str().unwrap_or("GET");
            if let Some(reason) = denied(&entry.guard, method, url) {
                let mut state = entry.feed.lock();
                let shown = format!("{method} {} ({reason})", super::book::path_of(url));
                state.guarded.push(shown);
                drop(state);
                return self.refuse(params);
            }
            self.answer("network.continueRequest", json!({"request": params["request"]["request"]}));
        }
        let mut state = entry.feed.lock();
        let (opened, own) = (state.opened, state.own_hosts.clone());
        state.book.sent(params, opened, |url| super::feed::FeedState::is_own(&own, url));
    }

    fn answered(&self, entry: &Arc<Entry>, params: &Value) {
        let wanted = entry.feed.lock().book.answered(params);
        let Some(id) = wanted else { return };
        if !entry.collector {
            let mut state = entry.feed.lock();
            let business = state.business.clone();
            return state.book.body(&id, None, business.as_ref());
        }
        let (socket, entry) = (self.socket.clone(), entry.clone());
        tokio::spawn(async move {
            let ask = json!({"dataType": "response", "request": id});
            let got = socket.send("network.getData", ask, ANSWER_WITHIN).await;
            let text = got.ok().and_then(|data| text_of(&data["bytes"]));
            let mut state = entry.feed.lock();
            let business = state.business.clone();
            state.book.body(&id, text.as_deref(), business.as_ref());
            drop(state);
            entry.feed.touch();
        });
    }

    fn prompted(&self, entry: &Entry, params: &Value) {
        let kind = params["type"].as_str().unwrap_or("alert").to_owned();
        let text = params["message"].as_str().unwrap_or_default();
        let mut state = entry.feed.lock();
        // Leaving a page is the robot's own wish; everything else is answered as the journey says.
        let accept = kind == "beforeunload" || kind == "alert" || state.policy.accept;
        let user_text = state.policy.text.clone();
        state.dialog(&kind, text, accept);
        drop(state);
        let mut answer = json!({"context": params["context"], "accept": accept});
        if let Some(text) = user_text.filter(|_| kind == "prompt") {
            answer["userText"] = Value::String(text);
        }
        self.answer("browsingContext.handleUserPrompt", answer);
    }

    fn created(&self, entry: &Entry, params: &Value) {
        let context = params["context"].as_str().unwrap_or_default();
        let mut state = entry.feed.lock();
        let known = state.pages.contains_key(context);
        let page = state.page(context);
        page.parent = params["parent"].as_str().map(str::to_owned);
        page.opener = params["originalOpener"].as_str().map(str::to_owned);
        page.url = params["url"].as_str().unwrap_or_default().to_owned();
        let popups = state.popups();
        let popup = !known && params["originalOpener"].is_string();
        drop(state);
        if popup && popups > POPUPS_MAX {
            self.answer("browsingContext.close", json!({"context": context}));
        }
    }

    fn crashed(&self, params: &Value) {
        let session = params["session"].as_str().unwrap_or_default();
        let context = self.map().by_cdp_session.get(session).cloned();
        let Some(context) = context else { return };
        let Some(entry) = self.entry_of(&json!({"context": context})) else { return };
        entry.feed.lock().page(&context).crashed = true;
        entry.feed.touch();
    }

    fn refuse(&self, params: &Value) {
        self.answer("network.failRequest", json!({"request": params["request"]["request"]}));
    }

    /// Sends without waiting: the router never stands still.
    fn answer(&self, method: &'static str, params: Value) {
        let socket = self.socket.clone();
        tokio::spawn(async move {
            if let Err(error) = socket.send(method, params, ANSWER_WITHIN).await {
                tracing::debug!(method, %error, "an answer to the browser was not taken");
            }
        });
    }
}

fn text_of(bytes: &Value) -> Option<String> {
    use base64::Engine as _;
    let value = bytes["value"].as_str()?;
    if bytes["type"] == "base64" {
        let raw = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
        return String::from_utf8(raw).ok();
    }
    Some(value.to_owned())
}

/// Why the guard stops a request, if it does. What cannot be read is stopped.
fn denied(guard: &GuardRules, method: &str, url: &str) -> Option<String> {
    match Request::parse(method, url) {
        Ok(request) => match guard.decide(&request) {
            Decision::Allow => None,
            Decision::Deny(reason) => Some(reason.to_string()),
        },
        Err(error) => Some(error.to_string()),
    }
}
