//! What stands in the audit log of those who may use the console: who came in, who was let in, who may what.

use super::audit::append;
use super::people::unreadable;
use crate::audit::{Action, Detail, Draft, Object};
use crate::id::PersonId;
use crate::moment::Moment;
use crate::people::{Amendment, By, Identity, PeopleError, Person, PersonName, Role, Session, Stage, Token, Way};
use sqlx::AnyConnection;

/// Somebody was given an account. The first administrator is nobody's guest: of them there is what follows alone.
pub(super) async fn invited(book: &mut AnyConnection, id: PersonId, role: Role, by: &By) -> Result<(), PeopleError> {
    let detail = Detail::default().with("role", role.word());
    write(book, by.clone(), Action::PersonInvited, id, detail).await
}

/// A code was made into a password.
pub(super) async fn admitted(book: &mut AnyConnection, person: &Person, at: Moment) -> Result<(), PeopleError> {
    let detail = Detail::default().with("role", person.role.word());
    write(book, themselves(&person.name, at), Action::PersonAdmitted, person.id, detail).await
}

/// A sign-in provider let somebody in who had no account.
pub(super) async fn let_in(
    book: &mut AnyConnection,
    person: &Person,
    who: &Identity,
    at: Moment,
) -> Result<(), PeopleError> {
    let detail = Detail::default().with("role", person.role.word());
    let detail = detail.with("issuer", who.issuer.as_str()).with("subject", who.subject.as_str());
    write(book, themselves(&person.name, at), Action::PersonAdmitted, person.id, detail).await
}

/// It was said who somebody is at a sign-in provider.
pub(super) async fn joined(
    book: &mut AnyConnection,
    person: (PersonId, &PersonName),
    who: &Identity,
    by: &By,
) -> Result<(), PeopleError> {
    let detail = Detail::default().with("what", "joined").with("name", person.1.as_str());
    let detail = detail.with("issuer", who.issuer.as_str()).with("subject", who.subject.as_str());
    write(book, by.clone(), Action::PersonChanged, person.0, detail).await
}

/// `before` was changed.
pub(super) async fn changed(
    book: &mut AnyConnection,
    before: &Person,
    change: &Amendment,
    by: &By,
) -> Result<(), PeopleError> {
    let Some(word) = change.word() else { return Ok(()) };
    // The name with it: one that is removed is found by its name no more.
    let detail = Detail::default().with("what", word).with("name", before.name.as_str());
    let detail = match change {
        Amendment::Role(role) => detail.with("from", before.role.word()).with("to", role.word()),
        Amendment::Provided(role) => {
            detail.with("from", before.role.word()).with("to", role.map_or("none", |role| role.word()))
        }
        _ => detail,
    };
    write(book, by.clone(), Action::PersonChanged, before.id, detail).await
}

/// Somebody came in. Who has only said their password is not in yet.
pub(super) async fn came_in(book: &mut AnyConnection, session: &Session, name: &PersonName) -> Result<(), PeopleError> {
    if session.stage != Stage::In {
        return Ok(());
    }
    let detail = Detail::default().with("session", session.id.to_string()).with("address", session.address.as_str());
    let detail = if session.proof.way == Way::Password { detail } else { detail.with("way", session.proof.way.word()) };
    write(book, themselves(name, session.made), Action::SignedIn, session.person, detail).await
}

/// A person ended one of their stays.
pub(super) async fn left(
    book: &mut AnyConnection,
    person: (PersonId, &PersonName),
    session: &str,
    at: Moment,
) -> Result<(), PeopleError> {
    let detail = Detail::default().with("session", session);
    write(book, themselves(person.1, at), Action::SignedOut, person.0, detail).await
}

/// A person made a token.
pub(super) async fn token_made(book: &mut AnyConnection, token: &Token, name: &PersonName) -> Result<(), PeopleError> {
    let scopes: Vec<String> = token.scopes.iter().map(|may| may.word().to_owned()).collect();
    let detail = Detail::default()
        .with("token", token.id.to_string())
        .with("label", token.label.as_str())
        .with("scopes", scopes)
        .with("ends", token.ends.to_string());
    write(book, themselves(name, token.made), Action::TokenMade, token.person, detail).await
}

/// A person ended a token.
pub(super) async fn token_ended(
    book: &mut AnyConnection,
    person: (PersonId, &PersonName),
    token: &str,
    at: Moment,
) -> Result<(), PeopleError> {
    let detail = Detail::default().with("token", token);
    write(book, themselves(person.1, at), Action::TokenEnded, person.0, detail).await
}

fn themselves(name: &PersonName, at: Moment) -> By {
    By { actor: name.actor(), at }
}

async fn write(
    book: &mut AnyConnection,
    by: By,
    action: Action,
    person: PersonId,
    detail: Detail,
) -> Result<(), PeopleError> {
    let draft = Draft { at: by.at, actor: by.actor, action, object: Object::Person(person), detail };
    append(book, &draft).await.map(|_| ()).map_err(unreadable)
}
