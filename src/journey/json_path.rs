//! Paths into JSON bodies (`$.data.items[0].code`) and the rules on what they find.

use super::{Matcher, pattern};
use rust_decimal::Decimal;
use serde_json::Value;

/// A parsed path: from the root by keys and places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Key(String),
    /// From the end when negative.
    Place(i64),
}

/// The longest path, in parts.
const PARTS_MAX: usize = 32;

impl JsonPath {
    /// Reads `$`, `.key`, `['any key']` and `[0]`, `[-1]` for the last.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("a path begins with `$`")?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if parts.len() == PARTS_MAX {
                return Err(format!("it has more than {PARTS_MAX} parts"));
            }
            if let Some(after) = rest.strip_prefix('.') {
                let length = after.find(['.', '[']).unwrap_or(after.len());
                let key = &after[..length];
                if key.is_empty() || key == "*" {
                    return Err("a key is missing after `.`; wildcards do not exist".into());
                }
                parts.push(Part::Key(key.to_owned()));
                rest = &after[length..];
            } else if let Some(after) = rest.strip_prefix('[') {
                let (inner, after) = after.split_once(']').ok_or("`[` is not closed")?;
                let quoted = inner.strip_prefix('\'').and_then(|i| i.strip_suffix('\''));
                parts.push(match (quoted, inner.parse::<i64>()) {
                    (Some(key), _) => Part::Key(key.to_owned()),
                    (None, Ok(place)) => Part::Place(place),
                    (None, Err(_)) => return Err(format!("`[{inner}]` is neither a place nor a key in quotes")),
                });
                rest = after;
            } else {
                return Err("`.` or `[` is expected between its parts".into());
            }
        }
        Ok(Self(parts))
    }

    /// What stands there, if anything does.
    pub fn find<'v>(&self, body: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(body, |value, part| match part {
            Part::Key(key) => value.get(key),
            Part::Place(place) => {
                let list = value.as_array()?;
                let index = if *place < 0 { place + i64::try_from(list.len()).ok()? } else { *place };
                list.get(usize::try_from(index).ok()?)
            }
        })
    }
}

/// A JSON value as people would write it: texts without quotes.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A rule on a JSON value with its texts filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct FilledRule<'a> {
    /// The path.
    pub path: &'a str,
    /// The matcher of the rule.
    pub matcher: &'a Matcher,
    /// The text of `equals` or `contains`, filled in; unused otherwise.
    pub wanted: &'a str,
}

impl FilledRule<'_> {
    /// Says what is wrong with `body`, in a sentence's fragment, or that nothing is.
    pub fn hold(&self, body: &Value) -> Result<(), String> {
        let path = self.path;
        let found = JsonPath::parse(path)?.find(body);
        let here = match (found, self.matcher) {
            (Some(_), Matcher::Exists(true)) | (None, Matcher::Exists(false)) => return Ok(()),
            (Some(value), Matcher::Exists(false)) => {
                return Err(format!("`{path}` should not be there, found {value}"));
            }
            (None, _) => return Err(format!("`{path}` is not in the answer")),
            (Some(value), _) => value,
        };
        let text = shown(here);
        let wanted = self.wanted;
        match self.matcher {
            Matcher::Equals(_) if equal(here, &text, wanted) => Ok(()),
            Matcher::Equals(_) => Err(format!("`{path}` is {here}, expected `{wanted}`")),
            Matcher::Contains(_) if contains(here, &text, wanted) => Ok(()),
            Matcher::Contains(_) => Err(format!("`{path}` is {here}, expected it to contain `{wanted}`")),
            Matcher::Matches(pattern) if pattern::compile(pattern)?.is_match(&text) => Ok(()),
            Matcher::Matches(pattern) => Err(format!("`{path}` is {here}, expected it to match `{pattern}`")),
            Matcher::Exists(_) => Ok(()),
        }
    }
}

/// What is wrong with `body` by a rule whose texts need no more names, if anything.
pub fn misfit(rule: &super::JsonRule, body: &Value) -> Option<String> {
    let wanted = match &rule.matcher {
        Matcher::Equals(text) | Matcher::Contains(text) => text.to_string(),
        Matcher::Matches(_) | Matcher::Exists(_) => String::new(),
    };
    FilledRule { path: &rule.path, matcher: &rule.matcher, wanted: &wanted }.hold(body).err()
}

/// Numbers are equal as exact decimals, everything else as text.
fn equal(value: &Value, text: &str, wanted: &str) -> bool {
    if value.is_number()
        && let (Ok(a), Ok(b)) = (Decimal::from_str_exact(text), Decimal::from_str_exact(wanted.trim()))
    {
        return a == b;
    }
    text == wanted
}

fn contains(value: &Value, text: &str, wanted: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| equal(item, &shown(item), wanted)),
        _ => text.contains(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Text;
    use super::*;

    fn body() -> Value {
        serde_json::from_str(r#"{"code":"0000","data":{"items":[{"nav":1.50},{"nav":2}],"a.b":null,"tags":["x","y"]}}"#)
            .unwrap()
    }

    #[test]
    fn paths() {
        let check = |path: &str, expected: Result<Option<&str>, &str>| {
            let body = body();
            let got = JsonPath::parse(path).map(|p| p.find(&body).map(shown));
            assert_eq!(got.as_ref().map(|v| v.as_deref()).map_err(String::as_str), expected, "{path}");
        };
        check("$.code", Ok(Some("0000")));
        check("$.data.items[0].nav", Ok(Some("1.5")));
        check("$.data.items[-1].nav", Ok(Some("2")));
        check("$.data['a.b']", Ok(Some("null")));
        check("$.data.items[9]", Ok(None));
        check("$.nope.deeper", Ok(None));
        check("code", Err("a path begins with `$`"));
        check("$..code", Err("a key is missing after `.`; wildcards do not exist"));
        check("$.data[x]", Err("`[x]` is neither a place nor a key in quotes"));
        check("$.data[0", Err("`[` is not closed"));
    }

    #[test]
    fn rules() {
        let check = |path: &str, matcher: Matcher, wanted: &str, expected: Result<(), &str>| {
            let got = FilledRule { path, matcher: &matcher, wanted }.hold(&body());
            assert_eq!(got.as_ref().copied().map_err(String::as_str), expected, "{path} {matcher:?}");
        };
        let equals = || Matcher::Equals(Text::default());
        check("$.code", equals(), "0000", Ok(()));
        check("$.code", equals(), "0", Err("`$.code` is \"0000\", expected `0`"));
        check("$.data.items[0].nav", equals(), "1.500", Ok(()));
        check("$.data.tags", Matcher::Contains(Text::default()), "x", Ok(()));
        check("$.code", Matcher::Matches("^0+$".into()), "", Ok(()));
        check("$.gone", Matcher::Exists(false), "", Ok(()));
        check("$.gone", equals(), "1", Err("`$.gone` is not in the answer"));
        check("$.code", Matcher::Exists(false), "", Err("`$.code` should not be there, found \"0000\""));
    }
}
