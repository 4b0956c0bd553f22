//! `/sign-in` and its second step, and `/sign-out`.

use super::doors::{Doors, Peer, Trier};
use super::lang::Viewer;
use super::locksmith::Busy;
use super::next::safe;
use super::serve::Console;
use super::{refusal, render};
use crate::config::SignIn;
use crate::moment::Moment;
use crate::people::{
    Amendment, By, Keys, Pass, PassKind, Password, PeopleError, Person, PersonName, Proof, Seed, Stage, Standing,
};
use axum::Form;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// What a request says of the browser and the way it came.
pub(super) struct Caller {
    pub headers: HeaderMap,
    pub address: String,
}

impl FromRequestParts<Arc<Console>> for Caller {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Infallible> {
        let address = console.address(parts.extensions.get::<Peer>().copied(), &parts.headers);
        Ok(Self { headers: parts.headers.clone(), address })
    }
}

#[derive(Serialize)]
struct SignInPage<'a> {
    name: &'a str,
    next: &'a str,
    error: Option<String>,
    /// Where one signs in by a provider, and what that is called.
    provider: Option<ProviderButton<'a>>,
    /// Whether a password is taken.
    passwords: bool,
}

#[derive(Serialize)]
struct ProviderButton<'a> {
    href: String,
    label: Option<&'a str>,
}

impl<'a> SignInPage<'a> {
    fn of(doors: &'a Doors, name: &'a str, next: &'a str, error: Option<String>) -> Self {
        let provider = doors.provider.as_ref().map(|door| ProviderButton {
            href: format!("/sign-in/provider?{}", onward(next)),
            label: door.label.as_deref(),
        });
        Self { name, next, error, provider, passwords: !doors.provider.as_ref().is_some_and(|door| door.only) }
    }
}

fn onward(next: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish()
}

#[derive(Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    pub next: String,
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct SecondForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// Why somebody was not looked at.
pub(super) enum Trouble {
    /// Too many at once.
    Busy,
    /// People cannot be read or written.
    People(PeopleError),
}

impl From<Busy> for Trouble {
    fn from(_: Busy) -> Self {
        Trouble::Busy
    }
}

impl From<PeopleError> for Trouble {
    fn from(error: PeopleError) -> Self {
        Trouble::People(error)
    }
}

/// The page in the place of one that asks who comes: 401, and what was asked for comes next.
pub(super) fn ask(console: &Console, viewer: &Viewer, next: &str) -> Response {
    say(console, viewer, (StatusCode::UNAUTHORIZED, None), &safe(next))
}

/// The page with what went wrong on the way, if anything.
pub(super) fn say(console: &Console, viewer: &Viewer, said: (StatusCode, Option<String>), next: &str) -> Response {
    show(console, viewer, said.0, SignInPage::of(&console.doors, "", next, said.1))
}

fn show(console: &Console, viewer: &Viewer, status: StatusCode, page: SignInPage<'_>) -> Response {
    render::page_with(console, viewer, "sign-in.html", status, page)
}

/// `GET /sign-in?next=…`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    Query(onward): Query<Onward>,
) -> Response {
    let next = safe(&onward.next);
    if viewer.visitor.is_some() {
        return go(&next, []);
    }
    say(&console, &viewer, (StatusCode::OK, None), &next)
}

