//! What checkpoints say of a log.

use super::CheckpointLine;
use crate::audit::{Checkpoint, Hash, PublicKey, Tampering};
use crate::id::LogId;
use std::collections::{BTreeMap, BTreeSet};

/// Checkpoints that are told one by one when they are forged.
const FORGED_TOLD_MAX: usize = 100;
/// Other logs that are told.
const LOGS_MAX: usize = 16;

/// What a checkpoint says of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// No checkpoint speaks of its number.
    Nothing,
    /// One says the same hash.
    Vouched,
    /// Those that speak of it say another.
    Denied,
}

/// Of a signed checkpoint, what is needed.
#[derive(Debug, Clone, Copy)]
struct Signed {
    log: LogId,
    number: u64,
    seq: u64,
    hash: Hash,
}

/// What became of what a checkpoint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// No entry had its number.
    Not,
    /// One had its number and its hash.
    Same,
    /// One had its number, and none of those its hash.
    Other,
}

struct Forged {
    place: String,
    said: String,
    /// The number of the last good checkpoint before it.
    after: u64,
}

/// Every checkpoint there is.
pub(super) struct Vouchers {
    signed: Vec<Signed>,
    forged: Vec<Forged>,
    torn: u64,
    /// The log they are heard on.
    log: Option<LogId>,
    /// The log that the first entry names.
    named: Option<LogId>,
    /// By the entry's number, places in `heard`.
    on: BTreeMap<u64, Vec<usize>>,
    /// Checkpoints of this log in the order of their numbers.
    heard: Vec<(Signed, Met)>,
}

impl Vouchers {
    /// Checkpoints in the order in which they were written, and the keys that may have signed them.
    pub fn read(lines: impl IntoIterator<Item = CheckpointLine>, keys: &[PublicKey]) -> Self {
        let (mut signed, mut forged, mut torn, mut after) = (Vec::new(), Vec::new(), 0, 0);
        for line in lines {
            match line.read.and_then(|read| read.map(|read| signed_by(read, keys)).transpose()) {
                Ok(Some(checkpoint)) => {
                    after = checkpoint.number;
                    let Checkpoint { log, number, seq, hash, .. } = checkpoint;
                    signed.push(Signed { log, number, seq, hash });
                }
                Ok(None) => torn += 1,
                Err(said) => forged.push(Forged { place: line.place, said, after }),
            }
        }
        Self { signed, forged, torn, log: None, named: None, on: BTreeMap::new(), heard: Vec::new() }
    }

    /// The first entry names the log `named`, if any. Checkpoints of another are heard only where there is none of it: the
    /// name may be what was altered.
    pub fn speak_of(&mut self, named: Option<LogId>) {
        let known = named.filter(|named| self.signed.iter().any(|signed| signed.log == *named));
        self.named = named;
        self.log = known.or_else(|| self.signed.last().map(|signed| signed.log));
        let own = self.signed.iter().filter(|signed| Some(signed.log) == self.log);
        self.heard = own.map(|signed| (*signed, Met::Not)).collect();
        self.heard.sort_by_key(|(signed, _)| signed.number);
        for (place, (signed, _)) in self.heard.iter().enumerate() {
            self.on.entry(signed.seq).or_default().push(place);
        }
    }

    /// The log has an entry of this number and hash.
    pub fn hear(&mut self, seq: u64, hash: &Hash) -> Heard {
        let Some(places) = self.on.get(&seq) else { return Heard::Nothing };
        let mut heard = Heard::Denied;
        for place in places {
            let (signed, met) = &mut self.heard[*place];
            if signed.hash == *hash {
                (*met, heard) = (Met::Same, Heard::Vouched);
            } else if *met == Met::Not {
                *met = Met::Other;
            }
        }
        heard
    }

    /// Checkpoints of this log.
    pub fn count(&self) -> u64 {
        self.heard.len() as u64
    }

    /// The newest entry that was vouched for.
    pub fn vouched(&self) -> Option<u64> {
        self.heard.iter().filter(|(_, met)| *met == Met::Same).map(|(signed, _)| signed.seq).max()
    }

    /// The first number, when others were before it.
    pub fn begins_at(&self) -> Option<u64> {
        let first = self.heard.first()?.0.number;
        let forged = self.forged.iter().filter(|forged| forged.after == 0).count() as u64;
        (first > 1 + forged).then_some(first)
    }

    /// Lines whose writing was cut short.
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// Adds to what the chain alone shows what checkpoints show; the log ends at `end`.
    pub fn judge(&self, end: u64, findings: &mut Vec<Tampering>) {
        let replaced = self.named.is_some() && self.named != self.log && self.vouched().is_none();
        if !replaced {
            self.histories(end, findings);
        }
        self.other_logs(replaced, findings);
        self.own_trouble(findings);
    }

