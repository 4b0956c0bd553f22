//! Reading, for people.

use super::row::{self, Read};
use super::{Store, queue, strip, trouble};
use crate::actor::Actor;
use crate::id::{IncidentId, JourneyId, WalkId};
use crate::incident::{
    Archive, Census, Gathering, Incident, IncidentFile, IncidentQuery, LedgerError, Missed, Move, QueueChoices,
    QueuePage, QueueQuery, State, StoredWalk, StripCell, StripTally, WalkQuery, WalkRow,
};
use crate::moment::Moment;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use std::time::Duration;

/// No list is longer than this, whatever is asked for.
const ROWS_MAX: u32 = 1_000;

/// No more records are read at once: each may be large.
const RECORDS_MAX: u32 = 100;

/// What is read of a walk beside its name.
macro_rules! walk_columns {
    () => {
        "journey, title, app, device, purpose, slot, confirms, verifies, asked_by, started, elapsed_ms, verdict, class, attribution, \
         steps, steps_walked"
    };
}
/// One statement for each way that walks are asked for, so that each goes by its own index.
macro_rules! walks {
    ($which:literal) => {
        concat!(
            "SELECT id, ",
            walk_columns!(),
            " FROM walks WHERE started < $3 ",
            $which,
            " ORDER BY started DESC, id DESC LIMIT $4"
        )
    };
}
const WALKS: &str = walks!("AND CAST($1 AS TEXT) IS NULL AND (CAST($2 AS TEXT) IS NULL OR verdict = $2)");
const WALKS_OF: &str = walks!("AND journey = $1 AND CAST($2 AS TEXT) IS NULL");
const WALKS_OF_SAYING: &str = walks!("AND journey = $1 AND verdict = $2");
/// One question for all of them: a page asks for hundreds. `json_each` is `json_array_elements_text` on PostgreSQL.
const NEWEST: &str = concat!(
    "SELECT walks.id AS id, ",
    walk_columns!(),
    " FROM json_each($1) AS asked CROSS JOIN walks WHERE walks.id = \
    (SELECT id FROM walks AS own WHERE own.journey = asked.value ORDER BY own.started DESC, own.id DESC LIMIT 1)"
);
const RECORDS: &str = "SELECT * FROM walks WHERE journey = $1 ORDER BY started DESC, id DESC LIMIT $2";
const LAST_GOOD: &str = "SELECT id FROM walks WHERE journey = $1 AND verdict = 'passed' AND started < $2 \
    ORDER BY started DESC, id DESC LIMIT 1";
/// The same of incidents: $1 to $3 are states, $4 the kind, $5 the journey, $8 the whole that they are parts of.
macro_rules! incidents {
    ($which:literal) => {
        concat!(
            "SELECT * FROM incidents WHERE ",
            $which,
            " AND state IN ($1, $2, $3) AND (CAST($4 AS TEXT) IS NULL OR kind = $4) ",
            "AND last_seen < $6 AND ($7 = 0 OR parent IS NULL) ORDER BY last_seen DESC, id DESC LIMIT $9"
        )
    };
}
const INCIDENTS: &str = incidents!("CAST($5 AS TEXT) IS NULL AND CAST($8 AS TEXT) IS NULL");
const INCIDENTS_OF: &str = incidents!("journey = $5 AND (CAST($8 AS TEXT) IS NULL OR parent = $8)");
const PARTS: &str = incidents!("parent = $8 AND (CAST($5 AS TEXT) IS NULL OR journey = $5)");

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
        let statement = match (&query.journey, query.verdict) {
            (None, _) => WALKS,
            (Some(_), None) => WALKS_OF,
            (Some(_), Some(_)) => WALKS_OF_SAYING,
        };
        let found = sqlx::query(statement)
            .bind(query.journey.as_ref().map(ToString::to_string))
            .bind(query.verdict.map(|v| v.word()))
            .bind(query.before.map_or(i64::MAX, Moment::as_millis))
            .bind(i64::from(query.limit.min(ROWS_MAX)));
        all(found.fetch_all(&self.readers).await, row::walk)
    }

    async fn newest(&self, journeys: &[JourneyId]) -> Result<Vec<WalkRow>, LedgerError> {
        let names: Vec<&str> = journeys.iter().map(JourneyId::as_str).collect();
        let found = sqlx::query(NEWEST).bind(serde_json::json!(names).to_string());
        all(found.fetch_all(&self.readers).await, row::walk)
    }

    async fn strip(&self, from: Moment, to: Moment) -> Result<Vec<StripCell>, LedgerError> {
        strip::strip(self, from, to).await
    }

    async fn tallies(
        &self,
        from: Moment,
        to: Moment,
        cell: Duration,
        only: Option<&JourneyId>,
    ) -> Result<Vec<StripTally>, LedgerError> {
        strip::tallies(self, (from, to), cell, only).await
    }

    async fn records(&self, journey: &JourneyId, limit: u32) -> Result<Vec<WalkRow>, LedgerError> {
        let found = sqlx::query(RECORDS).bind(journey.as_str()).bind(i64::from(limit.min(RECORDS_MAX)));
        all(found.fetch_all(&self.readers).await, row::walk)
    }

    async fn missed(&self, from: Moment, to: Moment, limit: u32) -> Result<Vec<(JourneyId, Missed)>, LedgerError> {
        strip::missed(self, from, to, limit.min(ROWS_MAX)).await
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
        let statement = match (&parts_of, &query.journey) {
            (Some(_), _) => PARTS,
            (None, Some(_)) => INCIDENTS_OF,
            (None, None) => INCIDENTS,
        };
        let found = sqlx::query(statement)
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

    async fn queue(&self, query: &QueueQuery) -> Result<QueuePage, LedgerError> {
        queue::page(self, query).await
    }

    async fn queue_choices(&self) -> Result<QueueChoices, LedgerError> {
        queue::choices(self).await
    }

    async fn open_by_journey(&self) -> Result<BTreeMap<JourneyId, u64>, LedgerError> {
        queue::open_by_journey(self).await
    }

    async fn census(&self) -> Result<Census, LedgerError> {
        Ok(Census { marks: strip::census(self).await?, incidents: queue::census(self).await? })
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

fn one_move(row: &AnyRow) -> Result<Move, LedgerError> {
    let row = Read(row);
    let actor = row.text("actor")?;
    let by = Actor::parse(&actor).map_err(|_| trouble::unreadable("actor", &actor))?;
    Ok(Move { what: row.word("what")?, at: row.moment("at")?, walk: row.id("walk")?, by, why: row.text("why")? })
}
