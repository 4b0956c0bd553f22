//! Masking before storage: secrets never reach a record, a picture's metadata, a HAR or a page snapshot.

use crate::secret::Secret;
use base64::Engine as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// Secrets shorter than this are masked in their field only: replacing `12` everywhere would eat every figure.
pub const SECRET_CHARS_MIN: usize = 4;

/// What stands in place of a header or parameter that may carry a credential.
pub const MASKED: &str = "‹masked›";

/// Replaces secrets by their names, in every spelling a page or a protocol gives them.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    /// Spelling and what stands in its place, the longest spelling first.
    spellings: Vec<(String, String)>,
}

impl Masker {
    /// A masker for `secrets`.
    pub fn new(secrets: &[Secret]) -> Self {
        let mut spellings: Vec<(String, String)> = secrets
            .iter()
            .filter(|s| s.expose().chars().count() >= SECRET_CHARS_MIN)
            .flat_map(|s| spellings_of(s.expose()).into_iter().map(|spelling| (spelling, format!("‹{}›", s.name()))))
            .collect();
        spellings.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.0.cmp(&b.0)));
        spellings.dedup_by(|a, b| a.0 == b.0);
        Self { spellings }
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.spellings.is_empty()
    }

    /// The text without secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for (spelling, name) in &self.spellings {
            if out.contains(spelling.as_str()) {
                out = Cow::Owned(out.replace(spelling.as_str(), name));
            }
        }
        out
    }

    /// A header's value without credentials.
    pub fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_credential(name) { Cow::Borrowed(MASKED) } else { self.text(value) }
    }

    /// A URL without secrets, without user information, and without the values of parameters that name a credential.
    pub fn url(&self, url: &str) -> String {
        let masked = self.text(url).into_owned();
        let (head, fragment) = masked.split_once('#').map_or((masked.as_str(), None), |(h, f)| (h, Some(f)));
        let (path, query) = head.split_once('?').map_or((head, None), |(p, q)| (p, Some(q)));
        let mut out = without_userinfo(path);
        for (mark, pairs) in [('?', query), ('#', fragment)] {
            if let Some(pairs) = pairs {
                out.push(mark);
                let kept: Vec<String> = pairs.split('&').map(mask_pair).collect();
                out.push_str(&kept.join("&"));
            }
        }
        out
    }
}

fn mask_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((key, _)) if is_credential(key) => format!("{key}={MASKED}"),
        _ => pair.to_owned(),
    }
}

fn without_userinfo(path: &str) -> String {
    let Some((scheme, rest)) = path.split_once("://") else { return path.to_owned() };
    let authority_end = rest.find('/').unwrap_or(rest.len());
    match rest[..authority_end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => path.to_owned(),
    }
}

/// Whether a header or parameter of this name carries a credential.
pub fn is_credential(name: &str) -> bool {
    const WHOLE: [&str; 9] =
        ["authorization", "proxy-authorization", "cookie", "set-cookie", "pwd", "pin", "otp", "sid", "code_verifier"];
    const PART: [&str; 9] =
        ["token", "password", "passwd", "secret", "session", "api-key", "apikey", "csrf", "signature"];
    let name = name.to_ascii_lowercase().replace('_', "-");
    WHOLE.contains(&name.as_str()) || PART.iter().any(|part| name.contains(part))
}

/// The ways `secret` is written in URLs, JSON, HTML, headers and data URIs.
fn spellings_of(secret: &str) -> Vec<String> {
    let json = serde_json::Value::String(secret.to_owned()).to_string();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let mut all = vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        html.replace('"', "&quot;"),
        html,
        percent.to_lowercase(),
        percent.replace("%20", "+"),
        percent,
        secret.bytes().map(|b| format!("{b:02x}")).collect(),
        secret.bytes().map(|b| format!("{b:02X}")).collect(),
        secret.chars().rev().collect(),
    ];
    all.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    all.extend(base64_cores(secret.as_bytes()));
    all.retain(|s: &String| s.chars().count() >= SECRET_CHARS_MIN);
    all
}

/// What base64 of any text around the secret must contain: the groups that depend on the secret alone,
/// for each of the three alignments, in both alphabets.
fn base64_cores(secret: &[u8]) -> Vec<String> {
    let mut cores = Vec::new();
    for lead in 0..3usize {
        let padded: Vec<u8> = std::iter::repeat_n(0u8, lead).chain(secret.iter().copied()).collect();
        let skip_bits = lead * 8;
        let first = skip_bits.div_ceil(6);
        let last = padded.len() * 8 / 6;
        if last.saturating_sub(first) < SECRET_CHARS_MIN {
            continue;
        }
        for engine in
            [base64::engine::general_purpose::STANDARD_NO_PAD, base64::engine::general_purpose::URL_SAFE_NO_PAD]
        {
            cores.push(engine.encode(&padded)[first..last].to_owned());
        }
    }
    cores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masker() -> Masker {
        Masker::new(&[Secret::new("trade-pin", "s3cr&t 密码")])
    }

    #[test]
    fn no_spelling_survives() {
        let check = |text: String| {
            let got = masker().text(&text).into_owned();
            assert!(got.contains("‹trade-pin›"), "{text:?} became {got:?}");
        };
        let secret = "s3cr&t 密码";
        check(format!("pin={secret}!"));
        check(format!("{{\"pin\":{}}}", serde_json::Value::String(secret.into())));
        check("pin=s3cr%26t+%E5%AF%86%E7%A0%81".into());
        check("pin=s3cr%26t%20%e5%af%86%e7%a0%81".into());
        check("<b>s3cr&amp;t 密码</b>".into());
        for lead in ["", "a", "ab", "abc"] {
            check(base64::engine::general_purpose::STANDARD.encode(format!("{lead}{secret} tail")));
        }
    }

    #[test]
    fn urls_and_headers() {
        let check = |url: &str, expected: &str| assert_eq!(masker().url(url), expected);
        check(
            "https://u:p@bank.example/a?id=1&access_token=abc#t",
            "https://bank.example/a?id=1&access_token=‹masked›#t",
        );
        check("/a?b=c", "/a?b=c");
        assert_eq!(masker().header("Set-Cookie", "sid=1"), MASKED);
        assert_eq!(masker().header("Accept", "text/html"), "text/html");
    }

    #[test]
    fn a_short_secret_does_not_eat_figures() {
        assert_eq!(Masker::new(&[Secret::new("pin", "12")]).text("¥1,212.00"), "¥1,212.00");
    }
}
