//! The true log put together from the stretches that were found, and what does not fit named.

use super::chain::{Broken, Chain, Part, Stretch};
use crate::audit::{Hash, Tampering};

/// Missing numbers that entries out of their place are tried under.
const MISSING_TRIED_MAX: usize = 1024;

/// What came of it.
pub(super) struct Assembled {
    /// The last number the log has.
    pub end: u64,
    /// What the chain alone shows.
    pub findings: Vec<Tampering>,
}

/// A stretch in the true log, at its place among the lines.
struct Piece {
    place: usize,
    stretch: Stretch,
    /// The hash that the next piece must begin with; unknown where a piece was cut.
    tip: Option<Hash>,
}

/// A broken part at its place among the lines.
struct Stray {
    place: usize,
    broken: Broken,
}

struct Assembly {
    /// By their numbers, none twice.
    pieces: Vec<Piece>,
    strays: Vec<Stray>,
    /// The last true number before each place among the lines.
    before: Vec<u64>,
    findings: Vec<Tampering>,
}

/// Puts the log together.
pub(super) fn assemble(chain: Chain) -> Assembled {
    let mut assembly = Assembly::of(chain.parts);
    assembly.bring_home();
    let end = assembly.fill_gaps();
    assembly.leave_over();
    assembly.links();
    assembly.order();
    assembly.numbers();
    let mut findings = assembly.findings;
    findings.sort_by_key(place);
    Assembled { end, findings }
}

/// Where a finding stands, for the order in which they are told.
fn place(finding: &Tampering) -> u64 {
    match finding {
        Tampering::Edited { from, .. } | Tampering::Removed { from, .. } | Tampering::Moved { from, .. } => *from,
        Tampering::Inserted { after, .. } => *after,
        _ => u64::MAX,
    }
}

impl Assembly {
    fn of(parts: Vec<Part>) -> Self {
        let (mut stretches, mut strays, mut before, mut last) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (place, part) in parts.into_iter().enumerate() {
            before.push(last);
            match part {
                Part::Stretch(stretch) => {
                    last = stretch.last;
                    stretches.push(Piece { place, tip: Some(stretch.tip), stretch });
                }
                Part::Broken(broken) => strays.push(Stray { place, broken }),
            }
        }
        let mut assembly = Self { pieces: Vec::new(), strays, before, findings: Vec::new() };
        stretches.sort_by_key(|piece| (piece.stretch.first, std::cmp::Reverse(piece.stretch.last), piece.place));
        stretches.into_iter().for_each(|piece| assembly.lay(piece));
        assembly
    }

    /// Lays a stretch after those with lower numbers. Where two claim the same numbers, one was put in.
    fn lay(&mut self, piece: Piece) {
        let Some(last) = self.pieces.last_mut() else { return self.pieces.push(piece) };
        if piece.stretch.first > last.stretch.last {
            return self.pieces.push(piece);
        }
        let forked = piece.stretch.attaches == piece.stretch.first.checked_sub(1);
        let speaks_for_last = piece.stretch.denied.is_some() && last.stretch.denied.is_none();
        let speaks_for_piece = piece.stretch.vouched.is_some() && last.stretch.denied.is_some();
        let goes_on = piece.stretch.last > last.stretch.last && !speaks_for_last;
        if goes_on || speaks_for_piece && piece.stretch.last == last.stretch.last {
            // The others went on from here; what the earlier one has beyond was put in.
            let (after, count) = (piece.stretch.first - 1, last.stretch.last + 1 - piece.stretch.first);
            self.findings.push(Tampering::Inserted { after, count });
            (last.stretch.last, last.tip) = (after, None);
            if last.stretch.last < last.stretch.first {
                self.pieces.pop();
            }
            return self.pieces.push(piece);
        }
        let ends_alike = forked && piece.stretch.last >= last.stretch.last;
        let after = if ends_alike { piece.stretch.first - 1 } else { self.before[piece.place] };
        self.findings.push(Tampering::Inserted { after, count: piece.stretch.last + 1 - piece.stretch.first });
    }

