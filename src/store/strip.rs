//! Marks on strips: what became of every due time, one by one or gathered into cells.

use super::row::Read;
use super::word::parse;
use super::{Store, trouble};
use crate::id::JourneyId;
use crate::incident::{LedgerError, Missed, StripCell, StripMark, StripTally};
use crate::moment::Moment;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use std::time::Duration;

/// Marks on one strip, over all journeys.
const CELLS_MAX: i64 = 50_000;
/// The cells that the ledger gathers marks into as they come: those of a day's and a week's strip, in milliseconds.
const GATHERED_MS: [i64; 2] = [1_800_000, 12_600_000];

const STRIP: &str = "SELECT s.journey AS journey, s.due AS at, s.missed AS missed, w.id AS walk, \
    w.verdict AS verdict, w.class AS class \
    FROM slots s LEFT JOIN walks w ON w.id = s.walk WHERE s.due >= $1 AND s.due < $2 \
    UNION ALL \
    SELECT journey, started AS at, NULL AS missed, id AS walk, verdict, class \
    FROM walks WHERE started >= $1 AND started < $2 AND (slot IS NULL OR epoch IS NULL) \
    ORDER BY journey, at LIMIT $3";
/// One row a journey, its tallies in one text, since a strip of a hundred journeys has thousands: `cell tally mark walk`, those
/// after each other; under way is what has no mark. `group_concat` is `string_agg` on PostgreSQL.
macro_rules! told {
    ($tallies:expr) => {
        concat!(
            "SELECT journey, group_concat(cell || ' ' || tally || ' ' || mark || ' ' || COALESCE(walk, ''), ';') AS told FROM (",
            $tallies,
            ") AS tallies GROUP BY journey"
        )
    };
}
const TALLIES: &str = told!(
    "SELECT s.journey AS journey, (s.due - $1) / $3 AS cell, COALESCE(w.verdict, s.missed, '') AS mark, MAX(w.id) AS walk, \
    COUNT(*) AS tally FROM slots s LEFT JOIN walks w ON w.id = s.walk WHERE s.due >= $1 AND s.due < $2 \
    AND (CAST($4 AS TEXT) IS NULL OR s.journey = $4) GROUP BY s.journey, (s.due - $1) / $3, COALESCE(w.verdict, s.missed, '') \
    UNION ALL \
    SELECT journey, (started - $1) / $3 AS cell, verdict AS mark, MAX(id) AS walk, COUNT(*) AS tally \
    FROM walks WHERE started >= $1 AND started < $2 AND (slot IS NULL OR epoch IS NULL) \
    AND (CAST($4 AS TEXT) IS NULL OR journey = $4) GROUP BY journey, (started - $1) / $3, verdict"
);
/// The same of cells that the ledger has gathered already; what is under way is counted now.
const GATHERED: &str = told!(
    "SELECT journey, cell - $1 / $3 AS cell, mark, walk, tally \
    FROM tallies WHERE width = $3 AND cell >= $1 / $3 AND cell < $2 / $3 AND tally > 0 \
    AND (CAST($4 AS TEXT) IS NULL OR journey = $4) \
    UNION ALL \
    SELECT journey, (due - $1) / $3 AS cell, '' AS mark, NULL AS walk, COUNT(*) AS tally \
    FROM slots WHERE walk IS NULL AND missed IS NULL AND due >= $1 AND due < $2 \
    AND (CAST($4 AS TEXT) IS NULL OR journey = $4) GROUP BY journey, (due - $1) / $3"
);

/// Of the cell that is as wide as all time.
const CENSUS: &str = "SELECT journey, mark, tally FROM tallies WHERE width = 4611686018427387904 AND tally > 0";

