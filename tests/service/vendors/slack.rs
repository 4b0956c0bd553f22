//! A stand-in of Slack: blocks, characters and rate as an incoming webhook has them.

use super::*;
use gengfu::channel::{Slack, SlackWebhook};

const PATH: &str = "T0C4N4RY/B0C4N4RY/c4n4ry0123456789";

fn webhook(vendor: &Vendor) -> SlackWebhook {
    SlackWebhook {
        webhook: secret("env:SLACK", &format!("https://hooks.slack.com/services/{PATH}")),
        users: Vec::new(),
        groups: Vec::new(),
        all: false,
        base: Some(vendor.url.clone()),
    }
}

fn open(webhook: SlackWebhook) -> Slack {
    Slack::new("slack", webhook, clock()).unwrap()
}

pub fn rules(posted: &Posted, _: &[Posted]) -> Says {
    if posted.path != format!("/services/{PATH}") {
        return Says::this(404, "no_service");
    }
    let body = posted.json();
    let blocks = body["blocks"].as_array().cloned().unwrap_or_default();
    let chars = |value: &serde_json::Value| value.as_str().unwrap_or_default().chars().count();
    let wrong = blocks.is_empty()
        || blocks.len() > 50
        || blocks.iter().any(|block| match block["type"].as_str() {
            Some("header") => !(1..=150).contains(&chars(&block["text"]["text"])),
            Some("section") => !(1..=3_000).contains(&chars(&block["text"]["text"])),
            Some("actions") => block["elements"].as_array().is_none_or(Vec::is_empty),
            _ => true,
        });
    if wrong || body["text"].as_str().is_none() {
        return Says::this(400, "invalid_blocks");
    }
    if blocks.iter().map(|block| chars(&block["text"]["text"])).sum::<usize>() > 13_200 {
        return Says::this(400, "msg_blocks_too_long");
    }
    Says::this(200, "ok")
}

#[tokio::test]
async fn a_message_is_accepted_by_ok_alone() {
    let vendor = Vendor::start(rules).await;
    let channel = open(webhook(&vendor));
    assert_eq!(channel.send(&notice()).await.unwrap().0, "200 OK ok");
    channel.send(&endless()).await.expect("cut to what Slack takes");
    assert_eq!(channel.rates()[0].per, Duration::from_secs(1));
    let check = async |says: Says, expected, part: &str| answered(&vendor, &channel, says, expected, part).await;
    check(Says::this(200, r#"{"ok":true}"#), None, "200 OK").await;
    check(Says::this(200, "invalid_payload"), REFUSED, "shape").await;
    check(Says::this(200, r#"{"ok":false,"error":"channel_not_found"}"#), ours(), "make a new webhook").await;
    check(Says::this(200, "<html>Please sign in</html>"), again(0), "not the vendor's word").await;
    check(Says::this(400, "invalid_payload"), REFUSED, "shape").await;
    check(Says::this(400, "msg_blocks_too_long"), REFUSED, "length").await;
    check(Says::this(400, "user_not_found"), REFUSED, "`mention:`").await;
    check(Says::this(403, "invalid_token"), ours(), "copy its address anew").await;
    check(Says::this(403, "action_prohibited"), ours(), "administrator").await;
    check(Says::this(404, "no_service"), GONE, "removed").await;
    check(Says::this(404, "channel_not_found"), ours(), "new webhook").await;
    check(Says::this(410, "channel_is_archived"), GONE, "archived").await;
    check(Says::Later(429, "rate_limited".into(), 7), again(7), "later").await;
    check(Says::this(429, "rate_limited"), again(30), "later").await;
    check(Says::this(500, "rollup_error"), again(0), "not by our fault").await;
}

#[tokio::test]
async fn people_are_called_while_it_lasts_and_not_when_it_is_over() {
    let vendor = Vendor::start(rules).await;
    let calling = SlackWebhook { users: vec!["U1".into()], groups: vec!["S1".into()], all: true, ..webhook(&vendor) };
    let channel = open(calling);
    channel.send(&notice()).await.unwrap();
    channel.send(&recovered()).await.unwrap();
    let has = |at: usize, part: &str| texts(&vendor.posted()[at].json()).iter().any(|text| text == part);
    let called = "<@U1> <!subteam^S1> <!channel>";
    assert!(has(0, called) && !has(1, called));
}

#[tokio::test]
async fn what_a_page_says_calls_nobody_and_leads_nowhere() {
    let vendor = Vendor::start(rules).await;
    open(webhook(&vendor)).send(&hostile()).await.unwrap();
    let body = vendor.posted()[0].json();
    let markup = |text: &serde_json::Value| text["type"] == "mrkdwn";
    let blocks = body["blocks"].as_array().unwrap();
    let sections = blocks.iter().map(|block| &block["text"]).filter(|text| markup(text));
    let mut marked: Vec<String> = sections.map(|text| text["text"].as_str().unwrap().to_owned()).collect();
    assert!(marked.len() > 5);
    // The robot's own link to the picture is the only one.
    let own = marked.iter().position(|text| text.starts_with("<https://gengfu.bank.test/")).map(|at| marked.remove(at));
    assert!(own.is_some());
    marked.push(body["text"].as_str().unwrap().to_owned());
    harmless(&marked, &["<", "@all", "@U0123", "evil.test"]);
    assert!(blocks.iter().all(|block| !markup(&block["text"]) || block["text"]["verbatim"] == true));
}

#[tokio::test]
async fn how_it_looks() {
    let vendor = Vendor::start(rules).await;
    let channel = open(SlackWebhook { base: None, ..webhook(&vendor) });
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