/// `POST /sign-in`
pub(super) async fn sign_in(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    caller: Caller,
    Form(form): Form<SignInForm>,
) -> Response {
    let (doors, now, next) = (&console.doors, console.clock.now(), safe(&form.next));
    if doors.sign_in == SignIn::Off {
        return go("/", []);
    }
    if doors.provider.as_ref().is_some_and(|door| door.only) {
        let error = Some(viewer.lang.people_texts().provider_only.to_owned());
        return say(&console, &viewer, (StatusCode::FORBIDDEN, error), &next);
    }
    let trier = doors.trier(&form.name, &caller.headers, &caller.address);
    if let Some(wait) = doors.attempt(&trier, now) {
        return paused(&console, &viewer, (&form.name, &next), wait);
    }
    let proven = prove(doors, &form.name, Password::typed(form.password), now).await;
    let came = match proven {
        Ok(Some((person, _))) if !doors.takes_password(&person) => {
            tracing::warn!(person = %person.id, from = caller.address, "a password that is taken no more was right");
            // As if it were wrong, or who guesses would know that it is right.
            return failed(&console, &viewer, &form.name, &next);
        }
        Ok(Some((person, keys))) => {
            doors.passed(&trier);
            come_in(&console, &caller, (&person, &keys, Proof::default()), &next, now).await
        }
        Ok(None) => {
            tracing::warn!(from = caller.address, "a sign-in failed");
            return failed(&console, &viewer, &form.name, &next);
        }
        Err(trouble) => Err(trouble),
    };
    came.unwrap_or_else(|trouble| troubled(&console, &viewer, &trouble))
}

/// The page again, for whoever did not prove who they are: one answer, whatever was wrong.
fn failed(console: &Console, viewer: &Viewer, name: &str, next: &str) -> Response {
    let error = Some(viewer.lang.people_texts().wrong_password.to_owned());
    show(console, viewer, StatusCode::UNAUTHORIZED, SignInPage::of(&console.doors, name, next, error))
}

/// Who has this name and password. One password is hashed in any case, so that a name that is there takes as long as one
/// that is not.
pub(super) async fn prove(
    doors: &Doors,
    name: &str,
    password: Password,
    now: Moment,
) -> Result<Option<(Person, Keys)>, Trouble> {
    let known = match name.parse::<PersonName>() {
        Ok(name) => doors.register.named(&name).await?,
        Err(_) => None,
    };
    let known = known.filter(|(person, _)| person.standing == Standing::Active);
    let hash = known.as_ref().and_then(|(_, keys)| keys.password.clone());
    let outdated = hash.as_ref().is_some_and(|hash| hash.is_outdated());
    if !doors.locksmith.fits(password.clone(), hash).await? {
        return Ok(None);
    }
    if let Some((person, _)) = known.as_ref().filter(|_| outdated) {
        let hash = doors.locksmith.hash(password).await?;
        let by = By { actor: person.name.actor(), at: now };
        // Only the newer hash is lost when nothing is changed.
        let _ = doors.register.amend(person.id, &Amendment::Rehashed(hash), &by).await?;
    }
    Ok(known)
}

/// Goes on with somebody who has proven the first part of who they are: to their second factor, or in.
pub(super) async fn come_in(
    console: &Console,
    caller: &Caller,
    who: (&Person, &Keys, Proof),
    next: &str,
    now: Moment,
) -> Result<Response, Trouble> {
    let (person, keys, proof) = who;
    let request = (&caller.headers, caller.address.as_str());
    if keys.asked().is_some() {
        let cookie = console.doors.begin(person.id, (Stage::Halfway, proof), request, now).await?;
        return Ok(go(&format!("/sign-in/second?{}", onward(next)), [cookie]));
    }
    arrive(console, caller, (person, proof), next, now).await
}

/// Begins the session of somebody who has proven who they are.
pub(super) async fn arrive(
    console: &Console,
    caller: &Caller,
    who: (&Person, Proof),
    next: &str,
    now: Moment,
) -> Result<Response, Trouble> {
    let (doors, (person, proof)) = (&console.doors, who);
    let cookie = doors.begin(person.id, (Stage::In, proof), (&caller.headers, &caller.address), now).await?;
    tracing::info!(person = %person.id, from = caller.address, by = proof.way.word(), "signed in");
    Ok(go(next, [cookie, doors.device(&person.name)]))
}

