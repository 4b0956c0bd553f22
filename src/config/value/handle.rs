//! Names by which a vendor knows its people.

use super::Refused;
use std::fmt;

const WANTED: &str =
    "someone's id, name or phone number at the vendor: letters, digits and `-`, `_`, `.`, `@`, `+` only";
/// The longest one, in characters.
const CHARS_MAX: usize = 128;

/// A phone number, or an id that a vendor gives to its people: it goes into messages as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Handle(String);

impl Handle {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Handle {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+".contains(c);
        if text.is_empty() || text.chars().count() > CHARS_MAX || !text.chars().all(plain) {
            return Err(Refused::new(&text, WANTED));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
