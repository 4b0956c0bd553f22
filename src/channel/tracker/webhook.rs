//! A system of the customer's own: it gets every move as the feed has it, signed, and calls back the same way.

use crate::alert::{Draft, Happening, SendError};
use crate::channel::address::safe;
use crate::channel::post::{Answer, Body, Fault, Letter, Poster};
use crate::channel::webhook::{WebhookError, key};
use crate::moment::Clock;
use crate::secret::Secret;
use crate::ticket::{Opened, Paper, Seen, TicketSystem, Turn, signed};
use reqwest::{Method, StatusCode};
use std::sync::Arc;
use url::Url;

/// Where moves are posted, and what they are signed with.
#[derive(Debug, Clone)]
pub struct TicketHook {
    /// Where to.
    pub url: Url,
    /// Signing keys, `whsec_` and base64: one, or the new and the old one while they are changed.
    pub keys: Vec<Secret>,
}

/// Tickets in a system that is told by signed POSTs.
pub struct TicketWebhook {
    name: String,
    url: Url,
    keys: Vec<Vec<u8>>,
    poster: Poster,
}

impl TicketWebhook {
    /// A system of this `name`.
    pub fn new(name: impl Into<String>, hook: &TicketHook, clock: Arc<dyn Clock>) -> Result<Self, WebhookError> {
        if !(1..=2).contains(&hook.keys.len()) {
            return Err(WebhookError::Keys(hook.keys.len()));
        }
        let keys = hook.keys.iter().map(key).collect::<Result<_, _>>()?;
        safe(&hook.url, &hook.url.origin().ascii_serialization())?;
        let poster = Poster::new(&hook.url, &hook.keys, clock)?;
        Ok(Self { name: name.into(), url: hook.url.clone(), keys, poster })
    }

    /// The keys, for who checks what it calls back with.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        self.keys.clone()
    }

    fn letter(&self, happening: &Happening, shown: bool) -> Letter {
        let (id, body) = (happening.facts.event_id.clone(), happening.to_json());
        let seconds = self.poster.now().as_millis().div_euclid(1000);
        let sign = |key: &Vec<u8>| signed(key, &id, seconds, body.as_bytes());
        let signatures: Vec<String> = self.keys.iter().map(sign).collect();
        let signature = if shown { "v1,…".to_owned() } else { signatures.join(" ") };
        let headers =
            vec![("webhook-signature", signature), ("webhook-timestamp", seconds.to_string()), ("webhook-id", id)];
        Letter { url: self.url.clone(), headers, body: Body::Json(body) }
    }
}

#[async_trait::async_trait]
impl TicketSystem for TicketWebhook {
    fn name(&self) -> &str {
        &self.name
    }

    /// It knows an event again by its `webhook-id`, and an incident by its name.
    fn is_searched(&self) -> bool {
        false
    }

    async fn find(&self, _: &Paper) -> Result<Vec<Opened>, SendError> {
        Ok(Vec::new())
    }

    /// The moves themselves make it: they follow.
    async fn open(&self, paper: &Paper) -> Result<Opened, SendError> {
        Ok(Opened { ticket: paper.incident.to_string(), url: None, seen: None })
    }

    async fn comment(&self, _: &str, _: &Paper, _: &str) -> Result<(), SendError> {
        Ok(())
    }

    async fn turn(&self, ticket: &str, _: Turn, _: &Paper) -> Result<Seen, SendError> {
        Err(SendError::refused(format!("`{ticket}` moves by itself: its system is told every move")))
    }

    async fn look(&self, _: &str) -> Result<Option<Seen>, SendError> {
        Ok(None)
    }

    fn follows(&self) -> bool {
        true
    }

    async fn pass(&self, happening: &Happening) -> Result<(), SendError> {
        let judged = |answer: &Answer| match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(Fault::gone("the receiver wants nothing any more of this incident")),
            _ => Err(Fault::again(answer.after, "accepted is 2xx and nothing else")),
        };
        let answer = self.poster.call(Method::POST, self.letter(happening, false)).await?;
        self.poster.settle(&answer, judged(&answer)).map(drop)
    }

    fn drafts(&self, paper: &Paper) -> Vec<Draft> {
        let mut draft = self.poster.draft(&self.letter(&paper.happening, true));
        // An address may hold a token: people see where it goes, not what it says there.
        draft.head[0] = format!("POST {}/…", self.url.origin().ascii_serialization());
        vec![draft]
    }
}
