//! References to secrets: a file people share never holds the secret itself.

use std::fmt;

const WANTED: &str =
    "a secret must be a reference, not the secret itself: write `env:NAME`, `file:/run/secrets/NAME` or `exec:COMMAND`";

/// Where a secret is to be found.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum SecretReference {
    /// An environment variable.
    Env(String),
    /// A file only its owner may read; a trailing newline is dropped.
    File(String),
    /// A command whose output is the secret; a trailing newline is dropped.
    Exec(String),
}

/// Why a text is not a reference. It may be a secret by mistake, so it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{WANTED}")]
pub struct NotAReference;

impl std::str::FromStr for SecretReference {
    type Err = NotAReference;
    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let (kind, rest) = text.split_once(':').ok_or(NotAReference)?;
        let rest = rest.trim();
        match kind {
            _ if rest.is_empty() => Err(NotAReference),
            "env" if is_variable(rest) => Ok(Self::Env(rest.to_owned())),
            "file" => Ok(Self::File(rest.to_owned())),
            "exec" => Ok(Self::Exec(rest.to_owned())),
            _ => Err(NotAReference),
        }
    }
}

impl TryFrom<String> for SecretReference {
    type Error = NotAReference;
    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Exec(command) => write!(f, "exec:{command}"),
        }
    }
}

impl fmt::Debug for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn is_variable(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_references() {
        let check = |text: &str, expected: bool| {
            let got = text.parse::<SecretReference>();
            assert_eq!(got.is_ok(), expected, "{text:?}");
            if let Err(refused) = got {
                assert!(text.len() < 8 || !refused.to_string().contains(text), "the text is not repeated: {text:?}");
            }
        };
        check("env:GENGFU_PIN", true);
        check("file:/run/secrets/pin", true);
        check("exec:vault read pin", true);
        for wrong in ["", "hunter2-hunter2", "env:", "env:A B", "env:1A", "vault:x-y-z", "exec:   "] {
            check(wrong, false);
        }
    }
}
