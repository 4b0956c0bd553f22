//! Writing: slots taken once, walks filed with all they changed.

use super::row::{self, Read};
use super::{Store, audit, feed, trouble};
use crate::alert::NoticeState;
use crate::audit::{Action, Detail, Draft, Object};
use crate::finding::Kin;
use crate::id::{IncidentId, JourneyId};
use crate::incident::{
    Change, Coming, Filed, FiledTogether, Filing, Folding, Incident, Known, Ledger, LedgerError, MissReason, Missed,
    Odds, QueuedNotice, SlotClaim, SlotTaken, What,
};
use crate::moment::Moment;
use crate::walk::Purpose;
use sqlx::{Any, AnyConnection, Connection as _, Transaction};

/// Recovered incidents older than this can no longer be reopened by any policy, and are not read.
const REMEMBER_MS: i64 = 92 * 24 * 3600 * 1000;

const TAKE_SLOT: &str = "INSERT INTO slots (journey, due, epoch, holder, leased_until) VALUES ($1, $2, 1, $3, $4) \
    ON CONFLICT (journey, due) DO UPDATE \
    SET epoch = slots.epoch + 1, holder = excluded.holder, leased_until = excluded.leased_until, \
    missed = NULL \
    WHERE slots.walk IS NULL AND (slots.missed IS NULL OR slots.missed = 'lost') AND slots.leased_until <= $5 RETURNING epoch";
const LOST_SLOT: &str = "SELECT due FROM slots WHERE journey = $1 AND walk IS NULL AND missed = $2 \
    AND due = (SELECT MAX(due) FROM slots WHERE journey = $1)";
const MISS_SLOT: &str = "INSERT INTO slots (journey, due, epoch, holder, leased_until, missed) \
    VALUES ($1, $2, 0, '', $3, $4) ON CONFLICT (journey, due) DO NOTHING";
const SWEEP_SLOTS: &str = "UPDATE slots SET missed = $1 WHERE walk IS NULL AND missed IS NULL AND leased_until <= $2";
// A slot given up as lost is walked after all when its holder was only slow and nobody took it since.
const FILL_SLOT: &str =
    "UPDATE slots SET walk = $1, missed = NULL WHERE journey = $2 AND due = $3 AND epoch = $4 AND walk IS NULL";
const ADD_WALK: &str = "INSERT INTO walks (id, journey, title, app, device, purpose, slot, confirms, epoch, started, \
    elapsed_ms, verdict, class, attribution, record, verifies, steps, steps_walked, asked_by) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) ON CONFLICT (id) DO NOTHING";
const ADD_INCIDENT: &str = "INSERT INTO incidents (id, fingerprint, kind, app, journey, title, step, step_title, \
    route, devices, detector, class, severity, attribution, headline_zh, headline_en, cause, state, suspicion, \
    first_seen, last_seen, opened, recovered, sightings, unconfirmed, reopened, good_walk, failing_walk, picture, \
    owner, tags, previous, judged_at, judged_walk, revision, flaps, flapping, digest, kin, looks, parent, past, \
    in_a_row, score, looks_counted, looks_met, intermittent, standing, assignee, handling, words) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
    $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, \
    $48, $49, $50, $51)";
const SET_INCIDENT: &str = "UPDATE incidents SET fingerprint = $2, kind = $3, app = $4, journey = $5, title = $6, \
    step = $7, step_title = $8, route = $9, devices = $10, detector = $11, class = $12, severity = $13, \
    attribution = $14, headline_zh = $15, headline_en = $16, cause = $17, state = $18, suspicion = $19, \
    first_seen = $20, last_seen = $21, opened = $22, recovered = $23, sightings = $24, unconfirmed = $25, \
    reopened = $26, good_walk = $27, failing_walk = $28, picture = $29, owner = $30, tags = $31, previous = $32, \
    judged_at = $33, judged_walk = $34, revision = $35, flaps = $36, flapping = $37, digest = $38, \
    kin = $39, looks = $40, parent = $41, past = $42, in_a_row = $43, score = $44, \
    looks_counted = $45, looks_met = $46, intermittent = $47, standing = $48, assignee = $49, handling = $50, words = $51 \
    WHERE id = $1 AND revision = $52";
