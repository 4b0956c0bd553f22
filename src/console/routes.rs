//! Every route of the console, with what it asks of who comes to it: the one table that the router is built from, so
//! that a route that asks nothing does so in writing. `tests/service/doors` holds each against every role.

use super::gate::{Asks, Gate, gate};
use super::serve::Console;
use super::{
    account, again, api, api_watch, assets, audit, audit_page, callback, contrast, deeds, events, evidence, feed,
    fleet, health, incident, incidents, journey, journeys, maintenance, maintenance_api, metrics, notices, openapi,
    people, provider, refusal, reports, sign_in, today, walk, welcome,
};
use crate::people::May;
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;

/// One route.
struct Route {
    method: Method,
    path: &'static str,
    asks: Asks,
    serve: MethodRouter<Arc<Console>>,
}

impl Route {
    /// A route that only reads.
    fn get<H, T>(path: &'static str, asks: impl Into<Asks>, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        Self { method: Method::GET, path, asks: asks.into(), serve: get(handler) }
    }

    /// A route that changes something. The gate lets through what a page of the console or a program with a token sends;
    /// a form carries `csrf`, anything else the header `x-csrf-token`.
    fn post<H, T>(path: &'static str, asks: impl Into<Asks>, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        Self { method: Method::POST, path, asks: asks.into(), serve: post(handler) }
    }
}

