//! A registry's endpoint, asked over HTTP: once, within limits, and never led elsewhere.

use crate::alert::one_line;
use crate::evidence::Masker;
use crate::journey::oracle::Figure;
use crate::journey::{Endpoint, Limits, RegistryTable};
use crate::secret::Secret;
use crate::walk::port::Secrets;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take in all.
const FETCH_WITHIN: Duration = Duration::from_secs(10);
/// How often one may be sent on, within one origin.
const HOPS_MAX: usize = 3;
/// How much is said of an answer that cannot be read.
const SAID_CHARS_MAX: usize = 300;

/// What stands where the secret was repeated.
const HIDDEN: &str = "authorization";

/// Why there are no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchProblem {
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
    /// The secret that is sent along could not be had.
    #[error("{0}")]
    Secret(String),
    /// Nobody answers there.
    #[error("it could not be reached: {0}")]
    Unreached(String),
    /// The answer did not come, or not whole.
    #[error("it did not answer in full within {} s", FETCH_WITHIN.as_secs())]
    Late,
    /// Another answer than 2xx.
    #[error("it answered {0}")]
    Status(StatusCode),
    /// It sends on.
    #[error("it answered {0} and sends on to {1}, which is not followed")]
    Elsewhere(StatusCode, String),
    /// More than is read.
    #[error("its answer has more than {} KiB", bytes_max() >> 10)]
    TooLarge,
    /// Not in the encoding it says.
    #[error("its answer is not in {0}")]
    Encoding(String),
    /// It holds the secret that was sent to it.
    #[error("its answer repeats the secret that was sent to it, and was not read")]
    Echo,
    /// No table.
    #[error("its answer is no registry: {0}")]
    Unreadable(String),
}

impl FetchProblem {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            FetchProblem::Client(_) => "see whether this machine has its root certificates: `gengfu doctor`",
            FetchProblem::Secret(_) => "set the secret that `authorization:` refers to",
            FetchProblem::Unreached(_) => {
                "see that the address is right and that this machine may reach it, by TLS it trusts"
            }
            FetchProblem::Late => "ask whoever runs it; a list of products should answer at once",
            FetchProblem::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                "send what it asks for by `authorization:`, the whole value of the header, such as `Bearer …`"
            }
            FetchProblem::Status(_) => "ask whoever runs it, or correct `url:`",
            FetchProblem::Elsewhere(..) => {
                "write the address it sends to as `url:`; the secret of this one is sent nowhere else"
            }
            FetchProblem::TooLarge => "ask for fewer rows or columns, by the address's query",
            FetchProblem::Encoding(_) => "let it answer in UTF-8, or say its `charset` in Content-Type",
            FetchProblem::Echo => {
                "stop what repeats requests there, such as a gateway that is being debugged, and change the secret"
            }
            FetchProblem::Unreadable(_) => {
                "correct the answer, or `rows:`, `key:`, `account:` and `columns:` beside `url:`"
            }
        }
    }

    /// The same without secrets: an answer may repeat in any part of it what it was sent.
    fn masked(self, masker: &Masker) -> Self {
        let text = |said: String| masker.text(&said).into_owned();
        match self {
            FetchProblem::Unreached(said) => FetchProblem::Unreached(text(said)),
            FetchProblem::Elsewhere(status, to) => FetchProblem::Elsewhere(status, text(to)),
            FetchProblem::Unreadable(said) => FetchProblem::Unreadable(text(said)),
            other => other,
        }
    }
}

/// An answer's text, and what it says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The value of `Content-Type`.
    pub media: String,
    /// The body.
    pub text: String,
}

/// Asks endpoints.
pub struct Fetcher {
    client: Result<Client, FetchProblem>,
    /// For this machine's own addresses, which no proxy is asked for.
    own: Result<Client, FetchProblem>,
    secrets: Arc<dyn Secrets>,
}

