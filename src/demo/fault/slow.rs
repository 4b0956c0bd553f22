//! Group E: it works, late.

use super::Effect::{self, Append, Delay, Instead, Mute};
use super::effect::answer;

pub(super) const SD01: &[Effect] = &[Delay("/api/home", 6_000)];

/// Below every limit: only who knows how long it usually takes can tell.
pub(super) const SD02: &[Effect] = &[Delay("/api/login", 2_000)];

pub(super) const SD04: &[Effect] = &[Append(
    "/assets/js/fund.js",
    "TC.start(() => { const until = Date.now() + 5000; while (Date.now() < until); });",
)];

pub(super) const SD05: &[Effect] = &[Delay("/api/transactions", 4_000), Delay("/api/payees", 4_000)];

pub(super) const SD08: &[Effect] = &[Append(
    "/assets/js/messages.js",
    "setInterval(() => fetch('/api/messages').then((answer) => answer.text()), 40);",
)];

// Nothing is painted before the style sheet is there.
pub(super) const SD03: &[Effect] = &[Delay("/assets/app.css", 4_500)];

pub(super) const SD05B: &[Effect] = &[Delay("/api/loans", 4_000)];

pub(super) const SD05C: &[Effect] = &[Delay("/api/profile", 4_000)];

// The first byte of the page itself is late.
pub(super) const SD06: &[Effect] = &[Delay("/funds", 4_000)];

pub(super) const SD06B: &[Effect] = &[Delay("/help", 4_000)];

pub(super) const SD06C: &[Effect] = &[Delay("/wealth", 4_000)];

// What feeds the estimate has died: its socket opens, is refused, or hangs. The figure on the page stays what it was.
pub(super) const SD13: &[Effect] = &[Mute("/feed/quotes")];

pub(super) const SD13B: &[Effect] = &[Instead("/feed/quotes", |_| answer(503, "text/plain", "feed unavailable"))];

pub(super) const SD13C: &[Effect] = &[Delay("/feed/quotes", 60_000)];
