//! `/sign-in/provider` and the way back from it: sign-in at another system, by OpenID Connect.
//!
//! The way there and back belongs to one browser: what it must come back with is sealed into a cookie, and good once. Who
//! comes back with anything else came from somewhere else, and is not looked at.

use super::cookies::cookie;
use super::doors::Trier;
use super::lang::Viewer;
use super::next::safe;
use super::refusal;
use super::serve::Console;
use super::sign_in::{Caller, Onward, Trouble, come_in, go, retry_after, say, troubled};
use super::visitor::Visitor;
use crate::config::SignIn;
use crate::id::PersonId;
use crate::moment::Moment;
use crate::people::{
    Amendment, By, Identity, Keys, NotVouched, Passage, Person, PersonName, Proof, Provider, ProviderRules,
    ProviderTrouble, Role, SecondBy, Standing, Strangers, Vouched, Way, fresh_bytes,
};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// The cookie of a way that was begun.
const PASSAGE: &str = "gengfu_passage";
/// What such a cookie is sealed for.
const SEALED_FOR: &str = "passage";
/// How long somebody may take to sign in there.
const PASSAGE_FOR: Duration = Duration::from_secs(600);
/// Ways that are remembered to be gone already. When there are more, nobody else comes back until some are forgotten.
const GONE_MAX: usize = 20_000;

/// A system that says who people are, and what is made of that.
pub struct ProviderDoor {
    /// The system.
    pub provider: Arc<dyn Provider>,
    /// What is made of what it says.
    pub rules: ProviderRules,
    /// Its name, as the system itself says it; an answer in another's name is refused.
    pub issuer: String,
    /// What its button says, if not what it says to everybody.
    pub label: Option<String>,
    /// Whether passwords are not taken besides it.
    pub only: bool,
}

/// Ways back that were gone, for as long as their cookies are good.
#[derive(Default)]
pub(super) struct Gone(Mutex<HashMap<String, Moment>>);

impl Gone {
    /// Goes the way of `state`; `false` when it was gone before.
    fn goes(&self, state: &str, now: Moment) -> bool {
        let mut gone = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gone.retain(|_, at| now.since(*at) < PASSAGE_FOR);
        gone.len() < GONE_MAX && gone.insert(state.to_owned(), now).is_none()
    }
}

/// What a browser that was led away brings back in its cookie.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    until: i64,
    /// Who is to prove anew that it is they, and since when.
    #[serde(default)]
    anew: Option<(String, i64)>,
}

/// What comes back in the address.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
}

/// `GET /sign-in/provider?next=…`
pub(super) async fn leave(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    Query(onward): Query<Onward>,
) -> Response {
    let viewer = elsewhere(viewer);
    let (doors, now, next) = (&console.doors, console.clock.now(), safe(&onward.next));
    let (Some(door), Some(back)) = (&doors.provider, back_to(&console)) else { return go("/sign-in", []) };
    if viewer.visitor.is_some() {
        return go(&next, []);
    }
    lead(&console, &viewer, (door, &back), (next, None), now).await
}

/// `GET /account/anew`: has somebody who is in prove at the provider that it is still they.
pub(super) async fn anew(State(console): State<Arc<Console>>, viewer: Viewer, visitor: Visitor) -> Response {
    let viewer = elsewhere(viewer);
    let (doors, now, next) = (&console.doors, console.clock.now(), "/account".to_owned());
    let (Some(door), Some(back)) = (&doors.provider, back_to(&console)) else { return go(&next, []) };
    let Some(person) = visitor.person else { return refusal::absent(&console, &viewer) };
    lead(&console, &viewer, (door, &back), (next, Some(person)), now).await
}

/// Leads a browser away.
async fn lead(
    console: &Console,
    viewer: &Viewer,
    (door, back): (&ProviderDoor, &Url),
    (next, anew): (String, Option<PersonId>),
    now: Moment,
) -> Response {
    let doors = &console.doors;
    let chance = || URL_SAFE_NO_PAD.encode(fresh_bytes::<32>());
    let passage = Passage { state: chance(), nonce: chance(), verifier: chance(), anew: anew.map(|_| now) };
    let there = match door.provider.address(&passage, back, now).await {
        Ok(there) => there,
        Err(trouble) => return said(console, viewer, door, &trouble, &next),
    };
    let Passage { state, nonce, verifier, .. } = passage;
    let anew = anew.map(|person| (person.to_string(), now.as_millis()));
    let kept = Kept { state, nonce, verifier, next, until: now.after(PASSAGE_FOR).as_millis(), anew };
    let kept = serde_json::to_vec(&kept).expect("invariant: texts and a number are JSON");
    let sealed = doors.key.seal(SEALED_FOR, &kept, fresh_bytes());
    let Ok(there) = HeaderValue::from_str(there.as_str()) else { return go("/sign-in", []) };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, there);
    let cookie = doors.wire.set(PASSAGE, &sealed.to_string(), Some(PASSAGE_FOR.as_secs()));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// `GET /sign-in/provider/back?code=…&state=…`. It begins a session, and only for the browser that was led away.
