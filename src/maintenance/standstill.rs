//! Times in which the clocks that run against people stand still.

use crate::moment::Moment;
use std::time::Duration;

/// Stretches of time, each from and up to, not including; in order, apart from each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standstill(Vec<(Moment, Moment)>);

impl Standstill {
    /// These stretches, in any order; they may overlap.
    pub fn of(stretches: impl IntoIterator<Item = (Moment, Moment)>) -> Self {
        let mut all: Vec<(Moment, Moment)> = stretches.into_iter().filter(|(from, to)| from < to).collect();
        all.sort_unstable();
        let mut apart: Vec<(Moment, Moment)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match apart.last_mut().filter(|(_, end)| from <= *end) {
                Some((_, end)) => *end = to.max(*end),
                None => apart.push((from, to)),
            }
        }
        Self(apart)
    }

    /// Whether clocks stand still at `at`.
    pub fn holds(&self, at: Moment) -> bool {
        self.until(at).is_some()
    }

    /// When they go on, where they stand still at `at`.
    pub fn until(&self, at: Moment) -> Option<Moment> {
        self.around(at).map(|(_, to)| to)
    }

    /// The stretch that `at` lies in.
    pub fn around(&self, at: Moment) -> Option<(Moment, Moment)> {
        self.0.iter().find(|(from, to)| *from <= at && at < *to).copied()
    }

    /// When `lasting` will have gone by since `start`.
    pub fn after(&self, start: Moment, lasting: Duration) -> Moment {
        let (mut at, mut left) = (start, lasting);
        for (from, to) in self.0.iter().filter(|(_, to)| start < *to) {
            let free = from.since(at);
            if left <= free && !left.is_zero() {
                break;
            }
            (at, left) = (*to, left.saturating_sub(free));
        }
        at.after(left)
    }

    /// How long they stood still from `from` to `to`.
    pub fn within(&self, from: Moment, to: Moment) -> Duration {
        self.0.iter().map(|(begin, end)| to.min(*end).since(from.max(*begin))).sum()
    }

    /// How long they went from `from` to `to`.
    pub fn gone(&self, from: Moment, to: Moment) -> Duration {
        to.since(from).saturating_sub(self.within(from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn still(stretches: &[(i64, i64)]) -> Standstill {
        Standstill::of(stretches.iter().map(|(from, to)| (at(*from), at(*to))))
    }

    #[test]
    fn stretches_that_touch_are_one() {
        let check = |given: &[(i64, i64)], expected: &[(i64, i64)]| {
            let expected: Vec<_> = expected.iter().map(|(from, to)| (at(*from), at(*to))).collect();
            assert_eq!(still(given).0, expected);
        };
        check(&[(5, 9), (1, 3), (3, 4)], &[(1, 4), (5, 9)]);
        check(&[(1, 9), (2, 3)], &[(1, 9)]);
        check(&[(4, 4), (6, 5)], &[]);
    }

    #[test]
    fn what_lasts_goes_on_behind_them() {
        let check = |start: i64, lasting: u64, expected: i64| {
            let due = still(&[(10, 20), (25, 30)]).after(at(start), Duration::from_secs(lasting));
            assert_eq!(due, at(expected), "{start} + {lasting}");
            // Neither a moment earlier nor later.
            let gone = still(&[(10, 20), (25, 30)]).gone(at(start), due);
            assert_eq!(gone, Duration::from_secs(lasting), "{start} + {lasting}");
        };
        check(0, 5, 5);
        check(0, 10, 10);
        check(0, 11, 21);
        check(0, 16, 31);
        check(12, 3, 23);
        check(12, 8, 33);
        check(30, 5, 35);
    }

    #[test]
    fn the_end_is_no_part_of_it() {
        let check = |seconds: i64, expected: Option<i64>| {
            assert_eq!(still(&[(10, 20)]).until(at(seconds)), expected.map(at), "{seconds}");
        };
        check(9, None);
        check(10, Some(20));
        check(19, Some(20));
        check(20, None);
    }
}
