//! One entry, its canonical bytes, and the chain that entries make.

use super::object::named_log;
use super::{Action, Detail, Object};
use crate::actor::Actor;
use crate::id::LogId;
use crate::moment::Moment;
use ring::digest::{Context, SHA256};
use std::fmt;

/// What every entry's bytes begin with: bytes of another kind, or of another version, never have an entry's hash.
const DOMAIN: &[u8] = b"gengfu.audit.entry.v1";

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What stands before the first entry.
    pub const NONE: Hash = Hash([0; 32]);

    /// From 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'a'..=b'f' => Some(b - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Fields taken in one after the other, each by its length and its bytes.
pub(super) struct Sum(Context);

impl Sum {
    pub(super) fn of(domain: &[u8]) -> Self {
        let mut sum = Self(Context::new(&SHA256));
        sum.add(domain);
        sum
    }

    pub(super) fn add(&mut self, field: &[u8]) {
        self.0.update(&(field.len() as u64).to_be_bytes());
        self.0.update(field);
    }

    pub(super) fn hash(self) -> Hash {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Hash(bytes)
    }
}

/// What is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When.
    pub at: Moment,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To what.
    pub object: Object,
    /// What else is to be said.
    pub detail: Detail,
}

/// The newest entry, as far as the next one needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// An entry as it stands in a log. Its words stay text: a log of a later version, or one that was tampered with, is read
/// all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// Who: `Actor::word`.
    pub actor: String,
    /// What was done: `Action::word`.
    pub action: String,
    /// To what: `Object` as text.
    pub object: String,
    /// Canonical JSON.
    pub detail: String,
    /// The hash of the entry before it.
    pub prev: Hash,
    /// Its own.
    pub hash: Hash,
}

impl Entry {
    /// The first entry of the log `log`, which names it.
    pub fn first(log: LogId, at: Moment) -> Self {
        let (actor, action, object, detail) = (Actor::Robot, Action::LogBegun, Object::Log(log), Detail::default());
        Self::chained(0, Hash::NONE, &Draft { at, actor, action, object, detail })
    }

    /// `draft` as the entry after `head`.
    pub fn after(head: &Head, draft: &Draft) -> Self {
        Self::chained(head.seq, head.hash, draft)
    }

    fn chained(seq: u64, prev: Hash, draft: &Draft) -> Self {
        let entry = Self {
            seq: seq + 1,
            at: draft.at,
            actor: draft.actor.word(),
            action: draft.action.word().to_owned(),
            object: draft.object.to_string(),
            detail: draft.detail.text(),
            prev,
            hash: Hash::NONE,
        };
        Self { hash: entry.hash_as(entry.seq), ..entry }
    }

    /// What the next entry needs of it.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// What its hash must be when its number is `seq`: every field by its length and its bytes, so that no two entries have
    /// the same bytes.
    pub fn hash_as(&self, seq: u64) -> Hash {
        let mut bytes = Sum::of(DOMAIN);
        bytes.add(&seq.to_be_bytes());
        bytes.add(&self.at.as_millis().to_be_bytes());
        for text in [&self.actor, &self.action, &self.object, &self.detail] {
            bytes.add(text.as_bytes());
        }
        bytes.add(self.prev.bytes());
        bytes.hash()
    }

    /// Whether its hash is that of its fields.
    pub fn is_whole(&self) -> bool {
        self.hash_as(self.seq) == self.hash
    }

    /// The log it names, for the first entry.
    pub(super) fn names_log(&self) -> Option<LogId> {
        (self.seq == 1 && self.action == Action::LogBegun.word()).then(|| named_log(&self.object)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let first = Entry::first(LogId::fresh(), Moment::from_millis(1));
        let draft = Draft {
            at: Moment::from_millis(2),
            actor: Actor::person("陈晓").unwrap(),
            action: Action::EvidenceSeen,
            object: Object::Watch,
            detail: Detail::default().with("a", "b"),
        };
        Entry::after(&first.head(), &draft)
    }

    #[test]
    fn every_field_is_in_the_hash_and_no_field_runs_into_the_next() {
        let whole = entry();
        assert!(whole.is_whole());
        let check = |what: &str, change: &dyn Fn(&mut Entry)| {
            let mut other = whole.clone();
            change(&mut other);
            assert!(!other.is_whole(), "{what}");
        };
        check("seq", &|e| e.seq += 1);
        check("at", &|e| e.at = Moment::from_millis(3));
        check("actor", &|e| e.actor.push('x'));
        check("action", &|e| e.action.push('x'));
        check("object", &|e| e.object.push('x'));
        check("detail", &|e| e.detail.push(' '));
        check("prev", &|e| e.prev = Hash::NONE);
        check("hash", &|e| e.hash = Hash::NONE);
        check("moved between fields", &|e| {
            let moved = e.action.remove(0);
            e.actor.push(moved);
        });
    }

    #[test]
    fn hashes_are_read_in_one_spelling() {
        let hash = entry().hash;
        assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
        let upper = hash.to_string().to_uppercase();
        for wrong in ["", "0", &upper[..63], &"g".repeat(64), &"é".repeat(32), &"A".repeat(64)] {
            assert_eq!(Hash::parse(wrong), None, "{wrong}");
        }
    }
}
