//! `/account`: one's own password, second factor, sessions and tokens. What makes new ways in asks for the password, or for
//! a sign-in at the provider that is a few minutes old.

use super::account_view::{AccountView, Given};
use super::doors::Trier;
use super::lang::Viewer;
use super::refusal;
use super::serve::Console;
use super::sign_in::{Caller, Trouble, arrive, go, prove, troubled};
use super::visitor::Visitor;
use crate::id::{SessionId, TokenId};
use crate::people::{
    Amendment, By, Keys, May, Pass, PassHash, PassKind, Password, PeopleError, Person, Seed, Token, fresh_bytes,
    recovery_codes,
};
use axum::Form;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A form that only asks for the password.
#[derive(Deserialize)]
pub(super) struct ProofForm {
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// One who acts on their own account.
pub(super) struct Owner {
    console: Arc<Console>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
}

impl FromRequestParts<Arc<Console>> for Owner {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, console).await?;
        let Ok(viewer) = Viewer::from_request_parts(parts, console).await;
        let Ok(caller) = Caller::from_request_parts(parts, console).await;
        Ok(Self { console: console.clone(), viewer, visitor, caller })
    }
}

/// `GET /account`
pub(super) async fn page(owner: Owner) -> Response {
    owner.show(StatusCode::OK, Given::default()).await
}

/// `POST /account/password`
pub(super) async fn password(owner: Owner, Form(form): Form<PasswordForm>) -> Response {
    let p = owner.viewer.lang.people_texts();
    let (person, _) = match owner.proven(form.password).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    if !owner.console.doors.takes_password(&person) {
        return owner.wrong(p.password_elsewhere).await;
    }
    let new = Password::typed(form.new.as_str());
    if let Err(wrong) = new.accept(&person.name) {
        return owner.wrong(p.password_refused(wrong)).await;
    }
    if form.new != form.again {
        return owner.wrong(p.not_again).await;
    }
    match owner.console.doors.locksmith.hash(new).await {
        Ok(hash) => owner.amend_and_stay(&person, &Amendment::Password(hash)).await,
        Err(busy) => troubled(&owner.console, &owner.viewer, &busy.into()),
    }
}

/// `POST /account/second/offer`: shows a seed, which is asked for once a code of it was right.
pub(super) async fn offer_second(owner: Owner, Form(form): Form<ProofForm>) -> Response {
    let (person, keys) = match owner.proven(form.password).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    if keys.asked().is_some() {
        return go("/account", []);
    }
    let seed = Seed::of(fresh_bytes());
    let sealed = seed.seal(&owner.console.doors.key, person.id, fresh_bytes());
    match owner.console.doors.register.amend(person.id, &Amendment::SecondOffered(sealed), &owner.by()).await {
        Ok(_) => owner.show(StatusCode::OK, Given { seed: Some(seed), ..Given::default() }).await,
        Err(error) => owner.failed(&error),
    }
}

/// `POST /account/second/confirm`
pub(super) async fn confirm_second(owner: Owner, Form(form): Form<CodeForm>) -> Response {
    let now = owner.console.clock.now();
    let (person, keys) = match owner.themselves().await {
        Ok(themselves) => themselves,
        Err(response) => return *response,
    };
    let Some(second) = keys.second.as_ref().filter(|second| second.confirmed.is_none()) else {
        return go("/account", []);
    };
    let Some(seed) = Seed::open(&owner.console.doors.key, person.id, &second.seed) else { return go("/account", []) };
    let Some(step) = seed.step_of(&form.code, now, second.step) else {
        let error = Some(owner.viewer.lang.people_texts().wrong_code.to_owned());
        let given = Given { seed: Some(seed), error, ..Given::default() };
        return owner.show(StatusCode::UNPROCESSABLE_ENTITY, given).await;
    };
    let codes = recovery_codes(fresh_bytes);
    let confirmed = Amendment::SecondConfirmed { step, at: now, recovery: codes.iter().map(Pass::hash).collect() };
    owner.amend_and_show(&person, &confirmed, codes).await
}

