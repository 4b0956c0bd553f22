//! Reading, for people.

use super::row::{self, Read};
use super::{Store, trouble};
use crate::actor::Actor;
use crate::id::{IncidentId, JourneyId, WalkId};
use crate::incident::{
    Archive, Gathering, Incident, IncidentFile, IncidentQuery, LedgerError, Move, State, StoredWalk, StripCell,
    StripMark, StripTally, WalkQuery, WalkRow,
};
use crate::moment::Moment;
use sqlx::any::AnyRow;
use std::time::Duration;

/// No list is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;
/// Marks on one strip, over all journeys.
const CELLS_MAX: i64 = 50_000;

const WALKS: &str = "SELECT id, journey, title, app, device, purpose, slot, confirms, started, elapsed_ms, verdict, \
    class, attribution, steps, steps_walked FROM walks WHERE (CAST($1 AS TEXT) IS NULL OR journey = $1) AND (CAST($2 AS TEXT) IS NULL OR verdict = $2) \
    AND started < $3 ORDER BY started DESC, id DESC LIMIT $4";
const STRIP: &str = "SELECT s.journey AS journey, s.due AS at, s.missed AS missed, w.id AS walk, \
    w.verdict AS verdict, w.class AS class \
    FROM slots s LEFT JOIN walks w ON w.id = s.walk WHERE s.due >= $1 AND s.due < $2 \
    UNION ALL \
    SELECT journey, started AS at, NULL AS missed, id AS walk, verdict, class \
    FROM walks WHERE started >= $1 AND started < $2 AND (slot IS NULL OR epoch IS NULL) \
    ORDER BY journey, at LIMIT $3";
const TALLIES: &str = "SELECT s.journey AS journey, (s.due - $1) / $3 AS cell, s.missed AS missed, MAX(w.id) AS walk, \
    w.verdict AS verdict, COUNT(*) AS tally \
    FROM slots s LEFT JOIN walks w ON w.id = s.walk WHERE s.due >= $1 AND s.due < $2 \
    GROUP BY s.journey, (s.due - $1) / $3, s.missed, w.verdict \
    UNION ALL \
    SELECT journey, (started - $1) / $3 AS cell, NULL AS missed, MAX(id) AS walk, verdict, COUNT(*) AS tally \
    FROM walks WHERE started >= $1 AND started < $2 AND (slot IS NULL OR epoch IS NULL) \
    GROUP BY journey, (started - $1) / $3, verdict";
const LAST_GOOD: &str = "SELECT id FROM walks WHERE journey = $1 AND verdict = 'passed' AND started < $2 \
    ORDER BY started DESC, id DESC LIMIT 1";
const INCIDENTS: &str = "SELECT * FROM incidents WHERE state IN ($1, $2, $3) AND (CAST($4 AS TEXT) IS NULL OR kind = $4) \
    AND (CAST($5 AS TEXT) IS NULL OR journey = $5) AND last_seen < $6 AND ($7 = 0 OR parent IS NULL) AND (CAST($8 AS TEXT) IS NULL OR parent = $8) \
    ORDER BY last_seen DESC, id DESC LIMIT $9";

#[async_trait::async_trait]
impl Archive for Store {
    async fn walk(&self, walk: WalkId) -> Result<Option<StoredWalk>, LedgerError> {
        let found = sqlx::query("SELECT * FROM walks WHERE id = $1").bind(walk.to_string());
        let Some(found) = found.fetch_optional(&self.readers).await.map_err(|e| trouble::of(&e))? else {
            return Ok(None);
        };
        let seen = sqlx::query("SELECT * FROM sightings WHERE walk = $1 ORDER BY incident").bind(walk.to_string());
        let sightings = all(seen.fetch_all(&self.readers).await, row::sighting)?;
        Ok(Some(StoredWalk { row: row::walk(&found)?, sightings }))
    }

    async fn walks(&self, query: &WalkQuery) -> Result<Vec<WalkRow>, LedgerError> {
        let found = sqlx::query(WALKS)
            .bind(query.journey.as_ref().map(ToString::to_string))
            .bind(query.verdict.map(|v| v.word()))
            .bind(query.before.map_or(i64::MAX, Moment::as_millis))
            .bind(i64::from(query.limit.min(ROWS_MAX)));
        all(found.fetch_all(&self.readers).await, row::walk)
    }

    async fn strip(&self, from: Moment, to: Moment) -> Result<Vec<StripCell>, LedgerError> {
        let cells = sqlx::query(STRIP).bind(from.as_millis()).bind(to.as_millis()).bind(CELLS_MAX);
        all(cells.fetch_all(&self.readers).await, cell)
    }

