//! One lane: a user context with one window, walked as a customer would.

mod ask;
mod fail;
mod foresight;
mod frames;
mod har;
mod keys;
mod opening;
mod picture;
mod point;
mod pose;
mod rows;
mod sights;
mod ways;
mod write;

use super::device::Metrics;
use super::feed::{DialogPolicy, Feed, FeedState};
use super::host::Host;
use super::socket::Socket;
use super::window::Window;
use crate::evidence::Masker;
use crate::journey::{DialogAnswer, SwitchTarget};
use crate::oracle::SocketsSeen;
use crate::secret::Secret;
use crate::walk::port::{
    Act, Acted, Answer, Arrived, Lane, LaneSpec, Leftovers, Mishap, Posed, Read, RowsRead, RowsWanted, Sight,
    Sightings, Target,
};
use crate::walk::{Environment, FailureKind, PageLook};
use async_trait::async_trait;
use fail::failure;
use foresight::Foreseen;
use futures_util::future::BoxFuture;
use picture::{Cover, Of};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, watch};
use url::Url;
use ways::Ways;

/// A lane over BiDi.
pub(crate) struct BidiLane {
    host: Arc<Host>,
    feed: Arc<Feed>,
    window: Window,
    /// What the egress said of the servers it did not connect to.
    ways: Ways,
    /// The page the walk began in.
    main: String,
    /// The page it is in now.
    current: String,
    metrics: Metrics,
    spec: LaneSpec,
    /// The ways past the driver to its pages that have one: pictures come by them.
    direct: HashMap<String, Socket>,
    /// Closed again when the picture that is being taken is taken.
    picture: Option<watch::Receiver<bool>>,
    /// The cover that lies since a call saw the step's end, until its picture is taken.
    covered: Option<Cover>,
    /// What the act that comes next taps, and where, if that is known already.
    tap_follows: Option<Target>,
    foreseen: Option<Foreseen>,
    /// Whether a picture follows the act under way.
    picture_follows: bool,
    /// The robot's own time in the act under way.
    own_time: Duration,
    /// Round trips of the act under way.
    trips: u32,
    /// The page as the last call into it saw it.
    seen: Option<PageLook>,
    /// Windows opened when the current page was last brought to the front.
    in_front_of: u64,
    /// When the step's time runs out: until then a call may stay unanswered.
    patience: Deadline,
    /// Requests sent before the step began: answers to later ones are the step's own.
    step_order: u64,
    /// Downloads that had begun when the last tap was made.
    tapped_at_download: usize,
    /// Its places among the lanes that may be open at once, of all browsers and of its own; given back when the
    /// lane is dropped.
    seats: Vec<OwnedSemaphorePermit>,
}

/// How long the browser may take to bring a window to the front.
const FRONT_WITHIN: Duration = Duration::from_secs(2);
/// How long an act waits for the picture before it.
const PICTURE_TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// How soon a page that reloads itself does so again, and how many loads tell all there is: one more than a detector
/// takes for sound.
const RELOAD_WITHIN: Duration = Duration::from_secs(1);
const RELOADS_SEEN: u64 = 4;
/// How many calls of one kind at once look like a storm, how many tell all there is, how long they may take to come, and
/// how soon one follows another.
const CALLS_SUSPECT: u64 = 3;
const CALLS_SEEN: u64 = 14;
const STORM_WITHIN: Duration = Duration::from_secs(1);
const NEXT_CALL_WITHIN: Duration = Duration::from_millis(200);
/// How long a step waits at its end for the bodies of its answers.
const BODIES_WITHIN: Duration = Duration::from_millis(250);
/// Time that runs out.
#[derive(Clone, Copy)]
struct Deadline(Instant);

impl Deadline {
    fn after(within: Duration) -> Self {
        Self(Instant::now() + within)
    }

    fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    fn over(self) -> bool {
        self.left().is_zero()
    }
}

#[async_trait]
impl Lane for BidiLane {
    fn environment(&self) -> Environment {
        Environment {
            robot: env!("CARGO_PKG_VERSION").to_owned(),
            browser: format!("Chromium {}", self.host.installed.browser_version),
            driver: format!("chromedriver {}", self.host.installed.driver_version),
            viewport: self.metrics.words(),
            locale: self.spec.locale.clone(),
            timezone: self.spec.timezone.clone().unwrap_or_default(),
            sandbox: self.host.sandbox,
            headed: self.host.headed,
        }
    }

