//! The queue: chosen, counted, sorted and paged where the incidents lie. A part that is asked for brings its whole.
//!
//! SQLite takes an index that does not hold all that is asked for unless it is told (`INDEXED BY`, measured with a hundred
//! thousand incidents: 37 ms for 14, 737 ms for 7); on PostgreSQL the words are left out.

use super::row::{self, Read};
use super::{Store, trouble};
use crate::finding::Severity;
use crate::id::JourneyId;
use crate::incident::{
    FIND_WORDS_MAX, Incident, LedgerError, QueueChoices, QueueFilter, QueuePage, QueuePlace, QueueQuery, Standing,
};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// No page is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;

/// What a filter asks of one row: $1 to $5, and where words are looked for, $6 to $9. `instr` is `strpos` on PostgreSQL.
macro_rules! asked {
    ($row:literal) => {
        concat!(
            "(CAST($1 AS TEXT) IS NULL OR ",
            $row,
            ".kind = $1) AND (CAST($2 AS TEXT) IS NULL OR ",
            $row,
            ".app = $2) ",
            "AND (CAST($3 AS TEXT) IS NULL OR ",
            $row,
            ".class = $3) ",
            "AND (CAST($4 AS TEXT) IS NULL OR ",
            $row,
            ".severity = $4) ",
            "AND (CAST($5 AS TEXT) IS NULL OR ",
            $row,
            ".assignee = $5)"
        )
    };
    ($row:literal, found) => {
        concat!(
            asked!($row),
            " AND instr(",
            $row,
            ".words, $6) > 0 AND instr(",
            $row,
            ".words, $7) > 0 ",
            "AND instr(",
            $row,
            ".words, $8) > 0 AND instr(",
            $row,
            ".words, $9) > 0"
        )
    };
}

/// A whole that is asked for itself, or has a part that is.
macro_rules! wholes {
    ($index:literal $(, $found:tt)?) => {
        concat!(
            "incidents AS whole INDEXED BY ", $index, " WHERE whole.parent IS NULL AND ((", asked!("whole" $(, $found)?),
            ") OR whole.id IN (SELECT part.parent FROM incidents AS part INDEXED BY ", $index,
            " WHERE part.parent IS NOT NULL AND ", asked!("part" $(, $found)?), "))"
        )
    };
}

/// What the order goes by: first the severity where it is asked for, then the greater moment.
macro_rules! ordered {
    () => {
        "CASE $10 WHEN 'worst' THEN severity ELSE '' END AS rank, CASE $10 WHEN 'longest' THEN -first_seen ELSE last_seen END AS by"
    };
}

/// Of `hit`, the page: $10 is the order, $11 to $13 the place after which it goes on, $14 the limit, $15 to $25 where they
/// stand.
macro_rules! page {
    () => {
        "SELECT id AS word, 0 AS tally FROM hit WHERE standing IN ($15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) \
         AND (CAST($13 AS TEXT) IS NULL OR rank > $11 OR (rank = $11 AND (by < $12 OR (by = $12 AND id < $13)))) \
         ORDER BY rank, by DESC, id DESC LIMIT $14"
    };
}

const COUNTS: &str =
    concat!("SELECT standing AS word, COUNT(*) AS tally FROM ", wholes!("incidents_queue"), " GROUP BY standing");
const LISTED: &str =
    concat!("WITH hit AS (SELECT id, standing, ", ordered!(), " FROM ", wholes!("incidents_queue"), ") ", page!());
/// Both at once, so that texts are looked through once.
const FOUND: &str = concat!(
    "WITH hit AS MATERIALIZED (SELECT id, standing, ",
    ordered!(),
    " FROM ",
    wholes!("incidents_words", found),
    ") ",
    "SELECT standing AS word, COUNT(*) AS tally FROM hit GROUP BY standing UNION ALL SELECT * FROM (",
    page!(),
    ")"
);
const CENSUS: &str = "SELECT standing, severity, COUNT(*) AS tally FROM incidents INDEXED BY incidents_queue \
    WHERE parent IS NULL GROUP BY standing, severity";
/// `json_each` is `json_array_elements_text` on PostgreSQL.
const NAMED: &str = "SELECT * FROM incidents WHERE id IN (SELECT value FROM json_each($1))";

/// Each value once, found by leaping from one to the next in the index, whatever the number of rows between.
macro_rules! distinct {
    ($column:literal) => {
        concat!(
            "WITH RECURSIVE leaps (value) AS (SELECT MIN(",
            $column,
            ") FROM incidents WHERE ",
            $column,
            " IS NOT NULL ",
            "UNION ALL SELECT (SELECT MIN(",
            $column,
            ") FROM incidents WHERE ",
            $column,
            " > leaps.value) ",
            "FROM leaps WHERE leaps.value IS NOT NULL) SELECT value FROM leaps WHERE value IS NOT NULL LIMIT 500"
        )
    };
}
const APPS: &str = distinct!("app");
const ASSIGNEES: &str = distinct!("assignee");

