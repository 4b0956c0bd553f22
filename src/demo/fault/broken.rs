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

pub(super) const BP11: &[Effect] = &[Append("/assets/js/messages.js", "setTimeout(() => location.reload(), 250);")];

pub(super) const BP15: &[Effect] =
    &[Replace("/assets/js/transactions.js", "state.page += by; load()", "state.page += 0 * by; load()")];

pub(super) const BP16: &[Effect] = &[Replace("/assets/js/chart.js", "pen.scale(scale, scale);", "return;")];

pub(super) const BP17: &[Effect] = &[Append(
    "/assets/js/home.js",
    "TC.start(() => { document.querySelector('main').append(TC.el('video', { src: '/assets/media/intro.mp4', controls: '', \
     title: '产品介绍', width: '320', height: '180' })); });",
)];
