//! The newest entry's hash, signed: what a log must agree with ever after.

use super::entry::Sum;
use super::{Hash, Head, PublicKey, SigningKey};
use crate::id::LogId;
use crate::moment::Moment;

/// What every checkpoint's bytes begin with: no signature of anything else is one of a checkpoint.
const DOMAIN: &[u8] = b"gengfu.audit.checkpoint.v1";

/// A signed word on how far the log had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub log: LogId,
    /// Counts the log's checkpoints, from 1: one that is taken away is missed.
    pub number: u64,
    /// The number of the newest entry.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// When it was signed.
    pub at: Moment,
    /// The short name of the key.
    pub key: String,
    /// The key's signature over all of the above.
    pub signature: [u8; 64],
}

impl Checkpoint {
    /// Signs `head` of `log` as its checkpoint `number`.
    pub fn sign(log: LogId, number: u64, head: &Head, at: Moment, key: &SigningKey) -> Self {
        let (id, signature) = (key.public().id(), [0; 64]);
        let unsigned = Self { log, number, seq: head.seq, hash: head.hash, at, key: id, signature };
        Self { signature: key.sign(unsigned.digest().bytes()), ..unsigned }
    }

    /// Whether it is signed by `key`.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verifies(self.digest().bytes(), &self.signature)
    }

    /// The entry it speaks of.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// The hash of every field but the signature, each by its length and its bytes.
    fn digest(&self) -> Hash {
        let mut bytes = Sum::of(DOMAIN);
        bytes.add(self.log.to_string().as_bytes());
        bytes.add(&self.number.to_be_bytes());
        bytes.add(&self.seq.to_be_bytes());
        bytes.add(self.hash.bytes());
        bytes.add(&self.at.as_millis().to_be_bytes());
        bytes.add(self.key.as_bytes());
        bytes.hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_signed() {
        let (key, other) = (SigningKey::fresh().unwrap().0, SigningKey::fresh().unwrap().0);
        let head = Head { seq: 7, hash: Hash::NONE };
        let signed = Checkpoint::sign(LogId::fresh(), 3, &head, Moment::from_millis(5), &key);
        assert!(signed.is_signed_by(&key.public()));
        let check = |what: &str, change: &dyn Fn(&mut Checkpoint)| {
            let mut altered = signed.clone();
            change(&mut altered);
            assert!(!altered.is_signed_by(&key.public()), "{what}");
        };
        check("log", &|c| c.log = LogId::fresh());
        check("number", &|c| c.number += 1);
        check("seq", &|c| c.seq += 1);
        check("hash", &|c| c.hash = Hash::parse(&"a".repeat(64)).unwrap());
        check("at", &|c| c.at = Moment::from_millis(6));
        check("key", &|c| c.key = other.public().id());
        check("signature", &|c| c.signature[63] ^= 1);
        assert!(!signed.is_signed_by(&other.public()));
    }
}
