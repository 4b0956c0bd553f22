//! How the app layer tells open pages that something changed, and the stream that carries it to them.

use super::again::WishView;
use super::lang::{Lang, Viewer};
use super::listeners::Place;
use super::serve::Console;
use super::visitor::Visitor;
use crate::fleet::WishLook;
use crate::id::{IncidentId, WishId};
use crate::people::PassHash;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// What changed. Pages fetch themselves anew; of walks only those travel on the stream that somebody asked for and looks on at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// A walk was filed.
    Walk,
    /// An incident was suspected, opened, seen again or recovered.
    Incident,
}

/// Tells every open page that something changed. Cloning it gives another hand on the same feed.
#[derive(Debug, Clone)]
pub struct Feed(broadcast::Sender<Changed>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::Sender::new(64))
    }
}

impl Feed {
    /// Says that something changed; nobody listening is fine.
    pub fn tell(&self, change: Changed) {
        let _nobody_listens = self.0.send(change);
    }

    /// How many pages listen now.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }
}

/// How often a stream looks whether its session still holds, besides when one is known to have ended.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a page listens for besides changes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Listens {
    /// A walk that was asked for.
    again: Option<String>,
    /// The incident that its page is about.
    about: Option<String>,
}

/// What travels on the stream.
enum Word {
    /// Something changed.
    Changed(&'static str),
    /// A walk that was asked for stands so now: as it is shown.
    Again(String),
    /// Another page has its place: it is told no more.
    Displaced,
}

struct Listener {
    console: Arc<Console>,
    changes: broadcast::Receiver<Changed>,
    endings: broadcast::Receiver<()>,
    looks: Interval,
    /// The walk somebody asked for. Only how it is now is held for who is slow: who comes back misses nothing.
    wish: Option<watch::Receiver<WishLook>>,
    about: Option<IncidentId>,
    /// One that this robot knows nothing of: that is told once.
    unknown: Option<WishId>,
    lang: Lang,
    /// The session it belongs to; none where no sign-in is asked for.
    session: Option<PassHash>,
    cancel: CancellationToken,
    /// None once another page has it.
    place: Option<Place>,
}

impl Listener {
    /// The next word; `None` when the stream ends.
    async fn next(&mut self) -> Option<Word> {
        self.place.as_ref()?;
        if let Some(id) = self.unknown.take() {
            return self.shown(&WishView::unknown(&id.to_string(), self.lang));
        }
        loop {
            let word = tokio::select! {
                () = self.cancel.cancelled() => return None,
                () = displaced(self.place.as_ref()) => {
                    self.place = None;
                    return Some(Word::Displaced);
                }
                heard = self.changes.recv() => Some(Word::Changed(match heard {
                    Ok(Changed::Walk) => "walk",
                    Ok(Changed::Incident) => "incident",
                    Err(RecvError::Lagged(_)) => "behind",
                    Err(RecvError::Closed) => return None,
                })),
                changed = changed(self.wish.as_mut()) => self.again(changed),
                _ = self.endings.recv() => None,
                _ = self.looks.tick() => None,
            };
            // Before each word, too: nothing is told to who has gone.
            if let Some(session) = &self.session
                && !self.console.doors.still(session, self.console.clock.now()).await
            {
                return None;
            }
            if word.is_some() {
                return word;
            }
        }
    }
}

impl Listener {
    /// How the wish stands now, as it is shown; of one that has ended nothing more comes.
    fn again(&mut self, lasts: bool) -> Option<Word> {
        let look = self.wish.as_mut()?.borrow_and_update().clone();
        if !lasts || look.is_over() {
            self.wish = None;
        }
        self.shown(&WishView::of(&self.console, self.lang, &look, self.about))
    }

    fn shown(&self, view: &WishView) -> Option<Word> {
        let shown = self.console.pages.wish(self.lang, view);
        shown.inspect_err(|error| tracing::error!(error, "a wish could not be shown")).ok().map(Word::Again)
    }
}

/// Until the wish changes; `false` when nothing more comes of it. For ever where there is none.
async fn changed(wish: Option<&mut watch::Receiver<WishLook>>) -> bool {
    match wish {
        Some(wish) => wish.changed().await.is_ok(),
        None => std::future::pending().await,
    }
}

/// Until another page has the place.
async fn displaced(place: Option<&Place>) {
    match place {
        Some(place) => place.displaced().await,
        None => std::future::pending().await,
    }
}

/// `GET /live`: one word a change. A page that fell behind gets one word for all it missed. It ends with its session.
pub(super) async fn live(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Query(listens): Query<Listens>,
) -> Response {
    let Some(place) = console.listeners.enter(visitor.person) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let named: Option<WishId> = listens.again.and_then(|id| id.parse().ok());
    let wish = named.and_then(|id| console.wishes.follow(id));
    let listener = Listener {
        // How it stands is told at once: what came while nobody listened is in it.
        wish: wish.map(|mut wish| {
            wish.mark_changed();
            wish
        }),
        about: listens.about.and_then(|id| id.parse().ok()),
        unknown: named.filter(|id| console.wishes.look(*id).is_none()),
        lang: viewer.lang,
        changes: console.feed.0.subscribe(),
        endings: console.doors.endings(),
        looks,
        session: visitor.session().map(|(_, hash)| hash.clone()),
        cancel: console.cancel.clone(),
        console,
        place: Some(place),
    };
    let words = stream::unfold(listener, |mut listener| async move {
        let told = match listener.next().await? {
            Word::Changed(word) => Event::default().event("changed").data(word),
            Word::Again(html) => Event::default().event("again").data(html),
            Word::Displaced => Event::default().event("displaced").data("by a newer page"),
        };
        Some((Ok::<_, std::convert::Infallible>(told), listener))
    });
    Sse::new(words).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}
