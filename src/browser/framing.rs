//! A frame whose own headers forbid every page to show it. The browser says so late: often its answer is told as complete,
//! and only the customer sees that nothing stands there.

use crate::walk::{Exchange, ExchangeKind};
use serde_json::Value;

/// The browser's word for what such an answer comes to; `None` where it may be shown somewhere. Which pages those are is not
/// looked into: of these the browser itself decides.
pub(super) fn refusal(exchange: &Exchange, response: &Value) -> Option<String> {
    if exchange.kind != ExchangeKind::Frame {
        return None;
    }
    // What is no page is not framed: an answer without one, the way to another, a file.
    if exchange.status.is_some_and(|status| matches!(status, 204 | 205 | 300..400)) {
        return None;
    }
    let headers: Vec<(String, String)> = response["headers"].as_array()?.iter().filter_map(header).collect();
    let of = |name: &'static str| headers.iter().filter(move |(n, _)| *n == name).map(|(_, value)| value.as_str());
    if of("content-disposition").any(|value| value.trim_start().starts_with("attachment")) {
        return None;
    }
    let policies = of("content-security-policy").flat_map(|value| value.split([';', ',']));
    let ancestors: Vec<&str> = policies.filter_map(|rule| rule.trim().strip_prefix("frame-ancestors")).collect();
    let refused = match ancestors.as_slice() {
        // Where a policy speaks of frames, browsers do not read the older header.
        [] => of("x-frame-options").any(|value| value.trim() == "deny"),
        all => all.iter().any(|sources| sources.trim() == "'none'"),
    };
    refused.then(|| "net::ERR_BLOCKED_BY_RESPONSE".to_owned())
}

fn header(header: &Value) -> Option<(String, String)> {
    Some((header["name"].as_str()?.to_ascii_lowercase(), header["value"]["value"].as_str()?.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(kind: ExchangeKind, headers: &[(&str, &str)], expected: bool) {
        let header = |(name, value): &(&str, &str)| json!({"name": name, "value": {"type": "string", "value": value}});
        let response = json!({"headers": headers.iter().map(header).collect::<Vec<_>>()});
        let exchange = Exchange { kind, ..Exchange::default() };
        assert_eq!(refusal(&exchange, &response).is_some(), expected, "{headers:?}");
    }

    /// BF17.
    #[test]
    fn frames_that_no_page_may_show_are_refused() {
        check(ExchangeKind::Frame, &[("X-Frame-Options", "DENY")], true);
        check(ExchangeKind::Frame, &[("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")], true);
    }

    /// BF17: what may be shown on some page is the browser's to judge, and a page is no frame.
    #[test]
    fn frames_that_may_be_shown_are_silent() {
        check(ExchangeKind::Frame, &[("X-Frame-Options", "SAMEORIGIN")], false);
        check(
            ExchangeKind::Frame,
            &[("X-Frame-Options", "DENY"), ("Content-Security-Policy", "frame-ancestors 'self'")],
            false,
        );
        check(ExchangeKind::Frame, &[("Content-Security-Policy", "default-src 'none'")], false);
        check(ExchangeKind::Document, &[("X-Frame-Options", "DENY")], false);
        let file = ("Content-Disposition", "attachment; filename=statement.pdf");
        check(ExchangeKind::Frame, &[("X-Frame-Options", "DENY"), file], false);
    }
}
