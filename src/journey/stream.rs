//! Sockets that must be heard from: a page that quotes come to by a web socket, and hears nothing, shows old ones as new.

use jiff::civil::{Date, DateTime};
use std::time::Duration;

/// A web socket that must speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The glob over its path.
    pub socket: String,
    /// What people call it: 行情推送.
    pub title: String,
    /// Globs over the paths of the pages that must have opened it; where there are none, only one that was opened is told of.
    pub on: Vec<String>,
    /// How long its first word may take.
    pub within: Duration,
    /// The parts of trading days in which it must speak; always when empty.
    pub hours: Vec<TradingHours>,
    /// Whether its silence is P1; otherwise P2.
    pub urgent: bool,
}

impl Stream {
    /// Whether it had to speak all the while that it is given for its first word. What begins to speak at half past nine is
    /// not waited for at one second past.
    pub fn had_to_speak(&self, now: DateTime, is_trading_day: impl Fn(Date) -> bool) -> bool {
        let Ok(before) = now.checked_sub(self.within) else { return false };
        let within = |hours: &TradingHours| {
            let day = hours.day_of(now);
            day.is_some_and(&is_trading_day) && day == hours.day_of(before)
        };
        self.hours.is_empty() || self.hours.iter().any(within)
    }
}

/// A part of the day, to the minute; it goes over midnight when it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradingHours {
    from_minute: u16,
    until_minute: u16,
}

impl TradingHours {
    /// Reads `09:30-11:30`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let hours = Self { from_minute: minute_of(from)?, until_minute: minute_of(until)? };
        (hours.from_minute != hours.until_minute).then_some(hours)
    }

    /// The day on which the part of the day that holds `at` began.
    fn day_of(self, at: DateTime) -> Option<Date> {
        let minute = u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or(0);
        let over_midnight = self.until_minute < self.from_minute;
        if minute >= self.from_minute && (over_midnight || minute < self.until_minute) {
            Some(at.date())
        } else if over_midnight && minute < self.until_minute {
            at.date().yesterday().ok()
        } else {
            None
        }
    }
}

fn minute_of(clock: &str) -> Option<u16> {
    let (hour, minute) = clock.trim().split_once(':')?;
    let part = |text: &str, most: u16| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|part| digits && *part <= most)
    };
    Some(part(hour, 23)? * 60 + part(minute, 59)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_socket_must_speak_in_its_hours_alone() {
        let check = |hours: &[&str], day: i8, (hour, minute, second): (i8, i8, i8), expected: bool| {
            let stream = Stream {
                socket: "/feed".into(),
                title: "行情".into(),
                on: Vec::new(),
                within: Duration::from_secs(3),
                hours: hours.iter().map(|text| TradingHours::parse(text).unwrap()).collect(),
                urgent: false,
            };
            let now = date(2026, 11, day).at(hour, minute, second, 0);
            // The 19th is a holiday.
            assert_eq!(stream.had_to_speak(now, |day| day != date(2026, 11, 19)), expected, "{hours:?} {now}");
        };
        let day = ["09:30-11:30", "13:00-15:00"];
        check(&day, 20, (10, 0, 0), true);
        check(&day, 20, (14, 59, 59), true);
        check(&day, 20, (15, 0, 0), false);
        check(&day, 20, (12, 0, 0), false);
        // Just begun: it may still be about to speak.
        check(&day, 20, (9, 30, 2), false);
        check(&day, 20, (9, 30, 3), true);
        check(&day, 19, (10, 0, 0), false);
        // A night session belongs to the day on which it began.
        check(&["21:00-02:30"], 20, (1, 0, 0), false);
        check(&["21:00-02:30"], 19, (1, 0, 0), true);
        check(&["21:00-02:30"], 21, (0, 0, 1), true);
        check(&[], 19, (3, 0, 0), true);
    }

    #[test]
    fn hours_are_read_to_the_minute() {
        let check = |text: &str, expected: bool| assert_eq!(TradingHours::parse(text).is_some(), expected, "{text}");
        check("09:30-11:30", true);
        check("21:00 - 02:30", true);
        check("9:30-11:30", false);
        check("09:30-24:00", false);
        check("09:30-09:30", false);
        check("09:30", false);
    }
}