    /// Numbers that no piece has, below the last that one has.
    fn gaps(&self) -> Vec<(u64, u64)> {
        let (mut gaps, mut next) = (Vec::new(), 1);
        for piece in &self.pieces {
            if piece.stretch.first > next {
                gaps.push((next, piece.stretch.first - 1));
            }
            next = piece.stretch.last + 1;
        }
        gaps
    }

    /// Broken entries that are whole under a number that is missing are that entry, in another place.
    fn bring_home(&mut self) {
        let mut missing: Vec<u64> =
            self.gaps().into_iter().flat_map(|(from, to)| from..=to).take(MISSING_TRIED_MAX).collect();
        let mut strays = Vec::new();
        for stray in std::mem::take(&mut self.strays) {
            let home = stray.broken.entry.as_ref().and_then(|entry| {
                let place = missing.iter().position(|seq| entry.hash_as(*seq) == entry.hash)?;
                Some((missing.remove(place), entry.prev, entry.hash))
            });
            let Some((seq, opens, tip)) = home else {
                strays.push(stray);
                continue;
            };
            let stretch = Stretch {
                first: seq,
                last: seq,
                opens,
                tip,
                attaches: None,
                renumbered: true,
                vouched: None,
                denied: None,
            };
            let at = self.pieces.partition_point(|piece| piece.stretch.first < seq);
            self.pieces.insert(at, Piece { place: stray.place, stretch, tip: Some(tip) });
        }
        self.strays = strays;
    }

    /// Names what became of each missing number; gives the last number of the log.
    fn fill_gaps(&mut self) -> u64 {
        let mut end = self.pieces.last().map_or(0, |piece| piece.stretch.last);
        let last_place = self.pieces.iter().map(|piece| piece.place).max();
        let mut altered = Vec::new();
        let gaps = self.gaps();
        let inside = |seq: u64, count: u64| gaps.iter().any(|(from, to)| *from <= seq && seq + count - 1 <= *to);
        // In the order of their numbers, so that those after the end follow each other.
        self.strays.sort_by_key(|stray| stray.broken.seq);
        let mut strays = Vec::new();
        for stray in std::mem::take(&mut self.strays) {
            let count = stray.broken.count;
            match stray.broken.seq.filter(|seq| *seq > 0 && *seq < u64::MAX - count) {
                Some(seq) if seq == end + 1 && Some(stray.place) > last_place => {
                    end += count;
                    altered.push((seq, end));
                }
                Some(seq) if inside(seq, count) => altered.push((seq, seq + count - 1)),
                _ => strays.push(stray),
            }
        }
        self.strays = strays;
        altered.sort_unstable();
        altered.dedup();
        for (from, to) in gaps {
            let mut next = from;
            for (first, last) in altered.iter().filter(|(first, _)| (from..=to).contains(first)) {
                if *first > next {
                    self.gone(next, first - 1);
                }
                next = next.max(last + 1);
            }
            if next <= to {
                self.gone(next, to);
            }
        }
        for (from, to) in joined(altered) {
            self.findings.push(Tampering::Edited { from, to, since: None });
        }
        end
    }

    /// Nothing stands under these numbers: altered, where as many strange lines stand in their place, or removed.
    fn gone(&mut self, from: u64, to: u64) {
        let right = self.pieces.iter().find(|piece| piece.stretch.first > to).map_or(usize::MAX, |piece| piece.place);
        let left = self.pieces.iter().rev().find(|piece| piece.stretch.last < from).map(|piece| piece.place);
        let here = |stray: &Stray| left.is_none_or(|left| left < stray.place) && stray.place < right;
        let count: u64 = self.strays.iter().filter(|stray| here(stray)).map(|stray| stray.broken.count).sum();
        if count == to - from + 1 {
            self.strays.retain(|stray| !here(stray));
            self.findings.push(Tampering::Edited { from, to, since: None });
        } else {
            self.findings.push(Tampering::Removed { from, to });
        }
    }

    /// Strange lines that stand for no missing entry were put in.
    fn leave_over(&mut self) {
        self.strays.sort_by_key(|stray| stray.place);
        let mut last: Option<(usize, u64, u64)> = None;
        for stray in std::mem::take(&mut self.strays) {
            let (after, count) = (self.before[stray.place], stray.broken.count);
            last = match last {
                Some((place, before, so_far)) if place + 1 == stray.place && before == after => {
                    Some((stray.place, after, so_far + count))
                }
                _ => {
                    self.findings.extend(last.map(|(_, after, count)| Tampering::Inserted { after, count }));
                    Some((stray.place, after, count))
                }
            };
        }
        self.findings.extend(last.map(|(_, after, count)| Tampering::Inserted { after, count }));
    }

