//! Answers that are no page: what is not there, what cannot be read, what broke. None tells of the inside.

use super::gate::Why;
use super::lang::Viewer;
use super::serve::Console;
use super::{render, sign_in};
use crate::incident::LedgerError;
use crate::people::PeopleError;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;
use std::sync::Arc;

#[derive(Serialize)]
struct RefusalPage {
    status: u16,
    title: &'static str,
    help: &'static str,
}

/// There is no such page.
pub(super) fn absent(console: &Console, viewer: &Viewer) -> Response {
    let t = viewer.lang.texts();
    let page = RefusalPage { status: 404, title: t.not_found, help: t.not_found_help };
    render::page_with(console, viewer, "refusal.html", StatusCode::NOT_FOUND, page)
}

/// Nobody of this name answers for anything.
pub(super) fn no_owner(console: &Console, viewer: &Viewer) -> Response {
    let r = viewer.lang.report_texts();
    let page = RefusalPage { status: 404, title: r.no_such_owner, help: r.no_such_owner_help };
    render::page_with(console, viewer, "refusal.html", StatusCode::NOT_FOUND, page)
}

/// The ledger did not answer; why goes to the log, not to the page.
pub(super) fn ledger(console: &Console, viewer: &Viewer, error: &LedgerError) -> Response {
    tracing::error!(%error, "the console could not read the ledger");
    let t = viewer.lang.texts();
    let page = RefusalPage { status: 503, title: t.failed_title, help: t.failed_help };
    render::page_with(console, viewer, "refusal.html", StatusCode::SERVICE_UNAVAILABLE, page)
}

/// No route has this address.
pub(super) async fn no_route(State(console): State<Arc<Console>>, viewer: Viewer, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return super::api::absent();
    }
    absent(&console, &viewer)
}

/// Somebody at a page is not let through.
pub(super) fn to_person(console: &Console, viewer: &Viewer, why: Why, reads: bool) -> Response {
    let (t, p) = (viewer.lang.texts(), viewer.lang.people_texts());
    let (status, title, help) = match why {
        // What was written before is not sent again by signing in.
        Why::SignedOut => return sign_in::ask(console, viewer, if reads { &viewer.here } else { "/" }),
        Why::Forbidden => (StatusCode::FORBIDDEN, p.forbidden, p.forbidden_help),
        Why::Foreign => (StatusCode::FORBIDDEN, p.foreign, p.foreign_help),
        Why::Unreadable => (StatusCode::SERVICE_UNAVAILABLE, t.failed_title, t.failed_help),
    };
    let page = RefusalPage { status: status.as_u16(), title, help };
    render::page_with(console, viewer, "refusal.html", status, page)
}

/// A program is not let through.
pub(super) fn to_program(why: Why) -> Response {
    let (status, word) = word(why);
    let said = match why {
        Why::SignedOut => Some("show a token that is good still (`Authorization: Bearer …`): /account makes them"),
        Why::Forbidden => Some("this role may not, or the token does not carry the scope"),
        Why::Foreign => Some(
            "no page of this console asks: a program shows a token (`Authorization: Bearer …`); /account makes them",
        ),
        Why::Unreadable => None,
    };
    let mut response = super::api::refused(status, word, said.map(str::to_owned));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What has no page of its own is not let through.
pub(super) fn plain(why: Why) -> Response {
    let (status, word) = word(why);
    (status, format!("{}: {word}\n", status.as_u16())).into_response()
}

fn word(why: Why) -> (StatusCode, &'static str) {
    match why {
        Why::SignedOut => (StatusCode::UNAUTHORIZED, "signed-out"),
        Why::Forbidden => (StatusCode::FORBIDDEN, "not-allowed"),
        Why::Foreign => (StatusCode::FORBIDDEN, "foreign-request"),
        Why::Unreadable => (StatusCode::SERVICE_UNAVAILABLE, "ledger-unreadable"),
    }
}

/// The register of people did not answer; why goes to the log.
pub(super) fn people(console: &Console, viewer: &Viewer, error: &PeopleError) -> Response {
    tracing::error!(%error, "the console could not reach its people");
    to_person(console, viewer, Why::Unreadable, true)
}

/// Too many reports are being gathered: this person's, or everybody's.
pub(super) fn no_more_reports(console: &Console, viewer: &Viewer, theirs: bool) -> Response {
    let r = viewer.lang.report_texts();
    let help = if theirs { r.too_many_help } else { r.crowded_help };
    let page = RefusalPage { status: 429, title: r.crowded, help };
    render::page_with(console, viewer, "refusal.html", StatusCode::TOO_MANY_REQUESTS, page)
}

/// A file of a report that is still being gathered.
pub(super) fn not_gathered_yet(console: &Console, viewer: &Viewer) -> Response {
    let r = viewer.lang.report_texts();
    let page = RefusalPage { status: 503, title: r.not_yet, help: r.not_yet_help };
    render::page_with(console, viewer, "refusal.html", StatusCode::SERVICE_UNAVAILABLE, page)
}

/// Too many are signing in at this moment.
pub(super) fn crowded(console: &Console, viewer: &Viewer) -> Response {
    let p = viewer.lang.people_texts();
    let page = RefusalPage { status: 503, title: p.crowded, help: p.crowded_help };
    render::page_with(console, viewer, "refusal.html", StatusCode::SERVICE_UNAVAILABLE, page)
}

/// A handler panicked.
pub(super) fn defect(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a console page panicked");
    plain_defect()
}

/// A page that could not be made.
pub(super) fn plain_defect() -> Response {
    let text = "500: 这一页没能画出来，原因在服务的日志里。 This page could not be made; the service's log says why.\n";
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}
