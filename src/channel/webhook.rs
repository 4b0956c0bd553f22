//! A signed POST, as Standard Webhooks has it.

use super::address::{AddressError, safe};
use super::post::{Answer, Body, Fault, Letter, Poster};
use crate::alert::{Channel, Draft, Notice, Receipt, SendError};
use crate::moment::Clock;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use sha2::Sha256;
use std::sync::Arc;

/// The shortest signing key, in bytes.
const KEY_BYTES_MIN: usize = 24;

/// Where events are posted, and what they are signed with.
#[derive(Debug, Clone)]
pub struct WebhookReceiver {
    /// Where to.
    pub url: url::Url,
    /// Signing keys, `whsec_` and base64: one, or the new and the old one while they are changed.
    pub keys: Vec<Secret>,
}

/// Why a webhook cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No key, or too many.
    #[error("a webhook is signed with one key, or two while they are changed; {0} are given")]
    Keys(usize),
    /// The key cannot be read.
    #[error("the key `{0}` is not a signing key: write `whsec_` and at least {KEY_BYTES_MIN} bytes in base64")]
    Key(String),
    /// Its address.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// A channel that posts the incident event as JSON.
pub struct Webhook {
    name: String,
    url: url::Url,
    keys: Vec<Vec<u8>>,
    poster: Poster,
}

impl Webhook {
    /// A channel of this `name` to `receiver`.
    pub fn new(
        name: impl Into<String>,
        receiver: &WebhookReceiver,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, WebhookError> {
        if !(1..=2).contains(&receiver.keys.len()) {
            return Err(WebhookError::Keys(receiver.keys.len()));
        }
        let keys = receiver.keys.iter().map(key).collect::<Result<_, _>>()?;
        safe(&receiver.url, &receiver.url.origin().ascii_serialization())?;
        let poster = Poster::new(&receiver.url, &receiver.keys, clock)?;
        Ok(Self { name: name.into(), url: receiver.url.clone(), keys, poster })
    }

    fn letter(&self, notice: &Notice, signed: impl Fn(&str, i64) -> String) -> Letter {
        let id = notice.id.to_string();
        let seconds = self.poster.now().as_millis().div_euclid(1000);
        let headers = vec![
            ("webhook-signature", signed(&id, seconds)),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-id", id),
        ];
        Letter { url: self.url.clone(), headers, body: Body::Json(notice.bulletin.clone()) }
    }
}

#[async_trait::async_trait]
impl Channel for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let letter = self.letter(notice, |id, seconds| signature(&self.keys, id, seconds, &notice.bulletin));
        let answer = self.poster.post(letter).await?;
        self.poster.settle(&answer, judged(&answer))
    }

    fn drafts(&self, notice: &Notice) -> Result<Vec<Draft>, SendError> {
        let mut draft = self.poster.draft(&self.letter(notice, |_, _| "v1,…".to_owned()));
        // An address may hold a token: people see where it goes, not what it says there.
        draft.head[0] = format!("POST {}/…", self.url.origin().ascii_serialization());
        Ok(vec![draft])
    }
}

/// What the answer means: accepted is 2xx and nothing else.
fn judged(answer: &Answer) -> Result<(), Fault> {
    match answer.status {
        status if status.is_success() => Ok(()),
        // A receiver that is being deployed or mended answers anything for a while; only 410 is meant for good.
        StatusCode::GONE => Err(Fault::gone("the receiver wants nothing any more")),
        _ => Err(Fault::again(answer.after, "accepted is 2xx and nothing else")),
    }
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.seconds.body`, for each key.
fn signature(keys: &[Vec<u8>], id: &str, seconds: i64, body: &str) -> String {
    let sign = |key: &Vec<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("invariant: HMAC takes keys of any length");
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    keys.iter().map(sign).collect::<Vec<_>>().join(" ")
}

pub(super) fn key(secret: &Secret) -> Result<Vec<u8>, WebhookError> {
    let told = || WebhookError::Key(secret.name().to_owned());
    let encoded = secret.expose().strip_prefix("whsec_").ok_or_else(told)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| told())?;
    if bytes.len() < KEY_BYTES_MIN { Err(told()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn signs_as_the_reference_does() {
        let body = r#"{"test": 2432232314}"#;
        let keys = vec![key(&Secret::new("now", SECRET)).unwrap()];
        assert_eq!(signature(&keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body), SIGNED);
        let two = vec![vec![7; 24], keys[0].clone()];
        assert!(signature(&two, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).ends_with(&format!(" {SIGNED}")));
    }

    #[test]
    fn weak_keys_are_refused_and_not_repeated() {
        let check = |value: &str| {
            let error = key(&Secret::new("env:HOOK", value)).expect_err(value);
            assert_eq!(error, WebhookError::Key("env:HOOK".into()));
        };
        check("");
        check("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        check("whsec_c2hvcnQ=");
        check("whsec_not base64");
    }
}
