//! Every channel is down for six hours. Then each receiver hears once how things are, and nothing that is not so any more.

use super::desk::{Answer, Desk, LATER, opened, recovery, route};
use super::{DELIVERED, at};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use gengfu::alert::deliver::Round;
use gengfu::alert::{Digest, NoticeState, Outbox};
use gengfu::channel::{Webhook, WebhookReceiver};
use gengfu::finding::Severity;
use gengfu::incident::{Incident, State as Stands, What};
use gengfu::secret::Secret;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A receiver over HTTP: what it answers, and every name and body it accepted.
#[derive(Clone)]
struct Hook {
    answer: Arc<Mutex<StatusCode>>,
    accepted: Arc<Mutex<Vec<(String, String)>>>,
    url: String,
}

impl Hook {
    async fn start(answer: StatusCode) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let hook = Self { answer: Arc::new(Mutex::new(answer)), accepted: Arc::default(), url };
        let take = |State(hook): State<Hook>, head: HeaderMap, body: String| async move {
            let answer = *hook.answer.lock().unwrap();
            if answer.is_success() {
                hook.accepted.lock().unwrap().push((head["webhook-id"].to_str().unwrap().to_owned(), body));
            }
            answer
        };
        let app = axum::Router::new().route("/hook", axum::routing::post(take)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        hook
    }
}

/// Files what happens in an hour, and looks at the outbox every five minutes of it.
async fn hour(desk: &Desk) {
    for _ in 0..12 {
        desk.round().await;
        desk.pass(300);
    }
}

fn again(over: &Incident, seconds: i64) -> gengfu::incident::Filing {
    let mut filing = recovery(over, seconds);
    let change = &mut filing.changes[0];
    change.what = What::Reopened;
    (change.after.state, change.after.recovered, change.after.opened) = (Stands::Open, None, Some(at(seconds)));
    change.after.reopened = 1;
    filing
}

#[tokio::test]
async fn after_six_hours_without_channels_each_receiver_hears_once_how_things_are() {
    let hook = Hook::start(StatusCode::SERVICE_UNAVAILABLE).await;
    let mut desk = Desk::open(&[LATER]).await;
    // A real receiver on a busy machine.
    desk.try_timeout = Duration::from_secs(30);
    let receiver = WebhookReceiver {
        url: hook.url.parse().unwrap(),
        keys: vec![Secret::new("key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    };
    desk.others.insert("hook".into(), Arc::new(Webhook::new("hook", &receiver, desk.clock.clone()).unwrap()));
    desk.reach = vec![route("mail", Some("owner@bank.test")), route("hook", None)].into();

    let lasts = desk.filed(opened("v1:lasts", 100, Severity::P1)).await;
    hour(&desk).await;
    let passes = desk.filed(opened("v1:passes", 3700, Severity::P1)).await;
    hour(&desk).await;
    let over = desk.filed(recovery(&passes.changes[0].after, 7300)).await;
    let returns = desk.filed(opened("v1:returns", 7300, Severity::P2)).await;
    hour(&desk).await;
    let gone = desk.filed(recovery(&returns.changes[0].after, 10_900)).await;
    hour(&desk).await;
    let back = desk.filed(again(&gone.changes[0].after, 14_500)).await;
    hour(&desk).await;
    hour(&desk).await;
    assert!(hook.accepted.lock().unwrap().is_empty());

    // The channels are back. The next try comes a quarter of an hour later at the latest, and a fifth.
    *hook.answer.lock().unwrap() = StatusCode::OK;
    desk.fake.answers(&[Answer::Accept]);
    let tried = desk.fake.names().len();
    for _ in 0..(1200 / 30) {
        desk.round().await;
        desk.pass(30);
    }
    let accepted = hook.accepted.lock().unwrap().clone();
    assert_eq!((accepted.len(), desk.fake.names().len() - tried), (1, 1), "one message each");
    let digest: Digest = serde_json::from_str(&accepted[0].1).unwrap();
    assert_eq!(digest.event_id, accepted[0].0);
    let told: Vec<(String, &str, &str)> = digest
        .events
        .iter()
        .map(|event| (event.incident_id.clone(), event.state.as_str(), event.event_type.as_str()))
        .collect();
    let name = |filing: &gengfu::incident::Filing| filing.changes[0].after.id.to_string();
    assert_eq!(
        told,
        [
            (name(&lasts), "open", "incident.first-seen"),
            (name(&back), "open", "incident.reopened"),
            (name(&over), "recovered", "incident.recovered")
        ]
    );
    let text = desk.fake.last().words.text;
    assert!(text.contains("2 起异常仍在，另有 1 起在本通知发出之前已经恢复"), "{text}");
    assert!(text.contains("已恢复：2023-11-15 07:15 +08:00 至 2023-11-15 08:15 +08:00"), "{text}");
    assert!(text.contains("仍未恢复：自 2023-11-15 10:15 +08:00"), "{text}");

    // Nothing is left, nothing is lost, and nothing more is said.
    for _ in 0..24 {
        desk.pass(3600);
        assert_eq!(desk.round().await, Round::default());
    }
    let tally = desk.tally().await;
    assert_eq!(tally.get(&NoticeState::Waiting), None, "{tally:?}");
    assert_eq!((tally[&NoticeState::Delivered], tally[&NoticeState::Gathered]), (2, 6), "{tally:?}");
    assert_eq!(desk.store.undelivered(10).await.unwrap(), vec![]);
    let mut health = desk.health.0.lock().unwrap().clone();
    health.sort();
    assert_eq!(health, ["hook accepts", "mail accepts"]);
}

#[tokio::test]
async fn a_robot_that_was_away_tells_how_things_are_when_it_returns() {
    let desk = Desk::open(&[]).await;
    let first = desk.filed(opened("v1:aa", 100, Severity::P1)).await;
    let second = desk.filed(opened("v1:bb", 100, Severity::P1)).await;
    desk.filed(recovery(&first.changes[0].after, 200)).await;
    desk.filed(recovery(&second.changes[0].after, 200)).await;
    desk.clock.advance(Duration::from_secs(4 * 24 * 3600));
    assert_eq!(desk.round().await, DELIVERED);
    assert!(
        desk.fake.last().words.subject.starts_with("【更夫 汇总】2 起异常均已恢复"),
        "{}",
        desk.fake.last().words.subject
    );
    let expected =
        BTreeMap::from([(NoticeState::Delivered, 1), (NoticeState::Gathered, 2), (NoticeState::Superseded, 2)]);
    assert_eq!(desk.tally().await, expected);
}
