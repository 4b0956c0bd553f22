//! The audit log: appended in the transaction of what it tells of, so that neither is there without the other.

use super::row::Read;
use super::{Store, trouble};
use crate::audit::{Draft, Entry, Hash, Head, Line, Log, LogError, Look, ObjectKind, Page};
use crate::id::LogId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use futures_util::TryStreamExt as _;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

/// Entries of one page at most.
const ROWS_MAX: u32 = 5_000;

/// Entries as they stand, cut where they are longer than any text of ours: what somebody else wrote is not read to its
/// end, and is no entry for that.
macro_rules! entries {
    ($($rest:expr),+) => {
        concat!(
            "SELECT seq, at, substr(actor, 1, 1000) AS actor, substr(action, 1, 1000) AS action, ",
            "substr(object, 1, 10000) AS object, substr(detail, 1, 10000) AS detail, substr(prev, 1, 65) AS prev, ",
            "substr(hash, 1, 65) AS hash FROM audit ",
            $($rest),+
        )
    };
}

/// From the oldest on: $1 is the number before them, $2 the first moment, $3 the limit.
const PAGE: &str = entries!("WHERE seq > $1 AND at >= $2 ORDER BY seq LIMIT $3");
const PAGE_OF: &str =
    entries!("INDEXED BY audit_of_object WHERE object = $4 AND seq > $1 AND at >= $2 ORDER BY seq LIMIT $3");
/// The lowest number of all days from that of $1 on: no entry before it is of that moment or later, however clocks were put
/// back. One seek a day.
const FIRST_SINCE: &str = "WITH RECURSIVE days (day) AS (\
    SELECT MIN(at / 86400000) FROM audit INDEXED BY audit_by_day WHERE at / 86400000 >= $1 / 86400000 \
    UNION ALL SELECT (SELECT MIN(at / 86400000) FROM audit INDEXED BY audit_by_day WHERE at / 86400000 > day) \
    FROM days WHERE day IS NOT NULL) \
    SELECT MIN((SELECT MIN(seq) FROM audit INDEXED BY audit_by_day WHERE at / 86400000 = day)) AS seq FROM days";
/// From the newest on: $1 is the first moment, $2 and $3 the place before which they are, $4 the limit, then come the
/// words asked for. On PostgreSQL the indexes go unnamed.
macro_rules! from_newest {
    ($index:literal, $asked:literal) => {
        entries!(
            "INDEXED BY ",
            $index,
            " WHERE at >= $1 AND (at, seq) < ($2, $3) ",
            $asked,
            " ORDER BY at DESC, seq DESC LIMIT $4"
        )
    };
}

const BY_TIME: &str = from_newest!("audit_by_time", "");
const BY_ACTOR: &str = from_newest!("audit_by_actor", "AND actor = $5");
const BY_ACTION: &str = from_newest!("audit_by_action", "AND action = $5");
const BY_DEED: &str = from_newest!("audit_by_deed", "AND actor = $5 AND action = $6");
const BY_OBJECT: &str = from_newest!(
    "audit_by_object",
    "AND object = $5 AND (CAST($6 AS TEXT) IS NULL OR actor = $6) AND (CAST($7 AS TEXT) IS NULL OR action = $7)"
);
const EACH: &str = entries!("ORDER BY seq");
const NEWEST_OF: &str = entries!(
    "WHERE seq IN (SELECT MAX(seq) FROM audit WHERE object >= $1 AND object < $2 GROUP BY object) ORDER BY seq"
);
const NEWEST: &str = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
const FIRST: &str = "SELECT object FROM audit ORDER BY seq LIMIT 1";
const ADD: &str = "INSERT INTO audit (seq, at, actor, action, object, detail, prev, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Appends what `draft` says to the log of an open transaction, which was begun with the lock: between the head that is
/// read here and the entry that follows it nobody else writes.
pub(super) async fn append(book: &mut AnyConnection, draft: &Draft) -> Result<Head, LedgerError> {
    let head = match newest(book).await? {
        Some(head) => head,
        None => add(book, &Entry::first(LogId::fresh(), draft.at)).await?,
    };
    add(book, &Entry::after(&head, draft)).await
}

