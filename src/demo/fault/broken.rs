//! Group B: the page, or a part of it, does not work.

use super::Effect::{self, Append, Bytes, Instead, Replace};
use super::effect::{answer, hollow};

const HTML: &str = "text/html; charset=utf-8";

pub(super) const BP01: &[Effect] =
    &[Append("/assets/js/home.js", "TC.start(() => { document.body.replaceChildren(); });")];

pub(super) const BP02: &[Effect] =
    &[Bytes("/transactions", |page, _| hollow(page)), Bytes("/loans", |page, _| hollow(page))];

pub(super) const BP03: &[Effect] = &[
    Append("/assets/js/home.js", "TC.start(() => { setTimeout(() => { window.homeTracker.ready(); }, 0); });"),
    Append("/assets/js/fund.js", "setTimeout(() => { window.fundTracker.ready(); }, 0);"),
];

pub(super) const BP04: &[Effect] =
    &[Instead("/assets/js/fund.js", |_| answer(200, HTML, "<!doctype html><title>听潮财富</title><div id=app></div>"))];

pub(super) const BP05: &[Effect] = &[Instead("/assets/app.css", |_| answer(404, "text/plain", "not found"))];

pub(super) const BP06: &[Effect] = &[Instead("/assets/img/*", |asked| {
    let lost = asked.path.contains("/banner-") || asked.path.contains("/quick-");
    if lost { answer(404, "text/plain", "not found") } else { None }
})];

pub(super) const BP07: &[Effect] = &[Append(
    "/assets/app.css",
    "@font-face { font-family: tc-icons; src: url(/assets/fonts/icons-4e1b7a20.woff2) format('woff2'); } \
     .hero { font-family: tc-icons, sans-serif; }",
)];

pub(super) const BP08: &[Effect] = &[Instead("/settings/privacy", |_| {
    answer(
        200,
        HTML,
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><link rel=stylesheet href=/assets/app.css><title>听潮财富</title>\
         <main class=wide><h1>页面不存在</h1><p>您访问的页面已下线或地址有误。</p></main>",
    )
})];

pub(super) const BP09: &[Effect] = &[Instead("/loans", |_| {
    answer(
        500,
        HTML,
        "<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error, so you are seeing \
         this as a fallback.</p><div>There was an unexpected error (type=Internal Server Error, status=500).</div>\
         <pre>java.lang.NullPointerException: null\n\tat com.tingchao.loan.RateService.current(RateService.java:88)\n\
         \tat com.tingchao.loan.LoanController.list(LoanController.java:41)</pre></body></html>",
    )
})];

pub(super) const BP11: &[Effect] =
    &[Append("/assets/js/messages.js", "TC.get('/api/messages').then(() => location.reload());")];

pub(super) const BP15: &[Effect] =
    &[Replace("/assets/js/transactions.js", "state.page += by; load()", "state.page += 0 * by; load()")];

pub(super) const BP16: &[Effect] = &[Replace("/assets/js/chart.js", "pen.scale(scale, scale);", "return;")];

pub(super) const BP17: &[Effect] = &[Append(
    "/assets/js/home.js",
    "TC.start(() => { document.querySelector('main').append(TC.el('video', { src: '/assets/media/intro.mp4', controls: '', \
     title: '产品介绍', width: '320', height: '180' })); });",
)];

pub(super) const BP01B: &[Effect] =
    &[Append("/assets/js/wealth.js", "TC.start(() => { document.body.replaceChildren(); });")];

pub(super) const BP01C: &[Effect] =
    &[Append("/assets/js/loans.js", "TC.start(() => { document.body.replaceChildren(); });")];

pub(super) const BP02B: &[Effect] = &[Bytes("/messages", |page, _| hollow(page))];

pub(super) const BP02C: &[Effect] = &[Bytes("/help", |page, _| hollow(page))];

pub(super) const BP03B: &[Effect] =
    &[Append("/assets/js/transactions.js", "setTimeout(() => { window.listTracker.ready(); }, 0);")];

pub(super) const BP03C: &[Effect] =
    &[Append("/assets/js/settings.js", "setTimeout(() => { window.settingsTracker.ready(); }, 0);")];

