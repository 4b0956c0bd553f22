//! A request as the guard sees it.

use url::{Host, Url};

use super::host::canonical;

/// Headers, and names in queries, by which some servers let a request have another method than its own.
const METHOD_NAMES: [&str; 5] =
    ["x-http-method-override", "x-http-method", "x-method-override", "_method", "_httpmethod"];
/// Headers by which some servers let a request have another path than its own.
const PATH_NAMES: [&str; 2] = ["x-original-url", "x-rewrite-url"];
/// Content types of bodies that some servers look for `_method` in.
const FORMS: [&str; 2] = ["application/x-www-form-urlencoded", "multipart/form-data"];
/// What a form may ask to be instead of a POST.
const FORM_METHODS: [&str; 3] = ["PUT", "PATCH", "DELETE"];

/// What decides on a request. Of its query, headers and body only what may ask for another method or path does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method on the request line.
    pub method: String,
    /// The methods that its headers and its query ask for, and those its body may ask for; some servers obey them.
    pub other_methods: Vec<String>,
    /// The paths that its headers ask for.
    pub other_paths: Vec<String>,
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
        let request = Self {
            method: method.to_owned(),
            other_methods: Vec::new(),
            other_paths: Vec::new(),
            scheme: url.scheme().to_owned(),
            host,
            port: url.port_or_known_default().unwrap_or(0),
            path: Some(url.path().to_owned()),
        };
        Ok(request.with_query(url.query().unwrap_or_default()))
    }

    /// The opening of a tunnel by `CONNECT host:port`.
    pub fn tunnel(host: &str, port: u16) -> Result<Self, UnreadableUrl> {
        let host = canonical(host).ok_or_else(|| UnreadableUrl(format!("host `{host}`")))?;
        // Browsers open plain WebSockets by tunnels, too: the port says which.
        let scheme = if port == 80 { "http" } else { "https" }.to_owned();
        let (other_methods, other_paths) = (Vec::new(), Vec::new());
        Ok(Self { method: "CONNECT".to_owned(), other_methods, other_paths, scheme, host, port, path: None })
    }

    /// The same request with one of its headers; each is looked at.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        // Gateways that hand headers on as variables know no difference between `_` and `-`.
        let name = name.to_ascii_lowercase().replace('_', "-");
        if METHOD_NAMES.contains(&name.as_str()) {
            self.other_methods.extend(value.split(',').map(|method| method.trim().to_owned()));
        } else if PATH_NAMES.contains(&name.as_str()) {
            self.other_paths.push(path_of(value));
        } else if name == "content-type" && self.method.eq_ignore_ascii_case("POST") {
            // The body is not read: a form is compared with every rule that its `_method` could lead to.
            let kind = value.split(';').next().unwrap_or_default().trim();
            if FORMS.iter().any(|form| form.eq_ignore_ascii_case(kind)) {
                self.other_methods.extend(FORM_METHODS.map(str::to_owned));
            }
        }
        self
    }

    /// The same request with its query, decoded as servers do.
    #[must_use]
    pub fn with_query(mut self, query: &str) -> Self {
        // Some servers part pairs by `;`, too.
        for part in query.split(['&', ';']) {
            for (name, value) in url::form_urlencoded::parse(part.as_bytes()) {
                if METHOD_NAMES.iter().any(|known| name.trim().eq_ignore_ascii_case(known)) {
                    self.other_methods.push(value.trim().to_owned());
                }
            }
        }
        self
    }

    /// Its address without user, query and fragment, which may hold secrets.
    pub fn address(&self) -> String {
        match &self.path {
            Some(path) => format!("{}://{}:{}{path}", self.scheme, self.host, self.port),
            None => format!("{}:{}", self.host, self.port),
        }
    }

    /// The paths it may be taken to ask for.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.path.iter().chain(&self.other_paths).map(String::as_str)
    }

    /// Whether `method` is one it may be taken to have.
    pub(super) fn may_be(&self, method: &str) -> bool {
        std::iter::once(&self.method).chain(&self.other_methods).any(|own| own.eq_ignore_ascii_case(method))
    }

    /// Whether it only reads, as far as its method says.
    pub(super) fn only_reads(&self) -> bool {
        let reads = |method: &String| ["GET", "HEAD", "OPTIONS"].iter().any(|r| method.eq_ignore_ascii_case(r));
        std::iter::once(&self.method).chain(&self.other_methods).all(reads)
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

/// The path in a header that holds a path or a URL.
fn path_of(value: &str) -> String {
    let url = Url::parse(value).map(|url| url.path().to_owned());
    url.unwrap_or_else(|_| value.trim().split(['?', '#']).next().unwrap_or_default().to_owned())
}