async fn newest(book: &mut AnyConnection) -> Result<Option<Head>, LedgerError> {
    let newest = sqlx::query(NEWEST).fetch_optional(book).await.map_err(|e| trouble::of(&e))?;
    newest.as_ref().map(head).transpose()
}

fn head(row: &AnyRow) -> Result<Head, LedgerError> {
    let row = Read(row);
    Ok(Head { seq: seq(&row)?, hash: hash(&row, "hash")? })
}

async fn add(book: &mut AnyConnection, entry: &Entry) -> Result<Head, LedgerError> {
    let row = sqlx::query(ADD)
        .bind(i64::try_from(entry.seq).unwrap_or(i64::MAX))
        .bind(entry.at.as_millis())
        .bind(entry.actor.as_str())
        .bind(entry.action.as_str())
        .bind(entry.object.as_str())
        .bind(entry.detail.as_str())
        .bind(entry.prev.to_string())
        .bind(entry.hash.to_string());
    row.execute(book).await.map_err(|e| trouble::of(&e))?;
    Ok(entry.head())
}

#[async_trait::async_trait]
impl Log for Store {
    async fn append(&self, drafts: &[Draft]) -> Result<Head, LogError> {
        let appended = async {
            let mut book = self.begin().await?;
            let mut newest = None;
            for draft in drafts {
                newest = Some(append(&mut book, draft).await?);
            }
            book.commit().await.map_err(|e| trouble::of(&e))?;
            newest.ok_or_else(|| LedgerError::Failed("nothing was to be appended".to_owned()))
        };
        appended.await.map_err(|e: LedgerError| LogError(e.to_string()))
    }

    async fn head(&self) -> Result<Option<(LogId, Head)>, LogError> {
        let read = async {
            let mut connection = self.readers.acquire().await.map_err(|e| trouble::of(&e))?;
            let Some(head) = newest(&mut connection).await? else { return Ok(None) };
            let first = sqlx::query(FIRST).fetch_one(&mut *connection).await.map_err(|e| trouble::of(&e))?;
            let object = Read(&first).text("object")?;
            let named = object.strip_prefix("log/").and_then(|name| name.parse().ok());
            Ok(Some((named.ok_or_else(|| trouble::unreadable("object", &object))?, head)))
        };
        read.await.map_err(|e: LedgerError| LogError(e.to_string()))
    }

    async fn read(&self, page: &Page) -> Result<Vec<Line>, LogError> {
        let mut after = i64::try_from(page.after).unwrap_or(i64::MAX);
        if let Some(since) = page.since {
            let first = sqlx::query_scalar::<_, Option<i64>>(FIRST_SINCE).bind(since.as_millis());
            let Some(first) = first.fetch_one(&self.readers).await.map_err(refuse)? else { return Ok(Vec::new()) };
            after = after.max(first.saturating_sub(1));
        }
        let rows = sqlx::query(if page.object.is_some() { PAGE_OF } else { PAGE })
            .bind(after)
            .bind(page.since.map_or(i64::MIN, Moment::as_millis))
            .bind(i64::from(page.limit.min(ROWS_MAX)));
        let rows = page.object.iter().fold(rows, |rows, object| rows.bind(object.clone()));
        Ok(rows.fetch_all(&self.readers).await.map_err(refuse)?.iter().map(line).collect())
    }

