//! Forgetting by age, a few rows at a time, so that filing never waits long.

use super::row::Read;
use super::{Store, trouble};
use crate::evidence::EvidenceKey;
use crate::incident::LedgerError;
use crate::moment::Moment;
use std::collections::BTreeSet;

/// Rows forgotten in one transaction.
const ROWS_AT_ONCE: i64 = 500;

/// What is older than this is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Walks, their sightings and slots; not those that an incident which still lasts points at, and never a journey's
    /// last passing one.
    pub walks: Moment,
    /// What happened to incidents that recovered; of the feed, what happened to any.
    pub moves: Moment,
    /// Notices that do not wait any more.
    pub notices: Moment,
    /// Suspicions that no other walk shared.
    pub suspicions: Moment,
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Walks.
    pub walks: u64,
    /// Slots.
    pub slots: u64,
    /// Moves.
    pub moves: u64,
    /// Moves in the feed.
    pub feed: u64,
    /// Notices.
    pub notices: u64,
    /// Suspicions.
    pub suspicions: u64,
}

const OLD_SUSPICIONS: &str = "SELECT id FROM incidents WHERE state = 'suspected' AND last_seen < $1 LIMIT $2";
const OF_SUSPICION: [&str; 4] = [
    "DELETE FROM sightings WHERE incident = $1",
    "DELETE FROM moves WHERE incident = $1",
    "DELETE FROM notices WHERE incident = $1",
    "DELETE FROM incidents WHERE id = $1 AND state = 'suspected'",
];
const OLD_WALKS: &str = "SELECT id FROM walks WHERE started < $1 AND NOT EXISTS (SELECT 1 FROM incidents AS i \
    WHERE i.state <> 'recovered' AND (i.failing_walk = walks.id OR i.good_walk = walks.id OR i.suspicion = walks.id)) \
    AND (verdict <> 'passed' OR EXISTS (SELECT 1 FROM walks AS later WHERE later.journey = walks.journey \
    AND later.verdict = 'passed' AND later.started > walks.started)) LIMIT $2";
const OF_WALK: [&str; 2] = ["DELETE FROM sightings WHERE walk = $1", "DELETE FROM walks WHERE id = $1"];
const SLOTS: &str = "DELETE FROM slots WHERE (journey, due) IN (SELECT s.journey, s.due FROM slots AS s \
    WHERE s.due < $1 AND s.due < (SELECT MAX(due) FROM slots AS newest WHERE newest.journey = s.journey) LIMIT $2)";
/// A day's strip is made of these; those of a week stay, so that what was walked can be counted.
const TALLIES: &str = "DELETE FROM tallies WHERE (width, cell, journey, mark) IN \
    (SELECT width, cell, journey, mark FROM tallies WHERE width = 1800000 AND cell < $1 / 1800000 LIMIT $2)";
const MOVES: &str = "DELETE FROM moves WHERE (incident, revision) IN (SELECT m.incident, m.revision FROM moves AS m \
    JOIN incidents AS i ON i.id = m.incident WHERE i.state = 'recovered' AND m.at < $1 LIMIT $2)";
const NOTICES: &str = "DELETE FROM notices WHERE id IN \
    (SELECT id FROM notices WHERE state NOT IN ('waiting', 'standby') AND queued < $1 LIMIT $2)";
const SHOWN: &str = "SELECT record FROM walks WHERE id IN (SELECT failing_walk FROM incidents WHERE state <> 'recovered' \
    UNION SELECT good_walk FROM incidents WHERE state <> 'recovered' AND good_walk IS NOT NULL)";
const PICTURES: &str = "SELECT picture FROM incidents WHERE state <> 'recovered' AND picture IS NOT NULL";

impl Store {
    /// Forgets what is older than `before`.
    pub async fn forget(&self, before: &Before) -> Result<Forgotten, LedgerError> {
        self.forget_rows(TALLIES, before.walks).await?;
        Ok(Forgotten {
            suspicions: self.forget_with(OLD_SUSPICIONS, &OF_SUSPICION, before.suspicions).await?,
            notices: self.forget_rows(NOTICES, before.notices).await?,
            moves: self.forget_rows(MOVES, before.moves).await?,
            feed: self.forget_feed(before.moves).await?,
            walks: self.forget_with(OLD_WALKS, &OF_WALK, before.walks).await?,
            slots: self.forget_rows(SLOTS, before.walks).await?,
        })
    }

    /// Evidence that incidents which still last are shown with.
    pub async fn evidence_in_use(&self) -> Result<BTreeSet<EvidenceKey>, LedgerError> {
        let mut keys = BTreeSet::new();
        for row in sqlx::query(SHOWN).fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))? {
            if let Ok(record) = serde_json::from_str(&Read(&row).text("record")?) {
                gather(&record, &mut keys);
            }
        }
        for row in sqlx::query(PICTURES).fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))? {
            keys.extend(EvidenceKey::parse(&Read(&row).text("picture")?));
        }
        Ok(keys)
    }

    async fn forget_rows(&self, statement: &'static str, before: Moment) -> Result<u64, LedgerError> {
        let mut forgotten = 0;
        loop {
            let some = sqlx::query(statement).bind(before.as_millis()).bind(ROWS_AT_ONCE);
            let some = some.execute(&self.writer).await.map_err(|e| trouble::of(&e))?.rows_affected();
            forgotten += some;
            if some == 0 {
                return Ok(forgotten);
            }
        }
    }

    /// Forgets each row that `old` names, by the statements of `parts`, the row itself last.
    async fn forget_with(
        &self,
        old: &'static str,
        parts: &'static [&'static str],
        before: Moment,
    ) -> Result<u64, LedgerError> {
        let mut forgotten = 0;
        loop {
            let mut book = self.begin().await?;
            let names = sqlx::query_scalar::<_, String>(old).bind(before.as_millis()).bind(ROWS_AT_ONCE);
            let names = names.fetch_all(&mut *book).await.map_err(|e| trouble::of(&e))?;
            for name in &names {
                for part in parts {
                    let part = sqlx::query(*part).bind(name.as_str());
                    part.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
                }
            }
            book.commit().await.map_err(|e| trouble::of(&e))?;
            forgotten += names.len() as u64;
            if names.is_empty() {
                return Ok(forgotten);
            }
        }
    }
}

/// Every piece of evidence that a record names, wherever it stands.
fn gather(record: &serde_json::Value, keys: &mut BTreeSet<EvidenceKey>) {
    match record {
        serde_json::Value::String(text) => keys.extend(EvidenceKey::parse(text)),
        serde_json::Value::Array(values) => values.iter().for_each(|value| gather(value, keys)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| gather(value, keys)),
        _ => {}
    }
}