const OPEN_BY_JOURNEY: &str = "SELECT journey, COUNT(*) AS tally FROM incidents INDEXED BY incidents_queue \
    WHERE parent IS NULL AND standing IN ('confirmed', 'assigned', 'acknowledged', 'fixing', 'fix-claimed') \
    AND kind = 'app' GROUP BY journey";

pub(super) async fn page(store: &Store, query: &QueueQuery) -> Result<QueuePage, LedgerError> {
    let limit = query.limit.min(ROWS_MAX) as usize;
    let rows = if query.filter.words.is_empty() {
        let counts = filtered(COUNTS, &query.filter).fetch_all(&store.readers);
        let listed = placed(filtered(LISTED, &query.filter), query).fetch_all(&store.readers);
        let (counts, listed) = tokio::try_join!(counts, listed).map_err(|e| trouble::of(&e))?;
        counts.into_iter().chain(listed).collect()
    } else {
        let found = placed(filtered(FOUND, &query.filter), query).fetch_all(&store.readers).await;
        found.map_err(|e| trouble::of(&e))?
    };
    let (mut counts, mut names) = (BTreeMap::new(), Vec::new());
    for row in &rows {
        match u64::from(Read(row).count("tally")?) {
            0 => names.push(Read(row).text("word")?),
            tally => drop(counts.insert(Read(row).word("word")?, tally)),
        }
    }
    let more = names.len() > limit;
    names.truncate(limit);
    let mut incidents = named(store, &names).await?;
    let place = |incident: &Incident| {
        let QueuePlace { rank, by, id } = QueuePlace::of(incident, query.order);
        (rank, Reverse(by), Reverse(id.to_string()))
    };
    incidents.sort_by_cached_key(place);
    let next = incidents.last().filter(|_| more).map(|last| QueuePlace::of(last, query.order));
    Ok(QueuePage { incidents, next, counts })
}

async fn named(store: &Store, names: &[String]) -> Result<Vec<Incident>, LedgerError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(NAMED).bind(serde_json::json!(names).to_string()).fetch_all(&store.readers).await;
    rows.map_err(|e| trouble::of(&e))?.iter().map(row::incident).collect()
}

pub(super) async fn census(store: &Store) -> Result<BTreeMap<(Standing, Severity), u64>, LedgerError> {
    let rows = sqlx::query(CENSUS).fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    let one = |row: &AnyRow| -> Result<_, LedgerError> {
        let row = Read(row);
        Ok(((row.word("standing")?, row.word("severity")?), row.count("tally")?.into()))
    };
    rows.iter().map(one).collect()
}

pub(super) async fn choices(store: &Store) -> Result<QueueChoices, LedgerError> {
    Ok(QueueChoices { apps: values(store, APPS).await?, assignees: values(store, ASSIGNEES).await? })
}

pub(super) async fn open_by_journey(store: &Store) -> Result<BTreeMap<JourneyId, u64>, LedgerError> {
    let rows = sqlx::query(OPEN_BY_JOURNEY).fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    rows.iter().map(|row| Ok((Read(row).id("journey")?, u64::from(Read(row).count("tally")?)))).collect()
}

async fn values(store: &Store, statement: &'static str) -> Result<Vec<String>, LedgerError> {
    let rows: Vec<AnyRow> = sqlx::query(statement).fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    rows.iter().map(|row| Read(row).text("value")).collect()
}

/// Binds $1 to $9. Every text holds the empty one, which stands for the words that are not looked for.
fn filtered<'q>(statement: &'static str, filter: &QueueFilter) -> Query<'q, sqlx::Any, AnyArguments> {
    let mut query = sqlx::query(statement)
        .bind(filter.kind.map(|kind| kind.word()))
        .bind(filter.app.clone())
        .bind(filter.class.map(|class| class.word()))
        .bind(filter.severity.map(|severity| severity.word()))
        .bind(filter.assignee.clone());
    for n in 0..FIND_WORDS_MAX {
        query = query.bind(filter.words.get(n).cloned().unwrap_or_default());
    }
    query
}

/// Binds $10 to $25.
fn placed<'q>(statement: Query<'q, sqlx::Any, AnyArguments>, query: &QueueQuery) -> Query<'q, sqlx::Any, AnyArguments> {
    let after = query.after.as_ref();
    let placed = statement
        .bind(query.order.word())
        .bind(after.map(|place| place.rank.clone()))
        .bind(after.map(|place| place.by))
        .bind(after.map(|place| place.id.to_string()))
        // One more than is shown says whether there are more.
        .bind(i64::from(query.limit.min(ROWS_MAX)) + 1);
    let wanted = |standing: &Standing| query.standings.is_empty() || query.standings.contains(standing);
    Standing::ALL.into_iter().fold(placed, |placed, standing| placed.bind(wanted(&standing).then(|| standing.word())))
}
