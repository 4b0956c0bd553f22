//! Honest logs of random entries, with checkpoints here and there.

use gengfu::actor::Actor;
use gengfu::audit::{
    Action, Checkpoint, CheckpointLine, Detail, Draft, Entry, Hash, Line, Object, PublicKey, Report, SigningKey, verify,
};
use gengfu::id::LogId;
use gengfu::moment::Moment;
use std::ops::RangeInclusive;

/// Marsaglia's xorshift64: enough to wander with.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    /// One of `range`.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.next() % (range.end() - range.start() + 1)
    }
    pub fn coin(&mut self) -> bool {
        self.next() & 64 == 64
    }
    pub fn hash(&mut self) -> Hash {
        let text: String = (0..4).map(|_| format!("{:016x}", self.next())).collect();
        Hash::parse(&text).unwrap()
    }
}

/// A log and what was signed of it.
#[derive(Clone)]
pub struct Kept {
    pub lines: Vec<Entry>,
    pub checkpoints: Vec<CheckpointLine>,
}

impl Kept {
    pub fn report(&self, key: &PublicKey) -> Report {
        verify(self.lines.iter().cloned().map(Line::Entry), self.checkpoints.iter().cloned(), &[*key])
    }
    pub fn last(&self) -> u64 {
        self.lines.last().unwrap().seq
    }
    /// Entries that checkpoints speak of, in order.
    pub fn signed(&self) -> Vec<u64> {
        self.checkpoints.iter().filter_map(|line| Some(line.read.as_ref().ok()?.as_ref()?.seq)).collect()
    }
    /// The last one before `seq` that a checkpoint speaks of, and the first from it on.
    pub fn around(&self, seq: u64) -> (u64, u64) {
        let signed = self.signed();
        let before = signed.iter().copied().filter(|signed| *signed < seq).max().unwrap_or(0);
        (before, signed.into_iter().find(|signed| *signed >= seq).unwrap())
    }
}

pub struct Writer {
    pub log: LogId,
    pub key: SigningKey,
    pub number: u64,
}

impl Writer {
    pub fn new(key: SigningKey) -> Self {
        Self { log: LogId::fresh(), key, number: 0 }
    }
    pub fn begin(&self) -> Kept {
        Kept { lines: vec![Entry::first(self.log, Moment::from_millis(0))], checkpoints: Vec::new() }
    }
    pub fn append(&self, kept: &mut Kept, chance: &mut Chance) {
        let head = kept.lines.last().unwrap().head();
        kept.lines.push(Entry::after(&head, &draft(chance)));
    }
    pub fn sign(&mut self, kept: &mut Kept) {
        self.number += 1;
        let head = kept.lines.last().unwrap().head();
        let at = Moment::from_millis(i64::try_from(self.number).unwrap());
        let signed = Checkpoint::sign(self.log, self.number, &head, at, &self.key);
        kept.checkpoints.push(CheckpointLine { place: format!("c:{}", self.number), read: Ok(Some(signed)) });
    }
    /// `entries` more, a checkpoint after some of them and, when asked, after the last.
    pub fn go_on(&mut self, kept: &mut Kept, entries: u64, at_end: bool, chance: &mut Chance) {
        for n in 1..=entries {
            self.append(kept, chance);
            if chance.within(1..=14) == 1 || at_end && n == entries {
                self.sign(kept);
            }
        }
    }
}

pub fn draft(chance: &mut Chance) -> Draft {
    let actors = [Actor::Robot, Actor::person("陈晓").unwrap(), Actor::system("jira").unwrap()];
    let actor = actors[chance.within(0..=2) as usize].clone();
    let action = Action::ALL[chance.within(1..=9) as usize];
    let detail = Detail::default().with("n", i64::try_from(chance.next() >> 1).unwrap());
    Draft {
        at: Moment::from_millis(i64::try_from(chance.next() >> 20).unwrap()),
        actor,
        action,
        object: Object::Watch,
        detail,
    }
}

/// An honest log, long enough for every way, with a checkpoint at its end.
pub fn honest(writer: &mut Writer, chance: &mut Chance) -> Kept {
    loop {
        writer.number = 0;
        let mut kept = writer.begin();
        let entries = chance.within(40..=70);
        writer.go_on(&mut kept, entries, true, chance);
        if kept.checkpoints.len() >= 3 {
            return kept;
        }
    }
}
