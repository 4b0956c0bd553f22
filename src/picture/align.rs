//! Which row of a page's picture was which row of the approved one: a banner that came in moves what is below it, and what
//! only moved has not changed.
//!
//! After the patience diff (Bram Cohen): rows that are unique in both pictures are anchors; the longest sequence of them
//! that keeps its order is taken, and each is extended as far as rows are equal. Rows of one colour are in every page many
//! times and anchor nothing.

use std::collections::HashMap;

/// So many rows in a row must be equal before rows are believed to have moved: a line of text is 40 rows of a phone's picture.
const MOVED_ROWS_MIN: usize = 24;

/// A stretch of rows that are equal in both pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Its first row in the approved picture.
    pub old: usize,
    /// Its first row in the new one.
    pub new: usize,
    pub rows: usize,
}

/// What lies between two stretches: rows that are not equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub old: std::ops::Range<usize>,
    pub new: std::ops::Range<usize>,
}

/// The stretches from top to bottom, none empty, none out of order.
pub(super) fn stretches(old: &[u64], new: &[u64]) -> Vec<Stretch> {
    let same = |(a, b): &(&u64, &u64)| a == b;
    let top = old.iter().zip(new).take_while(same).count();
    let most = old.len().min(new.len()) - top;
    let bottom = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let (old_end, new_end) = (old.len() - bottom, new.len() - bottom);
    let mut stretches = Vec::new();
    if top > 0 {
        stretches.push(Stretch { old: 0, new: 0, rows: top });
    }
    stretches.extend(middle(&old[top..old_end], &new[top..new_end]).into_iter().map(|stretch| Stretch {
        old: stretch.old + top,
        new: stretch.new + top,
        rows: stretch.rows,
    }));
    if bottom > 0 {
        stretches.push(Stretch { old: old_end, new: new_end, rows: bottom });
    }
    merged(stretches)
}

/// What lies between the stretches, before the first and after the last.
pub(super) fn gaps(stretches: &[Stretch], old_rows: usize, new_rows: usize) -> Vec<Gap> {
    let ends = stretches.iter().map(|stretch| (stretch.old + stretch.rows, stretch.new + stretch.rows));
    let starts = stretches.iter().map(|stretch| (stretch.old, stretch.new)).chain([(old_rows, new_rows)]);
    let pairs = std::iter::once((0, 0)).chain(ends).zip(starts);
    let gaps = pairs.map(|((old, new), (old_end, new_end))| Gap { old: old..old_end, new: new..new_end });
    gaps.filter(|gap| !gap.old.is_empty() || !gap.new.is_empty()).collect()
}

fn middle(old: &[u64], new: &[u64]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at_old, at_new) in ordered(anchors(old, new)) {
        let (from_old, from_new) = stretches.last().map_or((0, 0), |last| (last.old + last.rows, last.new + last.rows));
        if at_old < from_old || at_new < from_new {
            continue; // the stretch before has grown over it
        }
        let back = old[from_old..at_old].iter().rev().zip(new[from_new..at_new].iter().rev());
        let back = back.take_while(|(a, b)| a == b).count();
        let on = old[at_old..].iter().zip(&new[at_new..]).take_while(|(a, b)| a == b).count();
        stretches.push(Stretch { old: at_old - back, new: at_new - back, rows: back + on });
    }
    stretches.retain(|stretch| stretch.rows >= MOVED_ROWS_MIN || stretch.old == stretch.new);
    stretches
}

/// Rows that are in each picture once.
fn anchors(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    // How often in the old picture and where, and the same for the new one.
    let mut met: HashMap<u64, [(u32, usize); 2]> = HashMap::new();
    for (which, rows) in [old, new].into_iter().enumerate() {
        for (at, row) in rows.iter().enumerate() {
            let entry = &mut met.entry(*row).or_default()[which];
            *entry = (entry.0 + 1, at);
        }
    }
    let once = met.into_values().filter(|[a, b]| a.0 == 1 && b.0 == 1);
    let mut anchors: Vec<_> = once.map(|[a, b]| (a.1, b.1)).collect();
    anchors.sort_unstable();
    anchors
}

