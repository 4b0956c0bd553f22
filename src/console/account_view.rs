//! What the page of one's own account shows.

use super::calendar::{When, when};
use super::lang::Viewer;
use super::render;
use super::serve::Console;
use super::visitor::Visitor;
use crate::moment::Moment;
use crate::people::{Keys, May, Pass, Person, Seed, Session, Stage, Token};
use axum::http::StatusCode;
use axum::response::Response;
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;

/// What this answer shows once, besides what is always there.
#[derive(Default)]
pub(super) struct Given {
    /// What went wrong.
    pub error: Option<String>,
    /// A seed to be confirmed.
    pub seed: Option<Seed>,
    /// A new token.
    pub token: Option<Pass>,
    /// New recovery codes.
    pub recovery: Vec<Pass>,
    /// Nothing besides.
    pub only: bool,
}

/// A person's account, as it is kept.
pub(super) struct AccountView<'a> {
    pub person: &'a Person,
    pub keys: &'a Keys,
    pub sessions: &'a [Session],
    pub tokens: &'a [Token],
    pub given: Given,
}

#[derive(Serialize)]
struct AccountPage<'a> {
    name: &'a str,
    role: &'static str,
    role_says: &'static str,
    rights: Vec<&'static str>,
    error: Option<String>,
    only: bool,
    /// Whether the password is asked for, and may be changed.
    password: bool,
    may_change_password: bool,
    /// Whether a sign-in at the provider can stand in for it, and does.
    anew: bool,
    fresh: bool,
    second: bool,
    offer: Option<OfferView>,
    recovery_left: u32,
    recovery: Vec<String>,
    sessions: Vec<SessionView<'a>>,
    token: Option<String>,
    tokens: Vec<TokenView<'a>>,
    scopes: Vec<(&'static str, &'static str)>,
}

#[derive(Serialize)]
struct OfferView {
    seed: String,
    url: String,
    /// Modules along one side, and the dark ones as a path.
    side: i32,
    path: String,
}

#[derive(Serialize)]
struct SessionView<'a> {
    id: String,
    here: bool,
    began: When,
    seen: When,
    browser: &'a str,
    address: &'a str,
}

#[derive(Serialize)]
struct TokenView<'a> {
    id: String,
    label: &'a str,
    scopes: Vec<&'static str>,
    ends: When,
    over: bool,
    /// Whether it is not taken until the provider vouches for its person again.
    rests: bool,
    used: Option<When>,
}

impl AccountView<'_> {
    /// The page.
    pub fn render(self, console: &Console, viewer: &Viewer, visitor: &Visitor, status: StatusCode) -> Response {
        let (p, now) = (viewer.lang.people_texts(), console.clock.now());
        let time = |at: Moment| when(at, now, &console.zone, viewer.lang);
        let takes_password = console.doors.takes_password(self.person);
        let here = visitor.session().map(|(id, _)| id);
        let held = |session: &&Session| session.stage == Stage::In && session.holds(now, &console.doors.sessions);
        let page = AccountPage {
            name: self.person.name.as_str(),
            role: p.role_word(self.person.role),
            role_says: p.role_says(self.person.role),
            rights: May::ALL.into_iter().filter(|may| self.person.may(*may)).map(|may| p.may_word(may)).collect(),
            error: self.given.error,
            only: self.given.only,
            password: takes_password && self.keys.password.is_some(),
            may_change_password: takes_password,
            anew: console.doors.provider.is_some() && self.person.bond.is_some(),
            fresh: visitor.proof().stands_in(now),
            second: self.keys.asked().is_some(),
            offer: self.given.seed.map(|seed| offer(&seed, self.person.name.as_str())),
            recovery_left: self.keys.recovery_left,
            recovery: self.given.recovery.iter().map(|pass| pass.expose().to_owned()).collect(),
            sessions: self
                .sessions
                .iter()
                .filter(held)
                .map(|session| SessionView {
                    id: session.id.to_string(),
                    here: here == Some(session.id),
                    began: time(session.made),
                    seen: time(session.seen),
                    browser: &session.browser,
                    address: &session.address,
                })
                .collect(),
            token: self.given.token.map(|pass| pass.expose().to_owned()),
            tokens: self
                .tokens
                .iter()
                .map(|token| TokenView {
                    id: token.id.to_string(),
                    label: &token.label,
                    scopes: token.scopes.iter().map(|may| p.may_word(*may)).collect(),
                    ends: time(token.ends),
                    over: !token.holds(now),
                    rests: token.holds(now) && !console.doors.takes_tokens(self.person, now),
                    used: token.used.map(time),
                })
                .collect(),
            scopes: May::ALL
                .into_iter()
                .filter(|may| may.is_scope() && self.person.may(*may))
                .map(|may| (may.word(), p.may_word(may)))
                .collect(),
        };
        render::page_with(console, viewer, "account.html", status, page)
    }
}

fn offer(seed: &Seed, name: &str) -> OfferView {
    let url = seed.expose_url(name);
    // A name of 64 characters in three bytes each, escaped, is below what a code can hold.
    let code = QrCode::encode_text(&url, QrCodeEcc::Medium).ok();
    let side = code.as_ref().map_or(0, QrCode::size);
    let dark = |code: &QrCode| {
        let all = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        all.filter(|(x, y)| code.get_module(*x, *y)).map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect()
    };
    OfferView { seed: seed.expose(), side, path: code.as_ref().map(dark).unwrap_or_default(), url }
}
