//! The demo app over real HTTP: a customer's way through it, its ledger, its switches. No browser, no sleeps.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use gengfu::demo::{Demo, DemoOptions, Rate};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;

struct Visit<'a> {
    demo: &'a Demo,
    client: Client,
}

async fn start() -> Demo {
    Demo::start(DemoOptions { churn: false, ..DemoOptions::default() }).await.unwrap()
}

impl<'a> Visit<'a> {
    fn new(demo: &'a Demo) -> Self {
        // reqwest is built without a provider of its own; plain HTTP needs none, but the client asks for one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            demo,
            client: Client::builder()
                .cookie_store(true)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
        }
    }

    async fn by(demo: &'a Demo, username: &str) -> Self {
        let visit = Self::new(demo);
        let customer = demo.customers().iter().find(|c| c.username == username).unwrap();
        let typed = json!({"username": customer.username, "password": customer.password});
        assert_eq!(visit.post("/api/login", typed).await["code"], "0000");
        visit
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.demo.app_url())).send().await.unwrap()
    }

    async fn data(&self, path: &str) -> Value {
        let mut answer: Value = self.get(path).await.json().await.unwrap();
        assert_eq!(answer["code"], "0000", "{path}: {answer}");
        answer["data"].take()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.client.post(format!("{}{path}", self.demo.app_url())).json(&body).send().await.unwrap();
        answer.json().await.unwrap()
    }
}

