//! What one lane knows from the browser's events. The router writes it, the lane reads it.

use super::book::Book;
use crate::evidence::Masker;
use crate::walk::port::{BusinessCode, Sightings};
use crate::walk::{ConsoleLevel, ConsoleLine, DialogSeen, Navigation, ScriptError};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Console lines, script errors, dialogs and navigations kept of one step, each.
const ENTRIES_STEP_MAX: usize = 500;
/// Characters kept of a console line or an error.
const TEXT_CHARS_MAX: usize = 2_000;

/// A page of the lane: its window's own, or a popup.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageState {
    pub url: String,
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
}

/// A file the page sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct DownloadState {
    pub name: String,
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
    pub downloads: HashMap<String, DownloadState>,
    pub dialogs_total: u32,
    pub policy: DialogPolicy,
    pub masker: Masker,
    pub own_hosts: Vec<String>,
    pub business: Option<BusinessCode>,
    pub guarded: Vec<String>,
    console: Vec<ConsoleLine>,
    script_errors: Vec<ScriptError>,
    dialogs: Vec<DialogSeen>,
    navigations: Vec<Navigation>,
    console_all: Vec<ConsoleLine>,
    lost: u64,
}

/// One lane's feed.
#[derive(Debug)]
pub(crate) struct Feed {
    state: Mutex<FeedState>,
    changed: Notify,
}

impl Feed {
    pub(crate) fn new(own_hosts: Vec<String>, business: Option<BusinessCode>, har: bool) -> Self {
        let mut book = Book::default();
        book.har = har.then(Vec::new);
        let state = FeedState {
            opened: Instant::now(),
            pages: HashMap::new(),
            page_count: 0,
            book,
            downloads: HashMap::new(),
            dialogs_total: 0,
            policy: DialogPolicy { accept: false, text: None },
            masker: Masker::default(),
            own_hosts,
            business,
            guarded: Vec::new(),
            console: Vec::new(),
            script_errors: Vec::new(),
            dialogs: Vec::new(),
            navigations: Vec::new(),
            console_all: Vec::new(),
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
    /// Whether a URL belongs to the app itself: `host` or `host:port`, as declared.
    pub(crate) fn is_own(own_hosts: &[String], url: &str) -> bool {
        let Ok(url) = url::Url::parse(url) else { return false };
        let Some(host) = url.host_str() else { return false };
        let with_port = url.port_or_known_default().map(|p| format!("{host}:{p}"));
        own_hosts.iter().any(|own| own == host || Some(own.as_str()) == with_port.as_deref())
    }

    pub(crate) fn page(&mut self, context: &str) -> &mut PageState {
        if !self.pages.contains_key(context) {
            self.page_count += 1;
            let page = PageState { order: self.page_count, ..PageState::default() };
            self.pages.insert(context.to_owned(), page);
        }
        self.pages.entry(context.to_owned()).or_default()
    }

    /// Windows the lane's pages opened, those closed again included.
    pub(crate) fn popups(&self) -> u64 {
        self.pages.values().filter(|p| p.opener.is_some() && p.parent.is_none()).count() as u64
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
        let url = params["url"].as_str().unwrap_or_default().to_owned();
        let page = self.page(context);
        let top = page.parent.is_none();
        if error.is_none() {
            page.navigations += 1;
        }
        page.error.clone_from(&error);
        if error.is_none() {
            page.url.clone_from(&url);
        }
        if top && self.navigations.len() < ENTRIES_STEP_MAX {
            let offset = self.opened.elapsed();
            let url = self.masker.url(&url);
            self.navigations.push(Navigation { url, same_document, error, offset });
        } else if top {
            self.lost += 1;
        }
    }

    /// A console line or an uncaught exception.
    pub(crate) fn logged(&mut self, params: &Value) {
        let text = params["text"].as_str().unwrap_or_default();
        let text: String = self.masker.text(text).chars().take(TEXT_CHARS_MAX).collect();
        let offset = self.opened.elapsed();
        if params["type"] == "javascript" {
            let frames = params["stackTrace"]["callFrames"].as_array().map(Vec::as_slice).unwrap_or_default();
            let url_of = |f: &Value| f["url"].as_str().unwrap_or_default().to_owned();
            let own_frame = frames.iter().find(|f| Self::is_own(&self.own_hosts, &url_of(f)));
            let own = own_frame.is_some() || frames.is_empty();
            let frame = own_frame.or(frames.first()).map(|f| frame_words(f, &self.masker));
            if self.script_errors.len() < ENTRIES_STEP_MAX {
                self.script_errors.push(ScriptError { text, frame, own, offset });
            } else {
                self.lost += 1;
            }
            return;
        }
        let level = match params["level"].as_str() {
            Some("error") => ConsoleLevel::Error,
            Some("warn") => ConsoleLevel::Warn,
            Some("debug") => ConsoleLevel::Debug,
            _ => ConsoleLevel::Info,
        };
        if self.console.len() < ENTRIES_STEP_MAX {
            self.console.push(ConsoleLine { level, text, offset });
        } else {
            self.lost += 1;
        }
    }

    /// A dialog opened and was answered.
    pub(crate) fn dialog(&mut self, kind: &str, text: &str, accepted: bool) {
        self.dialogs_total += 1;
        if self.dialogs.len() < ENTRIES_STEP_MAX {
            let text = self.masker.text(text).chars().take(TEXT_CHARS_MAX).collect();
            self.dialogs.push(DialogSeen { kind: kind.to_owned(), text, accepted });
        }
    }

    /// What was seen since this was last asked.
    pub(crate) fn drain(&mut self, all: bool) -> Sightings {
        let masker = self.masker.clone();
        let mut losses = Vec::new();
        let lost = std::mem::take(&mut self.lost) + std::mem::take(&mut self.book.dropped);
        if lost > 0 {
            losses
                .push(format!("{lost} events of the page were not kept: more came in one step than the limit allows"));
        }
        self.console_all.extend(self.console.iter().cloned());
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
    format!("{file} {function}")
}
