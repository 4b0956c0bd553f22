//! One POST to a receiver: bounded, led nowhere else, and nothing secret in what is said of it.

use super::address::AddressError;
use crate::alert::{Draft, Receipt, SendError, SendFailure, one_line};
use crate::loopback::is_loopback;
use crate::moment::{Clock, Moment};
use crate::secret::Secret;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode, multipart};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The longest an answer may take, its body included.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Of an answer's body no more than this is read, in bytes: a vendor's word has a few hundred.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The same of an answer that is a list of something.
const LIST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How much of an answer is told.
const SAID_CHARS_MAX: usize = 200;
/// What only a person can mend, such as a wrong key, is tried again this late.
const MEND_PAUSE: Duration = Duration::from_secs(900);
/// In a draft, a longer text without a blank is data and is cut.
const DATA_CHARS_MIN: usize = 200;

/// Posts to one receiver.
pub(super) struct Poster {
    client: Client,
    veil: Veil,
    clock: Arc<dyn Clock>,
}

/// Addresses hold tokens, and answers repeat them: nothing is told that did not go through here. What is masked, and what
/// stands in its place, the longest first.
struct Veil(Vec<(String, String)>);

/// Something to post.
pub(super) struct Letter {
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

/// What a letter holds.
pub(super) enum Body {
    /// Nothing: it only asks.
    None,
    Json(String),
    /// Parts of a form: the name, the file's name and media type where it is a file, the bytes.
    Form(Vec<Part>),
}

/// One part of a form.
pub(super) struct Part {
    pub name: &'static str,
    pub file: Option<(&'static str, &'static str)>,
    pub bytes: Vec<u8>,
}

/// What a receiver answered.
pub(super) struct Answer {
    pub status: StatusCode,
    /// Its beginning, up to `ANSWER_BYTES_MAX` or `LIST_BYTES_MAX`.
    pub text: String,
    /// `Retry-After`.
    pub after: Option<Duration>,
}

/// Why something was not accepted: what to do about it, and what it means in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub failure: SendFailure,
    pub meaning: Cow<'static, str>,
}

impl Letter {
    /// JSON to `url`.
    pub(super) fn json(url: Url, body: &serde_json::Value) -> Self {
        Self { url, headers: Vec::new(), body: Body::Json(body.to_string()) }
    }
}

impl Poster {
    /// To a receiver at `base`, with `secrets` that are told to nobody else.
    pub(super) fn new(base: &Url, secrets: &[Secret], clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        Self::within(TIMEOUT, base, secrets, clock)
    }

    fn within(timeout: Duration, base: &Url, secrets: &[Secret], clock: Arc<dyn Clock>) -> Result<Self, AddressError> {
        // Another part may have installed it first: that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder().redirect(Policy::none()).timeout(timeout);
        // This machine's own addresses are reached without a proxy.
        let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
        let client = builder.user_agent(concat!("gengfu/", env!("CARGO_PKG_VERSION"))).build();
        let client = client.map_err(|e| AddressError::Client(innermost(&e)))?;
        Ok(Self { client, veil: Veil::over(secrets), clock })
    }

    /// The time.
    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Posts `letter`; what comes back is not judged yet.
    pub(super) async fn post(&self, letter: Letter) -> Result<Answer, SendError> {
        self.send(Method::POST, letter, ANSWER_BYTES_MAX).await
    }

    /// Calls an API, which may answer at length.
    pub(super) async fn call(&self, method: Method, letter: Letter) -> Result<Answer, SendError> {
        self.send(method, letter, LIST_BYTES_MAX).await
    }