fn cents(figure: &Value) -> i64 {
    figure.as_str().unwrap().replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn every_page_and_asset_is_there() {
    let demo = start().await;
    let visit = Visit::by(&demo, "linxt").await;
    for path in [
        "/home",
        "/funds",
        "/funds/000123",
        "/funds/000123/buy",
        "/funds/000123/prospectus",
        "/wealth",
        "/wealth/TC2601",
        "/loans",
        "/transfer",
        "/transactions",
        "/messages",
        "/settings",
        "/settings/privacy",
        "/settings/close-account",
        "/settings/proof",
        "/help",
        "/help/complaint",
        "/esign",
        "/esign/frame",
        "/statements",
    ] {
        let page = visit.get(path).await;
        assert_eq!(page.status().as_u16(), 200, "{path}");
        let html = page.text().await.unwrap();
        for asset in html.split('"').filter(|part| part.starts_with("/assets/")) {
            assert_eq!(visit.get(asset).await.status().as_u16(), 200, "{path} asks for {asset}");
        }
    }
    assert_eq!(visit.get("/nowhere").await.status().as_u16(), 404);
    demo.stop().await;
}

#[tokio::test]
async fn strangers_are_sent_to_the_login() {
    let demo = start().await;
    let visit = Visit::new(&demo);
    assert_eq!(visit.get("/home").await.headers()["location"], "/login");
    let answer: Value = visit.get("/api/home").await.json().await.unwrap();
    assert_eq!(answer["code"], "E0401");
    let check = async |username: &str, password: &str, code: &str| {
        let answer = visit.post("/api/login", json!({"username": username, "password": password})).await;
        assert_eq!(answer["code"], code, "{username}");
    };
    check("linxt", "wrong", "E1001").await;
    check("fangt", "Tingchao#2605", "E1003").await;
    demo.stop().await;
}

#[tokio::test]
async fn the_second_factor_is_needed_and_works() {
    let demo = start().await;
    let visit = Visit::by(&demo, "suwq").await;
    assert_eq!(visit.get("/home").await.headers()["location"], "/login");
    assert_eq!(visit.post("/api/login/verify", json!({"code": "12"})).await["code"], "E1005");
    let secret = demo.customers().iter().find_map(|c| c.totp_secret.as_deref()).unwrap();
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let code = totp_rs::Builder::new().with_secret(secret).build_noncompliant().generate_current().to_string();
    assert_eq!(visit.post("/api/login/verify", json!({"code": code})).await["code"], "0000");
    assert_eq!(visit.get("/home").await.status().as_u16(), 200);
    demo.stop().await;
}

#[tokio::test]
async fn every_customers_figures_agree_with_each_other() {
    let demo = start().await;
    for customer in demo.customers().iter().filter(|c| ["retail", "vip", "empty"].contains(&c.kind)) {
        let visit = Visit::by(&demo, &customer.username).await;
        let home = visit.data("/api/home").await;
        let assets = &home["assets"];
        assert_eq!(
            cents(&assets["total"]),
            cents(&assets["cash"]) + cents(&assets["funds"]) + cents(&assets["wealth"])
        );
        let newest = &visit.data("/api/transactions").await["items"][0];
        let cash = if newest.is_null() { 0 } else { cents(&newest["balance"]) };
        assert_eq!(cents(&assets["cash"]), cash, "{}", customer.username);
    }
    let visit = Visit::by(&demo, "linxt").await;
    for listed in visit.data("/api/funds").await["items"].as_array().unwrap() {
        let detail = visit.data(&format!("/api/funds/{}", listed["code"].as_str().unwrap())).await;
        for key in ["nav", "risk", "year_return", "nav_date", "estimate"] {
            assert_eq!(listed[key], detail[key], "{key}");
        }
    }
    demo.stop().await;
}

#[tokio::test]
async fn an_order_that_arrives_trips_the_wire() {
    let demo = start().await;
    let visit = Visit::by(&demo, "linxt").await;
    let pin = &demo.customers()[0].trade_pin;
    let prepared = visit.post("/api/orders/prepare", wish(&demo)).await;
    let id = prepared["data"]["id"].as_str().unwrap().to_owned();
    let shown = visit.data(&format!("/api/orders/prepared/{id}")).await;
    assert_eq!(cents(&shown["amount"]), cents(&shown["fee"]) + cents(&shown["net"]));
    assert!(demo.tripwire().is_empty());

    assert_eq!(visit.post("/api/orders", json!({"id": id})).await["code"], "0000");
    assert_eq!(visit.post("/api/orders", json!({"id": id})).await["code"], "E3006");
    let tripped = demo.tripwire();
    assert_eq!(tripped.len(), 2);
    assert_eq!(tripped[0].customer.as_deref(), Some("linxt"));
    let written = format!("{:?}", demo.ledger());
    assert!(!written.contains(pin.as_str()) && !written.contains("Tingchao#"), "the ledger holds a secret");
    demo.stop().await;
}

#[tokio::test]
async fn a_statement_is_a_pdf() {
    let demo = start().await;
    let visit = Visit::by(&demo, "linxt").await;
    let file = visit.data("/api/statements").await["items"][0]["file"].as_str().unwrap().to_owned();
    let answer = visit.get(&format!("/statements/{file}")).await;
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert!(answer.bytes().await.unwrap().starts_with(b"%PDF-1."));
    assert_eq!(visit.get("/statements/1999-01.pdf").await.status().as_u16(), 404);
    demo.stop().await;
}

#[tokio::test]
async fn the_control_port_lists_switches_and_mends() {
    let demo = start().await;
    let client = Visit::new(&demo).client;
    let control = demo.control_url();
    let all: Value = client.get(format!("{control}/api/faults")).send().await.unwrap().json().await.unwrap();
    assert_eq!(all["faults"].as_array().unwrap().len(), demo.faults().len());
    let wrong = client.post(format!("{control}/api/faults/XX1")).json(&json!({"rate": "always"})).send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 404);
    assert!(!demo.switch("XX1", Rate::Always));
    assert!(client.get(&control).send().await.unwrap().text().await.unwrap().contains("故障开关"));
    demo.stop().await;
}

