//! `alerts:` — how notices speak, and how often they repeat themselves.

use super::value::{Lasting, Zone};

/// How notices speak.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// The language they begin in: `zh` or `en`.
    pub language: Tongue,
    /// The zone their times are given in.
    pub timezone: Zone,
    /// What is still open is told again each time this long has passed.
    pub remind_every: Lasting,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { language: Tongue::Zh, timezone: Zone::shanghai(), remind_every: Lasting::seconds(86_400) }
    }
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// Chinese.
    Zh,
    /// English.
    En,
}
