//! `/people`: who may use the console, and as what.

use super::calendar::{When, when};
use super::lang::Viewer;
use super::serve::Console;
use super::sign_in::go;
use super::visitor::Visitor;
use super::{refusal, render};
use crate::id::PersonId;
use crate::moment::Moment;
use crate::people::{
    Amendment, By, May, NotAmended, Offer, Pass, PassKind, PeopleError, Person, PersonName, Role, fresh_bytes,
};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How long an invitation is good.
const INVITED_FOR: Duration = Duration::from_secs(72 * 3600);

#[derive(Serialize)]
struct PeoplePage<'a> {
    people: Vec<PersonView<'a>>,
    roles: Vec<RoleView>,
    rights: Vec<RightView>,
    error: Option<&'a str>,
    /// A one-time code, and whom it is for.
    code: Option<(&'a str, &'a str)>,
    /// Whether nobody is asked to sign in.
    open: bool,
}

#[derive(Serialize)]
struct PersonView<'a> {
    id: String,
    name: &'a str,
    role: &'static str,
    standing: &'static str,
    standing_name: &'static str,
    second: bool,
    since: When,
    yourself: bool,
    bond: Option<BondView>,
}

/// What ties somebody to the sign-in provider.
#[derive(Serialize)]
struct BondView {
    vouched: Option<When>,
    /// Whether that is so long ago that their tokens are not taken.
    rests: bool,
    password_too: bool,
}

#[derive(Serialize)]
struct RoleView {
    word: &'static str,
    name: &'static str,
    says: &'static str,
}

/// One line of the table of rights.
#[derive(Serialize)]
struct RightView {
    name: &'static str,
    granted: Vec<bool>,
}

#[derive(Deserialize)]
pub(super) struct InviteForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

#[derive(Deserialize)]
pub(super) struct RoleForm {
    #[serde(default)]
    role: String,
}

/// What is said besides the list.
#[derive(Default)]
struct Said<'a> {
    error: Option<&'a str>,
    code: Option<(&'a str, &'a Pass)>,
}

/// `GET /people`
pub(super) async fn page(State(console): State<Arc<Console>>, viewer: Viewer, visitor: Visitor) -> Response {
    show(&console, &viewer, &visitor, StatusCode::OK, Said::default()).await
}

