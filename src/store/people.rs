//! Who may use the console: people, their one-time codes, and what ends when they change.

use super::row::Read;
use super::{Store, people_audit, trouble};
use crate::id::PersonId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::people::{
    Amendment, Bond, By, Keys, NotAmended, Offer, PassHash, PasswordHash, PeopleError, Person, PersonName, Redeemed,
    Role, Roll, SecondFactor, Standing, Welcomes, amend,
};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

const EVERYBODY: &str = "SELECT * FROM people ORDER BY folded";
const NAMED: &str = "SELECT people.*, (SELECT COUNT(*) FROM recovery_codes WHERE person = people.id) AS recovery_left \
    FROM people WHERE folded = $1";
const PERSON: &str = "SELECT people.*, (SELECT COUNT(*) FROM recovery_codes WHERE person = people.id) AS recovery_left \
    FROM people WHERE id = $1";
const ADD: &str =
    "INSERT INTO people (id, name, folded, role, standing, made, password) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET: &str = "UPDATE people SET role = $2, standing = $3, password_too = $4 WHERE id = $1";
// What they did stands under their name, and stays theirs.
const FORMER: &str = "INSERT INTO former_names (folded, issuer, subject) \
    SELECT people.folded, COALESCE(identities.issuer, ''), COALESCE(identities.subject, '') \
    FROM people LEFT JOIN identities ON identities.person = people.id WHERE people.id = $1 \
    ON CONFLICT (folded, issuer, subject) DO NOTHING";
const WAS_ANOTHERS: &str = "SELECT folded FROM former_names WHERE folded = $1 LIMIT 1";
const TAKE_STEP: &str = "UPDATE people SET step = $2 WHERE id = $1 AND step < $2";
const TAKE_RECOVERY: &str = "DELETE FROM recovery_codes WHERE person = $1 AND hash = $2";
const ADD_WELCOME: &str = "INSERT INTO welcomes (hash, person, until) VALUES ($1, $2, $3)";
const WELCOME: &str = "SELECT welcomes.person AS id, people.folded AS folded FROM welcomes \
    LEFT JOIN people ON people.id = welcomes.person WHERE welcomes.hash = $1 AND welcomes.until > $2";
const ADMIT: &str = "UPDATE people SET password = $2, standing = $3 WHERE id = $1";

#[async_trait::async_trait]
impl Roll for Store {
    async fn everybody(&self) -> Result<Vec<Person>, PeopleError> {
        let rows = sqlx::query(EVERYBODY).fetch_all(&self.readers).await.map_err(|e| failed(&e))?;
        rows.iter().map(person).collect()
    }

    async fn named(&self, name: &PersonName) -> Result<Option<(Person, Keys)>, PeopleError> {
        let row = sqlx::query(NAMED).bind(name.folded()).fetch_optional(&self.readers).await;
        row.map_err(|e| failed(&e))?.as_ref().map(with_keys).transpose()
    }

    async fn person(&self, id: PersonId) -> Result<Option<(Person, Keys)>, PeopleError> {
        let row = sqlx::query(PERSON).bind(id.to_string()).fetch_optional(&self.readers).await;
        row.map_err(|e| failed(&e))?.as_ref().map(with_keys).transpose()
    }

