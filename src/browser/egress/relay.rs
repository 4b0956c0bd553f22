//! One request: read, decided, passed on, and its answer passed back, without holding a body.

use std::io;

use http_body_util::{Either, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode, Uri};

use super::ledger::{Blocked, Trouble};
use super::serve::Visit;
use super::tunnel;
use super::upstream::{Stream, Unreached, Upstream, connect, handshake};
use crate::guard::{Decision, Reason, Request, UnreadableUrl};

/// Marks an answer that the guard gave in the server's place.
pub const DENIED_HEADER: HeaderName = HeaderName::from_static("x-gengfu-guard");
/// Marks an answer that stands for a server that was not reached; its value is the browser's word for it, and the lane's
/// own mark: a page or its worker that writes this header does not know that.
pub const TROUBLE_HEADER: HeaderName = HeaderName::from_static("x-gengfu-egress");

/// Headers that mean the connection, not the request.
const HOP_HEADERS: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The server was lost before it answered.
#[derive(Debug, thiserror::Error)]
#[error("no answer: {0}")]
pub(super) struct Lost(String);

pub(super) type Body = Either<Full<Bytes>, Limited<Incoming>>;

/// Answers one request. An error closes the connection without an answer, as a lost server would.
pub(super) async fn answer(visit: &Visit, request: hyper::Request<Incoming>) -> Result<Response<Body>, Lost> {
    let ledger = &visit.shared.ledger;
    ledger.note_request();
    let seen = match understand(visit, &request) {
        Ok(seen) => seen,
        Err(UnreadableUrl(why)) => return Ok(own_answer(StatusCode::BAD_REQUEST, "unreadable", &why)),
    };
    if let Decision::Deny(reason) = visit.shared.rules().decide(&seen) {
        return Ok(denied(visit, &seen, reason));
    }
    if request.method() == Method::CONNECT {
        return Ok(tunnel::open(visit, &seen, request).await);
    }
    if asks_for_websocket(&request) {
        return relay_websocket(visit, &seen, request).await;
    }
    relay(visit, &seen, request).await
}

/// The request as the guard sees it. Its host is where it will be sent, never what a header claims.
fn understand(visit: &Visit, request: &hyper::Request<Incoming>) -> Result<Request, UnreadableUrl> {
    let (uri, method) = (request.uri(), request.method().as_str());
    let seen = match &visit.target {
        None if request.method() == Method::CONNECT => {
            let authority = uri.authority().ok_or_else(|| UnreadableUrl("a tunnel to nowhere".to_owned()))?;
            let port = authority.port_u16().ok_or_else(|| UnreadableUrl("a tunnel without port".to_owned()))?;
            return Request::tunnel(authority.host(), port);
        }
        None => {
            let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
                return Err(UnreadableUrl("this is a proxy: the request line needs an absolute URL".to_owned()));
            };
            if scheme != "http" {
                return Err(UnreadableUrl(format!("`{scheme}` needs a tunnel")));
            }
            Request::parse(method, &format!("{scheme}://{authority}/"))?.with_path(uri.path())
        }
        Some(_) if request.method() == Method::CONNECT || uri.authority().is_some() => {
            return Err(UnreadableUrl("a proxy request inside a tunnel".to_owned()));
        }
        Some(target) => Request { method: method.to_owned(), ..target.clone() }.with_path(uri.path()),
    };
    let seen = seen.with_query(uri.query().unwrap_or_default());
    let heed = |seen: Request, (name, value): (&HeaderName, &HeaderValue)| {
        seen.with_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))
    };
    Ok(request.headers().iter().fold(seen, heed))
}

async fn relay(visit: &Visit, seen: &Request, request: hyper::Request<Incoming>) -> Result<Response<Body>, Lost> {
    let mut place = visit.upstream.lock().await;
    let open = place.take().filter(|open| open.host == seen.host && open.port == seen.port && !open.sender.is_closed());
    let mut upstream = match open {
        Some(upstream) => upstream,
        None => match open_upstream(visit, seen).await {
            Ok(upstream) => upstream,
            Err(answer) => return Ok(answer),
        },
    };
    let outgoing = outgoing(visit, seen, request, false)?;
    let sent = async {
        upstream.sender.ready().await?;
        upstream.sender.send_request(outgoing).await
    };
    let response = match tokio::time::timeout(visit.shared.options.response_timeout, sent).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            note_trouble(
                visit,
                seen,
                "net::ERR_CONNECTION_RESET",
                &format!("the connection broke before the answer: {error}"),
            );
            return Err(Lost(error.to_string()));
        }
        Err(_) => return Ok(no_answer(visit, seen)),
    };
    *place = Some(upstream);
    let (mut parts, body) = response.into_parts();
    strip_answer(&mut parts.headers);
    Ok(Response::from_parts(parts, Either::Right(Limited::new(body, visit.shared.options.response_max_bytes))))
}

