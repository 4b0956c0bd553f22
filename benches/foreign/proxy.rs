//! Stands in front of an app and changes what it answers. Plain HTTP to the browser, on loopback; web sockets are not
//! passed on.

use super::faults::Change;
use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;

/// Headers that belong to one connection, or that the proxy writes itself.
const OWN: [HeaderName; 4] =
    [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::CONTENT_ENCODING];

/// The app as the browser sees it.
pub struct Proxy {
    pub url: Url,
    shared: Arc<Shared>,
}

struct Shared {
    /// Where the app itself is.
    base: Url,
    client: reqwest::Client,
    on: Mutex<Vec<Change>>,
}

impl Proxy {
    /// In front of `base`, on a free port.
    pub async fn start(base: Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let shared = Arc::new(Shared { base, client, on: Mutex::default() });
        let own = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = own.clone();
                let service = service_fn(move |request| answer(shared.clone(), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { url, shared }
    }

    /// From now on only these changes are made.
    pub fn switch(&self, changes: &[Change]) {
        *self.shared.on.lock().unwrap() = changes.to_vec();
    }
}

/// An error closes the connection without an answer.
async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, String> {
    let (path, method) = (request.uri().path().to_owned(), request.method().to_string());
    let concerns = |change: &&Change| change.concerns(&method, &path);
    let changes: Vec<Change> = shared.on.lock().unwrap().iter().filter(concerns).cloned().collect();
    let waits = changes.iter().filter_map(|change| change.delay_ms).max();
    tokio::time::sleep(Duration::from_millis(waits.unwrap_or(0))).await;
    if changes.iter().any(|change| change.abort) {
        return Err("aborted".to_owned());
    }
    let asked = match passed_on(&shared, request).await {
        Ok(asked) => asked,
        Err(error) => return Ok(plain(StatusCode::BAD_GATEWAY, &error.to_string())),
    };
    let (mut status, mut headers) = (asked.status(), asked.headers().clone());
    OWN.iter().for_each(|name| drop(headers.remove(name)));
    at_home(&mut headers, &shared.base);
    for change in &changes {
        status = change.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(status);
        set(&mut headers, change);
    }
    let body = if changes.iter().any(Change::reads_body) {
        let read = asked.bytes().await.map_err(|error| error.to_string())?.to_vec();
        let html = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        Body::from(changes.iter().fold(read, |body, change| changed(change, body, html)))
    } else {
        Body::from_stream(asked.bytes_stream())
    };
    let mut response = Response::new(body);
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    if !changes.is_empty() {
        // So that a mended app is seen at once.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

async fn passed_on(shared: &Shared, request: Request<Incoming>) -> Result<reqwest::Response, reqwest::Error> {
    let (head, body) = request.into_parts();
    let mut url = shared.base.clone();
    url.set_path(head.uri.path());
    url.set_query(head.uri.query());
    let mut headers = head.headers;
    // The app's own answer is wanted, unpacked and whole; its links should lead here again.
    for name in [header::ACCEPT_ENCODING, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::CONNECTION] {
        headers.remove(name);
    }
    let body = body.collect().await.map(|read| read.to_bytes()).unwrap_or_default();
    shared.client.request(head.method, url).headers(headers).body(body).send().await
}

/// A redirect to the app's own address leads to the proxy's.
fn at_home(headers: &mut HeaderMap, base: &Url) {
    let Some(location) = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()) else { return };
    let Ok(to) = base.join(location) else { return };
    if to.origin() == base.origin() {
        let relative = &to[url::Position::BeforePath..];
        if let Ok(relative) = HeaderValue::from_str(relative) {
            headers.insert(header::LOCATION, relative);
        }
    }
}

fn set(headers: &mut HeaderMap, change: &Change) {
    for (name, value) in &change.headers {
        let Ok(name) = name.parse::<HeaderName>() else { continue };
        headers.remove(&name);
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
}

fn changed(change: &Change, body: Vec<u8>, html: bool) -> Vec<u8> {
    let mut body = change.body.clone().map_or(body, String::into_bytes);
    if !change.json.is_empty()
        && let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&body)
    {
        change.json.iter().for_each(|(pointer, to)| point(&mut value, pointer, to));
        body = value.to_string().into_bytes();
    }
    for (from, to) in &change.replace {
        body = String::from_utf8_lossy(&body).replace(from, to).into_bytes();
    }
    if html { put_in(change, body) } else { body }
}

/// Sets what the pointer names, or takes it away; what is not there stays away.
fn point(value: &mut serde_json::Value, pointer: &str, to: &serde_json::Value) {
    if !to.is_null() {
        if let Some(there) = value.pointer_mut(pointer) {
            *there = to.clone();
        }
        return;
    }
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    match value.pointer_mut(parent) {
        Some(serde_json::Value::Object(fields)) => drop(fields.remove(last)),
        Some(serde_json::Value::Array(items)) if last.parse().is_ok_and(|at: usize| at < items.len()) => {
            drop(items.remove(last.parse().unwrap_or_default()));
        }
        _ => {}
    }
}

/// Script and style as the first thing in the page's head.
fn put_in(change: &Change, page: Vec<u8>) -> Vec<u8> {
    let script = change.script.as_ref().map(|text| format!("<script>{text}</script>")).unwrap_or_default();
    let style = change.style.as_ref().map(|text| format!("<style>{text}</style>")).unwrap_or_default();
    let text = String::from_utf8_lossy(&page);
    let head = text.to_ascii_lowercase().find("<head").and_then(|at| Some(at + text[at..].find('>')? + 1));
    let at = head.unwrap_or(0);
    [&text[..at], &style, &script, &text[at..]].concat().into_bytes()
}

fn plain(status: StatusCode, said: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(said.to_owned()));
    *response.status_mut() = status;
    response
}
