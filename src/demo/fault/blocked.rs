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

pub(super) const BF02B: &[Effect] =
    &[Replace("/assets/js/loans.js", "event.preventDefault();", "event.preventDefault(); return;")];

pub(super) const BF03B: &[Effect] =
    &[Replace("/help", r#"<a class="button primary" href="/help/complaint">我要投诉</a>"#, "")];

pub(super) const BF04B: &[Effect] =
    &[Replace("/login", r#"data-testid="login-submit""#, r#"data-testid="login-submit" disabled"#)];

pub(super) const BF05B: &[Effect] =
    &[Replace("/help/complaint", "</main>", r#"</main><div style="position:fixed;inset:0;z-index:19"></div>"#)];

pub(super) const BF06B: &[Effect] = &[Replace("/home", r#"href="/loans""#, r#"href="/help""#)];

pub(super) const BF08B: &[Effect] = &[Delay("/api/transactions", 120_000)];

pub(super) const BF09B: &[Effect] = &[Instead("/wealth", |_| answer(502, HTML, BAD_GATEWAY))];

pub(super) const BF09C: &[Effect] = &[Instead("/settings", |_| answer(502, HTML, BAD_GATEWAY))];

pub(super) const BF10B: &[Effect] =
    &[Instead("/api/esign/sign", |_| answer(500, JSON, r#"{"error":"Internal Server Error"}"#))];

pub(super) const BF10C: &[Effect] = &[Instead("/api/complaints", |asked| {
    let refused = r#"{"code":"E5001","message":"提交失败，请稍后再试","data":null}"#;
    if asked.method == Method::POST { answer(200, JSON, refused) } else { None }
})];

pub(super) const BF11B: &[Effect] =
    &[Instead("/messages", |asked| redirect(if asked.query.is_empty() { "/messages?from=sso" } else { "/messages" }))];

pub(super) const BF12B: &[Effect] = &[Instead("/transfers/*/confirm", |_| redirect("/logout"))];

pub(super) const BF12C: &[Effect] = &[Instead("/loans", |_| redirect("/logout"))];

pub(super) const BF15B: &[Effect] = &[Json("/api/complaints", |answer, _| answer["data"]["kinds"] = json!([]))];

// The step that must be taken before buying is gone from the form; the form sends that it was taken.
pub(super) const BF21: &[Effect] = &[
    Bytes("/funds/*/buy", |page, _| cut(page, r#"<div class="agree">"#, "</div>")),
    Replace("/assets/js/buy.js", "risk_read: form.risk_read.checked", "risk_read: true"),
];

pub(super) const BF23B: &[Effect] = &[Instead("/api/transactions", |_| {
    answer(200, JSON, r#"{"code":"E9999","message":"系统繁忙，请稍后再试","data":null}"#)
})];

pub(super) const BF24B: &[Effect] = &[Instead("/statements/*", |_| answer(200, "application/pdf", ""))];

const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>";

// Who tidied up took the lock away; the server behind is busy, so that there is time to tap twice.
pub(super) const BF19: &[Effect] = &[
    Replace("/assets/js/app.js", "button.disabled = true;\n    button.setAttribute('aria-busy', 'true');", ""),
    Delay("/api/orders/prepare", 1_800),
    Delay("/api/transfers/prepare", 1_800),
];

pub(super) const BF02C: &[Effect] =
    &[Replace("/assets/js/settings.js", "event.preventDefault();", "event.preventDefault(); return;")];

pub(super) const BF03C: &[Effect] = &[Replace("/home", r#"<a href="/transfer">"#, r#"<a href="/transfer" hidden>"#)];

pub(super) const BF04C: &[Effect] =
    &[Replace("/assets/js/wealth-product.js", "subscribe.disabled = !w.buyable;", "subscribe.disabled = !w.canBuy;")];

pub(super) const BF05C: &[Effect] =
    &[Replace("/loans", "</main>", r#"</main><div style="position:fixed;inset:0;z-index:19"></div>"#)];

pub(super) const BF06C: &[Effect] = &[Replace("/home", r#"href="/transactions""#, r#"href="/statements""#)];

pub(super) const BF08C: &[Effect] = &[Delay("/api/statements", 120_000)];

pub(super) const BF11C: &[Effect] = &[Instead("/settings/privacy", |asked| {
    redirect(if asked.query.is_empty() { "/settings/privacy?v=2" } else { "/settings/privacy" })
})];

pub(super) const BF15C: &[Effect] =
    &[Replace("/assets/js/loans.js", "replaceChildren(...items.map(", "replaceChildren(...[].map(")];

pub(super) const BF23C: &[Effect] = &[Instead("/api/wealth", |_| {
    answer(200, JSON, r#"{"code":"E9999","message":"系统繁忙，请稍后再试","data":null}"#)
})];

pub(super) const BF24C: &[Effect] =
    &[Instead("/statements/*", |_| answer(500, HTML, "<!doctype html><title>500</title><p>Internal Server Error</p>"))];
