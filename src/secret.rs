//! Secrets in memory, and references to them in files.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A secret value: wiped when dropped, never shown by `Debug`.
#[derive(Clone)]
pub struct Secret {
    name: String,
    value: SecretString,
}

impl Secret {
    /// Holds `value` under the name shown in its place.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: SecretString::from(value.into()) }
    }

    /// What is shown instead of the value.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value itself. Only `fill` and the masker call this.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹secret {}›", self.name)
    }
}
