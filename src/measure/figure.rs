//! Figures of many.

use std::time::Duration;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Those that are so.
    pub hit: u64,
    /// All that were looked at.
    pub of: u64,
}

impl Share {
    /// Counts one more.
    pub fn count(&mut self, hit: bool) {
        self.of += 1;
        self.hit += u64::from(hit);
    }

    /// In tenths of a percent, rounded, but 100 % only when it is all and 0 % only when it is none; `None` of nothing.
    pub fn permille(self) -> Option<u64> {
        if self.of == 0 {
            return None;
        }
        let rounded = (self.hit * 1000 + self.of / 2) / self.of;
        Some(match (self.hit, self.of - self.hit) {
            (0, _) => 0,
            (_, 0) => 1000,
            _ => rounded.clamp(1, 999),
        })
    }
}

/// How a number of durations lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// So many.
    pub count: usize,
    /// Half of them took no longer.
    pub median: Duration,
    /// Nine of ten took no longer.
    pub p90: Duration,
}

impl Spread {
    /// Of these; `None` of none.
    pub fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        // The least of those that so many took no longer than: a figure that was measured, never one between two.
        let at = |tenths: usize| all.get((all.len() * tenths).div_ceil(10).saturating_sub(1)).copied();
        Some(Self { count: all.len(), median: at(5)?, p90: at(9)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_but_never_to_all_or_none() {
        let check = |hit, of, expected| assert_eq!(Share { hit, of }.permille(), expected, "{hit} of {of}");
        check(0, 0, None);
        check(0, 3, Some(0));
        check(3, 3, Some(1000));
        check(1, 3, Some(333));
        check(2, 3, Some(667));
        check(99_999, 100_000, Some(999));
        check(1, 100_000, Some(1));
    }

    #[test]
    fn a_spread_names_what_was_measured() {
        let check = |all: &[u64], expected: Option<(u64, u64)>| {
            let spread = Spread::of(all.iter().map(|s| Duration::from_secs(*s)).collect());
            assert_eq!(spread.map(|s| (s.median.as_secs(), s.p90.as_secs())), expected, "{all:?}");
        };
        check(&[], None);
        check(&[7], Some((7, 7)));
        check(&[9, 1], Some((1, 9)));
        check(&[3, 1, 2], Some((2, 3)));
        check(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], Some((5, 9)));
    }
}