    fn hide(&mut self, secrets: &[Secret]) {
        self.feed.lock().masker.hide(secrets);
    }

    async fn free(&mut self) -> Duration {
        let began = Instant::now();
        self.foresee().await;
        self.released().await;
        began.elapsed()
    }

    fn tap_follows(&mut self, target: &Target) {
        self.tap_follows = Some(target.clone());
    }

    async fn open(&mut self, url: &Url, within: Duration) -> Result<(), Mishap> {
        self.begin_step().await;
        let deadline = self.until(within);
        let opened = self.navigate(url, deadline).await;
        self.feed.lock().restless.opened(&self.current);
        opened
    }

    async fn back(&mut self, within: Duration) -> Result<(), Mishap> {
        self.begin_step().await;
        let deadline = self.until(within);
        let back = self.traverse(json!({"context": self.current, "delta": -1}), deadline).await;
        self.feed.lock().restless.opened(&self.current);
        back
    }

    async fn reload(&mut self, within: Duration) -> Result<(), Mishap> {
        self.begin_step().await;
        let deadline = self.until(within);
        let reloaded = self.reload_page(deadline).await;
        self.feed.lock().restless.opened(&self.current);
        reloaded
    }

    async fn act(&mut self, act: &Act, then: &[Sight], within: Duration) -> Result<Acted, Mishap> {
        self.begin_step().await;
        self.picture_follows = self.spec.pictures;
        let deadline = self.until(within);
        let acted = match act {
            Act::Tap { target, kind } => self.tap(target, *kind, None, then, deadline).await,
            Act::Check { target, checked } => self.check(target, *checked, then, deadline).await,
            Act::Hover { target } => self.hover(target, then, deadline).await,
            Act::Drag { from, to, by } => self.drag(from, to.as_ref(), *by, then, deadline).await,
            Act::Swipe { target, direction } => self.swipe(target.as_ref(), *direction, then, deadline).await,
            Act::Scroll { target, by } => self.scroll(target.as_ref(), *by, then, deadline).await,
            Act::Fill { target, value } => self.fill(target, value, then, deadline).await,
            Act::Choose { target, option } => self.choose(target, option, then, deadline).await,
            Act::Type { target, text } => self.type_keys(target.as_ref(), text, then, deadline).await,
            Act::Press { target, keys } => self.press(target.as_ref(), keys, then, deadline).await,
            Act::Upload { target, files } => self.upload(target, files, then, deadline).await,
        };
        self.bodies_read().await;
        self.explained(acted)
    }

    async fn look(&mut self, sights: &[Sight], within: Duration) -> Result<(), Mishap> {
        self.seen = None;
        self.picture_follows = self.spec.pictures;
        let deadline = self.until(within);
        let waited = self.wait_for(sights, deadline).await;
        self.bodies_read().await;
        self.explained(waited)
    }

    async fn holds(&mut self, sights: &[Sight], within: Duration) -> Result<Vec<bool>, Mishap> {
        let deadline = self.until(within);
        self.hold_now(sights, deadline).await
    }

    async fn read(&mut self, reads: &[Read], within: Duration) -> Result<Vec<String>, Mishap> {
        let deadline = self.until(within);
        self.read_values(reads, deadline).await
    }

    async fn rows(&mut self, wanted: &[RowsWanted], within: Duration) -> Result<RowsRead, Mishap> {
        let deadline = self.until(within);
        self.read_rows(wanted, deadline).await
    }

    fn answer(&self, path: &str) -> Option<serde_json::Value> {
        self.json_answer(path)
    }

    fn sockets(&mut self) -> SocketsSeen {
        self.ways.learn(&self.window.egress);
        let state = self.feed.lock();
        let url = state.pages.get(&self.current).map(|page| state.masker.url(&page.shown)).unwrap_or_default();
        let sockets = state.streams.of(&self.current, |url| self.ways.denied(url).is_some());
        SocketsSeen { url, sockets, overrun: state.streams.is_overrun(&self.current), changes: state.streams.changes }
    }

    async fn listen(&mut self, changes: u64, within: Duration) -> Result<(), Mishap> {
        self.feed.until(within, |state| state.streams.changes != changes).await;
        self.watchful(&self.current)
    }

