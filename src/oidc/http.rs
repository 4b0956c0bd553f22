//! One request to a provider: bounded, led nowhere else, and to nobody who could be read on the way.

use crate::loopback::is_loopback;
use openidconnect::{HttpRequest, HttpResponse};
use reqwest::Client;
use reqwest::redirect::Policy;
use std::time::Duration;
use url::Url;

/// How long one answer may take, its body included.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);
/// Of an answer no more is read, in bytes: keys of a large provider have some 20 KiB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Why there is no answer. Addresses and answers are not repeated: codes and tokens stand in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum HttpTrouble {
    #[error("cannot be reached")]
    Unreached,
    #[error("did not answer in full within {} s", ANSWER_WITHIN.as_secs())]
    Late,
    #[error("answered with more than {} KiB", ANSWER_BYTES_MAX >> 10)]
    TooLarge,
    #[error("sends on to another address, which is not followed")]
    Elsewhere,
    #[error("names an address that could be read on the way: it must be https")]
    InTheClear,
    #[error("cannot be asked: this machine has no usable TLS")]
    NoClient,
}

/// Asks a provider.
#[derive(Clone)]
pub(super) struct Asker {
    client: Option<Client>,
    /// Whether the provider is on this machine, where plain http is as good.
    here: bool,
}

impl Asker {
    pub(super) fn of(issuer: &Url) -> Self {
        // Another part may have installed it first: that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let here = is_loopback(issuer);
        let builder = Client::builder().redirect(Policy::none()).timeout(ANSWER_WITHIN).connect_timeout(ANSWER_WITHIN);
        let builder = if here { builder.no_proxy() } else { builder };
        let client = builder.user_agent(concat!("gengfu/", env!("CARGO_PKG_VERSION"))).build();
        Self { client: client.ok(), here }
    }

    /// Whether this address of the provider's may be used: a document that names its addresses cannot lead below TLS.
    pub(super) fn may_use(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.here && url.scheme() == "http" && is_loopback(url))
    }

    pub(super) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpTrouble> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpTrouble::Unreached)?;
        if !self.may_use(&url) {
            return Err(HttpTrouble::InTheClear);
        }
        let client = self.client.as_ref().ok_or(HttpTrouble::NoClient)?;
        let request = reqwest::Request::try_from(request).map_err(|_| HttpTrouble::Unreached)?;
        let mut answer = client.execute(request).await.map_err(|e| unreached(&e))?;
        if answer.status().is_redirection() {
            return Err(HttpTrouble::Elsewhere);
        }
        let mut whole = openidconnect::http::Response::builder().status(answer.status());
        if let Some(media) = answer.headers().get(reqwest::header::CONTENT_TYPE) {
            whole = whole.header(reqwest::header::CONTENT_TYPE, media);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| unreached(&e))? {
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(HttpTrouble::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        whole.body(bytes).map_err(|_| HttpTrouble::Unreached)
    }
}

fn unreached(error: &reqwest::Error) -> HttpTrouble {
    if error.is_timeout() { HttpTrouble::Late } else { HttpTrouble::Unreached }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_document_leads_below_tls() {
        let check = |issuer: &str, url: &str, expected: bool| {
            let asker = Asker::of(&issuer.parse().unwrap());
            assert_eq!(asker.may_use(&url.parse().unwrap()), expected, "{issuer} names {url}");
        };
        check("https://sso.bank.example/", "https://login.bank.example/token", true);
        check("https://sso.bank.example/", "http://sso.bank.example/token", false);
        check("https://sso.bank.example/", "http://127.0.0.1/token", false);
        check("https://sso.bank.example/", "file:///etc/passwd", false);
        check("http://127.0.0.1:9/", "http://127.0.0.1:9/token", true);
        check("http://127.0.0.1:9/", "http://sso.bank.example/token", false);
    }
}
