//! Moments as people read them, in the console's zone.

use super::lang::Lang;
use crate::moment::Moment;
use jiff::tz::TimeZone;
use serde::Serialize;

/// A moment in the shapes pages need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct When {
    /// For machines: RFC 3339 in UTC.
    pub iso: String,
    /// `14:03:07`
    pub clock: String,
    /// `11-21 14:03`, with the year when it is another one.
    pub short: String,
    /// `2026-11-21 14:03:07 +08:00`
    pub full: String,
    /// `3 min ago`
    pub ago: String,
}

/// `at` as seen at `now`.
pub(super) fn when(at: Moment, now: Moment, zone: &TimeZone, lang: Lang) -> When {
    let local = at.timestamp().to_zoned(zone.clone());
    let same_year = now.timestamp().to_zoned(zone.clone()).year() == local.year();
    When {
        iso: at.to_string(),
        clock: local.strftime("%H:%M:%S").to_string(),
        short: local.strftime(if same_year { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" }).to_string(),
        full: local.strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
        ago: lang.ago(now, at),
    }
}

/// The label of a tick on a time axis: the hour for short spans, the day for long ones.
pub(super) fn tick(at: Moment, zone: &TimeZone, days: bool) -> String {
    let local = at.timestamp().to_zoned(zone.clone());
    local.strftime(if days { "%m-%d" } else { "%H:%M" }).to_string()
}
