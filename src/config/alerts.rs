//! `alerts:` — how notices speak, and how often they repeat themselves.

use super::value::{Lasting, Zone};
use serde::Deserialize as _;
use std::time::Duration;

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
    /// A receiver gets at most one message within this: the first goes out at once, what comes meanwhile is gathered into
    /// the next.
    #[serde(deserialize_with = "at_most_an_hour")]
    pub group_within: Lasting,
}

/// Longer, and the worst would be told too late.
const GROUP_WITHIN_MOST: Duration = Duration::from_secs(3600);

fn at_most_an_hour<'de, D: serde::Deserializer<'de>>(written: D) -> Result<Lasting, D::Error> {
    let lasting = Lasting::deserialize(written)?;
    if lasting.0 > GROUP_WITHIN_MOST {
        return Err(serde::de::Error::custom("`group_within` is longer than an hour: write `1s` to `1h`"));
    }
    Ok(lasting)
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            language: Tongue::Zh,
            timezone: Zone::shanghai(),
            remind_every: Lasting::seconds(86_400),
            group_within: Lasting::seconds(60),
        }
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
