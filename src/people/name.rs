//! The name a person signs in with.

use crate::actor::{ACTOR_NAME_BYTES_MAX, Actor};
use icu_normalizer::ComposingNormalizerBorrowed;
use std::fmt;
use std::str::FromStr;

/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 64;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameRefused {
    /// Nothing was written.
    #[error("a name has 1 to {NAME_CHARS_MAX} characters, and no more than {ACTOR_NAME_BYTES_MAX} bytes")]
    Length,
    /// A character that is not seen, or changes how others are seen.
    #[error("a name has visible characters and single spaces between them only")]
    Unseen,
}

/// A name as its person writes it; two that differ in case only, or in how their characters are put together, are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName {
    written: String,
    folded: String,
}

impl PersonName {
    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// As it is compared.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl FromStr for PersonName {
    type Err = NameRefused;
    fn from_str(text: &str) -> Result<Self, NameRefused> {
        let written = text.trim();
        // In the queue and the audit log it is an actor's name.
        let longest = written.chars().count() > NAME_CHARS_MAX || written.len() > ACTOR_NAME_BYTES_MAX;
        if written.is_empty() || longest {
            return Err(NameRefused::Length);
        }
        if written.chars().any(|c| c != ' ' && is_unseen(c)) || written.contains("  ") {
            return Err(NameRefused::Unseen);
        }
        Ok(Self { written: written.to_owned(), folded: composed(&composed(written).to_lowercase()) })
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl PersonName {
    /// As the audit log and the queue name them.
    pub fn actor(&self) -> Actor {
        Actor::person(self.as_str()).unwrap_or_else(|_| Actor::person("?").expect("invariant: a constant name"))
    }
}

/// One spelling of a text that keyboards write in several: composed, and without mere variants of form (NFKC).
pub(super) fn composed(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
}

/// Controls, other spaces, and what joins, hides or turns the text around it: one name could look like another.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_seen_whole() {
        let check = |text: &str, expected: Result<&str, NameRefused>| {
            assert_eq!(text.parse::<PersonName>().map(|n| n.folded), expected.map(str::to_owned), "{text:?}");
        };
        check(" Zhang.Wei@bank.example ", Ok("zhang.wei@bank.example"));
        check("王 芳", Ok("王 芳"));
        check("Zoe\u{308}", Ok("zo\u{eb}"));
        check("ｒｏｏｔ", Ok("root"));
        check("<script>alert(1)</script>", Ok("<script>alert(1)</script>"));
        check(&"x".repeat(64), Ok(&"x".repeat(64)));
        check(&"x".repeat(65), Err(NameRefused::Length));
        check("  ", Err(NameRefused::Length));
        for unseen in ["a\nb", "a\0b", "a\u{202e}b", "a\u{200b}b", "a  b", "a\u{a0}b", "a\u{feff}", "\u{1b}[31m"] {
            check(unseen, Err(NameRefused::Unseen));
        }
    }
}