fn table() -> Vec<Route> {
    let see = May::SeeIncidents;
    let own = May::OwnAccount;
    let people = May::AdministerPeople;
    vec![
        Route::get("/", see, today::page),
        Route::get("/incidents", see, incidents::page),
        Route::get("/incidents/{id}", see, incident::page),
        Route::post("/incidents/{id}/deeds", May::ActOnIncidents, deeds::act),
        Route::post("/incidents/{id}/again", May::ActOnIncidents, again::of_incident),
        Route::get("/walks/{id}", see, walk::page),
        Route::post("/walks/{id}/again", May::ActOnIncidents, again::of_walk),
        Route::get("/journeys", see, journeys::page),
        Route::get("/journeys/{id}", see, journey::page),
        Route::get("/maintenance", see, maintenance::page),
        Route::post("/maintenance", May::ActOnIncidents, maintenance::declare),
        Route::post("/maintenance/{id}/end", May::ActOnIncidents, maintenance::end),
        Route::get("/fleet", see, fleet::page),
        Route::get("/notices", see, notices::page),
        Route::get("/audit", May::ReadAudit, audit_page::page),
        Route::get("/evidence/{name}", May::SeeEvidence, evidence::piece),
        Route::get("/evidence/{name}/against/{other}", May::SeeEvidence, contrast::drawing),
        Route::get("/reports", see, reports::page),
        Route::get("/reports/print", see, reports::print),
        Route::get("/reports/table.csv", see, reports::csv),
        Route::get("/reports/table.xlsx", see, reports::xlsx),
        Route::get("/live", see, feed::live),
        Route::get("/api/v1/today", see, api::today),
        Route::get("/api/v1/incidents", see, api::incidents),
        Route::get("/api/v1/incidents/{id}", see, api::incident),
        Route::post("/api/v1/incidents/{id}/deeds", May::ActOnIncidents, deeds::act_v1),
        Route::post("/api/v1/incidents/{id}/again", May::ActOnIncidents, again::of_incident_v1),
        Route::get("/api/v1/walks/{id}", see, api::walk),
        Route::post("/api/v1/walks/{id}/again", May::ActOnIncidents, again::of_walk_v1),
        Route::get("/api/v1/again/{id}", see, again::look_v1),
        Route::get("/api/v1/events", see, events::events),
        Route::post("/api/v1/tickets/{system}", Asks::Signature, callback::called),
        Route::get("/api/v1/reports", see, reports::v1),
        Route::get("/api/v1/journeys", see, api_watch::journeys),
        Route::get("/api/v1/journeys/{id}", see, api_watch::journey),
        Route::get("/api/v1/journeys/{id}/source", May::AuthorJourneys, api_watch::source),
        Route::get("/api/v1/maintenance", see, maintenance_api::list),
        Route::post("/api/v1/maintenance", May::ActOnIncidents, maintenance_api::declare),
        Route::post("/api/v1/maintenance/{id}/end", May::ActOnIncidents, maintenance_api::end),
        Route::get("/api/v1/fleet", see, api_watch::fleet),
        Route::get("/api/v1/notices", see, api_watch::notices),
        Route::get("/api/v1/audit", May::ReadAudit, audit::audit),
        Route::get("/api/v1/openapi.json", see, openapi::openapi),
        Route::get("/metrics", see, metrics::metrics),
        // Coming in and going out.
        Route::get("/sign-in", Asks::Open, sign_in::page),
        Route::post("/sign-in", Asks::Open, sign_in::sign_in),
        Route::get("/sign-in/second", Asks::Open, sign_in::second_page),
        Route::post("/sign-in/second", Asks::Open, sign_in::second),
        Route::get("/sign-in/provider", Asks::Open, provider::leave),
        Route::get("/sign-in/provider/back", Asks::Open, provider::back),
        Route::get("/welcome", Asks::Open, welcome::page),
        Route::post("/welcome", Asks::Open, welcome::welcome),
        Route::post("/sign-out", own, sign_in::sign_out),
        // One's own.
        Route::get("/account", own, account::page),
        Route::get("/account/anew", own, provider::anew),
        Route::post("/account/password", own, account::password),
        Route::post("/account/second/offer", own, account::offer_second),
        Route::post("/account/second/confirm", own, account::confirm_second),
        Route::post("/account/second/off", own, account::second_off),
        Route::post("/account/recovery", own, account::recovery),
        Route::post("/account/sessions/{id}/end", own, account::end_session),
        Route::post("/account/tokens", own, account::make_token),
        Route::post("/account/tokens/{id}/end", own, account::end_token),
        // Everybody's.
        Route::get("/people", people, people::page),
        Route::post("/people", people, people::invite),
        Route::post("/people/{id}/role", people, people::role),
        Route::post("/people/{id}/disable", people, people::disable),
        Route::post("/people/{id}/enable", people, people::enable),
        Route::post("/people/{id}/reset", people, people::reset),
        Route::post("/people/{id}/password/grant", people, people::grant_password),
        Route::post("/people/{id}/password/withdraw", people, people::withdraw_password),
        Route::post("/people/{id}/remove", people, people::remove),
        // What says nothing of what is watched.
        Route::get("/healthz", Asks::Open, health::healthz),
        Route::get("/assets/{name}", Asks::Open, assets::asset),
        Route::get("/favicon.ico", Asks::Open, assets::icon),
    ]
}

/// The router of the table. Nothing else adds a route.
pub(super) fn router(console: &Arc<Console>) -> Router<Arc<Console>> {
    let behind = |asks| from_fn_with_state(Gate { console: console.clone(), asks }, gate);
    let all = table()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.serve.route_layer(behind(route.asks))));
    all.fallback(refusal::no_route.layer(behind(Asks::Open)))
}

/// A route as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRoute {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, with names in braces.
    pub path: &'static str,
    /// The right it asks for; `None` where it asks none.
    pub asks: Option<May>,
    /// Whether it asks for a signature instead.
    pub signed: bool,
}

/// Every route there is.
pub fn routes() -> Vec<ListedRoute> {
    let listed = |route: Route| ListedRoute {
        method: route.method.to_string(),
        path: route.path,
        signed: route.asks == Asks::Signature,
        asks: match route.asks {
            Asks::Open | Asks::Signature => None,
            Asks::May(may) => Some(may),
        },
    };
    table().into_iter().map(listed).collect()
}
