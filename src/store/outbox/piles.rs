//! What waits for whom.

use crate::alert::{Pile, Receiver, Waiting};
use crate::id::IncidentId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::store::row::{self, Read};
use crate::store::{Store, trouble};
use sqlx::any::AnyRow;

/// So many notices become one message; what is beyond waits for the next.
const PILE_MAX: i64 = 20_000;

// What was tried and not accepted waits for its next try with all that came since.
const RECEIVERS: &str = "SELECT COALESCE(n.recipient, '') AS recipient, \
    MAX(CASE WHEN n.leased_until > $2 THEN 1 ELSE 0 END) AS busy, \
    MAX(CASE WHEN n.tries > 0 THEN n.due END) AS not_before, \
    MIN(n.queued) AS oldest, MIN(i.severity) AS worst, \
    (SELECT MAX(told.due) FROM notices AS told WHERE told.channel = $1 \
    AND COALESCE(told.recipient, '') = COALESCE(n.recipient, '') AND told.state = 'delivered') AS told \
    FROM notices AS n JOIN incidents AS i ON i.id = n.incident \
    WHERE n.channel = $1 AND n.state = 'waiting' AND (n.due <= $2 OR n.tries > 0) \
    GROUP BY COALESCE(n.recipient, '') ORDER BY COALESCE(n.recipient, '')";

/// Of one receiver: what is due, what was tried, older ones of an incident of which a newer one is due, and what a waiting
/// digest tells of.
macro_rules! of_pile {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM notices AS n WHERE n.channel = $1 AND COALESCE(n.recipient, '') = $2 AND n.leased_until <= $3 \
            AND ((n.state = 'waiting' AND (n.due <= $3 OR n.tries > 0 OR EXISTS (SELECT 1 FROM notices AS newer \
            WHERE newer.incident = n.incident AND newer.channel = $1 AND COALESCE(newer.recipient, '') = $2 \
            AND newer.state = 'waiting' AND newer.due <= $3 AND newer.id > n.id))) \
            OR (n.state = 'gathered' AND n.told_by IN (SELECT id FROM notices AS digest WHERE digest.channel = $1 \
            AND COALESCE(digest.recipient, '') = $2 AND digest.state = 'waiting' AND digest.leased_until <= $3)))"
        )
    };
}

const NOTICES: &str = concat!(of_pile!("n.*"), " ORDER BY n.id LIMIT $4");
const INCIDENTS: &str = concat!("SELECT * FROM incidents WHERE id IN (", of_pile!("n.incident"), ")");
const HEARD: &str = "SELECT COUNT(*) FROM notices AS n WHERE n.incident = $1 AND n.channel = $2 \
    AND COALESCE(n.recipient, '') = $3 AND n.queued >= $4 AND (n.state = 'delivered' OR EXISTS \
    (SELECT 1 FROM notices AS teller WHERE teller.id = n.told_by AND teller.state = 'delivered'))";

pub(super) async fn receivers(store: &Store, channel: &str, now: Moment) -> Result<Vec<Receiver>, LedgerError> {
    let rows = sqlx::query(RECEIVERS).bind(channel).bind(now.as_millis()).fetch_all(&store.readers).await;
    rows.map_err(|e| trouble::of(&e))?.iter().map(receiver).collect()
}

pub(super) async fn pile(store: &Store, channel: &str, to: Option<&str>, now: Moment) -> Result<Pile, LedgerError> {
    let of = |statement| {
        sqlx::query(statement).bind(channel.to_owned()).bind(to.unwrap_or_default().to_owned()).bind(now.as_millis())
    };
    // Both of one moment, or an incident could be missing that a notice is about.
    let mut book = store.readers.begin().await.map_err(|e| trouble::of(&e))?;
    let notices = of(NOTICES).bind(PILE_MAX).fetch_all(&mut *book).await.map_err(|e| trouble::of(&e))?;
    let incidents = of(INCIDENTS).fetch_all(&mut *book).await.map_err(|e| trouble::of(&e))?;
    Ok(Pile {
        notices: notices.iter().map(waiting).collect::<Result<_, _>>()?,
        incidents: incidents.iter().map(|row| row::incident(row).map(|i| (i.id, i))).collect::<Result<_, _>>()?,
    })
}

pub(super) async fn heard(
    store: &Store,
    incident: IncidentId,
    channel: &str,
    to: Option<&str>,
    since: Moment,
) -> Result<bool, LedgerError> {
    let told = sqlx::query_scalar::<_, i64>(HEARD)
        .bind(incident.to_string())
        .bind(channel)
        .bind(to.unwrap_or_default())
        .bind(since.as_millis());
    Ok(told.fetch_one(&store.readers).await.map_err(|e| trouble::of(&e))? > 0)
}

fn receiver(row: &AnyRow) -> Result<Receiver, LedgerError> {
    let row = Read(row);
    Ok(Receiver {
        to: Some(row.text("recipient")?).filter(|to| !to.is_empty()),
        busy: row.number("busy")? != 0,
        told: row.maybe_moment("told")?,
        not_before: row.maybe_moment("not_before")?,
        worst: row.word("worst")?,
        oldest: row.moment("oldest")?,
    })
}

fn waiting(row: &AnyRow) -> Result<Waiting, LedgerError> {
    let row = Read(row);
    Ok(Waiting {
        id: row.id("id")?,
        incident: row.id("incident")?,
        reason: row.text("reason")?,
        body: row.text("body")?,
        queued: row.moment("queued")?,
        tries: row.count("tries")?,
        told_by: row.maybe_id("told_by")?,
        left: Some(row.moment("leased_until")?).filter(|until| until.as_millis() > 0),
    })
}