const ADD_SIGHTING: &str = "INSERT INTO sightings (incident, walk, at, role, device, cause, evidence) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ADD_MOVE: &str =
    "INSERT INTO moves (incident, revision, what, at, walk, actor, why) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ADD_NOTICE: &str = "INSERT INTO notices (id, incident, channel, recipient, reason, state, queued, due, tries, \
    token, leased_until, body, instead_of) VALUES ($1, $2, $3, $4, $5, $9, $6, $7, 0, 0, 0, $8, $10)";
const KNOWN: &str = "WITH own AS (SELECT id, parent, kin, looks, state FROM incidents WHERE journey = $1), \
    alike AS (SELECT id, parent FROM incidents WHERE app = $3 AND state = 'open' AND kind = 'app' AND (kin IN \
    (SELECT value FROM json_each($4) UNION SELECT kin FROM own WHERE state = 'suspected')) \
    UNION SELECT id, parent FROM incidents WHERE app = $3 AND state = 'open' AND kind = 'app' AND (looks IN \
    (SELECT value FROM json_each($5) UNION SELECT looks FROM own WHERE state = 'suspected'))), \
    wholes AS (SELECT id FROM own UNION SELECT parent FROM own WHERE parent IS NOT NULL \
    UNION SELECT COALESCE(parent, id) FROM alike) \
    SELECT * FROM incidents WHERE (journey = $1 OR (kind = 'robot' AND step IS NULL) OR id IN (SELECT id FROM wholes) \
    OR parent IN (SELECT id FROM wholes)) AND (state <> 'recovered' OR last_seen > \
    (SELECT COALESCE(MAX(started), 0) FROM walks WHERE journey = $1) - $2)";
const IN_HAND: &str = "SELECT * FROM incidents WHERE standing IN ('verifying', 'confirmed', 'assigned', 'acknowledged', \
    'fixing', 'fix-claimed') AND id > $1 ORDER BY id LIMIT $2";
// An original that is forgotten was closed long ago.
const FORSAKEN: &str = "SELECT d.* FROM incidents AS d LEFT JOIN incidents AS o ON o.id = json_extract(d.handling, '$.duplicate_of') \
    WHERE d.standing = 'duplicate' AND d.state = 'open' AND CASE WHEN o.id IS NULL THEN d.last_seen > d.first_seen \
    ELSE o.standing = 'closed' AND d.last_seen > json_extract(o.handling, '$.closed') END ORDER BY d.last_seen DESC, d.id DESC LIMIT $1";
const LAST_GOOD: &str =
    "SELECT id FROM walks WHERE journey = $1 AND verdict = 'passed' ORDER BY started DESC, id DESC LIMIT 1";
const FIRST_LOOKS: &str = "SELECT started FROM walks WHERE journey = $1 AND purpose NOT IN ('confirm', 'asked') AND verdict IN ('passed', 'degraded') \
    ORDER BY started DESC LIMIT $2";

#[async_trait::async_trait]
impl Ledger for Store {
    async fn take_slot(&self, claim: &SlotClaim) -> Result<SlotTaken, LedgerError> {
        let taken = sqlx::query_scalar::<_, i64>(TAKE_SLOT)
            .bind(claim.journey.as_str())
            .bind(claim.slot.as_millis())
            .bind(claim.holder.as_str())
            .bind(claim.now.after(claim.lease).as_millis())
            .bind(claim.now.as_millis());
        let epoch = taken.fetch_optional(&self.writer).await.map_err(|e| trouble::of(&e))?;
        Ok(epoch.map_or(SlotTaken::AlreadyTaken, |epoch| SlotTaken::Taken { epoch }))
    }

    async fn miss_slots(&self, journey: &JourneyId, missed: &[Missed], now: Moment) -> Result<(), LedgerError> {
        let mut filing = self.begin().await?;
        for miss in missed {
            let row = sqlx::query(MISS_SLOT)
                .bind(journey.as_str())
                .bind(miss.slot.as_millis())
                .bind(now.as_millis())
                .bind(miss.reason.word());
            row.execute(&mut *filing).await.map_err(|e| trouble::of(&e))?;
        }
        filing.commit().await.map_err(|e| trouble::of(&e))
    }