    /// Where numbers follow each other and hashes do not, an entry was altered and its own hash computed anew.
    fn links(&mut self) {
        let broken = |left: &Piece, right: &Piece| {
            left.stretch.last + 1 == right.stretch.first && left.tip.is_some_and(|tip| tip != right.stretch.opens)
        };
        let mut told = 0;
        for at in 1..self.pieces.len() {
            let (left, right) = (&self.pieces[at - 1], &self.pieces[at]);
            let single = |piece: &Piece| piece.stretch.first == piece.stretch.last;
            if !broken(left, right) || single(left) && told == left.stretch.first {
                continue;
            }
            let alone = single(right);
            let next = self.pieces.get(at + 1).filter(|next| right.stretch.last + 1 == next.stretch.first);
            let right_hangs = alone && next.is_some_and(|next| broken(right, next));
            let left_vouched = left.stretch.vouched == Some(left.stretch.last);
            let right_denied = right.stretch.denied == Some(right.stretch.first);
            if right_hangs || left_vouched || right_denied && alone {
                told = right.stretch.first;
                self.findings.push(Tampering::Edited { from: told, to: told, since: Some(told - 1) });
                continue;
            }
            // The last entry of all may have been altered instead: no other says which hash it had.
            let to = if alone && next.is_none() && right.stretch.vouched.is_none() {
                right.stretch.first
            } else {
                left.stretch.last
            };
            let since =
                left.stretch.vouched.filter(|vouched| *vouched < left.stretch.last).unwrap_or(left.stretch.first - 1);
            self.findings.push(Tampering::Edited { from: left.stretch.last, to, since: Some(since) });
        }
    }

    /// Pieces that do not stand in the order of their numbers were moved: as few as possible are said to be.
    fn order(&mut self) {
        // The heaviest rising row of places, weighed by entries.
        let weight = |piece: &Piece| piece.stretch.last + 1 - piece.stretch.first;
        let mut best: Vec<(u64, Option<usize>)> = Vec::with_capacity(self.pieces.len());
        for (at, piece) in self.pieces.iter().enumerate() {
            let before =
                (0..at).filter(|before| self.pieces[*before].place < piece.place).max_by_key(|before| best[*before].0);
            best.push((before.map_or(0, |before| best[before].0) + weight(piece), before));
        }
        let mut stays = vec![false; self.pieces.len()];
        let mut at = (0..self.pieces.len()).max_by_key(|at| best[*at].0);
        while let Some(kept) = at {
            stays[kept] = true;
            at = best[kept].1;
        }
        let moved = self.pieces.iter().zip(&stays).filter(|(_, stays)| !**stays);
        let moved: Vec<(u64, u64)> = moved.map(|(piece, _)| (piece.stretch.first, piece.stretch.last)).collect();
        self.findings.extend(joined(moved).into_iter().map(|(from, to)| Tampering::Moved { from, to }));
    }

    /// Numbers that are not the true ones follow from what was put in, taken out or moved. Where nothing was, they are what
    /// was altered.
    fn numbers(&mut self) {
        let follows = self.findings.iter().any(|finding| !matches!(finding, Tampering::Edited { .. }));
        if follows {
            return;
        }
        let renumbered = self.pieces.iter().filter(|piece| piece.stretch.renumbered);
        let renumbered: Vec<(u64, u64)> = renumbered.map(|piece| (piece.stretch.first, piece.stretch.last)).collect();
        let findings = joined(renumbered).into_iter().map(|(from, to)| Tampering::Edited { from, to, since: None });
        self.findings.extend(findings);
    }
}

/// Ranges in order, those that touch made one.
fn joined(ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    let mut whole: Vec<(u64, u64)> = Vec::new();
    for (from, to) in ranges {
        match whole.last_mut() {
            Some(last) if last.1 + 1 == from => last.1 = to,
            _ => whole.push((from, to)),
        }
    }
    whole
}