pub(super) async fn back(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    caller: Caller,
    Query(answer): Query<Answer>,
) -> Response {
    let mut response = come_back(&console, &elsewhere(viewer), &caller, &answer).await;
    // Whatever became of it, this way is gone.
    response.headers_mut().append(header::SET_COOKIE, console.doors.wire.set(PASSAGE, "", Some(0)));
    response
}

/// What is said here stands on the page of sign-in, whose links lead there: not back to an address with a code in it, which
/// is nobody's to read and good no more.
fn elsewhere(viewer: Viewer) -> Viewer {
    Viewer { here: "/sign-in".to_owned(), ..viewer }
}

async fn come_back(console: &Console, viewer: &Viewer, caller: &Caller, answer: &Answer) -> Response {
    let (doors, now, p) = (&console.doors, console.clock.now(), viewer.lang.people_texts());
    if doors.sign_in == SignIn::Off {
        return go("/", []);
    }
    let (Some(door), Some(back)) = (&doors.provider, back_to(console)) else { return go("/sign-in", []) };
    let lost = || {
        tracing::warn!(from = caller.address, "somebody came back from the sign-in provider who was not led there");
        say(console, viewer, (StatusCode::BAD_REQUEST, Some(p.provider_lost.to_owned())), "/")
    };
    let Some(kept) = kept(console, &caller.headers, now).filter(|kept| kept.state == answer.state) else {
        return lost();
    };
    let next = safe(&kept.next);
    let foreign = answer.iss.as_ref().is_some_and(|issuer| *issuer != door.issuer);
    let Some(code) = answer.code.as_deref().filter(|_| !foreign) else {
        tracing::warn!(from = caller.address, "the sign-in provider sent somebody back without a code, or another did");
        return say(console, viewer, (StatusCode::UNAUTHORIZED, Some(p.provider_refused.to_owned())), &next);
    };
    // Counted by the address alone, among all that fail there: nobody can guess a code. Only then is the way remembered, so
    // that nobody fills what is remembered faster than they are let try.
    let trier = Trier::of_way(&kept.state, &caller.address);
    if let Some(wait) = doors.attempt(&trier, now) {
        let error = p.wait.replace("{}", &viewer.lang.duration(wait));
        let mut response = say(console, viewer, (StatusCode::TOO_MANY_REQUESTS, Some(error)), &next);
        retry_after(&mut response, wait);
        return response;
    }
    if !doors.gone.goes(&kept.state, now) {
        return lost();
    }
    let since = kept.anew.as_ref().map(|(_, since)| Moment::from_millis(*since));
    let passage = Passage { state: kept.state, nonce: kept.nonce, verifier: kept.verifier, anew: since };
    let vouched = match door.provider.vouch(code, &passage, &back, now).await {
        Ok(vouched) => vouched,
        Err(trouble) => {
            // That the provider is down is no visitor's failure.
            if matches!(trouble, ProviderTrouble::Down(_)) {
                doors.passed(&trier);
            }
            return said(console, viewer, door, &trouble, &next);
        }
    };
    doors.passed(&trier);
    if let Some((whose, _)) = &kept.anew {
        match doors.register.identified(&vouched.identity).await {
            Ok(Some((person, _))) if person.id.to_string() == *whose => {}
            Ok(_) => return say(console, viewer, (StatusCode::FORBIDDEN, Some(p.provider_other.to_owned())), &next),
            Err(error) => return troubled(console, viewer, &error.into()),
        }
    }
    match admit(console, viewer, door, &vouched, now).await {
        Ok(Ok((person, keys))) => {
            let proof = Proof { way: Way::Provider, fresh: vouched.anew };
            let come = come_in(console, caller, (&person, &keys, proof), &next, now).await;
            come.unwrap_or_else(|trouble| troubled(console, viewer, &trouble))
        }
        Ok(Err(why)) => {
            let subject = &vouched.identity.subject;
            tracing::warn!(
                ?subject,
                from = caller.address,
                "the sign-in provider vouches for somebody who does not come in"
            );
            say(console, viewer, (StatusCode::FORBIDDEN, Some(why)), &next)
        }
        Err(trouble) => troubled(console, viewer, &trouble),
    }
}

