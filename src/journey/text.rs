//! Texts with `${name}` in them, parsed once and filled at each walk.

use std::fmt;

/// A text an author wrote, with the names to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    parts: Vec<TextPart>,
}

/// A piece of a `Text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// Stands for itself.
    Literal(String),
    /// Stands for the value of a parameter, variable or capture; `account.username` reads the leased account.
    Name(String),
}

/// A name that nothing gives a value to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is named `{0}` here")]
pub struct UnknownName(pub String);

impl Text {
    /// A text without names.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { parts: vec![TextPart::Literal(text.into())] }
    }

    /// A text of parts, as the parser found them.
    pub fn from_parts(parts: Vec<TextPart>) -> Self {
        Self { parts }
    }

    /// Its parts in order.
    pub fn parts(&self) -> &[TextPart] {
        &self.parts
    }

    /// The names it needs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|p| match p {
            TextPart::Name(name) => Some(name.as_str()),
            TextPart::Literal(_) => None,
        })
    }

    /// The text with every name replaced by what `value_of` gives.
    pub fn fill(&self, value_of: impl Fn(&str) -> Option<String>) -> Result<String, UnknownName> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TextPart::Literal(text) => out.push_str(text),
                TextPart::Name(name) => out.push_str(&value_of(name).ok_or_else(|| UnknownName(name.clone()))?),
            }
        }
        Ok(out)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                TextPart::Literal(text) => f.write_str(text)?,
                TextPart::Name(name) => write!(f, "${{{name}}}")?,
            }
        }
        Ok(())
    }
}
