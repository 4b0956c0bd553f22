//! The queue: chosen, counted, sorted and paged where the incidents lie. A part that is asked for brings its whole.
//!
//! SQLite takes an index that does not hold all that is asked for unless it is told (`INDEXED BY`, measured with a hundred
//! thousand incidents: 37 ms for 14, 737 ms for 7); on PostgreSQL the words are left out.

use super::row::{self, Read};
use super::{Store, trouble};
use crate::finding::Severity;
use crate::id::JourneyId;
use crate::incident::{
    FIND_WORDS_MAX, Incident, LedgerError, QueueChoices, QueueFilter, QueueOrder, QueuePage, QueuePlace, QueueQuery,
    Standing,
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
    ($index:literal, $of_parts:literal $(, $found:tt)?) => {
        concat!(
            "incidents AS whole INDEXED BY ", $index, " WHERE whole.parent IS NULL AND ((", asked!("whole" $(, $found)?),
            ") OR whole.id IN (SELECT part.parent FROM incidents AS part INDEXED BY ", $of_parts,
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
        page!("rank, by")
    };
    ($by:literal) => {
        concat!(
            "SELECT id AS word, 0 AS tally FROM hit WHERE standing IN ($15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) \
             AND (CAST($13 AS TEXT) IS NULL OR rank > $11 OR (rank = $11 AND (by < $12 OR (by = $12 AND id < $13)))) ORDER BY ",
            $by,
            " DESC, id DESC LIMIT $14"
        )
    };
}

/// Wholes that are asked for themselves are counted already (`incident_tallies`); those that only a part brings are looked for
/// among the parts.
const COUNTS: &str = concat!(
    "SELECT word, SUM(tally) AS tally FROM (SELECT own.standing AS word, own.tally AS tally FROM incident_tallies AS own \
     WHERE own.part = 0 AND ",
    asked!("own"),
    " UNION ALL SELECT whole.standing, 1 FROM incidents AS whole WHERE whole.parent IS NULL AND (",
    asked!("whole"),
    ") IS NOT TRUE AND whole.id IN (SELECT part.parent FROM incidents AS part INDEXED BY incidents_queue \
     WHERE part.parent IS NOT NULL AND ",
    asked!("part"),
    ")) AS counted GROUP BY word"
);
/// Where everything is asked for, no part brings anything.
const COUNTS_OF_ALL: &str =
    "SELECT standing AS word, SUM(tally) AS tally FROM incident_tallies WHERE part = 0 GROUP BY standing";
const LISTED: &str = concat!(
    "WITH hit AS (SELECT id, standing, ",
    ordered!(),
    " FROM ",
    wholes!("incidents_queue", "incidents_queue"),
    ") ",
    page!()
);
/// Where words are looked for, texts are looked through once: what is found is counted and named. `rowid` is `id` on PostgreSQL.
const FOUND: &str = concat!(
    "SELECT standing, COUNT(*) AS tally, group_concat(whole.rowid) AS names FROM ",
    wholes!("incidents_words", "incidents_words", found),
    " GROUP BY standing"
);
/// The page of what is found, where it is little;
const LISTED_OF_FEW: &str = concat!(
    "WITH hit AS (SELECT id, standing, ",
    ordered!(),
    " FROM incidents WHERE rowid IN (SELECT value FROM json_each($26))) ",
    page!()
);
/// where it is much, in an order that an index has: it is gone along until the page is full;
const LISTED_OF_MANY: &str = concat!(
    "WITH hit AS (SELECT id, standing, ",
    ordered!(),
    ", last_seen FROM ",
    wholes!("incidents_newest", "incidents_words", found),
    ") ",
    page!("last_seen")
);
/// and in any other.
const LISTED_BY_WORDS: &str = concat!(
    "WITH hit AS (SELECT id, standing, ",
    ordered!(),
    " FROM ",
    wholes!("incidents_words", "incidents_words", found),
    ") ",
    page!()
);
/// So many are few.
const FEW: u64 = 1_000;
const CENSUS: &str =
    "SELECT standing, severity, SUM(tally) AS tally FROM incident_tallies WHERE part = 0 GROUP BY standing, severity";
/// `json_each` is `json_array_elements_text` on PostgreSQL.
const NAMED: &str = "SELECT * FROM incidents WHERE id IN (SELECT value FROM json_each($1))";

const APPS: &str = "SELECT DISTINCT app AS value FROM incident_tallies ORDER BY app LIMIT 500";
const ASSIGNEES: &str =
    "SELECT DISTINCT assignee AS value FROM incident_tallies WHERE assignee <> '' ORDER BY assignee LIMIT 500";
const OPEN_BY_JOURNEY: &str = "SELECT journey, SUM(tally) AS tally FROM incident_tallies \
    WHERE part = 0 AND kind = 'app' AND standing IN ('confirmed', 'assigned', 'acknowledged', 'fixing', 'fix-claimed') \
    GROUP BY journey";

pub(super) async fn page(store: &Store, query: &QueueQuery) -> Result<QueuePage, LedgerError> {
    let limit = query.limit.min(ROWS_MAX) as usize;
    let (counts, mut names) = match query.filter.words.is_empty() {
        true => listed(store, query).await?,
        false => found(store, query).await?,
    };
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

type Listed = (BTreeMap<Standing, u64>, Vec<String>);

async fn listed(store: &Store, query: &QueueQuery) -> Result<Listed, LedgerError> {
    let counts = match query.filter == QueueFilter::default() {
        true => sqlx::query(COUNTS_OF_ALL),
        false => filtered(COUNTS, &query.filter),
    };
    let listed = placed(filtered(LISTED, &query.filter), query).fetch_all(&store.readers);
    let (counts, listed) = tokio::try_join!(counts.fetch_all(&store.readers), listed).map_err(|e| trouble::of(&e))?;
    let count = |row: &AnyRow| Ok((Read(row).word("word")?, Read(row).count("tally")?.into()));
    Ok((counts.iter().map(count).collect::<Result<_, LedgerError>>()?, words(&listed)?))
}

async fn found(store: &Store, query: &QueueQuery) -> Result<Listed, LedgerError> {
    let rows = filtered(FOUND, &query.filter).fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    let (mut counts, mut names, mut wanted) = (BTreeMap::new(), Vec::new(), 0);
    for row in &rows {
        let (standing, tally) = (Read(row).word::<Standing>("standing")?, u64::from(Read(row).count("tally")?));
        counts.insert(standing, tally);
        if query.wants(standing) {
            wanted += tally;
            names.push(Read(row).text("names")?);
        }
    }
    let statement = match query.order {
        _ if wanted == 0 => return Ok((counts, Vec::new())),
        _ if wanted <= FEW => LISTED_OF_FEW,
        QueueOrder::Newest => LISTED_OF_MANY,
        QueueOrder::Worst | QueueOrder::Longest => LISTED_BY_WORDS,
    };
    let names = (wanted <= FEW).then(|| format!("[{}]", names.join(",")));
    let listed = placed(filtered(statement, &query.filter), query).bind(names).fetch_all(&store.readers).await;
    Ok((counts, words(&listed.map_err(|e| trouble::of(&e))?)?))
}

fn words(rows: &[AnyRow]) -> Result<Vec<String>, LedgerError> {
    rows.iter().map(|row| Read(row).text("word")).collect()
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
    Standing::ALL
        .into_iter()
        .fold(placed, |placed, standing| placed.bind(query.wants(standing).then(|| standing.word())))
}
