//! The notices that wait to be sent.

mod book;
mod lists;
mod piles;
mod take;

pub(super) use lists::not_delivered;

use super::{Store, trouble};
use crate::alert::{LeasedNotice, NoticeState, Outbox, OutboxRow, Pile, Receiver, Settlement, Taken, Taking};
use crate::id::{IncidentId, NoticeId};
use crate::incident::LedgerError;
use crate::moment::Moment;
use sqlx::AnyConnection;
use std::collections::BTreeMap;

const ANY_CALLED: &str = "SELECT COUNT(*) FROM notices WHERE state = 'standby' AND due <= $1";
const CALL: &str = "UPDATE notices SET state = 'waiting' WHERE state = 'standby' AND due <= $1";
const DUE: &str = "SELECT DISTINCT channel FROM notices WHERE state = 'waiting' AND due <= $1 AND leased_until <= $1 \
    AND NOT EXISTS (SELECT 1 FROM rests WHERE rests.channel = notices.channel AND rests.until > $1) ORDER BY channel";
const SETTLE: &str = "UPDATE notices SET state = $1, due = $2, said = $3, leased_until = 0 \
    WHERE id = $4 AND token = $5 AND state = 'waiting' AND leased_until > 0";
const ARRIVED: &str = "UPDATE sends SET at = $1 WHERE notice = $2 AND token = $3";
// Notices of one change to one owner are queued in one transaction, at one moment.
const SPARE: &str = "UPDATE notices SET state = 'spared', told_by = $1 WHERE state = 'standby' AND EXISTS \
    (SELECT 1 FROM notices AS told WHERE (told.id = $1 OR told.told_by = $1) \
    AND told.incident = notices.incident AND told.queued = notices.queued)";
const GIVE_UP: &str = "UPDATE notices SET state = 'undeliverable', told_by = NULL, said = $3 \
    WHERE told_by = $1 AND state = 'gathered' AND queued < $2";
const STILL_TOLD: &str = "SELECT COUNT(*) FROM notices WHERE told_by = $1 AND state = 'gathered'";
// Nobody else holds it: what is leased is no part of a pile.
const WITHDRAW: &str = "UPDATE notices SET state = 'withdrawn', told_by = NULL, said = $2 \
    WHERE id = $1 AND state IN ('waiting', 'gathered') AND leased_until = 0";
const REST: &str = "INSERT INTO rests (channel, until) VALUES ($1, $2) \
    ON CONFLICT (channel) DO UPDATE SET until = excluded.until WHERE excluded.until > rests.until";

#[async_trait::async_trait]
impl Outbox for Store {
    async fn due(&self, now: Moment) -> Result<Vec<String>, LedgerError> {
        let called = sqlx::query_scalar::<_, i64>(ANY_CALLED).bind(now.as_millis()).fetch_one(&self.readers).await;
        if called.map_err(|e| trouble::of(&e))? > 0 {
            let called = sqlx::query(CALL).bind(now.as_millis()).execute(&self.writer).await;
            called.map_err(|e| trouble::of(&e))?;
        }
        let due = sqlx::query_scalar::<_, String>(DUE).bind(now.as_millis()).fetch_all(&self.readers).await;
        due.map_err(|e| trouble::of(&e))
    }

    async fn receivers(&self, channel: &str, now: Moment) -> Result<Vec<Receiver>, LedgerError> {
        piles::receivers(self, channel, now).await
    }

    async fn pile(&self, channel: &str, to: Option<&str>, now: Moment) -> Result<Pile, LedgerError> {
        piles::pile(self, channel, to, now).await
    }

    async fn withdraw(&self, notices: &[NoticeId], why: &str) -> Result<(), LedgerError> {
        let mut book = self.begin().await?;
        for notice in notices {
            let withdrawn = sqlx::query(WITHDRAW).bind(notice.to_string()).bind(why).execute(&mut *book).await;
            withdrawn.map_err(|e| trouble::of(&e))?;
        }
        book.commit().await.map_err(|e| trouble::of(&e))
    }

    async fn heard(
        &self,
        incident: IncidentId,
        channel: &str,
        to: Option<&str>,
        since: Moment,
    ) -> Result<bool, LedgerError> {
        piles::heard(self, incident, channel, to, since).await
    }

    async fn take(&self, taking: &Taking<'_>, now: Moment) -> Result<Taken, LedgerError> {
        take::take(self, taking, now).await
    }

    async fn settle(&self, leased: &LeasedNotice, outcome: &Settlement, now: Moment) -> Result<bool, LedgerError> {
        let (state, due, said) = match outcome {
            Settlement::Delivered(said) => (NoticeState::Delivered, now, said),
            Settlement::Again { at, said } => (NoticeState::Waiting, *at, said),
            Settlement::Undeliverable(said) => (NoticeState::Undeliverable, now, said),
        };
        let mut book = self.begin().await?;
        let settled = sqlx::query(SETTLE)
            .bind(state.word())
            .bind(due.as_millis())
            .bind(said.as_str())
            .bind(leased.id.to_string())
            .bind(leased.token);
        if settled.execute(&mut *book).await.map_err(|e| trouble::of(&e))?.rows_affected() != 1 {
            return Ok(false);
        }
        arrived(&mut book, leased, now).await?;
        if state == NoticeState::Delivered {
            let spared = sqlx::query(SPARE).bind(leased.id.to_string()).execute(&mut *book).await;
            spared.map_err(|e| trouble::of(&e))?;
        }
        book.commit().await.map_err(|e| trouble::of(&e))?;
        Ok(true)
    }

    async fn give_up(&self, leased: NoticeId, queued_before: Moment, said: &str) -> Result<u32, LedgerError> {
        let mut book = self.begin().await?;
        let given_up = sqlx::query(GIVE_UP).bind(leased.to_string()).bind(queued_before.as_millis()).bind(said);
        given_up.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        let left = sqlx::query_scalar::<_, i64>(STILL_TOLD).bind(leased.to_string());
        let left = left.fetch_one(&mut *book).await.map_err(|e| trouble::of(&e))?;
        book.commit().await.map_err(|e| trouble::of(&e))?;
        Ok(u32::try_from(left).unwrap_or(u32::MAX))
    }

    async fn rest(&self, channel: &str, until: Moment) -> Result<(), LedgerError> {
        let rest = sqlx::query(REST).bind(channel).bind(until.as_millis()).execute(&self.writer).await;
        rest.map(drop).map_err(|e| trouble::of(&e))
    }

    async fn notices(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        lists::notices(self, limit).await
    }

    async fn undelivered(&self, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        lists::undelivered(self, limit).await
    }

    async fn told(&self, incident: IncidentId, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
        lists::told(self, incident, limit).await
    }

    async fn tally(&self) -> Result<BTreeMap<NoticeState, u64>, LedgerError> {
        lists::tally(self).await
    }
}

/// By now it has arrived, if it has at all.
async fn arrived(book: &mut AnyConnection, leased: &LeasedNotice, now: Moment) -> Result<(), LedgerError> {
    let arrived = sqlx::query(ARRIVED).bind(now.as_millis()).bind(leased.id.to_string()).bind(leased.token);
    arrived.execute(book).await.map(drop).map_err(|e| trouble::of(&e))
}