/// A WebSocket has a connection of its own, which it keeps.
async fn relay_websocket(
    visit: &Visit,
    seen: &Request,
    mut request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Lost> {
    let browser = hyper::upgrade::on(&mut request);
    let open = visit.upstream.lock().await.take();
    let open = open.filter(|open| open.host == seen.host && open.port == seen.port && open.sender.is_ready());
    let mut upstream = match open {
        Some(upstream) => upstream,
        None => match open_upstream(visit, seen).await {
            Ok(upstream) => upstream,
            Err(answer) => return Ok(answer),
        },
    };
    let sent = upstream.sender.send_request(outgoing(visit, seen, request, true)?);
    let mut response = match tokio::time::timeout(visit.shared.options.response_timeout, sent).await {
        Ok(response) => response.map_err(|error| Lost(error.to_string()))?,
        Err(_) => return Ok(no_answer(visit, seen)),
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        tunnel::join(visit, browser, hyper::upgrade::on(&mut response));
        let (mut parts, _) = response.into_parts();
        strip_marks(&mut parts.headers);
        return Ok(Response::from_parts(parts, Either::Left(Full::default())));
    }
    let (mut parts, body) = response.into_parts();
    strip_answer(&mut parts.headers);
    // The answer's body still comes over this connection.
    *visit.upstream.lock().await = Some(upstream);
    Ok(Response::from_parts(parts, Either::Right(Limited::new(body, visit.shared.options.response_max_bytes))))
}

/// A fresh connection, or the answer that says why there is none.
async fn open_upstream(visit: &Visit, seen: &Request) -> Result<Upstream, Response<Body>> {
    let stream = connect(&visit.shared, seen).await.map_err(|unreached| unreached_answer(visit, seen, unreached))?;
    let stream: Stream = match &visit.seal {
        None => Stream::Left(stream),
        Some(seal) => seal
            .to_server(stream, &seen.host)
            .await
            .map_err(|error| trouble(visit, seen, StatusCode::BAD_GATEWAY, tls_error(&error), &error.to_string()))?,
    };
    let upstream = handshake(&visit.shared, stream, seen, visit.closed.clone()).await;
    upstream.map_err(|error| {
        let io = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
        let word = io.map_or("net::ERR_CONNECTION_RESET", net_error);
        trouble(visit, seen, StatusCode::BAD_GATEWAY, word, &error.to_string())
    })
}

fn no_answer(visit: &Visit, seen: &Request) -> Response<Body> {
    trouble(visit, seen, StatusCode::GATEWAY_TIMEOUT, "net::ERR_TIMED_OUT", "no answer in time")
}

pub(super) fn unreached_answer(visit: &Visit, seen: &Request, unreached: Unreached) -> Response<Body> {
    match unreached {
        Unreached::Denied(reason) => denied(visit, seen, reason),
        Unreached::NoName(error) => {
            let word = lacks_means(&error).unwrap_or("net::ERR_NAME_NOT_RESOLVED");
            trouble(visit, seen, StatusCode::BAD_GATEWAY, word, &error.to_string())
        }
        Unreached::Trouble(error) => {
            trouble(visit, seen, StatusCode::BAD_GATEWAY, net_error(&error), &error.to_string())
        }
    }
}

/// Nothing may go out unread, and without certificates to trust nothing in TLS can be read: the robot's own lack.
pub(super) fn untrusting_answer(visit: &Visit, seen: &Request) -> Response<Body> {
    let what = "the robot has no certificates to trust servers by: install `ca-certificates`";
    trouble(visit, seen, StatusCode::BAD_GATEWAY, "net::ERR_PROXY_CONNECTION_FAILED", what)
}

/// The request as the server gets it: by path alone, the host as decided on, without what was for the proxy.
fn outgoing(
    visit: &Visit,
    seen: &Request,
    request: hyper::Request<Incoming>,
    websocket: bool,
) -> Result<hyper::Request<Limited<Incoming>>, Lost> {
    let (mut parts, body) = request.into_parts();
    let authority = match (visit.target.is_some(), parts.uri.authority()) {
        (false, Some(authority)) => authority.as_str().rsplit('@').next().unwrap_or_default().to_owned(),
        _ if seen.port == if visit.seal.is_some() { 443 } else { 80 } => seen.host.to_string(),
        _ => format!("{}:{}", seen.host, seen.port),
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = if path.is_empty() {
        Uri::from_static("/")
    } else {
        path.parse().map_err(|_| Lost("unreadable path".to_owned()))?
    };
    strip_hop_headers(&mut parts.headers);
    parts
        .headers
        .insert(header::HOST, HeaderValue::from_str(&authority).map_err(|_| Lost("unreadable host".to_owned()))?);
    if websocket {
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        parts.headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    Ok(hyper::Request::from_parts(parts, Limited::new(body, visit.shared.options.request_max_bytes)))
}

/// Only WebSockets: another protocol behind an upgrade, such as HTTP/2, could not be read here.
fn asks_for_websocket(request: &hyper::Request<Incoming>) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    request.method() == Method::GET && upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

fn strip_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .filter(|name| *name != header::HOST && *name != header::CONTENT_LENGTH)
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_HEADERS {
        headers.remove(name);
    }
}

/// What is meant for this connection, and what only the proxy may say.
fn strip_answer(headers: &mut HeaderMap) {
    strip_hop_headers(headers);
    strip_marks(headers);
}

fn strip_marks(headers: &mut HeaderMap) {
    headers.remove(DENIED_HEADER);
    headers.remove(TROUBLE_HEADER);
}

fn denied(visit: &Visit, seen: &Request, reason: Reason) -> Response<Body> {
    let text = reason.to_string();
    visit.shared.ledger.note_blocked(Blocked { method: seen.method.clone(), url: seen.address(), reason });
    let mut answer = own_answer(StatusCode::FORBIDDEN, "denied", &text);
    answer.headers_mut().insert(DENIED_HEADER, HeaderValue::from_static("denied"));
    answer
}

fn note_trouble(visit: &Visit, seen: &Request, word: &'static str, what: &str) {
    let host = seen.host.to_string();
    visit.shared.ledger.note_trouble(Trouble { host, port: seen.port, what: what.to_owned(), word });
}

fn trouble(visit: &Visit, seen: &Request, status: StatusCode, word: &'static str, what: &str) -> Response<Body> {
    note_trouble(visit, seen, word, what);
    let mut answer = own_answer(status, "unreached", what);
    let mark = HeaderValue::from_str(&format!("{word} {}", visit.shared.mark));
    answer.headers_mut().insert(TROUBLE_HEADER, mark.expect("invariant: a word and digits"));
    answer
}

/// The browser's own word for what went wrong, as it would have said it without a proxy.
fn net_error(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    if let Some(word) = lacks_means(error) {
        return word;
    }
    match error.kind() {
        Kind::ConnectionRefused => "net::ERR_CONNECTION_REFUSED",
        Kind::TimedOut => "net::ERR_TIMED_OUT",
        Kind::NetworkUnreachable | Kind::HostUnreachable | Kind::NetworkDown => "net::ERR_ADDRESS_UNREACHABLE",
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
            "net::ERR_CONNECTION_RESET"
        }
        _ => "net::ERR_CONNECTION_FAILED",
    }
}

/// The browser's own word for what is wrong with a server's TLS.
fn tls_error(error: &io::Error) -> &'static str {
    use rustls::CertificateError as Bad;
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        None => net_error(error),
        Some(rustls::Error::InvalidCertificate(bad)) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                "net::ERR_CERT_DATE_INVALID"
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "net::ERR_CERT_COMMON_NAME_INVALID",
            Bad::Revoked => "net::ERR_CERT_REVOKED",
            Bad::UnknownIssuer => "net::ERR_CERT_AUTHORITY_INVALID",
            _ => "net::ERR_CERT_INVALID",
        },
        Some(_) => "net::ERR_SSL_PROTOCOL_ERROR",
    }
}