#[tokio::test]
async fn what_a_customer_does_stays_in_the_session() {
    let demo = start().await;
    let (mine, same_account) = (Visit::by(&demo, "linxt").await, Visit::by(&demo, "linxt").await);
    assert_eq!(mine.post("/api/profile/nickname", json!({"nickname": "小林"})).await["code"], "0000");
    let complaint = json!({"kind": "服务态度与效率", "text": "等待时间过长", "rating": 2});
    assert_eq!(mine.post("/api/complaints", complaint).await["data"]["status"], "处理中");
    let form = "--b\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\nincome\r\n--b\r\ncontent-disposition: form-data; \
                name=\"file\"; filename=\"income.png\"\r\n\r\n12345\r\n--b--\r\n";
    let upload = mine.client.post(format!("{}/api/proofs", demo.app_url()));
    let answer = upload.header("content-type", "multipart/form-data; boundary=b").body(form).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["data"]["bytes"], 5);

    let check = async |visit: &Visit<'_>, nickname: &str, kept: usize| {
        assert_eq!(visit.data("/api/profile").await["nickname"], nickname);
        assert_eq!(visit.data("/api/complaints").await["items"].as_array().unwrap().len(), kept);
        assert_eq!(visit.data("/api/proofs").await["items"].as_array().unwrap().len(), kept);
    };
    check(&mine, "小林", 1).await;
    check(&same_account, "林晓棠", 0).await;
    demo.stop().await;
}

#[tokio::test]
async fn a_rate_takes_the_same_visitors_each_time() {
    let struck = async || {
        let demo = start().await;
        demo.switch("BF09", Rate::ThirtyPercent);
        let mut struck = Vec::new();
        for _ in 0..60 {
            let visit = Visit::by(&demo, "linxt").await;
            let first = visit.get("/funds").await.status().as_u16();
            assert_eq!(visit.get("/funds").await.status().as_u16(), first, "a visit is struck wholly or not at all");
            struck.push(first == 503);
        }
        demo.stop().await;
        struck
    };
    let first = struck().await;
    assert!((8..=30).contains(&first.iter().filter(|s| **s).count()), "{first:?}");
    assert_eq!(first, struck().await);
}

/// Three customers' browsers that do not follow redirects, so that a redirect is seen.
struct Tour<'a> {
    customer: Visit<'a>,
    half_way: Visit<'a>,
    stranger: Visit<'a>,
    prepared: String,
    statement: String,
}

impl<'a> Tour<'a> {
    async fn of(demo: &'a Demo) -> Self {
        let customer = Visit::by(demo, "linxt").await;
        let prepared =
            customer.post("/api/orders/prepare", wish(demo)).await["data"]["id"].as_str().unwrap().to_owned();
        let statement = customer.data("/api/statements").await["items"][0]["file"].as_str().unwrap().to_owned();
        Self { customer, half_way: Visit::by(demo, "suwq").await, stranger: Visit::new(demo), prepared, statement }
    }

    fn requests(&self) -> Vec<reqwest::RequestBuilder> {
        let demo = self.customer.demo;
        let at = |path: &str| format!("{}{path}", demo.app_url());
        let (client, stranger) = (&self.customer.client, &self.stranger.client);
        let password = json!({"username": "zhoumq", "password": "Tingchao#2602"});
        let mut requests = vec![
            Visit::new(demo).client.post(at("/api/login")).json(&password),
            client.post(at("/api/orders/prepare")).json(&wish(demo)),
            client.post(at("/api/profile/nickname")).json(&json!({"nickname": "小林"})),
            stranger.get(at("/login")),
            stranger.get(at("/logout")),
            stranger.get(at("/transfers/T1/confirm")),
            stranger.post(at("/api/esign/sign")),
            stranger.post(at("/api/complaints")),
            self.half_way.client.get(at("/login/verify")),
            // What phones alone are shown.
            client.get(at("/api/funds")).header("user-agent", "Mozilla/5.0 (iPhone) Mobile Safari"),
            client.get(at("/feed/quotes?code=000123")).headers(upgrade()),
        ];
        let named = |path: &str| path.replace("PREPARED", &self.prepared).replace("STATEMENT", &self.statement);
        requests.extend(PATHS.iter().map(|path| client.get(at(&named(path)))));
        requests
    }

    /// What each answer is while nothing is wrong.
    async fn seen(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for request in self.requests() {
            seen.push(gist(request.send().await).await);
        }
        seen
    }

