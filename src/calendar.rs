//! Days on which exchanges trade, and days on which people work. Both are Monday to Friday but for holidays; where a
//! holiday is made up for on a weekend, as in mainland China, people work then and exchanges stay closed.

use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// The longest way back that is counted, in days.
const DAYS_MAX: u32 = 800;

/// The days on which people work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workdays {
    /// Holidays. Those of a year that is not listed yet are not known.
    pub closed: BTreeSet<Date>,
    /// Weekends on which people work.
    pub open: BTreeSet<Date>,
}

impl Workdays {
    /// Whether people work on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.open.contains(&day) || is_trading_day(day, &self.closed)
    }
}

/// Whether there is trading on a day.
pub fn is_trading_day(day: Date, holidays: &BTreeSet<Date>) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
}

/// How many trading days have begun since `day`, up to `today`; `None` when the day is still to come.
pub fn trading_days_since(day: Date, today: Date, holidays: &BTreeSet<Date>) -> Option<u32> {
    if day > today {
        return None;
    }
    let mut count = 0;
    let mut at = day;
    for _ in 0..DAYS_MAX {
        if at == today {
            return Some(count);
        }
        at = at.tomorrow().ok()?;
        count += u32::from(is_trading_day(at, holidays));
    }
    // Years back: as many as need not be told apart.
    Some(DAYS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn people_work_on_make_up_weekends_and_not_on_holidays() {
        let closed: BTreeSet<Date> = (1..=7).map(|day| date(2026, 10, day)).collect();
        let work = Workdays { open: BTreeSet::from([date(2026, 9, 20), date(2026, 10, 10)]), closed };
        let check = |day: Date, works: bool, trades: bool| {
            assert_eq!((work.holds(day), is_trading_day(day, &work.closed)), (works, trades), "{day}");
        };
        check(date(2026, 9, 19), false, false);
        check(date(2026, 9, 20), true, false);
        check(date(2026, 9, 30), true, true);
        check(date(2026, 10, 1), false, false);
        check(date(2026, 10, 7), false, false);
        check(date(2026, 10, 8), true, true);
        check(date(2026, 10, 10), true, false);
        check(date(2026, 10, 11), false, false);
    }

    #[test]
    fn days_without_trading_do_not_age_a_figure() {
        let holidays: BTreeSet<Date> = (1..=7).map(|day| date(2026, 10, day)).collect();
        let check = |day: Date, today: Date, expected: Option<u32>| {
            assert_eq!(trading_days_since(day, today, &holidays), expected, "{day} {today}");
        };
        check(date(2026, 11, 20), date(2026, 11, 20), Some(0));
        // A Friday's figure on the Monday after it.
        check(date(2026, 11, 20), date(2026, 11, 23), Some(1));
        check(date(2026, 11, 20), date(2026, 11, 22), Some(0));
        check(date(2026, 9, 30), date(2026, 10, 8), Some(1));
        check(date(2026, 11, 23), date(2026, 11, 20), None);
        check(date(1970, 1, 1), date(2026, 11, 20), Some(800));
    }
}