    async fn tallies(&self, from: Moment, to: Moment, cell: Duration) -> Result<Vec<StripTally>, LedgerError> {
        let width = i64::try_from(cell.as_millis()).unwrap_or(i64::MAX).max(1);
        let found = sqlx::query(TALLIES).bind(from.as_millis()).bind(to.as_millis()).bind(width);
        let found = found.fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?;
        found.iter().map(|row| tally(row, from, width)).collect()
    }

    async fn last_good(&self, journey: &JourneyId, before: Moment) -> Result<Option<WalkId>, LedgerError> {
        let found = sqlx::query(LAST_GOOD).bind(journey.as_str()).bind(before.as_millis());
        let found = found.fetch_optional(&self.readers).await.map_err(|e| trouble::of(&e))?;
        found.as_ref().map(|row| Read(row).id("id")).transpose()
    }

    async fn incidents(&self, query: &IncidentQuery) -> Result<Vec<Incident>, LedgerError> {
        let wanted = |state: &State| query.states.is_empty() || query.states.contains(state);
        let [first, second, third] = State::ALL.map(|state| wanted(&state).then(|| state.word()));
        let parts_of = match query.gathering {
            Gathering::PartsOf(whole) => Some(whole.to_string()),
            Gathering::Each | Gathering::Wholes => None,
        };
        let found = sqlx::query(INCIDENTS)
            .bind(first)
            .bind(second)
            .bind(third)
            .bind(query.kind.map(|k| k.word()))
            .bind(query.journey.as_ref().map(ToString::to_string))
            .bind(query.before.map_or(i64::MAX, Moment::as_millis))
            .bind(i64::from(query.gathering == Gathering::Wholes))
            .bind(parts_of)
            .bind(i64::from(query.limit.min(ROWS_MAX)));
        all(found.fetch_all(&self.readers).await, row::incident)
    }

    async fn incident(&self, incident: IncidentId) -> Result<Option<IncidentFile>, LedgerError> {
        let name = incident.to_string();
        let found = sqlx::query("SELECT * FROM incidents WHERE id = $1").bind(name.clone());
        let Some(found) = found.fetch_optional(&self.readers).await.map_err(|e| trouble::of(&e))? else {
            return Ok(None);
        };
        let seen = "SELECT * FROM sightings WHERE incident = $1 ORDER BY at DESC, walk DESC LIMIT 200";
        let sightings = all(sqlx::query(seen).bind(name.clone()).fetch_all(&self.readers).await, row::sighting)?;
        let moved = "SELECT * FROM moves WHERE incident = $1 ORDER BY revision DESC LIMIT 200";
        let moves = all(sqlx::query(moved).bind(name).fetch_all(&self.readers).await, one_move)?;
        Ok(Some(IncidentFile { incident: row::incident(&found)?, sightings, moves }))
    }
}

fn all<T>(
    rows: Result<Vec<AnyRow>, sqlx::Error>,
    read: fn(&AnyRow) -> Result<T, LedgerError>,
) -> Result<Vec<T>, LedgerError> {
    rows.map_err(|e| trouble::of(&e))?.iter().map(read).collect()
}

fn tally(row: &AnyRow, from: Moment, width: i64) -> Result<StripTally, LedgerError> {
    let row = Read(row);
    let mark = match (row.maybe_id("walk")?, row.maybe_word("missed")?) {
        (Some(walk), _) => StripMark::Walked { walk, verdict: row.word("verdict")?, class: None },
        (None, Some(reason)) => StripMark::Missed(reason),
        (None, None) => StripMark::UnderWay,
    };
    let begins = Moment::from_millis(from.as_millis() + row.number("cell")? * width);
    Ok(StripTally { journey: row.id("journey")?, from: begins, mark, count: row.count("tally")? })
}

fn cell(row: &AnyRow) -> Result<StripCell, LedgerError> {
    let row = Read(row);
    let mark = match (row.maybe_id("walk")?, row.maybe_word("missed")?) {
        (Some(walk), _) => StripMark::Walked { walk, verdict: row.word("verdict")?, class: row.maybe_word("class")? },
        (None, Some(reason)) => StripMark::Missed(reason),
        (None, None) => StripMark::UnderWay,
    };
    Ok(StripCell { journey: row.id("journey")?, at: row.moment("at")?, mark })
}

fn one_move(row: &AnyRow) -> Result<Move, LedgerError> {
    let row = Read(row);
    let actor = row.text("actor")?;
    let by = Actor::parse(&actor).map_err(|_| trouble::unreadable("actor", &actor))?;
    Ok(Move { what: row.word("what")?, at: row.moment("at")?, walk: row.id("walk")?, by, why: row.text("why")? })
}
