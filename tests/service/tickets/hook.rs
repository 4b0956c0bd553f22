//! A system of the customer's own: every move comes signed and in order, and what it calls back with is believed when it is
//! signed, of now, and for the first time.

use super::*;
use async_trait::async_trait;
use gengfu::channel::tracker::{TicketHook, TicketWebhook};
use gengfu::moment::Moment;
use gengfu::ticket::keep::CallError;
use gengfu::ticket::{CallRefused, Signing, TicketCalls, read_call, signed, verify};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const KEY: &str = "whsec_YzRuNHJ5LWM0bjRyeS1jNG40cnktYzRuNHJ5";

fn rules(_: &Posted, _: &[Posted]) -> Says {
    Says::this(202, "{}")
}

struct Calls(Arc<Keeper>, Vec<Vec<u8>>);

#[async_trait]
impl TicketCalls for Calls {
    async fn call(&self, system: &str, signing: Signing<'_>, body: &[u8]) -> Result<(), CallRefused> {
        verify(&self.1, signing, body, self.0.clock.now())?;
        let (incident, said) = read_call(body)?;
        let called = self.0.called(system, incident, signing.0.unwrap(), &said).await;
        called.map_err(|error| match error {
            CallError::Absent => CallRefused::Absent,
            CallError::Replayed => CallRefused::Replayed,
            CallError::Ledger(error) => CallRefused::Ledger(error),
        })
    }
}

async fn story() -> (Vendor, Story, Vec<Vec<u8>>) {
    let vendor = Vendor::start(rules).await;
    let world = World::empty().await;
    let hook = TicketHook { url: vendor.url.join("moves").unwrap(), keys: vec![Secret::new("env:HOOK", KEY)] };
    let system = TicketWebhook::new(SYSTEM, &hook, world.clock.clone()).unwrap();
    let keys = system.keys();
    (vendor, Story::of(world, Arc::new(system), rule()), keys)
}

#[tokio::test]
async fn every_move_comes_signed_once_and_in_order() {
    let (vendor, story, keys) = story().await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    vendor.next(Says::this(503, ""));
    story.walked(id, What::Worsened, |_| {}).await;
    story.closed(id).await;
    story.rounds(4, 900).await;
    let posted = vendor.posted();
    let kinds: Vec<_> = posted.iter().map(|p| p.json()["event_type"].as_str().unwrap().to_owned()).collect();
    let expected = ["opened", "worsened", "worsened", "recovered", "closed"].map(|what| format!("incident.{what}"));
    assert_eq!(kinds, expected, "what was not accepted comes again, under its name");
    assert_eq!(posted[1].json()["event_id"], posted[2].json()["event_id"]);
    for posted in &posted {
        let header = |name: &str| posted.headers.get(name).and_then(|value| value.to_str().ok());
        let given = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
        let seconds = given.1.unwrap().parse::<i64>().unwrap();
        assert_eq!(verify(&keys, given, &posted.body, Moment::from_millis(seconds * 1000)), Ok(()));
        assert_eq!(posted.json()["event_id"].as_str(), given.0);
    }
}

/// A call as raw bytes: the answer's status.
async fn call(address: std::net::SocketAddr, headers: &str, body: &str) -> u16 {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/tickets/{SYSTEM} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_call_is_believed_when_it_is_signed_of_now_and_new() {
    let (_vendor, story, keys) = story().await;
    let id = story.opened().await.id;
    story.rounds(2, 10).await;
    let Story { mut world, keeper } = story;
    let keeper = Arc::new(keeper);
    world.calls = Some(Arc::new(Calls(keeper.clone(), keys.clone())));
    let served = world.serve(&[]).await;
    let body = json!({ "incident_id": id.to_string(), "state": "处理中", "category": "doing", "ticket": "CRM-7",
        "url": "https://crm.bank.test/7" })
    .to_string();
    let headers = |name: &str, late: i64, body: &str| {
        let seconds = world.clock.now().as_millis() / 1000 - late;
        let signature = signed(&keys[0], name, seconds, body.as_bytes());
        format!("webhook-id: {name}\r\nwebhook-timestamp: {seconds}\r\nwebhook-signature: {signature}\r\n")
    };
    let check = async |headers: &str, body: &str, expected: u16| {
        assert_eq!(call(served.address, headers, body).await, expected, "{headers} {body}");
    };
    check("", &body, 401).await;
    check(&headers("msg_1", 301, &body), &body, 401).await;
    check(&headers("msg_1", 0, "{}"), &body, 401).await;
    let twice = format!("{}webhook-id: msg_1\r\n", headers("msg_1", 0, &body));
    check(&twice, &body, 401).await;
    check(&headers("msg_0", 0, "{}"), "{}", 400).await;
    assert_eq!(keeper.archive.incident(id).await.unwrap().unwrap().incident.standing(), Standing::Confirmed);
    check(&headers("msg_1", 0, &body), &body, 204).await;
    check(&headers("msg_1", 0, &body), &body, 409).await;
    let file = keeper.archive.incident(id).await.unwrap().unwrap();
    assert_eq!(file.incident.standing(), Standing::Fixing);
    assert_eq!((file.moves[0].by.word(), file.moves.len()), (format!("system:{SYSTEM}"), 2));
    let other = body.replace(&id.to_string(), "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203");
    check(&headers("msg_2", 0, &other), &other, 404).await;
    let page = reqwest::get(format!("http://{}/incidents/{id}", served.address)).await.unwrap().text().await.unwrap();
    let page = page.replace("&#x2f;", "/");
    assert!(page.contains("href=\"https://crm.bank.test/7\"") && page.contains("CRM-7"), "the page leads to it");
}
