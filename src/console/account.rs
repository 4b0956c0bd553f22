//! `/account`: one's own password, second factor, sessions and tokens. What makes new ways in asks for the password.

use super::account_view::{AccountView, Given};
use super::doors::Trier;
use super::lang::Viewer;
use super::refusal;
use super::serve::Console;
use super::sign_in::{Caller, Trouble, arrive, go, prove, troubled};
use super::visitor::Visitor;
use crate::id::{SessionId, TokenId};
use crate::people::{
    Amendment, Keys, May, Pass, PassHash, PassKind, Password, Person, Seed, Token, fresh_bytes, recovery_codes,
};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
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
struct Owner<'a> {
    console: &'a Console,
    viewer: &'a Viewer,
    caller: &'a Caller,
    visitor: &'a Visitor,
}

/// `GET /account`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
) -> Response {
    owner(&console, &viewer, &visitor, &caller).show(StatusCode::OK, Given::default()).await
}

/// `POST /account/password`
pub(super) async fn password(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
    Form(form): Form<PasswordForm>,
) -> Response {
    let owner = owner(&console, &viewer, &visitor, &caller);
    let p = viewer.lang.people_texts();
    let (person, _) = match owner.proven(form.password).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    let new = Password::typed(form.new.as_str());
    if let Err(wrong) = new.accept(&person.name) {
        return owner.wrong(p.password_refused(wrong)).await;
    }
    if form.new != form.again {
        return owner.wrong(p.not_again).await;
    }
    match console.doors.locksmith.hash(new).await {
        Ok(hash) => owner.amend_and_stay(&person, &Amendment::Password(hash)).await,
        Err(busy) => troubled(&console, &viewer, &busy.into()),
    }
}

