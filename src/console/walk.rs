//! `GET /walks/{id}`: one walk, step by step.

use super::again::{AgainView, Named};
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
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Serialize;
use std::collections::BTreeSet;
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
    /// Who asked for it.
    asked_by: Option<String>,
    /// What was wrong with what the visitor asked for.
    said: Option<String>,
    again: AgainView,
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
    Query(named): Query<Named>,
) -> Response {
    let Ok(id) = id.parse::<WalkId>() else { return refusal::absent(&console, &viewer) };
    shown(&console, &viewer, &visitor, id, None, &named).await
}

/// The page, with what was wrong with what the visitor asked for.
pub(super) async fn shown(
    console: &Console,
    viewer: &Viewer,
    visitor: &Visitor,
    id: WalkId,
    said: Option<String>,
    named: &Named,
) -> Response {
    match console.archive.walk(id).await {
        Ok(Some(stored)) => {
            console.access.page(&visitor.actor(), Object::Walk(id), &[&stored.row.json]);
            let devices = BTreeSet::from([stored.row.device.clone()]);
            let place = format!("/walks/{id}");
            let again = AgainView::of(console, viewer, (&place, None), &stored.row.journey, &devices, named);
            render::page(console, viewer, "walk.html", show(console, viewer.lang, &stored, said, again))
        }
        Ok(None) => refusal::absent(console, viewer),
        Err(error) => refusal::ledger(console, viewer, &error),
    }
}

fn show(console: &Console, lang: Lang, stored: &StoredWalk, said: Option<String>, again: AgainView) -> WalkPage {
    let (row, t) = (&stored.row, lang.texts());
    let (purpose, confirms, asked_by) = match &row.purpose {
        Purpose::Patrol { .. } => (t.purpose_patrol, None, None),
        Purpose::Confirm { of } => (t.purpose_confirm, Some(of.to_string()), None),
        Purpose::Verify { .. } => (t.purpose_verify, None, None),
        Purpose::Asked { by, .. } => (t.purpose_asked, None, Some(by.name().to_owned())),
        Purpose::Manual => (t.purpose_manual, None, None),
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
        asked_by,
        said,
        again,
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
