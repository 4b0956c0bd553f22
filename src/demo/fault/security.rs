//! Group F: what a security or compliance officer must know at once.

use super::Effect::{self, Append, Bytes, Head, Instead, Json, Replace};
use super::effect::{answer, redirect};
use crate::demo::customer;
use axum::http::{HeaderValue, header};
use serde_json::json;

pub(super) const SC05: &[Effect] = &[Head("/**", |headers| {
    for name in [header::CONTENT_SECURITY_POLICY, header::X_FRAME_OPTIONS, header::X_CONTENT_TYPE_OPTIONS] {
        headers.remove(name);
    }
})];

pub(super) const SC06: &[Effect] = &[Bytes("/home", |page, asked| {
    let me = customer::all().swap_remove(asked.customer.unwrap_or(0));
    let leaking = format!("href=\"/transactions?mobile={}&idNo={}\"", me.phone, me.id_card);
    String::from_utf8_lossy(&page).replace("href=\"/transactions\"", &leaking).into_bytes()
})];

pub(super) const SC07: &[Effect] = &[Json("/api/profile", |answer, asked| {
    let me = customer::all().swap_remove(asked.customer.unwrap_or(0));
    answer["data"]["phone"] = json!(me.phone);
    answer["data"]["id_card"] = json!(me.id_card);
})];

pub(super) const SC08: &[Effect] = &[
    Instead("/api/debug/customer", |asked| {
        let me = customer::all().swap_remove(asked.customer?);
        answer(200, "application/json", json!({"code": "0000", "phone": me.phone, "id_card": me.id_card}).to_string())
    }),
    Append(
        "/assets/js/home.js",
        "TC.start(async () => { console.debug('customer', JSON.stringify(await (await fetch('/api/debug/customer')).json())); });",
    ),
];

pub(super) const SC09: &[Effect] = &[
    Bytes("/home", |page, asked| {
        let stranger = asked.third_party_url.replace("metrics.", "cdn-stat.");
        let tag = format!("<script async src=\"{stranger}/pixel.js\"></script></head>");
        String::from_utf8_lossy(&page).replace("</head>", &tag).into_bytes()
    }),
    // The stranger got in by way of the policy too, or the browser would have kept it out.
    Head("/home", |headers| {
        let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
        let open = policy.map(|policy| policy.replace("script-src 'self'", "script-src 'self' http:"));
        if let Some(open) = open.and_then(|open| HeaderValue::from_str(&open).ok()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, open);
        }
    }),
];

pub(super) const SC10: &[Effect] = &[Replace(
    "/help",
    "</main>",
    r#"</main><div style="position:absolute;left:-9999px;width:0;height:0;overflow:hidden"><a href="http://bet888.example/">百家乐 真人娱乐</a></div>"#,
)];

pub(super) const SC11: &[Effect] = &[
    Replace("/loans", "</footer>", "<p class=\"wide\">node app-03.core.tingchao.lan 10.20.3.17:8080</p></footer>"),
    Head("/loans", |headers| {
        headers.insert("x-upstream", HeaderValue::from_static("10.20.3.17:8080"));
    }),
];

pub(super) const SC12: &[Effect] = &[Append(
    "/assets/js/app.js",
    "TC.start(() => { window.vConsole = { version: '3.15.1' }; document.body.append(TC.el('div', { id: '__vconsole' }, \
     TC.el('div', { class: 'vc-switch', style: 'position:fixed;right:10px;bottom:150px;z-index:10000;background:#04be02;color:#fff;padding:6px 12px;border-radius:4px;font-size:13px' }, 'vConsole'))); });",
)];

pub(super) const SC13: &[Effect] = &[Head("/api/login", |headers| {
    let all = headers.get_all(header::SET_COOKIE).iter();
    let bare: Vec<HeaderValue> =
        all.filter_map(|line| HeaderValue::from_str(line.to_str().ok()?.split("; HttpOnly").next()?).ok()).collect();
    headers.remove(header::SET_COOKIE);
    bare.into_iter().for_each(|line| {
        headers.append(header::SET_COOKIE, line);
    });
})];

pub(super) const SC14: &[Effect] = &[
    Replace("/login", r#"name="agree""#, r#"name="agree" checked"#),
    Replace("/funds/*/buy", r#"name="risk_read""#, r#"name="risk_read" checked"#),
];

pub(super) const SC15: &[Effect] = &[
    Replace("/login", r#"name="password" type="password""#, r#"name="password" type="text""#),
    Replace("/funds/*/buy", r#"name="pin" type="password""#, r#"name="pin" type="text""#),
    Replace("/transfer", r#"name="pin" type="password""#, r#"name="pin" type="text""#),
];

// The session stays open, so the login sends the customer straight home again.
pub(super) const SC16: &[Effect] = &[Instead("/logout", |_| redirect("/login"))];

pub(super) const SC07B: &[Effect] = &[Json("/api/home", |answer, asked| {
    let me = customer::all().swap_remove(asked.customer.unwrap_or(0));
    answer["data"]["banner"]["text"] = json!(format!("{} 您好，您的专属理财经理已上线", me.phone));
})];

pub(super) const SC10B: &[Effect] = &[Replace(
    "/loans",
    "</main>",
    r#"</main><p style="position:absolute;top:-4000px"><a href="https://slots-77.example/">老虎机 送彩金</a></p>"#,
)];

pub(super) const SC11B: &[Effect] = &[Replace(
    "/transactions",
    "</footer>",
    "<p class=\"wide\">trace 10.20.3.17:8080 ledger-02.core.tingchao.lan</p></footer>",
)];

pub(super) const SC07C: &[Effect] = &[Bytes("/transfer", |page, asked| {
    let me = customer::all().swap_remove(asked.customer.unwrap_or(0));
    let note = format!("验证短信将发送至 {}。单笔限额", me.phone);
    String::from_utf8_lossy(&page).replace("单笔限额", &note).into_bytes()
})];

pub(super) const SC10C: &[Effect] = &[Replace(
    "/settings",
    "</main>",
    r#"</main><div style="position:absolute;left:-9999px"><a href="http://lottery-9.example/">时时彩 开户</a></div>"#,
)];

pub(super) const SC11C: &[Effect] = &[Replace(
    "/messages",
    "</footer>",
    "<p class=\"wide\">served by 10.20.4.31:8080 msg-01.core.tingchao.lan</p></footer>",
)];
