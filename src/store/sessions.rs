//! Stays at the console and tokens, by the hash of what opens them.

use super::Store;
use super::people::{failed, name_of, person, unreadable};
use super::row::Read;
use super::{people_audit, trouble};
use crate::id::{PersonId, SessionId, TokenId};
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::people::{May, PassHash, PeopleError, Person, Proof, Session, Sessions, Stage, Token, Tokens};
use sqlx::any::AnyRow;
use std::collections::BTreeSet;

const BEGIN: &str = "INSERT INTO sessions (id, hash, person, stage, made, seen, ends, browser, address, way, fresh) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const SESSION: &str = "SELECT sessions.id AS session, sessions.hash, sessions.person, sessions.stage, \
    sessions.made AS began, sessions.seen, sessions.ends, sessions.browser, sessions.address, sessions.way, sessions.fresh, people.id, people.name, \
    people.role, people.standing, people.made, people.confirmed, people.joined, people.vouched, people.password_too \
    FROM sessions JOIN people ON people.id = sessions.person WHERE sessions.hash = $1";
const SESSIONS_OF: &str = "SELECT id AS session, hash, person, stage, made AS began, seen, ends, browser, address, way, fresh \
    FROM sessions WHERE person = $1 ORDER BY seen DESC, id DESC";
const ADD_TOKEN: &str = "INSERT INTO tokens (id, hash, person, label, scopes, made, ends) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const TOKEN: &str = "SELECT tokens.id AS token, tokens.hash, tokens.person, tokens.label, tokens.scopes, \
    tokens.made AS began, tokens.ends, tokens.used, people.id, people.name, people.role, people.standing, people.made, \
    people.confirmed, people.joined, people.vouched, people.password_too FROM tokens JOIN people ON people.id = tokens.person WHERE tokens.hash = $1";
const TOKENS_OF: &str = "SELECT id AS token, hash, person, label, scopes, made AS began, ends, used \
    FROM tokens WHERE person = $1 ORDER BY made DESC, id DESC";

#[async_trait::async_trait]
impl Sessions for Store {
    async fn begin(&self, session: &Session) -> Result<(), PeopleError> {
        let mut book = Store::begin(self).await.map_err(unreadable)?;
        let ended = sqlx::query("DELETE FROM sessions WHERE ends <= $1").bind(session.made.as_millis());
        ended.execute(&mut *book).await.map_err(|e| failed(&e))?;
        let row = sqlx::query(BEGIN)
            .bind(session.id.to_string())
            .bind(session.hash.as_str())
            .bind(session.person.to_string())
            .bind(session.stage.word())
            .bind(session.made.as_millis())
            .bind(session.seen.as_millis())
            .bind(session.ends.as_millis())
            .bind(session.browser.as_str())
            .bind(session.address.as_str())
            .bind(session.proof.way.word())
            .bind(session.proof.fresh.map(Moment::as_millis));
        row.execute(&mut *book).await.map_err(|e| failed(&e))?;
        if let Some(name) = name_of(&mut book, session.person).await? {
            people_audit::came_in(&mut book, session, &name).await?;
        }
        book.commit().await.map_err(|e| failed(&e))
    }

    async fn session(&self, hash: &PassHash) -> Result<Option<(Session, Person)>, PeopleError> {
        let row = sqlx::query(SESSION).bind(hash.as_str()).fetch_optional(&self.readers).await;
        let row = row.map_err(|e| failed(&e))?;
        row.map(|row| Ok((session(&row)?, person(&row)?))).transpose()
    }

    async fn seen(&self, id: SessionId, now: Moment) -> Result<(), PeopleError> {
        let row = sqlx::query("UPDATE sessions SET seen = $2 WHERE id = $1").bind(id.to_string()).bind(now.as_millis());
        row.execute(&self.writer).await.map(|_| ()).map_err(|e| failed(&e))
    }

    async fn sessions_of(&self, person: PersonId) -> Result<Vec<Session>, PeopleError> {
        let rows = sqlx::query(SESSIONS_OF).bind(person.to_string()).fetch_all(&self.readers).await;
        rows.map_err(|e| failed(&e))?.iter().map(session).collect()
    }

