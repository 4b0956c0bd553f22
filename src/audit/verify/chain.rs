//! Lines taken one after the other, gathered into stretches of entries that follow each other.

use super::Line;
use super::vouch::{Heard, Vouchers};
use crate::audit::{Entry, Hash, Head};
use std::collections::VecDeque;

/// Stretches and broken entries that are kept apart. An honest log is one stretch.
const PARTS_MAX: usize = 4096;
/// Broken entries that are kept whole, to find out where they belong.
const KEPT_MAX: usize = 256;
/// The last entries that are remembered, to see what a line out of its place follows.
const RECENT_MAX: usize = 64;
/// How far from its number an entry's true one is looked for, when its hash is not that of its number.
const NUMBERS_AROUND: u64 = 1024;
/// Hashes computed in these searches all in all.
const SEARCHES_MAX: u32 = 1 << 17;

/// What lines were gathered into, in the order in which they stand.
#[derive(Debug)]
pub(super) enum Part {
    Stretch(Stretch),
    Broken(Broken),
}

/// Whole entries that follow each other.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    /// The first's true number.
    pub first: u64,
    /// The last's.
    pub last: u64,
    /// The hash that the first says is before it.
    pub opens: Hash,
    /// The last's hash.
    pub tip: Hash,
    /// The entry that had that hash, where it was among the last ones.
    pub attaches: Option<u64>,
    /// Whether other numbers stand beside them than the true ones.
    pub renumbered: bool,
    /// The newest of them that a checkpoint vouches for.
    pub vouched: Option<u64>,
    /// The first of them that a checkpoint speaks against.
    pub denied: Option<u64>,
}

/// Lines that are not what was written under any number in question.
#[derive(Debug)]
pub(super) struct Broken {
    /// The number beside the first, where there is one.
    pub seq: Option<u64>,
    /// How many lines, their numbers one after the other.
    pub count: u64,
    /// The entry, for as many as are kept.
    pub entry: Option<Box<Entry>>,
}

/// The log so far.
#[derive(Debug, Default)]
pub(super) struct Chain {
    lines: u64,
    pub parts: Vec<Part>,
    /// The line from which parts are no longer kept.
    pub cut_at: Option<u64>,
    recent: VecDeque<(u64, Hash)>,
    kept: usize,
    searched: u32,
    /// What was last to be added to a number to make it true.
    shift: i64,
    newest: Option<Head>,
}

impl Chain {
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The whole entry with the highest number.
    pub fn newest(&self) -> Option<Head> {
        self.newest
    }

    pub fn take(&mut self, line: Line, vouchers: &mut Vouchers) {
        self.lines += 1;
        match line {
            Line::Entry(entry) => match self.true_number(&entry) {
                Some(seq) => self.follow(&entry, seq, vouchers),
                None => self.set_aside(Some(entry.seq), Some(entry)),
            },
            Line::Unreadable { seq, .. } => self.set_aside(seq, None),
        }
    }

    /// The number under which the entry's hash is right. Where entries were put in or taken out and all later ones
    /// numbered anew, they are still known by it.
    fn true_number(&mut self, entry: &Entry) -> Option<u64> {
        if entry.is_whole() {
            return Some(entry.seq);
        }
        let before = self.recent.iter().rev().find(|(_, hash)| *hash == entry.prev).map(|(seq, _)| *seq);
        let next = self.recent.back().map(|(seq, _)| seq + 1);
        let near = [before.map(|seq| seq + 1), next, entry.seq.checked_add_signed(self.shift)];
        let found = near.into_iter().flatten().find(|seq| entry.hash_as(*seq) == entry.hash);
        // One that follows an entry we know can have no other number.
        let found = found.or_else(|| if before.is_none() { self.search(entry) } else { None })?;
        self.shift = i64::try_from(i128::from(found) - i128::from(entry.seq)).unwrap_or(0);
        Some(found)
    }

    fn search(&mut self, entry: &Entry) -> Option<u64> {
        for by in 1..=NUMBERS_AROUND {
            if self.searched >= SEARCHES_MAX {
                return None;
            }
            self.searched += 2;
            let around = [entry.seq.checked_add(by), entry.seq.checked_sub(by)];
            if let Some(seq) = around.into_iter().flatten().find(|seq| entry.hash_as(*seq) == entry.hash) {
                return Some(seq);
            }
        }
        None
    }

    /// A whole entry, which is number `seq`.
    fn follow(&mut self, entry: &Entry, seq: u64, vouchers: &mut Vouchers) {
        let attaches = self.recent.iter().rev().find(|(_, hash)| *hash == entry.prev).map(|(seq, _)| *seq);
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back((seq, entry.hash));
        if self.newest.is_none_or(|newest| newest.seq <= seq) {
            self.newest = Some(Head { seq, hash: entry.hash });
        }
        let (renumbered, heard) = (seq != entry.seq, vouchers.hear(seq, &entry.hash));
        let follows = |stretch: &Stretch| {
            stretch.last + 1 == seq && stretch.tip == entry.prev && stretch.renumbered == renumbered
        };
        if !matches!(self.parts.last(), Some(Part::Stretch(stretch)) if follows(stretch)) {
            if self.is_full() {
                return;
            }
            let (opens, tip) = (entry.prev, entry.hash);
            let stretch =
                Stretch { first: seq, last: seq, opens, tip, attaches, renumbered, vouched: None, denied: None };
            self.parts.push(Part::Stretch(stretch));
        }
        let Some(Part::Stretch(stretch)) = self.parts.last_mut() else { return };
        (stretch.last, stretch.tip) = (seq, entry.hash);
        match heard {
            Heard::Vouched => stretch.vouched = Some(seq),
            Heard::Denied => stretch.denied = stretch.denied.or(Some(seq)),
            Heard::Nothing => {}
        }
    }

    fn set_aside(&mut self, seq: Option<u64>, entry: Option<Entry>) {
        if let (true, Some(Part::Broken(before))) = (self.kept >= KEPT_MAX, self.parts.last_mut())
            && before.entry.is_none()
            && before.seq.zip(seq).is_some_and(|(first, seq)| first.checked_add(before.count) == Some(seq))
        {
            before.count += 1;
            return;
        }
        if self.is_full() {
            return;
        }
        let entry = entry.filter(|_| self.kept < KEPT_MAX).map(Box::new);
        self.kept += 1;
        self.parts.push(Part::Broken(Broken { seq, count: 1, entry }));
    }

    fn is_full(&mut self) -> bool {
        let full = self.parts.len() >= PARTS_MAX;
        if full {
            self.cut_at.get_or_insert(self.lines);
        }
        full
    }
}
