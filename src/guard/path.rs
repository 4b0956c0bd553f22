//! Path patterns, and the readings of a path they are compared with.
//!
//! Servers disagree on what a path means: some decode twice, some strip `;parameters`, some take `\` for
//! `/`, some ignore case. A pattern that forbids matches when it matches any of these readings.

use std::collections::BTreeSet;
use std::fmt;

use percent_encoding::percent_decode_str;
use regex::{Regex, RegexBuilder};

/// Layers of percent-encoding that are undone. What is deeper cannot be read, and matches every pattern.
const DECODE_LAYERS_MAX: usize = 8;
const PATTERN_BYTES_MAX: usize = 1024;

/// A pattern over paths: a glob such as `/api/orders/**`, or `regex:` and a regular expression.
/// In a glob `*` stands for anything but `/`, `**` for anything; `/x/**` also matches `/x`.
#[derive(Debug, Clone)]
pub struct PathPattern {
    text: String,
    /// Over readings in lower case.
    regex: Regex,
    /// Whether every path matches.
    open: bool,
}

/// Why a text is not a path pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a path pattern: {why}; expected such as `/api/orders/**` or `regex:^/v[0-9]+/orders`")]
pub struct PathPatternError {
    text: String,
    why: String,
}

impl PathPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PathPatternError> {
        let wrong = |why: String| PathPatternError { text: text.to_owned(), why };
        if text.len() > PATTERN_BYTES_MAX {
            return Err(wrong(format!("longer than {PATTERN_BYTES_MAX} bytes")));
        }
        let source = match text.strip_prefix("regex:") {
            Some("") => return Err(wrong("the expression is empty".to_owned())),
            Some(regex) => regex.to_owned(),
            None if !text.starts_with('/') && !text.starts_with("**") => {
                return Err(wrong("it must start with `/` or `**`".to_owned()));
            }
            None if text.contains(['?', '#', ';', '%', '\\']) => {
                return Err(wrong("queries, parameters and encodings are no part of a path".to_owned()));
            }
            None => glob(text),
        };
        let regex = RegexBuilder::new(&source).case_insensitive(true).size_limit(1 << 20).build();
        let regex = regex.map_err(|error| wrong(error.to_string()))?;
        Ok(Self { text: text.to_owned(), regex, open: matches!(text, "/**" | "**") })
    }

    /// Whether any reading of `path` matches; a path that cannot be read does.
    pub fn matches(&self, path: &str) -> bool {
        self.open || readings(path).is_none_or(|readings| readings.iter().any(|path| self.regex.is_match(path)))
    }

    /// Whether any reading of `path` matches without the suffix of its last segment, which some servers take for
    /// the format of the answer: `/orders.json`.
    pub fn matches_stem(&self, path: &str) -> bool {
        let stem = |path: &String| {
            let (start, last) = path.rsplit_once('/')?;
            let (stem, suffix) = last.rsplit_once('.')?;
            let is = !stem.is_empty() && !suffix.is_empty();
            is.then(|| format!("{start}/{stem}"))
        };
        let stems = readings(path).into_iter().flatten().filter_map(|path| stem(&path));
        self.open || stems.into_iter().any(|path| self.regex.is_match(&path))
    }

    /// Whether every path matches, so that a path need not be known.
    pub fn is_open(&self) -> bool {
        self.open
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn glob(text: &str) -> String {
    let (text, below) = match text.strip_suffix("/**") {
        Some(start) => (start, "(?:/.*)?"),
        // A server that answers `/orders` as a rule answers `/orders/`, too.
        None => (text.strip_suffix('/').unwrap_or(text), "/?"),
    };
    let parts: Vec<String> =
        text.split("**").map(|part| part.split('*').map(regex::escape).collect::<Vec<_>>().join("[^/]*")).collect();
    format!("(?s)^{}{below}$", parts.join(".*"))
}

/// Every reading of a path that a server could have; none when it is encoded without end, or in an encoding that is
/// not known.
fn readings(path: &str) -> Option<BTreeSet<String>> {
    let mut layers = vec![path.to_owned()];
    loop {
        let last = layers.last().expect("invariant: the first layer is the path itself");
        let next = percent_decode_str(last).decode_utf8().ok()?.into_owned();
        if next == *last {
            break;
        }
        if layers.len() > DECODE_LAYERS_MAX {
            return None;
        }
        layers.push(next);
    }
    let mut readings = BTreeSet::new();
    // Some servers end a path at its first NUL, or where, decoded, a query or a fragment would begin.
    let cut: Vec<String> =
        layers.iter().filter_map(|layer| layer.split_once(['\0', '?', '#'])).map(|cut| cut.0.to_owned()).collect();
    for layer in layers.into_iter().chain(cut) {
        let tidy = tidied(&layer);
        let bare = without_parameters(&tidy);
        for view in [layer, tidy, bare] {
            readings.insert(resolved(&view));
            readings.insert(view);
        }
    }
    Some(readings)
}

/// One slash where there are several or a backslash; no invisible characters, no dots or blanks at the end
/// of a segment, which some servers drop.
fn tidied(path: &str) -> String {
    let visible = path.chars().filter(|c| !c.is_control() && !is_invisible(*c));
    let text: String = visible.map(|c| if c == '\\' { '/' } else { c }).collect();
    let segments = text.split('/').filter(|segment| !segment.is_empty());
    let trimmed = segments.map(|segment| match segment.trim_end_matches(['.', ' ']) {
        "" => segment.trim_end_matches(' '),
        rest => rest,
    });
    joined(trimmed)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn without_parameters(path: &str) -> String {
    joined(path.split('/').filter_map(|segment| segment.split(';').next()).filter(|segment| !segment.is_empty()))
}

fn resolved(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    joined(kept.into_iter())
}

fn joined<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(segment);
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        let check = |pattern: &str, path: &str, expected: bool| {
            assert_eq!(PathPattern::parse(pattern).unwrap().matches(path), expected, "{pattern} {path}");
        };
        check("/orders", "/orders", true);
        check("/orders", "/orders/", true);
        check("/orders", "/orders/1", false);
        check("/orders/", "/orders", true);
        check("/orders/*", "/orders/1", true);
        check("/orders/*", "/orders/1/2", false);
        check("/orders/**", "/orders", true);
        check("/orders/**", "/orders/1/2", true);
        check("/orders/**", "/orderss", false);
        check("/*/orders", "/v1/orders", true);
        check("/**/confirm", "/a/b/confirm", true);
        check("**/confirm", "/confirm", true);
        check("/a.b", "/axb", false);
        check("/**", "/", true);
        check("/基金/**", "/%E5%9F%BA%E9%87%91/1", true);
        check("regex:^/v[0-9]+/orders$", "/V2/orders", true);
        check("regex:^/v[0-9]+/orders$", "/v2/orders/1", false);
    }

    #[test]
    fn what_only_some_servers_resolve_is_read_both_ways() {
        let orders = PathPattern::parse("/api/orders/**").unwrap();
        for path in ["/api/orders/%2e%2e/1", "/api/orders/../1", "/api/x/../orders/1", "/api/orders%00.png"] {
            assert!(orders.matches(path), "{path}");
        }
        assert!(!orders.matches("/api/balance%00/orders"));
        let exact = PathPattern::parse("/api/orders").unwrap();
        for path in ["/api/orders%3fx", "/api/orders%23x", "/api/orders%253Fx=1", "/api/%B6%A9%B5%A5", "/api/%ff"] {
            assert!(exact.matches(path), "{path}");
        }
        assert!(!exact.matches("/api/orderbook%3f/api/orders"));
    }

    #[test]
    fn suffixes_are_read_off() {
        let check = |path: &str, expected: bool| {
            assert_eq!(PathPattern::parse("/api/orders").unwrap().matches_stem(path), expected, "{path}");
        };
        check("/api/orders.json", true);
        check("/api/orders.JSON;v=1", true);
        check("/api/orders%2ejson", true);
        check("/api/orders.", false);
        check("/api/orders.d/x", false);
        check("/api/.orders", false);
        check("/api/orders", false);
    }

    #[test]
    fn patterns_that_are_refused() {
        let check = |pattern: &str, word: &str| {
            let error = PathPattern::parse(pattern).unwrap_err().to_string();
            assert!(error.contains(word), "{pattern}: {error}");
        };
        check("orders", "start with");
        check("", "start with");
        check("/orders?id=1", "queries");
        check("/orders;v=1", "queries");
        check("/%6frders", "encodings");
        check("regex:", "empty");
        check("regex:(", "unclosed");
        check(&format!("/{}", "a".repeat(PATTERN_BYTES_MAX)), "longer");
    }

    proptest::proptest! {
        #[test]
        fn encoding_any_character_does_not_evade(choice in proptest::collection::vec(0u8..4, 11)) {
            let pattern = PathPattern::parse("/api/orders").unwrap();
            let encode = |(c, how): (char, &u8)| match how {
                0 => c.to_string(),
                1 => c.to_ascii_uppercase().to_string(),
                2 => format!("%{:02x}", u32::from(c)),
                _ => format!("%25{:02X}", u32::from(c)),
            };
            let path: String = "/api/orders".chars().zip(&choice).map(encode).collect();
            proptest::prop_assert!(pattern.matches(&path), "{}", path);
        }
    }
}
