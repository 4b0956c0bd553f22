//! Who is told: an HTTP server that accepts all and remembers what came when.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use gengfu::alert::{Bulletin, Digest};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use url::Url;

/// One message that came.
#[derive(Clone)]
pub struct Came {
    /// Whose.
    pub owner: String,
    /// Its name: the same when it comes again.
    pub id: String,
    pub body: Bytes,
    pub at: Instant,
}

impl Came {
    /// Every event that it tells of: the incident and the reason.
    pub fn tells(&self) -> Vec<(String, String)> {
        match serde_json::from_slice::<Digest>(&self.body) {
            Ok(digest) => {
                let others = digest.others.into_iter().map(|other| (other.incident_id, other.event_type));
                digest.events.into_iter().map(|event| (event.incident_id, event.event_type)).chain(others).collect()
            }
            Err(_) => {
                let one: Bulletin = serde_json::from_slice(&self.body).unwrap();
                vec![(one.incident_id, one.event_type)]
            }
        }
    }
}

#[derive(Clone)]
pub struct Receiver {
    came: Arc<Mutex<Vec<Came>>>,
    pub url: Url,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let receiver = Self { came: Arc::default(), url };
        let app = axum::Router::new().route("/{owner}", axum::routing::post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    pub fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }
}

async fn take(
    State(receiver): State<Receiver>,
    Path(owner): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    receiver.came.lock().unwrap().push(Came { owner, id, body, at: Instant::now() });
    StatusCode::NO_CONTENT
}
