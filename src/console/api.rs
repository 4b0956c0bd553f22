//! The same as JSON, for other systems: `/api/v1/…`. Its shapes are published: fields are added, never renamed.

use super::api_watch::NoticeV1;
use super::asked::Params;
use super::maintenance_api::WindowV1;
use super::operation::Operation;
use super::queue::{Filters, Queue, Tab};
use super::serve::Console;
use super::shape;
use super::strip::{Cell, Counts, Face, Span};
use super::tagging::TagsV1;
use super::today::Asked;
use super::visitor::Visitor;
use super::watch::{Standing, Trouble, Watch, Watched};
use crate::alert::replay_command;
use crate::audit::Object;
use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, WalkId};
use crate::incident::{DeedKind, Incident, IncidentFile, LedgerError, Move, Sighting, Untold};
use crate::moment::Moment;
use crate::tags::Rules;
use crate::ticket::Ticket;
use crate::walk::v1::WalkV1;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Incidents, and notices not delivered, that today's answer names.
const INCIDENTS_MAX: u32 = 200;
const NOTICES_MAX: u32 = 100;

/// Why nothing was done, or told.
#[derive(Serialize, JsonSchema)]
pub(super) struct ErrorV1 {
    /// For programs: which words there are stands with each answer.
    error: &'static str,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct TodayV1 {
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    #[schemars(extend("format" = "date-time"))]
    from: String,
    #[schemars(extend("format" = "date-time"))]
    to: String,
    counts: Counts,
    journeys: Vec<JourneyTodayV1>,
    open_incidents: Vec<String>,
    /// Notices that people should have had and have not.
    undelivered: Vec<NoticeV1>,
    /// Maintenance windows in force.
    maintenance: Vec<WindowV1>,
}

#[derive(Serialize, JsonSchema)]
struct JourneyTodayV1 {
    journey: String,
    title: String,
    app: String,
    standing: Standing,
    last_walk: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    last_walk_at: Option<String>,
    counts: Counts,
    /// Oldest first; those where nothing was due left out.
    cells: Vec<CellV1>,
}

#[derive(Serialize, JsonSchema)]
struct CellV1 {
    #[schemars(extend("format" = "date-time"))]
    from: String,
    worst: Face,
    walk: Option<String>,
    #[schemars(schema_with = "shape::maybe_missed")]
    missed: Option<&'static str>,
    counts: Counts,
}

#[derive(Serialize, JsonSchema)]
struct IncidentsV1 {
    incidents: Vec<IncidentV1>,
    /// How many there are in each tab, all other filters applied.
    counts: BTreeMap<&'static str, u64>,
    /// Whether there are more than these.
    cut: bool,
    /// What `after` is to be, for those that follow.
    next: Option<String>,
}

/// What people make of it, and how far its end is verified.
#[derive(Serialize, JsonSchema)]
struct HandlingV1 {
    #[schemars(schema_with = "shape::standing")]
    standing: &'static str,
    #[schemars(extend("format" = "date-time"))]
    since: Option<String>,
    assignee: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    acknowledged: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    claimed: Option<String>,
    claims_refused: u32,
    #[schemars(extend("format" = "date-time"))]
    muted_until: Option<String>,
    /// The most important thing that people are told of it when the maintenance windows that keep it quiet are over; null where
    /// they know all of it.
    #[schemars(schema_with = "shape::untold")]
    untold: Option<&'static str>,
    duplicate_of: Option<String>,
    passes: u32,
    #[schemars(extend("format" = "date-time"))]
    closed: Option<String>,
    #[schemars(schema_with = "shape::deeds")]
    possible: Vec<&'static str>,
}

