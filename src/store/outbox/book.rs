//! Notices for people to look through: filtered, counted and paged where they lie.

use super::lists::{self, not_delivered};
use crate::alert::{NoticeBook, NoticePage, NoticePlace, NoticeQuery, NoticeState};
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::store::row::Read;
use crate::store::{Store, trouble};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// No page is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;

/// $1 is the channel, $2 the incident, $3 to $5 the place after which it goes on, $6 the limit, $7 to $14 the states, $15 whether
/// only what is undelivered is asked for.
macro_rules! chosen {
    ($rank:literal) => {
        concat!(
            "(CAST($1 AS TEXT) IS NULL OR channel = $1) AND state IN ($7, $8, $9, $10, $11, $12, $13, $14) ",
            "AND (CAST($5 AS TEXT) IS NULL OR ",
            $rank,
            " > $3 OR (",
            $rank,
            " = $3 AND (queued < $4 OR (queued = $4 AND id < $5)))) AND ($15 = 0 OR (",
            not_delivered!(),
            "))"
        )
    };
}

/// One stretch of an index that has the order already.
macro_rules! stretch {
    ($rank:literal, $index:literal, $which:literal) => {
        concat!(
            "SELECT * FROM (SELECT id AS found, ",
            $rank,
            " AS rank, queued FROM notices INDEXED BY ",
            $index,
            " WHERE CAST($2 AS TEXT) IS NULL AND ",
            $which,
            " AND ",
            chosen!($rank),
            " ORDER BY queued DESC, id DESC LIMIT $6)"
        )
    };
}

/// The rows of what `found` names.
macro_rules! listed {
    ($($found:expr),+) => {
        concat!(
            "SELECT notices.*, (SELECT COUNT(*) FROM notices AS told WHERE told.told_by = notices.id) AS tells FROM (SELECT * FROM (",
            $($found),+,
            ") AS stretches ORDER BY rank, queued DESC, found DESC LIMIT $6) AS page JOIN notices ON notices.id = page.found \
             ORDER BY page.rank, notices.queued DESC, notices.id DESC"
        )
    };
}

macro_rules! urgent {
    () => {
        concat!(
            stretch!("0", "notices_by_state", "state = 'undeliverable'"),
            " UNION ALL ",
            stretch!("1", "notices_by_state", "state = 'waiting'")
        )
    };
}
macro_rules! rest {
    () => {
        stretch!("2", "notices_by_age", "state NOT IN ('waiting', 'undeliverable')")
    };
}

const COUNTS: &str = "SELECT state, SUM(tally) AS tally FROM notice_tallies \
    WHERE CAST($2 AS TEXT) IS NULL AND (CAST($1 AS TEXT) IS NULL OR channel = $1) AND tally > 0 GROUP BY state";
const COUNTS_OF: &str = "SELECT state, COUNT(*) AS tally FROM notices \
    WHERE incident = $2 AND (CAST($1 AS TEXT) IS NULL OR channel = $1) GROUP BY state";
const UNDELIVERED: &str = concat!(
    "SELECT COUNT(*) FROM notices INDEXED BY notices_not_accepted WHERE (CAST($1 AS TEXT) IS NULL OR channel = $1) AND ",
    not_delivered!()
);
const UNDELIVERED_OF: &str = concat!(
    "SELECT COUNT(*) FROM notices INDEXED BY notices_of_incident \
     WHERE incident = $2 AND (CAST($1 AS TEXT) IS NULL OR channel = $1) AND ",
    not_delivered!()
);
const URGENT: &str = listed!(urgent!());
const MIXED: &str = listed!(urgent!(), " UNION ALL ", rest!());
const NEWEST: &str = listed!(rest!());
const OF_INCIDENT: &str = listed!(
    "SELECT id AS found, CASE state WHEN 'undeliverable' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END AS rank, queued \
     FROM notices INDEXED BY notices_of_incident WHERE incident = $2 AND ",
    chosen!("(CASE state WHEN 'undeliverable' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END)")
);
const CHANNELS: &str = "SELECT DISTINCT channel AS value FROM notice_tallies ORDER BY channel LIMIT 200";
const OLDEST: &str = "SELECT MIN(queued) FROM notices WHERE state = 'waiting'";
const BY_CHANNEL: &str = "SELECT channel, state, tally FROM notice_tallies";

#[async_trait::async_trait]
impl NoticeBook for Store {
    async fn page(&self, query: &NoticeQuery) -> Result<NoticePage, LedgerError> {
        let wanted = |state: &NoticeState| query.states.is_empty() || query.states.contains(state);
        let not_accepted = |state: &NoticeState| matches!(state, NoticeState::Undeliverable | NoticeState::Waiting);
        let urgent = NoticeState::ALL.iter().any(|state| not_accepted(state) && wanted(state));
        let rest = !query.undelivered && NoticeState::ALL.iter().any(|state| !not_accepted(state) && wanted(state));
        let (counts, listed) = match (&query.incident, urgent, rest) {
            (Some(_), ..) => (COUNTS_OF, OF_INCIDENT),
            (None, true, true) => (COUNTS, MIXED),
            (None, true, false) => (COUNTS, URGENT),
            (None, false, _) => (COUNTS, NEWEST),
        };
        let undelivered = if query.incident.is_some() { UNDELIVERED_OF } else { UNDELIVERED };
        let limit = query.limit.min(ROWS_MAX);
        let incident = query.incident.map(|incident| incident.to_string());
        let counts = sqlx::query(counts).bind(query.channel.clone()).bind(incident.clone()).fetch_all(&self.readers);
        let undelivered = sqlx::query_scalar::<_, i64>(undelivered).bind(query.channel.clone()).bind(incident.clone());
        let undelivered = undelivered.fetch_one(&self.readers);
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
        let page = page.bind(i64::from(query.undelivered)).fetch_all(&self.readers);
        let (counts, undelivered, rows) = tokio::try_join!(counts, undelivered, page).map_err(|e| trouble::of(&e))?;
        let count = |row: &AnyRow| -> Result<(NoticeState, u64), LedgerError> {
            Ok((Read(row).word("state")?, Read(row).count("tally")?.into()))
        };
        let mut notices = rows.iter().map(lists::one).collect::<Result<Vec<_>, _>>()?;
        let more = notices.len() > limit as usize;
        notices.truncate(limit as usize);
        let next = notices.last().filter(|_| more).map(NoticePlace::of);
        let counts = counts.iter().map(count).collect::<Result<_, _>>()?;
        Ok(NoticePage { next, notices, counts, undelivered: u64::try_from(undelivered).unwrap_or_default() })
    }

    async fn channels(&self) -> Result<Vec<String>, LedgerError> {
        let rows = sqlx::query(CHANNELS).fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        rows.iter().map(|row| Read(row).text("value")).collect()
    }

    async fn count_undelivered(&self) -> Result<u64, LedgerError> {
        let count = sqlx::query_scalar::<_, i64>(UNDELIVERED).bind(None::<String>).fetch_one(&self.readers).await;
        Ok(u64::try_from(count.map_err(|e| trouble::of(&e))?).unwrap_or_default())
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