    /// What is missing at the end, and what is of another history.
    fn histories(&self, end: u64, findings: &mut Vec<Tampering>) {
        let mut explained = vec![false; self.heard.len()];
        // The robot never goes back by itself: where it signed less than before, the log was put back.
        for place in 1..self.heard.len() {
            let seq = self.heard[place].0.seq;
            if self.heard[place - 1].0.seq > seq {
                let from = self.agreed_before(place, seq) + 1;
                findings.push(Tampering::RolledBack { from, to: seq });
                let beyond = |(other, (signed, _)): (usize, &(Signed, Met))| other < place && signed.seq >= from;
                self.heard.iter().enumerate().for_each(|at| explained[at.0] |= beyond(at));
            }
        }
        for (place, (signed, met)) in self.heard.iter().enumerate() {
            if *met != Met::Other || explained[place] || tells_of(findings, signed.seq) {
                continue;
            }
            let from = self.agreed_before(place, signed.seq) + 1;
            let later = self.heard.iter().enumerate().skip(place + 1).find(|(_, (_, met))| *met == Met::Same);
            // One that was signed later is of the log as it is: the robot wrote both.
            let (finding, until) = match later {
                Some((later, (other, _))) => (Tampering::RolledBack { from, to: signed.seq.min(other.seq) }, later),
                None => (Tampering::Rewritten { from, to: signed.seq }, explained.len()),
            };
            findings.push(finding);
            explained[place..until].fill(true);
        }
        if let Some((newest, _)) = self.heard.last().filter(|(newest, _)| newest.seq > end) {
            findings.push(Tampering::Truncated { from: end + 1, to: newest.seq });
        }
    }

    /// The newest entry below `seq` that a checkpoint before the one at `place` vouches for.
    fn agreed_before(&self, place: usize, seq: u64) -> u64 {
        let before = self.heard.iter().take(place).filter(|(signed, met)| *met == Met::Same && signed.seq < seq);
        before.map(|(signed, _)| signed.seq).max().unwrap_or(0)
    }

    fn other_logs(&self, replaced: bool, findings: &mut Vec<Tampering>) {
        let mut others: BTreeMap<LogId, u64> = BTreeMap::new();
        for signed in self.signed.iter().filter(|signed| replaced || Some(signed.log) != self.log) {
            let until = others.entry(signed.log).or_default();
            *until = signed.seq.max(*until);
        }
        findings.extend(others.into_iter().take(LOGS_MAX).map(|(log, until)| Tampering::Replaced { log, until }));
    }

    /// What was done to the checkpoints themselves.
    fn own_trouble(&self, findings: &mut Vec<Tampering>) {
        for forged in self.forged.iter().take(FORGED_TOLD_MAX) {
            findings.push(Tampering::CheckpointForged { place: forged.place.clone(), said: forged.said.clone() });
        }
        if let Some(last) = self.forged.get(FORGED_TOLD_MAX) {
            let said =
                format!("this one and {} after it are not told one by one", self.forged.len() - FORGED_TOLD_MAX - 1);
            findings.push(Tampering::CheckpointForged { place: last.place.clone(), said });
        }
        let numbers: BTreeSet<u64> = self.heard.iter().map(|(signed, _)| signed.number).collect();
        for (number, next) in numbers.iter().zip(numbers.iter().skip(1)) {
            let forged = self.forged.iter().filter(|forged| forged.after == *number).count() as u64;
            if next - number - 1 > forged {
                findings.push(Tampering::CheckpointsRemoved { from: number + 1, to: next - 1 });
            }
        }
    }
}

/// The checkpoint, if one of `keys` signed it.
fn signed_by(checkpoint: Checkpoint, keys: &[PublicKey]) -> Result<Checkpoint, String> {
    if keys.iter().any(|key| checkpoint.is_signed_by(key)) {
        return Ok(checkpoint);
    }
    let known = keys.iter().any(|key| key.id() == checkpoint.key);
    Err(if known {
        "its signature is not that of its words".to_owned()
    } else {
        let id: String = checkpoint.key.chars().filter(char::is_ascii_hexdigit).take(16).collect();
        format!("it is signed by a key that was not given (`{id}`)")
    })
}

/// Whether what was found speaks of the entry `seq` already.
fn tells_of(findings: &[Tampering], seq: u64) -> bool {
    findings.iter().any(|finding| match finding {
        Tampering::Edited { from, to, since } => (since.map_or(*from, |since| since + 1)..=*to).contains(&seq),
        Tampering::Removed { from, to } => (*from..=*to).contains(&seq),
        Tampering::Inserted { after, count } => (after + 1..=after + count).contains(&seq),
        _ => false,
    })
}