    async fn end(&self, person: PersonId, id: SessionId, now: Moment) -> Result<bool, PeopleError> {
        let mut book = Store::begin(self).await.map_err(unreadable)?;
        let id = id.to_string();
        // Who has only said their password was never in.
        let stood = sqlx::query("SELECT stage FROM sessions WHERE person = $1 AND id = $2");
        let stood =
            stood.bind(person.to_string()).bind(&id).fetch_optional(&mut *book).await.map_err(|e| failed(&e))?;
        let Some(stood) = stood else { return Ok(false) };
        let row = sqlx::query("DELETE FROM sessions WHERE person = $1 AND id = $2");
        let row = row.bind(person.to_string()).bind(&id).execute(&mut *book).await;
        row.map_err(|e| failed(&e))?;
        let stage: Stage = Read(&stood).word("stage").map_err(unreadable)?;
        if let (Stage::In, Some(name)) = (stage, name_of(&mut book, person).await?) {
            people_audit::left(&mut book, (person, &name), &id, now).await?;
        }
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(true)
    }
}

#[async_trait::async_trait]
impl Tokens for Store {
    async fn add_token(&self, token: &Token) -> Result<(), PeopleError> {
        let mut book = Store::begin(self).await.map_err(unreadable)?;
        let scopes: Vec<&str> = token.scopes.iter().map(|may| may.word()).collect();
        let row = sqlx::query(ADD_TOKEN)
            .bind(token.id.to_string())
            .bind(token.hash.as_str())
            .bind(token.person.to_string())
            .bind(token.label.as_str())
            .bind(scopes.join(" "))
            .bind(token.made.as_millis())
            .bind(token.ends.as_millis());
        row.execute(&mut *book).await.map_err(|e| failed(&e))?;
        if let Some(name) = name_of(&mut book, token.person).await? {
            people_audit::token_made(&mut book, token, &name).await?;
        }
        book.commit().await.map_err(|e| failed(&e))
    }

    async fn token(&self, hash: &PassHash) -> Result<Option<(Token, Person)>, PeopleError> {
        let row = sqlx::query(TOKEN).bind(hash.as_str()).fetch_optional(&self.readers).await;
        let row = row.map_err(|e| failed(&e))?;
        row.map(|row| Ok((token(&row)?, person(&row)?))).transpose()
    }

    async fn token_used(&self, id: TokenId, now: Moment) -> Result<(), PeopleError> {
        let row = sqlx::query("UPDATE tokens SET used = $2 WHERE id = $1").bind(id.to_string()).bind(now.as_millis());
        row.execute(&self.writer).await.map(|_| ()).map_err(|e| failed(&e))
    }

    async fn tokens_of(&self, person: PersonId) -> Result<Vec<Token>, PeopleError> {
        let rows = sqlx::query(TOKENS_OF).bind(person.to_string()).fetch_all(&self.readers).await;
        rows.map_err(|e| failed(&e))?.iter().map(token).collect()
    }

    async fn end_token(&self, person: PersonId, id: TokenId, now: Moment) -> Result<bool, PeopleError> {
        let mut book = Store::begin(self).await.map_err(unreadable)?;
        let id = id.to_string();
        let row = sqlx::query("DELETE FROM tokens WHERE person = $1 AND id = $2");
        let row = row.bind(person.to_string()).bind(&id).execute(&mut *book).await;
        let ended = row.map_err(|e| failed(&e))?.rows_affected() == 1;
        if let Some(name) = name_of(&mut book, person).await?.filter(|_| ended) {
            people_audit::token_ended(&mut book, (person, &name), &id, now).await?;
        }
        book.commit().await.map_err(|e| failed(&e))?;
        Ok(ended)
    }
}

fn hash(row: &Read<'_>) -> Result<PassHash, LedgerError> {
    row.text("hash")?.parse().map_err(|()| trouble::unreadable("hash", "…"))
}

fn session(row: &AnyRow) -> Result<Session, PeopleError> {
    let row = Read(row);
    let read = || {
        Ok(Session {
            id: row.id("session")?,
            hash: hash(&row)?,
            person: row.id("person")?,
            stage: row.word("stage")?,
            made: row.moment("began")?,
            seen: row.moment("seen")?,
            ends: row.moment("ends")?,
            browser: row.text("browser")?,
            address: row.text("address")?,
            proof: Proof { way: row.word("way")?, fresh: row.maybe_moment("fresh")? },
        })
    };
    read().map_err(unreadable)
}

fn token(row: &AnyRow) -> Result<Token, PeopleError> {
    let row = Read(row);
    let read = || {
        let scopes = row.text("scopes")?;
        let named = |word: &str| May::named(word).ok_or_else(|| trouble::unreadable("scopes", word));
        Ok(Token {
            id: row.id("token")?,
            hash: hash(&row)?,
            person: row.id("person")?,
            label: row.text("label")?,
            scopes: scopes.split_whitespace().map(named).collect::<Result<BTreeSet<May>, _>>()?,
            made: row.moment("began")?,
            ends: row.moment("ends")?,
            used: row.maybe_moment("used")?,
        })
    };
    read().map_err(unreadable)
}