    async fn switch(&mut self, target: SwitchTarget, within: Duration) -> Result<(), Mishap> {
        self.in_front_of = self.feed.lock().popups();
        self.begin_step().await;
        let deadline = self.until(within);
        let switched = self.switch_page(target, deadline).await;
        self.note_where_it_begins();
        switched
    }

    fn answer_dialogs(&mut self, answer: &DialogAnswer, text: Option<String>) {
        self.feed.lock().policy = DialogPolicy { accept: answer.accept, text };
    }

    async fn download(&mut self, target: &Target, within: Duration) -> Result<Arrived, Mishap> {
        self.begin_step().await;
        let deadline = self.until(within);
        self.fetch_file(target, deadline).await
    }

    async fn call(&mut self, method: &str, url: &Url, body: Option<&str>, within: Duration) -> Result<Answer, Mishap> {
        self.begin_step().await;
        self.call_from_page(method, url, body, within).await
    }

    async fn evaluate(&mut self, script: &str, within: Duration) -> Result<bool, Mishap> {
        self.begin_step().await;
        self.evaluate_script(script, within).await
    }

    async fn rest(&mut self, time: Duration) -> Result<(), Mishap> {
        self.feed.until(time, |state| state.pages.get(&self.current).is_some_and(|p| p.crashed)).await;
        self.watchful(&self.current.clone())
    }

    async fn calm(&mut self, within: Duration) {
        if !self.host.looks {
            return;
        }
        let ended = self.feed.until(within, |s| s.book.own_open(Duration::from_secs(10)) == 0).await;
        tracing::debug!(ended, "waited for the app's own requests");
        self.restless_told().await;
        self.seen = None;
    }

    fn picture(&mut self, of: Option<&Target>) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        self.take_picture(of.cloned().map_or(Of::View, Of::Element))
    }

    async fn pose(&mut self, without: &[Target], within: Duration) -> Result<Posed, String> {
        self.posed(without, within).await
    }

    async fn snapshot(&mut self) -> Result<String, String> {
        let asked = self.ask_once(&self.current.clone(), "snapshot", json!({}), Duration::from_secs(5)).await;
        match asked {
            Ok(html) => Ok(self.masker().html(html.as_str().unwrap_or_default()).into_owned()),
            Err(error) => Err(error.words()),
        }
    }

    fn own_time(&mut self) -> Duration {
        std::mem::take(&mut self.own_time)
    }

    fn seen(&self) -> Option<PageLook> {
        self.seen.clone()
    }

    async fn page(&mut self) -> Option<PageLook> {
        if self.host.looks {
            self.look_at_page().await;
        }
        self.seen.clone()
    }

    fn sightings(&mut self) -> Sightings {
        self.drained(false)
    }

    async fn close(mut self: Box<Self>) -> Leftovers {
        self.shut().await
    }
}

impl BidiLane {
    /// Takes its places among the lanes that may be open at once.
    pub(crate) fn seated(mut self, seats: [OwnedSemaphorePermit; 2]) -> Self {
        self.seats = seats.into();
        self
    }

    /// What masks the lane's texts now: it learns as the walk goes on.
    fn masker(&self) -> Masker {
        self.feed.lock().masker.clone()
    }

    /// The deadline of what begins now.
    fn until(&mut self, within: Duration) -> Deadline {
        self.patience = Deadline::after(within);
        self.patience
    }

    /// What every act begins with: nothing is known of the page, and no picture is under way.
    async fn begin_step(&mut self) {
        (self.trips, self.seen, self.picture_follows) = (0, None, false);
        self.note_where_it_begins();
        self.released().await;
    }

    /// Waits until nothing is held of the step before.
    async fn released(&mut self) {
        self.picture_taken().await;
        // One that no picture was taken of after all.
        if let Some(cover) = self.covered.take() {
            let _ = cover.take_away(&self.host.socket).await;
        }
        if let Some(activate) = self.bring_front() {
            self.foreseen = None;
            let _ = self.command("browsingContext.activate", activate, FRONT_WITHIN).await;
        }
    }

    fn note_where_it_begins(&mut self) {
        let mut state = self.feed.lock();
        self.step_order = state.book.started;
        state.restless.touched(&self.current);
    }

    /// What brings the current page back when a window was opened over it: behind another, it draws no frames,
    /// takes no input and gives no picture.
    fn bring_front(&mut self) -> Option<serde_json::Value> {
        let popups = self.feed.lock().popups();
        if popups == std::mem::replace(&mut self.in_front_of, popups) {
            return None;
        }
        Some(json!({"context": self.current}))
    }

