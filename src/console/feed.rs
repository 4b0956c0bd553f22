//! How the app layer tells open pages that something changed, and the stream that carries it to them.

use super::serve::Console;
use super::visitor::Visitor;
use crate::people::PassHash;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// What changed. Pages fetch themselves anew; nothing of a walk travels on the stream.
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

struct Listener {
    console: Arc<Console>,
    changes: broadcast::Receiver<Changed>,
    endings: broadcast::Receiver<()>,
    looks: Interval,
    /// The session it belongs to; none where no sign-in is asked for.
    session: Option<PassHash>,
    cancel: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// The next word; `None` when the stream ends.
    async fn next(&mut self) -> Option<&'static str> {
        loop {
            let word = tokio::select! {
                () = self.cancel.cancelled() => return None,
                heard = self.changes.recv() => Some(match heard {
                    Ok(Changed::Walk) => "walk",
                    Ok(Changed::Incident) => "incident",
                    Err(RecvError::Lagged(_)) => "behind",
                    Err(RecvError::Closed) => return None,
                }),
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

/// `GET /live`: one word a change. A page that fell behind gets one word for all it missed. It ends with its session.
pub(super) async fn live(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let Ok(place) = console.listeners.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener = Listener {
        changes: console.feed.0.subscribe(),
        endings: console.doors.endings(),
        looks,
        session: visitor.session().map(|(_, hash)| hash.clone()),
        cancel: console.cancel.clone(),
        console,
        _place: place,
    };
    let words = stream::unfold(listener, |mut listener| async move {
        let word = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Event::default().event("changed").data(word)), listener))
    });
    Sse::new(words).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}
