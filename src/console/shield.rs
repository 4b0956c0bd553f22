//! What stands before every route: which hosts are answered, and the headers of every answer.

use super::cookies::Wire;
use super::serve::Console;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The headers of every answer, refusals included. Evidence narrows the policy further.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Nothing is told to others; to the console itself, or browsers would not say whose page a form is of.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Two years, as lists of such hosts ask for.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Adds the headers an answer does not bring itself.
pub(super) async fn headers(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if console.doors.wire == Wire::Https {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Refuses foreign hosts, so that a page elsewhere cannot reach a loopback console by rebinding its name.
pub(super) async fn host(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    if named_hosts(request.uri(), request.headers()).is_some_and(|hosts| hosts.iter().all(|h| console.answers_to(h))) {
        return next.run(request).await;
    }
    let help = "421: this console does not answer to that host name; set `console.public_url` in the configuration\n";
    (StatusCode::MISDIRECTED_REQUEST, help).into_response()
}

/// Every host the request names, without port: the `Host` header, and the target's when it has one.
/// `None` when there is no host, more than one header, or one that is no host.
fn named_hosts(uri: &Uri, headers: &HeaderMap) -> Option<Vec<String>> {
    let mut values = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (values.next(), values.next()) else { return None };
    let mut hosts = vec![without_port(host.to_str().ok()?)?];
    if let Some(authority) = uri.authority() {
        hosts.push(without_port(authority.as_str())?);
    }
    Some(hosts)
}

fn without_port(host: &str) -> Option<String> {
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    let plain = !host.contains('@') && !authority.host().is_empty();
    plain.then(|| authority.host().trim_end_matches('.').to_ascii_lowercase())
}

/// Whether `host` names this machine to itself.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_without_port_and_never_guessed() {
        let check = |host: &str, expected: Option<&str>| assert_eq!(without_port(host).as_deref(), expected, "{host}");
        check("127.0.0.1:8080", Some("127.0.0.1"));
        check("LOCALHOST.", Some("localhost"));
        check("[::1]:80", Some("[::1]"));
        check("evil.test", Some("evil.test"));
        check("localhost@evil.test", None);
        check("a b", None);
        check("", None);
    }

    #[test]
    fn two_host_headers_are_no_host() {
        let mut headers = HeaderMap::new();
        assert_eq!(named_hosts(&Uri::from_static("/"), &headers), None);
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert_eq!(named_hosts(&Uri::from_static("/"), &headers), Some(vec!["localhost".into()]));
        let both = Some(vec!["localhost".into(), "evil.test".into()]);
        assert_eq!(named_hosts(&Uri::from_static("http://evil.test/"), &headers), both);
        headers.append(header::HOST, HeaderValue::from_static("evil.test"));
        assert_eq!(named_hosts(&Uri::from_static("/"), &headers), None);
    }
}
