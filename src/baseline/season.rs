//! How much slower an app is at an hour of the day, on working days and on weekends.
//!
//! An hour's effect is drawn to nothing while few looks were made at it, and a weekend's hour to the same hour of all
//! days: what is not known is said as a variance, never guessed.

use crate::moment::Moment;
use jiff::civil::Weekday;
use jiff::tz::{TimeZone, offset};

/// Hours of the day, on working days and on weekends.
pub(super) const HOURS: usize = 2 * DAY;
const DAY: usize = 24;
/// What looks weigh for the hours near their own, from two hours before to two hours after.
const NEAR: usize = 2;
const NEAR_WEIGHS: [(usize, f64); 5] = [(0, 0.25), (1, 0.5), (2, 1.0), (3, 0.5), (4, 0.25)];
/// How far an hour of the day may lie off the whole day's level, as a standard deviation of logarithms; and how far a
/// weekend's hour off the same hour of all days.
const HOUR_SPREAD: f64 = 0.2;
const OWN_SPREAD: f64 = 0.1;
/// So many looks weigh as much as not knowing does: the square of a usual spread (0.25) over that of the hour, upwards.
const HOUR_UNKNOWN: f64 = 2.0;
const OWN_UNKNOWN: f64 = 6.0;
/// Looks an hour is remembered by; older ones fade.
const LOOKS_MAX: u32 = 120;
/// What one look may say of an hour at most, in thousandths: one that took three times as long says nothing of the hour.
const SAYS_MAX: i32 = 750;

/// An hour of the day: 0 to 23 on working days, 24 to 47 on weekends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hour(usize);

impl Hour {
    /// The hour that customers in `zone` have; without a known one, those in China.
    pub(super) fn of(at: Moment, zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap_or_else(|_| TimeZone::fixed(offset(8)));
        let there = at.timestamp().to_zoned(zone);
        let weekend = matches!(there.weekday(), Weekday::Saturday | Weekday::Sunday);
        Self(usize::try_from(there.hour()).unwrap_or_default() % DAY + if weekend { DAY } else { 0 })
    }

    /// By its number: 0 to 47.
    pub(super) fn numbered(number: usize) -> Option<Self> {
        (number < HOURS).then_some(Self(number))
    }

    /// Its number.
    pub(super) fn number(self) -> usize {
        self.0
    }
}

/// What looks have said of each hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Season(pub(super) [Told; HOURS]);

impl Default for Season {
    fn default() -> Self {
        Self([Told::default(); HOURS])
    }
}

/// What looks have said of an hour: how many, and how far off the level all together, in thousandths of a logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Told {
    pub(super) looks: u32,
    pub(super) off: i32,
}

/// How far an hour lies off the level, and how well that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Effect {
    pub(super) off: f64,
    pub(super) variance: f64,
}

impl Season {
    /// What is known of an hour.
    pub(super) fn effect(&self, hour: Hour) -> Effect {
        let (own, of_day) = (self.0[hour.0], hour.0 % DAY);
        let (mut all, mut off) = (0.0, 0.0);
        for (apart, weighs) in NEAR_WEIGHS {
            let near = (of_day + DAY + apart - NEAR) % DAY;
            for told in [self.0[near], self.0[near + DAY]] {
                all += weighs * f64::from(told.looks);
                off += weighs * f64::from(told.off) / 1e3;
            }
        }
        let of_hour = off / (all + HOUR_UNKNOWN);
        let looks = f64::from(own.looks);
        let own_off = (f64::from(own.off) / 1e3 - looks * of_hour) / (looks + OWN_UNKNOWN);
        let unknown = HOUR_SPREAD.powi(2) * HOUR_UNKNOWN / (all + HOUR_UNKNOWN);
        let unknown_own = OWN_SPREAD.powi(2) * OWN_UNKNOWN / (looks + OWN_UNKNOWN);
        Effect { off: of_hour + own_off, variance: unknown + unknown_own }
    }

    /// One look more at an hour was so far off the level, in thousandths.
    pub(super) fn teach(&mut self, hour: Hour, off: i32) {
        let told = &mut self.0[hour.0];
        if told.looks >= LOOKS_MAX {
            told.off -= told.off / i32::try_from(LOOKS_MAX).unwrap_or(i32::MAX);
        } else {
            told.looks += 1;
        }
        told.off += off.clamp(-SAYS_MAX, SAYS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_the_customers() {
        let check = |at: &str, zone: &str, expected: usize| {
            let at = Moment::from_millis(at.parse::<jiff::Timestamp>().unwrap().as_millisecond());
            assert_eq!(Hour::of(at, zone), Hour(expected), "{at} {zone}");
        };
        check("2026-11-20T01:30:00Z", "Asia/Shanghai", 9);
        // Saturday has begun in Shanghai.
        check("2026-11-20T16:30:00Z", "Asia/Shanghai", 24);
        check("2026-11-20T16:30:00Z", "Europe/Zurich", 17);
        check("2026-11-20T16:30:00Z", "", 24);
    }

    #[test]
    fn an_hour_is_drawn_to_nothing_while_little_is_known_of_it() {
        let check = |looks: &[(usize, u32)], hour: usize, off: (f64, f64), doubt: (f64, f64)| {
            let mut season = Season::default();
            for (hour, times) in looks {
                (0..*times).for_each(|_| season.teach(Hour(*hour), 300));
            }
            let Effect { off: found, variance } = season.effect(Hour(hour));
            assert!((off.0..=off.1).contains(&found), "{looks:?} {hour}: {found}");
            assert!((doubt.0..=doubt.1).contains(&variance.sqrt()), "{looks:?} {hour}: {}", variance.sqrt());
        };
        check(&[], 9, (0.0, 0.0), (0.2, 0.25));
        check(&[(9, 1)], 9, (0.1, 0.15), (0.15, 0.2));
        check(&[(9, 40)], 9, (0.28, 0.3), (0.0, 0.07));
        // A weekend's hour is taken for a working day's until it says otherwise.
        check(&[(9, 40)], 33, (0.28, 0.3), (0.1, 0.12));
        // The hour after is taken for much like it; one that is far off for the day's level.
        check(&[(9, 40)], 10, (0.25, 0.28), (0.1, 0.12));
        check(&[(9, 40)], 12, (0.0, 0.0), (0.2, 0.25));
        // A long life does not make it deaf, and one that took a hundred times as long says little.
        check(&[(9, 4_000)], 9, (0.28, 0.31), (0.0, 0.07));
    }
}
