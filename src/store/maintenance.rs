//! Declared maintenance windows, each change with its entry in the audit log.

use super::row::Read;
use super::{Store, audit, trouble};
use crate::actor::Actor;
use crate::audit::{Action, Detail, Draft, Object};
use crate::id::{JourneyId, WindowId};
use crate::incident::{LedgerError, NEVER_PLANNED};
use crate::maintenance::{Covers, Declared, Ended, Window, WindowError, WindowLedger};
use crate::moment::Moment;
use sqlx::any::AnyRow;

macro_rules! columns {
    () => {
        "id, name, why, \"by\", declared, apps, journeys, begins, ends, ended, ended_by"
    };
}

const ADD: &str =
    concat!("INSERT INTO maintenance (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL)");
/// What was called off before it began was never in force, and comes after all that was: no number of those keeps others out. Of
/// the rest, what is not over comes first by itself, since nothing is ended ahead of the present.
const LATEST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM maintenance ORDER BY CASE WHEN ended <= begins THEN 1 ELSE 0 END, COALESCE(ended, ends) DESC, id DESC LIMIT $1"
);
const END: &str = "UPDATE maintenance SET ended = $2, ended_by = $3 WHERE id = $1 AND ended IS NULL AND ends > $2";
/// Incidents that something people would be called for happened to in one of these times, by what decides whether a window keeps it
/// quiet. `json_each` is `json_array_elements` on PostgreSQL.
const CALLED_FOR: &str = "SELECT app, journey, detector, COUNT(*) AS incidents FROM (\
    SELECT DISTINCT incident FROM json_each($1) AS turn CROSS JOIN moves \
    WHERE at >= json_extract(turn.value, '$[0]') AND at < json_extract(turn.value, '$[1]') \
    AND what IN ('opened', 'reopened', 'worsened', 'claim-refused')) AS called CROSS JOIN incidents \
    ON incidents.id = called.incident WHERE kind = 'app' GROUP BY app, journey, detector";
/// The log is older than what is forgotten; a ledger may be older than its log.
const BEGAN: &str = "SELECT MIN(at) AS began FROM (SELECT (SELECT at FROM audit ORDER BY seq LIMIT 1) AS at \
    UNION ALL SELECT MIN(started) FROM walks UNION ALL SELECT MIN(due) FROM slots) AS oldest";
const NAME: &str = "SELECT name FROM maintenance WHERE id = $1";

#[async_trait::async_trait]
impl WindowLedger for Store {
    async fn windows(&self, limit: u32) -> Result<Vec<Window>, WindowError> {
        let rows = sqlx::query(LATEST).bind(i64::from(limit)).fetch_all(&self.readers).await;
        let rows = rows.map_err(|e| failed(&trouble::of(&e)))?;
        rows.iter().map(window).collect::<Result<_, LedgerError>>().map_err(|e| failed(&e))
    }

    async fn keep_window(&self, window: &Window) -> Result<(), WindowError> {
        self.keep(window).await.map_err(|e| failed(&e))
    }

    async fn kept_quiet(&self, window: &Window, earlier: &[(Moment, Moment)], now: Moment) -> Result<u64, WindowError> {
        let turns = earlier.iter().copied().chain([(window.from, window.over().min(now))]);
        let turns: Vec<_> = turns.map(|(from, to)| [from.as_millis(), to.as_millis()]).collect();
        let rows = sqlx::query(CALLED_FOR).bind(serde_json::json!(turns).to_string());
        let rows = rows.fetch_all(&self.readers).await.map_err(|e| failed(&trouble::of(&e)))?;
        let count = |row: &AnyRow| -> Result<u64, LedgerError> {
            let row = Read(row);
            let told = NEVER_PLANNED.contains(&row.text("detector")?.as_str());
            let covered = !told && window.covers.holds(&row.text("app")?, &row.id("journey")?);
            Ok(if covered { u64::from(row.count("incidents")?) } else { 0 })
        };
        rows.iter().map(count).sum::<Result<u64, LedgerError>>().map_err(|e| failed(&e))
    }

    async fn began(&self) -> Result<Option<Moment>, WindowError> {
        let row = sqlx::query(BEGAN).fetch_one(&self.readers).await.map_err(|e| failed(&trouble::of(&e)))?;
        Read(&row).maybe_moment("began").map_err(|e| failed(&e))
    }