/// The longest sequence whose places in the new picture rise with those in the old one (patience sorting).
fn ordered(anchors: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(anchors.len());
    for (number, (_, new)) in anchors.iter().enumerate() {
        let pile = piles.partition_point(|top| anchors[*top].1 < *new);
        before.push(pile.checked_sub(1).map(|left| piles[left]));
        if pile == piles.len() {
            piles.push(number);
        } else {
            piles[pile] = number;
        }
    }
    let mut sequence: Vec<_> =
        std::iter::successors(piles.last().copied(), |number| before[*number]).map(|number| anchors[number]).collect();
    sequence.reverse();
    sequence
}

/// Stretches that follow each other without a gap are one.
fn merged(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match all.last_mut() {
            Some(last) if last.old + last.rows == stretch.old && last.new + last.rows == stretch.new => {
                last.rows += stretch.rows
            }
            _ => all.push(stretch),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check((old, new): (&[u64], &[u64]), expected: &[(usize, usize, usize)]) {
        let stretches: Vec<_> =
            stretches(old, new).into_iter().map(|stretch| (stretch.old, stretch.new, stretch.rows)).collect();
        assert_eq!(stretches, expected);
    }

    #[test]
    fn rows_that_moved_are_found_where_they_are_now() {
        let page: Vec<u64> = (1..=100).collect();
        let banner: Vec<u64> = (1000..1040).collect();
        check((&page, &page), &[(0, 0, 100)]);
        check((&[], &page), &[]);
        let inserted = [&page[..30], &banner, &page[30..]].concat();
        check((&page, &inserted), &[(0, 0, 30), (30, 70, 70)]);
        check((&inserted, &page), &[(0, 0, 30), (70, 30, 70)]);
        // Replaced in its place: what is around stays.
        let replaced = [&page[..30], &banner, &page[70..]].concat();
        check((&page, &replaced), &[(0, 0, 30), (70, 70, 30)]);
    }

    #[test]
    fn a_few_equal_rows_elsewhere_have_not_moved() {
        let old: Vec<u64> = (1..=100).collect();
        let mut new: Vec<u64> = (501..=600).collect();
        new[70..80].copy_from_slice(&old[20..30]);
        check((&old, &new), &[]);
        // Where they were, they are equal however few.
        new[70..80].fill(7);
        new[50] = old[50];
        check((&old, &new), &[(50, 50, 1)]);
    }

    #[test]
    fn blank_rows_anchor_nothing() {
        let blank = vec![7; 60];
        let text: Vec<u64> = (100..140).collect();
        let old = [&blank[..], &text, &blank].concat();
        let new = [&blank[..50], &text, &blank, &blank[..10]].concat();
        check((&old, &new), &[(0, 0, 50), (60, 50, 40), (100, 100, 60)]);
    }

    proptest! {
        /// Stretches hold, keep their order and cover with the gaps each row of both pictures once.
        #[test]
        fn stretches_and_gaps_are_the_whole_picture(
            old in prop::collection::vec(0_u64..40, 0..300),
            cut in 0_usize..300,
            rows in prop::collection::vec(40_u64..400, 0..60),
        ) {
            let cut = cut.min(old.len());
            let new = [&old[..cut], &rows, &old[cut..]].concat();
            let stretches = stretches(&old, &new);
            for stretch in &stretches {
                prop_assert_eq!(&old[stretch.old..stretch.old + stretch.rows], &new[stretch.new..stretch.new + stretch.rows]);
            }
            let gaps = gaps(&stretches, old.len(), new.len());
            let told = |both: fn(&Gap) -> usize| gaps.iter().map(both).sum::<usize>();
            let equal = stretches.iter().map(|stretch| stretch.rows).sum::<usize>();
            prop_assert_eq!(equal + told(|gap| gap.old.len()), old.len());
            prop_assert_eq!(equal + told(|gap| gap.new.len()), new.len());
        }
    }
}