pub(super) const BP04B: &[Effect] = &[Instead("/assets/js/loans.js", |_| answer(404, "text/plain", "not found"))];

pub(super) const BP04C: &[Effect] =
    &[Instead("/assets/js/buy.js", |_| answer(200, HTML, "<!doctype html><title>听潮财富</title><div id=app></div>"))];

pub(super) const BP06B: &[Effect] = &[Instead("/assets/img/*", |asked| {
    if asked.path.ends_with("/hero-tide.svg") { answer(404, "text/plain", "not found") } else { None }
})];

pub(super) const BP08B: &[Effect] = &[Instead("/help/complaint", |_| {
    answer(
        200,
        HTML,
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><link rel=stylesheet href=/assets/app.css><title>听潮财富</title>\
         <main class=wide><h1>页面不存在</h1><p>您访问的页面已下线或地址有误。</p></main>",
    )
})];

pub(super) const BP09B: &[Effect] = &[Instead("/transactions", |_| {
    answer(
        500,
        HTML,
        "<!doctype html><html lang=en><head><title>HTTP Status 500 – Internal Server Error</title></head><body>\
         <h1>HTTP Status 500 – Internal Server Error</h1><hr class=line><p><b>Type</b> Exception Report</p>\
         <pre>java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available\n\
         \tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)</pre></body></html>",
    )
})];

// The page is of the new release, the server that has its scripts is still of the old one.
pub(super) const BP10: &[Effect] = &[Replace("/funds/*", "/assets/js/fund.js", "/assets/js/fund-8c1d2e07.js")];

pub(super) const BP10B: &[Effect] =
    &[Replace("/settings", "/assets/js/settings.js", "/assets/js/settings-8c1d2e07.js")];

// The route table leads to another page.
pub(super) const BP12: &[Effect] = &[
    Replace("/statements", "<h1>电子月结单</h1>", "<h1>我的积分</h1>"),
    Replace("/statements", "<title>电子月结单", "<title>我的积分"),
];

// A tree without a bottom, as a component that renders itself makes it.
pub(super) const BP18: &[Effect] = &[Append(
    "/assets/js/loans.js",
    "TC.start(() => { let at = document.querySelector('main'); for (let n = 0; n < 8000; n += 1) { const e = document.createElement('span'); at.append(e); at = e; } at.textContent = '.'; });",
)];

// Drawn by the server, and once more by the script.
pub(super) const BP14: &[Effect] = &[Append(
    "/assets/js/settings.js",
    "TC.start(() => { const drawn = document.querySelector('.columns > section'); drawn.after(drawn.cloneNode(true)); });",
)];

pub(super) const BP14B: &[Effect] = &[Bytes("/help", |page, _| {
    let text = String::from_utf8_lossy(&page).into_owned();
    let (Some(start), Some(end)) = (text.find("<h1>"), text.find("</main>")) else { return page };
    [&text[..end], &text[start..]].concat().into_bytes()
})];

pub(super) const BP06C: &[Effect] = &[Instead("/assets/img/*", |asked| {
    if asked.path.ends_with("/logo.svg") { answer(404, "text/plain", "not found") } else { None }
})];

pub(super) const BP08C: &[Effect] = &[Instead("/loans", |_| {
    answer(
        200,
        HTML,
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><link rel=stylesheet href=/assets/app.css><title>听潮财富</title><main class=wide><h1>页面不存在</h1><p>您访问的页面已下线或地址有误。</p></main>",
    )
})];

pub(super) const BP09C: &[Effect] = &[Instead("/messages", |_| {
    answer(
        500,
        HTML,
        "<!doctype html><html><body><h1>Internal Server Error</h1><pre>Traceback (most recent call last):\n  File \"/srv/app/messages.py\", line 41, in index\n\
         psycopg2.OperationalError: connection to server failed</pre></body></html>",
    )
})];

pub(super) const BP10C: &[Effect] =
    &[Replace("/transactions", "/assets/js/transactions.js", "/assets/js/transactions-8c1d2e07.js")];

pub(super) const BP14C: &[Effect] = &[Append(
    "/assets/js/home.js",
    "TC.start(() => { const drawn = document.querySelector('.hero'); drawn.after(drawn.cloneNode(true)); });",
)];
