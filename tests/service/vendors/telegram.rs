//! A stand-in of Telegram's Bot API: token, chat, lengths and HTML as it has them.

use super::*;
use gengfu::channel::{Telegram, TelegramBot};

const BOT: &str = "1234567890:c4n4ry_0123456789abcdef";
const CHAT: &str = "-1001234567890";

fn bot(vendor: &Vendor) -> TelegramBot {
    TelegramBot {
        token: secret("env:TELEGRAM", BOT),
        chat: CHAT.into(),
        users: Vec::new(),
        base: Some(vendor.url.clone()),
    }
}

fn open(bot: TelegramBot) -> Telegram {
    Telegram::new("telegram", bot, clock()).unwrap()
}

/// The fields of a form, and the size of its file.
fn form(posted: &Posted) -> BTreeMap<String, String> {
    let kind = posted.headers["content-type"].to_str().unwrap();
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        let body = posted.json();
        let field = |(name, value): (&String, &serde_json::Value)| {
            (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        return body.as_object().map(|body| body.iter().map(field).collect()).unwrap_or_default();
    };
    let text = String::from_utf8_lossy(&posted.body).into_owned();
    let between = format!("--{boundary}");
    let parts = text.split(between.as_str()).filter_map(|part| {
        let (head, rest) = part.split_once("\r\n\r\n")?;
        let name = head.split_once("name=\"")?.1.split('"').next()?.to_owned();
        Some((name, rest.strip_suffix("\r\n").unwrap_or(rest).to_owned()))
    });
    parts.collect()
}

pub fn rules(posted: &Posted, _: &[Posted]) -> Says {
    let refuse =
        |code: u16, why: &str| Says::This(code, format!(r#"{{"ok":false,"error_code":{code},"description":"{why}"}}"#));
    let fields = form(posted);
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let method = posted.path.strip_prefix(&format!("/bot{BOT}/")).unwrap_or_default();
    let (text, units_max) = match method {
        "sendMessage" => (field("text"), 4096),
        "sendPhoto" if field("photo").contains("PNG") => (field("caption"), 1024),
        "sendPhoto" => return refuse(400, "Bad Request: there is no photo in the request"),
        _ => return refuse(401, "Unauthorized"),
    };
    if field("chat_id") != CHAT {
        return refuse(400, "Bad Request: chat not found");
    }
    if text.is_empty() || text.encode_utf16().count() > units_max {
        return refuse(400, "Bad Request: message is too long");
    }
    let tags = |open: &str, close: &str| text.matches(open).count() == text.matches(close).count();
    if field("parse_mode") != "HTML" || !tags("<b>", "</b>") || !tags("<code>", "</code>") || !tags("<i>", "</i>") {
        return refuse(400, "Bad Request: can't parse entities");
    }
    Says::this(200, r#"{"ok":true,"result":{"message_id":7}}"#)
}

#[tokio::test]
async fn a_picture_carries_the_text_and_without_one_the_text_goes_alone() {
    let vendor = Vendor::start(rules).await;
    let channel = open(bot(&vendor));
    let receipt = channel.send(&notice()).await.unwrap().0;
    assert!(receipt.contains(r#""ok":true"#), "{receipt}");
    channel.send(&Notice { picture: None, ..endless() }).await.expect("cut to what Telegram takes");
    channel.send(&endless()).await.expect("cut to what a caption takes");
    // A picture that Telegram does not want costs nobody the notice.
    vendor.next(Says::this(
        400,
        r#"{"ok":false,"error_code":400,"description":"Bad Request: PHOTO_INVALID_DIMENSIONS"}"#,
    ));
    channel.send(&notice()).await.unwrap();
    let methods: Vec<_> = vendor.posted().iter().map(|p| p.path.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(methods, ["sendPhoto", "sendMessage", "sendPhoto", "sendPhoto", "sendMessage"]);
}

#[tokio::test]
async fn only_ok_true_is_acceptance() {
    let vendor = Vendor::start(rules).await;
    let channel = open(bot(&vendor));
    let check = async |status: u16, body: &str, expected, part: &str| {
        answered(&vendor, &channel, Says::this(status, body), expected, part).await;
    };
    let error = |code: u16, why: &str| format!(r#"{{"ok":false,"error_code":{code},"description":"{why}"}}"#);
    let throttled = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}"#;
    check(429, throttled, again(35), "too many").await;
    check(401, &error(401, "Unauthorized"), ours(), "BotFather").await;
    check(404, &error(404, "Not Found"), ours(), "BotFather").await;
    check(403, &error(403, "Forbidden: bot was kicked from the supergroup chat"), ours(), "add it again").await;
    check(400, &error(400, "Bad Request: chat not found"), ours(), "`chat:`").await;
    let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-100987}}"#;
    check(400, moved, ours(), "`chat: \"-100987\"`").await;
    check(400, &error(400, "Bad Request: can't parse entities"), REFUSED, "shape").await;
    check(500, &error(500, "Internal Server Error"), again(0), "not by our fault").await;
    check(200, r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#, ours(), "`chat:`").await;
    check(200, "{}", again(0), "not the vendor's word").await;
}

#[tokio::test]
async fn what_a_page_says_calls_nobody_and_leads_nowhere() {
    let vendor = Vendor::start(rules).await;
    let channel = open(TelegramBot { users: vec!["wang_duty".into()], ..bot(&vendor) });
    channel.send(&Notice { picture: None, ..hostile() }).await.unwrap();
    let text = form(&vendor.posted()[0])["text"].clone();
    assert!(text.ends_with("@wang_duty"), "{text}");
    harmless(&[text], &["<a href=\"https://evil", "</code></b>", "@all", "@U0123", "evil.test", "<at"]);
    channel.send(&Notice { picture: None, ..recovered() }).await.unwrap();
    assert!(!form(&vendor.posted()[1])["text"].contains("@wang_duty"));
}

#[test]
fn a_token_is_digits_a_colon_and_a_key() {
    for wrong in ["", "c4n4ry", "1234567890:short", "c4n4ry:c4n4ry0123456789abcdef", "12:c4n4ry0123456789/../x"] {
        let bot = TelegramBot { token: secret("env:T", wrong), chat: CHAT.into(), users: Vec::new(), base: None };
        let error = Telegram::new("telegram", bot, clock()).err().expect(wrong).to_string();
        assert!(error.contains("BotFather") && !error.contains(CANARY), "{error}");
    }
}

#[tokio::test]
async fn how_it_looks() {
    let vendor = Vendor::start(rules).await;
    let channel = open(TelegramBot { base: None, ..bot(&vendor) });
    for (name, language) in [("zh", Language::Zh), ("en", Language::En)] {
        let notice = Notice { picture: None, ..notice_of(language, "first-seen", |_| {}) };
        insta::assert_snapshot!(name, drafted(&channel, &notice));
    }
}