    /// The first answer that is not as it was; `late` where none came within `wait`.
    async fn first_difference(&self, healthy: &[String], wait: Duration) -> Option<String> {
        for (request, was) in self.requests().into_iter().zip(healthy) {
            let is = gist(request.timeout(wait).send().await).await;
            if is != *was {
                return Some(is);
            }
        }
        None
    }
}

fn wish(demo: &Demo) -> Value {
    json!({"code": "000123", "amount": "100.00", "pin": demo.customers()[0].trade_pin, "risk_read": true})
}

/// What asks for a web socket.
fn upgrade() -> HeaderMap {
    let asks = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    asks.into_iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

const PATHS: &[&str] = &[
    "/api/home",
    "/api/funds",
    "/api/funds/000123",
    "/api/wealth",
    "/api/wealth/TC2588",
    "/api/wealth/TC2601",
    "/api/loans",
    "/api/payees",
    "/api/transactions",
    "/api/messages",
    "/api/profile",
    "/api/statements",
    "/api/complaints",
    "/api/orders/prepared/PREPARED",
    "/home",
    "/funds",
    "/funds/000123",
    "/funds/000123/buy",
    "/funds/000123/prospectus",
    "/wealth",
    "/wealth/TC2601",
    "/loans",
    "/messages",
    "/statements",
    "/transfer",
    "/transactions",
    "/settings",
    "/settings/privacy",
    "/help",
    "/help/complaint",
    "/esign/frame",
    "/statements/STATEMENT",
    "/assets/app.css",
    "/assets/js/app.js",
    "/assets/js/buy.js",
    "/assets/js/home.js",
    "/assets/js/fund.js",
    "/assets/js/chart.js",
    "/assets/js/messages.js",
    "/assets/js/confirm.js",
    "/assets/js/transactions.js",
    "/assets/js/funds.js",
    "/assets/js/loans.js",
    "/assets/js/settings.js",
    "/assets/js/transfer.js",
    "/assets/js/wealth.js",
    "/assets/js/wealth-product.js",
    "/assets/img/banner-tide.svg",
    "/assets/img/hero-tide.svg",
    "/assets/img/logo.svg",
];

async fn gist(answer: reqwest::Result<reqwest::Response>) -> String {
    let Ok(answer) = answer else { return "late".to_owned() };
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        let mut line = answer.upgrade().await.unwrap();
        let spoke = tokio::time::timeout(Duration::from_millis(400), line.read_u8()).await;
        return format!("a socket that speaks: {}", matches!(spoke, Ok(Ok(_))));
    }
    let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
    let flags = header("set-cookie").map(|line| line.contains("HttpOnly"));
    let named = ["location", "content-type", "content-security-policy", "x-frame-options", "x-upstream"].map(header);
    let head = format!("{} {named:?} {flags:?}", answer.status());
    let mut body = answer.text().await.unwrap();
    if let Ok(mut value) = serde_json::from_str::<Value>(&body) {
        // The minute and ids change by themselves.
        let figures = value["data"].as_object_mut();
        figures
            .into_iter()
            .for_each(|data| data.retain(|key, value| key != "id" && (key != "as_of" || value == "Invalid Date")));
        body = value.to_string();
    }
    format!("{head} {body}")
}

#[tokio::test]
async fn every_fault_changes_what_a_customer_gets_and_mending_undoes_it() {
    let demo = start().await;
    // A session holds so many prepared orders and no more.
    for faults in demo.faults().chunks(50) {
        let tour = Tour::of(&demo).await;
        // The first tour hands out cookies; only the second is like all others.
        tour.seen().await;
        let healthy = tour.seen().await;
        for fault in faults {
            assert!(demo.switch(fault.id, Rate::Always));
            let hurried = Duration::from_millis(400);
            assert!(tour.first_difference(&healthy, hurried).await.is_some(), "{} changes nothing", fault.id);
            demo.mend_all();
        }
        assert_eq!(tour.first_difference(&healthy, Duration::from_secs(10)).await, None);
    }
    assert!(demo.tripwire().is_empty());
    demo.stop().await;
}
