//! Masking before storage: secrets never reach a record, a picture's metadata, a HAR or a page snapshot.

use super::spelling::{beginnings_of, pattern_of};
use crate::secret::Secret;
use regex::{NoExpand, Regex, RegexBuilder};
use std::borrow::Cow;
use std::sync::{Arc, LazyLock, OnceLock};

/// Secrets shorter than this are masked in their field only: replacing `12` everywhere would eat every figure.
pub const SECRET_CHARS_MIN: usize = 4;

/// What stands in place of a header or parameter that may carry a credential.
pub const MASKED: &str = "‹masked›";

/// Longer secrets (keys, certificates) are matched piece by piece.
const PIECE_CHARS_MAX: usize = 48;
/// Credentials of the app's own remembered at once.
const LEARNT_MAX: usize = 64;
/// A pattern of a whole piece needs about a tenth of this.
const PATTERN_BYTES_MAX: usize = 64 << 20;

/// Replaces secrets by their names, in every spelling a page or a protocol gives them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    /// The longest secret first: one may be part of another.
    veils: Vec<Arc<Veil>>,
    /// Cookies and tokens that the app itself gave out in this walk.
    learnt: Arc<Vec<String>>,
    /// Secrets too short to be looked for anywhere but in fields.
    short: Vec<Secret>,
}

/// One secret, or a piece of a long one.
struct Veil {
    chars: usize,
    name: String,
    source: String,
    /// What begins each spelling, and each that was cut off.
    beginnings: (String, String),
    text: Regex,
    html_source: String,
    html: OnceLock<Regex>,
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl Veil {
    fn over(piece: &str, name: String, source: String) -> Self {
        Self {
            chars: piece.chars().count(),
            name,
            text: compile(&source),
            source,
            beginnings: beginnings_of(piece),
            html_source: pattern_of(piece, true),
            html: OnceLock::new(),
        }
    }
}

fn compile(source: &str) -> Regex {
    let mut builder = RegexBuilder::new(source);
    // A beginning that was cut nests as deep as the piece is long.
    builder.nest_limit(1_000).size_limit(PATTERN_BYTES_MAX);
    let built = builder.build();
    // Never a text of the error: it would hold the pattern, and so the secret.
    let Ok(built) = built else { panic!("invariant: a pattern of a bounded number of characters compiles") };
    built
}

/// What names itself a credential in running text: `token=…`, `"password":"…"`, `Bearer …`, a JSON web token.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names = "token|passw(?:or)?d|passphrase|secret|session|api[-_]?key|csrf|xsrf|signature|credential|jwt";
    compile(&format!(
        r#"(?i)((?:{names})[a-z0-9_-]*=)[!$%*+./0-9:@A-Z^_`|~-]+|((?:{names})[a-z0-9_-]*\\*"\s*:\s*\\*")[^"\\]+|((?:bearer|basic)\s+)[a-z0-9_.~+/=-]{{8,}}|eyJ[a-z0-9_-]{{8,}}\.[a-z0-9_-]+\.[a-z0-9_-]*"#
    ))
});

impl Masker {
    /// A masker for `secrets`.
    pub fn new(secrets: &[Secret]) -> Self {
        let mut masker = Self::default();
        masker.hide(secrets);
        masker
    }

    /// Masks `secrets` too, from now on.
    pub fn hide(&mut self, secrets: &[Secret]) {
        for secret in secrets {
            let chars: Vec<char> = secret.expose().chars().collect();
            if chars.len() < SECRET_CHARS_MIN {
                self.short.push(secret.clone());
                continue;
            }
            let count = chars.len().div_ceil(PIECE_CHARS_MAX);
            for piece in chars.chunks(chars.len().div_ceil(count)) {
                let piece: String = piece.iter().collect();
                let (source, name) = (pattern_of(&piece, false), format!("‹{}›", secret.name()));
                if !self.veils.iter().any(|known| known.source == source && known.name == name) {
                    self.veils.push(Arc::new(Veil::over(&piece, name, source)));
                }
            }
        }
        self.veils.sort_by_key(|veil| std::cmp::Reverse(veil.chars));
    }