    /// Waits for the bodies of answers that have come: an answer belongs to the step that showed it.
    async fn bodies_read(&self) {
        self.feed.until(BODIES_WITHIN, |s| s.book.bodies_waiting() == 0).await;
    }

    /// A page that has loaded itself anew, or asks one thing again and again, is watched a little longer: does it go on?
    async fn restless_told(&self) {
        let page = &self.current;
        let loads = |s: &FeedState| s.restless.loads(page);
        let (mut seen, doubted) = {
            let mut state = self.feed.lock();
            (loads(&state), state.restless.doubted(page))
        };
        if doubted && seen == 0 && self.feed.until(RELOAD_WITHIN, |s| loads(s) > 0).await {
            seen = loads(&self.feed.lock());
        }
        while (1..RELOADS_SEEN).contains(&seen) && self.feed.until(RELOAD_WITHIN, |s| loads(s) > seen).await {
            seen = loads(&self.feed.lock());
        }
        let calls = |s: &FeedState| s.restless.calls(Instant::now());
        let (began, mut row) = (Instant::now(), calls(&self.feed.lock()));
        while (CALLS_SUSPECT..CALLS_SEEN).contains(&row)
            && began.elapsed() < STORM_WITHIN
            && self.feed.until(NEXT_CALL_WITHIN, |s| calls(s) > row).await
        {
            row = calls(&self.feed.lock());
        }
    }

    /// Waits until the picture under way is taken: what it shows must not be touched before.
    async fn picture_taken(&mut self) {
        if let Some(mut taken) = self.picture.take() {
            let waited = tokio::time::timeout(PICTURE_TAKEN_WITHIN, taken.wait_for(|taken| *taken)).await.is_ok();
            // The picture after it waits for it still.
            if !waited {
                self.picture = Some(taken);
            }
        }
    }

    /// Everything seen since this was last asked, masked.
    fn drained(&mut self, all: bool) -> Sightings {
        self.ways.learn(&self.window.egress);
        let mut state = self.feed.lock();
        self.ways.stopped().for_each(|stopped| state.stopped(stopped));
        let masker = state.masker.clone();
        let mut sightings = state.drain(all);
        drop(state);
        self.ways.tell(&mut sightings);
        for stopped in &mut sightings.guarded {
            stopped.url = masker.text(&stopped.url).into_owned();
            stopped.method = masker.text(&stopped.method).into_owned();
            stopped.reason = masker.text(&stopped.reason).into_owned();
        }
        sightings
    }

    /// A step that waited in vain for a page which the guard kept from coming says so.
    fn explained<T>(&mut self, done: Result<T, Mishap>) -> Result<T, Mishap> {
        let Err(Mishap::Failure(failed)) = &done else { return done };
        if !matches!(failed.kind, FailureKind::NotSeen | FailureKind::Missing | FailureKind::WrongRoute { .. }) {
            return done;
        }
        let page = self.feed.lock().pages.get(&self.current).cloned().unwrap_or_default();
        self.ways.learn(&self.window.egress);
        match self.ways.denied(&page.error_url).filter(|_| page.error.is_some()) {
            Some(request) => Err(ways::stopped(request)),
            None => done,
        }
    }

    /// What must end a step whatever it waits for.
    fn watchful(&self, context: &str) -> Result<(), Mishap> {
        if let Some(why) = self.host.socket.dead() {
            let error = super::socket::CommandError::Dead(why);
            return Err(Mishap::Trouble(self.host.trouble(&error)));
        }
        let state = self.feed.lock();
        if state.dialogs_total > super::router::DIALOGS_MAX {
            return Err(failure(FailureKind::DialogStorm, format!("the page opened {} dialogs", state.dialogs_total)));
        }
        let popups = state.popups();
        if popups > super::router::POPUPS_MAX {
            return Err(failure(FailureKind::PopupStorm, format!("the page opened {popups} windows")));
        }
        match state.pages.get(context) {
            Some(page) if page.crashed => Err(failure(FailureKind::Crashed, "the page's renderer crashed".to_owned())),
            Some(page) if page.gone => Err(failure(FailureKind::NotSeen, "the page was closed".to_owned())),
            _ => Ok(()),
        }
    }
}
