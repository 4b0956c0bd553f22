//! The port: where the log is kept.

use super::{Draft, Entry, Head, Line, ObjectKind};
use crate::id::LogId;
use crate::moment::Moment;
use std::fmt;
use std::str::FromStr;

/// Keeps the log. Every append is durable when it returns, and in one transaction with what it tells of where the same
/// database keeps that.
#[async_trait::async_trait]
pub trait Log: Send + Sync {
    /// Appends entries, all of them or none; the log begins with the first. Gives the newest entry.
    async fn append(&self, drafts: &[Draft]) -> Result<Head, LogError>;

    /// The log's name and its newest entry; `None` before it begins.
    async fn head(&self) -> Result<Option<(LogId, Head)>, LogError>;

    /// Entries in order, a page at a time, for people. What cannot be read as an entry is given as such.
    async fn read(&self, page: &Page) -> Result<Vec<Line>, LogError>;

    /// Entries from the newest on, for people who look for one. An entry whose time is none is found by `each` alone.
    async fn look(&self, look: &Look) -> Result<Vec<Line>, LogError>;

    /// Every line that is kept, in the order of their numbers, whatever somebody made of them; none is left out, and no
    /// more than a few are held in memory.
    async fn each(&self, take: &mut (dyn FnMut(Line) + Send)) -> Result<(), LogError>;

    /// The newest entry of each object of this kind.
    async fn newest_of(&self, kind: ObjectKind) -> Result<Vec<Entry>, LogError>;
}

/// Which entries, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Only those after this number: the last one's, for the next page.
    pub after: u64,
    /// Only those from this moment on.
    pub since: Option<Moment>,
    /// Only those on this object: its word.
    pub object: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Which entries, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// Only those before this one: the last one's place, for the next page.
    pub before: Option<Place>,
    /// Only those from this moment on.
    pub since: Option<Moment>,
    /// Only those before this moment.
    pub until: Option<Moment>,
    /// Only those of this actor: its word.
    pub actor: Option<String>,
    /// Only those that say this was done: its word.
    pub action: Option<String>,
    /// Only those on this object: its word.
    pub object: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Where an entry stands among all of them by their times; of one time, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it was.
    pub at: Moment,
    /// Its number.
    pub seq: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.at.as_millis(), self.seq)
    }
}

impl FromStr for Place {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, seq) = text.split_once('~').ok_or(())?;
        Ok(Self { at: Moment::from_millis(at.parse().map_err(drop)?), seq: seq.parse().map_err(drop)? })
    }
}

/// The log was not read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit log failed: {0}")]
pub struct LogError(pub String);
