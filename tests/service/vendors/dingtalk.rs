//! A stand-in of DingTalk: signature, clock, keyword, length and rate as its robot has them, all answered with 200.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gengfu::channel::{DingTalk, DingTalkRobot};
use gengfu::moment::{Clock as _, SystemClock};
use hmac::{Hmac, KeyInit, Mac};

fn robot(vendor: &Vendor) -> DingTalkRobot {
    DingTalkRobot {
        webhook: secret("env:DING", &format!("https://oapi.dingtalk.com/robot/send?access_token={TOKEN}")),
        secret: Some(secret("env:DING_SECRET", SIGNING)),
        keyword: None,
        mobiles: Vec::new(),
        users: Vec::new(),
        all: false,
        base: Some(vendor.url.clone()),
    }
}

fn open(robot: DingTalkRobot) -> DingTalk {
    DingTalk::new("ding", robot, clock()).unwrap()
}

/// The vendor's rules at [`NOW`].
pub fn rules(posted: &Posted, earlier: &[Posted]) -> Says {
    rules_at(NOW, posted, earlier)
}

/// The same by the clock on the wall.
pub fn rules_now(posted: &Posted, earlier: &[Posted]) -> Says {
    rules_at(SystemClock.now().as_millis(), posted, earlier)
}

fn rules_at(now: i64, posted: &Posted, earlier: &[Posted]) -> Says {
    let says = |code: i64, text: &str| Says::This(200, format!(r#"{{"errcode":{code},"errmsg":"{text}"}}"#));
    let given = |name: &str| posted.query.get(name).map(String::as_str).unwrap_or_default();
    if posted.path != "/robot/send" || given("access_token") != TOKEN {
        return says(300_001, "token is not exist");
    }
    if lately(earlier, Duration::from_secs(60)) >= 20 {
        return says(130_101, "send too fast, exceed 20 times per minute");
    }
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SIGNING.as_bytes()).unwrap();
    mac.update(format!("{}\n{SIGNING}", given("timestamp")).as_bytes());
    if given("timestamp").parse::<i64>().map_or(true, |millis| (millis - now).abs() > 3_600_000) {
        return says(310_000, "description:invalid timestamp");
    }
    if given("sign") != STANDARD.encode(mac.finalize().into_bytes()) {
        return says(310_000, "description:sign not match");
    }
    let body = posted.json();
    let text = body["markdown"]["text"].as_str().unwrap_or_default();
    if !text.contains("更夫") && !text.contains("gengfu") {
        return says(310_000, "description:keywords not in content");
    }
    if posted.body.len() > 20_000 {
        return says(460_101, "message too long");
    }
    if body["msgtype"] != "markdown" || body["markdown"]["title"].as_str().is_none() {
        return says(40_035, "param error");
    }
    says(0, "ok")
}

#[tokio::test]
async fn a_signed_message_is_accepted_by_errcode() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    let receipt = channel.send(&notice()).await.unwrap();
    assert_eq!(receipt.0, r#"200 OK {"errcode":0,"errmsg":"ok"}"#);
    channel.send(&endless()).await.expect("cut to what DingTalk takes");
    let posted = vendor.posted();
    assert_eq!(posted[0].headers["content-type"], "application/json");
    assert!(posted[1].body.len() > 10_000, "as much as fits: {}", posted[1].body.len());
}

#[tokio::test]
async fn two_hundred_is_no_acceptance() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    let check = async |body: &str, expected, part: &str| {
        answered(&vendor, &channel, Says::this(200, body), expected, part).await;
    };
    let because =
        |text: &str| format!(r#"{{"errcode":310000,"errmsg":"description:{text};solution:see the document"}}"#);
    check(&because("keywords not in content"), ours(), "`keyword:`").await;
    check(&because("invalid timestamp"), ours(), "clock").await;
    check(&because("sign not match"), ours(), "begins with SEC").await;
    check(&because("ip 203.0.113.9 not in whitelist"), ours(), "outgoing address").await;
    let throttled =
        r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute","punish":"deny","wait":5}"#;
    check(throttled, again(600), "ten minutes").await;
    check(r#"{"errcode":-1,"errmsg":"系统繁忙"}"#, again(0), "busy").await;
    check(r#"{"errcode":300001,"errmsg":"token is not exist"}"#, ours(), "copy its address anew").await;
    check(r#"{"errcode":400102,"errmsg":"机器人已停用"}"#, ours(), "switch it on").await;
    check(r#"{"errcode":400106,"errmsg":"机器人不存在"}"#, GONE, "removed").await;
    check(r#"{"errcode":430101,"errmsg":"含有不安全的外链"}"#, REFUSED, "unsafe").await;
    check(r#"{"errcode":430102,"errmsg":"含有不合适的文本"}"#, REFUSED, "improper").await;
    check(r#"{"errcode":460101,"errmsg":"message too long"}"#, REFUSED, "too long").await;
    check(r#"{"errcode":999999,"errmsg":"news"}"#, again(0), "999999 is no code that gengfu knows").await;
    check(r#"{"errmsg":"ok"}"#, again(0), "not the vendor's word").await;
    check("<html>Please sign in</html>", again(0), "not the vendor's word").await;
}

#[tokio::test]
async fn a_wrong_secret_clock_or_pace_is_said_by_the_vendor() {
    let vendor = Vendor::start(rules).await;
    let wrong = DingTalkRobot { secret: Some(secret("env:S", "SECc4n4ry-of-another-robot")), ..robot(&vendor) };
    let said = open(wrong).send(&notice()).await.unwrap_err().said;
    assert!(said.contains("sign not match") && said.contains("`secret:`"), "{said}");
    let clock = clock();
    clock.advance(Duration::from_secs(7_200));
    let said = DingTalk::new("ding", robot(&vendor), clock).unwrap().send(&notice()).await.unwrap_err().said;
    assert!(said.contains("invalid timestamp"), "{said}");
    let channel = open(robot(&vendor));
    for _ in 0..18 {
        channel.send(&notice()).await.expect("within 20 a minute");
    }
    assert_eq!(channel.send(&notice()).await.unwrap_err().failure, again(600).unwrap());
    assert_eq!(channel.rates()[0].at_most, 20);
}

#[tokio::test]
async fn people_are_called_while_it_lasts_and_not_when_it_is_over() {
    let vendor = Vendor::start(rules).await;
    let calling = DingTalkRobot {
        mobiles: vec!["13800138000".into()],
        users: vec!["manager01".into()],
        all: true,
        keyword: Some("巡检".into()),
        ..robot(&vendor)
    };
    let channel = open(calling);
    channel.send(&notice()).await.unwrap();
    channel.send(&recovered()).await.unwrap();
    let [open, over] = [0, 1].map(|at| vendor.posted()[at].json());
    let at = serde_json::json!({"atMobiles": ["13800138000"], "atUserIds": ["manager01"], "isAtAll": true});
    assert_eq!(open["at"], at);
    assert!(open["markdown"]["text"].as_str().unwrap().ends_with("@13800138000"), "{open}");
    let nobody = serde_json::json!({"atMobiles": [], "atUserIds": [], "isAtAll": false});
    assert_eq!(over["at"], nobody);
    for body in [open, over] {
        assert!(body["markdown"]["text"].as_str().unwrap().contains("巡检"), "the keyword stands in each: {body}");
    }
}

#[tokio::test]
async fn what_a_page_says_calls_nobody_and_leads_nowhere() {
    let vendor = Vendor::start(rules).await;
    open(robot(&vendor)).send(&hostile()).await.unwrap();
    let body = vendor.posted()[0].json();
    harmless(&texts(&body), &["@all", "@138", "evil.test", "](https://evil", "![", "<", "`x`", "**粗", "&#60;"]);
    assert_eq!(body["at"]["isAtAll"], false);
}

#[tokio::test]
async fn how_it_looks() {
    let vendor = Vendor::start(rules).await;
    let channel = open(DingTalkRobot { base: None, ..robot(&vendor) });
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
