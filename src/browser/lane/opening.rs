//! Opening a lane, going from page to page in it, and closing it.

use super::super::device::Metrics;
use super::super::feed::Feed;
use super::super::host::{Host, KEEP_WITHIN};
use super::super::socket::CommandError;
use super::fail::{failure, seconds};
use super::{BidiLane, Deadline};
use crate::evidence::Masker;
use crate::journey::SwitchTarget;
use crate::walk::port::{LaneSpec, Leftovers, Mishap};
use crate::walk::{FailureKind, Trouble, TroubleKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use url::Url;

/// The browser's errors that speak of the way to the app and not of the app.
const UPLINK_ERRORS: [&str; 6] = [
    "ERR_INTERNET_DISCONNECTED",
    "ERR_NETWORK_CHANGED",
    "ERR_PROXY_CONNECTION_FAILED",
    "ERR_TUNNEL_CONNECTION_FAILED",
    "ERR_NETWORK_IO_SUSPENDED",
    "ERR_ADDRESS_UNREACHABLE",
];

impl BidiLane {
    /// Opens a lane in `host`: takes a window, makes it the device, and lets the guard's rules hold in it.
    pub(crate) async fn enter(host: Arc<Host>, spec: &LaneSpec) -> Result<Self, Trouble> {
        Self::furnish(&host, spec).await.map_err(|error| {
            host.spoiled.store(true, Ordering::Relaxed);
            let trouble = host.trouble(&error);
            Trouble { said: format!("no lane could be opened: {}", trouble.said), ..trouble }
        })
    }

    async fn furnish(host: &Arc<Host>, spec: &LaneSpec) -> Result<Self, CommandError> {
        if spec.guard.must_see_inside_tls() {
            host.intercept().await?;
        }
        let mut window = host.window().await?;
        let feed = Arc::new(Feed::new(&spec.own_hosts, spec.business.clone(), spec.evidence));
        feed.lock().page(&window.context);
        host.router.add(&window.user_context, feed.clone(), spec.guard.clone(), spec.bodies);
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
        let (_, collector) = tokio::try_join!(told, collected)?;
        window.collector = collector;
        window.egress.adopt(spec.guard.clone());
        feed.lock().opened = Instant::now();
        Ok(Self {
            host: host.clone(),
            feed,
            main: window.context.clone(),
            current: window.context.clone(),
            window,
            metrics,
            spec: spec.clone(),
            masker: Masker::default(),
            secrets: Vec::new(),
            picture: None,
            trips: 0,
            seen: None,
            in_front_of: 0,
            patience: Deadline::after(Duration::ZERO),
            step_order: 0,
            seats: Vec::new(),
        })
    }

    /// Loads `url` and waits until its document can be used.
    pub(super) async fn navigate(&mut self, url: &Url, deadline: Deadline) -> Result<(), Mishap> {
        let params = json!({"context": self.current, "url": url.as_str(), "wait": "interactive"});
        self.travel("browsingContext.navigate", params, url.path(), deadline).await
    }

    pub(super) async fn reload_page(&mut self, deadline: Deadline) -> Result<(), Mishap> {
        let params = json!({"context": self.current, "wait": "interactive"});
        self.travel("browsingContext.reload", params, "the page", deadline).await
    }

    async fn travel(&mut self, method: &str, params: Value, words: &str, deadline: Deadline) -> Result<(), Mishap> {
        let started = Instant::now();
        let context = self.current.clone();
        let feed = self.feed.clone();
        let committed = feed.lock().pages.get(&context).map_or(0, |p| p.committed);
        let storm = feed.until(deadline.left(), |s| s.dialogs_total > super::super::router::DIALOGS_MAX);
        let gone = tokio::select! {
            gone = self.command(method, params, deadline.left()) => gone,
            true = storm => Err(CommandError::Dead(String::new())),
        };
        self.watchful(&context)?;
        match gone {
            Ok(_) => {
                // The answer's event comes after the command's on a page that fails at once.
                self.feed
                    .until(Duration::from_millis(200).min(deadline.left()), |s| !s.book.document_open(&context))
                    .await;
                let error = self.feed.lock().book.document_error(&context).map(str::to_owned);
                error.map_or(Ok(()), |error| Err(navigation_failed(&error, words)))
            }
            Err(CommandError::Late { .. }) => match self.overloaded().await {
                Some(error) => Err(Mishap::Trouble(self.host.trouble(&error))),
                None => Err(self.not_loaded(&context, words, started, committed).await),
            },
            Err(CommandError::Refused { message, .. }) => Err(navigation_failed(&message, words)),
            Err(error @ (CommandError::Dead(_) | CommandError::Overloaded { .. })) => {
                Err(Mishap::Trouble(self.host.trouble(&error)))
            }
        }
    }

    /// A page that is not there in time: no answer from the app, or script that never yields.
    async fn not_loaded(&mut self, context: &str, words: &str, started: Instant, committed: u64) -> Mishap {
        let waited = seconds(started.elapsed());
        let (open, unanswered) = {
            let state = self.feed.lock();
            let now = state.pages.get(context).map_or(0, |p| p.committed);
            (state.book.document_open(context), now == committed)
        };
        // A renderer that is kept busy cannot tell that its document has come, either: it is asked.
        let probe =
            json!({"expression": "1", "target": {"context": context, "sandbox": "probe"}, "awaitPromise": false});
        let idle =
            async |lane: &mut Self| lane.command("script.evaluate", probe, Duration::from_millis(1_500)).await.is_ok();
        if unanswered || (open && idle(self).await) {
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
        let moved = |s: &super::super::feed::FeedState| s.pages.get(&context).map_or(0, |p| p.navigations);
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
            self.wake_popup(&context, deadline).await;
        }
        Ok(())
    }

    async fn newest_popup(&mut self, deadline: Deadline) -> Result<String, Mishap> {
        let newest = |s: &super::super::feed::FeedState| {
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
        let har = self.feed.lock().book.har.take().map(|raw| super::har::build(&raw, &self.masker));
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