    async fn send(&self, method: Method, letter: Letter, bytes_max: usize) -> Result<Answer, SendError> {
        let host = letter.url.host_str().unwrap_or_default().to_owned();
        let mut request = self.client.request(method, letter.url);
        for (name, value) in &letter.headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| SendError::refused(format!("the header `{name}` cannot hold what it should")))?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_static(name), value);
        }
        let request = match letter.body {
            Body::None => request,
            Body::Json(body) => request.header(CONTENT_TYPE, "application/json").body(body),
            Body::Form(parts) => request.multipart(form(parts)?),
        };
        let unreached = |e: reqwest::Error| {
            let why = if e.is_timeout() {
                "it did not answer in time".to_owned()
            } else {
                // The address may hold a token: it is not repeated.
                innermost(&e.without_url())
            };
            SendError::temporary(self.veil.text(&format!("{host} could not be reached: {why}")))
        };
        let answer = request.send().await.map_err(unreached)?;
        Ok(self.read(answer, bytes_max).await)
    }

    async fn read(&self, mut answer: Response, bytes_max: usize) -> Answer {
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
        let after = after.and_then(|value| wait(value, self.clock.now()));
        let mut bytes = Vec::new();
        while bytes.len() < bytes_max {
            match answer.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk[..chunk.len().min(bytes_max - bytes.len())]),
                Ok(None) | Err(_) => break,
            }
        }
        Answer { status, text: String::from_utf8_lossy(&bytes).into_owned(), after }
    }

    /// The answer in words, with what it means where it is no acceptance.
    pub(super) fn settle(&self, answer: &Answer, verdict: Result<(), Fault>) -> Result<Receipt, SendError> {
        // Masked before it is cut: half a secret is not known any more for what it is.
        let told = one_line(&self.veil.text(&answer.text), SAID_CHARS_MAX);
        let told = format!("{} {told}", answer.status).trim_end().to_owned();
        match verdict {
            Ok(()) => Ok(Receipt(told)),
            Err(fault) => Err(SendError { failure: fault.failure, said: format!("{told}: {}", fault.meaning) }),
        }
    }

    /// How `letter` looks to people.
    pub(super) fn draft(&self, letter: &Letter) -> Draft {
        let mut head = vec![format!("POST {}", letter.url)];
        head.extend(letter.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let body = match &letter.body {
            Body::None => String::new(),
            Body::Json(body) => match serde_json::from_str(body) {
                Ok(value) => format!("{:#}", cut(value)),
                Err(_) => body.clone(),
            },
            Body::Form(parts) => parts.iter().map(shown).collect::<Vec<_>>().join("\n"),
        };
        let masked = |text: String| self.veil.text(&text);
        Draft { head: head.into_iter().map(masked).collect(), body: masked(body) }
    }
}

impl Veil {
    fn over(secrets: &[Secret]) -> Self {
        let mut veils = Vec::new();
        for secret in secrets {
            let (value, name) = (secret.expose().trim(), format!("‹{}›", secret.name()));
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            for spelling in [value.to_owned(), encoded] {
                if !spelling.is_empty() && !veils.iter().any(|(known, _)| *known == spelling) {
                    veils.push((spelling, name.clone()));
                }
            }
        }
        veils.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self(veils)
    }

    fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (value, name)| text.replace(value, name))
    }
}

impl Answer {
    /// The answer as JSON; `None` when it is none.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.text).ok()
    }

    /// What an answer means by its status alone, where the vendor said nothing that is known.
    pub(super) fn by_status(&self) -> Fault {
        match self.status {
            StatusCode::GONE => Fault::gone("the receiver wants nothing any more"),
            StatusCode::TOO_MANY_REQUESTS => Fault::again(self.after, "too often: it is sent later"),
            StatusCode::PAYLOAD_TOO_LARGE => Fault::refused("the message is too large for the receiver"),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                Fault::ours(
                    "the receiver, or a proxy before it, does not let this robot in: correct the key or address",
                )
            }
            StatusCode::NOT_FOUND => Fault::ours("there is nothing at this address: correct it"),
            status if status.is_success() => Fault::again(
                self.after,
                "this is not the vendor's word of acceptance: something on the way, such as a proxy or a sign-in page, \
                 may have answered in its place",
            ),
            status if status.is_redirection() => {
                Fault::ours("it sends on to another address, which is not followed: correct the address")
            }
            _ => Fault::again(self.after, "the receiver did not take it"),
        }
    }
}

