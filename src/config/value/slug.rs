//! Names of apps, pools, accounts, channels and owners.

use super::Refused;
use std::fmt;

const WANTED: &str = "a name: use 1 to 80 of a-z, 0-9, `-`, `_`, starting with a letter or digit, such as `wealth-h5`";

/// A name as keys and references use it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl Slug {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        if crate::id::is_slug(&text) { Ok(Self(text)) } else { Err(Refused::new(&text, WANTED)) }
    }
}

impl std::borrow::Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
