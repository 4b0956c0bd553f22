//! A signed POST, as Standard Webhooks has it.

use crate::alert::{Channel, Notice, Receipt, SendError, SendFailure};
use crate::moment::{Clock, Moment};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;

/// The longest an answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The shortest signing key, in bytes.
const KEY_BYTES_MIN: usize = 24;
/// Of an answer's body no more than this is read, in bytes.
const ANSWER_BYTES_MAX: usize = 512;

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
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
}

/// A channel that posts the incident event as JSON.
pub struct Webhook {
    name: String,
    url: url::Url,
    keys: Vec<Vec<u8>>,
    client: Client,
    clock: Arc<dyn Clock>,
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
        // Another part may have installed it first: that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("gengfu/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| WebhookError::Client(e.to_string()))?;
        Ok(Self { name: name.into(), url: receiver.url.clone(), keys, client, clock })
    }
}

#[async_trait::async_trait]
impl Channel for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let id = notice.id.to_string();
        let seconds = self.clock.now().as_millis().div_euclid(1000);
        let post = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature(&self.keys, &id, seconds, &notice.bulletin))
            .body(notice.bulletin.clone());
        // The address may hold a token: it is not repeated.
        let answer = post.send().await.map_err(|e| SendError::temporary(innermost(&e.without_url())))?;
        judged(answer, self.clock.now()).await
    }
}

/// What the answer means: accepted is 2xx and nothing else.
async fn judged(answer: Response, now: Moment) -> Result<Receipt, SendError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(Receipt(status.to_string()));
    }
    let after = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| wait(v, now));
    let said = format!("{status} {}", beginning(answer).await);
    // A receiver that is being deployed or mended answers anything for a while; only 410 is meant for good.
    let failure = if status == StatusCode::GONE { SendFailure::Gone } else { SendFailure::Temporary { after } };
    Err(SendError { failure, said: said.trim_end().to_owned() })
}

/// The first bytes of the answer, on one line.
async fn beginning(mut answer: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX - bytes.len())]),
            Ok(None) | Err(_) => break,
        }
    }
    crate::alert::one_line(&String::from_utf8_lossy(&bytes), 200)
}

/// `Retry-After`: seconds, or a date.
fn wait(value: &str, now: Moment) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Moment::from_millis(date.timestamp().as_millisecond()).since(now))
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

fn key(secret: &Secret) -> Result<Vec<u8>, WebhookError> {
    let told = || WebhookError::Key(secret.name().to_owned());
    let encoded = secret.expose().strip_prefix("whsec_").ok_or_else(told)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| told())?;
    if bytes.len() < KEY_BYTES_MIN { Err(told()) } else { Ok(bytes) }
}

fn innermost(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => innermost(cause),
        None => error.to_string(),
    }
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

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Moment::from_millis(1_445_412_480_000);
        let check = |value: &str, expected: Option<u64>| {
            assert_eq!(wait(value, now), expected.map(Duration::from_secs), "{value}");
        };
        check("120", Some(120));
        check("Wed, 21 Oct 2015 07:28:30 GMT", Some(30));
        check("Wed, 21 Oct 2014 07:28:30 GMT", None);
        check("Tue, 21 Oct 2014 07:28:30 GMT", Some(0));
        check("soon", None);
    }
}