    async fn amend(&self, id: PersonId, change: &Amendment, by: &By) -> Result<Result<(), NotAmended>, PeopleError> {
        let mut book = self.begin().await.map_err(unreadable)?;
        let rows = sqlx::query(EVERYBODY).fetch_all(&mut *book).await.map_err(|e| failed(&e))?;
        let everybody: Vec<Person> = rows.iter().map(person).collect::<Result<_, _>>()?;
        let after = match amend(&everybody, id, change) {
            Ok(after) => after,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(before) = everybody.iter().find(|person| person.id == id) {
            people_audit::changed(&mut book, before, change, by).await?;
        }
        let id = id.to_string();
        match after {
            None => {
                execute(&mut book, FORMER, &id).await?;
                execute(&mut book, "DELETE FROM people WHERE id = $1", &id).await?;
            }
            Some(after) => {
                let row = sqlx::query(SET).bind(&id).bind(after.role.word()).bind(after.standing.word());
                let row = row.bind(i64::from(after.bond.is_some_and(|bond| bond.password_too)));
                row.execute(&mut *book).await.map_err(|e| failed(&e))?;
                write_keys(&mut book, &id, change).await?;
            }
        }
        if change.ends_sessions() {
            execute(&mut book, "DELETE FROM sessions WHERE person = $1", &id).await?;
        }
        if change.ends_tokens() {
            execute(&mut book, "DELETE FROM tokens WHERE person = $1", &id).await?;
        }
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(Ok(()))
    }

    async fn take_step(&self, id: PersonId, step: i64) -> Result<bool, PeopleError> {
        let taken = sqlx::query(TAKE_STEP).bind(id.to_string()).bind(step).execute(&self.writer).await;
        Ok(taken.map_err(|e| failed(&e))?.rows_affected() == 1)
    }

    async fn take_recovery(&self, id: PersonId, code: &PassHash) -> Result<bool, PeopleError> {
        let taken = sqlx::query(TAKE_RECOVERY).bind(id.to_string()).bind(code.as_str()).execute(&self.writer).await;
        Ok(taken.map_err(|e| failed(&e))?.rows_affected() == 1)
    }
}

#[async_trait::async_trait]
impl Welcomes for Store {
    async fn offer(&self, offer: &Offer, code: &PassHash, until: Moment, by: &By) -> Result<Option<()>, PeopleError> {
        let now = by.at;
        let mut book = self.begin().await.map_err(unreadable)?;
        sqlx::query("DELETE FROM welcomes WHERE until <= $1")
            .bind(now.as_millis())
            .execute(&mut *book)
            .await
            .map_err(|e| failed(&e))?;
        let whose = match offer {
            Offer::First => {
                if anybody(&mut book).await? {
                    return Ok(None);
                }
                let old = sqlx::query("DELETE FROM welcomes WHERE person IS NULL");
                old.execute(&mut *book).await.map_err(|e| failed(&e))?;
                None
            }
            Offer::Invited(name, role) => {
                let id = PersonId::fresh();
                if !add(&mut book, (id, name), *role, Standing::Invited, (now, None)).await? {
                    return Ok(None);
                }
                people_audit::invited(&mut book, id, *role, by).await?;
                Some(id.to_string())
            }
        };
        let row = sqlx::query(ADD_WELCOME).bind(code.as_str()).bind(whose).bind(until.as_millis());
        row.execute(&mut *book).await.map_err(|e| failed(&e))?;
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(Some(()))
    }

    async fn was_anothers(&self, name: &PersonName) -> Result<bool, PeopleError> {
        let found = sqlx::query(WAS_ANOTHERS).bind(name.folded()).fetch_optional(&self.readers).await;
        Ok(found.map_err(|e| failed(&e))?.is_some())
    }

    async fn is_offered(&self, code: &PassHash, name: &PersonName, now: Moment) -> Result<bool, PeopleError> {
        let mut reader = self.readers.acquire().await.map_err(|e| failed(&e))?;
        Ok(offered(&mut reader, code, name, now).await?.is_some())
    }