    /// Masks a credential that the app gave out, as it stands.
    pub fn learn(&mut self, value: &str) {
        if self.learnt.len() < LEARNT_MAX && !self.learnt.iter().any(|known| known == value) {
            Arc::make_mut(&mut self.learnt).push(value.to_owned());
        }
    }

    /// What to look for in a page, by its own script; `None` without secrets.
    pub fn search(&self) -> Option<Search> {
        let joined = |of: &dyn Fn(&Veil) -> &str| self.veils.iter().map(|v| of(v)).collect::<Vec<_>>().join("|");
        (!self.veils.is_empty()).then(|| Search {
            whole: joined(&|v| &v.source),
            begins: joined(&|v| &v.beginnings.0),
            begins_cut: joined(&|v| &v.beginnings.1),
        })
    }

    /// Secrets too short for that.
    pub fn short(&self) -> Vec<&str> {
        self.short.iter().map(Secret::expose).collect()
    }

    /// A page's source without secrets, also where markup stands in the middle of them.
    pub fn html<'a>(&self, html: &'a str) -> Cow<'a, str> {
        let out = self.text(html);
        // To look for a secret between any two tags costs much; whether there is one is seen without them.
        let bare = without_tags(&out);
        let split: Vec<&Arc<Veil>> = self.veils.iter().filter(|veil| veil.text.is_match(&bare)).collect();
        split.into_iter().fold(out, |out, veil| {
            let pattern = veil.html.get_or_init(|| compile(&veil.html_source));
            Cow::Owned(pattern.replace_all(&out, NoExpand(&veil.name)).into_owned())
        })
    }

    /// The text without secrets, and without what calls itself a credential.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for veil in &self.veils {
            if let Cow::Owned(masked) = veil.text.replace_all(&out, NoExpand(&veil.name)) {
                out = Cow::Owned(masked);
            }
        }
        for value in self.learnt.iter().filter(|value| text.contains(value.as_str())) {
            out = Cow::Owned(out.replace(value.as_str(), MASKED));
        }
        // Seldom there, and to find out is much cheaper than to look for its parts.
        if NAMED.is_match(&out) {
            out = Cow::Owned(NAMED.replace_all(&out, format!("$1$2$3{MASKED}")).into_owned());
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

/// Patterns of all spellings of all secrets, as Rust and a page's script both understand them.
#[derive(Clone, serde::Serialize)]
pub struct Search {
    /// What shows a secret. Long: a browser takes tens of milliseconds to make it ready in each of its processes.
    pub whole: String,
    /// Found wherever the whole pattern finds a secret that was not cut off. Short.
    pub begins: String,
    /// Found wherever the whole pattern finds the beginning of a secret before a `…`. Short.
    pub begins_cut: String,
}

impl std::fmt::Debug for Search {
    /// Without the patterns: they spell the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search")
    }
}

