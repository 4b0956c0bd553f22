//! Credentials that the app itself gives out: seen in the headers of its network, then masked in every text.

use crate::evidence::is_credential;
use serde_json::Value;

/// Shorter values say too little to be told from ordinary text.
const NAMED_CHARS_MIN: usize = 8;
/// A cookie that nothing marks as a credential is one when it is this long.
const NAMELESS_CHARS_MIN: usize = 20;

/// The credentials in the headers of one request and its answer.
pub(super) fn seen_in(params: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for list in [&params["request"]["headers"], &params["response"]["headers"]] {
        for header in list.as_array().into_iter().flatten() {
            let name = header["name"].as_str().unwrap_or_default().to_ascii_lowercase();
            let value = header["value"]["value"].as_str().unwrap_or_default();
            match name.as_str() {
                "cookie" => found.extend(value.split(';').filter_map(|pair| cookie(pair, false))),
                // A header that was sent several times comes as lines.
                "set-cookie" => found.extend(value.lines().filter_map(|line| {
                    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
                    cookie(pair, attributes.to_ascii_lowercase().contains("httponly"))
                })),
                "authorization" | "proxy-authorization" => {
                    found.extend(value.split_whitespace().last().map(str::to_owned))
                }
                name if is_credential(name) => found.push(value.trim().to_owned()),
                _ => {}
            }
        }
    }
    found.retain(|value| value.chars().count() >= NAMED_CHARS_MIN);
    found
}

fn cookie(pair: &str, http_only: bool) -> Option<String> {
    let (name, value) = pair.trim().split_once('=')?;
    let value = value.trim_matches('"');
    let credential = http_only || is_credential(name) || value.len() >= NAMELESS_CHARS_MIN;
    credential.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(name: &str, value: &str, expected: &[&str]) {
        let params = json!({"response": {"headers": [{"name": name, "value": {"type": "string", "value": value}}]}});
        assert_eq!(seen_in(&params), expected, "{name}: {value}");
    }

    #[test]
    fn credentials_are_told_from_settings() {
        check("Set-Cookie", "sid=q8Zr0aa81K; HttpOnly; Path=/", &["q8Zr0aa81K"]);
        check("Set-Cookie", "theme=dark-blue; Path=/", &[]);
        check("Set-Cookie", "a=q8Zr0aa81Kq8Zr0aa81Kd0", &["q8Zr0aa81Kq8Zr0aa81Kd0"]);
        check("set-cookie", "x=1; HttpOnly\nuser_token=abcdefgh9", &["abcdefgh9"]);
        check("Cookie", "theme=dark-blue; session_id=k81Kd0aa", &["k81Kd0aa"]);
        check("Authorization", "Bearer k81Kd0aa", &["k81Kd0aa"]);
        check("X-Api-Key", "k81Kd0aa", &["k81Kd0aa"]);
        check("Content-Type", "text/html; charset=utf-8", &[]);
    }
}