    async fn look(&self, look: &Look) -> Result<Vec<Line>, LogError> {
        let (statement, words) = match (&look.object, &look.actor, &look.action) {
            (object @ Some(_), actor, action) => (BY_OBJECT, vec![object, actor, action]),
            (None, actor @ Some(_), action @ Some(_)) => (BY_DEED, vec![actor, action]),
            (None, actor @ Some(_), None) => (BY_ACTOR, vec![actor]),
            (None, None, action @ Some(_)) => (BY_ACTION, vec![action]),
            (None, None, None) => (BY_TIME, Vec::new()),
        };
        // One place bounds a page from above, whether a page or a day ended there: of two bounds SQLite seeks by one.
        let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let places =
            [look.until.map(|at| (at.as_millis(), i64::MIN)), look.before.map(|p| (p.at.as_millis(), number(p.seq)))];
        let (at, seq) = places.into_iter().flatten().min().unwrap_or((i64::MAX, i64::MAX));
        let rows = sqlx::query(statement)
            .bind(look.since.map_or(i64::MIN, Moment::as_millis))
            .bind(at)
            .bind(seq)
            .bind(i64::from(look.limit.min(ROWS_MAX)));
        let rows = words.into_iter().fold(rows, |rows, word| rows.bind(word.clone()));
        Ok(rows.fetch_all(&self.readers).await.map_err(refuse)?.iter().map(line).collect())
    }

    async fn each(&self, take: &mut (dyn FnMut(Line) + Send)) -> Result<(), LogError> {
        // One read of the whole table: whatever number somebody gave a row, it comes by.
        let mut rows = sqlx::query(EACH).fetch(&self.readers);
        while let Some(row) = rows.try_next().await.map_err(refuse)? {
            take(line(&row));
        }
        Ok(())
    }

    async fn newest_of(&self, kind: ObjectKind) -> Result<Vec<Entry>, LogError> {
        let (from, mut to) = (kind.prefix().to_owned(), kind.prefix().to_owned());
        // The prefix ends in a slash; no object of this kind comes after one that ends in the character after it.
        to.pop();
        to.push('0');
        let rows = sqlx::query(NEWEST_OF).bind(from).bind(to);
        let rows = rows.fetch_all(&self.readers).await.map_err(refuse)?;
        Ok(rows.iter().filter_map(|row| entry(row).ok()).collect())
    }
}

fn refuse(error: sqlx::Error) -> LogError {
    LogError(trouble::of(&error).to_string())
}

fn line(row: &AnyRow) -> Line {
    match entry(row) {
        Ok(entry) => Line::Entry(entry),
        Err(error) => {
            let row = Read(row);
            Line::Unreadable { seq: seq(&row).ok(), at: row.moment("at").ok(), said: error.to_string() }
        }
    }
}

fn entry(row: &AnyRow) -> Result<Entry, LedgerError> {
    let row = Read(row);
    Ok(Entry {
        seq: seq(&row)?,
        at: row.moment("at")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        object: row.text("object")?,
        detail: row.text("detail")?,
        prev: hash(&row, "prev")?,
        hash: hash(&row, "hash")?,
    })
}

fn seq(row: &Read<'_>) -> Result<u64, LedgerError> {
    let number = row.number("seq")?;
    u64::try_from(number).map_err(|_| trouble::unreadable("seq", &number.to_string()))
}

