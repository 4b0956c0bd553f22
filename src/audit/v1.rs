//! The published shapes: an entry and a checkpoint, a JSON object a line each. Fields are never renamed or given another
//! meaning, or no log of before could be verified.

use super::{Checkpoint, Entry, Hash};
use crate::moment::Moment;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The longest line that is read, in bytes. An entry's is at most some 30 KiB, every character of it escaped.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

#[derive(Serialize)]
struct EntryV1<'a> {
    v: u8,
    seq: u64,
    at: Time,
    actor: &'a str,
    action: &'a str,
    object: &'a str,
    /// Canonical JSON as text: the very bytes that are hashed.
    detail: &'a str,
    prev: &'a str,
    hash: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryRead {
    v: u8,
    seq: u64,
    at: Time,
    actor: String,
    action: String,
    object: String,
    detail: String,
    prev: String,
    hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointV1 {
    v: u8,
    log: String,
    number: u64,
    seq: u64,
    hash: String,
    at: Time,
    key: String,
    signature: String,
}

/// RFC 3339, to the millisecond.
#[derive(Serialize, Deserialize)]
struct Time(jiff::Timestamp);

impl From<Moment> for Time {
    fn from(moment: Moment) -> Self {
        Self(moment.timestamp())
    }
}

impl Time {
    /// What is finer than a millisecond was not written by us, and is not in the hash.
    fn moment(&self) -> Option<Moment> {
        let moment = Moment::from_millis(self.0.as_millisecond());
        (moment.timestamp() == self.0).then_some(moment)
    }
}

/// An entry as its line, without the line break.
pub fn entry_line(entry: &Entry) -> String {
    let (prev, hash) = (entry.prev.to_string(), entry.hash.to_string());
    let shape = EntryV1 {
        v: 1,
        seq: entry.seq,
        at: entry.at.into(),
        actor: &entry.actor,
        action: &entry.action,
        object: &entry.object,
        detail: &entry.detail,
        prev: &prev,
        hash: &hash,
    };
    serde_json::to_string(&shape).expect("invariant: text and numbers are always JSON")
}

/// The entry of a line.
///
/// # Errors
/// What is wrong with it.
pub fn read_entry(line: &str) -> Result<Entry, String> {
    let read: EntryRead = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let hash = |text: &str| Hash::parse(text).ok_or("a hash is not 64 hexadecimal digits");
    version(read.v)?;
    Ok(Entry {
        seq: number(read.seq)?,
        at: read.at.moment().ok_or("a time is finer than a millisecond")?,
        prev: hash(&read.prev)?,
        hash: hash(&read.hash)?,
        actor: read.actor,
        action: read.action,
        object: read.object,
        detail: read.detail,
    })
}

/// A checkpoint as its line, without the line break.
pub fn checkpoint_line(checkpoint: &Checkpoint) -> String {
    let shape = CheckpointV1 {
        v: 1,
        log: checkpoint.log.to_string(),
        number: checkpoint.number,
        seq: checkpoint.seq,
        hash: checkpoint.hash.to_string(),
        at: checkpoint.at.into(),
        key: checkpoint.key.clone(),
        signature: STANDARD.encode(checkpoint.signature),
    };
    serde_json::to_string(&shape).expect("invariant: text and numbers are always JSON")
}

/// The checkpoint of a line; its signature is not looked at.
///
/// # Errors
/// What is wrong with it.
pub fn read_checkpoint(line: &str) -> Result<Checkpoint, String> {
    let read: CheckpointV1 = serde_json::from_str(line).map_err(|e| e.to_string())?;
    version(read.v)?;
    let signature = STANDARD.decode(&read.signature).ok().and_then(|bytes| bytes.try_into().ok());
    Ok(Checkpoint {
        log: read.log.parse().map_err(|_| "the log is not named by a UUID")?,
        number: number(read.number)?,
        seq: number(read.seq)?,
        hash: Hash::parse(&read.hash).ok_or("the hash is not 64 hexadecimal digits")?,
        at: read.at.moment().ok_or("the time is finer than a millisecond")?,
        key: read.key,
        signature: signature.ok_or("the signature is not 64 bytes in base64")?,
    })
}

/// Numbers that no database could hold were not given by us.
fn number(number: u64) -> Result<u64, String> {
    if i64::try_from(number).is_ok() { Ok(number) } else { Err(format!("the number {number} was never given")) }
}

fn version(v: u8) -> Result<(), String> {
    if v == 1 { Ok(()) } else { Err(format!("version {v} is not known: a newer gengfu wrote it, or it was altered")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::SigningKey;
    use crate::id::LogId;

    #[test]
    fn entries_and_checkpoints_are_read_as_they_were_written() {
        let log: LogId = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203".parse().unwrap();
        let entry = Entry::first(log, Moment::from_millis(1_795_241_000_123));
        let line = entry_line(&entry);
        assert_eq!(
            line,
            "{\"v\":1,\"seq\":1,\"at\":\"2026-11-21T06:03:20.123Z\",\"actor\":\"robot\",\"action\":\"log-begun\",\
             \"object\":\"log/0190f5e2-7c1d-7a3b-8c4d-5e6f70819203\",\"detail\":\"{}\",\
             \"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\
             \"hash\":\"HASH\"}"
                .replace("HASH", &entry.hash.to_string())
        );
        assert_eq!(read_entry(&line), Ok(entry.clone()));
        let key = SigningKey::fresh().unwrap().0;
        let signed = Checkpoint::sign(log, 1, &entry.head(), Moment::from_millis(7), &key);
        assert_eq!(read_checkpoint(&checkpoint_line(&signed)), Ok(signed.clone()));

        let check = |wrong: String, says: &str| {
            let said = read_entry(&wrong).unwrap_err();
            assert!(said.contains(says), "{wrong}: {said}");
        };
        check(line.replace("\"v\":1", "\"v\":2"), "version 2");
        check(line.replace("\"seq\":1", "\"seq\":-1"), "invalid value");
        check(line.replace("\"seq\":1", "\"seq\":1,\"seq\":1"), "duplicate");
        check(line.replace("\"seq\":1", "\"seq\":1,\"note\":\"\""), "unknown field");
        check(line.replace(".123Z", ".1234Z"), "finer");
        check(line.replace("0000\",\"hash", "000g\",\"hash"), "hexadecimal");
        check(line[..line.len() - 1].to_owned(), "EOF");
    }
}
