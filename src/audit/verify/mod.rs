//! A log held to its own chain and to its checkpoints.
//!
//! Lines are taken one after the other and forgotten; what is kept are stretches of entries that follow each other as they
//! should, and what stands between them (`chain`). From these the true log is put together, and what does not fit is
//! named (`assemble`). Last, what checkpoints say of it is heard (`vouch`): they alone see a chain that was computed anew.

mod assemble;
mod chain;
mod vouch;

use super::{Checkpoint, Entry, PublicKey, Report, Tampering};
use crate::moment::Moment;
use chain::Chain;
use vouch::Vouchers;

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// An entry; whether it is true is another matter.
    Entry(Entry),
    /// What no entry looks like.
    Unreadable {
        /// The number it stands under, where that can be read.
        seq: Option<u64>,
        /// When it says that it was, where that can be read.
        at: Option<Moment>,
        /// What is wrong with it.
        said: String,
    },
}

/// A line of the checkpoints' files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointLine {
    /// Its file and line, for people.
    pub place: String,
    /// What it says; `None` where its writing was cut short, and why it cannot be read otherwise.
    pub read: Result<Option<Checkpoint>, String>,
}

/// Takes a log line by line.
pub struct Verifier {
    chain: Chain,
    vouchers: Vouchers,
}

impl Verifier {
    /// With the checkpoints, in the order in which they were written, and the keys that may have signed them.
    pub fn new(checkpoints: impl IntoIterator<Item = CheckpointLine>, keys: &[PublicKey]) -> Self {
        Self { chain: Chain::default(), vouchers: Vouchers::read(checkpoints, keys) }
    }

    /// The next line of the log.
    pub fn take(&mut self, line: Line) {
        if self.chain.is_empty() {
            let named = match &line {
                Line::Entry(entry) => entry.names_log(),
                Line::Unreadable { .. } => None,
            };
            self.vouchers.speak_of(named);
        }
        self.chain.take(line, &mut self.vouchers);
    }

    /// There is no other line: what became of the log.
    pub fn finish(mut self) -> Report {
        if self.chain.is_empty() {
            self.vouchers.speak_of(None);
        }
        let (entries, newest, cut_at) = (self.chain.lines(), self.chain.newest(), self.chain.cut_at);
        let assembled = assemble::assemble(self.chain);
        let mut findings = assembled.findings;
        self.vouchers.judge(assembled.end, &mut findings);
        findings.extend(cut_at.map(|line| Tampering::AndMore { line }));
        Report {
            entries,
            newest,
            checkpoints: self.vouchers.count(),
            vouched: self.vouchers.vouched(),
            begins_at: self.vouchers.begins_at(),
            torn: self.vouchers.torn(),
            findings,
        }
    }
}

/// What became of a log that fits into memory.
pub fn verify(
    lines: impl IntoIterator<Item = Line>,
    checkpoints: impl IntoIterator<Item = CheckpointLine>,
    keys: &[PublicKey],
) -> Report {
    let mut verifier = Verifier::new(checkpoints, keys);
    lines.into_iter().for_each(|line| verifier.take(line));
    verifier.finish()
}