/// The robot's own machine has no descriptor or memory left: that says nothing of the app.
fn lacks_means(error: &io::Error) -> Option<&'static str> {
    use nix::errno::Errno;
    let own = error.raw_os_error().map(Errno::from_raw);
    let lacks =
        matches!(own, Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::ENOBUFS | Errno::EADDRNOTAVAIL));
    lacks.then_some("net::ERR_INSUFFICIENT_RESOURCES")
}

fn own_answer(status: StatusCode, word: &str, why: &str) -> Response<Body> {
    let mut answer = Response::new(Either::Left(Full::from(format!("gengfu egress: {word}: {why}\n"))));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_the_browsers_word() {
        let check = |error: io::Error, expected: &str| assert_eq!(net_error(&error), expected, "{error:?}");
        let raw = |errno: nix::errno::Errno| io::Error::from_raw_os_error(errno as i32);
        check(raw(nix::errno::Errno::EMFILE), "net::ERR_INSUFFICIENT_RESOURCES");
        check(raw(nix::errno::Errno::ENFILE), "net::ERR_INSUFFICIENT_RESOURCES");
        check(raw(nix::errno::Errno::ECONNREFUSED), "net::ERR_CONNECTION_REFUSED");
        check(raw(nix::errno::Errno::ENETUNREACH), "net::ERR_ADDRESS_UNREACHABLE");
        check(raw(nix::errno::Errno::EHOSTUNREACH), "net::ERR_ADDRESS_UNREACHABLE");
        check(raw(nix::errno::Errno::ECONNRESET), "net::ERR_CONNECTION_RESET");
        check(io::Error::new(io::ErrorKind::TimedOut, "connection timed out"), "net::ERR_TIMED_OUT");
        check(io::Error::other("the name is odd"), "net::ERR_CONNECTION_FAILED");
    }

    #[test]
    fn only_the_proxy_says_what_the_proxy_says() {
        let mut headers = HeaderMap::new();
        for name in ["x-gengfu-egress", "X-Gengfu-Guard", "keep-alive", "content-type"] {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("x"));
        }
        strip_answer(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["content-type"]);
    }
}
