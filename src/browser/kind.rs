//! What asked for an exchange, from the browser's own words.

use crate::walk::ExchangeKind;
use serde_json::Value;

/// The kind of a request; `params` are those of the event that told of it. `framed` says whether its page is a frame, where
/// that is known: of a page that a link leads to, the driver says that it is meant for one.
pub(super) fn kind_of(request: &Value, params: &Value, framed: Option<bool>) -> ExchangeKind {
    let frame = framed.unwrap_or(request["destination"].as_str() == Some("iframe"));
    match request["goog:resourceType"].as_str().unwrap_or_default() {
        "Document" if frame => ExchangeKind::Frame,
        "Document" => ExchangeKind::Document,
        "Stylesheet" => ExchangeKind::Style,
        "Script" => ExchangeKind::Script,
        "Image" => ExchangeKind::Image,
        "Font" => ExchangeKind::Font,
        "XHR" | "Fetch" | "EventSource" => ExchangeKind::Api,
        // A film says itself whether it plays, and its parts are asked for and given up as it does.
        "Media" | "TextTrack" => ExchangeKind::Other,
        // Beacons, preflights and reports go out beside the page: no customer waits for their answers.
        "Ping" | "Preflight" | "CSPViolationReport" => ExchangeKind::Other,
        _ => match request["destination"].as_str().unwrap_or_default() {
            "document" => ExchangeKind::Document,
            "iframe" | "frame" => ExchangeKind::Frame,
            "style" => ExchangeKind::Style,
            "script" => ExchangeKind::Script,
            "image" => ExchangeKind::Image,
            "font" => ExchangeKind::Font,
            "" if !params["navigation"].is_null() => ExchangeKind::Document,
            "" => ExchangeKind::Api,
            _ => ExchangeKind::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_goes_out_beside_the_page_is_no_call() {
        let check = |kind: &str, expected: ExchangeKind| {
            let request = json!({"destination": "", "goog:resourceType": kind});
            assert_eq!(kind_of(&request, &json!({"navigation": null}), None), expected, "{kind}");
        };
        check("Fetch", ExchangeKind::Api);
        check("Media", ExchangeKind::Other);
        check("Ping", ExchangeKind::Other);
        check("Preflight", ExchangeKind::Other);
        check("CSPViolationReport", ExchangeKind::Other);
        check("", ExchangeKind::Api);
    }

    #[test]
    fn a_page_that_a_link_leads_to_is_no_frame() {
        let request = json!({"destination": "iframe", "goog:resourceType": "Document"});
        let check = |framed: Option<bool>, expected: ExchangeKind| {
            assert_eq!(kind_of(&request, &json!({"navigation": "1"}), framed), expected, "{framed:?}");
        };
        check(Some(false), ExchangeKind::Document);
        check(Some(true), ExchangeKind::Frame);
        check(None, ExchangeKind::Frame);
    }
}
