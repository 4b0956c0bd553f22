//! A stand-in of WeCom: key, bytes, md5 and rate as its robot has them, all answered with 200.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gengfu::channel::{WeCom, WeComRobot};
use md5::{Digest, Md5};

fn robot(vendor: &Vendor) -> WeComRobot {
    WeComRobot {
        webhook: secret("env:WECOM", TOKEN),
        users: Vec::new(),
        mobiles: Vec::new(),
        all: false,
        pictures: true,
        base: Some(vendor.url.clone()),
    }
}

fn open(robot: WeComRobot) -> WeCom {
    WeCom::new("wecom", robot, clock()).unwrap()
}

pub fn rules(posted: &Posted, earlier: &[Posted]) -> Says {
    let says = |code: i64, text: &str| Says::This(200, format!(r#"{{"errcode":{code},"errmsg":"{text}"}}"#));
    if posted.path != "/cgi-bin/webhook/send" || posted.query.get("key").map(String::as_str) != Some(TOKEN) {
        return says(93_000, "invalid webhook url, hint: [1], from ip: 203.0.113.9");
    }
    if lately(earlier, Duration::from_secs(60)) >= 20 {
        return says(45_009, "api freq out of limit");
    }
    let body = posted.json();
    match body["msgtype"].as_str() {
        Some("markdown") if body["markdown"]["content"].as_str().is_some_and(|text| text.len() <= 4096) => {
            says(0, "ok")
        }
        Some("text") if body["text"]["content"].as_str().is_some_and(|text| text.len() <= 2048) => says(0, "ok"),
        Some("image") => {
            let raw = STANDARD.decode(body["image"]["base64"].as_str().unwrap_or_default()).unwrap_or_default();
            let md5: String = Md5::digest(&raw).iter().map(|byte| format!("{byte:02x}")).collect();
            let right = !raw.is_empty() && raw.len() <= 2 << 20 && body["image"]["md5"] == md5;
            if right { says(0, "ok") } else { says(40_058, "invalid image size or md5") }
        }
        _ => says(40_058, "markdown.content exceed max length 4096"),
    }
}

#[tokio::test]
async fn text_and_picture_are_two_messages() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    assert_eq!(channel.sends(&notice()), 2);
    let receipt = channel.send(&notice()).await.unwrap();
    assert_eq!(receipt.0, r#"200 OK {"errcode":0,"errmsg":"ok"}"#);
    let kinds: Vec<_> = vendor.posted().iter().map(|posted| posted.json()["msgtype"].clone()).collect();
    assert_eq!(kinds, ["markdown", "image"]);
    let plain = open(WeComRobot { pictures: false, ..robot(&vendor) });
    plain.send(&notice()).await.unwrap();
    assert_eq!((vendor.posted().len(), plain.sends(&notice())), (3, 1));
}

/// A picture of noise, larger than WeCom takes.
fn noise(bytes_min: usize) -> Vec<u8> {
    let (width, height) = (1_000, u32::try_from(bytes_min.div_ceil(3_000)).unwrap());
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let rgb = image::RgbImage::from_fn(width, height, |_, _| image::Rgb([byte(), byte(), byte()]));
    let mut png = Vec::new();
    rgb.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    png
}

#[tokio::test]
async fn a_large_picture_is_shrunk_and_one_that_cannot_be_is_left_out() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    let check = async |bytes: Vec<u8>, kind: EvidenceKind, expected: usize| {
        let before = vendor.posted().len();
        let picture = Picture { key: EvidenceKey::of(&bytes, kind), bytes };
        channel.send(&Notice { picture: Some(picture), ..notice() }).await.unwrap();
        assert_eq!(vendor.posted().len() - before, expected, "{kind:?}");
    };
    let large = noise(3 << 20);
    assert!(large.len() > 2 << 20);
    check(large, EvidenceKind::Png, 2).await;
    check(vec![0xff; 3 << 20], EvidenceKind::Png, 1).await;
    check(vec![0xff; 3 << 20], EvidenceKind::Jpeg, 1).await;
    check(vec![0xff; 1 << 20], EvidenceKind::Jpeg, 2).await;
}

#[tokio::test]
async fn bytes_are_counted_not_characters() {
    let vendor = Vendor::start(rules).await;
    open(robot(&vendor)).send(&endless()).await.expect("cut to what WeCom takes");
    let text = vendor.posted()[0].json()["markdown"]["content"].as_str().unwrap().to_owned();
    assert!((3_000..=4_096).contains(&text.len()), "{} bytes", text.len());
    assert!(text.contains("\n…\n") && text.ends_with(')'), "{text}");
    assert_eq!(text.matches("<font").count(), text.matches("</font>").count());
}

#[tokio::test]
async fn two_hundred_is_no_acceptance() {
    let vendor = Vendor::start(rules).await;
    let channel = open(robot(&vendor));
    let check = async |body: &str, expected, part: &str| {
        answered(&vendor, &channel, Says::this(200, body), expected, part).await;
    };
    let removed = r#"{"errcode":93000,"errmsg":"invalid webhook url, hint: [170], from ip: 203.0.113.9"}"#;
    check(removed, ours(), "copy its address anew").await;
    check(r#"{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}"#, REFUSED, "length").await;
    check(r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, again(60), "20 messages in a minute").await;
    check(r#"{"errcode":-1,"errmsg":"system busy"}"#, again(0), "busy").await;
    check(r#"{"errcode":81013,"errmsg":"news"}"#, again(0), "81013 is no code that gengfu knows").await;
    check("ok", again(0), "not the vendor's word").await;
}

#[tokio::test]
async fn a_picture_that_is_not_accepted_does_not_repeat_the_text() {
    let vendor = Vendor::start(rules).await;
    vendor.next(Says::this(200, r#"{"errcode":0,"errmsg":"ok"}"#));
    vendor.next(Says::this(200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#));
    let receipt = open(robot(&vendor)).send(&notice()).await.unwrap().0;
    assert!(receipt.contains("what should follow was not accepted") && receipt.contains("45009"), "{receipt}");
}

#[tokio::test]
async fn people_are_called_while_it_lasts_and_not_when_it_is_over() {
    let vendor = Vendor::start(rules).await;
    let calling =
        WeComRobot { users: vec!["zhangsan".into()], mobiles: vec!["13800138000".into()], all: true, ..robot(&vendor) };
    let channel = open(calling);
    assert_eq!(channel.sends(&notice()), 3);
    channel.send(&notice()).await.unwrap();
    let posted: Vec<_> = vendor.posted().iter().map(Posted::json).collect();
    assert!(posted[0]["markdown"]["content"].as_str().unwrap().ends_with("<@zhangsan>"));
    assert_eq!(posted[1]["text"]["mentioned_list"], serde_json::json!(["@all"]));
    assert_eq!(posted[1]["text"]["mentioned_mobile_list"], serde_json::json!(["13800138000"]));
    channel.send(&recovered()).await.unwrap();
    let over: Vec<_> = vendor.posted()[3..].iter().map(Posted::json).collect();
    assert!(over.iter().all(|body| body["msgtype"] != "text" && !body.to_string().contains("zhangsan")), "{over:?}");
}

#[tokio::test]
async fn what_a_page_says_calls_nobody_and_leads_nowhere() {
    let vendor = Vendor::start(rules).await;
    open(robot(&vendor)).send(&hostile()).await.unwrap();
    let text = vendor.posted()[0].json()["markdown"]["content"].as_str().unwrap().to_owned();
    harmless(
        &[text],
        &["<@", "@all", "@138", "evil.test", "](https://evil", "<at", "<a ", "<font color=\"info", "**粗"],
    );
}

#[tokio::test]
async fn how_it_looks() {
    let vendor = Vendor::start(rules).await;
    let channel = open(WeComRobot { base: None, ..robot(&vendor) });
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        insta::assert_snapshot!(name, drafted(&channel, &notice_of(language, "first-seen", |_| {})));
    }
}