/// `POST /people`: adds somebody and shows the one-time code that gives them a password.
pub(super) async fn invite(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Form(form): Form<InviteForm>,
) -> Response {
    let p = viewer.lang.people_texts();
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let wrong = |error| Said { error: Some(error), code: None };
    let name: PersonName = match form.name.parse() {
        Ok(name) => name,
        Err(why) => return show(&console, &viewer, &visitor, refused, wrong(p.name_refused(why))).await,
    };
    let Some(role) = Role::named(&form.role) else {
        return show(&console, &viewer, &visitor, refused, wrong(p.no_such_role)).await;
    };
    let (code, now) = (Pass::of(PassKind::Welcome, fresh_bytes()), console.clock.now());
    let (offer, by) = (Offer::Invited(name.clone(), role), By { actor: visitor.actor(), at: now });
    match console.doors.register.offer(&offer, &code.hash(), now.after(INVITED_FOR), &by).await {
        Ok(Some(())) => {
            // They may be back, which nobody but who invites can know.
            let said = match console.doors.register.was_anothers(&name).await {
                Ok(was) => Said { error: was.then_some(p.name_anothers), code: Some((name.as_str(), &code)) },
                Err(error) => return refusal::people(&console, &viewer, &error),
            };
            show(&console, &viewer, &visitor, StatusCode::OK, said).await
        }
        Ok(None) => show(&console, &viewer, &visitor, StatusCode::CONFLICT, wrong(p.name_taken)).await,
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

/// `POST /people/{id}/role`
pub(super) async fn role(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<RoleForm>,
) -> Response {
    match Role::named(&form.role) {
        Some(role) => amend(&console, &viewer, &visitor, &id, Amendment::Role(role)).await,
        None => {
            let said = Said { error: Some(viewer.lang.people_texts().no_such_role), code: None };
            show(&console, &viewer, &visitor, StatusCode::UNPROCESSABLE_ENTITY, said).await
        }
    }
}

/// `POST /people/{id}/disable`
pub(super) async fn disable(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    amend(&console, &viewer, &visitor, &id, Amendment::Disabled).await
}

/// `POST /people/{id}/enable`
pub(super) async fn enable(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    amend(&console, &viewer, &visitor, &id, Amendment::Enabled).await
}

/// `POST /people/{id}/password/grant`: somebody the sign-in provider vouches for comes in by password, too.
pub(super) async fn grant_password(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    amend(&console, &viewer, &visitor, &id, Amendment::PasswordGranted).await
}

/// `POST /people/{id}/password/withdraw`
pub(super) async fn withdraw_password(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    amend(&console, &viewer, &visitor, &id, Amendment::PasswordWithdrawn).await
}

/// `POST /people/{id}/remove`
pub(super) async fn remove(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    amend(&console, &viewer, &visitor, &id, Amendment::Removed).await
}

/// `POST /people/{id}/reset`: takes password and second factor away and shows the code for a new password.
pub(super) async fn reset(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let code = Pass::of(PassKind::Welcome, fresh_bytes());
    let until = console.clock.now().after(INVITED_FOR);
    let name = match named(&console, &id).await {
        Ok(Some(name)) => name,
        Ok(None) => return refusal::absent(&console, &viewer),
        Err(error) => return refusal::people(&console, &viewer, &error),
    };
    let response =
        amend(&console, &viewer, &visitor, &id, Amendment::Reset { code: code.hash(), until, at_machine: false }).await;
    // One who resets themselves has no session to see the code with: it is shown in this very answer.
    if response.status() != StatusCode::SEE_OTHER {
        return response;
    }
    show(&console, &viewer, &visitor, StatusCode::OK, Said { error: None, code: Some((&name, &code)) }).await
}

async fn named(console: &Console, id: &str) -> Result<Option<String>, PeopleError> {
    let Ok(id) = id.parse::<PersonId>() else { return Ok(None) };
    Ok(console.doors.register.person(id).await?.map(|(person, _)| person.name.to_string()))
}

async fn amend(console: &Console, viewer: &Viewer, visitor: &Visitor, id: &str, change: Amendment) -> Response {
    let Ok(id) = id.parse::<PersonId>() else { return refusal::absent(console, viewer) };
    let by = By { actor: visitor.actor(), at: console.clock.now() };
    match console.doors.register.amend(id, &change, &by).await {
        Ok(Ok(())) => {
            console.doors.tell_endings();
            go("/people", [])
        }
        Ok(Err(NotAmended::Unknown | NotAmended::NotJoined)) => refusal::absent(console, viewer),
        Ok(Err(NotAmended::LastAdministrator)) => {
            let said = Said { error: Some(viewer.lang.people_texts().last_administrator), code: None };
            show(console, viewer, visitor, StatusCode::CONFLICT, said).await
        }
        Err(error) => refusal::people(console, viewer, &error),
    }
}

async fn show(console: &Console, viewer: &Viewer, visitor: &Visitor, status: StatusCode, said: Said<'_>) -> Response {
    let everybody = match console.doors.register.everybody().await {
        Ok(everybody) => everybody,
        Err(error) => return refusal::people(console, viewer, &error),
    };
    let p = viewer.lang.people_texts();
    let now = console.clock.now();
    let time = |at: Moment| when(at, now, &console.zone, viewer.lang);
    let bond = |person: &Person| {
        let bond = person.bond.filter(|_| console.doors.provider.is_some());
        bond.map(|bond| BondView {
            vouched: bond.vouched.map(time),
            rests: !console.doors.takes_tokens(person, now),
            password_too: bond.password_too,
        })
    };
    let people = everybody.iter().map(|person| PersonView {
        id: person.id.to_string(),
        name: person.name.as_str(),
        role: person.role.word(),
        standing: person.standing.word(),
        standing_name: p.standing_word(person.standing),
        second: person.second,
        since: time(person.made),
        yourself: visitor.person == Some(person.id),
        bond: bond(person),
    });
    let page = PeoplePage {
        people: people.collect(),
        roles: Role::ALL
            .into_iter()
            .map(|role| RoleView { word: role.word(), name: p.role_word(role), says: p.role_says(role) })
            .collect(),
        rights: May::ALL
            .into_iter()
            .map(|may| RightView { name: p.may_word(may), granted: Role::ALL.map(|role| role.may(may)).into() })
            .collect(),
        error: said.error,
        code: said.code.map(|(name, code)| (name, code.expose())),
        open: visitor.person.is_none(),
    };
    render::page_with(console, viewer, "people.html", status, page)
}
