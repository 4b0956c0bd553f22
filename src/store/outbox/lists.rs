//! Notices for people to look at.

use crate::alert::{NoticeState, OutboxRow};
use crate::id::IncidentId;
use crate::incident::LedgerError;
use crate::store::row::Read;
use crate::store::{Store, trouble};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

const NOTICES: &str = "SELECT notices.*, (SELECT COUNT(*) FROM notices AS told WHERE told.told_by = notices.id) AS tells \
    FROM notices \
    ORDER BY CASE state WHEN 'undeliverable' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END, queued DESC, id DESC LIMIT $1";
/// The one thing that undelivered means, on every page, in reports and figures: people should have had it and have not. Tried
/// four times in vain, or given up with nothing accepted later from that channel for that receiver. The first condition is the
/// index's own.
macro_rules! not_delivered {
    () => {
        "notices.state IN ('waiting', 'undeliverable') AND CASE notices.state WHEN 'waiting' THEN notices.tries >= 4 ELSE NOT EXISTS \
         (SELECT 1 FROM notices AS later WHERE later.channel = notices.channel AND later.state = 'delivered' \
         AND COALESCE(later.recipient, '') = COALESCE(notices.recipient, '') AND later.due > notices.due) END"
    };
}
pub(in crate::store) use not_delivered;

const UNDELIVERED: &str = concat!(
    "SELECT notices.*, (SELECT COUNT(*) FROM notices AS told WHERE told.told_by = notices.id) AS tells \
     FROM notices INDEXED BY notices_not_accepted WHERE ",
    not_delivered!(),
    " ORDER BY CASE state WHEN 'undeliverable' THEN 0 ELSE 1 END, queued DESC, id DESC LIMIT $1"
);
const TOLD: &str = "SELECT notices.*, (SELECT COUNT(*) FROM notices AS told WHERE told.told_by = notices.id) AS tells \
    FROM notices WHERE incident = $1 ORDER BY queued DESC, id DESC LIMIT $2";
const TALLY: &str = "SELECT state, SUM(tally) AS tally FROM notice_tallies WHERE tally > 0 GROUP BY state";

/// No list is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;

pub(super) async fn notices(store: &Store, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
    listed(sqlx::query(NOTICES).bind(i64::from(limit.min(ROWS_MAX))).fetch_all(&store.readers).await)
}

pub(super) async fn undelivered(store: &Store, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
    let rows = sqlx::query(UNDELIVERED).bind(i64::from(limit.min(ROWS_MAX)));
    listed(rows.fetch_all(&store.readers).await)
}

pub(super) async fn told(store: &Store, incident: IncidentId, limit: u32) -> Result<Vec<OutboxRow>, LedgerError> {
    let rows = sqlx::query(TOLD).bind(incident.to_string()).bind(i64::from(limit.min(ROWS_MAX)));
    listed(rows.fetch_all(&store.readers).await)
}

pub(super) async fn tally(store: &Store) -> Result<BTreeMap<NoticeState, u64>, LedgerError> {
    let rows = sqlx::query(TALLY).fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    rows.iter().map(|row| Ok((Read(row).word("state")?, Read(row).count("tally")?.into()))).collect()
}

fn listed(rows: Result<Vec<AnyRow>, sqlx::Error>) -> Result<Vec<OutboxRow>, LedgerError> {
    rows.map_err(|e| trouble::of(&e))?.iter().map(one).collect()
}

pub(super) fn one(row: &AnyRow) -> Result<OutboxRow, LedgerError> {
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
        told_by: row.maybe_id("told_by")?,
        tells: row.count("tells")?,
        instead_of: row.maybe_text("instead_of")?,
    })
}
