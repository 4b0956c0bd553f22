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
    /// The most rows that were believed of late, and when there were as many.
    pub most: (usize, Moment),
    /// How answers since were doubted.
    pub doubt: Option<Doubt>,
}

/// Answers that were not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// For how long they have said so, without those times after which none could be had, or was asked for.
    pub lasted: Duration,
    /// When the last one came; `None` when none could be had since.
    pub last: Option<Moment>,
}

/// What comes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighed {
    /// It is taken.
    Taken(Believed),
    /// It is not believed.
    Doubted(Doubt),
}

impl Believed {
    /// The first of its kind.
    fn first(rows: usize, at: Moment) -> Self {
        Self { rows, at, most: (rows, at), doubt: None }
    }

    /// An answer could not be had: nobody knows what it would have said. Whether that is news.
    pub fn interrupt(&mut self) -> bool {
        self.doubt.as_mut().is_some_and(|doubt| doubt.last.take().is_some())
    }
}

/// Weighs an answer of so many rows from a registry that is asked `every` so long. One that has lost more than half of the most
/// that were believed within `stale_after` is doubted until answers have said so for as long: by then somebody has heard of it,
/// or it is right.
pub fn weigh(rows: usize, before: Option<&Believed>, now: Moment, every: Duration, stale_after: Duration) -> Weighed {
    let Some(before) = before else { return Weighed::Taken(Believed::first(rows, now)) };
    // Not against the last alone: losing a little less than half each time, a registry would be gone in no time.
    let of_late = now.since(before.most.1) < stale_after;
    let most = if of_late { before.most } else { (before.rows, before.at) };
    if rows.saturating_mul(2) >= most.0 {
        let most = if rows >= most.0 { (rows, now) } else { most };
        return Weighed::Taken(Believed { most, ..Believed::first(rows, now) });
    }
    // Nobody knows what it said while it was not asked for long: the robot may have been off.
    let since = |last: Moment| now.since(last).min(every.saturating_mul(2));
    let goes_on = |doubt: Doubt| doubt.lasted + doubt.last.map_or(Duration::ZERO, since);
    let lasted = before.doubt.map_or(Duration::ZERO, goes_on);
    if lasted >= stale_after {
        return Weighed::Taken(Believed::first(rows, now));
    }
    Weighed::Doubted(Doubt { lasted, last: Some(now) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers as `(hour, rows)`, no rows where none could be had, for a registry of 100 rows that is asked every eight hours
    /// and whose copy serves for a day; the rows that are believed after each.
    fn check(answers: &[(i64, usize)], expected: &[usize]) {
        let at = |hours: i64| Moment::from_millis(hours * 3_600_000);
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let mut believed = Believed::first(100, at(0));
        let after = |(hour, rows): &(i64, usize)| {
            if *rows == 0 {
                believed.interrupt();
                return believed.rows;
            }
            match weigh(*rows, Some(&believed), at(*hour), hours(8), hours(24)) {
                Weighed::Taken(taken) => believed = taken,
                Weighed::Doubted(doubt) => believed.doubt = Some(doubt),
            }
            believed.rows
        };
        assert_eq!(answers.iter().map(after).collect::<Vec<_>>(), expected, "{answers:?}");
    }

    #[test]
    fn what_has_lost_most_of_its_rows_is_doubted_for_a_while() {
        check(&[(1, 50)], &[50]);
        check(&[(1, 160)], &[160]);
        check(&[(1, 49), (13, 49), (24, 49), (25, 40)], &[100, 100, 100, 40]);
        check(&[(1, 49), (24, 90), (25, 44), (26, 44)], &[100, 90, 90, 90]);
        // A copy may be as old as it likes: what counts is how long answers have said so.
        check(&[(99, 49), (100, 49)], &[100, 100]);
    }

    #[test]
    fn what_could_not_be_had_says_nothing() {
        check(&[(1, 49), (2, 0), (30, 49), (31, 49)], &[100; 4]);
        check(&[(1, 49), (2, 0), (30, 49), (42, 49), (54, 49)], &[100, 100, 100, 100, 49]);
        check(&[(1, 49), (13, 49), (14, 0), (40, 49), (52, 49)], &[100, 100, 100, 100, 49]);
    }

    #[test]
    fn when_it_was_not_asked_it_has_not_said_so() {
        check(&[(1, 49), (99, 49), (107, 49)], &[100, 100, 49]);
        check(&[(1, 49), (99, 49), (106, 49)], &[100; 3]);
    }

    #[test]
    fn it_is_not_lost_little_by_little_either() {
        check(&[(1, 51), (2, 26), (3, 51)], &[51, 51, 51]);
        check(&[(1, 51), (24, 26), (25, 26)], &[51, 26, 26]);
        // Once it was believed to have shrunk, that is what it is weighed against.
        check(&[(1, 40), (13, 40), (25, 40), (26, 20), (27, 19)], &[100, 100, 40, 20, 20]);
    }
}
