//! Opening a lane, going from page to page in it, and closing it.

use super::super::device::Metrics;
use super::super::feed::{Feed, FeedState, PageState};
use super::super::host::{Host, KEEP_WITHIN};
use super::super::socket::CommandError;
use super::fail::{failure, seconds};
use super::ways::{self, Closed, Ways};
use super::{BidiLane, Deadline};
use crate::guard::{Decision, Request};
use crate::journey::SwitchTarget;
use crate::walk::port::{LaneSpec, Leftovers, Mishap};
use crate::walk::{FailureKind, Trouble, TroubleKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use url::Url;

/// The browser's errors that speak of the way to the app and not of the app. A tunnel that did not open is one only
/// where the lane's proxy does not know why.
const UPLINK_ERRORS: [&str; 6] = [
    "ERR_INTERNET_DISCONNECTED",
    "ERR_NETWORK_CHANGED",
    "ERR_PROXY_CONNECTION_FAILED",
    "ERR_TUNNEL_CONNECTION_FAILED",
    "ERR_NETWORK_IO_SUSPENDED",
    "ERR_ADDRESS_UNREACHABLE",
];
/// How long a page may take to begin the navigation that overtook the one before.
const OVERTAKEN_WITHIN: Duration = Duration::from_millis(1_000);

impl BidiLane {
    /// Opens a lane in `host`: takes a window, makes it the device, and lets the guard's rules hold in it.
    pub(crate) async fn enter(host: Arc<Host>, spec: &LaneSpec) -> Result<Self, Trouble> {
        let (whose, wanted) = (host.clone(), spec.clone());
        // Opened to the end, though its walk be called off: what nobody knows of, nobody closes.
        let furnished = tokio::spawn(async move { Self::furnish(&whose, &wanted).await }).await;
        let furnished = furnished.unwrap_or_else(|defect| Err(CommandError::Dead(defect.to_string())));
        furnished.map_err(|error| {
            // A browser that refuses a wish is sound: only one that does not answer is given up.
            if !matches!(error, CommandError::Refused { .. }) {
                host.spoiled.store(true, Ordering::Relaxed);
            }
            let trouble = host.trouble(&error);
            Trouble { said: format!("no lane could be opened: {}", trouble.said), ..trouble }
        })
    }

    async fn furnish(host: &Arc<Host>, spec: &LaneSpec) -> Result<Self, CommandError> {
        let mut window = host.window().await?;
        let feed = Arc::new(Feed::new(&spec.own_hosts, spec.business.clone(), spec.evidence));
        feed.lock().page(&window.context);
        feed.lock().book.mark = Some(window.egress.mark().to_owned());
        host.router.add(&window.user_context, feed.clone(), spec.bodies);
        host.router.add_context(&window.user_context, &window.context);
        host.router.add_cdp_session(&window.cdp, &window.context);
        let metrics = Metrics::of(&spec.device, &host.installed.browser_version);
        let mut commands = metrics.context_commands(&window.user_context, &spec.locale, spec.timezone.as_deref());
        commands.push(metrics.window_command(&window.context, &window.cdp));
        let send = |method: &'static str, params: Value| host.socket.send(method, params, KEEP_WITHIN);
        let told =
            futures_util::future::try_join_all(commands.into_iter().map(|(method, params)| send(method, params)));
        let collected = async {
            if !spec.bodies {
                return Ok(None);
            }
            let size = super::super::book::BODY_BYTES_MAX;
            let wanted = json!({"dataTypes": ["response"], "maxEncodedDataSize": size,
                "userContexts": [window.user_context]});
            send("network.addDataCollector", wanted).await.map(|added| added["collector"].as_str().map(str::to_owned))
        };
        let past_the_driver = async {
            let direct = window.direct.clone()?;
            if let Some((method, params)) = metrics.phone_command() {
                direct.send(method, params, KEEP_WITHIN).await.ok()?;
            }
            Some((window.context.clone(), direct))
        };
        let (ready, direct) = tokio::join!(async { tokio::try_join!(told, collected) }, past_the_driver);
        let (_, collector) = ready?;
        window.collector = collector;
        window.egress.adopt(spec.guard.clone());
        feed.lock().opened = Instant::now();
        Ok(Self {
            host: host.clone(),
            feed,
            main: window.context.clone(),
            current: window.context.clone(),
            window,
            ways: Ways::default(),
            metrics,
            spec: spec.clone(),
            direct: direct.into_iter().collect(),
            picture: None,
            covered: None,
            tap_follows: None,
            foreseen: None,
            picture_follows: false,
            own_time: Duration::ZERO,
            trips: 0,
            seen: None,
            in_front_of: 0,
            patience: Deadline::after(Duration::ZERO),
            step_order: 0,
            tapped_at_download: 0,
            seats: Vec::new(),
        })
    }

    /// Loads `url` and waits until its document can be used.
    pub(super) async fn navigate(&mut self, url: &Url, deadline: Deadline) -> Result<(), Mishap> {
        // Not every scheme goes through the proxy: `file:` would be read without it.
        let shown = format!("GET {}", url.as_str().split(['?', '#']).next().unwrap_or_default());
        let decision = Request::of("GET", url).map(|request| self.spec.guard.decide(&request));
        match decision {
            Ok(Decision::Allow) => {}
            Ok(Decision::Deny(reason)) => return Err(ways::stopped(&format!("{shown} ({reason})"))),
            Err(unreadable) => return Err(ways::stopped(&format!("{shown} ({unreadable})"))),
        }
        let params = json!({"context": self.current, "url": url.as_str(), "wait": "interactive"});
        self.travel("browsingContext.navigate", params, url.as_str(), url.path(), deadline).await
    }

    pub(super) async fn reload_page(&mut self, deadline: Deadline) -> Result<(), Mishap> {
        let params = json!({"context": self.current, "wait": "interactive"});
        let url = self.feed.lock().pages.get(&self.current).map(|p| p.url.clone()).unwrap_or_default();
        self.travel("browsingContext.reload", params, &url, "the page", deadline).await
    }

    async fn travel(
        &mut self,
        method: &str,
        params: Value,
        url: &str,
        words: &str,
        deadline: Deadline,
    ) -> Result<(), Mishap> {
        let started = Instant::now();
        let context = self.current.clone();
        let feed = self.feed.clone();
        let before = feed.lock().pages.get(&context).cloned().unwrap_or_default();
        let lessons = self.ways.lessons();
        // What answers no command any more: `watchful` says which of them it is.
        let lost = feed.until(deadline.left(), |s| {
            s.dialogs_total > super::super::router::DIALOGS_MAX || s.pages.get(&context).is_some_and(|p| p.crashed)
        });
        let gone = tokio::select! {
            gone = self.command(method, params, deadline.left()) => gone,
            true = lost => Err(CommandError::Dead(String::new())),
        };
        self.watchful(&context)?;
        match gone {
            Ok(_) => self.arrived(&context, words, deadline).await,
            Err(CommandError::Late { .. }) => match self.overloaded().await {
                Some(error) => Err(Mishap::Trouble(self.host.trouble(&error))),
                None => Err(self.not_loaded(&context, words, started, before.committed).await),
            },
            Err(CommandError::Refused { message, .. }) => {
                if self.overtaken(&context, &before, &message, deadline).await {
                    return self.arrived(&context, words, deadline).await;
                }
                Err(self.not_come(&message, url, words, lessons))
            }
            Err(error @ (CommandError::Dead(_) | CommandError::Overloaded { .. })) => {
                Err(Mishap::Trouble(self.host.trouble(&error)))
            }
        }
    }

    /// A document is there; whether it is the app's own.
    async fn arrived(&mut self, context: &str, words: &str, deadline: Deadline) -> Result<(), Mishap> {
        // The answer's event comes after the command's on a page that fails at once.
        self.feed.until(Duration::from_millis(200).min(deadline.left()), |s| !s.book.document_open(context)).await;
        let error = self.feed.lock().book.document_error(context).map(str::to_owned);
        error.map_or(Ok(()), |error| Err(navigation_failed(&error, words)))
    }

    /// Whether a page that went on by itself while it loaded came to rest on another. The browser calls the first
    /// navigation cancelled or aborted; a customer sees one page after the other.
    async fn overtaken(&self, context: &str, before: &PageState, message: &str, deadline: Deadline) -> bool {
        let aborted = message.contains("ERR_ABORTED");
        if message.contains("ERR_") && !aborted {
            return false;
        }
        // A file, or an answer without a page, is aborted too, and nothing follows it.
        let within = if aborted { deadline.left().min(OVERTAKEN_WITHIN) } else { deadline.left() };
        let ready = |s: &FeedState| {
            s.pages.get(context).is_some_and(|p| p.committed > before.committed && p.ready > before.ready)
        };
        let begun = |s: &FeedState| s.pages.get(context).is_some_and(|p| p.navigations > before.navigations + 1);
        if self.feed.until(within, |s| ready(s) || (aborted && begun(s))).await && aborted {
            return self.feed.until(deadline.left(), ready).await;
        }
        ready(&self.feed.lock())
    }

    /// Why no document came, as the lane's proxy knows it where the browser does not.
    fn not_come(&mut self, message: &str, url: &str, words: &str, lessons: u64) -> Mishap {
        self.ways.learn(&self.window.egress);
        match self.ways.behind(message, url, lessons) {
            Some(Closed::Unreached(error)) => navigation_failed(error, words),
            Some(Closed::Denied(request)) => ways::stopped(request),
            None => navigation_failed(message, words),
        }
    }

    /// A page that is not there in time: no answer from the app, or script that never yields.
    async fn not_loaded(&mut self, context: &str, words: &str, started: Instant, committed: u64) -> Mishap {
        let waited = seconds(started.elapsed());
        let (open, unanswered, storms) = {
            let mut state = self.feed.lock();
            let now = state.pages.get(context).map_or(0, |p| p.committed);
            (state.book.document_open(context), now == committed, state.storms())
        };
        // A renderer that is kept busy cannot tell that its document has come, either: it is asked.
        let probe =
            json!({"expression": "1", "target": {"context": context, "sandbox": "probe"}, "awaitPromise": false});
        let idle =
            async |lane: &mut Self| lane.command("script.evaluate", probe, Duration::from_millis(1_500)).await.is_ok();
        // Behind a flood of a page's own events, word that it has come waits too: whoever floods has answered.
        if !storms && (unanswered || (open && idle(self).await)) {
            let error = "no answer".to_owned();
            return failure(FailureKind::NavigationFailed { error }, format!("{words} did not answer within {waited}"));
        }
        failure(
            FailureKind::Unresponsive,
            format!("{words} could not be used within {waited}: its script does not yield"),
        )
    }

    pub(super) async fn traverse(&mut self, params: Value, deadline: Deadline) -> Result<(), Mishap> {
        let context = self.current.clone();
        let moved = |s: &FeedState| s.pages.get(&context).map_or(0, |p| p.navigations);
        let before = moved(&self.feed.lock());
        match self.command("browsingContext.traverseHistory", params, deadline.left()).await {
            Ok(_) => {}
            Err(CommandError::Refused { .. }) => {
                let said = "there is no page to go back to".to_owned();
                return Err(failure(FailureKind::NoEffect, said));
            }
            Err(CommandError::Late { .. }) => {
                return Err(failure(FailureKind::Unresponsive, "the page did not let go".into()));
            }
            Err(error) => return Err(Mishap::Trouble(self.host.trouble(&error))),
        }
        let feed = self.feed.clone();
        feed.until(deadline.left().min(Duration::from_secs(2)), |s| moved(s) > before).await;
        self.watchful(&self.current.clone())
    }

    /// Goes on in the newest popup, or back in the first page.
    pub(super) async fn switch_page(&mut self, target: SwitchTarget, deadline: Deadline) -> Result<(), Mishap> {
        let context = match target {
            SwitchTarget::Main => self.main.clone(),
            SwitchTarget::Popup => self.newest_popup(deadline).await?,
        };
        // A tab behind another draws no frames and gives no picture.
        let activated = self.command("browsingContext.activate", json!({"context": context}), KEEP_WITHIN).await;
        if let Err(error @ CommandError::Dead(_)) = activated {
            return Err(Mishap::Trouble(self.host.trouble(&error)));
        }
        self.current = context.clone();
        if target == SwitchTarget::Popup {
            // Crash events name a CDP session and nothing else.
            let session = self.command("goog:cdp.getSession", json!({"context": context}), KEEP_WITHIN).await;
            if let Some(session) = session.ok().as_ref().and_then(|s| s["session"].as_str()) {
                self.host.router.add_cdp_session(session, &context);
            }
            if !self.direct.contains_key(&context)
                && let Some(direct) = self.host.attach(&context).await
            {
                self.direct.insert(context.clone(), direct);
            }
            self.wake_popup(&context, deadline).await;
        }
        Ok(())
    }

    async fn newest_popup(&mut self, deadline: Deadline) -> Result<String, Mishap> {
        let newest = |s: &FeedState| {
            let popups = s.pages.iter().filter(|(_, p)| p.opener.is_some() && p.parent.is_none() && !p.gone);
            popups.max_by_key(|(_, p)| p.order).map(|(c, _)| c.clone())
        };
        let feed = self.feed.clone();
        feed.until(deadline.left(), |s| newest(s).is_some()).await;
        let found = newest(&feed.lock());
        found.ok_or_else(|| failure(FailureKind::Missing, "no popup has opened".to_owned()))
    }

    /// A same-origin `window.open(url)` popup answers no script until it is loaded once more (chromedriver 156);
    /// a reload is what a customer's eye would not notice.
    async fn wake_popup(&mut self, context: &str, deadline: Deadline) {
        let probe = json!({"expression": "1", "target": {"context": context}, "awaitPromise": false});
        let within = Duration::from_millis(1_200).min(deadline.left());
        if self.command("script.evaluate", probe, within).await.is_err() {
            let reload = json!({"context": context, "wait": "interactive"});
            let reloaded = self.command("browsingContext.reload", reload, deadline.left()).await;
            tracing::debug!(ok = reloaded.is_ok(), "a popup that answered no script was reloaded");
        }
    }

    /// Gives back what is left and lets the browser forget the lane, without waiting for it.
    pub(super) async fn shut(&mut self) -> Leftovers {
        self.picture_taken().await;
        let late = self.drained(true);
        let (raw, masker) = {
            let mut state = self.feed.lock();
            (state.book.har.take(), state.masker.clone())
        };
        let har = raw.map(|raw| super::har::build(&raw, &masker));
        Leftovers { har, late }
    }
}

fn navigation_failed(message: &str, words: &str) -> Mishap {
    let error = message.split_whitespace().find(|w| w.contains("ERR_")).unwrap_or(message);
    let error = error.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '_').to_owned();
    if error.contains("ERR_INSUFFICIENT_RESOURCES") {
        let said = format!("{words} cannot be reached: the robot's machine has no descriptors or memory left");
        return Mishap::Trouble(Trouble { kind: TroubleKind::Overloaded, said });
    }
    if UPLINK_ERRORS.iter().any(|uplink| error.contains(uplink)) {
        return Mishap::Trouble(Trouble {
            kind: TroubleKind::Uplink,
            said: format!("{words} cannot be reached: {error}"),
        });
    }
    let said = format!("{words} did not load: {error}");
    failure(FailureKind::NavigationFailed { error }, said)
}
