//! The port to a system of tickets: one vendor, one adapter.

use super::Paper;
use crate::alert::{Draft, Happening, SendError, one_line};
use crate::moment::Moment;

/// The longest state and resolution that are kept, in characters.
const TOLD_CHARS_MAX: usize = 200;

/// A system of tickets.
#[async_trait::async_trait]
pub trait TicketSystem: Send + Sync {
    /// Its name in the configuration.
    fn name(&self) -> &str;

    /// What is kept there of this trouble already, open or closed lately. Nothing where the system itself knows a ticket
    /// again by its key.
    async fn find(&self, paper: &Paper) -> Result<Vec<Opened>, SendError>;

    /// Whether what was made a moment ago may not be found yet, so that after an answer that got lost it is waited a while.
    fn is_searched(&self) -> bool;

    /// Makes a ticket. `Ok` only when the system itself said that there is one.
    async fn open(&self, paper: &Paper) -> Result<Opened, SendError>;

    /// Leaves a word on `ticket`.
    async fn comment(&self, ticket: &str, paper: &Paper, text: &str) -> Result<(), SendError>;

    /// Whether a word left on a ticket that is closed opens it again.
    fn comment_reopens(&self) -> bool {
        false
    }

    /// Ends `ticket` or opens it again, unless it stands so already; how it stands then.
    async fn turn(&self, ticket: &str, turn: Turn, paper: &Paper) -> Result<Seen, SendError>;

    /// How `ticket` stands; nothing where the system does not say it, but calls back.
    async fn look(&self, ticket: &str) -> Result<Option<Seen>, SendError>;

    /// Whether it wants each move itself instead of comments.
    fn follows(&self) -> bool {
        false
    }

    /// Passes one move on.
    async fn pass(&self, _happening: &Happening) -> Result<(), SendError> {
        Ok(())
    }

    /// What would be sent to make a ticket, for people to look at. Sends nothing.
    fn drafts(&self, paper: &Paper) -> Vec<Draft>;
}

/// Where a ticket is to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// To its end.
    Resolve,
    /// Back to work.
    Reopen,
}

/// A ticket that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What the system calls it.
    pub ticket: String,
    /// Its page, where it has one.
    pub url: Option<String>,
    /// How it stands, where that is known.
    pub seen: Option<Seen>,
}

/// How a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The system's own word.
    pub status: String,
    /// What kind of state that is.
    pub category: Category,
    /// How it ended, in the system's own word.
    pub resolution: Option<String>,
    /// When it ended, where the system says it.
    pub ended: Option<Moment>,
}

/// What kind of state a ticket is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Nobody works on it.
    New,
    /// Somebody does.
    Doing,
    /// It has ended.
    Done,
}

impl Seen {
    /// State and resolution in one text, to know a change by; on one line and cut, whatever the system calls them.
    pub fn told(&self) -> String {
        let told = match &self.resolution {
            Some(resolution) => format!("{} ({resolution})", self.status),
            None => self.status.clone(),
        };
        one_line(&told, TOLD_CHARS_MAX)
    }
}
