//! Whether a registry that answers is believed: one that has lost most of its rows has more likely lost them on the way than
//! the bank its products, and every one that is still shown would be told as a finding.

use crate::moment::Moment;
use std::time::Duration;

/// What an answer is weighed against: the last one that was believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Believed {
    /// How many rows it had.
    pub rows: usize,
    /// When it came.
    pub at: Moment,
    /// Since when answers were doubted.
    pub doubted_since: Option<Moment>,
}

/// What comes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighed {
    /// It is taken.
    Taken,
    /// It is not believed, nor was any since then.
    Doubted(Moment),
}

/// Weighs an answer of so many rows. One that has lost more than half of them is doubted until answers have said so for as
/// long as the last good copy serves: by then somebody has heard of it, or it is right.
pub fn weigh(rows: usize, before: Option<&Believed>, now: Moment, stale_after: Duration) -> Weighed {
    let Some(before) = before.filter(|before| rows.saturating_mul(2) < before.rows) else { return Weighed::Taken };
    match before.doubted_since {
        Some(since) if now.since(since) >= stale_after => Weighed::Taken,
        since => Weighed::Doubted(since.unwrap_or(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_lost_most_of_its_rows_is_doubted_for_a_while() {
        let at = |hours: i64| Moment::from_millis(hours * 3_600_000);
        let check = |rows: usize, before: Option<(usize, Option<i64>)>, now: i64, expected: Option<i64>| {
            let before = before.map(|(rows, doubted)| Believed { rows, at: at(0), doubted_since: doubted.map(at) });
            let weighed = weigh(rows, before.as_ref(), at(now), Duration::from_secs(24 * 3600));
            let expected = expected.map_or(Weighed::Taken, |since| Weighed::Doubted(at(since)));
            assert_eq!(weighed, expected, "{rows} rows after {before:?} at {now} h");
        };
        check(1, None, 0, None);
        check(20, Some((40, None)), 1, None);
        check(60, Some((40, None)), 1, None);
        check(19, Some((40, None)), 1, Some(1));
        check(1, Some((3, None)), 1, Some(1));
        // A copy may be as old as it likes: what counts is how long answers have said so.
        check(19, Some((40, None)), 99, Some(99));
        check(19, Some((40, Some(1))), 24, Some(1));
        check(19, Some((40, Some(1))), 25, None);
    }
}
