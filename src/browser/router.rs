//! One reader of a browser's events: each goes to the lane it belongs to, and the few that need an answer get one.

use super::book::{Unread, cut};
use super::feed::{Feed, FeedState};
use super::kind::kind_of;
use super::socket::{CommandError, Incoming, Listener, RawEvent, Socket, UNREAD};
use super::streams::socket_of_frame;
use crate::walk::ExchangeKind;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Events every browser is asked for, once.
pub(crate) const SUBSCRIBED: [&str; 24] = [
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
    "network.responseStarted",
    "network.responseCompleted",
    "network.fetchError",
    "goog:cdp.Inspector.targetCrashed",
    // BiDi itself tells nothing of web sockets.
    "goog:cdp.Network.webSocketCreated",
    "goog:cdp.Network.webSocketHandshakeResponseReceived",
    "goog:cdp.Network.webSocketFrameReceived",
    "goog:cdp.Network.webSocketFrameError",
    "goog:cdp.Network.webSocketClosed",
];
/// What the names of events of web sockets begin with.
const OF_WEB_SOCKETS: &str = "goog:cdp.Network.webSocket";

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Windows a lane may open; more is a storm and they are closed.
pub(crate) const POPUPS_MAX: u64 = 10;
/// Dialogs a lane answers; more is a storm.
pub(crate) const DIALOGS_MAX: u32 = 20;
/// Bodies read at once from one browser.
const BODIES_AT_ONCE: usize = 8;
/// Bytes kept of a file's name.
const NAME_BYTES_MAX: usize = 500;
/// Closed pages and frames that are still known, for events that come after their end.
const CLOSED_MAX: usize = 1_000;

/// A lane as the router knows it.
struct Entry {
    feed: Arc<Feed>,
    collector: bool,
}

/// Which lane owns what.
#[derive(Default)]
struct Map {
    by_user_context: HashMap<String, Arc<Entry>>,
    by_context: HashMap<String, String>,
    by_cdp_session: HashMap<String, String>,
    closed: VecDeque<String>,
}

/// Routes events of one browser to its lanes.
#[derive(Clone)]
pub(crate) struct Router {
    map: Arc<Mutex<Map>>,
    socket: Socket,
    bodies: Arc<Semaphore>,
}

impl Listener for Router {
    fn told(&self, event: RawEvent) {
        self.route(event);
    }

    fn ended(&self) {
        for entry in self.map().by_user_context.values() {
            entry.feed.touch();
        }
    }
}

impl Router {
    /// Reads from now on, until the socket's end.
    pub(crate) fn start(socket: Socket, incoming: Incoming) -> Self {
        let router = Self { map: Arc::default(), socket, bodies: Arc::new(Semaphore::new(BODIES_AT_ONCE)) };
        incoming.read_by(router.clone());
        router
    }

    /// A lane begins: events of its user context go to `feed`.
    pub(crate) fn add(&self, user_context: &str, feed: Arc<Feed>, collector: bool) {
        self.map().by_user_context.insert(user_context.to_owned(), Arc::new(Entry { feed, collector }));
    }

    /// A page of the lane, known before its first event.
    pub(crate) fn add_context(&self, user_context: &str, context: &str) {
        self.map().by_context.insert(context.to_owned(), user_context.to_owned());
    }

    /// The CDP session of a page: crash events carry nothing else.
    pub(crate) fn add_cdp_session(&self, session: &str, context: &str) {
        self.map().by_cdp_session.insert(session.to_owned(), context.to_owned());
    }

    /// The CDP session of a page that has one.
    pub(crate) fn cdp_session_of(&self, context: &str) -> Option<String> {
        self.map().by_cdp_session.iter().find(|(_, c)| *c == context).map(|(session, _)| session.clone())
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
        if let Some(what) = method.strip_prefix(OF_WEB_SOCKETS) {
            return self.of_web_socket(what, &params);
        }
        if method == UNREAD {
            return self.unread(&params);
        }
        let Some(entry) = self.entry_of(&params) else { return };
        entry.feed.lock().counted();
        match method.as_str() {
            "network.beforeRequestSent" => Self::requested(&entry.feed, &params),
            "network.responseStarted" => entry.feed.lock().book.began(&params),
            "network.responseCompleted" => self.answered(&entry, &params),
            "network.fetchError" => {
                let mut state = entry.feed.lock();
                state.learn(&params);
                state.book.failed(&params);
            }
            "browsingContext.userPromptOpened" => self.prompted(&entry, &params),
            "browsingContext.contextCreated" => self.created(&entry, &params),
            "browsingContext.contextDestroyed" => self.destroyed(&entry, &params),
            _ => Self::note(&entry.feed, &method, &params),
        }
        entry.feed.touch();
    }

