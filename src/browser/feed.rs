//! What one lane knows from the browser's events. The router writes it, the lane reads it.

use super::book::{Book, cut};
use super::restless::Restless;
use super::streams::Streams;
use crate::evidence::Masker;
use crate::guard::{HostRule, Request};
use crate::walk::port::{BusinessCode, Sightings, Stopped};
use crate::walk::{ConsoleLevel, ConsoleLine, DialogSeen, Navigation, ScriptError};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Console lines, script errors, dialogs and navigations kept of one step, each.
const ENTRIES_STEP_MAX: usize = 500;
/// Console lines and script errors kept of one walk, together, and bytes of their texts.
const LINES_WALK_MAX: usize = 5_000;
const LINES_WALK_BYTES_MAX: usize = 2 << 20;
/// Characters kept of a console line or an error.
const TEXT_CHARS_MAX: usize = 2_000;
/// Bytes of a text that are looked at: more than is kept, so that a secret on the cut is known whole.
const TEXT_RAW_BYTES_MAX: usize = 16 << 10;
/// Bytes kept of a page's URL.
pub(crate) const URL_BYTES_MAX: usize = 8 << 10;
/// Pages and frames followed at once.
pub(crate) const PAGES_MAX: usize = 2_000;
/// Files followed in one walk.
const DOWNLOADS_MAX: usize = 200;
/// Stopped requests kept of one step; those of never rules have as many places again.
const GUARDED_STEP_MAX: usize = 200;
/// Sentences about what could not be seen, of one step.
const LOSSES_STEP_MAX: usize = 20;
/// Over how long events are counted to tell a storm, and how many make one.
const STORM_OVER: Duration = Duration::from_secs(5);
const STORM_EVENTS: u64 = 2_000;
/// As many events again as one step has place for: no sound page sends them.
const STORM_LOST: u64 = ENTRIES_STEP_MAX as u64;

/// A page of the lane: its window's own, or a popup.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageState {
    pub url: String,
    /// The address of the document that is shown, as far as one was.
    pub shown: String,
    pub opener: Option<String>,
    pub parent: Option<String>,
    /// Navigations that began.
    pub navigations: u64,
    /// Navigations whose answer began to arrive.
    pub committed: u64,
    /// Documents whose DOM is ready.
    pub ready: u64,
    /// Documents that loaded.
    pub loaded: u64,
    pub crashed: bool,
    pub gone: bool,
    /// The order in which pages came.
    pub order: u64,
    /// Why the newest navigation failed.
    pub error: Option<String>,
    /// Where it should have led.
    pub error_url: String,
}

/// A file the page sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct DownloadState {
    /// Downloads that began before it.
    pub order: usize,
    pub name: String,
    /// Where it comes from: the driver tells of no request.
    pub url: String,
    /// `None` while it comes; then its path, or why it did not come.
    pub end: Option<Result<String, String>>,
}

/// How dialogs are answered.
#[derive(Debug, Clone)]
pub(crate) struct DialogPolicy {
    pub accept: bool,
    pub text: Option<String>,
}

/// The lane's state behind one lock.
#[derive(Debug)]
pub(crate) struct FeedState {
    pub opened: Instant,
    pub pages: HashMap<String, PageState>,
    pub page_count: u64,
    pub book: Book,
    pub restless: Restless,
    pub streams: Streams,
    pub downloads: HashMap<String, DownloadState>,
    pub dialogs_total: u32,
    pub policy: DialogPolicy,
    pub masker: Masker,
    pub own_hosts: Arc<[HostRule]>,
    pub business: Option<BusinessCode>,
    guarded: Vec<Stopped>,
    /// Windows the pages opened, those closed again included.
    popup_count: u64,
    /// Takes what is told of pages beyond those that are followed.
    overflow: PageState,
    losses: Vec<String>,
    /// Events since `storm_since`, and in the span before.
    storm: (Instant, u64, u64),
    lines: usize,
    line_bytes: usize,
    console: Vec<ConsoleLine>,
    script_errors: Vec<ScriptError>,
    dialogs: Vec<DialogSeen>,
    navigations: Vec<Navigation>,
    lost: u64,
}

/// One lane's feed.
#[derive(Debug)]
pub(crate) struct Feed {
    state: Mutex<FeedState>,
    changed: Notify,
}