/// `POST /account/second/offer`: shows a seed, which is asked for once a code of it was right.
pub(super) async fn offer_second(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
    Form(form): Form<ProofForm>,
) -> Response {
    let owner = owner(&console, &viewer, &visitor, &caller);
    let (person, keys) = match owner.proven(form.password).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    if keys.asked().is_some() {
        return go("/account", []);
    }
    let seed = Seed::of(fresh_bytes());
    let sealed = seed.seal(&console.doors.key, person.id, fresh_bytes());
    match console.doors.register.amend(person.id, &Amendment::SecondOffered(sealed)).await {
        Ok(_) => owner.show(StatusCode::OK, Given { seed: Some(seed), ..Given::default() }).await,
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

/// `POST /account/second/confirm`
pub(super) async fn confirm_second(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
    Form(form): Form<CodeForm>,
) -> Response {
    let owner = owner(&console, &viewer, &visitor, &caller);
    let now = console.clock.now();
    let (person, keys) = match owner.themselves().await {
        Ok(themselves) => themselves,
        Err(response) => return *response,
    };
    let Some(second) = keys.second.as_ref().filter(|second| second.confirmed.is_none()) else {
        return go("/account", []);
    };
    let Some(seed) = Seed::open(&console.doors.key, person.id, &second.seed) else { return go("/account", []) };
    let Some(step) = seed.step_of(&form.code, now, second.step) else {
        let error = Some(viewer.lang.people_texts().wrong_code.to_owned());
        let given = Given { seed: Some(seed), error, ..Given::default() };
        return owner.show(StatusCode::UNPROCESSABLE_ENTITY, given).await;
    };
    let codes = recovery_codes(fresh_bytes);
    let confirmed = Amendment::SecondConfirmed { step, at: now, recovery: codes.iter().map(Pass::hash).collect() };
    owner.amend_and_show(&person, &confirmed, codes).await
}

/// `POST /account/second/off`
pub(super) async fn second_off(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
    Form(form): Form<ProofForm>,
) -> Response {
    let owner = owner(&console, &viewer, &visitor, &caller);
    match owner.proven(form.password).await {
        Ok((person, _)) => owner.amend_and_stay(&person, &Amendment::SecondOff).await,
        Err(response) => *response,
    }
}

/// `POST /account/recovery`: new codes for a lost second factor.
pub(super) async fn recovery(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
    Form(form): Form<ProofForm>,
) -> Response {
    let owner = owner(&console, &viewer, &visitor, &caller);
    let (person, keys) = match owner.proven(form.password).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    if keys.asked().is_none() {
        return go("/account", []);
    }
    let codes = recovery_codes(fresh_bytes);
    let hashes: Vec<PassHash> = codes.iter().map(Pass::hash).collect();
    match console.doors.register.amend(person.id, &Amendment::Recovery(hashes)).await {
        Ok(_) => owner.show(StatusCode::OK, Given { recovery: codes, ..Given::default() }).await,
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let (Ok(id), Some(person)) = (id.parse::<SessionId>(), visitor.person) else {
        return refusal::absent(&console, &viewer);
    };
    match console.doors.register.end(person, id).await {
        Ok(true) => {
            console.doors.tell_endings();
            go("/account", [])
        }
        // Another's is not there for this person.
        Ok(false) => refusal::absent(&console, &viewer),
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

/// `POST /account/tokens`: `label`, `days`, `scope` once for each right, and the password.
pub(super) async fn make_token(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let owner = owner(&console, &viewer, &visitor, &caller);
    let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str()).unwrap_or_default();
    let (person, _) = match owner.proven(field("password").to_owned()).await {
        Ok(proven) => proven,
        Err(response) => return *response,
    };
    let asked: Option<BTreeSet<May>> = form.iter().filter(|(k, _)| k == "scope").map(|(_, v)| May::named(v)).collect();
    let pass = Pass::of(PassKind::Token, fresh_bytes());
    let (whose, scopes) = ((person.id, person.role), asked.unwrap_or_default());
    let days = field("days").parse().unwrap_or(0);
    let token = match Token::new(pass.hash(), whose, field("label"), scopes, days, console.clock.now()) {
        Ok(token) => token,
        Err(wrong) => return owner.wrong(viewer.lang.people_texts().token_refused(wrong)).await,
    };
    match console.doors.register.add_token(&token).await {
        Ok(()) => owner.show(StatusCode::OK, Given { token: Some(pass), ..Given::default() }).await,
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

/// `POST /account/tokens/{id}/end`
pub(super) async fn end_token(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let (Ok(id), Some(person)) = (id.parse::<TokenId>(), visitor.person) else {
        return refusal::absent(&console, &viewer);
    };
    match console.doors.register.end_token(person, id).await {
        Ok(true) => go("/account", []),
        Ok(false) => refusal::absent(&console, &viewer),
        Err(error) => refusal::people(&console, &viewer, &error),
    }
}

fn owner<'a>(console: &'a Console, viewer: &'a Viewer, visitor: &'a Visitor, caller: &'a Caller) -> Owner<'a> {
    Owner { console, viewer, caller, visitor }
}

impl Owner<'_> {
    /// Who they are; whoever sits at this machine without sign-in has no account.
    async fn themselves(&self) -> Result<(Person, Keys), Box<Response>> {
        let Some(id) = self.visitor.person else { return Err(Box::new(refusal::absent(self.console, self.viewer))) };
        match self.console.doors.register.person(id).await {
            Ok(Some(themselves)) => Ok(themselves),
            Ok(None) => Err(Box::new(refusal::absent(self.console, self.viewer))),
            Err(error) => Err(Box::new(refusal::people(self.console, self.viewer, &error))),
        }
    }

    /// Who they are, once they have said their password again: a session that was left open makes no new ways in.
    async fn proven(&self, password: String) -> Result<(Person, Keys), Box<Response>> {
        let (person, _) = self.themselves().await?;
        let (doors, now, p) = (&self.console.doors, self.console.clock.now(), self.viewer.lang.people_texts());
        let trier = Trier::of_person("proof", person.id, &self.caller.address);
        if let Some(wait) = doors.attempt(&trier, now) {
            let error = Some(p.wait.replace("{}", &self.viewer.lang.duration(wait)));
            let given = Given { error, ..Given::default() };
            return Err(Box::new(self.show(StatusCode::TOO_MANY_REQUESTS, given).await));
        }
        match prove(doors, person.name.as_str(), Password::typed(password)).await {
            Ok(Some(proven)) => {
                doors.passed(&trier);
                Ok(proven)
            }
            Ok(None) => {
                let given = Given { error: Some(p.wrong_own_password.to_owned()), ..Given::default() };
                Err(Box::new(self.show(StatusCode::UNPROCESSABLE_ENTITY, given).await))
            }
            Err(trouble) => Err(Box::new(troubled(self.console, self.viewer, &trouble))),
        }
    }

    /// Changes them, and leaves them signed in here with a new session: the change ended all that there were.
    async fn amend_and_stay(&self, person: &Person, change: &Amendment) -> Response {
        let changed = async {
            let _ = self.console.doors.register.amend(person.id, change).await?;
            self.console.doors.tell_endings();
            arrive(self.console, self.caller, person, "/account", self.console.clock.now()).await
        };
        changed.await.unwrap_or_else(|trouble: Trouble| troubled(self.console, self.viewer, &trouble))
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
                view.render(self.console, self.viewer, self.visitor, status)
            }
            Err(error) => refusal::people(self.console, self.viewer, &error),
        }
    }
}
