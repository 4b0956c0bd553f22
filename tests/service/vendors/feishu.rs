//! A stand-in of Feishu: signature, size and query as its robot has them, and the two calls of an app that upload a picture.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gengfu::channel::{Feishu, FeishuRobot};
use hmac::{Hmac, KeyInit, Mac};

const APP_SECRET: &str = "c4n4ry-app-secret";
const TENANT: &str = "t-c4n4ry-tenant";

fn robot(vendor: &Vendor) -> FeishuRobot {
    FeishuRobot {
        webhook: secret("env:FEISHU", &format!("https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}")),
        secret: Some(secret("env:FEISHU_SECRET", SIGNING)),
        keyword: None,
        app: None,
        users: Vec::new(),
        all: false,
        base: Some(vendor.url.clone()),
    }
}

fn with_app(vendor: &Vendor) -> FeishuRobot {
    FeishuRobot { app: Some(("cli_a1".into(), secret("env:FEISHU_APP", APP_SECRET))), ..robot(vendor) }
}

fn open(robot: FeishuRobot) -> Feishu {
    Feishu::new("feishu", robot, clock()).unwrap()
}

pub fn rules(posted: &Posted, earlier: &[Posted]) -> Says {
    let says = |status: u16, code: i64, text: &str| {
        Says::This(status, format!(r#"{{"code":{code},"msg":"{text}","data":{{}}}}"#))
    };
    let body = posted.json();
    match posted.path.as_str() {
        "/open-apis/auth/v3/tenant_access_token/internal" if body["app_secret"] == APP_SECRET => {
            return Says::This(
                200,
                format!(r#"{{"code":0,"msg":"ok","tenant_access_token":"{TENANT}","expire":7200}}"#),
            );
        }
        "/open-apis/auth/v3/tenant_access_token/internal" => return says(200, 10_014, "app secret invalid"),
        "/open-apis/im/v1/images" => {
            let form = String::from_utf8_lossy(&posted.body);
            let right = form.contains("name=\"image_type\"\r\n\r\nmessage\r\n") && form.contains("name=\"image\"");
            let known = posted.headers.get("authorization").is_some_and(|value| *value == format!("Bearer {TENANT}"));
            return match (known, right) {
                (true, true) => Says::this(200, r#"{"code":0,"msg":"success","data":{"image_key":"img_v3_01"}}"#),
                (false, _) => says(400, 99_991_663, "token invalid"),
                (true, false) => says(400, 234_001, "Invalid request param."),
            };
        }
        _ => {}
    }
    if posted.path != format!("/open-apis/bot/v2/hook/{TOKEN}") {
        return says(400, 19_001, "param invalid: incoming webhook access token invalid");
    }
    if !posted.query.is_empty() || posted.body.len() > 20 * 1024 {
        return says(400, 9_499, "Bad Request");
    }
    let robots = |posted: &&Posted| posted.path.contains("/hook/");
    let earlier: Vec<_> = earlier.iter().filter(robots).cloned().collect();
    if lately(&earlier, Duration::from_secs(1)) >= 5 || lately(&earlier, Duration::from_secs(60)) >= 100 {
        return says(200, 11_232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]");
    }
    let seconds = body["timestamp"].as_str().unwrap_or_default().to_owned();
    let key = format!("{seconds}\n{SIGNING}");
    let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    let fresh = seconds.parse::<i64>().is_ok_and(|seconds| (seconds - NOW / 1000).abs() <= 3_600);
    if !fresh || body["sign"] != STANDARD.encode(mac.finalize().into_bytes()) {
        return says(200, 19_021, "sign match fail or timestamp is not within one hour from current time");
    }
    if body["msg_type"] != "interactive" || body["card"]["body"]["elements"].as_array().is_none_or(Vec::is_empty) {
        return says(400, 9_499, "Bad Request");
    }
    Says::this(200, r#"{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}"#)
}

#[tokio::test]
async fn a_signed_card_is_accepted_by_code() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    let receipt = channel.send(&notice()).await.unwrap();
    assert!(receipt.0.contains(r#""code":0"#), "{receipt:?}");
    channel.send(&endless()).await.expect("cut to what Feishu takes");
    let size = vendor.posted()[1].body.len();
    assert!(size > 10_000, "as much as fits: {size}");
    let wrong = FeishuRobot { secret: Some(secret("env:S", "SECc4n4ry-other")), ..robot(&vendor) };
    let said = open(wrong).send(&notice()).await.unwrap_err().said;
    assert!(said.contains("19021") && said.contains("`secret:`"), "{said}");
}

#[tokio::test]
async fn a_picture_is_uploaded_by_an_app_and_a_link_without_one() {
    let vendor = Vendor::start(rules).await;
    open(with_app(&vendor)).send(&notice()).await.unwrap();
    let posted = vendor.posted();
    assert_eq!(posted.len(), 3);
    let elements = posted[2].json()["card"]["body"]["elements"].clone();
    assert_eq!(elements[1]["img_key"], "img_v3_01");
    assert!(!elements.to_string().contains("/evidence/"), "the picture is there: {elements}");
    // Where it cannot be uploaded the message goes without it.
    let wrong = FeishuRobot { app: Some(("cli_a1".into(), secret("env:A", "c4n4ry-wrong"))), ..robot(&vendor) };
    open(wrong).send(&notice()).await.expect("a notice without its picture is better than none");
    assert!(!vendor.posted().last().unwrap().json().to_string().contains("img_key"));
}

#[tokio::test]
async fn only_code_nought_is_acceptance() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    let check = async |status: u16, body: &str, expected, part: &str| {
        answered(&vendor, &channel, Says::this(status, body), expected, part).await;
    };
    check(200, r#"{"StatusCode":0,"StatusMessage":"success"}"#, None, "200 OK").await;
    check(400, r#"{"code":9499,"msg":"Bad Request","data":{}}"#, REFUSED, "shape or size").await;
    check(200, r#"{"code":9499,"msg":"too many request","data":{}}"#, again(60), "too many").await;
    check(200, r#"{"code":11232,"msg":"frequency limited"}"#, again(60), "too many").await;
    check(200, r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}"#, ours(), "an hour")
        .await;
    check(200, r#"{"code":19022,"msg":"Ip Not Allowed"}"#, ours(), "outgoing address").await;
    check(200, r#"{"code":19024,"msg":"Key Words Not Found"}"#, ours(), "`keyword:`").await;
    check(400, r#"{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}"#, ours(), "anew").await;
    check(200, r#"{"code":19036,"msg":"too big"}"#, REFUSED, "too large").await;
    check(200, r#"{"code":230099,"msg":"news"}"#, again(0), "230099 is no code that gengfu knows").await;
    check(502, r#"{"code":0}"#, again(0), "did not take it").await;
    check(200, "ok", again(0), "not the vendor's word").await;
}

#[tokio::test]
async fn people_are_called_while_it_lasts_and_not_when_it_is_over() {
    let vendor = Vendor::start(rules).await;
    let calling =
        FeishuRobot { users: vec!["ou_1".into()], all: true, keyword: Some("巡检".into()), ..robot(&vendor) };
    let channel = open(calling);
    channel.send(&notice()).await.unwrap();
    channel.send(&recovered()).await.unwrap();
    let text = |at: usize| texts(&vendor.posted()[at].json()["card"]["body"]).join("\n");
    assert!(text(0).contains("<at id=ou_1></at> <at id=all></at>") && text(0).contains("巡检"), "{}", text(0));
    assert!(!text(1).contains("<at"), "{}", text(1));
}

#[tokio::test]
async fn what_a_page_says_calls_nobody_and_leads_nowhere() {
    let vendor = Vendor::start(rules).await;
    open(robot(&vendor)).send(&hostile()).await.unwrap();
    let body = vendor.posted()[0].json();
    let markdown = body["card"]["body"]["elements"][0]["content"].as_str().unwrap().to_owned();
    harmless(&[markdown], &["<", "@all", "evil.test", "[点我", "![", "`", "**粗", "&lt;"]);
    harmless(&texts(&body["card"]["header"]), &["evil.test", "@all"]);
}

#[tokio::test]
async fn how_it_looks() {
    let vendor = Vendor::start(rules).await;
    let channel = open(FeishuRobot { base: None, ..with_app(&vendor) });
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
