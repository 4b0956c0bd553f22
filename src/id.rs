//! Identifiers. Names people choose are slugs; names the robot gives are UUID v7, so they sort by age.

use std::fmt;
use std::str::FromStr;

/// The longest slug accepted, in bytes.
pub const SLUG_BYTES_MAX: usize = 80;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is not a slug.
    #[error("`{0}` is not a name: use 1 to {SLUG_BYTES_MAX} of a-z, 0-9, `-`, `_`, starting with a letter or digit")]
    Slug(String),
    /// The text is not a UUID.
    #[error("`{0}` is not an id: expected a UUID such as 0190f5e2-7c1d-7a3b-8c4d-5e6f70819203")]
    Uuid(String),
}

/// Whether `text` may name a journey, an app, an account or a capture.
pub fn is_slug(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    let first = text.as_bytes().first();
    text.len() <= SLUG_BYTES_MAX
        && text.bytes().all(ok)
        && first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The stable name of a journey, chosen by its author.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JourneyId(String);

impl JourneyId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JourneyId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        if is_slug(text) { Ok(Self(text.to_owned())) } else { Err(IdError::Slug(text.to_owned())) }
    }
}

impl fmt::Display for JourneyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a step inside its journey: derived from what the step does (verb and target) or given
/// by its author, never from its position, so that inserting a step leaves the other names alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub String);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new name, later than every earlier one of this process.
            pub fn fresh() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                uuid::Uuid::parse_str(text).map(Self).map_err(|_| IdError::Uuid(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// One walk.
    WalkId
);
uuid_id!(
    /// One incident.
    IncidentId
);
uuid_id!(
    /// One notice: the stable part of its Message-ID and its webhook-id.
    NoticeId
);
uuid_id!(
    /// One maintenance window that somebody declared.
    WindowId
);
uuid_id!(
    /// One walk that a person asked for, from the asking on.
    WishId
);
uuid_id!(
    /// One audit log, from its first entry on.
    LogId
);
uuid_id!(
    /// One person who may use the console.
    PersonId
);
uuid_id!(
    /// One stay of a person, from sign-in to sign-out. It names the session and opens nothing.
    SessionId
);
uuid_id!(
    /// One token of a person. It names the token and opens nothing.
    TokenId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        let check = |text: &str, expected: bool| assert_eq!(is_slug(text), expected, "{text:?}");
        check("fund-purchase", true);
        check("9-lives_x", true);
        check("", false);
        check("-x", false);
        check("Fund", false);
        check("a/b", false);
        check("..", false);
        check("基金", false);
        check(&"a".repeat(81), false);
    }
}