    async fn last_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        let newest = sqlx::query_scalar::<_, Option<i64>>("SELECT MAX(due) FROM slots WHERE journey = $1");
        let newest = newest.bind(journey.as_str()).fetch_one(&self.readers).await;
        Ok(newest.map_err(|e| trouble::of(&e))?.map(Moment::from_millis))
    }

    async fn lost_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        let lost = sqlx::query_scalar::<_, i64>(LOST_SLOT).bind(journey.as_str()).bind(MissReason::Lost.word());
        let lost = lost.fetch_optional(&self.readers).await.map_err(|e| trouble::of(&e))?;
        Ok(lost.map(Moment::from_millis))
    }

    async fn sweep_slots(&self, now: Moment) -> Result<u64, LedgerError> {
        let sweep = sqlx::query(SWEEP_SLOTS).bind(MissReason::Lost.word()).bind(now.as_millis());
        Ok(sweep.execute(&self.writer).await.map_err(|e| trouble::of(&e))?.rows_affected())
    }

    async fn known(&self, journey: &JourneyId, app: &str, kin: &[&Kin]) -> Result<Known, LedgerError> {
        let mut reader = self.readers.acquire().await.map_err(|e| trouble::of(&e))?;
        known(&mut reader, journey, app, kin).await
    }

    async fn in_hand(&self, after: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, LedgerError> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let rows = sqlx::query(IN_HAND).bind(after).bind(i64::from(limit)).fetch_all(&self.readers).await;
        rows.map_err(|e| trouble::of(&e))?.iter().map(row::incident).collect()
    }

    async fn forsaken(&self, limit: u32) -> Result<Vec<Incident>, LedgerError> {
        let rows = sqlx::query(FORSAKEN).bind(i64::from(limit)).fetch_all(&self.readers).await;
        rows.map_err(|e| trouble::of(&e))?.iter().map(row::incident).collect()
    }

    async fn file(&self, filing: &Filing) -> Result<Filed, LedgerError> {
        let mut book = self.begin().await?;
        let filed = file(&mut book, filing).await;
        ended(book, filed).await
    }

    async fn file_together(&self, coming: &[Coming<'_>], fold: Folding<'_>) -> Vec<Result<FiledTogether, LedgerError>> {
        let all = self.file_in_one(coming, fold).await;
        all.unwrap_or_else(|error| coming.iter().map(|_| Err(error.clone())).collect())
    }

    async fn amend(&self, changes: &[Change], notices: &[QueuedNotice], now: Moment) -> Result<Filed, LedgerError> {
        let mut book = self.begin().await?;
        let filed = write_down(&mut book, changes, notices, now).await;
        ended(book, filed).await
    }
}

/// Keeps what is written, and nothing of what is not.
async fn ended(book: Transaction<'_, Any>, filed: Result<Filed, LedgerError>) -> Result<Filed, LedgerError> {
    match &filed {
        Ok(Filed::Written) => book.commit().await.map_err(|e| trouble::of(&e))?,
        Ok(_) | Err(LedgerError::StaleEpoch { .. }) => book.rollback().await.map_err(|e| trouble::of(&e))?,
        // It is taken back when it is dropped; what went wrong first says more.
        Err(_) => drop(book),
    }
    filed
}

async fn file(book: &mut AnyConnection, filing: &Filing) -> Result<Filed, LedgerError> {
    if !add_walk(book, filing).await? {
        return Ok(Filed::AlreadyThere);
    }
    fill_slot(book, filing).await?;
    write_down(book, &filing.changes, &filing.notices, filing.now).await
}

async fn write_down(
    book: &mut AnyConnection,
    changes: &[Change],
    notices: &[QueuedNotice],
    now: Moment,
) -> Result<Filed, LedgerError> {
    for change in changes {
        if !apply(book, change, now).await? {
            return Ok(Filed::Conflict);
        }
    }
    for notice in notices {
        add_notice(book, notice, now).await?;
    }
    Ok(Filed::Written)
}

