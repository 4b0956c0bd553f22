//! The port: where the log is kept.

use super::{Draft, Entry, Head, Line, ObjectKind};
use crate::id::LogId;
use crate::moment::Moment;

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

/// The log was not read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit log failed: {0}")]
pub struct LogError(pub String);
