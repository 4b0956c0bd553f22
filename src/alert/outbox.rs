//! The port to the notices that wait to be sent.

use crate::id::{IncidentId, NoticeId};
use crate::incident::LedgerError;
use crate::moment::Moment;
use std::time::Duration;

/// Notices on their way. A lease keeps two deliverers from holding the same one; each lease has its own token,
/// and what a deliverer whose lease ran out reports is refused.
#[async_trait::async_trait]
pub trait Outbox: Send + Sync {
    /// The channels that have a notice due which nobody holds.
    async fn due(&self, now: Moment) -> Result<Vec<String>, LedgerError>;

    /// Leases up to `n` notices of `channel` that are due, oldest first. Where several of one incident wait for the same
    /// receiver, the older ones are first marked as superseded by the newest.
    async fn lease(
        &self,
        channel: &str,
        now: Moment,
        n: u32,
        lease: Duration,
    ) -> Result<Vec<LeasedNotice>, LedgerError>;

    /// Records what became of a try; `false` when the lease was no longer held.
    async fn settle(&self, leased: &LeasedNotice, outcome: &Settlement, now: Moment) -> Result<bool, LedgerError>;

    /// Notices for people to look at: those not delivered first, newest first.
    async fn notices(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError>;

    /// Notices that people should have had and have not: given up, and nothing that came later was accepted from the
    /// same channel for the same receiver; or tried several times already. Given up ones first.
    async fn undelivered(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError>;
}

/// Hears how channels fare: who is not told of an incident must at least be missed by somebody.
#[async_trait::async_trait]
pub trait ChannelHealth: Send + Sync {
    /// A notice was given up.
    async fn given_up(&self, notice: &LeasedNotice, said: &str);

    /// The channel accepted a notice, the first since it was begun with or since one was given up.
    async fn accepted(&self, channel: &str);
}

/// A notice held by one deliverer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedNotice {
    /// The notice.
    pub id: NoticeId,
    /// What it is about.
    pub incident: IncidentId,
    /// The channel.
    pub channel: String,
    /// The receiver, where the channel needs to know.
    pub to: Option<String>,
    /// `notice.v1` JSON.
    pub body: String,
    /// When it was queued.
    pub queued: Moment,
    /// How many tries there were, this one included.
    pub tries: u32,
    /// The lease's token.
    pub token: i64,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The receiver accepted: its word.
    Delivered(String),
    /// Not accepted; the next try not before this.
    Again {
        /// When.
        at: Moment,
        /// What the receiver said.
        said: String,
    },
    /// Not accepted and never will be: shown as undelivered until the channel accepts something for that receiver.
    Undeliverable(String),
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeState {
    /// Waiting for its first or next try.
    Waiting,
    /// Accepted by the receiver.
    Delivered,
    /// Given up.
    Undeliverable,
    /// A newer notice of the same incident took its place before it was sent.
    Superseded,
}

impl NoticeState {
    /// Every state.
    pub const ALL: [NoticeState; 4] =
        [NoticeState::Waiting, NoticeState::Delivered, NoticeState::Undeliverable, NoticeState::Superseded];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            NoticeState::Waiting => "waiting",
            NoticeState::Delivered => "delivered",
            NoticeState::Undeliverable => "undeliverable",
            NoticeState::Superseded => "superseded",
        }
    }
}

/// A notice as people see it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The notice.
    pub id: NoticeId,
    /// What it is about.
    pub incident: IncidentId,
    /// The channel.
    pub channel: String,
    /// The receiver, where the channel needs to know.
    pub to: Option<String>,
    /// The reason word.
    pub reason: String,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was queued.
    pub queued: Moment,
    /// When the next try is due, or the last one was accepted.
    pub at: Moment,
    /// How many tries there were.
    pub tries: u32,
    /// What the receiver said last.
    pub said: Option<String>,
}