/// Whom a provider has vouched for, as they are here now; or why they do not come in, in the reader's words.
async fn admit(
    console: &Console,
    viewer: &Viewer,
    door: &ProviderDoor,
    vouched: &Vouched,
    now: Moment,
) -> Result<Result<(Person, Keys), String>, Trouble> {
    let (register, p, identity) = (&console.doors.register, viewer.lang.people_texts(), &vouched.identity);
    let known = register.identified(identity).await?;
    let role = match door.rules.role(vouched) {
        Ok(role) => role,
        Err(why) => {
            if let (Some((person, _)), NotVouched::Group) = (&known, why) {
                provide(console, person, None, now).await?;
            }
            let words = match why {
                NotVouched::Domain => p.provider_domain,
                NotVouched::Weak => p.provider_weak,
                NotVouched::Group => p.provider_group,
                NotVouched::Silent => p.provider_silent,
            };
            return Ok(Err(words.to_owned()));
        }
    };
    let Some((person, keys)) = known else { return welcome(console, viewer, door, vouched, (role, now)).await };
    if person.standing != Standing::Active {
        return Ok(Err(p.provider_disabled.to_owned()));
    }
    register.vouched(person.id, now).await?;
    let changed = role.filter(|role| *role != person.role);
    if changed.is_some() {
        provide(console, &person, changed, now).await?;
    }
    let keys = if door.rules.second == SecondBy::Provider { Keys::default() } else { keys };
    Ok(Ok((Person { role: role.unwrap_or(person.role), ..person }, keys)))
}

/// Somebody the provider knows and the console does not.
async fn welcome(
    console: &Console,
    viewer: &Viewer,
    door: &ProviderDoor,
    vouched: &Vouched,
    begin: (Option<Role>, Moment),
) -> Result<Result<(Person, Keys), String>, Trouble> {
    let (p, identity, (role, now)) = (viewer.lang.people_texts(), &vouched.identity, begin);
    let told = |words: &str| Ok(Err(format!("{words} {}", shown(identity))));
    let name = vouched.name.as_deref().and_then(|name| name.parse::<PersonName>().ok());
    let (Some(name), Strangers::Admitted) = (name, door.rules.strangers) else { return told(p.provider_stranger) };
    let admitted = console.doors.register.admit(identity, &name, role.unwrap_or(Role::Viewer), now).await?;
    match admitted {
        Some(person) => Ok(Ok((person, Keys::default()))),
        // An account is never given to who has its name elsewhere.
        None => told(p.provider_taken),
    }
}

async fn provide(console: &Console, person: &Person, role: Option<Role>, now: Moment) -> Result<(), Trouble> {
    let by = By { actor: person.name.actor(), at: now };
    // Who is gone meanwhile has no role to lose.
    let _ = console.doors.register.amend(person.id, &Amendment::Provided(role), &by).await?;
    console.doors.tell_endings();
    Ok(())
}

/// A name at the provider, as it is told to whoever joins it to an account.
fn shown(identity: &Identity) -> String {
    identity.subject.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

/// What the browser brings of the way it was led, if that can still be gone.
fn kept(console: &Console, headers: &HeaderMap, now: Moment) -> Option<Kept> {
    let doors = &console.doors;
    let sealed = cookie(headers, &doors.wire.named(PASSAGE))?.parse().ok()?;
    let kept: Kept = serde_json::from_slice(&doors.key.open(SEALED_FOR, &sealed)?).ok()?;
    (now.as_millis() < kept.until).then_some(kept)
}

/// Where the provider leads back to: this console and nowhere else.
fn back_to(console: &Console) -> Option<Url> {
    format!("{}/sign-in/provider/back", console.place.console.as_deref()?).parse().ok()
}

fn said(console: &Console, viewer: &Viewer, door: &ProviderDoor, trouble: &ProviderTrouble, next: &str) -> Response {
    let p = viewer.lang.people_texts();
    tracing::warn!(%trouble, "nobody came in by the sign-in provider");
    let (status, words) = match trouble {
        ProviderTrouble::Down(_) if door.only => (StatusCode::SERVICE_UNAVAILABLE, p.provider_down_only),
        ProviderTrouble::Down(_) => (StatusCode::SERVICE_UNAVAILABLE, p.provider_down),
        ProviderTrouble::Stale => (StatusCode::UNAUTHORIZED, p.provider_stale),
        ProviderTrouble::Refused(_) => (StatusCode::UNAUTHORIZED, p.provider_refused),
    };
    say(console, viewer, (status, Some(words.to_owned())), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_gone_once() {
        let (gone, at) = (Gone::default(), |seconds: i64| Moment::from_millis(seconds * 1000));
        let check = |state: &str, seconds: i64, expected: bool| {
            assert_eq!(gone.goes(state, at(seconds)), expected, "{state} at {seconds}");
        };
        check("a", 0, true);
        check("a", 1, false);
        check("b", 1, true);
        check("a", 599, false);
        gone.0.lock().unwrap().extend((0..GONE_MAX).map(|i| (format!("{i}"), at(600))));
        check("one too many", 600, false);
        check("one too many", 1200, true);
    }
}
