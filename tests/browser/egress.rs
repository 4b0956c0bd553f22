//! The egress proxy between a real browser and an app that keeps a ledger: whatever way the page sends a
//! request, the ledger must not hold one that the guard denies, and must hold all that it allows. The same
//! page without the never rule is the control: there every forbidden request arrives.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use gengfu::browser::egress::{BROWSER_ARGUMENTS, Egress, EgressOptions, Names, Seal};
use gengfu::browser::process::{Driver, DriverOptions, Places, find_installed};
use gengfu::guard::{GuardRules, NeverRule};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex as AsyncMutex;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const PATIENCE: Duration = Duration::from_secs(20);

/// An app that writes down every request it receives.
#[derive(Clone)]
struct App {
    addr: SocketAddr,
    ledger: Arc<Mutex<Vec<String>>>,
}

impl App {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it is bound");
        let app = Self { addr, ledger: Arc::default() };
        let served = app.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let app = served.clone();
                tokio::spawn(async move {
                    let service = hyper::service::service_fn(move |request| {
                        let app = app.clone();
                        async move { Ok::<_, Infallible>(app.answer(request).await) }
                    });
                    let connection = hyper::server::conn::http1::Builder::new();
                    let _closed = connection.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
                });
            }
        });
        app
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
        let line = format!("{} {}", request.method(), request.uri().path());
        self.ledger.lock().expect("nobody panics with it").push(line);
        if let Some(key) = request.headers().get("sec-websocket-key").cloned() {
            return echo(&mut request, key.as_bytes());
        }
        let (kind, body) = match request.uri().path() {
            "/" => ("text/html", PAGE),
            "/worker.js" => ("text/javascript", WORKER),
            "/big" => ("application/octet-stream", ""),
            _ => ("text/plain", "ok"),
        };
        let body = match request.uri().path() {
            "/big" => Bytes::from(vec![b'x'; 8 << 20]),
            "/length" => request.into_body().collect().await.map_or(0, |body| body.to_bytes().len()).to_string().into(),
            _ => Bytes::from(body),
        };
        let mut response = Response::new(Full::new(body));
        response.headers_mut().insert("content-type", kind.parse().expect("it is plain"));
        response
    }

    fn saw(&self) -> Vec<String> {
        self.ledger.lock().expect("nobody panics with it").clone()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }
}

fn echo(request: &mut Request<Incoming>, key: &[u8]) -> Response<Full<Bytes>> {
    let accept = tungstenite::handshake::derive_accept_key(key);
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let role = tungstenite::protocol::Role::Server;
        let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), role, None).await;
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && socket.send(message).await.is_err() {
                return;
            }
        }
    });
    let response = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "websocket");
    response.header("sec-websocket-accept", accept).body(Full::default()).expect("it is complete")
}

/// Every way a page has to send a POST, in functions the test calls with a path.
const PAGE: &str = r#"<!doctype html><meta charset=utf-8><title>ways</title><script>
const status = promise => promise.then(r => String(r.status), e => 'error');
const once = (target, type) => new Promise(r => target.addEventListener(type, r, {once: true}));
const ask = (worker, what) => { const c = new MessageChannel(); worker.postMessage(what, [c.port2]);
  return new Promise(r => c.port1.onmessage = e => r(e.data)); };
const form = (path, target) => { const f = document.createElement('form'); f.method = 'post'; f.action = path;
  f.target = target; document.body.append(f); f.submit(); return 'sent'; };
const ways = {
  fetch: path => status(fetch(path, {method: 'POST', body: 'x'})),
  keepalive: path => status(fetch(path, {method: 'POST', body: 'x', keepalive: true})),
  xhr: async path => { const x = new XMLHttpRequest(); x.open('POST', path); x.send('x'); await once(x, 'loadend');
    return String(x.status); },
  beacon: path => String(navigator.sendBeacon(path, 'x')),
  popup: path => form(path, '_blank'),
  frame: async path => { const i = document.createElement('iframe'); i.name = path; document.body.append(i);
    form(path, path); await once(i, 'load'); return 'loaded'; },
  worker: async path => ask(new Worker('/worker.js'), path),
  service: async path => { await navigator.serviceWorker.register('/worker.js');
    return ask((await navigator.serviceWorker.ready).active, path); },
  ping: async path => { const a = document.createElement('a'); a.href = '#x'; a.ping = path; document.body.append(a);
    a.click(); return 'sent'; },
};
const socket = path => new Promise(r => { const s = new WebSocket('ws://' + location.host + path);
  s.onopen = () => s.send('echo'); s.onmessage = e => r(e.data); s.onerror = () => r('error'); });
