//! Taking one message: what it tells of, its lease and its place in the channel's limits, in one transaction.

use crate::alert::{DIGEST_REASON, LeasedNotice, NoticeState, Sent, Taken, Taking, free_at, longest};
use crate::id::NoticeId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::store::row::Read;
use crate::store::{Store, trouble};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const SENDS: &str = "SELECT at, sends FROM sends WHERE channel = $1 AND at >= $2 AND at <= $3";
const FORGET_SENDS: &str = "DELETE FROM sends WHERE channel = $1 AND at < $2";
const SEND: &str = "INSERT INTO sends (notice, token, channel, at, sends) VALUES ($1, $2, $3, $4, $5)";
const ADD_DIGEST: &str = "INSERT INTO notices (id, incident, channel, recipient, reason, state, queued, due, tries, \
    token, leased_until, body) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6, $7, 0, 0, '')";
const TELL: &str = "UPDATE notices SET state = $1, told_by = $2 \
    WHERE id = $3 AND state IN ('waiting', 'gathered') AND leased_until <= $4";
// What was told by what is now itself told by another.
const TELL_ON: &str = "UPDATE notices SET told_by = $1 WHERE told_by IN (SELECT id FROM notices WHERE told_by = $1)";
const LEASE: &str = "UPDATE notices SET token = token + 1, tries = tries + 1, leased_until = $2, \
    body = COALESCE($3, body) WHERE id = $1 AND state = 'waiting' AND leased_until <= $4 \
    RETURNING id, incident, channel, recipient, body, queued, tries, token";
const SINCE: &str = "SELECT MIN(queued) FROM notices WHERE id = $1 OR (told_by = $1 AND state = 'gathered')";

pub(super) async fn take(store: &Store, taking: &Taking<'_>, now: Moment) -> Result<Taken, LedgerError> {
    let mut book = store.begin().await?;
    let free = room(&mut book, taking, now).await?;
    if free > now {
        return Ok(Taken::NoRoom(free));
    }
    if let Some((incident, tries)) = taking.digest {
        let digest = sqlx::query(ADD_DIGEST)
            .bind(taking.id.to_string())
            .bind(incident.to_string())
            .bind(taking.channel)
            .bind(taking.to)
            .bind(DIGEST_REASON)
            .bind(now.as_millis())
            .bind(i64::from(tries));
        digest.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
    }
    let told = [(NoticeState::Gathered, &taking.gathered), (NoticeState::Superseded, &taking.superseded)];
    for (state, notices) in told {
        if !tell(&mut book, taking.id, state, notices, now).await? {
            return Ok(Taken::Changed);
        }
    }
    let Some(mut leased) = lease(&mut book, taking, now).await? else {
        return Ok(Taken::Changed);
    };
    let since = sqlx::query_scalar::<_, i64>(SINCE).bind(taking.id.to_string());
    leased.since = Moment::from_millis(since.fetch_one(&mut *book).await.map_err(|e| trouble::of(&e))?);
    note_send(&mut book, taking, &leased, now).await?;
    book.commit().await.map_err(|e| trouble::of(&e))?;
    Ok(Taken::Leased(leased))
}

/// When the channel's rates have room. What is noted for later than a message can be under way was noted by a clock that
/// was put back since, and counts for nothing.
async fn room(book: &mut AnyConnection, taking: &Taking<'_>, now: Moment) -> Result<Moment, LedgerError> {
    if taking.rates.is_empty() {
        return Ok(now);
    }
    let rows =
        sqlx::query(SENDS).bind(taking.channel).bind(oldest(taking, now)).bind(now.after(taking.way).as_millis());
    let rows = rows.fetch_all(book).await.map_err(|e| trouble::of(&e))?;
    let sent = rows.iter().map(|row| Ok(Sent { at: Read(row).moment("at")?, sends: Read(row).count("sends")? }));
    let sent: Vec<Sent> = sent.collect::<Result<_, LedgerError>>()?;
    Ok(free_at(taking.rates, &sent, taking.wish, now))
}

/// What arrived before this is counted by nobody any more.
fn oldest(taking: &Taking<'_>, now: Moment) -> i64 {
    now.as_millis().saturating_sub(i64::try_from(longest(taking.rates).as_millis()).unwrap_or(i64::MAX))
}

async fn note_send(
    book: &mut AnyConnection,
    taking: &Taking<'_>,
    leased: &LeasedNotice,
    now: Moment,
) -> Result<(), LedgerError> {
    if taking.rates.is_empty() {
        return Ok(());
    }
    let forgotten = sqlx::query(FORGET_SENDS).bind(taking.channel).bind(oldest(taking, now));
    forgotten.execute(&mut *book).await.map_err(|e| trouble::of(&e))?;
    let send = sqlx::query(SEND)
        .bind(leased.id.to_string())
        .bind(leased.token)
        .bind(taking.channel)
        .bind(now.after(taking.way).as_millis())
        .bind(i64::from(taking.wish.sends));
    send.execute(book).await.map(drop).map_err(|e| trouble::of(&e))
}

/// Marks `notices` as told by the message `teller`; `false` when one of them is somebody else's by now.
async fn tell(
    book: &mut AnyConnection,
    teller: NoticeId,
    state: NoticeState,
    notices: &[NoticeId],
    now: Moment,
) -> Result<bool, LedgerError> {
    for notice in notices {
        let told = sqlx::query(TELL)
            .bind(state.word())
            .bind(teller.to_string())
            .bind(notice.to_string())
            .bind(now.as_millis());
        if told.execute(&mut *book).await.map_err(|e| trouble::of(&e))?.rows_affected() != 1 {
            return Ok(false);
        }
    }
    if !notices.is_empty() {
        let on = sqlx::query(TELL_ON).bind(teller.to_string()).execute(book).await;
        on.map_err(|e| trouble::of(&e))?;
    }
    Ok(true)
}

async fn lease(
    book: &mut AnyConnection,
    taking: &Taking<'_>,
    now: Moment,
) -> Result<Option<LeasedNotice>, LedgerError> {
    let leased = sqlx::query(LEASE)
        .bind(taking.id.to_string())
        .bind(now.after(taking.lease).as_millis())
        .bind(taking.body.clone())
        .bind(now.as_millis());
    let row = leased.fetch_optional(book).await.map_err(|e| trouble::of(&e))?;
    row.as_ref().map(leased_notice).transpose()
}

fn leased_notice(row: &AnyRow) -> Result<LeasedNotice, LedgerError> {
    let row = Read(row);
    Ok(LeasedNotice {
        id: row.id("id")?,
        incident: row.id("incident")?,
        channel: row.text("channel")?,
        to: row.maybe_text("recipient")?,
        body: row.text("body")?,
        queued: row.moment("queued")?,
        since: row.moment("queued")?,
        tries: row.count("tries")?,
        token: row.number("token")?,
    })
}
