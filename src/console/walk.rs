//! `GET /walks/{id}`: one walk, step by step.

use super::calendar::{When, when};
use super::lang::{Lang, Viewer};
use super::scene::Scene;
use super::serve::Console;
use super::strip::Face;
use super::visitor::Visitor;
use super::{refusal, render};
use crate::audit::Object;
use crate::id::WalkId;
use crate::incident::{Sighting, SightingRole, StoredWalk};
use crate::walk::Purpose;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct WalkPage {
    id: String,
    title: String,
    face: Face,
    word: &'static str,
    started: When,
    took: String,
    device: String,
    purpose: &'static str,
    confirms: Option<String>,
    incidents: Vec<Seen>,
    #[serde(flatten)]
    scene: Scene,
}

#[derive(Serialize)]
struct Seen {
    id: String,
    says: &'static str,
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<WalkId>() else { return refusal::absent(&console, &viewer) };
    match console.archive.walk(id).await {
        Ok(Some(stored)) => {
            console.access.page(&visitor.actor(), Object::Walk(id), &[&stored.row.json]);
            render::page(&console, &viewer, "walk.html", show(&console, viewer.lang, &stored))
        }
        Ok(None) => refusal::absent(&console, &viewer),
        Err(error) => refusal::ledger(&console, &viewer, &error),
    }
}

fn show(console: &Console, lang: Lang, stored: &StoredWalk) -> WalkPage {
    let (row, t) = (&stored.row, lang.texts());
    let (purpose, confirms) = match &row.purpose {
        Purpose::Patrol { .. } => (t.purpose_patrol, None),
        Purpose::Confirm { of } => (t.purpose_confirm, Some(of.to_string())),
        Purpose::Verify { .. } => (t.purpose_verify, None),
        Purpose::Manual => (t.purpose_manual, None),
    };
    WalkPage {
        id: row.walk.to_string(),
        title: row.title.clone(),
        face: row.verdict.into(),
        word: t.verdict_word(row.verdict),
        started: when(row.started, console.clock.now(), &console.zone, lang),
        took: lang.duration(row.elapsed),
        device: row.device.clone(),
        purpose,
        confirms,
        incidents: stored.sightings.iter().map(|s| seen(s, lang)).collect(),
        scene: Scene::read(row, lang).unwrap_or_default(),
    }
}

fn seen(sighting: &Sighting, lang: Lang) -> Seen {
    Seen { id: sighting.incident.to_string(), says: role_words(sighting.role, lang) }
}

/// What a walk had to say on an incident, in words.
pub(super) fn role_words(role: SightingRole, lang: Lang) -> &'static str {
    let t = lang.texts();
    match role {
        SightingRole::Suspicion => t.role_suspicion,
        SightingRole::Confirmation => t.role_confirmation,
        SightingRole::Repeat => t.role_repeat,
        SightingRole::Refutation => t.role_refutation,
    }
}