    async fn redeem(
        &self,
        code: &PassHash,
        name: &PersonName,
        password: &PasswordHash,
        now: Moment,
    ) -> Result<Redeemed, PeopleError> {
        let mut book = self.begin().await.map_err(unreadable)?;
        let id = match offered(&mut book, code, name, now).await? {
            None => return Ok(Redeemed::Void),
            Some(Offered::First) => {
                let id = PersonId::fresh();
                let (role, standing) = (Role::Administrator, Standing::Active);
                if !add(&mut book, (id, name), role, standing, (now, Some(password))).await? {
                    return Ok(Redeemed::Void);
                }
                // Whatever else was offered to the first is void: somebody is there now.
                let first = sqlx::query("DELETE FROM welcomes WHERE person IS NULL");
                first.execute(&mut *book).await.map_err(|e| failed(&e))?;
                id.to_string()
            }
            Some(Offered::To(id)) => {
                let row = sqlx::query(ADMIT).bind(&id).bind(password.to_string()).bind(Standing::Active.word());
                row.execute(&mut *book).await.map_err(|e| failed(&e))?;
                execute(&mut book, "DELETE FROM welcomes WHERE person = $1", &id).await?;
                id
            }
        };
        let row = sqlx::query(PERSON).bind(&id).fetch_one(&mut *book).await.map_err(|e| failed(&e))?;
        let admitted = person(&row)?;
        people_audit::admitted(&mut book, &admitted, now).await?;
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(Redeemed::Person(admitted))
    }
}

/// Whom a code is for.
enum Offered {
    First,
    To(String),
}

async fn offered(
    book: &mut AnyConnection,
    code: &PassHash,
    name: &PersonName,
    now: Moment,
) -> Result<Option<Offered>, PeopleError> {
    let row = sqlx::query(WELCOME).bind(code.as_str()).bind(now.as_millis()).fetch_optional(&mut *book).await;
    let Some(row) = row.map_err(|e| failed(&e))? else { return Ok(None) };
    let row = Read(&row);
    match row.maybe_text("id").map_err(unreadable)? {
        Some(id) => {
            let same = row.maybe_text("folded").map_err(unreadable)?.as_deref() == Some(name.folded());
            Ok(same.then_some(Offered::To(id)))
        }
        None => Ok((!anybody(book).await?).then_some(Offered::First)),
    }
}

async fn anybody(book: &mut AnyConnection) -> Result<bool, PeopleError> {
    let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM people").fetch_one(book).await;
    Ok(count.map_err(|e| failed(&e))? > 0)
}

/// Adds a person; `false` when the name is taken.
pub(super) async fn add(
    book: &mut AnyConnection,
    who: (PersonId, &PersonName),
    role: Role,
    standing: Standing,
    begin: (Moment, Option<&PasswordHash>),
) -> Result<bool, PeopleError> {
    let row = sqlx::query(ADD)
        .bind(who.0.to_string())
        .bind(who.1.as_str())
        .bind(who.1.folded())
        .bind(role.word())
        .bind(standing.word())
        .bind(begin.0.as_millis())
        .bind(begin.1.map(ToString::to_string));
    match row.execute(book).await {
        Ok(_) => Ok(true),
        Err(error) if trouble::is_duplicate(&error) => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

/// What a change writes besides role and standing.
async fn write_keys(book: &mut AnyConnection, id: &str, change: &Amendment) -> Result<(), PeopleError> {
    match change {
        Amendment::Role(_)
        | Amendment::Provided(_)
        | Amendment::PasswordGranted
        | Amendment::PasswordWithdrawn
        | Amendment::Removed => Ok(()),
        // Or a code that is still out would let them in again.
        Amendment::Disabled => execute(book, "DELETE FROM welcomes WHERE person = $1", id).await,
        // Who was disabled before they had a password waits for one still, if nobody else vouches for them.
        Amendment::Enabled => {
            let back = "UPDATE people SET standing = 'invited' WHERE id = $1 AND password IS NULL \
                AND NOT EXISTS (SELECT 1 FROM identities WHERE identities.person = people.id)";
            execute(book, back, id).await
        }
        Amendment::Reset { code, until, .. } => {
            execute(book, "UPDATE people SET password = NULL, seed = NULL, confirmed = NULL WHERE id = $1", id).await?;
            recovery(book, id, &[]).await?;
            execute(book, "DELETE FROM welcomes WHERE person = $1", id).await?;
            let row = sqlx::query(ADD_WELCOME).bind(code.as_str()).bind(id).bind(until.as_millis());
            row.execute(book).await.map(|_| ()).map_err(|e| failed(&e))
        }
        Amendment::Password(hash) | Amendment::Rehashed(hash) => {
            let row = sqlx::query("UPDATE people SET password = $2 WHERE id = $1").bind(id).bind(hash.to_string());
            row.execute(book).await.map(|_| ()).map_err(|e| failed(&e))
        }
        Amendment::SecondOffered(seed) => {
            let row = sqlx::query("UPDATE people SET seed = $2, confirmed = NULL WHERE id = $1");
            row.bind(id).bind(seed.to_string()).execute(book).await.map(|_| ()).map_err(|e| failed(&e))
        }
        Amendment::SecondConfirmed { step, recovery: codes, at } => {
            let row = sqlx::query("UPDATE people SET confirmed = $2, step = $3 WHERE id = $1");
            let row = row.bind(id).bind(at.as_millis()).bind(*step);
            row.execute(&mut *book).await.map_err(|e| failed(&e))?;
            recovery(book, id, codes).await
        }
        Amendment::Recovery(codes) => recovery(book, id, codes).await,
        Amendment::SecondOff => {
            execute(book, "UPDATE people SET seed = NULL, confirmed = NULL WHERE id = $1", id).await?;
            recovery(book, id, &[]).await
        }
    }
}

async fn recovery(book: &mut AnyConnection, id: &str, codes: &[PassHash]) -> Result<(), PeopleError> {
    execute(book, "DELETE FROM recovery_codes WHERE person = $1", id).await?;
    for code in codes {
        let row = sqlx::query("INSERT INTO recovery_codes (hash, person) VALUES ($1, $2)").bind(code.as_str()).bind(id);
        row.execute(&mut *book).await.map_err(|e| failed(&e))?;
    }
    Ok(())
}

async fn execute(book: &mut AnyConnection, statement: &'static str, id: &str) -> Result<(), PeopleError> {
    sqlx::query(statement).bind(id).execute(book).await.map(|_| ()).map_err(|e| failed(&e))
}

/// Reads a person.
pub(super) fn person(row: &AnyRow) -> Result<Person, PeopleError> {
    let row = Read(row);
    let read = || {
        let name = row.text("name")?;
        Ok(Person {
            id: row.id("id")?,
            name: name.parse().map_err(|_| trouble::unreadable("name", &name))?,
            role: row.word("role")?,
            standing: row.word("standing")?,
            made: row.moment("made")?,
            second: row.maybe_moment("confirmed")?.is_some(),
            bond: bond(&row)?,
        })
    };
    read().map_err(unreadable)
}

fn bond(row: &Read<'_>) -> Result<Option<Bond>, LedgerError> {
    let Some(joined) = row.maybe_moment("joined")? else { return Ok(None) };
    Ok(Some(Bond { joined, vouched: row.maybe_moment("vouched")?, password_too: row.number("password_too")? != 0 }))
}

pub(super) fn with_keys(row: &AnyRow) -> Result<(Person, Keys), PeopleError> {
    let person = person(row)?;
    let row = Read(row);
    let read = || {
        // What stands there is not repeated: it may be half a secret.
        let damaged = |column: &str| trouble::unreadable(column, "…");
        let password = row.maybe_text("password")?.map(|text| text.parse().map_err(|()| damaged("password")));
        let seed = row.maybe_text("seed")?.map(|text| text.parse().map_err(|()| damaged("seed"))).transpose()?;
        let (confirmed, step) = (row.maybe_moment("confirmed")?, row.number("step")?);
        Ok(Keys {
            password: password.transpose()?,
            second: seed.map(|seed| SecondFactor { seed, confirmed, step }),
            recovery_left: row.count("recovery_left")?,
        })
    };
    Ok((person, read().map_err(unreadable)?))
}

/// The name of a person, within an open transaction; `None` when they are gone.
pub(super) async fn name_of(book: &mut AnyConnection, id: PersonId) -> Result<Option<PersonName>, PeopleError> {
    let row = sqlx::query(PERSON).bind(id.to_string()).fetch_optional(book).await.map_err(|e| failed(&e))?;
    Ok(row.as_ref().map(person).transpose()?.map(|person| person.name))
}

/// The database's error in the room's words.
pub(super) fn failed(error: &sqlx::Error) -> PeopleError {
    unreadable(trouble::of(error))
}

/// The ledger's error in the room's words.
pub(super) fn unreadable(error: LedgerError) -> PeopleError {
    PeopleError(error.to_string())
}
