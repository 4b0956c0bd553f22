//! What else is to be said of an entry: a few named facts as canonical JSON, so that the same facts are the same bytes.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest detail, in bytes.
pub const DETAIL_BYTES_MAX: usize = 4096;
/// Facts of one detail at most; what comes after is left out.
const FACTS_MAX: usize = 24;
/// Characters of a text and texts of a list, from the most that is kept to the least: the first that fits is taken.
const CUTS: [(usize, usize); 4] = [(400, 40), (100, 20), (20, 8), (0, 0)];
/// Says that something was cut.
const CUT: &str = "cut";

/// One fact. No floats: they have no one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several words.
    Texts(Vec<String>),
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Fact {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Fact {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Fact {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

/// Named facts, bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail(BTreeMap<&'static str, Fact>);

impl Detail {
    /// One fact more.
    #[must_use]
    pub fn with(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
        if self.0.len() < FACTS_MAX {
            self.0.insert(name, fact.into());
        }
        self
    }

    /// As canonical JSON: names in order, no white space, at most `DETAIL_BYTES_MAX`.
    pub fn text(&self) -> String {
        let cuts = CUTS.iter().map(|(chars, texts)| self.cut_to(*chars, *texts));
        let mut fitting = cuts.filter(|text| text.len() <= DETAIL_BYTES_MAX);
        fitting.next().unwrap_or_else(|| format!("{{\"{CUT}\":true}}"))
    }

    fn cut_to(&self, chars: usize, texts: usize) -> String {
        let mut cut = false;
        let mut shorten = |text: &str| {
            let kept: String = text.chars().take(chars).collect();
            if kept.len() == text.len() {
                return Value::from(kept);
            }
            cut = true;
            Value::from(format!("{kept}…"))
        };
        let mut facts: BTreeMap<&str, Value> = BTreeMap::new();
        let mut left_out = false;
        for (name, fact) in &self.0 {
            let value = match fact {
                Fact::Text(text) => shorten(text),
                Fact::Number(number) => Value::from(*number),
                Fact::Flag(flag) => Value::from(*flag),
                Fact::Texts(all) => {
                    left_out |= all.len() > texts;
                    all.iter().take(texts).map(|text| shorten(text)).collect()
                }
            };
            facts.insert(name, value);
        }
        if cut || left_out {
            facts.insert(CUT, Value::from(true));
        }
        // The map keeps the order it is given, which is that of the names.
        let object: Map<String, Value> = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Value::Object(object).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(detail: Detail, expected: &str) {
        assert_eq!(detail.text(), expected);
    }

    #[test]
    fn the_same_facts_are_the_same_bytes() {
        check(Detail::default(), "{}");
        let facts = |detail: Detail| detail.with("what", "opened").with("revision", 3).with("again", false);
        check(facts(Detail::default()), r#"{"again":false,"revision":3,"what":"opened"}"#);
        check(
            Detail::default().with("again", false).with("revision", 3).with("what", "opened"),
            &facts(Detail::default()).text(),
        );
        check(Detail::default().with("files", vec!["b\"".to_owned(), "a\n".to_owned()]), r#"{"files":["b\"","a\n"]}"#);
    }

    #[test]
    fn no_detail_is_longer_than_it_may_be() {
        let long = Detail::default().with("reason", "因".repeat(401));
        assert!(long.text().starts_with(r#"{"cut":true,"reason":"因"#) && long.text().contains('…'), "{}", long.text());
        let mut worst = Detail::default();
        for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
            worst = worst.with(name, vec!["\u{1}".repeat(5000); 500]);
        }
        assert!(worst.text().len() <= DETAIL_BYTES_MAX, "{}", worst.text().len());
    }
}
