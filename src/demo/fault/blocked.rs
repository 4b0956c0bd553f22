//! Group A: the customer cannot go on.

use super::Effect::{self, Append, Bytes, Delay, Head, Instead, Json, Replace};
use super::effect::{answer, cut, redirect};
use axum::http::{HeaderValue, Method, header};
use serde_json::json;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

pub(super) const BF01: &[Effect] = &[Instead("/api/login", |_| {
    answer(200, JSON, r#"{"code":"E1099","message":"登录服务暂不可用，请稍后再试","data":null}"#)
})];

// The handler is there and does nothing, as after a careless refactoring.
pub(super) const BF02: &[Effect] = &[
    Replace("/assets/js/buy.js", "event.preventDefault();", "event.preventDefault(); return;"),
    Replace("/assets/js/complaint.js", "event.preventDefault();", "event.preventDefault(); return;"),
];

pub(super) const BF03: &[Effect] =
    &[Bytes("/funds/*", |page, _| cut(page, r#"<div class="action-bar">"#, "</div></div>"))];

pub(super) const BF04: &[Effect] = &[Replace(
    "/transfer",
    r#"<button class="primary" type="submit">"#,
    r#"<button class="primary" type="submit" disabled>"#,
)];

pub(super) const BF05: &[Effect] = &[
    Replace("/funds/*", "</main>", r#"</main><div style="position:fixed;inset:0;z-index:19"></div>"#),
    Replace("/settings", "</main>", r#"</main><div style="position:fixed;inset:0;z-index:19"></div>"#),
];

pub(super) const BF06: &[Effect] = &[
    Replace("/home", r#"href="/transfer""#, r#"href="/help""#),
    Replace("/home", r#"href="/wealth" data-testid"#, r#"href="/help" data-testid"#),
];

pub(super) const BF07: &[Effect] =
    &[Instead("/api/profile/nickname", |_| answer(200, JSON, r#"{"code":"0000","message":"成功","data":{}}"#))];

pub(super) const BF08: &[Effect] = &[Delay("/api/wealth", 120_000), Delay("/api/loans", 120_000)];

pub(super) const BF09: &[Effect] = &[Instead("/funds", |_| {
    answer(503, HTML, "<!doctype html><title>503</title><h1>503 Service Temporarily Unavailable</h1><hr>nginx")
})];

pub(super) const BF10: &[Effect] = &[
    Instead("/api/orders/prepare", |_| answer(500, JSON, r#"{"error":"Internal Server Error"}"#)),
    Instead("/api/transfers/prepare", |_| answer(500, JSON, r#"{"error":"Internal Server Error"}"#)),
];

pub(super) const BF11: &[Effect] = &[Instead("/transactions", |asked| {
    redirect(if asked.query.is_empty() { "/transactions?from=sso" } else { "/transactions" })
})];

pub(super) const BF12: &[Effect] = &[Instead("/funds/*/buy", |_| redirect("/logout"))];

pub(super) const BF13: &[Effect] =
    &[Bytes("/login/verify", |page, _| cut(page, r#"<div class="field"><label for="code">"#, "</div>"))];

pub(super) const BF15: &[Effect] = &[Json("/api/payees", |answer, _| answer["data"]["items"] = json!([]))];

pub(super) const BF17: &[Effect] = &[Head("/esign/frame", |headers| {
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
})];

pub(super) const BF18: &[Effect] = &[Append(
    "/assets/js/home.js",
    "TC.start(() => { document.body.append(TC.el('div', { class: 'layer', role: 'alertdialog', 'aria-label': '版本更新' }, \
     TC.el('div', { class: 'offer' }, TC.el('strong', {}, '请更新到最新版本'), TC.el('p', {}, '当前版本已停止服务，请更新后继续使用。')))); });",
)];

pub(super) const BF20: &[Effect] = &[Append(
    "/assets/js/confirm.js",
    "history.pushState(null, '', location.href); addEventListener('popstate', () => history.pushState(null, '', location.href));",
)];

pub(super) const BF23: &[Effect] = &[Instead("/api/messages", |asked| {
    let busy = r#"{"code":"E9999","message":"系统繁忙，请稍后再试","data":null}"#;
    if asked.method == Method::GET { answer(200, JSON, busy) } else { None }
})];

pub(super) const BF24: &[Effect] = &[Instead("/statements/*", |_| {
    answer(200, HTML, "<!doctype html><title>下载失败</title><p>文件生成失败，请联系客服</p>")
})];
