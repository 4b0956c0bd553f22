//! `GET /api/v1/events`: every move of an incident, in order, for systems that follow along.

use super::api::{self, wrong};
use super::asked::Params;
use super::operation::Operation;
use super::serve::Console;
use crate::alert::{Chapter, Happening};
use crate::incident::LedgerError;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Moves in one answer, where nothing is asked for.
const LIMIT: u32 = 100;
/// Moves in one answer at most.
const LIMIT_MAX: u32 = 1_000;

/// Where to go on, and how far.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Asked {
    /// The cursor of the last move that was read; from the beginning where there is none.
    #[schemars(extend("pattern" = "^[0-9]+$"))]
    after: Option<String>,
    /// How many moves; 100 where nothing is asked for.
    #[schemars(with = "u32", range(min = 1, max = LIMIT_MAX))]
    limit: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct EventsV1 {
    events: Vec<EventV1>,
    /// Where to go on: the cursor of the last move here, or the one that was given.
    next: String,
    /// Whether there are more already.
    more: bool,
    /// Whether moves after the given cursor have been forgotten (`retain.moves`).
    gap: bool,
}

#[derive(Serialize, JsonSchema)]
struct EventV1 {
    cursor: String,
    #[serde(flatten)]
    happening: Happening,
}

/// The operation, for the document.
pub(super) fn operation() -> Operation {
    Operation::get("/api/v1/events", "Every move of an incident, in order")
        .told("Keep `next` and ask with it again: every move comes, none is left out, and none comes twice.")
        .query::<Asked>()
        .answers::<EventsV1>("A part of the feed.")
        .refuses(409, "unknown-cursor", "the cursor is ahead of the feed: the ledger was restored, or is another one")
}

/// `GET /api/v1/events?after=CURSOR&limit=N`
pub(super) async fn events(State(console): State<Arc<Console>>, Params(asked): Params<Asked>) -> Response {
    let after = match asked.after.as_deref().map_or(Ok(0), str::parse::<u64>) {
        Ok(after) => after,
        Err(_) => return wrong(StatusCode::BAD_REQUEST, "unreadable", "`after` is no cursor of this feed"),
    };
    let limit = match asked.limit.as_deref().map_or(Ok(LIMIT), str::parse::<u32>) {
        Ok(limit @ 1..=LIMIT_MAX) => limit,
        _ => return wrong(StatusCode::BAD_REQUEST, "unreadable", "`limit` is a number from 1 to 1000"),
    };
    match console.chronicle.chapter(after, limit).await {
        // A ledger that was restored is behind its readers: what they would miss nobody could tell them later.
        Ok(chapter) if after > chapter.newest => {
            let said = "this cursor is ahead of the feed: the ledger was restored from a backup, or is another one; \
                        begin anew without `after`, and drop by `event_id` what is known";
            wrong(StatusCode::CONFLICT, "unknown-cursor", said)
        }
        Ok(chapter) => match tickets(&console, &chapter).await {
            Ok(tickets) => Json(answer(chapter, &asked, after, &console, &tickets)).into_response(),
            Err(error) => api::ledger(&error),
        },
        Err(error) => api::ledger(&error),
    }
}

/// The pages of tickets, by incident.
async fn tickets(console: &Console, chapter: &Chapter) -> Result<BTreeMap<String, Vec<String>>, LedgerError> {
    let mut pages = BTreeMap::new();
    for (_, happening) in &chapter.moves {
        let id = &happening.facts.incident_id;
        if let Some(incident) = id.parse().ok().filter(|_| !pages.contains_key(id)) {
            let tickets = console.book.tickets(incident).await?;
            pages.insert(id.clone(), tickets.into_iter().filter_map(|ticket| ticket.url).collect());
        }
    }
    Ok(pages)
}

fn answer(
    chapter: Chapter,
    asked: &Asked,
    after: u64,
    console: &Console,
    tickets: &BTreeMap<String, Vec<String>>,
) -> EventsV1 {
    let next = chapter.moves.last().map_or(after, |(seq, _)| *seq);
    let event = |(seq, happening): (u64, Happening)| {
        let mut happening = happening.filed(&console.queue.tags).placed(&console.place);
        happening.links.tickets = tickets.get(&happening.facts.incident_id).cloned().unwrap_or_default();
        EventV1 { cursor: seq.to_string(), happening }
    };
    EventsV1 {
        next: next.to_string(),
        more: next < chapter.newest && !chapter.moves.is_empty(),
        gap: asked.after.is_some() && after < chapter.forgotten,
        events: chapter.moves.into_iter().map(event).collect(),
    }
}
