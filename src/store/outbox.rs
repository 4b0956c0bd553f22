//! The notices that wait to be sent.

use super::row::Read;
use super::{Store, trouble};
use crate::alert::{LeasedNotice, NoticeState, Outbox, OutboxRow, Settlement};
use crate::incident::LedgerError;
use crate::moment::Moment;
use sqlx::any::AnyRow;
use std::time::Duration;

// A notice that is being sent at this moment is left alone: what it says was true when it was taken.
const SUPERSEDE: &str = "UPDATE notices SET state = 'superseded', due = $1 \
    WHERE state = 'waiting' AND leased_until <= $1 AND EXISTS (SELECT 1 FROM notices AS newer \
    WHERE newer.incident = notices.incident AND newer.channel = notices.channel \
    AND COALESCE(newer.recipient, '') = COALESCE(notices.recipient, '') AND newer.state = 'waiting' \
    AND newer.due <= $1 AND newer.id > notices.id)";
const LEASE: &str = "UPDATE notices SET token = token + 1, tries = tries + 1, leased_until = $2 \
    WHERE id IN (SELECT id FROM notices WHERE state = 'waiting' AND due <= $1 AND leased_until <= $1 \
    AND channel = $4 ORDER BY due, id LIMIT $3) \
    RETURNING id, incident, channel, recipient, body, queued, tries, token";
const SETTLE: &str = "UPDATE notices SET state = $1, due = $2, said = $3, leased_until = 0 \
    WHERE id = $4 AND token = $5 AND state = 'waiting' AND leased_until > 0";
const DUE: &str = "SELECT DISTINCT channel FROM notices WHERE state = 'waiting' AND due <= $1 AND leased_until <= $1 \
    ORDER BY channel";
const NOTICES: &str = "SELECT id, incident, channel, recipient, reason, state, queued, due, tries, said FROM notices \
    ORDER BY CASE state WHEN 'undeliverable' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END, queued DESC, id DESC LIMIT $1";
const UNDELIVERED: &str = "SELECT id, incident, channel, recipient, reason, state, queued, due, tries, said FROM notices \
    WHERE (state = 'waiting' AND tries >= $1) OR (state = 'undeliverable' AND NOT EXISTS \
    (SELECT 1 FROM notices AS later WHERE later.channel = notices.channel AND later.state = 'delivered' \
    AND COALESCE(later.recipient, '') = COALESCE(notices.recipient, '') AND later.due > notices.due)) \
    ORDER BY CASE state WHEN 'undeliverable' THEN 0 ELSE 1 END, queued DESC, id DESC LIMIT $2";

/// A notice that was tried this often without success is one that people should know of.
const TRIES_TOLD: i64 = 4;

#[async_trait::async_trait]
impl Outbox for Store {
    async fn due(&self, now: Moment) -> Result<Vec<String>, LedgerError> {
        let due = sqlx::query_scalar::<_, String>(DUE).bind(now.as_millis()).fetch_all(&self.readers).await;
        due.map_err(|e| trouble::of(&e))
    }

    async fn lease(
        &self,
        channel: &str,
        now: Moment,
        n: u32,
        lease: Duration,
    ) -> Result<Vec<LeasedNotice>, LedgerError> {
        let mut book = self.begin().await?;
        let superseded = sqlx::query(SUPERSEDE).bind(now.as_millis());
        superseded.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        let leased = sqlx::query(LEASE).bind(now.as_millis()).bind(now.after(lease).as_millis()).bind(i64::from(n));
        let leased = leased.bind(channel);
        let rows = leased.fetch_all(&mut *book).await.map_err(|e| trouble::of(&e))?;
        book.commit().await.map_err(|e| trouble::of(&e))?;
        let mut leased: Vec<LeasedNotice> = rows.iter().map(leased_notice).collect::<Result<_, _>>()?;
        leased.sort_by_key(|notice| notice.id);
        Ok(leased)
    }

    async fn settle(&self, leased: &LeasedNotice, outcome: &Settlement, now: Moment) -> Result<bool, LedgerError> {
        let (state, due, said) = match outcome {
            Settlement::Delivered(said) => (NoticeState::Delivered, now, said),
            Settlement::Again { at, said } => (NoticeState::Waiting, *at, said),
            Settlement::Undeliverable(said) => (NoticeState::Undeliverable, now, said),
        };
        let settled = sqlx::query(SETTLE)
            .bind(state.word())
            .bind(due.as_millis())
            .bind(said.as_str())
            .bind(leased.id.to_string())
            .bind(leased.token);
        Ok(settled.execute(&self.writer).await.map_err(|e| trouble::of(&e))?.rows_affected() == 1)
    }

    async fn notices(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        let rows = sqlx::query(NOTICES).bind(i64::from(limit.min(1_000))).fetch_all(&self.readers).await;
        rows.map_err(|e| trouble::of(&e))?.iter().map(listed).collect()
    }

    async fn undelivered(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        let rows = sqlx::query(UNDELIVERED).bind(TRIES_TOLD).bind(i64::from(limit.min(1_000)));
        let rows = rows.fetch_all(&self.readers).await;
        rows.map_err(|e| trouble::of(&e))?.iter().map(listed).collect()
    }
}

fn leased_notice(row: &AnyRow) -> Result<LeasedNotice, LedgerError> {
    let row = Read(row);
    Ok(LeasedNotice {
        id: row.id("id")?,
        incident: row.id("incident")?,
        channel: row.text("channel")?,
        to: row.maybe_text("recipient")?,
        body: row.text("body")?,
        queued: row.moment("queued")?,
        tries: row.count("tries")?,
        token: row.number("token")?,
    })
}

fn listed(row: &AnyRow) -> Result<OutboxRow, LedgerError> {
    let row = Read(row);
    Ok(OutboxRow {
        id: row.id("id")?,
        incident: row.id("incident")?,
        channel: row.text("channel")?,
        to: row.maybe_text("recipient")?,
        reason: row.text("reason")?,
        state: row.word("state")?,
        queued: row.moment("queued")?,
        at: row.moment("due")?,
        tries: row.count("tries")?,
        said: row.maybe_text("said")?,
    })
}
