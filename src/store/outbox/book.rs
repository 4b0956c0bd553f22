//! Notices for people to look through: filtered, counted and paged where they lie.

use super::lists;
use crate::alert::{NoticeBook, NoticePage, NoticePlace, NoticeQuery, NoticeState};
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::store::row::Read;
use crate::store::{Store, trouble};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// No page is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;

/// $1 is the channel, $2 the incident, $3 to $5 the place after which it goes on, $6 the limit, $7 to $14 the states.
macro_rules! listed {
    ($index:literal, $which:literal, $rank:literal, $order:literal) => {
        concat!(
            "SELECT notices.*, (SELECT COUNT(*) FROM notices AS told WHERE told.told_by = notices.id) AS tells FROM ",
            "(SELECT id AS found, ",
            $rank,
            " AS rank FROM notices INDEXED BY ",
            $index,
            " WHERE ",
            $which,
            " AND (CAST($1 AS TEXT) IS NULL OR channel = $1) AND state IN ($7, $8, $9, $10, $11, $12, $13, $14) ",
            "AND (CAST($5 AS TEXT) IS NULL OR ",
            $rank,
            " > $3 OR (",
            $rank,
            " = $3 AND (queued < $4 ",
            "OR (queued = $4 AND id < $5)))) ORDER BY ",
            $order,
            "queued DESC, id DESC LIMIT $6) AS page ",
            "JOIN notices ON notices.id = page.found ORDER BY page.rank, notices.queued DESC, notices.id DESC"
        )
    };
    ($index:literal, $which:literal) => {
        listed!($index, $which, "(CASE state WHEN 'undeliverable' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END)", "rank, ")
    };
}

const COUNTS: &str = "SELECT state, COUNT(*) AS tally FROM notices INDEXED BY notices_by_state \
    WHERE CAST($2 AS TEXT) IS NULL AND (CAST($1 AS TEXT) IS NULL OR channel = $1) GROUP BY state";
const COUNTS_OF: &str = "SELECT state, COUNT(*) AS tally FROM notices \
    WHERE incident = $2 AND (CAST($1 AS TEXT) IS NULL OR channel = $1) GROUP BY state";
const URGENT: &str = listed!("notices_by_state", "CAST($2 AS TEXT) IS NULL");
/// Where nothing urgent is asked for, the index has the order already.
const NEWEST: &str = listed!("notices_by_age", "CAST($2 AS TEXT) IS NULL", "2", "");
const OF_INCIDENT: &str = listed!("notices_of_incident", "incident = $2");
const CHANNELS: &str = "WITH RECURSIVE leaps (value) AS (SELECT MIN(channel) FROM notices UNION ALL \
    SELECT (SELECT MIN(channel) FROM notices WHERE channel > leaps.value) FROM leaps WHERE leaps.value IS NOT NULL) \
    SELECT value FROM leaps WHERE value IS NOT NULL LIMIT 200";
const OLDEST: &str = "SELECT MIN(queued) FROM notices WHERE state = 'waiting'";
const BY_CHANNEL: &str =
    "SELECT channel, state, COUNT(*) AS tally FROM notices INDEXED BY notices_of_receiver GROUP BY channel, state";

#[async_trait::async_trait]
impl NoticeBook for Store {
    async fn page(&self, query: &NoticeQuery) -> Result<NoticePage, LedgerError> {
        let wanted = |state: &NoticeState| query.states.is_empty() || query.states.contains(state);
        let urgent = [NoticeState::Undeliverable, NoticeState::Waiting].iter().any(wanted);
        let (counts, listed) = match (&query.incident, urgent) {
            (Some(_), _) => (COUNTS_OF, OF_INCIDENT),
            (None, true) => (COUNTS, URGENT),
            (None, false) => (COUNTS, NEWEST),
        };
        let limit = query.limit.min(ROWS_MAX);
        let incident = query.incident.map(|incident| incident.to_string());
        let counts = sqlx::query(counts).bind(query.channel.clone()).bind(incident.clone()).fetch_all(&self.readers);
        let after = query.after.as_ref();
        let mut page = sqlx::query(listed)
            .bind(query.channel.clone())
            .bind(incident)
            .bind(after.map(|place| place.rank))
            .bind(after.map(|place| place.queued.as_millis()))
            .bind(after.map(|place| place.id.to_string()))
            // One more than is shown says whether there are more.
            .bind(i64::from(limit) + 1);
        for state in NoticeState::ALL {
            page = page.bind(wanted(&state).then(|| state.word()));
        }
        let (counts, rows) = tokio::try_join!(counts, page.fetch_all(&self.readers)).map_err(|e| trouble::of(&e))?;
        let count = |row: &AnyRow| -> Result<(NoticeState, u64), LedgerError> {
            Ok((Read(row).word("state")?, Read(row).count("tally")?.into()))
        };
        let mut notices = rows.iter().map(lists::one).collect::<Result<Vec<_>, _>>()?;
        let more = notices.len() > limit as usize;
        notices.truncate(limit as usize);
        let next = notices.last().filter(|_| more).map(NoticePlace::of);
        Ok(NoticePage { next, notices, counts: counts.iter().map(count).collect::<Result<_, _>>()? })
    }

    async fn channels(&self) -> Result<Vec<String>, LedgerError> {
        let rows = sqlx::query(CHANNELS).fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        rows.iter().map(|row| Read(row).text("value")).collect()
    }

    async fn oldest_waiting(&self) -> Result<Option<Moment>, LedgerError> {
        let oldest = sqlx::query_scalar::<_, Option<i64>>(OLDEST).fetch_one(&self.readers).await;
        Ok(oldest.map_err(|e| trouble::of(&e))?.map(Moment::from_millis))
    }

    async fn tally_by_channel(&self) -> Result<BTreeMap<(String, NoticeState), u64>, LedgerError> {
        let rows = sqlx::query(BY_CHANNEL).fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let tally =
            |row| Ok(((Read(row).text("channel")?, Read(row).word("state")?), Read(row).count("tally")?.into()));
        rows.iter().map(tally).collect()
    }
}