fn hash(row: &Read<'_>, column: &str) -> Result<Hash, LedgerError> {
    let text = row.text(column)?;
    Hash::parse(&text).ok_or_else(|| trouble::unreadable(column, &text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row as _;

    async fn fresh() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
        (dir, store)
    }

    /// How SQLite goes about `statement`, a line a table.
    async fn plan(store: &Store, statement: &str) -> Vec<String> {
        let mut asked = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")));
        for _ in (1..=7).filter(|place| statement.contains(&format!("${place}"))) {
            asked = asked.bind(0_i64);
        }
        let plan = asked.fetch_all(&store.readers).await.unwrap();
        plan.iter().map(|row| row.get::<String, _>("detail").replace("COVERING ", "")).collect()
    }

    /// A page of the log is read off an index from its end: nothing is sorted, and nothing read that is not shown.
    #[tokio::test]
    async fn every_look_is_one_seek() {
        let (_dir, store) = fresh().await;
        let check = async |statement: &str, by: &str| {
            assert_eq!(plan(&store, statement).await, [format!("SEARCH audit USING INDEX {by}")]);
        };
        check(BY_TIME, "audit_by_time (at>? AND (at,seq)<(?,?))").await;
        check(BY_ACTOR, "audit_by_actor (actor=? AND at>? AND (at,seq)<(?,?))").await;
        check(BY_ACTION, "audit_by_action (action=? AND at>? AND (at,seq)<(?,?))").await;
        check(BY_DEED, "audit_by_deed (actor=? AND action=? AND at>? AND (at,seq)<(?,?))").await;
        check(BY_OBJECT, "audit_by_object (object=? AND at>? AND (at,seq)<(?,?))").await;
    }
    /// From the oldest on, too. Of a time only the day is sought: what is read in vain is of that day, or of days on which the
    /// clock was put back to before it.
    #[tokio::test]
    async fn pages_are_read_off_an_index_however_long_the_log_is() {
        let (_dir, store) = fresh().await;
        let check = async |statement: &str, expected: &[&str]| {
            let plan = plan(&store, statement).await;
            let read: Vec<&str> = plan.iter().map(String::as_str).filter(|line| line.contains("audit")).collect();
            assert_eq!(read, expected, "{plan:#?}");
            assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{plan:#?}");
        };
        check(PAGE, &["SEARCH audit USING INDEX sqlite_autoindex_audit_1 (seq>?)"]).await;
        check(PAGE_OF, &["SEARCH audit USING INDEX audit_of_object (object=? AND seq>?)"]).await;
        let by_day = |bound: &str| format!("SEARCH audit USING INDEX audit_by_day (<expr>{bound})");
        check(FIRST_SINCE, &[&by_day(">?"), &by_day(">?"), &by_day("=?")]).await;
    }

    #[tokio::test]
    async fn entries_since_a_time_are_all_of_them_though_the_clock_was_put_back() {
        use crate::audit::Object;
        let (_dir, store) = fresh().await;
        const HOUR: i64 = 3_600_000;
        // The log's own first entry is no. 1, as old as the one behind it. At no. 5 the clock was put back by two days.
        let drafts: Vec<Draft> = [0, 30, 70, 20, 26, 71]
            .into_iter()
            .enumerate()
            .map(|(n, hour)| Draft {
                at: Moment::from_millis(hour * HOUR),
                actor: crate::actor::Actor::Robot,
                action: crate::audit::Action::WatchBegun,
                object: if n % 2 == 0 { Object::Watch } else { Object::File("a".into()) },
                detail: crate::audit::Detail::default(),
            })
            .collect();
        store.append(&drafts).await.unwrap();
        let check = async |hour: i64, object: Option<&str>, after: u64, limit: u32, expected: &[u64]| {
            let since = Some(Moment::from_millis(hour * HOUR));
            let page = Page { after, since, object: object.map(str::to_owned), limit };
            let lines = store.read(&page).await.unwrap();
            let read: Vec<u64> = lines
                .iter()
                .map(|line| match line {
                    Line::Entry(entry) => entry.seq,
                    Line::Unreadable { said, .. } => panic!("{said}"),
                })
                .collect();
            assert_eq!(read, expected, "{hour} {object:?} {after} {limit}");
        };
        check(0, None, 0, 9, &[1, 2, 3, 4, 5, 6, 7]).await;
        check(-5, None, 0, 9, &[1, 2, 3, 4, 5, 6, 7]).await;
        check(21, None, 0, 9, &[3, 4, 6, 7]).await;
        check(27, None, 0, 9, &[3, 4, 7]).await;
        check(27, None, 3, 1, &[4]).await;
        check(71, None, 0, 9, &[7]).await;
        check(72, None, 0, 9, &[]).await;
        check(21, Some("watch"), 0, 9, &[4, 6]).await;
        check(21, Some("file/a"), 3, 9, &[7]).await;
        check(0, Some("file/b"), 0, 9, &[]).await;
        // What is as old, and what is of no time of this log.
        check(i64::MIN / HOUR, None, 5, 9, &[6, 7]).await;
        check(i64::MAX / HOUR, None, 0, 9, &[]).await;
    }
}