/// One trouble, over time.
#[derive(Serialize, JsonSchema)]
pub(super) struct IncidentV1 {
    id: String,
    fingerprint: String,
    kind: &'static str,
    #[schemars(schema_with = "shape::state")]
    state: &'static str,
    handling: HandlingV1,
    class: Option<&'static str>,
    #[schemars(schema_with = "shape::severity")]
    severity: &'static str,
    attribution: &'static str,
    headline: BothV1,
    app: String,
    journey: String,
    title: String,
    step: Option<String>,
    step_title: String,
    route: String,
    devices: BTreeSet<String>,
    detector: String,
    cause: Option<String>,
    owner: Option<String>,
    /// The journey's own words for itself.
    tags: BTreeMap<String, String>,
    /// What it is filed under.
    filed_under: Option<TagsV1>,
    #[schemars(extend("format" = "date-time"))]
    first_seen: String,
    #[schemars(extend("format" = "date-time"))]
    last_seen: String,
    #[schemars(extend("format" = "date-time"))]
    opened: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    recovered: Option<String>,
    sightings: u32,
    unconfirmed: u32,
    reopened: u32,
    /// Whether only some walks meet it: `looks_met` of `looks` made for their own sake, up to the last that did.
    intermittent: bool,
    looks: u32,
    looks_met: u32,
    failing_walk: String,
    good_walk: Option<String>,
    picture: Option<String>,
    previous: Option<String>,
    /// The whole that this is a part of.
    parent: Option<String>,
    /// When its own journey got past it while others still meet it.
    #[schemars(extend("format" = "date-time"))]
    past: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct BothV1 {
    zh: String,
    en: String,
}

#[derive(Serialize, JsonSchema)]
struct IncidentFileV1 {
    #[serde(flatten)]
    incident: IncidentV1,
    seen_by: Vec<SightingV1>,
    moves: Vec<MoveV1>,
    replay: String,
    /// Its tickets in other systems.
    tickets: Vec<TicketV1>,
}

#[derive(Serialize, JsonSchema)]
struct TicketV1 {
    system: String,
    ticket: Option<String>,
    url: Option<String>,
    status: Option<String>,
    done: bool,
    /// Why it was not told, where it was not.
    said: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct SightingV1 {
    walk: String,
    #[schemars(extend("format" = "date-time"))]
    at: String,
    role: &'static str,
    device: String,
    cause: Option<String>,
    evidence: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct MoveV1 {
    what: &'static str,
    #[schemars(extend("format" = "date-time"))]
    at: String,
    walk: String,
    actor: String,
    why: String,
}

/// What is answered here, for the document.
pub(super) fn operations() -> [Operation; 4] {
    [
        Operation::get("/api/v1/today", "How every journey stands")
            .query::<Asked>()
            .answers::<TodayV1>("Every journey with its walks of late, and what is open."),
        Operation::get("/api/v1/incidents", "The queue of incidents, 100 a page")
            .told("Filters are those of the console's page; a filter that is left out or empty asks for nothing.")
            .query::<Filters>()
            .answers::<IncidentsV1>("A page of the queue."),
        Operation::get("/api/v1/incidents/{id}", "An incident with all that happened to it")
            .id("id", "The incident.")
            .answers::<IncidentFileV1>("The incident.")
            .refuses(404, "not-found", "there is no such incident"),
        Operation::get("/api/v1/walks/{id}", "A walk, as it was filed")
            .id("id", "The walk.")
            .answers::<WalkV1>("The walk (`walk.v1`).")
            .refuses(404, "not-found", "there is no such walk, or it was forgotten (`retain.walks`)"),
    ]
}

/// `GET /api/v1/today?range=24h`
pub(super) async fn today(State(console): State<Arc<Console>>, Params(asked): Params<Asked>) -> Response {
    let span = Span::read(asked.range.as_deref());
    match tokio::join!(Watch::read(&console, span), Trouble::read(&console, INCIDENTS_MAX, NOTICES_MAX)) {
        (Ok(watch), Ok(trouble)) => Json(TodayV1 {
            as_of: watch.now.to_string(),
            from: watch.from.to_string(),
            to: watch.to.to_string(),
            counts: watch.counts(),
            journeys: watch.journeys.iter().map(journey_v1).collect(),
            open_incidents: trouble.open.incidents.iter().map(|i| i.id.to_string()).collect(),
            undelivered: trouble.undelivered.iter().map(NoticeV1::of).collect(),
            maintenance: WindowV1::in_force(&console, watch.now),
        })
        .into_response(),
        (Err(error), _) | (_, Err(error)) => ledger(&error),
    }
}

/// `GET /api/v1/incidents`, with the queue's filters.
pub(super) async fn incidents(State(console): State<Arc<Console>>, Params(filters): Params<Filters>) -> Response {
    match Queue::read(&console, &filters).await {
        Ok(queue) => {
            let incidents = queue.page.incidents.iter().map(|one| incident_v1(one, &console.queue.tags)).collect();
            let next = queue.page.next.as_ref().map(ToString::to_string);
            let counts = Tab::ALL.into_iter().map(|tab| (tab.word(), queue.count(tab))).collect();
            Json(IncidentsV1 { incidents, counts, cut: next.is_some(), next }).into_response()
        }
        Err(error) => ledger(&error),
    }
}

/// `GET /api/v1/incidents/{id}`
pub(super) async fn incident(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<IncidentId>() else { return absent() };
    match console.archive.incident(id).await {
        Ok(Some(file)) => {
            console.access.page(&visitor.actor(), Object::Incident(id), &[]);
            match console.book.tickets(id).await {
                Ok(tickets) => {
                    Json(file_v1(&file, &tickets, &console.queue.tags, console.config.as_deref())).into_response()
                }
                Err(error) => ledger(&error),
            }
        }
        Ok(None) => absent(),
        Err(error) => ledger(&error),
    }
}

/// `GET /api/v1/walks/{id}`: `walk.v1` as it was filed.
pub(super) async fn walk(State(console): State<Arc<Console>>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<WalkId>() else { return absent() };
    match console.archive.walk(id).await {
        Ok(Some(stored)) => {
            console.access.page(&visitor.actor(), Object::Walk(id), &[&stored.row.json]);
            ([(header::CONTENT_TYPE, "application/json")], stored.row.json).into_response()
        }
        Ok(None) => absent(),
        Err(error) => ledger(&error),
    }
}

/// Nothing has this address.
pub(super) fn absent() -> Response {
    refused(StatusCode::NOT_FOUND, "not-found", None)
}

/// Something is wrong with what was asked.
pub(super) fn wrong(status: StatusCode, error: &'static str, said: impl Into<String>) -> Response {
    refused(status, error, Some(said.into()))
}

/// Nothing is done, or told.
pub(super) fn refused(status: StatusCode, error: &'static str, said: Option<String>) -> Response {
    (status, Json(ErrorV1 { error, said })).into_response()
}

pub(super) fn ledger(error: &LedgerError) -> Response {
    tracing::error!(%error, "the console could not read the ledger");
    refused(StatusCode::SERVICE_UNAVAILABLE, "ledger-unreadable", None)
}

fn text(at: Moment) -> String {
    at.to_string()
}

fn journey_v1(watched: &Watched) -> JourneyTodayV1 {
    JourneyTodayV1 {
        journey: watched.journey.to_string(),
        title: watched.title.clone(),
        app: watched.app.clone(),
        standing: watched.standing,
        last_walk: watched.last.as_ref().map(|w| w.walk.to_string()),
        last_walk_at: watched.last.as_ref().map(|w| text(w.started)),
        counts: watched.counts,
        cells: watched.cells.iter().filter(|c| c.face != Face::Idle).map(cell_v1).collect(),
    }
}

fn cell_v1(cell: &Cell) -> CellV1 {
    CellV1 {
        from: text(cell.from),
        worst: cell.face,
        walk: cell.walk.map(|w| w.to_string()),
        missed: cell.missed.map(|reason| reason.word()),
        counts: cell.counts,
    }
}

fn incident_v1(incident: &Incident, rules: &Rules) -> IncidentV1 {
    IncidentV1 {
        id: incident.id.to_string(),
        fingerprint: incident.fingerprint.to_string(),
        kind: incident.kind.word(),
        state: incident.state.word(),
        handling: handling_v1(incident),
        class: incident.class.map(|c| c.word()),
        severity: incident.severity.word(),
        attribution: incident.attribution.word(),
        headline: BothV1 { zh: incident.headline.zh.clone(), en: incident.headline.en.clone() },
        app: incident.app.clone(),
        journey: incident.journey.to_string(),
        title: incident.title.clone(),
        step: incident.step.as_ref().map(|s| s.0.clone()),
        step_title: incident.step_title.clone(),
        route: incident.route.clone(),
        devices: incident.devices.clone(),
        detector: incident.detector.clone(),
        cause: incident.cause.clone(),
        owner: incident.owner.clone(),
        tags: incident.tags.clone(),
        filed_under: TagsV1::of(incident, rules),
        first_seen: text(incident.first_seen),
        last_seen: text(incident.last_seen),
        opened: incident.opened.map(text),
        recovered: incident.recovered.map(text),
        sightings: incident.sightings,
        unconfirmed: incident.unconfirmed,
        reopened: incident.reopened,
        intermittent: incident.odds.intermittent,
        looks: incident.odds.looks,
        looks_met: incident.odds.met,
        failing_walk: incident.failing_walk.to_string(),
        good_walk: incident.good_walk.map(|w| w.to_string()),
        picture: incident.picture.as_ref().map(EvidenceKey::to_string),
        previous: incident.previous.map(|i| i.to_string()),
        parent: incident.parent.map(|i| i.to_string()),
        past: incident.past.map(text),
    }
}

fn handling_v1(incident: &Incident) -> HandlingV1 {
    let (handling, standing) = (&incident.handling, incident.standing());
    HandlingV1 {
        standing: standing.word(),
        since: handling.since.map(text),
        assignee: handling.assignee.clone(),
        acknowledged: handling.acknowledged.map(text),
        claimed: handling.claimed.map(text),
        claims_refused: handling.refused,
        muted_until: handling.mute.as_ref().map(|mute| text(mute.until)),
        untold: handling.untold.first().copied().map(Untold::word),
        duplicate_of: handling.duplicate_of.map(|id| id.to_string()),
        passes: handling.passes.count,
        closed: handling.closed.map(text),
        possible: DeedKind::ALL
            .into_iter()
            .filter(|kind| kind.is_possible(incident.kind, standing))
            .map(DeedKind::word)
            .collect(),
    }
}

/// One incident, as it is now.
pub(super) fn incident_as_it_is(incident: &Incident, rules: &Rules) -> Response {
    Json(incident_v1(incident, rules)).into_response()
}

fn file_v1(file: &IncidentFile, tickets: &[Ticket], rules: &Rules, config: Option<&str>) -> IncidentFileV1 {
    IncidentFileV1 {
        incident: incident_v1(&file.incident, rules),
        seen_by: file.sightings.iter().map(sighting_v1).collect(),
        moves: file.moves.iter().map(move_v1).collect(),
        replay: replay_command(file.incident.id, config),
        tickets: tickets.iter().map(ticket_v1).collect(),
    }
}

fn ticket_v1(ticket: &Ticket) -> TicketV1 {
    TicketV1 {
        system: ticket.system.clone(),
        ticket: ticket.key.clone(),
        url: ticket.url.clone(),
        status: ticket.status.clone(),
        done: ticket.done,
        said: ticket.said.clone(),
    }
}

fn sighting_v1(sighting: &Sighting) -> SightingV1 {
    SightingV1 {
        walk: sighting.walk.to_string(),
        at: text(sighting.at),
        role: sighting.role.word(),
        device: sighting.device.clone(),
        cause: sighting.cause.clone(),
        evidence: sighting.evidence.iter().map(EvidenceKey::to_string).collect(),
    }
}

fn move_v1(moved: &Move) -> MoveV1 {
    MoveV1 {
        what: moved.what.word(),
        at: text(moved.at),
        walk: moved.walk.to_string(),
        actor: moved.by.to_string(),
        why: moved.why.clone(),
    }
}
