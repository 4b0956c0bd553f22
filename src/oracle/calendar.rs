//! Trading days: Monday to Friday but for the exchange's holidays. Working weekends are no trading days in mainland China.

use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// The longest way back that is counted, in days.
const DAYS_MAX: u32 = 800;

/// Whether there is trading on a day.
pub(super) fn is_trading_day(day: Date, holidays: &BTreeSet<Date>) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
}

/// How many trading days have begun since `day`, up to `today`; `None` when the day is still to come.
pub(super) fn trading_days_since(day: Date, today: Date, holidays: &BTreeSet<Date>) -> Option<u32> {
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
