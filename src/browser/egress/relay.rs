//! One request: read, decided, passed on, and its answer passed back, without holding a body.

use http_body_util::{Either, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode, Uri};

use super::ledger::{Blocked, Trouble};
use super::serve::Visit;
use super::tunnel;
use super::upstream::{Unreached, Upstream, connect, handshake};
use crate::guard::{Decision, Reason, Request, UnreadableUrl};

/// Marks an answer that the guard gave in the server's place.
pub const DENIED_HEADER: HeaderName = HeaderName::from_static("x-gengfu-guard");
/// Marks an answer that stands for a server that was not reached; its value is the browser's word for it.
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
            note_trouble(visit, seen, &format!("the connection broke before the answer: {error}"));
            return Err(Lost(error.to_string()));
        }
        Err(_) => return Ok(trouble(visit, seen, StatusCode::GATEWAY_TIMEOUT, "no answer in time")),
    };
    *place = Some(upstream);
    let (mut parts, body) = response.into_parts();
    strip_hop_headers(&mut parts.headers);
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
        Err(_) => return Ok(trouble(visit, seen, StatusCode::GATEWAY_TIMEOUT, "no answer in time")),
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        tunnel::join(visit, browser, hyper::upgrade::on(&mut response));
        let (parts, _) = response.into_parts();
        return Ok(Response::from_parts(parts, Either::Left(Full::default())));
    }
    let (mut parts, body) = response.into_parts();
    strip_hop_headers(&mut parts.headers);
    // The answer's body still comes over this connection.
    *visit.upstream.lock().await = Some(upstream);
    Ok(Response::from_parts(parts, Either::Right(Limited::new(body, visit.shared.options.response_max_bytes))))
}

/// A fresh connection, or the answer that says why there is none.
async fn open_upstream(visit: &Visit, seen: &Request) -> Result<Upstream, Response<Body>> {
    let stream = connect(&visit.shared, seen).await.map_err(|unreached| unreached_answer(visit, seen, unreached))?;
    let upstream = handshake(&visit.shared, stream, seen, visit.closed.clone()).await;
    upstream.map_err(|error| trouble(visit, seen, StatusCode::BAD_GATEWAY, &error.to_string()))
}

pub(super) fn unreached_answer(visit: &Visit, seen: &Request, unreached: Unreached) -> Response<Body> {
    match unreached {
        Unreached::Denied(reason) => denied(visit, seen, reason),
        Unreached::Trouble(error) => trouble(visit, seen, StatusCode::BAD_GATEWAY, &error.to_string()),
    }
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
        _ if seen.port == 80 => seen.host.to_string(),
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

fn denied(visit: &Visit, seen: &Request, reason: Reason) -> Response<Body> {
    let text = reason.to_string();
    let url = match &seen.path {
        Some(path) => format!("{}://{}:{}{path}", seen.scheme, seen.host, seen.port),
        None => format!("{}:{}", seen.host, seen.port),
    };
    visit.shared.ledger.note_blocked(Blocked { method: seen.method.clone(), url, reason });
    let mut answer = own_answer(StatusCode::FORBIDDEN, "denied", &text);
    answer.headers_mut().insert(DENIED_HEADER, HeaderValue::from_static("denied"));
    answer
}

fn note_trouble(visit: &Visit, seen: &Request, what: &str) {
    let host = seen.host.to_string();
    visit.shared.ledger.note_trouble(Trouble { host, port: seen.port, what: what.to_owned() });
}

fn trouble(visit: &Visit, seen: &Request, status: StatusCode, what: &str) -> Response<Body> {
    note_trouble(visit, seen, what);
    let mut answer = own_answer(status, "unreached", what);
    answer.headers_mut().insert(TROUBLE_HEADER, HeaderValue::from_static(net_error(what)));
    answer
}

/// The browser's own word for what went wrong, as it would have said it without a proxy.
fn net_error(what: &str) -> &'static str {
    let what = what.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| what.contains(part));
    if says(&["refused"]) {
        "net::ERR_CONNECTION_REFUSED"
    } else if says(&["timed out", "no answer within"]) {
        "net::ERR_TIMED_OUT"
    } else if says(&["lookup", "name", "resolve"]) {
        "net::ERR_NAME_NOT_RESOLVED"
    } else if says(&["network is unreachable", "no route", "network is down"]) {
        "net::ERR_ADDRESS_UNREACHABLE"
    } else if says(&["reset", "closed", "broken pipe"]) {
        "net::ERR_CONNECTION_RESET"
    } else {
        "net::ERR_CONNECTION_FAILED"
    }
}

fn own_answer(status: StatusCode, word: &str, why: &str) -> Response<Body> {
    let mut answer = Response::new(Either::Left(Full::from(format!("gengfu egress: {word}: {why}\n"))));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
