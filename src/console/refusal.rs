//! Answers that are no page: what is not there, what cannot be read, what broke. None tells of the inside.

use super::lang::Viewer;
use super::render;
use super::serve::Console;
use crate::incident::LedgerError;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
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
