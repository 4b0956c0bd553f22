//! A request as the guard sees it.

use url::{Host, Url};

use super::host::canonical;

/// What decides on a request. Queries, headers and bodies do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method on the request line.
    pub method: String,
    /// The method that a header such as `X-HTTP-Method-Override` asks for; some servers obey it.
    pub override_method: Option<String>,
    /// The scheme in lower case.
    pub scheme: String,
    /// The host in its one form: lower case, punycode, no trailing dot, addresses in plain form.
    pub host: Host<String>,
    /// The port, also where it is the scheme's own.
    pub port: u16,
    /// The path as it was sent, without query. None for a tunnel, whose inside cannot be seen.
    pub path: Option<String>,
}

/// Why a URL is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a URL that can be requested: {0}")]
pub struct UnreadableUrl(pub String);

impl Request {
    /// A request from an absolute URL, understood as browsers do.
    pub fn parse(method: &str, url: &str) -> Result<Self, UnreadableUrl> {
        let url = Url::parse(url).map_err(|error| UnreadableUrl(error.to_string()))?;
        Self::of(method, &url)
    }

    /// A request from a URL that is parsed already.
    pub fn of(method: &str, url: &Url) -> Result<Self, UnreadableUrl> {
        let named = url.host().filter(|_| url.port_or_known_default().is_some());
        let host = match named {
            Some(host) => canonical(&host.to_string()).ok_or_else(|| UnreadableUrl(format!("host `{host}`")))?,
            None => Host::Domain(String::new()),
        };
        Ok(Self {
            method: method.to_owned(),
            override_method: None,
            scheme: url.scheme().to_owned(),
            host,
            port: url.port_or_known_default().unwrap_or(0),
            path: Some(url.path().to_owned()),
        })
    }

    /// The opening of a tunnel by `CONNECT host:port`.
    pub fn tunnel(host: &str, port: u16) -> Result<Self, UnreadableUrl> {
        let host = canonical(host).ok_or_else(|| UnreadableUrl(format!("host `{host}`")))?;
        // Browsers open plain WebSockets by tunnels, too: the port says which.
        let scheme = if port == 80 { "http" } else { "https" }.to_owned();
        Ok(Self { method: "CONNECT".to_owned(), override_method: None, scheme, host, port, path: None })
    }

    /// The same request, for which a header asks for another method.
    #[must_use]
    pub fn with_override(self, method: &str) -> Self {
        Self { override_method: Some(method.to_owned()), ..self }
    }

    /// The same request with the path exactly as it stands on the request line.
    #[must_use]
    pub fn with_path(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Whether the request never reaches a network.
    pub(super) fn stays_inside(&self) -> bool {
        matches!(self.scheme.as_str(), "data" | "blob" | "about")
    }
}
