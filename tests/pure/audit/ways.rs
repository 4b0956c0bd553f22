//! Ways to tamper with a log, and what must be said of each.

use super::writer::{Chance, Kept, Writer, draft};
use gengfu::audit::{Checkpoint, Entry, SigningKey, Tampering};
use gengfu::id::LogId;
use gengfu::moment::Moment;
use std::ops::RangeInclusive;

/// Alters one field of an entry that is in its hash, and only that.
pub fn alter(entry: &mut Entry, chance: &mut Chance) {
    match chance.within(0..=4) {
        0 => entry.at = Moment::from_millis(entry.at.as_millis() ^ (1 << chance.within(0..=40))),
        1 => entry.actor.push('x'),
        2 => entry.action = "incident-closed".into(),
        3 => entry.object = "incident/none".into(),
        _ => entry.detail = entry.detail.replace('}', " }"),
    }
}

/// An entry somebody made up, in the place of or behind `head`.
fn forged(before: &Entry, chance: &mut Chance) -> Entry {
    Entry::after(&before.head(), &draft(chance))
}

fn rehash(entry: &mut Entry) {
    entry.hash = entry.hash_as(entry.seq);
}

/// Numbers and hashes of everything from line `from` on computed anew, as one who has the code but not the key can.
fn rechain(lines: &mut [Entry], from: usize) {
    for at in from..lines.len() {
        if at > 0 {
            (lines[at].seq, lines[at].prev) = (lines[at - 1].seq + 1, lines[at - 1].hash);
        }
        rehash(&mut lines[at]);
    }
}

/// What must be said of a tampering.
pub enum Must {
    /// Exactly these entries, as altered.
    Edited(u64, u64),
    /// These, or less precisely what a checkpoint before them leaves open.
    EditedWithin(RangeInclusive<u64>),
    Inserted {
        after: u64,
        count: u64,
    },
    Removed(u64, u64),
    /// Nothing but moves of entries of this range.
    Moved(RangeInclusive<u64>),
    Rewritten {
        from: u64,
        to: u64,
    },
    Truncated {
        from: u64,
        to: u64,
    },
    /// Between these numbers, among which is the first that was given twice.
    RolledBack {
        first: u64,
        after: u64,
    },
    Replaced,
    CheckpointForged(String),
    CheckpointsRemoved(u64, u64),
}

pub fn holds(must: &Must, found: &[Tampering]) -> bool {
    match (must, found) {
        (Must::Edited(a, b), [Tampering::Edited { from, to, .. }]) => (from, to) == (a, b),
        (Must::EditedWithin(range), [Tampering::Edited { from, to, .. }]) => range.contains(from) && range.contains(to),
        (Must::Inserted { after: a, count: n }, [Tampering::Inserted { after, count }]) => (after, count) == (a, n),
        (Must::Removed(a, b), [Tampering::Removed { from, to }]) => (from, to) == (a, b),
        (Must::Moved(range), moved) => {
            let inside = |found: &Tampering| matches!(found, Tampering::Moved { from, to } if range.contains(from) && range.contains(to));
            !moved.is_empty() && moved.iter().all(inside)
        }
        (Must::Rewritten { from: a, to: b }, [Tampering::Rewritten { from, to }]) => (from, to) == (a, b),
        // What was taken out of a log that was computed anew is missing at its end, too.
        (Must::Rewritten { from: a, to: b }, [Tampering::Rewritten { from, to }, Tampering::Truncated { .. }]) => {
            (from, to) == (a, b)
        }
        (Must::Truncated { from: a, to: b }, [Tampering::Truncated { from, to }]) => (from, to) == (a, b),
        (Must::RolledBack { first, after }, [Tampering::RolledBack { from, to }]) => {
            *after < *from && (*from..=*to).contains(first)
        }
        (Must::Replaced, [Tampering::Replaced { .. }]) => true,
        (Must::CheckpointForged(at), [Tampering::CheckpointForged { place, .. }]) => place == at,
        (Must::CheckpointsRemoved(a, b), [Tampering::CheckpointsRemoved { from, to }]) => (from, to) == (a, b),
        _ => false,
    }
}

/// The ways to tamper, each with what must be said of it. `victim` is neither the first nor among the last entries.
pub type Way = fn(&mut Kept, u64, &mut Chance) -> Must;

