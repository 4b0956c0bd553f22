//! How the app layer tells open pages that something changed, and the stream that carries it to them.

use super::serve::Console;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
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

struct Listener {
    changes: broadcast::Receiver<Changed>,
    cancel: CancellationToken,
    _place: OwnedSemaphorePermit,
}

/// `GET /live`: one word a change. A page that fell behind gets one word for all it missed.
pub(super) async fn live(State(console): State<Arc<Console>>) -> Response {
    let Ok(place) = console.listeners.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let listener = Listener { changes: console.feed.0.subscribe(), cancel: console.cancel.clone(), _place: place };
    let words = stream::unfold(listener, |mut listener| async move {
        let heard = tokio::select! {
            () = listener.cancel.cancelled() => return None,
            heard = listener.changes.recv() => heard,
        };
        let word = match heard {
            Ok(Changed::Walk) => "walk",
            Ok(Changed::Incident) => "incident",
            Err(broadcast::error::RecvError::Lagged(_)) => "behind",
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        Some((Ok::<_, std::convert::Infallible>(Event::default().event("changed").data(word)), listener))
    });
    Sse::new(words).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}
