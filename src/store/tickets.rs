//! What is known of tickets in other systems.

use super::row::Read;
use super::{Store, feed, trouble};
use crate::alert::Happening;
use crate::finding::Fingerprint;
use crate::id::IncidentId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::ticket::{Ticket, TicketBook};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use std::time::Duration;

/// No list is longer than this.
const ROWS_MAX: i64 = 1_000;

const CURSOR: &str = "SELECT seq FROM ticket_cursors WHERE system = $1";
const SET_CURSOR: &str = "INSERT INTO ticket_cursors (system, seq) VALUES ($1, $2) \
    ON CONFLICT (system) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > ticket_cursors.seq";
const SAVE: &str = "INSERT INTO tickets (system, incident, fingerprint, ticket, url, status, done, asked, told, answered, \
    finished, due, looked, tries, said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
    ON CONFLICT (system, incident) DO UPDATE SET fingerprint = excluded.fingerprint, ticket = excluded.ticket, \
    url = excluded.url, status = excluded.status, done = excluded.done, asked = excluded.asked, told = excluded.told, \
    answered = excluded.answered, finished = excluded.finished, due = excluded.due, looked = excluded.looked, \
    tries = excluded.tries, said = excluded.said";
const ONE: &str = "SELECT * FROM tickets WHERE system = $1 AND incident = $2";
const DUE: &str = "SELECT * FROM tickets WHERE system = $1 AND due IS NOT NULL AND due <= $2 ORDER BY due LIMIT $3";
const UNSEEN: &str = "SELECT * FROM tickets WHERE system = $1 AND ticket IS NOT NULL AND finished = 0 AND looked <= $2 \
    ORDER BY looked LIMIT $3";
const OF_INCIDENT: &str = "SELECT * FROM tickets WHERE incident = $1 ORDER BY system";
const NEWS: &str = "SELECT seq, body FROM feed WHERE incident = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const FORGET_CALLS: &str = "DELETE FROM ticket_calls WHERE until < $1";
const CAME: &str = "SELECT 1 AS came FROM ticket_calls WHERE system = $1 AND id = $2";
const CALL: &str =
    "INSERT INTO ticket_calls (system, id, until) VALUES ($1, $2, $3) ON CONFLICT (system, id) DO NOTHING";

#[async_trait::async_trait]
impl TicketBook for Store {
    async fn cursor(&self, system: &str) -> Result<u64, LedgerError> {
        let cursor = sqlx::query_scalar::<_, i64>(CURSOR).bind(system).fetch_optional(&self.readers).await;
        Ok(cursor.map_err(|e| trouble::of(&e))?.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0))
    }

    async fn gather(&self, system: &str, tickets: &[Ticket], cursor: u64) -> Result<(), LedgerError> {
        let mut book = self.begin().await?;
        for ticket in tickets {
            save(&mut book, ticket).await?;
        }
        let moved = sqlx::query(SET_CURSOR).bind(system).bind(i64::try_from(cursor).unwrap_or(i64::MAX));
        moved.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        book.commit().await.map_err(|e| trouble::of(&e))
    }

    async fn ticket(&self, system: &str, incident: IncidentId) -> Result<Option<Ticket>, LedgerError> {
        let found = sqlx::query(ONE).bind(system).bind(incident.to_string()).fetch_optional(&self.readers).await;
        found.map_err(|e| trouble::of(&e))?.as_ref().map(one).transpose()
    }

    async fn save(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        let mut book = self.begin().await?;
        save(&mut book, ticket).await?;
        book.commit().await.map_err(|e| trouble::of(&e))
    }

    async fn due(&self, system: &str, now: Moment, limit: u32) -> Result<Vec<Ticket>, LedgerError> {
        let due = sqlx::query(DUE).bind(system).bind(now.as_millis()).bind(i64::from(limit));
        listed(due.fetch_all(&self.readers).await)
    }

    async fn unseen(&self, system: &str, before: Moment, limit: u32) -> Result<Vec<Ticket>, LedgerError> {
        let unseen = sqlx::query(UNSEEN).bind(system).bind(before.as_millis()).bind(i64::from(limit));
        listed(unseen.fetch_all(&self.readers).await)
    }

    async fn tickets(&self, incident: IncidentId) -> Result<Vec<Ticket>, LedgerError> {
        listed(sqlx::query(OF_INCIDENT).bind(incident.to_string()).fetch_all(&self.readers).await)
    }

    async fn news(&self, incident: IncidentId, after: u64) -> Result<Vec<(u64, Happening)>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = sqlx::query(NEWS).bind(incident.to_string()).bind(after).bind(ROWS_MAX);
        rows.fetch_all(&self.readers).await.map_err(|e| trouble::of(&e))?.iter().map(feed::one).collect()
    }

    async fn came_before(&self, system: &str, id: &str) -> Result<bool, LedgerError> {
        let came = sqlx::query(CAME).bind(system).bind(id).fetch_optional(&self.readers).await;
        Ok(came.map_err(|e| trouble::of(&e))?.is_some())
    }

    async fn call_came(&self, system: &str, id: &str, now: Moment, within: Duration) -> Result<(), LedgerError> {
        let mut book = self.begin().await?;
        let forgotten = sqlx::query(FORGET_CALLS).bind(now.as_millis());
        forgotten.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        let call = sqlx::query(CALL).bind(system).bind(id).bind(now.after(within).as_millis());
        call.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        book.commit().await.map_err(|e| trouble::of(&e))
    }
}

async fn save(book: &mut AnyConnection, ticket: &Ticket) -> Result<(), LedgerError> {
    let row = sqlx::query(SAVE)
        .bind(ticket.system.as_str())
        .bind(ticket.incident.to_string())
        .bind(ticket.fingerprint.as_str())
        .bind(ticket.key.clone())
        .bind(ticket.url.clone())
        .bind(ticket.status.clone())
        .bind(i64::from(ticket.done))
        .bind(ticket.asked.map(Moment::as_millis))
        .bind(i64::try_from(ticket.told).unwrap_or(i64::MAX))
        .bind(i64::from(ticket.answered))
        .bind(i64::from(ticket.over))
        .bind(ticket.due.map(Moment::as_millis))
        .bind(ticket.looked.as_millis())
        .bind(i64::from(ticket.tries))
        .bind(ticket.said.clone());
    row.execute(book).await.map(drop).map_err(|e| trouble::of(&e))
}

fn listed(rows: Result<Vec<AnyRow>, sqlx::Error>) -> Result<Vec<Ticket>, LedgerError> {
    rows.map_err(|e| trouble::of(&e))?.iter().map(one).collect()
}

fn one(row: &AnyRow) -> Result<Ticket, LedgerError> {
    let read = Read(row);
    Ok(Ticket {
        system: read.text("system")?,
        incident: read.id("incident")?,
        fingerprint: Fingerprint::stored(read.text("fingerprint")?),
        key: read.maybe_text("ticket")?,
        url: read.maybe_text("url")?,
        status: read.maybe_text("status")?,
        done: read.count("done")? != 0,
        asked: read.maybe_moment("asked")?,
        told: feed::seq(row, "told")?,
        answered: read.count("answered")? != 0,
        over: read.count("finished")? != 0,
        due: read.maybe_moment("due")?,
        looked: read.moment("looked")?,
        tries: read.count("tries")?,
        said: read.maybe_text("said")?,
    })
}
