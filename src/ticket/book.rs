//! The port that keeps what is known of tickets.

use super::Seen;
use crate::alert::Happening;
use crate::finding::Fingerprint;
use crate::id::IncidentId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use std::time::Duration;

/// The ticket of one incident in one system, wanted or there. There is at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The system.
    pub system: String,
    /// The incident.
    pub incident: IncidentId,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What the system calls it; `None` until it is there.
    pub key: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// How it stood when it was last seen, or moved by this robot.
    pub status: Option<String>,
    /// Whether it had ended.
    pub done: bool,
    /// Since when it is asked for without an answer: it may be there.
    pub asked: Option<Moment>,
    /// The number of the last move that it was told.
    pub told: u64,
    /// Whether it was told already that the fault lasts although somebody closed it.
    pub answered: bool,
    /// Nothing is left to do about it.
    pub over: bool,
    /// When something is to be done about it; `None` when nothing is.
    pub due: Option<Moment>,
    /// When its status was last asked for.
    pub looked: Moment,
    /// Tries that failed in a row.
    pub tries: u32,
    /// Why the last one failed.
    pub said: Option<String>,
}

impl Ticket {
    /// One that is wanted, due at `due`.
    pub fn wanted(system: &str, incident: IncidentId, fingerprint: Fingerprint, due: Moment) -> Self {
        Self {
            system: system.to_owned(),
            incident,
            fingerprint,
            key: None,
            url: None,
            status: None,
            done: false,
            asked: None,
            told: 0,
            answered: false,
            over: false,
            due: Some(due),
            looked: due,
            tries: 0,
            said: None,
        }
    }

    /// It was seen so, or this robot moved it there: no news to hear when it is seen so again.
    pub fn stands(&mut self, seen: &Seen, now: Moment) {
        self.status = Some(seen.told());
        self.done = seen.category == super::Category::Done;
        self.looked = now;
    }
}

/// Keeps tickets. Every write is durable when it returns.
#[async_trait::async_trait]
pub trait TicketBook: Send + Sync {
    /// The number of the last move that was looked at for `system`.
    async fn cursor(&self, system: &str) -> Result<u64, LedgerError>;

    /// Writes tickets down and how far the moves were looked at, in one transaction.
    async fn gather(&self, system: &str, tickets: &[Ticket], cursor: u64) -> Result<(), LedgerError>;

    /// The ticket of `incident` in `system`.
    async fn ticket(&self, system: &str, incident: IncidentId) -> Result<Option<Ticket>, LedgerError>;

    /// Writes a ticket down.
    async fn save(&self, ticket: &Ticket) -> Result<(), LedgerError>;

    /// Tickets about which something is to be done by `now`, the longest waiting first.
    async fn due(&self, system: &str, now: Moment, limit: u32) -> Result<Vec<Ticket>, LedgerError>;

    /// Tickets that are there, not over, and were not looked at since `before`, the longest unseen first.
    async fn unseen(&self, system: &str, before: Moment, limit: u32) -> Result<Vec<Ticket>, LedgerError>;

    /// All tickets of `incident`.
    async fn tickets(&self, incident: IncidentId) -> Result<Vec<Ticket>, LedgerError>;

    /// The moves of `incident` after the number `after`, oldest first.
    async fn news(&self, incident: IncidentId, after: u64) -> Result<Vec<(u64, Happening)>, LedgerError>;

    /// Whether a call of this name was taken down.
    async fn came_before(&self, system: &str, id: &str) -> Result<bool, LedgerError>;

    /// Takes down that a call of this name came and was worked off, for at least `within`.
    async fn call_came(&self, system: &str, id: &str, now: Moment, within: Duration) -> Result<(), LedgerError>;
}
