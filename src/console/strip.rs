//! Marks over time, gathered into a fixed number of cells, the worst mark of each cell on top. Pure.

use crate::id::WalkId;
use crate::incident::{MissReason, StripMark, StripTally};
use crate::moment::Moment;
use crate::walk::Verdict;
use serde::Serialize;
use std::time::Duration;

/// Cells of a strip: what fits beside each other at 390 pixels and can be told apart from two metres at 1440.
pub(super) const CELLS: usize = 48;

/// What a cell or a journey shows, from the calmest to what must be seen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Face {
    /// Nothing was due.
    Idle,
    /// A walk is under way.
    UnderWay,
    /// Passed.
    Passed,
    /// Degraded.
    Degraded,
    /// Due, and nobody walked.
    Gap,
    /// The robot cannot say.
    Inconclusive,
    /// A customer would be blocked, or see something broken or abnormal.
    Failed,
}

impl Face {
    /// The word in styles.
    pub fn word(self) -> &'static str {
        match self {
            Face::Idle => "idle",
            Face::UnderWay => "under-way",
            Face::Passed => "passed",
            Face::Degraded => "degraded",
            Face::Gap => "gap",
            Face::Inconclusive => "inconclusive",
            Face::Failed => "failed",
        }
    }
}

impl From<Verdict> for Face {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Face::Passed,
            Verdict::Degraded => Face::Degraded,
            Verdict::Failed => Face::Failed,
            Verdict::Inconclusive => Face::Inconclusive,
        }
    }
}

/// How long a strip reaches back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Hour,
    SixHours,
    Day,
    Week,
}

impl Span {
    pub const ALL: [Span; 4] = [Span::Hour, Span::SixHours, Span::Day, Span::Week];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Span::Hour => "1h",
            Span::SixHours => "6h",
            Span::Day => "24h",
            Span::Week => "7d",
        }
    }

    /// The span `word` names; a day when it names none.
    pub fn read(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|span| Some(span.word()) == word).unwrap_or(Span::Day)
    }

    /// The time one cell stands for.
    pub fn cell(self) -> Duration {
        Duration::from_secs(match self {
            Span::Hour => 75,
            Span::SixHours => 450,
            Span::Day => 1_800,
            Span::Week => 12_600,
        })
    }

    /// The begin and end at `now`: whole cells, so that marks stand still while time goes on.
    pub fn bounds(self, now: Moment) -> (Moment, Moment) {
        let cell = i64::try_from(self.cell().as_millis()).expect("cells are short");
        let end = (now.as_millis().div_euclid(cell) + 1) * cell;
        let cells = i64::try_from(CELLS).expect("few cells");
        (Moment::from_millis(end - cells * cell), Moment::from_millis(end))
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Where it begins.
    pub from: Moment,
    /// The worst mark.
    pub face: Face,
    /// The newest walk with that mark.
    pub walk: Option<WalkId>,
    /// Why nobody walked, when that is the worst.
    pub missed: Option<MissReason>,
    /// Marks by face.
    pub counts: Counts,
}

/// How many marks of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub(super) struct Counts {
    pub passed: u32,
    pub degraded: u32,
    pub failed: u32,
    pub inconclusive: u32,
    pub missed: u32,
}

impl Counts {
    /// Walks, whatever they say.
    pub fn walks(&self) -> u32 {
        self.passed + self.degraded + self.failed + self.inconclusive
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Counts) {
        self.passed += other.passed;
        self.degraded += other.degraded;
        self.failed += other.failed;
        self.inconclusive += other.inconclusive;
        self.missed += other.missed;
    }

    fn count(&mut self, face: Face, n: u32) {
        match face {
            Face::Passed => self.passed += n,
            Face::Degraded => self.degraded += n,
            Face::Failed => self.failed += n,
            Face::Inconclusive => self.inconclusive += n,
            Face::Gap => self.missed += n,
            Face::Idle | Face::UnderWay => {}
        }
    }
}

/// One journey's marks as cells, from `from` on, each `cell` long. Marks outside are left out.
pub(super) fn cells<'a>(marks: impl Iterator<Item = &'a StripTally>, from: Moment, cell: Duration) -> Vec<Cell> {
    let at = |i: usize| from.after(cell * u32::try_from(i).expect("few cells"));
    let empty = |i| Cell { from: at(i), face: Face::Idle, walk: None, missed: None, counts: Counts::default() };
    let mut cells: Vec<Cell> = (0..CELLS).map(empty).collect();
    let width = i64::try_from(cell.as_millis()).expect("cells are short").max(1);
    for mark in marks {
        let index = (mark.from.as_millis() - from.as_millis()).div_euclid(width);
        let Some(cell) = usize::try_from(index).ok().and_then(|i| cells.get_mut(i)) else { continue };
        let (face, walk, missed) = match mark.mark {
            StripMark::Walked { walk, verdict, .. } => (Face::from(verdict), Some(walk), None),
            StripMark::Missed(reason) => (Face::Gap, None, Some(reason)),
            StripMark::UnderWay => (Face::UnderWay, None, None),
        };
        cell.counts.count(face, mark.count);
        if face >= cell.face {
            (cell.face, cell.walk, cell.missed) = (face, walk, missed);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: i64, mark: StripMark) -> StripTally {
        StripTally { journey: "j".parse().unwrap(), from: Moment::from_millis(at), mark, count: 1 }
    }

    fn walked(at: i64, verdict: Verdict) -> StripTally {
        mark(at, StripMark::Walked { walk: WalkId::fresh(), verdict, class: None })
    }

    #[test]
    fn the_worst_mark_is_shown_and_a_gap_is_never_hidden_by_a_pass() {
        let check = |marks: &[StripTally], expected: Face| {
            let cells = cells(marks.iter(), Moment::from_millis(0), Duration::from_millis(100));
            assert_eq!(cells[0].face, expected);
            assert!(cells[1..].iter().all(|c| c.face == Face::Idle));
        };
        let gap = mark(3, StripMark::Missed(MissReason::Away));
        check(&[], Face::Idle);
        check(&[walked(1, Verdict::Passed), gap.clone(), walked(9, Verdict::Passed)], Face::Gap);
        check(&[walked(1, Verdict::Failed), walked(2, Verdict::Passed)], Face::Failed);
        check(&[walked(1, Verdict::Degraded), walked(2, Verdict::Inconclusive), gap], Face::Inconclusive);
        check(&[walked(-1, Verdict::Failed), walked(100 * 48, Verdict::Failed)], Face::Idle);
    }

    #[test]
    fn the_newest_of_the_worst_walks_is_linked() {
        let marks = [walked(1, Verdict::Failed), walked(2, Verdict::Failed), walked(3, Verdict::Passed)];
        let StripMark::Walked { walk, .. } = marks[1].mark else { panic!("walked") };
        let cells = cells(marks.iter(), Moment::from_millis(0), Duration::from_millis(100));
        assert_eq!((cells[0].walk, cells[0].counts.walks()), (Some(walk), 3));
    }

    #[test]
    fn bounds_hold_the_present_in_the_last_cell() {
        for span in Span::ALL {
            let now = Moment::from_millis(1_795_300_000_123);
            let (from, to) = span.bounds(now);
            assert_eq!(to.since(from), span.cell() * u32::try_from(CELLS).unwrap());
            assert!(to > now && to.since(now) <= span.cell(), "{span:?}");
        }
    }
}
