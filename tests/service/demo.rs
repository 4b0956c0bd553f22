//! The demo app over real HTTP: a customer's way through it, its ledger, its switches. No browser, no sleeps.

use gengfu::demo::{Demo, DemoOptions, Rate};
use reqwest::Client;
use serde_json::{Value, json};

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
        Self { demo, client: Client::builder().cookie_store(true).no_proxy().build().unwrap() }
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
        assert_eq!((page.status().as_u16(), page.url().path()), (200, path));
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
    assert_eq!(visit.get("/home").await.url().path(), "/login");
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
    assert_eq!(visit.get("/home").await.url().path(), "/login");
    assert_eq!(visit.post("/api/login/verify", json!({"code": "12"})).await["code"], "E1005");
    let secret = demo.customers().iter().find_map(|c| c.totp_secret.as_deref()).unwrap();
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let code = totp_rs::Builder::new().with_secret(secret).build_noncompliant().generate_current().to_string();
    assert_eq!(visit.post("/api/login/verify", json!({"code": code})).await["code"], "0000");
    assert_eq!(visit.get("/home").await.url().path(), "/home");
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
    let wish = json!({"code": "000123", "amount": "100.00", "pin": pin, "risk_read": true});
    let prepared = visit.post("/api/orders/prepare", wish).await;
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
