//! The part of the day and of the week in which walks fall due.

use super::ScheduleError;
use jiff::Zoned;
use jiff::civil::Weekday;
use std::str::FromStr;

/// A part of the day, to the minute; it goes over midnight when it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from_minute: u16,
    until_minute: u16,
}

const DAY_MINUTES: u16 = 24 * 60;

impl Hours {
    /// From the first minute up to, not including, the last, both counted from midnight.
    pub fn new(from_minute: u16, until_minute: u16) -> Result<Self, ScheduleError> {
        let right = from_minute < DAY_MINUTES && until_minute <= DAY_MINUTES && from_minute != until_minute;
        let told = || ScheduleError::Hours(format!("minutes {from_minute} to {until_minute}"));
        if right { Ok(Self { from_minute, until_minute }) } else { Err(told()) }
    }

    /// Whether `at` lies in it, and on which day that part of the day began.
    fn day_of(self, at: &Zoned) -> Option<Weekday> {
        let minute = u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or(0);
        let over_midnight = self.until_minute < self.from_minute;
        if minute >= self.from_minute && (over_midnight || minute < self.until_minute) {
            Some(at.weekday())
        } else if over_midnight && minute < self.until_minute {
            Some(at.weekday().previous())
        } else {
            None
        }
    }
}

impl FromStr for Hours {
    type Err = ScheduleError;

    /// Reads `07:00-23:00`.
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let minute = |clock: &str| -> Option<u16> {
            let (hour, minute) = clock.trim().split_once(':')?;
            let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            let (hour, minute) = (digits(hour).then_some(hour)?, digits(minute).then_some(minute)?);
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (minute < 60).then_some(hour * 60 + minute)
        };
        let ends = text.split_once('-').and_then(|(from, until)| Some((minute(from)?, minute(until)?)));
        let told = || ScheduleError::Hours(text.to_owned());
        let (from, until) = ends.ok_or_else(told)?;
        Self::new(from, until).map_err(|_| told())
    }
}

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    on: [bool; 7],
}

const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    /// All of them.
    pub const ALL: Days = Days { on: [true; 7] };

    fn holds(self, day: Weekday) -> bool {
        usize::try_from(day.to_monday_zero_offset()).is_ok_and(|at| self.on[at])
    }
}

impl FromStr for Days {
    type Err = ScheduleError;

    /// Reads `mon-fri` or `mon,wed,sat-sun`; a range may go over Sunday.
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let told = || ScheduleError::Days(text.to_owned());
        let named = |name: &str| DAY_NAMES.iter().position(|n| *n == name.trim()).ok_or_else(told);
        let mut on = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (mut day, last) = (named(first)?, named(last)?);
            on[day] = true;
            while day != last {
                day = (day + 1) % 7;
                on[day] = true;
            }
        }
        Ok(Self { on })
    }
}

/// Whether `at` lies in `hours` of one of `days`. What goes over midnight belongs to the day it began on.
pub(super) fn holds(hours: Option<Hours>, days: Days, at: &Zoned) -> bool {
    let day = hours.map_or(Some(at.weekday()), |hours| hours.day_of(at));
    day.is_some_and(|day| days.holds(day))
}

/// When the next part of the day and of the week begins after `at`; `None` when none does within eight days.
pub(super) fn opening_after(hours: Option<Hours>, days: Days, at: &Zoned) -> Option<Zoned> {
    let minute = hours.map_or(0, |hours| hours.from_minute);
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    let mut date = at.date();
    for _ in 0..=8 {
        if days.holds(date.weekday()) {
            let opening = date.at(hour, minute, 0, 0).to_zoned(at.time_zone().clone()).ok();
            if let Some(opening) = opening.filter(|opening| opening > at) {
                return Some(opening);
            }
        }
        date = date.tomorrow().ok()?;
    }
    None
}
