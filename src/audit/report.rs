//! What became of a log: what was done to it, and where, as precisely as the evidence allows.

use super::Head;
use crate::id::LogId;
use std::fmt;

/// One thing that was done to a log. Numbers are those that entries had when they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tampering {
    /// These entries were altered.
    Edited {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
        /// Where their hashes were computed anew: those after this number may have been altered with them. A checkpoint
        /// vouches for it and for all before; `0` when none does.
        since: Option<u64>,
    },
    /// Entries were put in that the robot did not write there.
    Inserted {
        /// The true entry before them.
        after: u64,
        /// How many.
        count: u64,
    },
    /// These entries are missing.
    Removed {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// These entries are true and stand in another place.
    Moved {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Everything from one of these entries on was altered and computed anew: the chain is whole, and a checkpoint that the
    /// robot signed says another hash.
    Rewritten {
        /// The first that may be the first one.
        from: u64,
        /// The last that may be.
        to: u64,
    },
    /// The end is missing, or the log was put back to an earlier state: a checkpoint speaks of entries that are not there.
    Truncated {
        /// The first that is missing.
        from: u64,
        /// The last that a checkpoint speaks of; there may have been more.
        to: u64,
    },
    /// The log was put back to an earlier state and went on from there: the robot signed both.
    RolledBack {
        /// The first number that may have been given twice first.
        from: u64,
        /// The last that may be.
        to: u64,
    },
    /// The checkpoints are of another log: this one was put in its place.
    Replaced {
        /// The log they are of.
        log: LogId,
        /// The last entry of it that a checkpoint speaks of.
        until: u64,
    },
    /// A checkpoint was altered, or signed by somebody else.
    CheckpointForged {
        /// Its file and line.
        place: String,
        /// What is wrong with it.
        said: String,
    },
    /// Checkpoints are missing.
    CheckpointsRemoved {
        /// The first's number.
        from: u64,
        /// The last's.
        to: u64,
    },
    /// There is more trouble than is told one by one.
    AndMore {
        /// From this line of the log on.
        line: u64,
    },
}

impl fmt::Display for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { from, to, since } => {
                write!(f, "{} altered", entries(*from, *to))?;
                match since {
                    None => Ok(()),
                    Some(since) if since + 1 >= *from => f.write_str(", and its hash computed anew"),
                    Some(since) => {
                        write!(f, ", and hashes computed anew: those after entry {since} may have been altered with it")
                    }
                }
            }
            Self::Inserted { after, count: 1 } => write!(f, "an entry was inserted after entry {after}"),
            Self::Inserted { after, count } => write!(f, "{count} entries were inserted after entry {after}"),
            Self::Removed { from, to } => write!(f, "{} removed", entries(*from, *to)),
            Self::Moved { from, to } => write!(f, "{} moved to another place", entries(*from, *to)),
            Self::Rewritten { from, to } if from == to => write!(
                f,
                "everything from entry {from} on was altered and computed anew: a checkpoint has another hash for it"
            ),
            Self::Rewritten { from, to } => write!(
                f,
                "everything from one of the entries {from} to {to} on was altered and computed anew: the checkpoint of entry \
                 {to} has another hash"
            ),
            Self::Truncated { from, to } => write!(
                f,
                "{} cut off, or the log was rolled back: a checkpoint speaks of entry {to}, and there may have been more",
                entries(*from, *to)
            ),
            Self::RolledBack { from, to } => {
                f.write_str("the log was rolled back and went on anew from ")?;
                match from == to {
                    true => write!(f, "entry {from} on")?,
                    false => write!(f, "one of the entries {from} to {to} on")?,
                }
                f.write_str(": checkpoints of both were signed; a backup that was restored looks so, too")
            }
            Self::Replaced { log, until } => write!(
                f,
                "the log was replaced: checkpoints speak of the log {log} up to its entry {until}, and this is another"
            ),
            Self::CheckpointForged { place, said } => {
                write!(f, "the checkpoint at {place} was altered or forged: {said}")
            }
            Self::CheckpointsRemoved { from, to } if from == to => write!(f, "checkpoint number {from} was removed"),
            Self::CheckpointsRemoved { from, to } => write!(f, "checkpoints number {from} to {to} were removed"),
            Self::AndMore { line } => write!(f, "from line {line} on there is more trouble than is told one by one"),
        }
    }
}

fn entries(from: u64, to: u64) -> String {
    if from == to { format!("entry {from} was") } else { format!("entries {from} to {to} were") }
}

/// What can be said of a log as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Chain and checkpoints agree.
    Whole,
    /// The chain is whole, and no checkpoint says that it is the one that was written.
    Unvouched,
    /// Something was done to it.
    Tampered,
}

/// What `verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Lines of the log that were looked at.
    pub entries: u64,
    /// The newest entry that stands in the chain.
    pub newest: Option<Head>,
    /// Checkpoints of this log with a valid signature.
    pub checkpoints: u64,
    /// The newest entry that a checkpoint vouches for, and thereby all before it.
    pub vouched: Option<u64>,
    /// The first checkpoint's number, where it is not 1: those before it were put away, or removed.
    pub begins_at: Option<u64>,
    /// Checkpoints whose writing was cut short, as by a power cut: they vouch for nothing.
    pub torn: u64,
    /// What was done, by place.
    pub findings: Vec<Tampering>,
}

impl Report {
    /// What can be said of the log as a whole.
    pub fn standing(&self) -> Standing {
        match (self.findings.is_empty(), self.vouched) {
            (false, _) => Standing::Tampered,
            (true, None) => Standing::Unvouched,
            (true, Some(_)) => Standing::Whole,
        }
    }

    /// Entries after the last one that a checkpoint vouches for: cutting or rewriting them would not be noticed.
    pub fn unvouched(&self) -> u64 {
        let newest = self.newest.map_or(0, |head| head.seq);
        newest.saturating_sub(self.vouched.unwrap_or(0))
    }
}
