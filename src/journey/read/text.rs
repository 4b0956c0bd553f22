//! Texts with `${name}`: cut into parts, names looked up, parameters of a part put in their place.

use super::reader::Reader;
use super::scalar::shortened;
use super::{secrets, suggest};
use crate::diagnostic::Span;
use crate::journey::expression::{Term, Value};
use crate::journey::node::Node;
use crate::journey::{Expression, Text, TextPart};
use rust_decimal::Decimal;

/// What a `use` gave for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Argument {
    /// A text, possibly with names of the user.
    Text(Text),
    /// A figure, which expressions may compute with.
    Figure(Decimal),
    /// A reference to a secret.
    Secret(String),
    /// Something wrong that was already told; silences what would follow from it.
    Unknown,
}

impl Reader<'_> {
    /// A text that may be empty.
    pub fn text_or_empty(&mut self, node: &Node, what: &str) -> Option<Text> {
        let raw = self.scalar(node, what)?;
        self.text_of(raw, &node.span)
    }

    /// A text with something in it.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<Text> {
        let raw = self.scalar(node, what)?;
        if raw.trim().is_empty() {
            self.problem(
                &node.span,
                format!("`{what}` is empty"),
                "nothing stands here",
                "write a text, or leave the key out",
            );
            return None;
        }
        self.text_of(raw, &node.span)
    }

    /// Cuts a text into its parts; `$${` stands for `${` itself.
    pub fn text_of(&mut self, raw: &str, span: &Span) -> Option<Text> {
        let mut parts: Vec<TextPart> = Vec::new();
        let mut rest = raw;
        let mut right = true;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                literal(&mut parts, &rest[..at - 1]);
                literal(&mut parts, "${");
                rest = &rest[at + 2..];
                continue;
            }
            literal(&mut parts, &rest[..at]);
            let Some((name, after)) = rest[at + 2..].split_once('}') else {
                self.problem(
                    span,
                    "`${` is not closed",
                    "no `}` follows",
                    "write `${name}`, or `$${` for the characters",
                );
                return None;
            };
            let from = raw.len() - rest.len() + at;
            let place = self.inside(span, raw, from..from + name.len() + 3);
            right &= self.name_part(name, &place, &mut parts);
            rest = after;
        }
        literal(&mut parts, rest);
        right.then(|| Text::from_parts(parts))
    }

    /// The bytes of a piece of a scalar, where the scalar stands in the file as it is.
    fn inside(&self, whole: &Span, raw: &str, piece: Span) -> Span {
        let text = &self.source.text;
        let mut starts = whole.start..whole.start + 2;
        let start = starts.find(|s| text.get(*s..).is_some_and(|rest| rest.starts_with(raw)));
        start.map_or_else(|| whole.clone(), |s| s + piece.start..s + piece.end.max(piece.start + 1))
    }

    fn name_part(&mut self, name: &str, span: &Span, parts: &mut Vec<TextPart>) -> bool {
        if name.starts_with("env:") || name.starts_with("file:") || name.starts_with("exec:") {
            let title = format!("a secret cannot stand in a text: `{}`", shortened(name));
            self.problem(span, title, "it would be seen", "only `fill` types secrets: `fill: {label: …, secret: …}`");
            return false;
        }
        if !is_name(name) {
            let title = format!("`{}` is not a name", shortened(name));
            let help = "only a name stands in `${}`, of a-z, 0-9 and `_`; compute in `assert`";
            self.problem(span, title, "in this text", help);
            return false;
        }
        match self.params.get(name).cloned() {
            Some(Argument::Text(text)) => {
                for part in text.parts() {
                    match part {
                        TextPart::Literal(text) => literal(parts, text),
                        TextPart::Name(_) => parts.push(part.clone()),
                    }
                }
                return true;
            }
            Some(Argument::Figure(figure)) => {
                literal(parts, &figure.to_string());
                return true;
            }
            Some(Argument::Secret(_)) => {
                let title = format!("the secret `{name}` cannot stand in a text");
                self.problem(span, title, "it would be seen", "only `fill` types secrets: `secret: ${name}`");
                return false;
            }
            Some(Argument::Unknown) => return false,
            None => {}
        }
        if secrets::is_secret_field(name) {
            let title = format!("the secret `{name}` cannot stand in a text");
            let help = format!("only `fill` types secrets: `fill: {{label: …, secret: {name}}}`");
            self.problem(span, title, "it would be seen", help);
            return false;
        }
        let known = self.knows(name, span);
        if known {
            parts.push(TextPart::Name(name.to_owned()));
        }
        known
    }

    /// Whether a name has a value here; if not, that is told.
    pub fn knows(&mut self, name: &str, span: &Span) -> bool {
        if name.starts_with("account.") {
            if self.account.is_none() {
                let title = format!("`{name}` needs an account");
                self.problem(span, title, "the journey leases none", "add `account:` with the pool to the journey");
                return false;
            }
            return true;
        }
        if self.names.contains(name) {
            return true;
        }
        let candidates: Vec<String> = self.names.iter().cloned().chain(self.params.keys().cloned()).collect();
        let help = match suggest::nearest(name, candidates.iter().map(String::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if self.in_part => "declare it under `params:`, or `capture` it in an earlier step".to_owned(),
            None => "declare it under `vars:`, or `capture` it in an earlier step".to_owned(),
        };
        self.problem(span, format!("nothing is named `{}` here", shortened(name)), "unknown name", help);
        false
    }

    /// An expression; `more` are names that only it may use.
    pub fn expression(&mut self, node: &Node, what: &str, more: &[String]) -> Option<Expression> {
        let raw = self.scalar(node, what)?.to_owned();
        let expression = match Expression::parse(&raw) {
            Ok(expression) => expression,
            Err((inner, why)) => {
                let span = self.inside(&node.span, &raw, inner);
                self.problem(
                    &span,
                    format!("`{what}` is not an expression"),
                    why,
                    "an expression is like `total == cash + funds`",
                );
                return None;
            }
        };
        let mut right = true;
        for name in expression.names().into_iter().map(str::to_owned).collect::<Vec<_>>() {
            let at = raw.find(&name).map_or(0..raw.len(), |at| at..at + name.len());
            let span = self.inside(&node.span, &raw, at);
            right &= more.contains(&name) || self.usable_in_expression(&name, &span);
        }
        if let Some(why) = expression.idle() {
            self.problem(
                &node.span,
                format!("`{what}` can never fail"),
                why,
                "compare what was read with what it must be",
            );
            return None;
        }
        if !right {
            return None;
        }
        let params = self.params.clone();
        Some(expression.bind(&|name| match params.get(name)? {
            Argument::Figure(figure) => Some(Term::Value(Value::Figure(*figure))),
            Argument::Text(text) => match text.parts() {
                [TextPart::Name(name)] => Some(Term::Name(name.clone())),
                [TextPart::Literal(text)] => Some(Term::Value(Value::Text(text.clone()))),
                _ => None,
            },
            _ => None,
        }))
    }

    fn usable_in_expression(&mut self, name: &str, span: &Span) -> bool {
        match self.params.get(name) {
            Some(Argument::Figure(_)) => true,
            Some(Argument::Text(text)) if text.parts().len() == 1 => true,
            Some(Argument::Text(_)) => {
                let help = "give the parameter one value or one name, not a mixture";
                self.problem(
                    span,
                    format!("`{name}` is put together from several parts"),
                    "used in an expression",
                    help,
                );
                false
            }
            Some(Argument::Secret(_)) => {
                let help = "only `fill` types secrets";
                self.problem(span, format!("the secret `{name}` cannot be compared"), "its value would be seen", help);
                false
            }
            Some(Argument::Unknown) => false,
            None if secrets::is_secret_field(name) => {
                let help = "only `fill` types secrets";
                self.problem(span, format!("the secret `{name}` cannot be compared"), "its value would be seen", help);
                false
            }
            None => self.knows(name, span),
        }
    }
}

fn literal(parts: &mut Vec<TextPart>, text: &str) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(TextPart::Literal(last)) => last.push_str(text),
        _ => parts.push(TextPart::Literal(text.to_owned())),
    }
}

/// Whether a text may name a value: `nav`, `account.username`.
pub(super) fn is_name(text: &str) -> bool {
    let word = |w: &str| {
        w.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
            && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    !text.is_empty() && text.len() <= 80 && text.split('.').all(word)
}

/// Whether a text may be given to a new value: a name that no expression takes for a word of its own.
pub(super) fn is_new_name(text: &str) -> bool {
    const TAKEN: [&str; 9] = ["and", "or", "not", "in", "contains", "matches", "true", "false", "account"];
    is_name(text) && !text.contains('.') && !TAKEN.contains(&text)
}
