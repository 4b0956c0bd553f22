//! A stand-in of PagerDuty's Events API v2: keys, required fields and lengths as it has them.

use super::*;
use gengfu::channel::{PagerDuty, PagerDutyService};

const KEY: &str = "c4n4ry00000000000000000000000000";

fn open(vendor: Option<&Vendor>) -> PagerDuty {
    let base = vendor.map(|vendor| vendor.url.clone());
    let service = PagerDutyService { routing_key: secret("env:PAGERDUTY", KEY), base };
    PagerDuty::new("duty", service, clock()).unwrap()
}

pub fn rules(posted: &Posted, earlier: &[Posted]) -> Says {
    let invalid = |why: &str| {
        Says::This(
            400,
            format!(r#"{{"status":"invalid event","message":"Event object is invalid","errors":["{why}"]}}"#),
        )
    };
    let body = posted.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    if posted.path != "/v2/enqueue" || text(&body["routing_key"]) != KEY {
        return invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
    }
    if lately(earlier, Duration::from_secs(60)) >= 120 {
        return Says::this(
            429,
            r#"{"status":"throttle exceeded","message":"Requests for this service are arriving too quickly. Please retry later."}"#,
        );
    }
    let key = text(&body["dedup_key"]);
    if key.is_empty() || key.len() > 255 {
        return invalid("'dedup_key' is wrong");
    }
    match text(&body["event_action"]).as_str() {
        "resolve" => {}
        "trigger" => {
            let payload = &body["payload"];
            let severe = ["critical", "error", "warning", "info"].contains(&text(&payload["severity"]).as_str());
            let summary = (1..=1024).contains(&text(&payload["summary"]).chars().count());
            if !severe || !summary || text(&payload["source"]).is_empty() {
                return invalid("'payload' is wrong");
            }
        }
        _ => return invalid("'event_action' is wrong"),
    }
    Says::This(202, format!(r#"{{"status":"success","message":"Event processed","dedup_key":"{key}"}}"#))
}

#[tokio::test]
async fn what_opens_triggers_and_what_recovers_resolves_under_the_same_key() {
    let vendor = Vendor::start(rules).await;
    let channel = open(Some(&vendor));
    let check = async |notice: &Notice, expected: &[(&str, Option<&str>)]| {
        let before = vendor.posted().len();
        let receipt = channel.send(notice).await.unwrap().0;
        assert!(receipt.starts_with("202 Accepted"), "{receipt}");
        let bodies: Vec<_> = vendor.posted()[before..].iter().map(Posted::json).collect();
        let got: Vec<_> = bodies
            .iter()
            .map(|body| (body["event_action"].as_str().unwrap(), body["payload"]["severity"].as_str()))
            .collect();
        assert_eq!(got, expected);
        assert_eq!(channel.sends(notice) as usize, expected.len());
        assert!(bodies.iter().all(|body| body["dedup_key"] == notice.incident.unwrap().to_string()));
    };
    check(&notice(), &[("trigger", Some("critical"))]).await;
    let lesser = notice_of(Language::Zh, "worsened", |bulletin| bulletin.severity = "P2".into());
    check(&lesser, &[("trigger", Some("error"))]).await;
    check(&recovered(), &[("resolve", None)]).await;
    // Set aside by people: nobody is called for it any more.
    check(&notice_of(Language::Zh, "set-aside", |_| {}), &[("resolve", None)]).await;
    // Over before it could be told: nobody is woken.
    let over = notice_of(Language::Zh, "first-seen", |bulletin| bulletin.state = "recovered".into());
    check(&over, &[("resolve", None)]).await;
    check(&notice_of(Language::Zh, "reopened", |_| {}), &[("trigger", Some("critical"))]).await;
    // A trial stays open on nobody's list.
    check(&notice_of(Language::Zh, "trial", |_| {}), &[("trigger", Some("info")), ("resolve", None)]).await;
    assert_eq!(channel.rates()[0].at_most, 120);
}

#[tokio::test]
async fn only_success_is_acceptance() {
    let vendor = Vendor::start(rules).await;
    let channel = open(Some(&vendor));
    let check = async |says: Says, expected, part: &str| answered(&vendor, &channel, says, expected, part).await;
    let invalid =
        |why: &str| format!(r#"{{"status":"invalid event","message":"Event object is invalid","errors":["{why}"]}}"#);
    check(Says::This(400, invalid("Length of 'routing_key' is incorrect")), ours(), "`routing_key:`").await;
    check(Says::This(400, invalid("'payload.summary' is missing")), REFUSED, "shape").await;
    check(Says::this(429, r#"{"status":"throttle exceeded"}"#), again(30), "too many").await;
    check(Says::Later(429, "{}".into(), 12), again(12), "too many").await;
    check(Says::this(500, ""), again(0), "did not take it").await;
    check(Says::this(202, "{}"), again(0), "not the vendor's word").await;
    check(Says::this(200, r#"{"status":"success"}"#), again(0), "not the vendor's word").await;
}

#[test]
fn a_key_is_32_letters_and_digits() {
    for wrong in ["", "c4n4ry", "c4n4ry0000000000000000000000000000", "c4n4ry-0000000000000000000000000"] {
        let service = PagerDutyService { routing_key: secret("env:PAGERDUTY", wrong), base: None };
        let error = PagerDuty::new("duty", service, clock()).err().expect(wrong).to_string();
        assert!(error.contains("32 letters and digits") && !error.contains(CANARY), "{error}");
    }
}

#[tokio::test]
async fn how_it_looks() {
    let channel = open(None);
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