    fn note(feed: &Feed, method: &str, params: &Value) {
        let mut state = feed.lock();
        let context = params["context"].as_str().unwrap_or_default();
        let message = || params["message"].as_str().unwrap_or("the navigation failed").to_owned();
        match method {
            "browsingContext.navigationStarted" => state.navigated(params, false, None),
            "browsingContext.navigationFailed" | "browsingContext.navigationAborted" => {
                state.navigated(params, false, Some(message()));
            }
            "browsingContext.fragmentNavigated" | "browsingContext.historyUpdated" => {
                state.navigated(params, true, None);
            }
            "browsingContext.navigationCommitted" => {
                let url = params["url"].as_str().unwrap_or_default();
                let page = state.page(context);
                page.committed += 1;
                page.shown = cut(url, super::feed::URL_BYTES_MAX);
                state.restless.loaded(context, url, super::feed::PAGES_MAX);
                state.book.leave(context);
                state.streams.leave(context);
            }
            "browsingContext.domContentLoaded" => state.page(context).ready += 1,
            "browsingContext.load" => state.page(context).loaded += 1,
            "log.entryAdded" => state.logged(params),
            "browsingContext.downloadWillBegin" => {
                let name = cut(params["suggestedFilename"].as_str().unwrap_or_default(), NAME_BYTES_MAX);
                let url = cut(params["url"].as_str().unwrap_or_default(), NAME_BYTES_MAX);
                if let Some(download) = state.download(params) {
                    (download.name, download.url) = (name, url);
                }
            }
            "browsingContext.downloadEnd" => {
                let end = match params["filepath"].as_str() {
                    Some(path) if params["status"] == "complete" => Ok(path.to_owned()),
                    _ => Err("the browser called the download off".to_owned()),
                };
                if let Some(download) = state.download(params) {
                    download.end = Some(end);
                }
            }
            _ => {}
        }
    }

    fn requested(feed: &Feed, params: &Value) {
        let mut state = feed.lock();
        state.learn(params);
        let (opened, own) = (state.opened, state.own_hosts.clone());
        let framed = params["context"].as_str().and_then(|c| state.pages.get(c)).map(|page| page.parent.is_some());
        let (request, url) = (&params["request"], params["request"]["url"].as_str().unwrap_or_default());
        let reads = request["method"] == "GET" && kind_of(request, params, framed) == ExchangeKind::Api;
        if reads && FeedState::is_own(&own, url) {
            state.restless.asked(params["context"].as_str().unwrap_or_default(), url, Instant::now());
        }
        state.book.sent(params, opened, framed, |url| FeedState::is_own(&own, url));
    }

    fn answered(&self, entry: &Arc<Entry>, params: &Value) {
        let wanted = {
            let mut state = entry.feed.lock();
            state.learn(params);
            state.book.answered(params)
        };
        let Some(id) = wanted else { return };
        if !entry.collector {
            let mut state = entry.feed.lock();
            let business = state.business.clone();
            return state.book.body(&id, Err(Unread::limit("this walk reads no bodies")), business.as_ref());
        }
        let (router, entry) = (self.clone(), entry.clone());
        tokio::spawn(async move {
            let body = router.body_of(&id).await;
            let mut state = entry.feed.lock();
            let business = state.business.clone();
            state.book.body(&id, body.as_deref().map_err(Clone::clone), business.as_ref());
            drop(state);
            entry.feed.touch();
        });
    }

    async fn body_of(&self, id: &str) -> Result<String, Unread> {
        let _place = self.bodies.acquire().await;
        let ask = json!({"dataType": "response", "request": id});
        match self.socket.send("network.getData", ask, ANSWER_WITHIN).await {
            Ok(data) => text_of(&data["bytes"]).ok_or_else(|| Unread::limit("it is not UTF-8")),
            Err(error @ CommandError::Late { .. }) => Err(Unread { why: error.to_string(), busy: true }),
            Err(error) => Err(Unread::limit(error.to_string())),
        }
    }

    /// A message of the browser was too long to be read. What it was about is known when its head names a page.
    fn unread(&self, params: &Value) {
        let head = params["head"].as_str().unwrap_or_default();
        let map = self.map();
        if let Some(socket) = socket_of_frame(head) {
            // Nothing is lost: of a frame it is only kept that it came.
            for entry in map.by_user_context.values() {
                if entry.feed.lock().streams.spoke(socket) {
                    entry.feed.touch();
                }
            }
            return;
        }
        let owner = map.by_context.iter().find(|(context, _)| head.contains(context.as_str()));
        let all = map.by_user_context.iter();
        let told = all.filter(|(user_context, _)| owner.is_none_or(|(_, owner)| owner == *user_context));
        for (_, entry) in told {
            let mib = params["bytes"].as_u64().unwrap_or(0) >> 20;
            entry.feed.lock().missed(format!("a message of the browser of {mib} MiB was not read"));
        }
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
        let mut state = entry.feed.lock();
        let storm = state.created(params) && state.popups() > POPUPS_MAX;
        drop(state);
        if storm {
            self.answer("browsingContext.close", json!({"context": params["context"]}));
        }
    }

