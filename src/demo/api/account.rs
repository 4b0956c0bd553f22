//! The customer's own matters: messages, profile, nickname, closing the account.

use super::{ok, refuse};
use crate::demo::gate::Signed;
use crate::demo::site::Shared;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/messages", get(messages))
        .route("/api/messages/read-all", post(read_all))
        .route("/api/profile", get(profile))
        .route("/api/profile/nickname", post(nickname))
        .route("/api/account/close", post(close))
}

async fn messages(signed: Signed) -> Json<Value> {
    const MESSAGES: [(&str, &str); 6] = [
        ("月结单已生成", "您的电子月结单已生成，可在月结单页面下载。"),
        ("登录提醒", "您的账户于今日在常用设备登录。如非本人操作，请立即联系客服。"),
        ("净值更新", "您持有的产品净值已更新。"),
        ("风险测评即将到期", "您的风险承受能力评估将于 60 天后到期，请及时更新。"),
        ("系统维护通知", "我们将于本月最后一个周日 02:00–04:00 进行系统升级。"),
        ("反诈提示", "不轻信、不透露、不转账。我们不会索要您的密码和验证码。"),
    ];
    let read = signed.session(|s| s.messages_read);
    let today = signed.site.today();
    let item = |(n, (title, text)): (usize, &(&str, &str))| {
        let day = today.saturating_sub(jiff::Span::new().days(i64::try_from(n * 3).unwrap_or(0)));
        json!({"id": n + 1, "title": title, "text": text, "date": day.to_string(), "unread": !read && n < 2})
    };
    let items: Vec<Value> = MESSAGES.iter().take(signed.customer().message_count).enumerate().map(item).collect();
    let unread = items.iter().filter(|m| m["unread"] == true).count();
    ok(json!({"unread": unread, "items": items}))
}

async fn read_all(signed: Signed) -> Json<Value> {
    signed.session(|s| s.messages_read = true);
    ok(json!({"unread": 0}))
}

async fn profile(signed: Signed) -> Json<Value> {
    let customer = signed.customer();
    let nickname = signed.session(|s| s.nickname.clone()).unwrap_or_else(|| customer.name.clone());
    ok(json!({
        "name": customer.name, "phone": customer.masked_phone(), "id_card": customer.masked_id_card(),
        "level": if customer.kind == "vip" { "私享客户" } else { "普通客户" }, "nickname": nickname,
    }))
}

#[derive(Deserialize)]
struct Nickname {
    nickname: String,
}

async fn nickname(signed: Signed, Json(typed): Json<Nickname>) -> Json<Value> {
    let chosen = typed.nickname.trim().to_owned();
    if chosen.is_empty() || chosen.chars().count() > 12 {
        return refuse("E5001", "昵称须为 1 至 12 个字");
    }
    signed.session(|s| s.nickname = Some(chosen.clone()));
    ok(json!({"nickname": chosen}))
}

async fn close(signed: Signed) -> Json<Value> {
    let held = signed.customer().assets(signed.site.today()).iter().any(|a| !a.is_zero());
    if held {
        return refuse("E5002", "账户仍有持仓或未结清贷款，暂不能注销");
    }
    ok(json!({"message": "注销申请已受理"}))
}