/// `POST /account/second/off`
pub(super) async fn second_off(owner: Owner, Form(form): Form<ProofForm>) -> Response {
    match owner.proven(form.password).await {
        Ok((person, _)) => owner.amend_and_stay(&person, &Amendment::SecondOff).await,
        Err(response) => *response,
    }
}

/// `POST /account/recovery`: new codes for a lost second factor.
pub(super) async fn recovery(owner: Owner, Form(form): Form<ProofForm>) -> Response {
    let (person, keys) = match owner.proven(form.password).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    if keys.asked().is_none() {
        return go("/account", []);
    }
    let codes = recovery_codes(fresh_bytes);
    let hashes: Vec<PassHash> = codes.iter().map(Pass::hash).collect();
    match owner.console.doors.register.amend(person.id, &Amendment::Recovery(hashes), &owner.by()).await {
        Ok(_) => owner.show(StatusCode::OK, Given { recovery: codes, ..Given::default() }).await,
        Err(error) => owner.failed(&error),
    }
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(owner: Owner, Path(id): Path<String>) -> Response {
    let (Ok(id), Some(person)) = (id.parse::<SessionId>(), owner.visitor.person) else {
        return owner.absent();
    };
    let ended = owner.console.doors.register.end(person, id, owner.console.clock.now()).await;
    if ended == Ok(true) {
        owner.console.doors.tell_endings();
    }
    owner.ended(ended)
}

/// `POST /account/tokens`: `label`, `days`, `scope` once for each right, and the password.
pub(super) async fn make_token(owner: Owner, Form(form): Form<Vec<(String, String)>>) -> Response {
    let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str()).unwrap_or_default();
    let (person, _) = match owner.proven(field("password").to_owned()).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    let asked: Option<BTreeSet<May>> = form.iter().filter(|(k, _)| k == "scope").map(|(_, v)| May::named(v)).collect();
    let pass = Pass::of(PassKind::Token, fresh_bytes());
    let (whose, scopes) = ((person.id, person.role), asked.unwrap_or_default());
    let days = field("days").parse().unwrap_or(0);
    let token = match Token::new(pass.hash(), whose, field("label"), scopes, days, owner.console.clock.now()) {
        Ok(token) => token,
        Err(wrong) => return owner.wrong(owner.viewer.lang.people_texts().token_refused(wrong)).await,
    };
    match owner.console.doors.register.add_token(&token).await {
        Ok(()) => owner.show(StatusCode::OK, Given { token: Some(pass), ..Given::default() }).await,
        Err(error) => owner.failed(&error),
    }
}

/// `POST /account/tokens/{id}/end`
pub(super) async fn end_token(owner: Owner, Path(id): Path<String>) -> Response {
    let (Ok(id), Some(person)) = (id.parse::<TokenId>(), owner.visitor.person) else {
        return owner.absent();
    };
    let ended = owner.console.doors.register.end_token(person, id, owner.console.clock.now()).await;
    owner.ended(ended)
}

impl Owner {
    /// Themselves, now.
    fn by(&self) -> By {
        By { actor: self.visitor.actor(), at: self.console.clock.now() }
    }

    /// What has no such account.
    fn absent(&self) -> Response {
        refusal::absent(&self.console, &self.viewer)
    }

    /// What the ledger did not do.
    fn failed(&self, error: &PeopleError) -> Response {
        refusal::people(&self.console, &self.viewer, error)
    }

    /// The page again once something of theirs has ended. Another's is not there for this person.
    fn ended(&self, ended: Result<bool, PeopleError>) -> Response {
        match ended {
            Ok(true) => go("/account", []),
            Ok(false) => self.absent(),
            Err(error) => self.failed(&error),
        }
    }

    /// Who they are; whoever sits at this machine without sign-in has no account.
    async fn themselves(&self) -> Result<(Person, Keys), Box<Response>> {
        let Some(id) = self.visitor.person else { return Err(Box::new(self.absent())) };
        match self.console.doors.register.person(id).await {
            Ok(Some(themselves)) => Ok(themselves),
            Ok(None) => Err(Box::new(self.absent())),
            Err(error) => Err(Box::new(self.failed(&error))),
        }
    }