async fn known(book: &mut AnyConnection, journey: &JourneyId, app: &str, kin: &[&Kin]) -> Result<Known, LedgerError> {
    let words = |of: fn(&Kin) -> &str| {
        serde_json::to_string(&kin.iter().map(|kin| of(kin)).collect::<Vec<_>>()).unwrap_or_else(|_| "[]".to_owned())
    };
    let rows = sqlx::query(KNOWN)
        .bind(journey.as_str())
        .bind(REMEMBER_MS)
        .bind(app.to_owned())
        .bind(words(|kin| &kin.cause))
        .bind(words(|kin| &kin.looks))
        .fetch_all(&mut *book)
        .await;
    let rows = rows.map_err(|e| trouble::of(&e))?;
    let incidents = rows.iter().map(row::incident).collect::<Result<_, _>>()?;
    let good = sqlx::query(LAST_GOOD).bind(journey.as_str()).fetch_optional(&mut *book).await;
    let good = good.map_err(|e| trouble::of(&e))?;
    let last_good = good.as_ref().map(|row| Read(row).id("id")).transpose()?;
    let first = sqlx::query_scalar::<_, i64>(FIRST_LOOKS).bind(journey.as_str()).bind(Odds::FIRST_LOOKS_MAX);
    let first = first.fetch_all(book).await.map_err(|e| trouble::of(&e))?;
    Ok(Known { incidents, last_good, first_looks: first.into_iter().map(Moment::from_millis).collect() })
}

impl Store {
    /// All of them in one transaction, each in a part of its own that can be taken back alone.
    async fn file_in_one(
        &self,
        coming: &[Coming<'_>],
        fold: Folding<'_>,
    ) -> Result<Vec<Result<FiledTogether, LedgerError>>, LedgerError> {
        let mut book = self.begin().await?;
        let mut all = Vec::with_capacity(coming.len());
        for (place, walk) in coming.iter().enumerate() {
            let filing = fold(place, known(&mut book, walk.journey, walk.app, &walk.kin).await?);
            let mut part = book.begin().await.map_err(|e| trouble::of(&e))?;
            let filed = file(&mut part, &filing).await;
            all.push(match ended(part, filed).await {
                Ok(filed) => Ok((filed, filing.changes)),
                Err(stale @ LedgerError::StaleEpoch { .. }) => Err(stale),
                Err(error) => return Err(error),
            });
        }
        book.commit().await.map_err(|e| trouble::of(&e))?;
        Ok(all)
    }

    /// Begins to write: with the lock from the start, so that it cannot fail for one half-way.
    pub(super) async fn begin(&self) -> Result<Transaction<'_, Any>, LedgerError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(|e| trouble::of(&e))
    }
}

async fn add_walk(book: &mut AnyConnection, filing: &Filing) -> Result<bool, LedgerError> {
    let walk = &filing.walk;
    let (slot, confirms, verifies, asked_by) = match &walk.purpose {
        Purpose::Patrol { slot } => (Some(slot.as_millis()), None, None, None),
        Purpose::Confirm { of } => (None, Some(of.to_string()), None, None),
        Purpose::Verify { of } => (None, None, Some(of.to_string()), None),
        Purpose::Asked { by, of } => (None, None, of.map(|of| of.to_string()), Some(by.to_string())),
        Purpose::Manual => (None, None, None, None),
    };
    let row = sqlx::query(ADD_WALK)
        .bind(walk.walk.to_string())
        .bind(walk.journey.as_str())
        .bind(walk.title.as_str())
        .bind(walk.app.as_str())
        .bind(walk.device.as_str())
        .bind(walk.purpose.word())
        .bind(slot)
        .bind(confirms)
        .bind(filing.epoch)
        .bind(walk.started.as_millis())
        .bind(i64::try_from(walk.elapsed.as_millis()).unwrap_or(i64::MAX))
        .bind(walk.verdict.word())
        .bind(walk.class.map(|c| c.word()))
        .bind(walk.attribution.map(|a| a.word()))
        .bind(walk.json.as_str())
        .bind(verifies)
        .bind(i64::from(walk.steps.all))
        .bind(i64::from(walk.steps.walked))
        .bind(asked_by);
    Ok(row.execute(book).await.map_err(|e| trouble::of(&e))?.rows_affected() == 1)
}

/// Marks the walk's slot as walked, if it is still held with the walk's epoch.
async fn fill_slot(book: &mut AnyConnection, filing: &Filing) -> Result<(), LedgerError> {
    let (Purpose::Patrol { slot }, Some(epoch)) = (&filing.walk.purpose, filing.epoch) else {
        return Ok(());
    };
    let row = sqlx::query(FILL_SLOT)
        .bind(filing.walk.walk.to_string())
        .bind(filing.walk.journey.as_str())
        .bind(slot.as_millis())
        .bind(epoch);
    match row.execute(book).await.map_err(|e| trouble::of(&e))?.rows_affected() {
        0 => Err(LedgerError::StaleEpoch { journey: filing.walk.journey.clone(), slot: *slot, epoch }),
        _ => Ok(()),
    }
}