</script>"#;

const WORKER: &str = "self.onmessage = e => fetch(e.data, {method: 'POST', body: 'x'})
  .then(r => String(r.status), () => 'error').then(t => e.ports[0].postMessage(t));";

const WAYS: [&str; 9] = ["fetch", "keepalive", "xhr", "beacon", "popup", "frame", "worker", "service", "ping"];

fn rules(app: &App, never: &[(&str, &str)]) -> Arc<GuardRules> {
    let hosts = vec![app.addr.to_string().parse().expect("an address is a rule")];
    let never = never.iter().map(|(method, path)| NeverRule::parse(Some(method), None, path).expect("it stands"));
    Arc::new(GuardRules { hosts, never: never.collect(), private_networks: false })
}

async fn egress(rules: Arc<GuardRules>) -> Egress {
    let seal = Some(Arc::new(Seal::new(Vec::new()).expect("the system trusts somebody")));
    Egress::start(rules, Arc::default(), EgressOptions { seal, ..EgressOptions::default() }).await.expect("a free port")
}

/// A browser's BiDi socket, one command at a time.
struct Bidi {
    socket: AsyncMutex<(u64, WebSocketStream<MaybeTlsStream<TcpStream>>)>,
    driver: Driver,
    _root: tempfile::TempDir,
}

impl Bidi {
    async fn start() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let installed = find_installed(&Places::default()).await.expect("Chromium and chromedriver are installed");
        let warden = Some(PathBuf::from(env!("CARGO_BIN_EXE_gengfu")));
        let options = DriverOptions { root: root.path().to_owned(), warden, ..DriverOptions::new(installed.driver) };
        let driver = Driver::launch(&options).await.expect("the driver listens");
        let profile = format!("--user-data-dir={}", driver.profile_dir().display());
        let mut arguments = vec!["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", profile.as_str()];
        arguments.extend(BROWSER_ARGUMENTS);
        let chrome = json!({"binary": installed.browser, "args": arguments});
        let body = json!({"capabilities": {"alwaysMatch": {"webSocketUrl": true, "goog:chromeOptions": chrome}}});
        let _other_tests_may_be_first = rustls::crypto::ring::default_provider().install_default();
        let answer = reqwest::Client::new().post(format!("{}session", driver.url())).json(&body).send().await;
        let answer: Value = answer.expect("the driver answers").json().await.expect("it answers JSON");
        let url = answer["value"]["capabilities"]["webSocketUrl"].as_str().expect("the driver speaks BiDi");
        let (socket, _) = tokio_tungstenite::connect_async(url).await.expect("the socket opens");
        Self { socket: AsyncMutex::new((0, socket)), driver, _root: root }
    }

    async fn command(&self, method: &str, params: Value) -> Value {
        let mut socket = self.socket.lock().await;
        socket.0 += 1;
        let id = socket.0;
        let text = json!({"id": id, "method": method, "params": params}).to_string();
        let late = format!("no answer in time to {text}");
        socket.1.send(Message::text(text)).await.expect("the socket is open");
        loop {
            let message = tokio::time::timeout(PATIENCE, socket.1.next()).await.expect(&late);
            let message = message.expect("the socket is open").expect("it is sound");
            let Ok(answer) = serde_json::from_str::<Value>(message.to_text().unwrap_or_default()) else { continue };
            if answer["id"] == id {
                assert_eq!(answer["type"], "success", "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// A window in a user context that sends everything through `egress`.
    async fn lane(&self, egress: &Egress) -> Lane<'_> {
        let user = self.command("browser.createUserContext", json!({"proxy": egress.proxy_capability()})).await;
        let params = json!({"type": "window", "userContext": user["userContext"]});
        let context = self.command("browsingContext.create", params).await;
        Lane { bidi: self, context: context["context"].clone() }
    }
}

struct Lane<'a> {
    bidi: &'a Bidi,
    context: Value,
}

impl Lane<'_> {
    async fn open(&self, url: &str) {
        let params = json!({"context": self.context, "url": url, "wait": "complete"});
        self.bidi.command("browsingContext.navigate", params).await;
    }

    async fn evaluate(&self, expression: &str) -> String {
        let target = json!({"context": self.context});
        let params = json!({"expression": expression, "target": target, "awaitPromise": true, "userActivation": true});
        let result = self.bidi.command("script.evaluate", params).await;
        result["result"]["value"].as_str().unwrap_or_else(|| panic!("{expression}: {result}")).to_owned()
    }
}