impl Fault {
    /// Worth another try, not before `after`.
    pub(super) fn again(after: Option<Duration>, meaning: impl Into<Cow<'static, str>>) -> Self {
        Self { failure: SendFailure::Temporary { after }, meaning: meaning.into() }
    }

    /// No word about this notice but about us: it waits until a person has mended it.
    pub(super) fn ours(meaning: impl Into<Cow<'static, str>>) -> Self {
        Self::again(Some(MEND_PAUSE), meaning)
    }

    /// This notice will never be accepted.
    pub(super) fn refused(meaning: impl Into<Cow<'static, str>>) -> Self {
        Self { failure: SendFailure::Refused, meaning: meaning.into() }
    }

    /// The receiver is not there any more.
    pub(super) fn gone(meaning: impl Into<Cow<'static, str>>) -> Self {
        Self { failure: SendFailure::Gone, meaning: meaning.into() }
    }

    /// A code of the vendor's that is not in its table here.
    pub(super) fn unknown(answer: &Answer, code: impl std::fmt::Display) -> Self {
        let meaning = format!("{code} is no code that gengfu knows: look it up in the vendor's documents");
        Self::again(answer.after, meaning)
    }
}

/// `Retry-After`: seconds, or a date.
fn wait(value: &str, now: Moment) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Moment::from_millis(date.timestamp().as_millisecond()).since(now))
}

fn form(parts: Vec<Part>) -> Result<multipart::Form, SendError> {
    let mut form = multipart::Form::new();
    for Part { name, file, bytes } in parts {
        let mut part = multipart::Part::bytes(bytes);
        if let Some((file, kind)) = file {
            let unknown = |_| SendError::refused(format!("`{kind}` is no media type; this is a defect of gengfu"));
            part = part.file_name(file).mime_str(kind).map_err(unknown)?;
        }
        form = form.part(name, part);
    }
    Ok(form)
}

fn shown(part: &Part) -> String {
    match part.file {
        Some((file, kind)) => format!("{}: ‹{file}, {kind}, {} bytes›", part.name, part.bytes.len()),
        None => format!("{}: {}", part.name, String::from_utf8_lossy(&part.bytes)),
    }
}

/// A value whose long texts are cut.
fn cut(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) if text.len() > DATA_CHARS_MIN && !text.contains(char::is_whitespace) => {
            let beginning: String = text.chars().take(40).collect();
            Value::String(format!("{beginning}… ({} characters)", text.chars().count()))
        }
        Value::Array(values) => Value::Array(values.into_iter().map(cut).collect()),
        Value::Object(pairs) => Value::Object(pairs.into_iter().map(|(key, value)| (key, cut(value))).collect()),
        other => other,
    }
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
    use crate::moment::SystemClock;

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

    #[test]
    fn a_draft_names_secrets_and_cuts_data() {
        let url: Url = "https://bot.example/send?access_token=c4n4ry-t0k3n".parse().unwrap();
        let secret = Secret::new("env:TOKEN", "c4n4ry-t0k3n");
        let poster = Poster::new(&url, &[secret], Arc::new(SystemClock)).unwrap();
        let body = serde_json::json!({"token": "c4n4ry-t0k3n", "data": "x".repeat(3_000)});
        let draft = poster.draft(&Letter::json(url, &body));
        assert_eq!(draft.head, ["POST https://bot.example/send?access_token=‹env:TOKEN›"]);
        assert!(draft.body.contains("(3000 characters)") && !draft.body.contains("c4n4ry"), "{}", draft.body);
    }

    #[tokio::test]
    async fn a_receiver_that_hangs_is_left_in_time() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/c4n4ry-t0k3n", listener.local_addr().unwrap()).parse().unwrap();
        let clock = Arc::new(SystemClock);
        let poster = Poster::within(Duration::from_millis(50), &url, &[], clock).unwrap();
        let error = poster.post(Letter::json(url, &serde_json::json!({}))).await.err().expect("nobody answers");
        assert_eq!(error.failure, SendFailure::Temporary { after: None });
        assert_eq!(error.said, "127.0.0.1 could not be reached: it did not answer in time");
    }
}
