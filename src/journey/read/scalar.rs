//! Scalars: words, whole numbers, truths, durations, patterns.

use super::reader::Reader;
use super::suggest;
use crate::journey::node::{Node, NodeKind};
use crate::journey::pattern;
use std::time::Duration;

impl Reader<'_> {
    /// The characters of a scalar; lists, maps and nothing are problems.
    pub fn scalar<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.kind {
            NodeKind::Scalar { text, .. } if !node.is_nothing() => {
                if text.len() > self.limits.text_bytes_max {
                    let title = format!("`{what}` is too long");
                    let label = format!("{} bytes", text.len());
                    let help = format!("at most {} bytes are allowed", self.limits.text_bytes_max);
                    self.problem(&(node.span.start..node.span.start + 1), title, label, help);
                    return None;
                }
                Some(text)
            }
            _ => {
                let label = format!("found {}", node.noun());
                self.problem(&node.span, format!("`{what}` needs a text"), label, "write a text, in quotes if need be");
                None
            }
        }
    }

    /// A scalar in which nothing is filled in.
    pub fn constant(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.scalar(node, what)?;
        if text.contains("${") {
            let title = format!("`{what}` is fixed");
            self.problem(&node.span, title, "no name can be filled in here", "write the text itself");
            return None;
        }
        if text.trim().is_empty() {
            self.problem(&node.span, format!("`{what}` is empty"), "nothing stands here", "write a text");
            return None;
        }
        Some(text.to_owned())
    }

    /// One of the given words.
    pub fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.scalar(node, what)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let title = format!("`{what}` cannot be `{}`", shortened(text));
            let advice = suggest::advice(text, words.iter().map(|(word, _)| *word));
            self.problem(&node.span, title, "not one of its words", advice);
        }
        found
    }

    /// `true` or `false`.
    pub fn truth(&mut self, node: &Node, what: &str) -> Option<bool> {
        let text = self.scalar(node, what)?;
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                let title = format!("`{what}` needs true or false");
                self.problem(&node.span, title, format!("found `{}`", shortened(text)), "write `true` or `false`");
                None
            }
        }
    }

    /// A whole number between `least` and `most`.
    pub fn whole(&mut self, node: &Node, what: &str, least: u64, most: u64) -> Option<u64> {
        let text = self.scalar(node, what)?;
        let digits =
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        let number = text.parse::<u64>().ok().filter(|n| digits && (least..=most).contains(n));
        if number.is_none() {
            let title = format!("`{what}` needs a whole number");
            let help = format!("write {least} to {most} in plain digits");
            self.problem(&node.span, title, format!("found `{}`", shortened(text)), help);
        }
        number
    }

    /// A signed whole number of CSS pixels.
    fn pixel(&mut self, node: &Node) -> Option<i32> {
        let text = self.scalar(node, "by")?;
        let number = text.parse::<i32>().ok().filter(|n| n.abs() <= 100_000);
        if number.is_none() {
            let label = format!("found `{}`", shortened(text));
            self.problem(&node.span, "`by` needs whole numbers of CSS pixels", label, "write them like `by: [0, 600]`");
        }
        number
    }

    /// Two whole numbers: right and down.
    pub fn pixels(&mut self, node: &Node) -> Option<(i32, i32)> {
        if let NodeKind::List(items) = &node.kind
            && let [x, y] = items.as_slice()
        {
            return Some((self.pixel(x)?, self.pixel(y)?));
        }
        let label = format!("found {}", node.noun());
        self.problem(&node.span, "`by` needs two numbers", label, "write how far right and down, like `by: [0, 600]`");
        None
    }

    /// A duration with its unit, more than nothing and at most `most`.
    pub fn duration(&mut self, node: &Node, what: &str, most: Duration) -> Option<Duration> {
        let text = self.scalar(node, what)?;
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(split);
        let milliseconds = match unit {
            "ms" => Some(1),
            "s" => Some(1000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let number = digits.parse::<u64>().ok();
        let duration = milliseconds.zip(number).and_then(|(ms, n)| n.checked_mul(ms)).map(Duration::from_millis);
        let found = format!("found `{}`", shortened(text));
        match duration {
            Some(duration) if duration.is_zero() => {
                self.problem(
                    &node.span,
                    format!("`{what}` cannot be zero"),
                    found,
                    "write a duration such as `500ms` or `5s`",
                );
                None
            }
            Some(duration) if duration > most => {
                let seconds = most.as_secs();
                let (n, unit) = match seconds {
                    _ if seconds > 3600 && seconds.is_multiple_of(3600) => (seconds / 3600, "h"),
                    _ if seconds.is_multiple_of(60) => (seconds / 60, "m"),
                    _ => (seconds, "s"),
                };
                let help = format!("at most `{n}{unit}` is allowed");
                self.problem(&node.span, format!("`{what}` is too long"), found, help);
                None
            }
            Some(duration) => Some(duration),
            None => {
                let help = match (number, unit.is_empty()) {
                    (Some(n), true) => format!("add the unit: `{n}s` for seconds or `{n}ms` for milliseconds"),
                    _ => "write a whole number with its unit: `500ms`, `5s` or `2m`".to_owned(),
                };
                self.problem(&node.span, format!("`{what}` needs a duration with its unit"), found, help);
                None
            }
        }
    }

    /// A regular expression that can fail.
    pub fn pattern(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.constant(node, what)?;
        if let Err(why) = pattern::compile(&text) {
            let help = "see docs.rs/regex for the syntax; look-around and back-references do not exist";
            self.problem(&node.span, why, "in this regular expression", help);
            return None;
        }
        if pattern::matches_anything(&text) {
            let help = "anchor it with `^` and `$`, or say what must be there";
            self.problem(&node.span, format!("`{what}` can never fail"), "this matches every text", help);
            return None;
        }
        Some(text)
    }
}

/// A text cut for a message.
pub(super) fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}