async fn until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Sends one order in every way, and one harmless request in every way.
async fn send_in_every_way(lane: &Lane<'_>) {
    for way in WAYS {
        lane.evaluate(&format!("Promise.resolve(ways.{way}('/fine/{way}'))")).await;
        lane.evaluate(&format!("Promise.resolve(ways.{way}('/api/orders/{way}'))")).await;
    }
}

fn posts(lines: &[String], prefix: &str) -> BTreeSet<String> {
    let wanted = format!("POST {prefix}");
    lines.iter().filter_map(|line| line.strip_prefix(&wanted)).map(str::to_owned).collect()
}

fn all_ways() -> BTreeSet<String> {
    WAYS.iter().map(|way| (*way).to_owned()).collect()
}

#[tokio::test]
async fn no_way_of_a_page_gets_an_order_past_the_guard() {
    let app = App::start().await;
    let bidi = Bidi::start().await;
    let guarded = egress(rules(&app, &[("POST", "/api/orders/**")])).await;
    let lane = bidi.lane(&guarded).await;
    lane.open(&app.url("/")).await;
    assert_eq!(lane.evaluate("ways.fetch('/api/orders/fetch')").await, "403");
    send_in_every_way(&lane).await;
    until("every harmless request arrives", || posts(&app.saw(), "/fine/") == all_ways()).await;
    until("every order is denied", || guarded.counts().blocked > WAYS.len() as u64).await;
    assert_eq!(posts(&app.saw(), "/api/orders"), BTreeSet::new());
    let blocked = guarded.blocked();
    let denied: Vec<String> = blocked.iter().map(ToString::to_string).collect();
    for way in WAYS {
        let line = format!(
            "POST {} (the never rule `POST /api/orders/**` forbids it)",
            app.url(&format!("/api/orders/{way}"))
        );
        assert!(denied.contains(&line), "{line} is not in {denied:#?}");
    }
    // Whatever reached the app came through here, and whatever came through reaches it.
    let passed = || {
        let counts = guarded.counts();
        counts.requests - counts.blocked - counts.tunnels
    };
    until("as many arrive as came through", || passed() == app.saw().len() as u64).await;
    bidi.driver.kill().await;
}

#[tokio::test]
async fn without_the_rule_every_order_arrives() {
    let app = App::start().await;
    let bidi = Bidi::start().await;
    let open = egress(rules(&app, &[])).await;
    let lane = bidi.lane(&open).await;
    lane.open(&app.url("/")).await;
    send_in_every_way(&lane).await;
    until("every order arrives", || posts(&app.saw(), "/api/orders/") == all_ways()).await;
    assert_eq!(open.counts().blocked, 0);
    bidi.driver.kill().await;
}

