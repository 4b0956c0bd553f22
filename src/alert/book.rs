//! The notices as people look through them.

use super::{NoticeState, OutboxRow};
use crate::id::{IncidentId, NoticeId};
use crate::incident::LedgerError;
use crate::moment::Moment;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Reads what the outbox keeps, for people.
#[async_trait::async_trait]
pub trait NoticeBook: Send + Sync {
    /// A page of notices.
    async fn page(&self, query: &NoticeQuery) -> Result<NoticePage, LedgerError>;

    /// The channels there are notices of.
    async fn channels(&self) -> Result<Vec<String>, LedgerError>;

    /// How many there are that people should have had and have not, as [`Outbox::undelivered`](super::Outbox::undelivered)
    /// lists them.
    async fn count_undelivered(&self) -> Result<u64, LedgerError>;

    /// When the oldest was queued that waits to be sent.
    async fn oldest_waiting(&self) -> Result<Option<Moment>, LedgerError>;

    /// How many notices each channel has in each state.
    async fn tally_by_channel(&self) -> Result<BTreeMap<(String, NoticeState), u64>, LedgerError>;
}

/// Which notices: what was given up before what waits, this before the rest; of these the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NoticeQuery {
    /// Only in one of these states; all when empty.
    pub states: Vec<NoticeState>,
    /// Of these only what people should have had and have not.
    pub undelivered: bool,
    /// Only on this channel.
    pub channel: Option<String>,
    /// Only of this incident.
    pub incident: Option<IncidentId>,
    /// Only what comes after this.
    pub after: Option<NoticePlace>,
    /// At most so many.
    pub limit: u32,
}

/// What a page of notices holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoticePage {
    /// In order.
    pub notices: Vec<OutboxRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<NoticePlace>,
    /// How many there are in each state, on whatever page.
    pub counts: BTreeMap<NoticeState, u64>,
    /// How many people should have had and have not, on whatever page.
    pub undelivered: u64,
}

/// A place in the list: the last notice of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePlace {
    /// How urgently it is to be seen: 0 where it was given up, 1 where it waits, otherwise 2.
    pub rank: i64,
    /// When it was queued.
    pub queued: Moment,
    /// The notice.
    pub id: NoticeId,
}

impl NoticePlace {
    /// Where `row` stands.
    pub fn of(row: &OutboxRow) -> Self {
        let rank = match row.state {
            NoticeState::Undeliverable => 0,
            NoticeState::Waiting => 1,
            _ => 2,
        };
        Self { rank, queued: row.queued, id: row.id }
    }
}

impl std::fmt::Display for NoticePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}~{}", self.rank, self.queued.as_millis(), self.id)
    }
}

/// No place of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoNoticePlace;

impl FromStr for NoticePlace {
    type Err = NoNoticePlace;
    fn from_str(text: &str) -> Result<Self, NoNoticePlace> {
        let mut parts = text.splitn(3, '~');
        let mut part = || parts.next().ok_or(NoNoticePlace);
        let (rank, queued, id) = (part()?, part()?, part()?);
        let number = |text: &str| text.parse::<i64>().map_err(|_| NoNoticePlace);
        let id = id.parse().map_err(|_| NoNoticePlace)?;
        Ok(Self { rank: number(rank)?, queued: Moment::from_millis(number(queued)?), id })
    }
}