impl Feed {
    pub(crate) fn new(own_hosts: &[HostRule], business: Option<BusinessCode>, har: bool) -> Self {
        let mut book = Book::default();
        book.har = har.then(Vec::new);
        let state = FeedState {
            opened: Instant::now(),
            pages: HashMap::new(),
            page_count: 0,
            book,
            restless: Restless::default(),
            streams: Streams::default(),
            downloads: HashMap::new(),
            dialogs_total: 0,
            policy: DialogPolicy { accept: false, text: None },
            masker: Masker::default(),
            own_hosts: own_hosts.into(),
            business,
            guarded: Vec::new(),
            popup_count: 0,
            overflow: PageState::default(),
            losses: Vec::new(),
            storm: (Instant::now(), 0, 0),
            lines: 0,
            line_bytes: 0,
            console: Vec::new(),
            script_errors: Vec::new(),
            dialogs: Vec::new(),
            navigations: Vec::new(),
            lost: 0,
        };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, FeedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever waits that something changed.
    pub(crate) fn touch(&self) {
        self.changed.notify_waiters();
    }

    /// Waits until `holds`, at most `within`; whether it came to hold.
    pub(crate) async fn until(&self, within: Duration, holds: impl Fn(&FeedState) -> bool) -> bool {
        let deadline = tokio::time::Instant::now() + within;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that a change between the two is not missed.
            changed.as_mut().enable();
            if holds(&self.lock()) {
                return true;
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return holds(&self.lock());
            }
        }
    }
}

impl FeedState {
    /// Whether a URL belongs to the app itself.
    pub(crate) fn is_own(own_hosts: &[HostRule], url: &str) -> bool {
        let Ok(asked) = Request::parse("GET", url) else { return false };
        own_hosts.iter().any(|own| own.covers(&asked.host, asked.port, &asked.scheme))
    }

    pub(crate) fn page(&mut self, context: &str) -> &mut PageState {
        if !self.pages.contains_key(context) {
            if self.pages.len() >= PAGES_MAX {
                self.lost += 1;
                self.overflow = PageState { gone: true, parent: Some(String::new()), ..PageState::default() };
                return &mut self.overflow;
            }
            self.page_count += 1;
            let page = PageState { order: self.page_count, ..PageState::default() };
            self.pages.insert(context.to_owned(), page);
        }
        self.pages.entry(context.to_owned()).or_default()
    }

    /// A page came to be; whether it is a window that a page opened.
    pub(crate) fn created(&mut self, params: &Value) -> bool {
        let context = params["context"].as_str().unwrap_or_default();
        let page = self.page(context);
        let known = page.opener.is_some();
        page.parent = params["parent"].as_str().map(str::to_owned);
        page.opener = params["originalOpener"].as_str().map(str::to_owned);
        page.url = cut(params["url"].as_str().unwrap_or_default(), URL_BYTES_MAX);
        let popup = !known && page.opener.is_some() && page.parent.is_none();
        self.popup_count += u64::from(popup);
        popup
    }

    /// A frame that has been gone for a while.
    pub(crate) fn forget(&mut self, context: &str) {
        if self.pages.get(context).is_some_and(|p| p.gone && p.parent.is_some()) {
            self.pages.remove(context);
        }
    }

    /// Windows the lane's pages opened, those closed again included.
    pub(crate) fn popups(&self) -> u64 {
        self.popup_count
    }

    /// A file begins to come; one that is not followed is counted as lost.
    pub(crate) fn download(&mut self, params: &Value) -> Option<&mut DownloadState> {
        let id = params["navigation"].as_str().unwrap_or_default();
        if !self.downloads.contains_key(id) && self.downloads.len() >= DOWNLOADS_MAX {
            self.lost += 1;
            return None;
        }
        let order = self.downloads.len();
        Some(self.downloads.entry(id.to_owned()).or_insert_with(|| DownloadState { order, ..DownloadState::default() }))
    }

    /// The guard stopped a request.
    pub(crate) fn stopped(&mut self, stopped: Stopped) {
        let places = if stopped.never { 2 * GUARDED_STEP_MAX } else { GUARDED_STEP_MAX };
        if self.guarded.len() < places { self.guarded.push(stopped) } else { self.lost += 1 }
    }

    /// Something could not be seen.
    pub(crate) fn missed(&mut self, sentence: String) {
        if self.losses.contains(&sentence) {
            return;
        }
        if self.losses.len() < LOSSES_STEP_MAX { self.losses.push(sentence) } else { self.lost += 1 }
    }

    /// One more event of this lane.
    pub(crate) fn counted(&mut self) {
        self.turn_span();
        self.storm.1 += 1;
    }

    /// Whether the lane's own pages keep the browser busy: then a slow answer is their doing, not the machine's.
    /// A slow machine hands even a flood on slowly: what the step had no place for counts beside the rate.
    pub(crate) fn storms(&mut self) -> bool {
        self.turn_span();
        let flooded = self.lost + self.book.dropped >= STORM_LOST;
        flooded || self.storm.1.max(self.storm.2) >= STORM_EVENTS
    }

