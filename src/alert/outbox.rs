//! The port to the notices that wait to be sent.

use super::{SendRate, Waiting, Wish};
use crate::finding::Severity;
use crate::id::{IncidentId, NoticeId};
use crate::incident::{Incident, LedgerError};
use crate::moment::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// The reason word of a message that tells of several incidents.
pub const DIGEST_REASON: &str = "digest";

/// Notices on their way. A lease keeps two deliverers from holding the same one; each lease has its own token,
/// and what a deliverer whose lease ran out reports is refused.
#[async_trait::async_trait]
pub trait Outbox: Send + Sync {
    /// The channels that have a notice due which nobody holds, and that do not rest. Notices that stand in for others
    /// are due when nobody has accepted those by their time.
    async fn due(&self, now: Moment) -> Result<Vec<String>, LedgerError>;

    /// The receivers of `channel` for whom something waits.
    async fn receivers(&self, channel: &str, now: Moment) -> Result<Vec<Receiver>, LedgerError>;

    /// All that waits for one receiver, oldest first, and the incidents it is about as they are now.
    async fn pile(&self, channel: &str, to: Option<&str>, now: Moment) -> Result<Pile, LedgerError>;

    /// Withdraws notices that wait or that a waiting digest tells of: nobody wants to hear of their incident any more.
    async fn withdraw(&self, notices: &[NoticeId], why: &str) -> Result<(), LedgerError>;

    /// Whether this receiver was told of the incident since `since`.
    async fn heard(
        &self,
        incident: IncidentId,
        channel: &str,
        to: Option<&str>,
        since: Moment,
    ) -> Result<bool, LedgerError>;

    /// Leases one message, and writes down what it tells of and that it is sent, if the channel's rates have room for it.
    async fn take(&self, taking: &Taking<'_>, now: Moment) -> Result<Taken, LedgerError>;

    /// Records what became of a try; `false` when the lease was no longer held. What stands in for an accepted notice is
    /// spared.
    async fn settle(&self, leased: &LeasedNotice, outcome: &Settlement, now: Moment) -> Result<bool, LedgerError>;

    /// Gives up those notices that `leased` tells of and that were queued before `queued_before`; how many it still tells of.
    async fn give_up(&self, leased: NoticeId, queued_before: Moment, said: &str) -> Result<u32, LedgerError>;

    /// Nothing is due on `channel` before `until`: its receiver said so.
    async fn rest(&self, channel: &str, until: Moment) -> Result<(), LedgerError>;

    /// Notices for people to look at: those not delivered first, newest first.
    async fn notices(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError>;

    /// Notices that people should have had and have not: given up, and nothing that came later was accepted from the
    /// same channel for the same receiver; or tried several times already. Given up ones first.
    async fn undelivered(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError>;

    /// How one incident was told: its notices, newest first, each with the message that told it.
    async fn told(&self, incident: IncidentId, limit: u32) -> Result<Vec<OutboxRow>, LedgerError>;

    /// How many notices there are in each state.
    async fn tally(&self) -> Result<BTreeMap<NoticeState, u64>, LedgerError>;
}

/// Hears how channels fare: who is not told of an incident must at least be missed by somebody.
#[async_trait::async_trait]
pub trait ChannelHealth: Send + Sync {
    /// A notice was given up.
    async fn given_up(&self, notice: &LeasedNotice, said: &str);

    /// The channel accepted a notice, the first since it was begun with or since one was given up.
    async fn accepted(&self, channel: &str);
}

/// Somebody for whom something waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The receiver, where the channel needs to know.
    pub to: Option<String>,
    /// Something is being sent to them.
    pub busy: bool,
    /// When the last message was accepted.
    pub told: Option<Moment>,
    /// What was not accepted is not tried again before this; what came later waits with it.
    pub not_before: Option<Moment>,
    /// The worst that waits.
    pub worst: Severity,
    /// When the oldest that waits was queued.
    pub oldest: Moment,
}

/// What waits for one receiver.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pile {
    /// Notices that wait, oldest first, and those that a waiting digest tells of.
    pub notices: Vec<Waiting>,
    /// The incidents they are about, as they are now.
    pub incidents: BTreeMap<IncidentId, Incident>,
}

/// One message that is about to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Taking<'a> {
    /// Its name.
    pub id: NoticeId,
    /// The channel.
    pub channel: &'a str,
    /// The receiver.
    pub to: Option<&'a str>,
    /// A new digest: the incident it stands under, and how often what it tells of was tried.
    pub digest: Option<(IncidentId, u32)>,
    /// Its content, where that is not what was queued.
    pub body: Option<String>,
    /// Notices it tells of.
    pub gathered: Vec<NoticeId>,
    /// Notices that it makes needless: older ones of the same incident, and digests it takes the place of.
    pub superseded: Vec<NoticeId>,
    /// The channel's rates.
    pub rates: &'a [SendRate],
    /// What it takes of them.
    pub wish: Wish,
    /// The longest it may be under way.
    pub way: Duration,
    /// How long it is held.
    pub lease: Duration,
}

/// What became of taking a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is held.
    Leased(LeasedNotice),
    /// The channel's rates have no room before this; nothing was written.
    NoRoom(Moment),
    /// What waits is not what it was; nothing was written.
    Changed,
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
    /// `incident-event.v1` JSON, of a digest `incident-digest.v1`.
    pub body: String,
    /// When it was queued.
    pub queued: Moment,
    /// When the oldest was queued that a digest tells of; otherwise when this was.
    pub since: Moment,
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
    /// Told by another message, together with more.
    Gathered,
    /// Waiting whether those it stands in for are accepted.
    Standby,
    /// One of those it stood in for was accepted: nobody needs it any more.
    Spared,
    /// Its incident was set aside or muted before it was sent.
    Withdrawn,
}

impl NoticeState {
    /// Every state.
    pub const ALL: [NoticeState; 8] = [
        NoticeState::Waiting,
        NoticeState::Delivered,
        NoticeState::Undeliverable,
        NoticeState::Superseded,
        NoticeState::Gathered,
        NoticeState::Standby,
        NoticeState::Spared,
        NoticeState::Withdrawn,
    ];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            NoticeState::Waiting => "waiting",
            NoticeState::Delivered => "delivered",
            NoticeState::Undeliverable => "undeliverable",
            NoticeState::Superseded => "superseded",
            NoticeState::Gathered => "gathered",
            NoticeState::Standby => "standby",
            NoticeState::Spared => "spared",
            NoticeState::Withdrawn => "withdrawn",
        }
    }
}

/// A notice as people see it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The notice.
    pub id: NoticeId,
    /// What it is about; of a digest, the worst.
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
    /// The message that told it instead of one of its own.
    pub told_by: Option<NoticeId>,
    /// How many other notices this message told.
    pub tells: u32,
    /// The channels it stands in for.
    pub instead_of: Option<String>,
}
