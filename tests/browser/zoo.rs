//! A page server for these tests: pages by path, answers that misbehave, and a ledger of every request.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures_util::StreamExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request as it reached the server.
#[derive(Debug, Clone)]
pub struct Visit {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub cookie: String,
    pub body: String,
}

/// Pages by path: what stands in the body.
pub type Pages = &'static [(&'static str, &'static str)];

/// A running server, gone with its value.
pub struct Zoo {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    seen: Arc<Mutex<Vec<Visit>>>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    pages: Pages,
    seen: Arc<Mutex<Vec<Visit>>>,
}

/// What every page begins with. `done()` shows 已完成, `q` finds one element.
const HEAD: &str = "<!doctype html><html lang=zh><head><meta charset=utf-8>\
    <meta name=viewport content='width=device-width,initial-scale=1'><link rel=icon href=data:,><title>动物园</title>\
    <style>body{margin:8px;font:16px sans-serif}button,input,select{font:16px sans-serif;padding:8px}</style>\
    <script>const q=(s)=>document.querySelector(s);const done=(t)=>{q('#out').textContent=t||'已完成'}</script></head>";

impl Zoo {
    /// Serves `pages` on a free port of the loopback.
    pub async fn open(pages: Pages) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::default();
        let app = router(pages, Arc::clone(&seen));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base: format!("http://127.0.0.1:{port}"), seen, serving }
    }

    /// Every request so far.
    pub fn visits(&self) -> Vec<Visit> {
        self.seen.lock().unwrap().clone()
    }

    /// Requests of this method whose path begins so.
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.visits().iter().filter(|v| v.method == method && v.path.starts_with(path)).count()
    }
}

impl Drop for Zoo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The pages and answers, for servers of other kinds too.
pub fn router(pages: Pages, seen: Arc<Mutex<Vec<Visit>>>) -> axum::Router {
    axum::Router::new().fallback(serve).with_state(Shared { pages, seen })
}

async fn serve(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 8 << 20).await.unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let cookie = parts.headers.get(header::COOKIE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(&body).into_owned();
    let whole = parts.uri.path_and_query().map_or_else(|| path.clone(), ToString::to_string);
    let visit = Visit { method: parts.method.to_string(), path: whole, cookie, body };
    shared.seen.lock().unwrap().push(visit.clone());
    if path == "/_/poll" {
        // Under way the first six times it is asked, as an order's state is.
        let asked = shared.seen.lock().unwrap().iter().filter(|v| v.path == "/_/poll").count();
        return json(format!(r#"{{"code":"{}"}}"#, if asked > 6 { "0000" } else { "PROCESSING" }));
    }
    match shared.pages.iter().find(|(p, _)| *p == path) {
        Some((_, html)) if html.starts_with("<!doctype") => Html((*html).to_owned()).into_response(),
        Some((_, html)) => Html(format!("{HEAD}<body>{html}<p id=out></p></body></html>")).into_response(),
        None => answer(&visit, &path, parts.headers.contains_key(header::AUTHORIZATION)).await,
    }
}

/// Answers that are no pages. Paths begin with `/_`.
async fn answer(visit: &Visit, path: &str, authorised: bool) -> Response {
    let query = visit.path.split_once('?').map_or("", |(_, q)| q);
    match path {
        "/_/api" => json(r#"{"code":"0000","message":"ok","data":{"figure":"1.20"}}"#.to_owned()),
        "/_/echo" => json(serde_json::json!({"code": "0000", "query": query, "body": visit.body}).to_string()),
        "/_/big" => json(format!(r#"{{"code":"0000","list":"{}"}}"#, "长".repeat(1 << 20))),
        "/_/cors" => across_origins(&visit.method, query),
        "/_/hang" => std::future::pending().await,
        "/_/loop" => redirect("/_/loop2"),
        "/_/loop2" => redirect("/_/loop"),
        "/_/to" => redirect(query),
        // Method and body go along.
        "/_/along" => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, query.to_owned())]).into_response(),
        "/_/slow-body" => stream("text/html; charset=utf-8", "<p>慢", Duration::from_millis(700)),
        "/_/endless-file" => {
            let mut response = stream("application/octet-stream", "x", Duration::from_millis(20));
            let name = HeaderValue::from_static("attachment; filename=endless.bin");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            response
        }
        "/_/events" => stream("text/event-stream", "data: 1\n\n", Duration::from_millis(100)),
        "/_/file.pdf" => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "attachment; filename=statement.pdf"),
            ];
            (headers, format!("%PDF-1.4\n{}", " ".repeat(200))).into_response()
        }
        "/_/basic" if !authorised => {
            (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=zoo")], "no").into_response()
        }
        "/_/worker.js" => {
            let script = "self.addEventListener('install', () => self.skipWaiting());\
                self.addEventListener('activate', (e) => e.waitUntil(clients.claim()));\
                self.addEventListener('fetch', (e) => { const u = new URL(e.request.url);\
                if (u.pathname === '/stale') e.respondWith(new Response('<!doctype html><meta charset=utf-8><p>旧页面</p>', {headers: {'content-type': 'text/html'}})); });\
                self.addEventListener('message', (e) => e.waitUntil(fetch(e.data, {method: 'POST', body: 'worker'}).catch(() => 0)));";
            (
                [
                    (header::CONTENT_TYPE, "text/javascript"),
                    (header::HeaderName::from_static("service-worker-allowed"), "/"),
                ],
                script,
            )
                .into_response()
        }
        "/_/late.js" => {
            let mut beat = tokio::time::interval(Duration::from_millis(700));
            beat.tick().await;
            beat.tick().await;
            let script = "q('#agree').onchange = () => { q('button').disabled = !q('#agree').checked };";
            ([(header::CONTENT_TYPE, "text/javascript")], script).into_response()
        }
        "/_/png" => {
            let pixel: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
            ([(header::CONTENT_TYPE, "image/gif")], pixel).into_response()
        }
        _ => (StatusCode::NOT_FOUND, "there is no such page").into_response(),
    }
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Allows every origin to ask, then answers with the status the query names.
fn across_origins(method: &str, status: &str) -> Response {
    let status = if method == "OPTIONS" { "204" } else { status };
    let mut response = (StatusCode::from_bytes(status.as_bytes()).unwrap(), "said").into_response();
    for name in ["access-control-allow-origin", "access-control-allow-headers", "access-control-allow-methods"] {
        response.headers_mut().insert(header::HeaderName::from_static(name), HeaderValue::from_static("*"));
    }
    response
}

fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response()
}

/// A body that never ends: one piece at a time.
fn stream(kind: &'static str, piece: &'static str, every: Duration) -> Response {
    let pieces = futures_util::stream::unfold(tokio::time::interval(every), move |mut beat| async move {
        beat.tick().await;
        Some((Ok::<_, std::io::Error>(piece), beat))
    });
    let first = futures_util::stream::once(async move { Ok(piece) });
    ([(header::CONTENT_TYPE, kind)], Body::from_stream(first.chain(pieces))).into_response()
}