/// `GET /sign-in/second`
pub(super) async fn second_page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    caller: Caller,
    Query(onward): Query<Onward>,
) -> Response {
    let next = safe(&onward.next);
    match console.doors.stay(&caller.headers, Stage::Halfway, console.clock.now()).await {
        Ok(Some(_)) => show_second(&console, &viewer, StatusCode::OK, &next, None),
        Ok(None) => go("/sign-in", []),
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

fn show_second(console: &Console, viewer: &Viewer, status: StatusCode, next: &str, error: Option<String>) -> Response {
    render::page_with(console, viewer, "second.html", status, SignInPage::of(&console.doors, "", next, error))
}

/// `POST /sign-in/second`
pub(super) async fn second(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    caller: Caller,
    Form(form): Form<SecondForm>,
) -> Response {
    let (doors, now, next) = (&console.doors, console.clock.now(), safe(&form.next));
    let (person, proof) = match doors.stay(&caller.headers, Stage::Halfway, now).await {
        Ok(Some((halfway, person))) => (person, halfway.proof),
        Ok(None) => return go("/sign-in", []),
        Err(error) => return refusal::people(&console, &viewer, &error),
    };
    let trier = Trier::of_person("second", person.id, &caller.address);
    if let Some(wait) = doors.attempt(&trier, now) {
        let error = viewer.lang.people_texts().wait.replace("{}", &viewer.lang.duration(wait));
        let mut response = show_second(&console, &viewer, StatusCode::TOO_MANY_REQUESTS, &next, Some(error));
        retry_after(&mut response, wait);
        return response;
    }
    let came = match takes(doors, &person, &form.code, now).await {
        Ok(true) => {
            doors.passed(&trier);
            arrive(&console, &caller, (&person, proof), &next, now).await
        }
        Ok(false) => {
            let error = Some(viewer.lang.people_texts().wrong_code.to_owned());
            return show_second(&console, &viewer, StatusCode::UNAUTHORIZED, &next, error);
        }
        Err(error) => Err(error.into()),
    };
    came.unwrap_or_else(|trouble| troubled(&console, &viewer, &trouble))
}

/// Whether `code` is one of the person's second factor, or a recovery code of theirs; it is used up by that.
async fn takes(doors: &Doors, person: &Person, code: &str, now: Moment) -> Result<bool, PeopleError> {
    let Some((_, keys)) = doors.register.person(person.id).await? else { return Ok(false) };
    let Some(second) = keys.asked() else { return Ok(false) };
    let Some(seed) = Seed::open(&doors.key, person.id, &second.seed) else {
        tracing::error!(person = %person.id, "a second factor was sealed with another key");
        return Ok(false);
    };
    if let Some(step) = seed.step_of(code, now, second.step) {
        return doors.register.take_step(person.id, step).await;
    }
    doors.register.take_recovery(person.id, &Pass::claimed(PassKind::Recovery, code).hash()).await
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(console): State<Arc<Console>>, viewer: Viewer, caller: Caller) -> Response {
    match console.doors.end_what_came(&caller.headers, console.clock.now()).await {
        Ok(()) => go("/sign-in", [console.doors.no_session()]),
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

fn paused(console: &Console, viewer: &Viewer, form: (&str, &str), wait: Duration) -> Response {
    let error = viewer.lang.people_texts().wait.replace("{}", &viewer.lang.duration(wait));
    let page = SignInPage::of(&console.doors, form.0, form.1, Some(error));
    let mut response = show(console, viewer, StatusCode::TOO_MANY_REQUESTS, page);
    retry_after(&mut response, wait);
    response
}

/// Says how long to wait, in whole seconds.
pub(super) fn retry_after(response: &mut Response, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

/// The answer when nobody could be looked at.
pub(super) fn troubled(console: &Console, viewer: &Viewer, trouble: &Trouble) -> Response {
    match trouble {
        Trouble::People(error) => refusal::people(console, viewer, error),
        Trouble::Busy => {
            let mut response = refusal::crowded(console, viewer);
            retry_after(&mut response, Duration::from_secs(5));
            response
        }
    }
}

/// Leads on to `place`, which is one of ours, with cookies.
pub(super) fn go<const N: usize>(place: &str, cookies: [HeaderValue; N]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, place);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
