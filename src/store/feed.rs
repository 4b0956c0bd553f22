//! The feed of moves: written in the transaction of the move, under the number of its entry in the audit log.

use super::row::Read;
use super::{Store, trouble};
use crate::alert::{Chapter, Chronicle, Happening};
use crate::incident::{Change, LedgerError};
use crate::moment::Moment;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

/// No chapter is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;
/// Rows forgotten in one transaction.
const ROWS_AT_ONCE: i64 = 500;

const ADD: &str = "INSERT INTO feed (seq, incident, revision, at, body) VALUES ($1, $2, $3, $4, $5)";
const CHAPTER: &str = "SELECT seq, body FROM feed WHERE seq > $1 ORDER BY seq LIMIT $2";
// In one statement, so that nothing is forgotten between the two.
const BOUNDS: &str = "SELECT upto, COALESCE((SELECT MAX(seq) FROM feed), 0) AS newest FROM feed_forgotten";
// Up to the first that is young enough, so that no gap comes into the midst.
const OLD: &str = "SELECT MAX(seq) FROM (SELECT seq FROM feed WHERE at < $1 \
    AND seq < COALESCE((SELECT MIN(seq) FROM feed WHERE at >= $1), 9223372036854775807) ORDER BY seq LIMIT $2) AS old";
const FORGET: &str = "DELETE FROM feed WHERE seq <= $1";
const FORGOTTEN: &str = "UPDATE feed_forgotten SET upto = $1 WHERE upto < $1";

/// Adds `change` under `seq`.
pub(super) async fn add(book: &mut AnyConnection, seq: u64, change: &Change, now: Moment) -> Result<(), LedgerError> {
    let row = sqlx::query(ADD)
        .bind(number(seq))
        .bind(change.after.id.to_string())
        .bind(i64::from(change.after.revision))
        .bind(now.as_millis())
        .bind(Happening::of(change).to_json());
    row.execute(book).await.map(drop).map_err(|e| trouble::of(&e))
}

#[async_trait::async_trait]
impl Chronicle for Store {
    async fn chapter(&self, after: u64, limit: u32) -> Result<Chapter, LedgerError> {
        let rows = sqlx::query(CHAPTER).bind(number(after)).bind(i64::from(limit.min(ROWS_MAX)));
        let rows = rows.fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        // After the rows: what was forgotten before they were read is said.
        let bounds = sqlx::query(BOUNDS).fetch_one(&self.readers).await.map_err(|e| trouble::of(&e))?;
        let moves = rows.iter().map(one).collect::<Result<_, _>>()?;
        let forgotten = seq(&bounds, "upto")?;
        Ok(Chapter { moves, newest: seq(&bounds, "newest")?.max(forgotten), forgotten })
    }
}

impl Store {
    /// Forgets moves that were filed before `before`; how many.
    pub(super) async fn forget_feed(&self, before: Moment) -> Result<u64, LedgerError> {
        let mut forgotten = 0;
        loop {
            let mut book = self.begin().await?;
            let old = sqlx::query_scalar::<_, Option<i64>>(OLD).bind(before.as_millis()).bind(ROWS_AT_ONCE);
            let Some(old) = old.fetch_one(&mut *book).await.map_err(|e| trouble::of(&e))? else {
                return Ok(forgotten);
            };
            let gone = sqlx::query(FORGET).bind(old).execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
            sqlx::query(FORGOTTEN).bind(old).execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
            book.commit().await.map_err(|e| trouble::of(&e))?;
            forgotten += gone.rows_affected();
        }
    }
}

pub(super) fn one(row: &AnyRow) -> Result<(u64, Happening), LedgerError> {
    let body = Read(row).text("body")?;
    let happening = serde_json::from_str(&body).map_err(|_| trouble::unreadable("body", &body))?;
    Ok((seq(row, "seq")?, happening))
}

pub(super) fn seq(row: &AnyRow, column: &str) -> Result<u64, LedgerError> {
    let number = Read(row).number(column)?;
    u64::try_from(number).map_err(|_| trouble::unreadable(column, &number.to_string()))
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
