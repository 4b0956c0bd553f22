//! The time a report is of.

use crate::moment::Moment;
use jiff::ToSpan as _;
use jiff::civil::ISOWeekDate;
use jiff::tz::TimeZone;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A week from Monday to Sunday, by ISO 8601: `2026-W47`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    year: i16,
    week: i8,
}

impl Week {
    /// The week that `at` lies in, as seen in `zone`.
    pub fn holding(at: Moment, zone: &TimeZone) -> Self {
        let date = at.timestamp().to_zoned(zone.clone()).date().iso_week_date();
        Self { year: date.year(), week: date.week() }
    }

    /// The week before.
    pub fn previous(self) -> Self {
        self.moved(-7)
    }

    /// The week after.
    pub fn next(self) -> Self {
        self.moved(7)
    }

    /// From its Monday's midnight to the next one's, in `zone`.
    pub fn window(self, zone: &TimeZone) -> Window {
        let midnight = |days: i64| {
            let date = self.monday().saturating_add(days.days());
            let begins = date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp().as_millisecond());
            Moment::from_millis(begins.unwrap_or_default())
        };
        Window { bounds: (0..=7).map(midnight).collect(), now: None }
    }

    fn monday(self) -> jiff::civil::Date {
        let date = ISOWeekDate::new(self.year, self.week, jiff::civil::Weekday::Monday);
        date.map(ISOWeekDate::date).unwrap_or_default()
    }

    fn moved(self, days: i64) -> Self {
        let date = self.monday().saturating_add(days.days()).iso_week_date();
        Self { year: date.year(), week: date.week() }
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

/// A text that is no week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no week: write the year and the week by ISO 8601, such as `2026-W47`")]
pub struct NoWeek(String);

impl FromStr for Week {
    type Err = NoWeek;
    fn from_str(text: &str) -> Result<Self, NoWeek> {
        let no = || NoWeek(text.chars().take(40).collect());
        let (year, week) = text.split_once("-W").ok_or_else(no)?;
        let digits = |text: &str, many: usize| text.len() == many && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(week, 2) {
            return Err(no());
        }
        let (year, week) = (year.parse().map_err(|_| no())?, week.parse().map_err(|_| no())?);
        // A year that nobody is measured in would end at the calendar's edge.
        if !(1970..=9000).contains(&year) {
            return Err(no());
        }
        ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday).map_err(|_| no())?;
        Ok(Self { year, week })
    }
}

/// A time from its first bound up to, not including, its last, in days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    bounds: Vec<Moment>,
    /// What is later has not happened yet.
    now: Option<Moment>,
}

impl Window {
    /// From `from` to `to` as one day.
    pub fn between(from: Moment, to: Moment) -> Self {
        Self { bounds: vec![from, to.max(from)], now: None }
    }

    /// The same as known at `now`: what is left of it has not happened, so that nothing lasts into it and nothing is overdue.
    pub fn known_at(self, now: Moment) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Where it begins.
    pub fn from(&self) -> Moment {
        self.bounds.first().copied().unwrap_or(Moment::from_millis(0))
    }

    /// Where it ends on the calendar.
    pub fn ends(&self) -> Moment {
        self.bounds.last().copied().unwrap_or(Moment::from_millis(0))
    }

    /// Where it ends as far as it is known.
    pub fn to(&self) -> Moment {
        self.now.map_or(self.ends(), |now| now.min(self.ends()).max(self.from()))
    }

    /// Its days, each from and to.
    pub fn days(&self) -> impl Iterator<Item = (Moment, Moment)> + '_ {
        self.bounds.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// Whether `at` lies in it.
    pub fn holds(&self, at: Moment) -> bool {
        self.from() <= at && at < self.to()
    }

    /// How much of `from` to `to` lies in it.
    pub fn overlap(&self, from: Moment, to: Moment) -> Duration {
        to.min(self.to()).since(from.max(self.from()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_read_told_and_counted_as_the_calendar_does() {
        let check = |text: &str, previous: &str, next: &str| {
            let week: Week = text.parse().unwrap();
            let told = (week.to_string(), week.previous().to_string(), week.next().to_string());
            assert_eq!(told, (text.into(), previous.into(), next.into()));
        };
        check("2026-W47", "2026-W46", "2026-W48");
        // 2026 has 53 weeks.
        check("2026-W53", "2026-W52", "2027-W01");
        check("2025-W01", "2024-W52", "2025-W02");
        for no in ["2025-W53", "2026-W00", "2026-47", "26-W47", "2026-W7", "2026-W+7", "0000-W01", "9999-W52", ""] {
            assert!(no.parse::<Week>().is_err(), "{no}");
        }
    }

    #[test]
    fn a_week_is_seven_days_of_its_zone() {
        let shanghai = TimeZone::fixed(jiff::tz::offset(8));
        let window = "2026-W47".parse::<Week>().unwrap().window(&shanghai);
        assert_eq!(window.from().to_string(), "2026-11-15T16:00:00Z");
        assert_eq!((window.to().to_string().as_str(), window.days().count()), ("2026-11-22T16:00:00Z", 7));
        let before = Moment::from_millis(window.from().as_millis() - 1);
        assert_eq!(Week::holding(before, &shanghai).to_string(), "2026-W46");
        assert_eq!(Week::holding(window.from(), &shanghai).to_string(), "2026-W47");
        assert!(!window.holds(before) && window.holds(window.from()) && !window.holds(window.to()));
        let noon = window.from().after(Duration::from_secs(12 * 3600));
        let known = window.clone().known_at(noon);
        assert_eq!((known.to(), known.ends(), known.holds(noon)), (noon, window.ends(), false));
        assert_eq!(window.clone().known_at(before).to(), window.from(), "a week to come is empty");
    }

    #[test]
    fn the_day_on_which_clocks_are_put_back_is_an_hour_longer() {
        let Ok(berlin) = TimeZone::get("Europe/Berlin") else { return };
        let window = "2026-W43".parse::<Week>().unwrap().window(&berlin);
        let hours: Vec<u64> = window.days().map(|(from, to)| to.since(from).as_secs() / 3600).collect();
        assert_eq!(hours, [24, 24, 24, 24, 24, 24, 25]);
    }
}