    fn destroyed(&self, entry: &Entry, params: &Value) {
        let context = params["context"].as_str().unwrap_or_default();
        let mut state = entry.feed.lock();
        if let Some(page) = state.pages.get_mut(context) {
            page.gone = true;
        }
        // Those of pop-ups that came and went would crowd out others of the lane.
        state.streams.leave(context);
        drop(state);
        let mut map = self.map();
        map.closed.push_back(context.to_owned());
        if map.closed.len() <= CLOSED_MAX {
            return;
        }
        let Some(oldest) = map.closed.pop_front() else { return };
        let owner = map.by_context.remove(&oldest).and_then(|owner| map.by_user_context.get(&owner).cloned());
        drop(map);
        if let Some(owner) = owner {
            owner.feed.lock().forget(&oldest);
        }
    }

    fn crashed(&self, params: &Value) {
        let Some((context, entry)) = self.by_session(params) else { return };
        entry.feed.lock().page(&context).crashed = true;
        entry.feed.touch();
    }

    /// Thousands of frames a second are a market's, no storm: they are not counted, and wake nobody but the first.
    fn of_web_socket(&self, what: &str, params: &Value) {
        let Some((context, entry)) = self.by_session(params) else { return };
        let mut state = entry.feed.lock();
        let FeedState { streams, masker, .. } = &mut *state;
        let news = streams.told(&context, what, &params["params"], |text| masker.text(text).into_owned());
        drop(state);
        if news {
            entry.feed.touch();
        }
    }

    /// The page that an event of its CDP session is about, and the lane.
    fn by_session(&self, params: &Value) -> Option<(String, Arc<Entry>)> {
        let context = self.map().by_cdp_session.get(params["session"].as_str()?).cloned()?;
        let entry = self.entry_of(&json!({"context": context}))?;
        Some((context, entry))
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

#[cfg(test)]
mod tests {
    use super::super::process::Death;
    use super::super::socket::tests::browser;
    use super::*;

    /// A browser's router with two lanes, each with a page of its name and a socket of this number.
    async fn router() -> (Router, [Arc<Feed>; 2]) {
        let url = browser(Vec::new()).await;
        let within = Duration::from_secs(20);
        let (socket, incoming) = Socket::connect(&url, within, std::future::ready(Death::LetGo)).await.unwrap();
        let router = Router::start(socket, incoming);
        let lane = |name: &str, socket: &str| {
            let feed = Arc::new(Feed::new(&[], None, false));
            router.add(name, feed.clone(), false);
            router.add_context(name, name);
            router.add_cdp_session(name, name);
            let asked = json!({"requestId": socket, "url": "wss://feed.bank.cn/quotes"});
            tell(&router, "goog:cdp.Network.webSocketCreated", json!({"session": name, "params": asked}));
            feed
        };
        let feeds = [lane("one", "7.1"), lane("other", "7.2")];
        (router, feeds)
    }

    fn tell(router: &Router, method: &str, params: Value) {
        router.route(RawEvent { method: method.to_owned(), params });
    }

    #[tokio::test]
    async fn a_frame_that_is_too_long_is_its_sockets_word_and_no_loss() {
        let (router, [one, other]) = router().await;
        let head = r#"{"type":"event","method":"goog:cdp.Network.webSocketFrameReceived","params":{"params":{"requestId":"7.1","#;
        tell(&router, UNREAD, json!({"bytes": 9 << 20, "head": head}));
        let spoke = |feed: &Feed, page: &str| feed.lock().streams.of(page, |_| false)[0].spoke;
        assert!(spoke(&one, "one") && !spoke(&other, "other"));
        for feed in [&one, &other] {
            assert_eq!(feed.lock().drain(true).losses, Vec::<String>::new());
        }
        // What else is too long is lost, to all when nobody knows whose it was.
        tell(&router, UNREAD, json!({"bytes": 9 << 20, "head": "{"}));
        assert!([one, other].iter().all(|feed| feed.lock().drain(true).losses.len() == 1));
    }

    #[tokio::test]
    async fn sockets_go_with_their_page() {
        let (router, [one, other]) = router().await;
        tell(&router, "browsingContext.contextDestroyed", json!({"context": "one", "userContext": "one"}));
        assert!(one.lock().streams.of("one", |_| false).is_empty());
        assert_eq!(other.lock().streams.of("other", |_| false).len(), 1);
    }
}
