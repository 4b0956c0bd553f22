//! The hours in which somebody wants to be told what can wait.

use crate::finding::Severity;
use crate::moment::Moment;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// The hours in which somebody wants to be told. What is worst is told at any hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// The days on which they begin.
    pub days: Vec<Weekday>,
    /// When they begin, in minutes of the day.
    pub from: u16,
    /// When they end, in minutes of the day; of the next day when that is not after `from`.
    pub to: u16,
    /// Where.
    pub zone: TimeZone,
}

impl Hours {
    /// When something of this severity may be told: `now`, or when the next hours begin.
    pub fn told_at(&self, severity: Severity, now: Moment) -> Moment {
        if severity == Severity::P1 { now } else { self.next(now) }
    }

    /// `now` within the hours, otherwise when they begin next.
    pub fn next(&self, now: Moment) -> Moment {
        let today = now.timestamp().to_zoned(self.zone.clone()).date();
        let lasts = if self.to > self.from { self.to - self.from } else { self.to + DAY_MINUTES - self.from };
        // From yesterday, because they may end after midnight; eight days on there is one of each weekday.
        for ahead in -1..=8 {
            let Ok(day) = today.checked_add(i64::from(ahead).days()) else { continue };
            if !self.days.contains(&day.weekday()) {
                continue;
            }
            let wall = |minutes: u16| self.moment(day.to_datetime(Time::midnight()), minutes);
            let (Some(begin), Some(end)) = (wall(self.from), wall(self.from + lasts)) else { continue };
            if now < end {
                return begin.max(now);
            }
        }
        now
    }

    /// A time on the wall as a moment; one that the clock leaps over is taken after the leap.
    fn moment(&self, midnight: DateTime, minutes: u16) -> Option<Moment> {
        let wall = midnight.checked_add(i64::from(minutes).minutes()).ok()?;
        let at = wall.to_zoned(self.zone.clone()).ok()?;
        Some(Moment::from_millis(at.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::from_millis(text.parse::<jiff::Zoned>().unwrap().timestamp().as_millisecond())
    }

    fn hours(days: &[Weekday], from: u16, to: u16, zone: &str) -> Hours {
        Hours { days: days.to_vec(), from: from * 60, to: to * 60, zone: TimeZone::get(zone).unwrap() }
    }

    const WEEK: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

    #[test]
    fn what_can_wait_is_told_when_the_hours_begin() {
        let check = |hours: &Hours, now: &str, expected: &str| {
            assert_eq!(hours.next(moment(now)), moment(expected), "{now}");
        };
        let office = hours(&WEEK, 8, 20, "Asia/Shanghai");
        check(&office, "2026-11-20T07:59+08:00[Asia/Shanghai]", "2026-11-20T08:00+08:00[Asia/Shanghai]");
        check(&office, "2026-11-20T08:00+08:00[Asia/Shanghai]", "2026-11-20T08:00+08:00[Asia/Shanghai]");
        check(&office, "2026-11-20T19:59+08:00[Asia/Shanghai]", "2026-11-20T19:59+08:00[Asia/Shanghai]");
        // A Friday evening waits for Monday.
        check(&office, "2026-11-20T20:00+08:00[Asia/Shanghai]", "2026-11-23T08:00+08:00[Asia/Shanghai]");
        check(&office, "2026-11-22T12:00+08:00[Asia/Shanghai]", "2026-11-23T08:00+08:00[Asia/Shanghai]");
        // Somebody else's evening is in their own zone.
        check(&office, "2026-11-20T12:30+00:00[UTC]", "2026-11-23T00:00+00:00[UTC]");

        let night = hours(&[Weekday::Friday], 22, 6, "Asia/Shanghai");
        check(&night, "2026-11-21T05:59+08:00[Asia/Shanghai]", "2026-11-21T05:59+08:00[Asia/Shanghai]");
        check(&night, "2026-11-21T06:00+08:00[Asia/Shanghai]", "2026-11-27T22:00+08:00[Asia/Shanghai]");
        let always = hours(&[Weekday::Monday], 0, 24, "Asia/Shanghai");
        check(&always, "2026-11-23T23:59+08:00[Asia/Shanghai]", "2026-11-23T23:59+08:00[Asia/Shanghai]");
        check(&always, "2026-11-24T00:00+08:00[Asia/Shanghai]", "2026-11-30T00:00+08:00[Asia/Shanghai]");

        // In the night in which 02:00 to 03:00 does not exist, hours from 02:30 on begin after the gap.
        let gap = Hours { from: 150, ..hours(&[Weekday::Sunday], 0, 12, "Europe/Berlin") };
        check(&gap, "2026-03-29T01:00+01:00[Europe/Berlin]", "2026-03-29T03:30+02:00[Europe/Berlin]");
        check(&gap, "2026-03-29T03:59+02:00[Europe/Berlin]", "2026-03-29T03:59+02:00[Europe/Berlin]");
    }

    #[test]
    fn the_worst_waits_for_nobody() {
        let office = hours(&WEEK, 8, 20, "Asia/Shanghai");
        let (night, morning) =
            (moment("2026-11-20T03:00+08:00[Asia/Shanghai]"), moment("2026-11-20T08:00+08:00[Asia/Shanghai]"));
        let check = |severity: Severity, expected: Moment| assert_eq!(office.told_at(severity, night), expected);
        check(Severity::P1, night);
        check(Severity::P2, morning);
        check(Severity::P3, morning);
    }
}
