//! Times of the day and days of the week.

use super::Refused;
use jiff::civil::Weekday;

const TIME: &str = "a time of the day: write it in quotes, such as `\"08:00\"` or `\"24:00\"`";
const DAY: &str = "a day or a range of days: write `mon`, `sat` or `mon-fri`";
const NAMES: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A time of the day in minutes, from `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Daytime(pub u16);

impl TryFrom<String> for Daytime {
    type Error = Refused;
    fn try_from(text: String) -> Result<Self, Refused> {
        let digits = |part: &str| {
            let two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if two { part.parse::<u16>().ok() } else { None }
        };
        let parts = text.split_once(':').and_then(|(hours, minutes)| digits(hours).zip(digits(minutes)));
        match parts {
            Some((hours, minutes)) if minutes < 60 && hours * 60 + minutes <= 24 * 60 => Ok(Self(hours * 60 + minutes)),
            _ => Err(Refused::new(&text, TIME)),
        }
    }
}

/// Days of the week, each once; all of them where none are named.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Days(pub Vec<Weekday>);

impl Default for Days {
    fn default() -> Self {
        Self(NAMES.map(|(_, day)| day).to_vec())
    }
}

impl TryFrom<Vec<String>> for Days {
    type Error = Refused;
    fn try_from(written: Vec<String>) -> Result<Self, Refused> {
        let place = |name: &str| NAMES.iter().position(|(known, _)| *known == name);
        let mut days = Vec::new();
        for text in &written {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let refuse = || Refused::new(text, DAY);
            let (first, last) = place(first).zip(place(last)).ok_or_else(refuse)?;
            // `sat-mon` goes over the end of the week.
            let count = (last + 7 - first) % 7 + 1;
            for ahead in 0..count {
                let day = NAMES[(first + ahead) % 7].1;
                if !days.contains(&day) {
                    days.push(day);
                }
            }
        }
        if days.is_empty() { Err(Refused::new("[]", DAY)) } else { Ok(Self(days)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_four_digits() {
        let check = |text: &str, expected: Option<u16>| {
            assert_eq!(Daytime::try_from(text.to_owned()).ok(), expected.map(Daytime), "{text:?}");
        };
        check("00:00", Some(0));
        check("08:30", Some(510));
        check("24:00", Some(1440));
        for wrong in ["", "8:00", "08", "08:60", "24:01", "25:00", "+8:00", "08:00:00", "8am", "０8:00"] {
            check(wrong, None);
        }
    }

    #[test]
    fn days_are_names_and_ranges() {
        let check = |written: &[&str], expected: Option<&[usize]>| {
            let got = Days::try_from(written.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).ok();
            let expected = expected.map(|places| Days(places.iter().map(|at| NAMES[*at].1).collect()));
            assert_eq!(got, expected, "{written:?}");
        };
        check(&["mon-fri"], Some(&[0, 1, 2, 3, 4]));
        check(&["wed"], Some(&[2]));
        check(&["sat-mon", "mon"], Some(&[5, 6, 0]));
        check(&["mon", "wed-thu"], Some(&[0, 2, 3]));
        for wrong in [&[][..], &["monday"], &["mon-"], &["mon-fri-sun"], &["Mon"], &["mon fri"]] {
            check(wrong, None);
        }
    }
}