/// A page's source without its markup, joined.
fn without_tags(html: &str) -> String {
    let mut bare = String::with_capacity(html.len() / 2);
    for (at, piece) in html.split('<').enumerate() {
        match piece.split_once('>') {
            Some((_, text)) if at > 0 => bare.push_str(text),
            _ => bare.push_str(piece),
        }
    }
    bare
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
    const WHOLE: [&str; 13] = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "pwd",
        "pin",
        "otp",
        "sid",
        "code-verifier",
        "auth",
        "x-auth",
        "sign",
        "authentication",
    ];
    const PART: [&str; 18] = [
        "token",
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "secret",
        "session",
        "sessid",
        "api-key",
        "apikey",
        "access-key",
        "csrf",
        "xsrf",
        "signature",
        "credential",
        "jwt",
        "x-auth-",
        "-ticket",
    ];
    let name = name.to_ascii_lowercase().replace('_', "-");
    WHOLE.contains(&name.as_str()) || PART.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    const SECRET: &str = "Cañ&ry-密码#73";

    fn masker() -> Masker {
        Masker::new(&[Secret::new("trade-pin", SECRET)])
    }

    /// The secret in `text` gives way to its name, and nothing of it stays.
    fn check(text: &str) {
        let got = masker().text(text).into_owned();
        assert!(got.contains("‹trade-pin›"), "{text:?} became {got:?}");
        let stays = |part: &&str| got.to_lowercase().contains(part);
        let parts = ["ry-", "密", "\\u5bc6", "%e5%af", "#73", "&#5", "5bc6", "e5af86"];
        assert!(!parts.iter().any(stays), "{text:?} became {got:?}");
        begins(text);
    }

    /// The short patterns find what the whole one finds.
    fn begins(text: &str) {
        let Search { whole, begins, begins_cut } = masker().search().expect("there is a secret");
        let mut rest = text;
        let whole = compile(&whole);
        // Each finding by itself: one that is missed must not hide behind another.
        while let Some(found) = whole.find(rest) {
            let cut = found.as_str().ends_with('…') && compile(&begins_cut).is_match(found.as_str());
            assert!(cut || compile(&begins).is_match(found.as_str()), "{:?}", found.as_str());
            rest = &rest[found.end()..];
        }
    }

    #[test]
    fn no_spelling_survives() {
        check(&format!("pin={SECRET}!"));
        check(&SECRET.to_uppercase());
        check(&serde_json::json!({"pin": SECRET}).to_string());
        check(&serde_json::json!(serde_json::json!({"pin": SECRET}).to_string()).to_string());
        check(r"Ca\u00f1&ry-\u5BC6\u7801#73");
        check(r"Ca\\u00f1&ry-\\u5bc6\\u{7801}#73");
        check(r"\x43a\xf1\x26ry-\u5bc6\u7801#73");
        check("Ca%C3%B1%26ry-%E5%AF%86%E7%A0%81%2373");
        check("Ca%c3%b1%26ry%2d%e5%af%86%e7%a0%81%2373");
        check("Ca%25C3%25B1%2526ry-%25E5%25AF%2586%25E7%25A0%2581%252373");
        check("Ca%C3%B1&ry-密码#73");
        check("Ca%F1%26ry-%u5BC6%u7801%2373");
        check(&SECRET.bytes().map(char::from).collect::<String>());
        check("<b>Ca&ntilde;</b> Cañ&amp;ry-密码#73".split_at(17).1);
        check("&#67;a&#xF1;&amp;ry-&#23494;&#x7801;&#35;73");
        check("Ca\u{200b}ñ&ry-\u{ad}密码#73");
        check(&SECRET.bytes().map(|b| format!("{b:02X}")).collect::<String>());
        check(&SECRET.bytes().map(|b| format!("{b:02x} ")).collect::<String>());
        check(&SECRET.chars().rev().collect::<String>());
    }

    #[test]
    fn no_base64_of_it_survives() {
        let check = |encoded: String| {
            let got = masker().text(&encoded).into_owned();
            assert!(got.contains("‹trade-pin›"), "{encoded:?} became {got:?}");
            begins(&encoded);
        };
        for lead in ["", "a", "ab", "abc"] {
            for text in [format!("{lead}{SECRET} tail"), format!("{lead}Ca%C3%B1%26ry%2D%E5%AF%86%E7%A0%81%2373")] {
                check(STANDARD.encode(&text));
                check(URL_SAFE_NO_PAD.encode(&text));
                check(STANDARD.encode(&text).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
            }
        }
        let latin: Vec<u8> = "Ca\u{f1}ary".chars().map(|c| c as u8).collect();
        let masker = Masker::new(&[Secret::new("pin", "Cañary")]);
        assert_eq!(masker.text(&STANDARD.encode(latin)), "‹pin›");
    }

    #[test]
    fn a_beginning_before_a_cut_is_masked() {
        let check = |text: &str, expected: &str| {
            assert_eq!(masker().text(text), expected);
            begins(text);
        };
        check("<p> 您的密码 Cañ&ry-密…", "<p> 您的密码 ‹trade-pin›");
        check("<p> 您的密码 Ca%C3%B1…>", "<p> 您的密码 ‹trade-pin›>");
        check("<p> 您的密码 Ca%C3%B1%2…>", "<p> 您的密码 ‹trade-pin›>");
        check("Can…", "Can…");
        check("更多…", "更多…");
        check(&format!("{}…", &STANDARD.encode(SECRET)[..9]), "‹trade-pin›");
    }

    #[test]
    fn what_follows_another_spelling_at_once_is_masked_too() {
        let text = format!("{}{SECRET}", STANDARD.encode(SECRET).trim_end_matches('='));
        let masked = masker().text(&text).into_owned();
        assert_eq!(masked.matches("‹trade-pin›").count(), 2, "{masked}");
    }

    #[test]
    fn what_a_mark_leaves_of_it_in_a_url_is_masked() {
        let masker = Masker::new(&[Secret::new("pin", "Cañary-Kanarie#73")]);
        assert_eq!(masker.text("/a?r=Ca%C3%B1ary-Kanarie"), "/a?r‹pin›");
        assert_eq!(masker.text("Cañary-Kanarie"), "Cañary-Kanarie");
    }

    #[test]
    fn markup_in_the_middle_hides_nothing() {
        let html = "<i>C</i><i class=x>a</i>ñ<!-- -->&amp;ry-<b>密码</b>#73";
        assert_eq!(masker().html(html), "<i>‹trade-pin›");
    }

    #[test]
    fn a_long_secret_is_masked_piece_by_piece() {
        let key: String = (0..40).map(|i| format!("k{i:03}/+")).collect();
        let masker = Masker::new(&[Secret::new("key", key.clone())]);
        assert_eq!(masker.text(&key), "‹key›".repeat(5));
        assert!(masker.text(&format!("{}…", &key[60..200])).contains("‹key›"));
    }

    #[test]
    fn what_calls_itself_a_credential_is_masked_without_being_known() {
        let check = |text: &str, expected: &str| assert_eq!(Masker::default().text(text), expected);
        check("GET /a?access_token=abc123&x=1", "GET /a?access_token=‹masked›&x=1");
        check(r#"{"password":"abc","n":1}"#, r#"{"password":"‹masked›","n":1}"#);
        check("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ‹masked›");
        check("jot eyJhbGciOiJI.eyJzdWIi.c2ln!", "jot ‹masked›!");
        check("Basic income, 密码=六位数字", "Basic income, 密码=六位数字");
        let mut masker = Masker::default();
        masker.learn("q8Zr0aa81Kd0");
        assert_eq!(masker.text("cookie q8Zr0aa81Kd0"), "cookie ‹masked›");
    }

    #[test]
    fn urls_and_headers() {
        let check = |url: &str, expected: &str| assert_eq!(masker().url(url), expected);
        check(
            "https://u:p@bank.example/a?id=1&access_token=abc#t",
            "https://bank.example/a?id=1&access_token=‹masked›#t",
        );
        check("/a?b=c", "/a?b=c");
        for name in ["Set-Cookie", "Cookie", "Authorization", "Proxy-Authorization", "X-Api-Key", "X-Auth-Token"] {
            assert_eq!(masker().header(name, "sid=1"), MASKED);
        }
        for name in ["Accept", ":authority", "X-Author", "Content-Type"] {
            assert_eq!(masker().header(name, "text/html"), "text/html");
        }
    }

    #[test]
    fn a_short_secret_does_not_eat_figures() {
        assert_eq!(Masker::new(&[Secret::new("pin", "12")]).text("¥1,212.00"), "¥1,212.00");
    }
}
