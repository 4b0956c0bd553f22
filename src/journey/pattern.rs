//! Regular expressions of journeys: a linear engine with a size limit, compiled in one place.

use regex::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 1000;
/// The largest compiled pattern, in bytes.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// Compiles a pattern, or says in a few words what is wrong with it.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!(
            "the regular expression has {} bytes, at most {PATTERN_BYTES_MAX} are allowed",
            pattern.len()
        ));
    }
    RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).build().map_err(|why| match why {
        regex::Error::CompiledTooBig(_) => {
            "the regular expression is too large once its repetitions are expanded".into()
        }
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or("invalid").trim().trim_start_matches("error: ").to_owned();
            match last.as_str() {
                "unclosed group" => "the regular expression is not closed: unclosed group".to_owned(),
                "look-around, including look-ahead and look-behind, is not supported" => {
                    "the regular expression uses look-around, which is not supported".to_owned()
                }
                _ => format!("the regular expression is invalid: {last}"),
            }
        }
    })
}

/// The first group of what `pattern` finds in `text`, or the whole match.
pub fn cut(text: &str, pattern: &str) -> Result<String, String> {
    let pattern = compile(pattern)?;
    found(text, &pattern).ok_or_else(|| format!("`{text}` does not match `{pattern}`"))
}

/// The same with a pattern that is compiled already; `None` where it finds nothing.
pub fn found(text: &str, pattern: &Regex) -> Option<String> {
    let found = pattern.captures(text)?;
    Some(found.get(1).or(found.get(0)).map_or(String::new(), |m| m.as_str().to_owned()))
}

/// Whether a pattern matches whatever it is given, so that expecting it expects nothing.
pub(super) fn matches_anything(pattern: &str) -> bool {
    const PROBES: [&str; 4] = ["", "\u{1}", "¥1,234.50 元", "zq\u{2009}9|随机"];
    compile(pattern).is_ok_and(|regex| PROBES.iter().all(|probe| regex.is_match(probe)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_expect_nothing() {
        let check = |pattern: &str, expected: bool| assert_eq!(matches_anything(pattern), expected, "{pattern:?}");
        check(".*", true);
        check("", true);
        check("a*", true);
        check("^$", false);
        check(r"^\d+$", false);
        check("(", false);
    }

    #[test]
    fn expensive_patterns_are_refused() {
        assert!(compile("((a{1000}){1000}){1000}").unwrap_err().contains("too large"));
        assert!(compile(&"a".repeat(1001)).unwrap_err().contains("1001 bytes"));
        assert!(compile("(a+)+$").is_ok(), "the engine is linear");
    }
}
