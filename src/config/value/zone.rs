//! Time zones by their IANA names; abbreviations such as `CST` mean several zones and are refused.

use crate::patrol::{ScheduleError, zone};

/// A time zone this machine knows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(pub jiff::tz::TimeZone);

impl Zone {
    /// The zone of Chinese banks; UTC on a machine that does not know it.
    pub fn shanghai() -> Self {
        zone("Asia/Shanghai").map_or(Self(jiff::tz::TimeZone::UTC), Self)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl TryFrom<String> for Zone {
    type Error = ScheduleError;
    fn try_from(text: String) -> Result<Self, ScheduleError> {
        zone(&text).map(Self)
    }
}