#[tokio::test]
async fn sockets_other_hosts_and_other_lanes() {
    let (app, other) = (App::start().await, App::start().await);
    let bidi = Bidi::start().await;
    let guarded = egress(rules(&app, &[("GET", "/never/**")])).await;
    let lane = bidi.lane(&guarded).await;
    lane.open(&app.url("/")).await;
    assert_eq!(lane.evaluate("socket('/ws')").await, "echo");
    assert_eq!(lane.evaluate("socket('/never/ws')").await, "error");
    let elsewhere = format!("status(fetch('{}', {{mode: 'no-cors'}}))", other.url("/x"));
    lane.evaluate(&elsewhere).await;
    let renamed = format!("status(fetch('http://localhost:{}/x', {{mode: 'no-cors'}}))", other.addr.port());
    lane.evaluate(&renamed).await;
    assert_eq!(
        lane.evaluate("status(fetch('/big').then(r => r.text()).then(t => ({status: t.length})))").await,
        (8 << 20).to_string()
    );
    let upload = "fetch('/length', {method: 'POST', body: 'y'.repeat(3000000)}).then(r => r.text())";
    assert_eq!(lane.evaluate(upload).await, "3000000");
    let blocked = guarded.blocked();
    assert_eq!(blocked.len(), 3, "{blocked:#?}");
    // A neighbour with its own rules reaches its own app, and only that.
    let neighbour_egress = egress(rules(&other, &[])).await;
    let neighbour = bidi.lane(&neighbour_egress).await;
    neighbour.open(&other.url("/")).await;
    let across = format!("status(fetch('{}', {{mode: 'no-cors'}}))", app.url("/across"));
    neighbour.evaluate(&across).await;
    assert_eq!(neighbour_egress.blocked().len(), 1);
    assert!(!app.saw().contains(&"GET /across".to_owned()));
    assert!(!other.saw().contains(&"GET /x".to_owned()));
    // Outside a lane nothing is reached at all.
    let context = bidi.command("browsingContext.create", json!({"type": "window"})).await;
    let outside = Lane { bidi: &bidi, context: context["context"].clone() };
    let refused = outside
        .evaluate(&format!(
            "fetch('{}', {{mode: 'no-cors'}}).then(() => 'reached', () => 'refused')",
            app.url("/outside")
        ))
        .await;
    assert_eq!(refused, "refused");
    assert!(!app.saw().contains(&"GET /outside".to_owned()));
    bidi.driver.kill().await;
}

#[tokio::test]
async fn a_stopped_proxy_closes_everything() {
    let app = App::start().await;
    let open = egress(rules(&app, &[])).await;
    let addr = open.addr();
    let client = reqwest::Client::builder().proxy(reqwest::Proxy::http(format!("http://{addr}")).expect("a URL"));
    let _other_tests_may_be_first = rustls::crypto::ring::default_provider().install_default();
    let client = client.build().unwrap();
    assert_eq!(client.get(app.url("/x")).send().await.unwrap().text().await.unwrap(), "ok");
    drop(open);
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(addr).await.is_ok() {
        assert!(Instant::now() < deadline, "the listener is still open");
        tokio::task::yield_now().await;
    }
    assert!(client.get(app.url("/y")).send().await.is_err());
}

#[tokio::test]
async fn a_server_that_is_down_is_told_as_trouble_not_as_denial() {
    let app = App::start().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = App { addr: free.local_addr().unwrap(), ..app };
    drop(free);
    let open = egress(rules(&gone, &[])).await;
    let _other_tests_may_be_first = rustls::crypto::ring::default_provider().install_default();
    let proxy = reqwest::Proxy::http(format!("http://{}", open.addr())).unwrap();
    let answer = reqwest::Client::builder().proxy(proxy).build().unwrap().get(gone.url("/")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["x-gengfu-egress"].to_str().unwrap().split(' ').next().unwrap()),
        (502, "net::ERR_CONNECTION_REFUSED")
    );
    assert_eq!((open.troubles().len(), open.blocked().len()), (1, 0));
}

/// Median of what a request takes, directly and through the proxy, on kept connections.
#[tokio::test]
async fn the_proxy_costs_little() {
    let app = App::start().await;
    let open = Egress::start(rules(&app, &[]), Arc::new(Names::default()), EgressOptions::default()).await.unwrap();
    let _other_tests_may_be_first = rustls::crypto::ring::default_provider().install_default();
    let direct = reqwest::Client::builder().no_proxy().build().unwrap();
    let proxy = reqwest::Proxy::http(format!("http://{}", open.addr())).unwrap();
    let through = reqwest::Client::builder().proxy(proxy).build().unwrap();
    let mut added = Vec::new();
    for _ in 0..200 {
        let mut took = [Duration::ZERO; 2];
        for (client, took) in [&direct, &through].iter().zip(&mut took) {
            let started = Instant::now();
            client.get(app.url("/x")).send().await.unwrap().bytes().await.unwrap();
            *took = started.elapsed();
        }
        added.push(took[1].saturating_sub(took[0]));
    }
    added.sort();
    println!("added: median {:?}, 90 % {:?}", added[100], added[180]);
    assert!(added[100] < Duration::from_millis(3), "median {:?} even unoptimised and on a busy machine", added[100]);
}