    async fn end_window(&self, id: WindowId, at: Moment, by: &Actor) -> Result<bool, WindowError> {
        self.end_it(id, at, by).await.map_err(|e| failed(&e))
    }
}

impl Store {
    async fn keep(&self, window: &Window) -> Result<(), LedgerError> {
        let Some(declared) = &window.declared else {
            return Err(LedgerError::Failed("a window of the configuration is not kept".into()));
        };
        let Covers { apps, journeys } = &window.covers;
        let journeys: Vec<&str> = journeys.iter().map(JourneyId::as_str).collect();
        let mut book = self.begin().await?;
        let row = sqlx::query(ADD)
            .bind(declared.id.to_string())
            .bind(window.name.as_str())
            .bind(window.why.as_str())
            .bind(window.by.word())
            .bind(declared.at.as_millis())
            .bind(serde_json::json!(apps).to_string())
            .bind(serde_json::json!(journeys).to_string())
            .bind(window.from.as_millis())
            .bind(window.until.as_millis());
        row.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        let detail = Detail::default()
            .with("name", window.name.as_str())
            .with("why", window.why.as_str())
            .with("from", window.from.to_string())
            .with("until", window.until.to_string())
            .with("apps", apps.iter().cloned().collect::<Vec<_>>())
            .with("journeys", journeys.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let (action, object) = (Action::MaintenanceDeclared, Object::Window(declared.id));
        let draft = Draft { at: declared.at, actor: window.by.clone(), action, object, detail };
        audit::append(&mut book, &draft).await?;
        book.commit().await.map_err(|e| trouble::of(&e))
    }

    async fn end_it(&self, id: WindowId, at: Moment, by: &Actor) -> Result<bool, LedgerError> {
        let mut book = self.begin().await?;
        let row = sqlx::query(END).bind(id.to_string()).bind(at.as_millis()).bind(by.word());
        let ended = row.execute(&mut *book).await.map_err(|e| trouble::of(&e))?.rows_affected();
        if ended == 0 {
            return Ok(false);
        }
        let name = sqlx::query(NAME).bind(id.to_string()).fetch_one(&mut *book).await.map_err(|e| trouble::of(&e))?;
        let detail = Detail::default().with("name", Read(&name).text("name")?);
        let (action, object) = (Action::MaintenanceEnded, Object::Window(id));
        audit::append(&mut book, &Draft { at, actor: by.clone(), action, object, detail }).await?;
        book.commit().await.map_err(|e| trouble::of(&e))?;
        Ok(true)
    }
}

fn window(row: &AnyRow) -> Result<Window, LedgerError> {
    let row = Read(row);
    let journeys = row
        .json::<Vec<String>>("journeys")?
        .into_iter()
        .map(|name| name.parse::<JourneyId>().map_err(|_| trouble::unreadable("journeys", &name)));
    let covers = Covers { apps: row.json("apps")?, journeys: journeys.collect::<Result<_, _>>()? };
    let ended = match row.maybe_moment("ended")? {
        Some(at) => Some(Ended { at, by: actor(&row, "ended_by")? }),
        None => None,
    };
    Ok(Window {
        name: row.text("name")?,
        why: row.text("why")?,
        by: actor(&row, "by")?,
        covers,
        from: row.moment("begins")?,
        until: row.moment("ends")?,
        declared: Some(Declared { id: row.id("id")?, at: row.moment("declared")?, ended }),
    })
}

fn actor(row: &Read<'_>, column: &str) -> Result<Actor, LedgerError> {
    let word = row.text(column)?;
    Actor::parse(&word).map_err(|_| trouble::unreadable(column, &word))
}

fn failed(error: &LedgerError) -> WindowError {
    WindowError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row as _;

    #[tokio::test]
    async fn what_a_window_kept_quiet_is_counted_without_reading_all_incidents() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
        let asked = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {CALLED_FOR}"))).bind("[]");
        let plan = asked.fetch_all(&store.readers).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        for seek in [
            "SEARCH moves USING INDEX moves_by_time (at>? AND at<?)",
            "SEARCH incidents USING INDEX sqlite_autoindex_incidents_1 (id=?)",
        ] {
            assert!(plan.iter().any(|line| line == seek), "{plan:#?}");
        }
    }
}