    fn turn_span(&mut self) {
        let age = self.storm.0.elapsed();
        if age >= STORM_OVER {
            let before = if age < 2 * STORM_OVER { self.storm.1 } else { 0 };
            self.storm = (Instant::now(), 0, before);
        }
    }

    /// Whether `context` is a frame of `page`, or of one of its frames.
    pub(crate) fn is_inside(&self, context: &str, page: &str) -> bool {
        let mut context = context;
        // A chain of parents ends; the bound is for a browser that says otherwise.
        for _ in 0..32 {
            match self.pages.get(context).and_then(|p| p.parent.as_deref()) {
                Some(parent) if parent == page => return true,
                Some(parent) => context = parent,
                None => return false,
            }
        }
        false
    }

    /// A page's navigation began, was committed, or failed.
    pub(crate) fn navigated(&mut self, params: &Value, same_document: bool, error: Option<String>) {
        let Some(context) = params["context"].as_str() else { return };
        let url = cut(params["url"].as_str().unwrap_or_default(), URL_BYTES_MAX);
        let page = self.page(context);
        let top = page.parent.is_none();
        if error.is_none() {
            page.navigations += 1;
        }
        page.error.clone_from(&error);
        page.error_url.clone_from(&url);
        if error.is_none() {
            page.url.clone_from(&url);
            if same_document {
                page.shown.clone_from(&url);
            }
        }
        if top && self.navigations.len() < ENTRIES_STEP_MAX {
            let offset = self.opened.elapsed();
            let url = cut(&self.masker.url(&url), URL_BYTES_MAX / 4);
            let error = error.map(|e| self.masker.text(&e).into_owned());
            self.navigations.push(Navigation { url, same_document, error, offset });
        } else if top {
            self.lost += 1;
        }
    }

    /// Masks the credentials that the headers of a request and its answer show.
    pub(crate) fn learn(&mut self, params: &Value) {
        for value in super::credentials::seen_in(params) {
            self.masker.learn(&value);
        }
    }

    /// A console line or an uncaught exception.
    pub(crate) fn logged(&mut self, params: &Value) {
        let text = self.kept(params["text"].as_str().unwrap_or_default());
        let offset = self.opened.elapsed();
        let fits = self.lines < LINES_WALK_MAX && self.line_bytes + text.len() <= LINES_WALK_BYTES_MAX;
        let step = if params["type"] == "javascript" { self.script_errors.len() } else { self.console.len() };
        if !fits || step >= ENTRIES_STEP_MAX {
            self.lost += 1;
            return;
        }
        self.lines += 1;
        self.line_bytes += text.len();
        if params["type"] == "javascript" {
            let frames = params["stackTrace"]["callFrames"].as_array().map(Vec::as_slice).unwrap_or_default();
            let url_of = |f: &Value| f["url"].as_str().unwrap_or_default().to_owned();
            let own_frame = frames.iter().find(|f| Self::is_own(&self.own_hosts, &url_of(f)));
            let own = own_frame.is_some() || frames.is_empty();
            let frame = own_frame.or(frames.first()).map(|f| frame_words(f, &self.masker));
            self.script_errors.push(ScriptError { text, frame, own, offset });
            return;
        }
        let level = match params["level"].as_str() {
            Some("error") => ConsoleLevel::Error,
            Some("warn") => ConsoleLevel::Warn,
            Some("debug") => ConsoleLevel::Debug,
            _ => ConsoleLevel::Info,
        };
        self.console.push(ConsoleLine { level, text, offset });
    }

    /// A text as it is kept: cut, masked, and cut again. The router waits while this is done.
    fn kept(&self, text: &str) -> String {
        self.masker.text(&cut(text, TEXT_RAW_BYTES_MAX)).chars().take(TEXT_CHARS_MAX).collect()
    }

    /// A dialog opened and was answered.
    pub(crate) fn dialog(&mut self, kind: &str, text: &str, accepted: bool) {
        self.dialogs_total += 1;
        if self.dialogs.len() < ENTRIES_STEP_MAX {
            let text = self.kept(text);
            self.dialogs.push(DialogSeen { kind: kind.to_owned(), text, accepted });
        }
    }

