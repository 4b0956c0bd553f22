//! Who people are at a sign-in provider.

use super::people::{add, failed, name_of, person, unreadable, with_keys};
use super::{Store, people_audit, trouble};
use crate::id::PersonId;
use crate::moment::Moment;
use crate::people::{By, Identities, Identity, Keys, PeopleError, Person, PersonName, Role, Standing};
use sqlx::AnyConnection;

const IDENTIFIED: &str = "SELECT people.*, \
    (SELECT COUNT(*) FROM recovery_codes WHERE recovery_codes.person = people.id) AS recovery_left \
    FROM identities JOIN people ON people.id = identities.person \
    WHERE identities.issuer = $1 AND identities.subject = $2";
const JOIN: &str = "INSERT INTO identities (issuer, subject, person, made) VALUES ($1, $2, $3, $4)";
const ANOTHERS: &str = "SELECT COUNT(*) FROM former_names WHERE folded = $1 AND NOT (issuer = $2 AND subject = $3)";
const BIND: &str = "UPDATE people SET joined = $2, password_too = 0 WHERE id = $1";
const VOUCHED: &str = "UPDATE people SET vouched = $2 WHERE id = $1 AND joined IS NOT NULL";
// Who had not come in yet needs no code any more: one that is still out would be a second way in.
const AWAITED: &str = "UPDATE people SET standing = 'active' WHERE id = $1 AND standing = 'invited'";

#[async_trait::async_trait]
impl Identities for Store {
    async fn identified(&self, who: &Identity) -> Result<Option<(Person, Keys)>, PeopleError> {
        let row = sqlx::query(IDENTIFIED).bind(who.issuer.as_str()).bind(who.subject.as_str());
        let row = row.fetch_optional(&self.readers).await.map_err(|e| failed(&e))?;
        row.as_ref().map(with_keys).transpose()
    }

    async fn admit(
        &self,
        who: &Identity,
        name: &PersonName,
        role: Role,
        now: Moment,
    ) -> Result<Option<Person>, PeopleError> {
        let mut book = self.begin().await.map_err(unreadable)?;
        let anothers = sqlx::query_scalar::<_, i64>(ANOTHERS).bind(name.folded());
        let anothers = anothers.bind(who.issuer.as_str()).bind(who.subject.as_str()).fetch_one(&mut *book).await;
        if anothers.map_err(|e| failed(&e))? > 0 {
            return Ok(None);
        }
        let id = PersonId::fresh();
        if !add(&mut book, (id, name), role, Standing::Active, (now, None)).await?
            || !note(&mut book, id, who, now).await?
        {
            return Ok(None);
        }
        for statement in [BIND, VOUCHED] {
            bound(&mut book, statement, id, now).await?;
        }
        let row = sqlx::query("SELECT * FROM people WHERE id = $1").bind(id.to_string());
        let admitted = person(&row.fetch_one(&mut *book).await.map_err(|e| failed(&e))?)?;
        people_audit::let_in(&mut book, &admitted, who, now).await?;
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(Some(admitted))
    }

    async fn vouched(&self, person: PersonId, now: Moment) -> Result<(), PeopleError> {
        let row = sqlx::query(VOUCHED).bind(person.to_string()).bind(now.as_millis());
        row.execute(&self.writer).await.map(|_| ()).map_err(|e| failed(&e))
    }

    async fn join(&self, person: PersonId, who: &Identity, by: &By) -> Result<bool, PeopleError> {
        let mut book = self.begin().await.map_err(unreadable)?;
        let Some(name) = name_of(&mut book, person).await? else { return Ok(false) };
        if !note(&mut book, person, who, by.at).await? {
            return Ok(false);
        }
        bound(&mut book, BIND, person, by.at).await?;
        let id = person.to_string();
        for statement in [AWAITED, "DELETE FROM welcomes WHERE person = $1"] {
            sqlx::query(statement).bind(id.as_str()).execute(&mut *book).await.map_err(|e| failed(&e))?;
        }
        people_audit::joined(&mut book, (person, &name), who, by).await?;
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(true)
    }
}

async fn bound(
    book: &mut AnyConnection,
    statement: &'static str,
    person: PersonId,
    now: Moment,
) -> Result<(), PeopleError> {
    let row = sqlx::query(statement).bind(person.to_string()).bind(now.as_millis());
    row.execute(book).await.map(|_| ()).map_err(|e| failed(&e))
}

/// Notes who somebody is; `false` when that is somebody already.
async fn note(book: &mut AnyConnection, person: PersonId, who: &Identity, now: Moment) -> Result<bool, PeopleError> {
    let row = sqlx::query(JOIN).bind(who.issuer.as_str()).bind(who.subject.as_str());
    match row.bind(person.to_string()).bind(now.as_millis()).execute(book).await {
        Ok(_) => Ok(true),
        Err(error) if trouble::is_duplicate(&error) => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}
