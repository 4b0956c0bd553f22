//! The lane's network as HAR 1.2 (w3c.github.io/web-performance/specs/HAR), masked.

use crate::evidence::Masker;
use serde_json::{Value, json};

/// Builds the archive from the browser's own events, one after another: a long walk has thousands.
pub(super) fn build(events: &[Box<str>], masker: &Masker) -> Vec<u8> {
    let creator = json!({"name": "gengfu", "version": env!("CARGO_PKG_VERSION")});
    let mut archive = format!(r#"{{"log":{{"version":"1.2","creator":{creator},"entries":["#);
    let entries = events
        .iter()
        .map(|event| serde_json::from_str::<Value>(event).expect("invariant: a JSON value was written as this text"));
    for (at, event) in entries.enumerate() {
        archive.push_str(if at > 0 { "," } else { "" });
        archive.push_str(&entry(&event, masker).to_string());
    }
    archive.push_str("]}}");
    archive.into_bytes()
}

fn entry(event: &Value, masker: &Masker) -> Value {
    let (request, response) = (&event["request"], &event["response"]);
    let timing = &request["timings"];
    let at = |key: &str| timing[key].as_f64().unwrap_or(0.0);
    let span = |from: &str, to: &str| if at(to) > at(from) && at(from) > 0.0 { at(to) - at(from) } else { -1.0 };
    let millis = event["timestamp"].as_i64().unwrap_or(0);
    let total = (at("responseEnd") - at("requestTime")).max(0.0);
    let text = |value: &Value| value.as_str().map(|text| masker.text(text).into_owned());
    json!({
        "startedDateTime": crate::moment::Moment::from_millis(millis).to_string(),
        "time": total,
        "request": {
            "method": text(&request["method"]), "url": masker.url(request["url"].as_str().unwrap_or_default()),
            "httpVersion": "", "cookies": [], "headers": headers(&request["headers"], masker),
            "queryString": [], "headersSize": request["headersSize"], "bodySize": request["bodySize"],
        },
        "response": {
            "status": response["status"].as_u64().unwrap_or(0), "statusText": text(&response["statusText"]),
            "httpVersion": text(&response["protocol"]), "cookies": [], "headers": headers(&response["headers"], masker),
            "content": {"size": response["content"]["size"], "mimeType": text(&response["mimeType"])},
            "redirectURL": "", "headersSize": response["headersSize"], "bodySize": response["bodySize"],
            "_error": text(&event["errorText"]),
        },
        "cache": {},
        "timings": {
            "dns": span("dnsStart", "dnsEnd"), "connect": span("connectStart", "connectEnd"),
            "ssl": span("tlsStart", "connectEnd"), "send": 0,
            "wait": span("requestStart", "responseStart"), "receive": span("responseStart", "responseEnd"),
        },
    })
}

fn headers(list: &Value, masker: &Masker) -> Vec<Value> {
    let one = |header: &Value| {
        let name = header["name"].as_str().unwrap_or_default();
        let value = header["value"]["value"].as_str().unwrap_or_default();
        // Referers and locations are URLs and carry their secrets as such.
        let value = if value.contains("://") { masker.url(value) } else { value.to_owned() };
        json!({"name": masker.text(name), "value": masker.header(name, &value)})
    };
    list.as_array().into_iter().flatten().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn check(urls: &[&str], expected: &[&str]) {
        let event = |url: &&str| Box::from(json!({"request": {"method": "GET", "url": url}}).to_string());
        let events: Vec<Box<str>> = urls.iter().map(event).collect();
        let built = build(&events, &Masker::new(&[Secret::new("pin", "Canary-7391")]));
        let archive: Value = serde_json::from_slice(&built).unwrap();
        let entries = archive["log"]["entries"].as_array().unwrap();
        assert_eq!(entries.iter().map(|e| e["request"]["url"].as_str().unwrap()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_archive_is_json_whatever_it_holds() {
        check(&[], &[]);
        check(&["https://app.test/a"], &["https://app.test/a"]);
        check(
            &["https://app.test/\"", "https://app.test/?q=Canary-7391"],
            &["https://app.test/\"", "https://app.test/?q=‹pin›"],
        );
    }
}
