//! Days of the calendar, one or several that follow each other.

use super::Refused;
use jiff::civil::Date;

const WANTED: &str = "a day or days that follow each other, 60 at most: write `2026-10-01` or `2026-10-01/2026-10-07`, the last included";

/// Days of one range at most: longer than any holiday, and a year that was mistyped is not taken for one.
const DAYS_MAX: usize = 60;

/// From one day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct DayRange {
    first: Date,
    last: Date,
}

impl DayRange {
    /// Each of its days.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.last;
        let next = move |day: &Date| day.tomorrow().ok().filter(|day| *day <= last);
        std::iter::successors(Some(self.first), next).take(DAYS_MAX + 1)
    }
}

impl TryFrom<String> for DayRange {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let refuse = || Refused::new(&text, WANTED);
        // One spelling: a date that is read in several is misread in one.
        let day = |part: &str| part.parse::<Date>().ok().filter(|day| day.to_string() == part);
        let (first, last) = text.split_once('/').unwrap_or((&text, &text));
        let (first, last) = day(first).zip(day(last)).ok_or_else(refuse)?;
        let range = Self { first, last };
        if first <= last && range.days().count() <= DAYS_MAX { Ok(range) } else { Err(refuse()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_days_and_both_their_ends() {
        let check = |text: &str, expected: Option<(&str, usize)>| {
            let got = DayRange::try_from(text.to_owned()).ok();
            let told = got.map(|range| (range.days().last().unwrap().to_string(), range.days().count()));
            assert_eq!(told, expected.map(|(last, count)| (last.to_owned(), count)), "{text:?}");
        };
        check("2026-10-01", Some(("2026-10-01", 1)));
        check("2026-10-01/2026-10-07", Some(("2026-10-07", 7)));
        check("2026-12-31/2027-01-01", Some(("2027-01-01", 2)));
        check("2026-01-01/2026-03-01", Some(("2026-03-01", 60)));
        for wrong in [
            "",
            "10-01",
            "2026-10-7",
            "2026-02-30",
            "2026-10-07/2026-10-01",
            "2026-01-01/2026-03-02",
            "20261001",
            "2026-10-01/",
        ] {
            check(wrong, None);
        }
    }
}