    /// What was seen since this was last asked.
    pub(crate) fn drain(&mut self, all: bool) -> Sightings {
        let masker = self.masker.clone();
        let again = |text: &mut String| *text = masker.text(text).into_owned();
        // What the page wrote before it was known to be secret.
        self.console.iter_mut().for_each(|line| again(&mut line.text));
        self.script_errors.iter_mut().for_each(|error| again(&mut error.text));
        self.dialogs.iter_mut().for_each(|dialog| again(&mut dialog.text));
        let mut losses = std::mem::take(&mut self.losses);
        let lost = std::mem::take(&mut self.lost) + std::mem::take(&mut self.book.dropped);
        if lost > 0 {
            losses
                .push(format!("{lost} events of the page were not kept: more came in one step than the limit allows"));
        }
        Sightings {
            exchanges: self.book.drain(&masker, all),
            console: std::mem::take(&mut self.console),
            script_errors: std::mem::take(&mut self.script_errors),
            dialogs: std::mem::take(&mut self.dialogs),
            navigations: std::mem::take(&mut self.navigations),
            guarded: std::mem::take(&mut self.guarded),
            losses,
        }
    }
}

/// `app.js renderTotal`: the file and the function; line numbers would not survive a build.
fn frame_words(frame: &Value, masker: &Masker) -> String {
    let url = masker.url(frame["url"].as_str().unwrap_or_default());
    let file = url.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let file = if file.is_empty() { "(page)" } else { file };
    let function = frame["functionName"].as_str().filter(|f| !f.is_empty()).unwrap_or("(anonymous)");
    masker.text(&format!("{file} {function}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn feed(hosts: &[&str]) -> Feed {
        let own: Vec<HostRule> = hosts.iter().map(|host| host.parse().unwrap()).collect();
        Feed::new(&own, None, false)
    }

    #[test]
    fn own_hosts_are_those_the_rules_cover() {
        let check = |rule: &str, url: &str, expected: bool| {
            assert_eq!(FeedState::is_own(&[rule.parse().unwrap()], url), expected, "{rule} {url}");
        };
        check("*.bank.cn", "https://api.bank.cn/v1", true);
        check("*.bank.cn", "https://bank.cn.evil.cn/v1", false);
        check("BANK.cn", "https://bank.cn/v1", true);
        check("bank.cn", "https://bank.cn./v1", true);
        check("银行.cn", "https://xn--jn2a72x.cn/", true);
        check("localhost:*", "http://localhost:9/", true);
        check("127.0.0.1:8080", "http://127.0.0.1:8081/", false);
        check("bank.cn", "data:text/plain,bank.cn", false);
    }

    #[test]
    fn a_noisy_walk_keeps_what_fits_its_budget_and_says_so() {
        let feed = feed(&[]);
        let mut kept = 0;
        for step in 0..40 {
            for _ in 0..400 {
                feed.lock().logged(&json!({"text": "噪".repeat(5_000), "type": "console", "level": "info"}));
            }
            let sightings = feed.lock().drain(false);
            kept += sightings.console.iter().map(|line| line.text.len()).sum::<usize>();
            assert!(step == 0 || !sightings.losses.is_empty());
        }
        assert!(kept <= LINES_WALK_BYTES_MAX, "{kept}");
    }

    #[test]
    fn a_flood_is_a_storm_however_slowly_it_comes() {
        let check = |lines: usize, expected: bool| {
            let feed = feed(&[]);
            for _ in 0..lines {
                feed.lock().logged(&json!({"text": "噪", "type": "console", "level": "info"}));
            }
            assert_eq!(feed.lock().storms(), expected, "{lines}");
            feed.lock().drain(false);
            assert!(!feed.lock().storms(), "the next step begins anew");
        };
        check(900, false);
        check(1_000, true);
        check(1_786, true);
    }

    #[test]
    fn what_a_page_can_repeat_without_end_is_bounded() {
        let feed = feed(&[]);
        let mut state = feed.lock();
        for at in 0..3 * PAGES_MAX {
            state.created(&json!({"context": at.to_string(), "parent": "main", "url": "x".repeat(100_000)}));
            state.download(&json!({"navigation": at.to_string()}));
            let (method, url, reason) = ("GET".to_owned(), String::new(), String::new());
            state.stopped(Stopped { method, url, never: false, reason });
        }
        assert_eq!((state.pages.len(), state.downloads.len(), state.popups()), (PAGES_MAX, DOWNLOADS_MAX, 0));
        assert!(state.pages.values().all(|p| p.url.len() < URL_BYTES_MAX + 4));
        let never = Stopped { method: "POST".into(), url: String::new(), never: true, reason: String::new() };
        state.stopped(never.clone());
        assert_eq!(state.drain(false).guarded.last(), Some(&never));
    }

    #[test]
    fn popups_are_counted_once() {
        let feed = feed(&[]);
        let mut state = feed.lock();
        for _ in 0..2 {
            state.created(&json!({"context": "a", "originalOpener": "main"}));
        }
        state.created(&json!({"context": "frame", "parent": "a"}));
        assert_eq!(state.popups(), 1);
    }
}