pub const WAYS: &[(&str, Way)] = &[
    ("a field edited", |kept, victim, chance| {
        alter(&mut kept.lines[victim as usize - 1], chance);
        Must::Edited(victim, victim)
    }),
    ("a link or a hash edited", |kept, victim, chance| {
        let entry = &mut kept.lines[victim as usize - 1];
        if chance.coin() {
            entry.prev = chance.hash();
        } else {
            entry.hash = chance.hash();
        }
        Must::Edited(victim, victim)
    }),
    ("a number edited", |kept, victim, chance| {
        kept.lines[victim as usize - 1].seq = chance.within(1_000..=9_000);
        Must::Edited(victim, victim)
    }),
    ("an entry edited and its own hash computed anew", |kept, victim, chance| {
        let entry = &mut kept.lines[victim as usize - 1];
        alter(entry, chance);
        rehash(entry);
        Must::Edited(victim, victim)
    }),
    ("an entry edited with its link, and its own hash computed anew", |kept, victim, chance| {
        let entry = &mut kept.lines[victim as usize - 1];
        alter(entry, chance);
        entry.prev = chance.hash();
        rehash(entry);
        Must::Edited(victim, victim)
    }),
    ("several in a row edited and chained to each other", |kept, victim, chance| {
        let (from, to) = (victim as usize - 1, victim as usize + chance.within(0..=3) as usize);
        kept.lines[from..=to].iter_mut().for_each(|entry| alter(entry, chance));
        for at in from..=to {
            kept.lines[at].prev = kept.lines[at - 1].hash;
            rehash(&mut kept.lines[at]);
        }
        Must::EditedWithin(victim..=to as u64 + 1)
    }),
    ("an entry edited and everything after it computed anew", |kept, victim, chance| {
        alter(&mut kept.lines[victim as usize - 1], chance);
        rechain(&mut kept.lines, victim as usize - 1);
        let (before, from) = kept.around(victim);
        Must::Rewritten { from: before + 1, to: from }
    }),
    ("an entry inserted with a hash of its own, the numbers left", |kept, victim, chance| {
        let entry = forged(&kept.lines[victim as usize - 1], chance);
        kept.lines.insert(victim as usize, entry);
        Must::Inserted { after: victim, count: 1 }
    }),
    ("an entry inserted that links to nothing", |kept, victim, chance| {
        let mut entry = forged(&kept.lines[victim as usize - 1], chance);
        entry.prev = chance.hash();
        rehash(&mut entry);
        kept.lines.insert(victim as usize, entry);
        Must::Inserted { after: victim, count: 1 }
    }),
    ("an entry inserted without a right hash", |kept, victim, chance| {
        let mut entry = forged(&kept.lines[victim as usize - 1], chance);
        alter(&mut entry, chance);
        kept.lines.insert(victim as usize, entry);
        Must::Inserted { after: victim, count: 1 }
    }),
    ("entries inserted and the numbers after them moved on", |kept, victim, chance| {
        let count = chance.within(1..=3);
        for at in 0..count as usize {
            let entry = forged(&kept.lines[victim as usize - 1 + at], chance);
            kept.lines.insert(victim as usize + at, entry);
        }
        kept.lines[victim as usize + count as usize..].iter_mut().for_each(|entry| entry.seq += count);
        Must::Inserted { after: victim, count }
    }),
    ("a true entry inserted a second time", |kept, victim, chance| {
        let copy = kept.lines[chance.within(0..=victim - 3) as usize].clone();
        kept.lines.insert(victim as usize, copy);
        Must::Inserted { after: victim, count: 1 }
    }),
    ("an entry inserted and everything after it computed anew", |kept, victim, chance| {
        let entry = forged(&kept.lines[victim as usize - 1], chance);
        let (before, from) = kept.around(victim + 1);
        kept.lines.insert(victim as usize, entry);
        rechain(&mut kept.lines, victim as usize);
        Must::Rewritten { from: before + 1, to: from }
    }),
    ("entries removed", |kept, victim, chance| {
        let count = chance.within(1..=4);
        kept.lines.drain(victim as usize - 1..(victim + count) as usize - 1);
        Must::Removed(victim, victim + count - 1)
    }),
    ("entries removed and the numbers after them moved back", |kept, victim, chance| {
        let count = chance.within(1..=4);
        kept.lines.drain(victim as usize - 1..(victim + count) as usize - 1);
        kept.lines[victim as usize - 1..].iter_mut().for_each(|entry| entry.seq -= count);
        Must::Removed(victim, victim + count - 1)
    }),
    ("entries removed and everything after them computed anew", |kept, victim, chance| {
        let count = chance.within(1..=4);
        let (before, from) = kept.around(victim);
        kept.lines.drain(victim as usize - 1..(victim + count) as usize - 1);
        rechain(&mut kept.lines, victim as usize - 1);
        if kept.last() < from {
            return Must::Truncated { from: kept.last() + 1, to: *kept.signed().last().unwrap() };
        }
        Must::Rewritten { from: before + 1, to: from }
    }),
    ("the first entries removed", |kept, victim, _| {
        kept.lines.drain(..victim as usize);
        Must::Removed(1, victim)
    }),
    ("two entries swapped", |kept, victim, chance| {
        let other = victim + chance.within(1..=4);
        kept.lines.swap(victim as usize - 1, other as usize - 1);
        Must::Moved(victim..=other)
    }),
    ("two entries swapped and their numbers with them", |kept, victim, chance| {
        let other = victim + chance.within(1..=4);
        kept.lines.swap(victim as usize - 1, other as usize - 1);
        (kept.lines[victim as usize - 1].seq, kept.lines[other as usize - 1].seq) = (victim, other);
        Must::Moved(victim..=other)
    }),
    ("an entry carried off to another place", |kept, victim, chance| {
        let entry = kept.lines.remove(victim as usize - 1);
        let place = chance.within(victim + 1..=kept.lines.len() as u64) as usize;
        kept.lines.insert(place, entry);
        Must::Moved(victim..=victim)
    }),
    ("two entries swapped and everything from them on computed anew", |kept, victim, chance| {
        let other = victim + chance.within(1..=4);
        let (before, from) = kept.around(victim);
        kept.lines.swap(victim as usize - 1, other as usize - 1);
        rechain(&mut kept.lines, victim as usize - 1);
        Must::Rewritten { from: before + 1, to: from }
    }),
    ("the end cut off", |kept, victim, _| {
        kept.lines.truncate(victim as usize);
        Must::Truncated { from: victim + 1, to: *kept.signed().last().unwrap() }
    }),
    ("another log put in its place", |kept, _, chance| {
        let other = Writer::new(SigningKey::fresh().unwrap().0);
        let mut forged = other.begin();
        (1..kept.lines.len()).for_each(|_| other.append(&mut forged, chance));
        kept.lines = forged.lines;
        Must::Replaced
    }),
    ("a checkpoint edited", |kept, _, chance| {
        let at = chance.within(0..=kept.checkpoints.len() as u64 - 1) as usize;
        let line = &mut kept.checkpoints[at];
        let Ok(Some(signed)) = &mut line.read else { unreachable!("all are signed") };
        match chance.within(0..=5) {
            0 => signed.seq += 1,
            1 => signed.hash = chance.hash(),
            2 => signed.number += 1,
            3 => signed.at = Moment::from_millis(signed.at.as_millis() + 1),
            4 => signed.log = LogId::fresh(),
            _ => signed.signature[chance.within(0..=63) as usize] ^= 1 << chance.within(0..=7),
        }
        Must::CheckpointForged(line.place.clone())
    }),
    ("a checkpoint forged with another key, over a history of one's own", |kept, victim, chance| {
        let thief = SigningKey::fresh().unwrap().0;
        let at = kept.checkpoints.len() - 1;
        let Ok(Some(signed)) = &kept.checkpoints[at].read else { unreachable!("all are signed") };
        let mut head = kept.lines[victim as usize - 1].head();
        head.hash = chance.hash();
        let forged = Checkpoint::sign(signed.log, signed.number, &head, signed.at, &thief);
        kept.checkpoints[at].read = Ok(Some(forged));
        Must::CheckpointForged(kept.checkpoints[at].place.clone())
    }),
    ("a checkpoint made unreadable", |kept, _, chance| {
        let at = chance.within(0..=kept.checkpoints.len() as u64 - 1) as usize;
        kept.checkpoints[at].read = Err("not JSON".into());
        Must::CheckpointForged(kept.checkpoints[at].place.clone())
    }),
    ("checkpoints removed from their midst", |kept, _, chance| {
        let at = chance.within(1..=kept.checkpoints.len() as u64 - 2) as usize;
        kept.checkpoints.remove(at);
        Must::CheckpointsRemoved(at as u64 + 1, at as u64 + 1)
    }),
];