pub(super) async fn census(store: &Store) -> Result<BTreeMap<(JourneyId, String), u64>, LedgerError> {
    let rows = sqlx::query(CENSUS).fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    let one = |row: &AnyRow| -> Result<_, LedgerError> {
        let row = Read(row);
        Ok(((row.id("journey")?, row.text("mark")?), row.count("tally")?.into()))
    };
    rows.iter().map(one).collect()
}

const MISSED: &str = "SELECT journey, due, missed FROM slots WHERE missed IS NOT NULL AND due >= $1 AND due < $2 \
    ORDER BY due DESC LIMIT $3";

pub(super) async fn missed(
    store: &Store,
    from: Moment,
    to: Moment,
    limit: u32,
) -> Result<Vec<(JourneyId, Missed)>, LedgerError> {
    let found = sqlx::query(MISSED).bind(from.as_millis()).bind(to.as_millis()).bind(i64::from(limit));
    let found = found.fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?;
    let one = |row: &AnyRow| {
        let row = Read(row);
        Ok((row.id("journey")?, Missed { slot: row.moment("due")?, reason: row.word("missed")? }))
    };
    found.iter().map(one).collect()
}

pub(super) async fn strip(store: &Store, from: Moment, to: Moment) -> Result<Vec<StripCell>, LedgerError> {
    let cells = sqlx::query(STRIP).bind(from.as_millis()).bind(to.as_millis()).bind(CELLS_MAX);
    cells.fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))?.iter().map(cell).collect()
}

pub(super) async fn tallies(
    store: &Store,
    (from, to): (Moment, Moment),
    cell: Duration,
    only: Option<&JourneyId>,
) -> Result<Vec<StripTally>, LedgerError> {
    let width = i64::try_from(cell.as_millis()).unwrap_or(i64::MAX).max(1);
    let whole = GATHERED_MS.contains(&width) && [from, to].iter().all(|at| at.as_millis() % width == 0);
    let statement = if whole { GATHERED } else { TALLIES };
    let found = sqlx::query(statement).bind(from.as_millis()).bind(to.as_millis()).bind(width);
    let found = found.bind(only.map(|only| only.as_str().to_owned()));
    let mut tallies = Vec::new();
    for row in found.fetch_all(&store.readers).await.map_err(|e| trouble::of(&e))? {
        let journey: JourneyId = Read(&row).id("journey")?;
        for told in Read(&row).text("told")?.split(';') {
            let (cell, mark, count) = tally(told).ok_or_else(|| trouble::unreadable("told", told))?;
            let begins = Moment::from_millis(from.as_millis() + cell * width);
            tallies.push(StripTally { journey: journey.clone(), from: begins, mark, count });
        }
    }
    Ok(tallies)
}

fn tally(told: &str) -> Option<(i64, StripMark, u32)> {
    let mut parts = told.split(' ');
    let (cell, count) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let mark = match (parts.next()?, parts.next()?) {
        ("", "") => StripMark::UnderWay,
        (reason, "") => StripMark::Missed(parse("mark", reason).ok()?),
        (verdict, walk) => {
            StripMark::Walked { walk: walk.parse().ok()?, verdict: parse("mark", verdict).ok()?, class: None }
        }
    };
    Some((cell, mark, count))
}

fn mark(row: &AnyRow) -> Result<StripMark, LedgerError> {
    let row = Read(row);
    Ok(match (row.maybe_id("walk")?, row.maybe_word("missed")?) {
        (Some(walk), _) => StripMark::Walked { walk, verdict: row.word("verdict")?, class: None },
        (None, Some(reason)) => StripMark::Missed(reason),
        (None, None) => StripMark::UnderWay,
    })
}

fn cell(row: &AnyRow) -> Result<StripCell, LedgerError> {
    let mark = match mark(row)? {
        StripMark::Walked { walk, verdict, .. } => {
            StripMark::Walked { walk, verdict, class: Read(row).maybe_word("class")? }
        }
        other => other,
    };
    let row = Read(row);
    Ok(StripCell { journey: row.id("journey")?, at: row.moment("at")?, mark })
}
