//! The parts of guard rules, as the guard itself understands them.

use super::Refused;
use crate::guard::{HostRule, HostRuleError, NeverRule, NeverRuleError};

/// A host that may be reached, or that a `never` rule is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct HostPattern {
    /// As it was written.
    pub text: String,
    /// As the guard understands it.
    pub rule: HostRule,
}

impl TryFrom<String> for HostPattern {
    type Error = HostRuleError;
    fn try_from(text: String) -> Result<Self, HostRuleError> {
        Ok(Self { rule: text.parse()?, text })
    }
}

/// A pattern over a URL's path: `*` stands for one segment, `**` for any.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct PathGlob(pub String);

impl TryFrom<String> for PathGlob {
    type Error = NeverRuleError;
    fn try_from(text: String) -> Result<Self, NeverRuleError> {
        NeverRule::parse(None, None, &text).map(|_| Self(text))
    }
}

/// An HTTP method in capital letters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Method(pub String);

impl TryFrom<String> for Method {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        if KNOWN.contains(&text.as_str()) {
            Ok(Self(text))
        } else {
            Err(Refused::new(&text, "a method: write one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
        }
    }
}
