//! Group C: the page works and looks broken.

use super::Effect::{self, Append, Replace};

pub(super) const VB01: &[Effect] =
    &[Append("/assets/app.css", ".row-sub { margin-top: -17px; } .parts dd { margin-top: -18px; }")];

pub(super) const VB03: &[Effect] = &[Append("/assets/app.css", ".parts { width: 1900px; }")];

pub(super) const VB04: &[Effect] = &[Append(
    "/assets/app.css",
    ".figure { max-width: 108px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }",
)];

pub(super) const VB05: &[Effect] =
    &[Append("/assets/app.css", ".hero { color: #10606c; } .hero .figure { color: #0d505c; }")];

// Shows on a phone alone: there the bar of the navigation lies over the bottom of the window.
pub(super) const VB06: &[Effect] = &[Append(
    "/assets/app.css",
    "@media (max-width: 1023px) { .action-bar { position: fixed; inset: auto 0 0; margin: 0; z-index: 1; padding: 2px 0; } }",
)];

pub(super) const VB07: &[Effect] = &[Replace(
    "/assets/js/wealth-product.js",
    "document.getElementById('read-first').showModal()",
    "(document.getElementById('read-first').show(), document.body.append(TC.el('div', { class: 'layer' })))",
)];

pub(super) const VB14: &[Effect] = &[Append(
    "/assets/app.css",
    ".hero .figure { display: inline-block; width: 96px; white-space: normal; word-break: break-all; overflow: visible; }",
)];

// A tile that sticks out of its column.
pub(super) const VB02: &[Effect] = &[Append("/assets/app.css", ".page-settings .pairs { width: 1900px; }")];

pub(super) const VB03B: &[Effect] = &[Append("/assets/app.css", ".page-messages .title-line { width: 1900px; }")];

pub(super) const VB05B: &[Effect] = &[Append("/assets/app.css", ".page-fund .figures dd { color: #fefefe; }")];

pub(super) const VB06B: &[Effect] = &[Append(
    "/assets/app.css",
    ".page-settings #nickname-form { position: relative; } .page-settings #nickname-form::after { content: ''; position: absolute; inset: 0; }",
)];

// The bar with the button never comes to rest.
pub(super) const VB11: &[Effect] = &[Append(
    "/assets/app.css",
    "@keyframes nudge { from { transform: translateY(0); } to { transform: translateY(-26px); } } \
     .action-bar .button { animation: nudge .35s linear infinite alternate; }",
)];

pub(super) const VB14B: &[Effect] = &[Append(
    "/assets/app.css",
    ".page-fund [data-testid=nav] { display: inline-block; width: 24px; white-space: normal; word-break: break-all; overflow: visible; }",
)];

// What a release took away by mistake: nobody has written down that it must be there.
pub(super) const VB13: &[Effect] =
    &[Append("/assets/app.css", ".page-fund .figures div:nth-child(n + 3) { display: none; }")];

pub(super) const VB03C: &[Effect] = &[Append("/assets/app.css", ".page-funds .rows { width: 1900px; }")];

pub(super) const VB05C: &[Effect] = &[Append("/assets/app.css", ".page-transfer .quiet { color: #fefefe; }")];

pub(super) const VB06C: &[Effect] = &[Append(
    "/assets/app.css",
    ".page-help .card { position: relative; } .page-help .card::after { content: ''; position: absolute; inset: 0; }",
)];

pub(super) const VB14C: &[Effect] = &[Append(
    "/assets/app.css",
    ".page-fund [data-testid=year-return] { display: inline-block; width: 34px; white-space: normal; word-break: break-all; overflow: visible; }",
)];