impl Fetcher {
    /// One that sends these secrets along.
    pub fn new(secrets: Arc<dyn Secrets>) -> Self {
        // Another part may have installed it first: that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let like = |builder: ClientBuilder| {
            let builder = builder.redirect(Policy::custom(followed)).timeout(FETCH_WITHIN);
            let built = builder.user_agent(concat!("gengfu/", env!("CARGO_PKG_VERSION"))).build();
            built.map_err(|e| FetchProblem::Client(innermost(&e)))
        };
        Self { client: like(Client::builder()), own: like(Client::builder().no_proxy()), secrets }
    }

    /// Asks once: the answer, and the table that it is.
    pub async fn fetch(
        &self,
        endpoint: &Endpoint,
        figures: &[Figure],
    ) -> Result<(Answer, RegistryTable), FetchProblem> {
        let secret = match &endpoint.authorization {
            Some(reference) => Some(self.secret(reference.clone()).await?),
            None => None,
        };
        let masker = Masker::new(&secret.as_ref().map(spellings).unwrap_or_default());
        let asked = match self.ask(endpoint, secret.as_ref()).await {
            Ok(answer) => read_by(endpoint, figures, answer, masker.clone()).await,
            Err(problem) => Err(problem),
        };
        asked.map_err(|problem| problem.masked(&masker))
    }

    /// A command that gives a secret may take its time: nobody else waits for it.
    async fn secret(&self, reference: String) -> Result<Secret, FetchProblem> {
        let secrets = self.secrets.clone();
        let resolved = tokio::task::spawn_blocking(move || secrets.resolve(&reference)).await;
        resolved.unwrap_or_else(|_| Err("the secret could not be read".to_owned())).map_err(FetchProblem::Secret)
    }

    async fn ask(&self, endpoint: &Endpoint, secret: Option<&Secret>) -> Result<Answer, FetchProblem> {
        let client = if endpoint.is_own() { &self.own } else { &self.client };
        let client = client.as_ref().map_err(Clone::clone)?;
        let mut request = client.get(endpoint.url.clone()).header(ACCEPT, "application/json, text/csv");
        if let Some(secret) = secret {
            let unsendable =
                |_| FetchProblem::Secret(format!("the secret `{}` cannot stand in a header", secret.name()));
            let mut value = HeaderValue::from_str(secret.expose()).map_err(unsendable)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let answer = request.send().await.map_err(unreached)?;
        let status = answer.status();
        if let Some(to) = answer.headers().get(LOCATION).filter(|_| status.is_redirection()) {
            return Err(FetchProblem::Elsewhere(status, place(&answer, to)));
        }
        if !status.is_success() {
            return Err(FetchProblem::Status(status));
        }
        read(answer).await
    }
}

/// Reads an answer, which may be long, beside everything else.
async fn read_by(
    endpoint: &Endpoint,
    figures: &[Figure],
    answer: Answer,
    masker: Masker,
) -> Result<(Answer, RegistryTable), FetchProblem> {
    let (endpoint, figures) = (endpoint.clone(), figures.to_vec());
    let reading = move || {
        let marks = |text: &str| text.matches(&format!("‹{HIDDEN}›")).count();
        let repeats = |text: &str| marks(&masker.text(text)) > marks(text);
        if repeats(&answer.media) || repeats(&answer.text) {
            return Err(FetchProblem::Echo);
        }
        // What it quotes of the answer may be anything; what is cut is not known any more for what it is.
        let unreadable = |said: String| FetchProblem::Unreadable(one_line(&masker.text(&said), SAID_CHARS_MAX));
        let table = endpoint.read(&figures, &answer.media, &answer.text).map_err(unreadable)?;
        Ok((answer, table))
    };
    let read = tokio::task::spawn_blocking(reading).await;
    read.unwrap_or_else(|_| Err(FetchProblem::Unreadable("reading it failed".to_owned())))
}

/// The texts that give a secret away: the header's value, what stands behind its scheme, and that decoded.
fn spellings(secret: &Secret) -> Vec<Secret> {
    let mut texts = vec![secret.expose().to_owned()];
    if let Some((scheme, rest)) = secret.expose().split_once(' ') {
        texts.push(rest.trim().to_owned());
        let decoded = BASE64_STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(decoded) = decoded.filter(|_| scheme.eq_ignore_ascii_case("basic")) {
            texts.extend(decoded.split_once(':').map(|(_, password)| password.to_owned()));
            texts.push(decoded);
        }
    }
    texts.into_iter().map(|text| Secret::new(HIDDEN, text)).collect()
}

/// Within one origin alone: what is read elsewhere was never agreed on.
fn followed(attempt: Attempt) -> reqwest::redirect::Action {
    let same = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if same && attempt.previous().len() <= HOPS_MAX { attempt.follow() } else { attempt.stop() }
}

/// Where an answer sends to, without what may hold a token.
fn place(answer: &Response, to: &HeaderValue) -> String {
    let to = to.to_str().ok().and_then(|to| answer.url().join(to).ok());
    let shown = |url: url::Url| format!("{}{}", url.origin().ascii_serialization(), url.path());
    to.map_or_else(|| "an address that is none".to_owned(), shown)
}

async fn read(mut answer: Response) -> Result<Answer, FetchProblem> {
    let media = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreached)? {
        if bytes.len() + chunk.len() > bytes_max() {
            return Err(FetchProblem::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    let mut parameters = media.split(';').filter_map(|part| part.split_once('='));
    let said = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let label = said.map(|(_, label)| label.trim().trim_matches('"'));
    let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    let encoding = encoding.unwrap_or(encoding_rs::UTF_8);
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
    let text = text.ok_or_else(|| FetchProblem::Encoding(encoding.name().to_owned()))?.into_owned();
    Ok(Answer { media, text })
}

/// As much as of a table in a file.
fn bytes_max() -> usize {
    Limits::default().file_bytes_max
}

/// The address may hold a token: it is not repeated.
fn unreached(error: reqwest::Error) -> FetchProblem {
    if error.is_timeout() { FetchProblem::Late } else { FetchProblem::Unreached(innermost(&error.without_url())) }
}

fn innermost(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => innermost(cause),
        None => error.to_string(),
    }
}
