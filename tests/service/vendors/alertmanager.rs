//! A stand-in of Alertmanager's API v2: labels, times and the empty 200 it accepts with.

use super::*;
use gengfu::channel::{Alertmanager, AlertmanagerServer, AlertmanagerSignIn};

fn open(vendor: &Vendor, sign_in: Option<AlertmanagerSignIn>) -> Alertmanager {
    let url = vendor.url.join("am/").unwrap();
    Alertmanager::new("am", &AlertmanagerServer { url, sign_in, lasts: Duration::from_secs(7 * 86_400) }, clock())
        .unwrap()
}

pub fn rules(posted: &Posted, _: &[Posted]) -> Says {
    if posted.path != "/am/api/v2/alerts" {
        return Says::this(404, "404 page not found\n");
    }
    let refuse = |why: &str| Says::This(400, format!(r#"{{"code":400,"message":"bad data: {why}"}}"#));
    let Some(alerts) = posted.json().as_array().cloned() else { return refuse("no list") };
    for alert in &alerts {
        let time = |name: &str| alert[name].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        let named = |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let labels = alert["labels"].as_object().cloned().unwrap_or_default();
        if labels.is_empty() || !labels.keys().all(named) || labels.values().any(|value| value == "") {
            return refuse("label");
        }
        match (time("startsAt"), time("endsAt")) {
            (Some(starts), Some(ends)) if starts <= ends => {}
            _ => return refuse("start time must be before end time"),
        }
    }
    Says::this(200, "")
}

/// Each alert's severity, and whether it still fires at `NOW`.
fn alerts(posted: &Posted) -> Vec<(String, bool)> {
    let body = posted.json();
    let fires = |alert: &serde_json::Value| {
        let ends: jiff::Timestamp = alert["endsAt"].as_str().unwrap().parse().unwrap();
        ends.as_millisecond() > NOW
    };
    let each = body.as_array().unwrap().iter();
    each.map(|alert| (alert["labels"]["severity"].as_str().unwrap().to_owned(), fires(alert))).collect()
}

#[tokio::test]
async fn an_alert_fires_until_its_incident_recovers() {
    let vendor = Vendor::start(rules).await;
    let channel = open(&vendor, None);
    let check = async |notice: &Notice, expected: &[(&str, bool)]| {
        assert_eq!(channel.send(notice).await.unwrap().0, "200 OK");
        let got = alerts(vendor.posted().last().unwrap());
        let got: Vec<_> = got.iter().map(|(severity, fires)| (severity.as_str(), *fires)).collect();
        assert_eq!(got, expected);
    };
    let severe = |reason: &str, severity: &'static str| {
        notice_of(Language::Zh, reason, |bulletin| bulletin.severity = severity.into())
    };
    check(&severe("first-seen", "P2"), &[("warning", true)]).await;
    check(&severe("still-broken", "P2"), &[("warning", true)]).await;
    // Severity is part of what an alert is: the lesser one ends.
    check(&severe("worsened", "P1"), &[("critical", true), ("warning", false), ("info", false)]).await;
    check(&recovered(), &[("critical", false), ("warning", false), ("info", false)]).await;
    let aside = notice_of(Language::Zh, "set-aside", |_| {});
    check(&aside, &[("critical", false), ("warning", false), ("info", false)]).await;
    // Somebody else answers for it meanwhile.
    let other = notice_of(Language::Zh, "reopened", |bulletin| bulletin.owner = Some("loan-team".into()));
    check(&other, &[("critical", true)]).await;
    let bodies: Vec<_> = vendor.posted().iter().map(Posted::json).collect();
    let mut labels: Vec<_> = bodies.iter().map(|body| body[0]["labels"].clone()).collect();
    labels.iter_mut().for_each(|labels| labels["severity"] = "any".into());
    assert!(labels.iter().all(|one| *one == labels[0]), "known by the same labels while it lasts: {labels:?}");
    // The robot's own trouble moves from journey to journey.
    let robot = |journey: &'static str| {
        notice_of(Language::Zh, "first-seen", |bulletin| {
            (bulletin.kind, bulletin.journey) = ("robot".into(), journey.into());
        })
    };
    for journey in ["login", "loan-rate"] {
        channel.send(&robot(journey)).await.unwrap();
    }
    let labels: Vec<_> =
        vendor.posted().iter().rev().take(2).map(|posted| posted.json()[0]["labels"].clone()).collect();
    let [other, one] = &labels[..] else { panic!("{labels:?}") };
    assert_eq!((one, one["kind"].as_str()), (other, Some("robot")));
}

#[tokio::test]
async fn it_is_let_in_by_name_or_token() {
    let vendor = Vendor::start(rules).await;
    let check = async |sign_in: AlertmanagerSignIn, expected: &str| {
        let channel = open(&vendor, Some(sign_in));
        channel.send(&notice()).await.unwrap();
        assert_eq!(vendor.posted().last().unwrap().headers["authorization"], expected);
        let shown = drafted(&channel, &notice());
        assert!(shown.contains("authorization: ‹env:AM›"), "{shown}");
    };
    let password = secret("env:AM", "c4n4ry-password");
    check(AlertmanagerSignIn::Basic("gengfu".into(), password), "Basic Z2VuZ2Z1OmM0bjRyeS1wYXNzd29yZA==").await;
    check(AlertmanagerSignIn::Bearer(secret("env:AM", "c4n4ry-token")), "Bearer c4n4ry-token").await;
}

#[tokio::test]
async fn an_empty_200_is_acceptance_and_a_page_is_not() {
    let vendor = Vendor::start(rules).await;
    let channel = open(&vendor, None);
    let check = async |says: Says, expected, part: &str| answered(&vendor, &channel, says, expected, part).await;
    check(Says::this(200, r#"{"status":"success"}"#), None, "200 OK").await;
    check(Says::this(200, "<html>Please sign in</html>"), again(0), "not the vendor's word").await;
    check(Says::this(400, r#"{"code":400,"message":"bad data"}"#), REFUSED, "shape").await;
    check(Says::this(401, "Unauthorized"), ours(), "`password:`").await;
    check(Says::this(404, "404 page not found"), ours(), "`/api/v2`").await;
    check(Says::this(503, ""), again(0), "did not take it").await;
    let mut other = notice();
    other.bulletin = r#"{"version":"digest.v1"}"#.into();
    let error = channel.send(&other).await.unwrap_err();
    assert_eq!(error.failure, SendFailure::Refused, "{error}");
}

#[tokio::test]
async fn what_a_page_says_is_safe_wherever_it_is_handed_on() {
    let vendor = Vendor::start(rules).await;
    open(&vendor, None).send(&hostile()).await.unwrap();
    let annotations = vendor.posted()[0].json()[0]["annotations"].clone();
    harmless(&texts(&annotations), &["<", "@all", "evil.test", "](https://evil", "`x`", "&lt;"]);
}

#[tokio::test]
async fn how_it_looks() {
    let url = "https://alertmanager.bank.test/".parse().unwrap();
    let server = AlertmanagerServer { url, sign_in: None, lasts: Duration::from_secs(7 * 86_400) };
    let channel = Alertmanager::new("am", &server, clock()).unwrap();
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
