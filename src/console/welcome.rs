//! `/welcome`: a one-time code makes the first administrator, or gives somebody who was invited their password.

use super::doors::Trier;
use super::lang::Viewer;
use super::render;
use super::serve::Console;
use super::sign_in::{Caller, Trouble, arrive, go, retry_after, troubled};
use crate::config::SignIn;
use crate::people::{Pass, PassKind, Password, PersonName, Proof, Redeemed};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct WelcomePage<'a> {
    name: &'a str,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WelcomeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

/// `GET /welcome`
pub(super) async fn page(State(console): State<Arc<Console>>, viewer: Viewer) -> Response {
    if console.doors.sign_in == SignIn::Off {
        return go("/", []);
    }
    show(&console, &viewer, StatusCode::OK, WelcomePage { name: "", error: None })
}

fn show(console: &Console, viewer: &Viewer, status: StatusCode, page: WelcomePage<'_>) -> Response {
    render::page_with(console, viewer, "welcome.html", status, page)
}

/// `POST /welcome`
pub(super) async fn welcome(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    caller: Caller,
    Form(form): Form<WelcomeForm>,
) -> Response {
    let (doors, now, p) = (&console.doors, console.clock.now(), viewer.lang.people_texts());
    if doors.sign_in == SignIn::Off {
        return go("/", []);
    }
    // Codes belong to nobody yet: it is the address that is counted.
    let trier = Trier::of_address("welcome", &caller.address);
    if let Some(wait) = doors.attempt(&trier, now) {
        let error = Some(p.wait.replace("{}", &viewer.lang.duration(wait)));
        let page = WelcomePage { name: &form.name, error };
        let mut response = show(&console, &viewer, StatusCode::TOO_MANY_REQUESTS, page);
        retry_after(&mut response, wait);
        return response;
    }
    let refuse = |status: StatusCode, error: &str| {
        show(&console, &viewer, status, WelcomePage { name: &form.name, error: Some(error.to_owned()) })
    };
    let name: PersonName = match form.name.parse() {
        Ok(name) => name,
        Err(wrong) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, p.name_refused(wrong)),
    };
    let code = Pass::claimed(PassKind::Welcome, &form.code).hash();
    // Before the password is looked at: what is asked of one is nothing for a stranger to try.
    match doors.register.is_offered(&code, &name, now).await {
        Ok(true) => doors.passed(&trier),
        Ok(false) => return refuse(StatusCode::UNAUTHORIZED, p.void_code),
        Err(error) => return troubled(&console, &viewer, &Trouble::People(error)),
    }
    let password = Password::typed(form.password.as_str());
    if let Err(wrong) = password.accept(&name) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, p.password_refused(wrong));
    }
    if form.password != form.again {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, p.not_again);
    }
    let admitted = async {
        let hash = doors.locksmith.hash(password).await?;
        match doors.register.redeem(&code, &name, &hash, now).await? {
            Redeemed::Void => Ok(None),
            Redeemed::Person(person) => {
                arrive(&console, &caller, (&person, Proof::default()), "/account", now).await.map(Some)
            }
        }
    };
    match admitted.await {
        Ok(Some(response)) => response,
        Ok(None) => refuse(StatusCode::UNAUTHORIZED, p.void_code),
        Err(trouble) => troubled(&console, &viewer, &trouble),
    }
}