    /// Who they are, once they have said their password again, or signed in at the provider anew a moment ago: a session that
    /// was left open makes no new ways in.
    async fn proven(&self, password: String) -> Result<(Person, Keys), Box<Response>> {
        let (person, keys) = self.themselves().await?;
        let (doors, now, p) = (&self.console.doors, self.console.clock.now(), self.viewer.lang.people_texts());
        if self.visitor.proof().stands_in(now) {
            return Ok((person, keys));
        }
        if !doors.takes_password(&person) {
            return Err(Box::new(self.wrong(p.anew_first).await));
        }
        let trier = Trier::of_person("proof", person.id, &self.caller.address);
        if let Some(wait) = doors.attempt(&trier, now) {
            let error = Some(p.wait.replace("{}", &self.viewer.lang.duration(wait)));
            let given = Given { error, ..Given::default() };
            return Err(Box::new(self.show(StatusCode::TOO_MANY_REQUESTS, given).await));
        }
        match prove(doors, person.name.as_str(), Password::typed(password), now).await {
            Ok(Some(proven)) => {
                doors.passed(&trier);
                Ok(proven)
            }
            Ok(None) => {
                let given = Given { error: Some(p.wrong_own_password.to_owned()), ..Given::default() };
                Err(Box::new(self.show(StatusCode::UNPROCESSABLE_ENTITY, given).await))
            }
            Err(trouble) => Err(Box::new(troubled(&self.console, &self.viewer, &trouble))),
        }
    }

    /// Changes them, and leaves them signed in here with a new session: the change ended all that there were.
    async fn amend_and_stay(&self, person: &Person, change: &Amendment) -> Response {
        let changed = async {
            let _ = self.console.doors.register.amend(person.id, change, &self.by()).await?;
            self.console.doors.tell_endings();
            arrive(&self.console, &self.caller, (person, self.visitor.proof()), "/account", self.console.clock.now())
                .await
        };
        changed.await.unwrap_or_else(|trouble: Trouble| troubled(&self.console, &self.viewer, &trouble))
    }

    /// The same, and shows what stands in for a lost second factor, once.
    async fn amend_and_show(&self, person: &Person, change: &Amendment, codes: Vec<Pass>) -> Response {
        let stayed = self.amend_and_stay(person, change).await;
        if stayed.status() != StatusCode::SEE_OTHER {
            return stayed;
        }
        let cookies = stayed.headers().get_all(axum::http::header::SET_COOKIE);
        let mut shown = self.show_without_forms(codes).await;
        cookies.iter().for_each(|cookie| {
            shown.headers_mut().append(axum::http::header::SET_COOKIE, cookie.clone());
        });
        shown
    }

    async fn wrong(&self, error: &str) -> Response {
        let given = Given { error: Some(error.to_owned()), ..Given::default() };
        self.show(StatusCode::UNPROCESSABLE_ENTITY, given).await
    }

    async fn show_without_forms(&self, recovery: Vec<Pass>) -> Response {
        // The forms of this page would carry the stamp of the session that has just ended.
        self.show(StatusCode::OK, Given { recovery, only: true, ..Given::default() }).await
    }

    async fn show(&self, status: StatusCode, given: Given) -> Response {
        let (person, keys) = match self.themselves().await {
            Ok(themselves) => themselves,
            Err(response) => return *response,
        };
        let register = &self.console.doors.register;
        let kept = async { Ok((register.sessions_of(person.id).await?, register.tokens_of(person.id).await?)) };
        match kept.await {
            Ok((sessions, tokens)) => {
                let view = AccountView { person: &person, keys: &keys, sessions: &sessions, tokens: &tokens, given };
                view.render(&self.console, &self.viewer, &self.visitor, status)
            }
            Err(error) => self.failed(&error),
        }
    }
}
