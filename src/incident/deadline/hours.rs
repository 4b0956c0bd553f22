//! The hours in which somebody wants to be told what can wait.

use crate::calendar::Workdays;
use crate::finding::Severity;
use crate::moment::Moment;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// Days further on than this are not looked at: longer than any holiday, and than a week.
const DAYS_AHEAD_MAX: i64 = 31;

/// The days on which hours begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenDays {
    /// These of each week.
    Week(Vec<Weekday>),
    /// Those of a calendar.
    Work(Workdays),
}

impl From<Vec<Weekday>> for OpenDays {
    fn from(days: Vec<Weekday>) -> Self {
        Self::Week(days)
    }
}

impl OpenDays {
    fn holds(&self, day: Date) -> bool {
        match self {
            Self::Week(days) => days.contains(&day.weekday()),
            Self::Work(calendar) => calendar.holds(day),
        }
    }
}

/// The hours in which somebody wants to be told. What is worst is told at any hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// The days on which they begin.
    pub days: OpenDays,
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
        // From yesterday, because they may end after midnight.
        for ahead in -1..=DAYS_AHEAD_MAX {
            let Ok(day) = today.checked_add(ahead.days()) else { continue };
            if !self.days.holds(day) {
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
        Hours { days: days.to_vec().into(), from: from * 60, to: to * 60, zone: TimeZone::get(zone).unwrap() }
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

    /// Around the National Day of 2026: closed from the 1st to the 7th of October, made up for on Sunday the 20th of
    /// September and Saturday the 10th of October.
    #[test]
    fn hours_follow_a_calendar_through_holidays_and_make_up_weekends() {
        use jiff::civil::date;
        let closed = (1..=7).map(|day| date(2026, 10, day)).collect();
        let calendar = Workdays { closed, open: [date(2026, 9, 20), date(2026, 10, 10)].into() };
        let office = Hours { days: OpenDays::Work(calendar), ..hours(&[], 9, 18, "Asia/Shanghai") };
        let check = |now: &str, expected: &str| {
            let at = |text: &str| moment(&format!("2026-{text}+08:00[Asia/Shanghai]"));
            assert_eq!(office.next(at(now)), at(expected), "{now}");
        };
        check("09-18T20:00", "09-20T09:00");
        check("09-20T12:00", "09-20T12:00");
        check("09-30T17:59", "09-30T17:59");
        check("09-30T18:00", "10-08T09:00");
        check("10-01T10:00", "10-08T09:00");
        check("10-09T18:30", "10-10T09:00");
        check("10-10T15:00", "10-10T15:00");
        // The Sunday after it is one.
        check("10-10T18:00", "10-12T09:00");
        // Hours of the night before a holiday end in it.
        let night = Hours { from: 22 * 60, to: 6 * 60, ..office.clone() };
        let at = |text: &str| moment(&format!("2026-{text}+08:00[Asia/Shanghai]"));
        assert_eq!(night.next(at("10-01T05:00")), at("10-01T05:00"));
        assert_eq!(night.next(at("10-01T06:00")), at("10-08T22:00"));
        // A calendar that is closed for good keeps nothing from anybody.
        let closed = (0..90).filter_map(|ahead: i64| date(2026, 10, 1).checked_add(ahead.days()).ok()).collect();
        let shut = Hours { days: OpenDays::Work(Workdays { closed, ..Workdays::default() }), ..office };
        assert_eq!(shut.next(at("10-10T15:00")), at("10-10T15:00"));
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