/// Writes one change; `false` when the incident is no longer what the change was made of.
async fn apply(book: &mut AnyConnection, change: &Change, now: Moment) -> Result<bool, LedgerError> {
    if !write_incident(book, change.before.as_ref(), &change.after).await? {
        return Ok(false);
    }
    if let Some(seen) = &change.sighting {
        let evidence: Vec<String> = seen.evidence.iter().map(ToString::to_string).collect();
        let row = sqlx::query(ADD_SIGHTING)
            .bind(seen.incident.to_string())
            .bind(seen.walk.to_string())
            .bind(seen.at.as_millis())
            .bind(seen.role.word())
            .bind(seen.device.as_str())
            .bind(seen.cause.clone())
            .bind(serde_json::json!(evidence).to_string());
        row.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
    }
    if change.what.is_move() {
        let row = sqlx::query(ADD_MOVE)
            .bind(change.after.id.to_string())
            .bind(i64::from(change.after.revision))
            .bind(change.what.word())
            .bind(change.at.as_millis())
            .bind(change.walk.to_string())
            .bind(change.by.to_string())
            .bind(change.why.as_str());
        row.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
        let entry = audit::append(book, &audited(change, now)).await?;
        feed::add(book, entry.seq, change, now).await?;
    }
    Ok(true)
}

/// The move as the audit log tells it, written at `now`.
fn audited(change: &Change, now: Moment) -> Draft {
    let (before, after) = (change.before.as_ref(), &change.after);
    let detail = Detail::default()
        .with("what", change.what.word())
        .with("from", before.map_or("", |before| before.standing().word()))
        .with("standing", after.standing().word())
        .with("severity", after.severity.word())
        .with("revision", i64::from(after.revision))
        .with("journey", after.journey.as_str())
        .with("walk", change.walk.to_string());
    let detail = if change.why.is_empty() { detail } else { detail.with("why", change.why.as_str()) };
    let handling = &after.handling;
    let detail = match change.what {
        What::Assigned => detail.with("assignee", handling.assignee.as_deref().unwrap_or_default()),
        What::Muted => detail.with("until", handling.mute.as_ref().map(|m| m.until.to_string()).unwrap_or_default()),
        What::Retagged => detail.with("tags", handling.corrected.to_string()),
        What::CalledDuplicate => {
            detail.with("duplicate_of", handling.duplicate_of.map(|id| id.to_string()).unwrap_or_default())
        }
        _ => detail,
    };
    let (actor, object) = (change.by.clone(), Object::Incident(after.id));
    Draft { at: now, actor, action: Action::IncidentMoved, object, detail }
}

async fn write_incident(
    book: &mut AnyConnection,
    before: Option<&Incident>,
    after: &Incident,
) -> Result<bool, LedgerError> {
    let statement = if before.is_some() { SET_INCIDENT } else { ADD_INCIDENT };
    let mut query = row::bind_incident(sqlx::query(statement), after);
    if let Some(before) = before {
        query = query.bind(i64::from(before.revision));
    }
    match query.execute(book).await {
        Ok(done) => Ok(done.rows_affected() == 1),
        // Another walk opened the same trouble since it was read.
        Err(error) if trouble::is_duplicate(&error) => Ok(false),
        Err(error) => Err(trouble::of(&error)),
    }
}

async fn add_notice(book: &mut AnyConnection, notice: &QueuedNotice, now: Moment) -> Result<(), LedgerError> {
    let row = sqlx::query(ADD_NOTICE)
        .bind(notice.id.to_string())
        .bind(notice.incident.to_string())
        .bind(notice.channel.as_str())
        .bind(notice.to.clone())
        .bind(notice.reason.as_str())
        .bind(now.as_millis())
        .bind(notice.due.as_millis())
        .bind(notice.body.as_str())
        .bind(if notice.instead_of.is_some() { NoticeState::Standby } else { NoticeState::Waiting }.word())
        .bind(notice.instead_of.clone());
    row.execute(book).await.map_err(|e| trouble::of(&e))?;
    Ok(())
}
