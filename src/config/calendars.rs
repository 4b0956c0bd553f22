//! `calendars:` — the days on which people work, by country or by house.

use super::mistakes::Mistakes;
use super::value::{DayRange, Slug};
use crate::calendar::Workdays;
use jiff::civil::{Date, Weekday};
use serde_saphyr::Spanned;
use std::collections::{BTreeMap, BTreeSet};

/// Monday to Friday, but for these.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Calendar {
    /// Holidays: `2026-10-01/2026-10-07`, `2027-01-01`.
    pub closed: Vec<DayRange>,
    /// Weekends that are worked to make up for them: `2026-10-10`.
    pub open: Vec<DayRange>,
}

impl Calendar {
    /// The days that it makes.
    pub fn workdays(&self) -> Workdays {
        let all = |ranges: &[DayRange]| ranges.iter().flat_map(DayRange::days).collect();
        Workdays { closed: all(&self.closed), open: all(&self.open) }
    }
}

/// Notes days that are said to be two things, or that say nothing.
pub(super) fn check(calendars: &BTreeMap<Slug, Spanned<Calendar>>, mistakes: &mut Mistakes) {
    for (name, calendar) in calendars {
        let at = calendar.referenced;
        let Workdays { closed, open } = calendar.value.workdays();
        if let Some(day) = closed.intersection(&open).next() {
            let help = "keep it in the one that is right";
            mistakes.note(at, &format!("{day} is both `closed` and `open` in the calendar `{name}`"), help);
        }
        let weekday = |day: &&Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let listed: BTreeSet<Date> = open.difference(&closed).copied().collect();
        if let Some(day) = listed.iter().find(weekday) {
            let help = "`open` is for Saturdays and Sundays that are worked to make up for a holiday";
            mistakes.note(at, &format!("{day} is no weekend, and open in the calendar `{name}` as it is"), help);
        }
    }
}
