//! Walking again, now, because somebody asks for it from a page: the asking, and what is shown while the walk comes about.

use super::calendar::{When, when};
use super::lang::{Lang, Viewer};
use super::operation::Operation;
use super::serve::Console;
use super::visitor::Visitor;
use super::{api, incident, refusal, walk};
use crate::actor::Actor;
use crate::evidence::EvidenceKey;
use crate::fleet::{Ask, NotAsked, WishEnd, WishLook, WishStage};
use crate::id::{IncidentId, JourneyId, WalkId, WishId};
use crate::incident::{LedgerError, Meaning, SightingRole};
use crate::people::May;
use crate::walk::Verdict;
use crate::walk::v1::OutcomeV1;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which wish the address of a page names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    again: Option<String>,
}

/// What a page shows of walking again.
#[derive(Debug, Serialize)]
pub(super) struct AgainView {
    /// Where to ask, for those who may.
    pub ask: Option<String>,
    /// Why nobody can, for those who might.
    pub not: Option<String>,
    /// What would be walked: device and pool.
    pub device: String,
    pub pool: Option<String>,
    /// Whether that is not a device that the fault was met on.
    pub other_device: bool,
    pub wish: Option<WishView>,
}

/// A wish as a page shows it.
#[derive(Debug, Serialize)]
pub(super) struct WishView {
    /// Its name.
    id: String,
    /// The incident that its page is about, for the stream; empty on a walk's page.
    about: String,
    over: bool,
    /// The mark beside it.
    face: &'static str,
    title: &'static str,
    says: String,
    by: String,
    asked: Option<When>,
    device: String,
    pool: Option<String>,
    walk: Option<String>,
    steps: Vec<WishStepView>,
}

#[derive(Debug, Serialize)]
struct WishStepView {
    n: usize,
    title: String,
    face: &'static str,
    word: &'static str,
    elapsed: String,
    picture: Option<String>,
}

/// A wish, published: fields are added, never renamed.
#[derive(Serialize, JsonSchema)]
struct WishV1 {
    id: String,
    journey: String,
    device: String,
    account: Option<String>,
    incidents: Vec<String>,
    asked_by: Vec<String>,
    #[schemars(extend("format" = "date-time"))]
    asked: String,
    /// `waits`, `prepares`, `walks` or `ended`.
    stage: &'static str,
    walk: Option<String>,
    steps: Vec<WishStepV1>,
    end: Option<EndV1>,
}

#[derive(Serialize, JsonSchema)]
struct WishStepV1 {
    title: String,
    outcome: Option<OutcomeV1>,
    elapsed_ms: u64,
    picture: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct EndV1 {
    at: Option<String>,
    /// `filed`, `unfiled`, `no-room`, `stopped` or `lost`.
    how: &'static str,
    verdict: Option<&'static str>,
    /// What it means for each incident that it was asked for.
    means: Vec<MeansV1>,
    /// How many walks in a row closing wants.
    passes_wanted: u32,
}

#[derive(Serialize, JsonSchema)]
struct MeansV1 {
    incident: String,
    means: &'static str,
    /// Where it counts: how many walks got past it in a row.
    passes: Option<u32>,
}

/// What somebody asks to be walked again.
enum Place {
    Incident(IncidentId),
    Walk(WalkId),
}

impl Place {
    fn path(&self) -> String {
        match self {
            Place::Incident(id) => format!("/incidents/{id}"),
            Place::Walk(id) => format!("/walks/{id}"),
        }
    }
}

/// Why nothing is walked.
enum NotDone {
    Absent,
    Ledger(LedgerError),
    Not(NotAsked),
}

/// `POST /incidents/{id}/again`
pub(super) async fn of_incident(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse() else { return refusal::absent(&console, &viewer) };
    by_page(&console, &viewer, &visitor, Place::Incident(id)).await
}

/// `POST /walks/{id}/again`
pub(super) async fn of_walk(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse() else { return refusal::absent(&console, &viewer) };
    by_page(&console, &viewer, &visitor, Place::Walk(id)).await
}

/// From a page's form: the page again, which names the wish, or the page with why there is none.
async fn by_page(console: &Console, viewer: &Viewer, visitor: &Visitor, place: Place) -> Response {
    let not = match asked(console, &place, visitor.actor()).await {
        Ok((look, of)) => {
            let shown = of.map_or(place, Place::Incident).path();
            return Redirect::to(&format!("{shown}?again={}#again", look.id)).into_response();
        }
        Err(NotDone::Absent) => return refusal::absent(console, viewer),
        Err(NotDone::Ledger(error)) => return refusal::ledger(console, viewer, &error),
        Err(NotDone::Not(not)) => not,
    };
    let said = Some(viewer.lang.not_asked(&not));
    let mut page = match place {
        Place::Incident(id) => incident::shown(console, viewer, visitor, id, said, &Named::default()).await,
        Place::Walk(id) => walk::shown(console, viewer, visitor, id, said, &Named::default()).await,
    };
    if page.status() == StatusCode::OK {
        *page.status_mut() = status(&not);
    }
    page
}

/// The operations, for the document.
pub(super) fn operations() -> [Operation; 3] {
    let asks = |path, summary, told| {
        Operation::post(path, summary)
            .told("The robot on watch walks it in its own seats, beside what is due. Ask `/api/v1/again/{id}` how it goes.")
            .id("id", told)
            .answers::<WishV1>("The wish, or the one that it has joined: one walk a journey at a time.")
            .accepted()
            .refuses(404, "not-found", "there is no such incident or walk")
            .refuses(409, "not-watched", "the journey is not on the watch")
            .refuses(409, "leaves-traces", "it may leave something behind in the app: its schedule alone has it walked")
            .refuses(429, "too-often", "this person asked often enough; `Retry-After` says for how long")
            .refuses(429, "crowded", "too many walks that people asked for wait already")
            .refuses(503, "stopping", "the robot is stopping")
            .refuses(503, "unrecorded", "the audit log could not be written")
    };
    [
        asks("/api/v1/incidents/{id}/again", "Walk an incident's journey again, now", "The incident."),
        asks("/api/v1/walks/{id}/again", "Walk a walk's journey again, now", "The walk."),
        Operation::get("/api/v1/again/{id}", "How a walk that was asked for goes")
            .id("id", "The wish.")
            .answers::<WishV1>("The wish, as it is now.")
            .refuses(404, "not-found", "there is no such wish, or it is over for long, or the robot was started anew"),
    ]
}

/// `POST /api/v1/incidents/{id}/again`: the wish.
pub(super) async fn of_incident_v1(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse() else { return api::absent() };
    by_program(&console, &visitor, Place::Incident(id)).await
}

/// `POST /api/v1/walks/{id}/again`: the wish.
pub(super) async fn of_walk_v1(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse() else { return api::absent() };
    by_program(&console, &visitor, Place::Walk(id)).await
}

async fn by_program(console: &Console, visitor: &Visitor, place: Place) -> Response {
    match asked(console, &place, visitor.actor()).await {
        Ok((look, _)) => (StatusCode::ACCEPTED, Json(wish_v1(console, &look))).into_response(),
        Err(NotDone::Absent) => api::absent(),
        Err(NotDone::Ledger(error)) => api::ledger(&error),
        Err(NotDone::Not(not)) => {
            let body = Json(serde_json::json!({ "error": not.word(), "said": not.to_string() }));
            let mut response = (status(&not), body).into_response();
            if let NotAsked::TooOften(wait) = not {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            }
            response
        }
    }
}

/// `GET /api/v1/again/{id}`: a wish as it is now.
pub(super) async fn look_v1(State(console): State<Arc<Console>>, Path(id): Path<String>) -> Response {
    match id.parse().ok().and_then(|id| console.wishes.look(id)) {
        Some(look) => Json(wish_v1(&console, &look)).into_response(),
        None => api::absent(),
    }
}

/// The wish, and the incident that the place is about.
async fn asked(console: &Console, place: &Place, by: Actor) -> Result<(WishLook, Option<IncidentId>), NotDone> {
    let (journey, of) = match place {
        Place::Incident(id) => {
            let file = console.archive.incident(*id).await.map_err(NotDone::Ledger)?.ok_or(NotDone::Absent)?;
            (file.incident.journey, Some(*id))
        }
        Place::Walk(id) => {
            let stored = console.archive.walk(*id).await.map_err(NotDone::Ledger)?.ok_or(NotDone::Absent)?;
            let met = stored.sightings.iter().find(|sighting| sighting.role != SightingRole::Refutation);
            (stored.row.journey, met.map(|sighting| sighting.incident))
        }
    };
    let (look, _) = console.wishes.ask(Ask { journey, of, by }).await.map_err(NotDone::Not)?;
    Ok((look, of))
}

fn status(not: &NotAsked) -> StatusCode {
    match not {
        NotAsked::NotWatched | NotAsked::LeavesTraces => StatusCode::CONFLICT,
        NotAsked::TooOften(_) | NotAsked::Crowded => StatusCode::TOO_MANY_REQUESTS,
        NotAsked::Stopping | NotAsked::Unrecorded => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl AgainView {
    /// What a page shows of walking `journey` again: that of an incident, which `about` names, or of a walk; `devices` are those
    /// that the fault was met on.
    pub fn of(
        console: &Console,
        viewer: &Viewer,
        (place, about): (&str, Option<IncidentId>),
        journey: &JourneyId,
        devices: &BTreeSet<String>,
        named: &Named,
    ) -> Self {
        let may = viewer.visitor.as_ref().is_some_and(|visitor| visitor.may(May::ActOnIncidents));
        let possible = console.wishes.possible(journey);
        let wish = match named.again.as_deref() {
            None => console.wishes.latest_of(journey).map(|look| WishView::of(console, viewer.lang, &look, about)),
            Some(id) => {
                let known = id.parse::<WishId>().ok().and_then(|id| console.wishes.look(id));
                let known = known.filter(|look| look.journey == *journey);
                Some(known.map_or_else(
                    || WishView::unknown(id, viewer.lang),
                    |look| WishView::of(console, viewer.lang, &look, about),
                ))
            }
        };
        let (device, pool, not) = match &possible {
            Ok(journey) => (journey.device.name(), journey.account.clone(), None),
            Err(not) => (String::new(), None, Some(viewer.lang.not_asked(not))),
        };
        Self {
            ask: (may && possible.is_ok()).then(|| format!("{place}/again")),
            other_device: possible.is_ok() && !devices.contains(&device),
            not: not.filter(|_| may),
            device,
            pool,
            wish,
        }
    }
}

impl WishView {
    /// A wish in the words of `lang`, and what it means for the incident that the page is about.
    pub fn of(console: &Console, lang: Lang, look: &WishLook, about: Option<IncidentId>) -> Self {
        let a = lang.again_texts();
        let (face, title, says) = match &look.stage {
            WishStage::Waits => ("gap", a.waits, a.waits_says.to_owned()),
            WishStage::Prepares => ("under-way", a.prepares, a.prepares_says.to_owned()),
            WishStage::Walks => ("under-way", a.walks, a.walks_says.to_owned()),
            WishStage::Ended(end) => lang.wish_end(end, about, console),
        };
        let names: Vec<&str> = look.by.iter().map(Actor::name).collect();
        Self {
            id: look.id.to_string(),
            about: about.map(|of| of.to_string()).unwrap_or_default(),
            over: look.is_over(),
            face,
            title,
            says,
            by: names.join(", "),
            asked: Some(when(look.asked, console.clock.now(), &console.zone, lang)),
            device: look.device.clone(),
            pool: look.pool.clone(),
            // Before it is filed there is nothing to see there.
            walk: look
                .walk
                .filter(|_| matches!(look.stage, WishStage::Ended(WishEnd::Filed { .. })))
                .map(|id| id.to_string()),
            steps: look
                .steps
                .iter()
                .enumerate()
                .map(|(i, step)| step_view(i + 1, step, look.is_over(), lang))
                .collect(),
        }
    }

    /// A wish of this name that this robot knows nothing of: it was started anew since.
    pub fn unknown(id: &str, lang: Lang) -> Self {
        let a = lang.again_texts();
        Self {
            id: id.to_owned(),
            about: String::new(),
            over: true,
            face: "inconclusive",
            title: a.unknown,
            says: a.unknown_says.to_owned(),
            by: String::new(),
            asked: None,
            device: String::new(),
            pool: None,
            walk: None,
            steps: Vec::new(),
        }
    }
}

fn step_view(n: usize, step: &crate::fleet::WishStep, over: bool, lang: Lang) -> WishStepView {
    let (face, word) = match step.outcome {
        Some(outcome) => (outcome.word(), super::scene::outcome_word(outcome, lang)),
        None if over => ("inconclusive", lang.texts().outcome_inconclusive),
        None => ("under-way", lang.again_texts().step_under_way),
    };
    WishStepView {
        n,
        title: lang.step(&step.title),
        face,
        word,
        elapsed: step.outcome.map(|_| lang.duration(step.elapsed)).unwrap_or_default(),
        picture: step.picture.as_ref().map(|key| format!("/evidence/{key}")),
    }
}

fn means_v1((incident, meaning): &(IncidentId, Meaning)) -> MeansV1 {
    let passes = match meaning {
        Meaning::Passed { count } => Some(*count),
        _ => None,
    };
    MeansV1 { incident: incident.to_string(), means: meaning.word(), passes }
}

fn wish_v1(console: &Console, look: &WishLook) -> WishV1 {
    let end = match &look.stage {
        WishStage::Ended(end) => {
            let (verdict, meanings) = match end {
                WishEnd::Filed { verdict, meanings } => (Some(verdict.word()), meanings.as_slice()),
                _ => (None, &[][..]),
            };
            Some(EndV1 {
                at: look.ended.map(|at| at.to_string()),
                how: end.word(),
                verdict,
                means: meanings.iter().map(means_v1).collect(),
                passes_wanted: console.queue.verify.passes,
            })
        }
        _ => None,
    };
    WishV1 {
        id: look.id.to_string(),
        journey: look.journey.to_string(),
        device: look.device.clone(),
        account: look.pool.clone(),
        incidents: look.of.iter().map(ToString::to_string).collect(),
        asked_by: look.by.iter().map(ToString::to_string).collect(),
        asked: look.asked.to_string(),
        stage: look.stage_word(),
        walk: look.walk.map(|walk| walk.to_string()),
        steps: look
            .steps
            .iter()
            .map(|step| WishStepV1 {
                title: step.title.clone(),
                outcome: step.outcome,
                elapsed_ms: u64::try_from(step.elapsed.as_millis()).unwrap_or(u64::MAX),
                picture: step.picture.as_ref().map(EvidenceKey::to_string),
            })
            .collect(),
        end,
    }
}

impl Lang {
    fn not_asked(self, not: &NotAsked) -> String {
        let a = self.again_texts();
        match not {
            NotAsked::NotWatched => a.not_watched.to_owned(),
            NotAsked::LeavesTraces => a.leaves_traces.to_owned(),
            NotAsked::Stopping => a.stopping.to_owned(),
            NotAsked::Crowded => a.crowded.to_owned(),
            NotAsked::TooOften(wait) => a.too_often.replace("{}", &self.duration(*wait)),
            NotAsked::Unrecorded => a.unrecorded.to_owned(),
        }
    }

    /// Mark, title and words for how a wish ended.
    fn wish_end(
        self,
        end: &WishEnd,
        about: Option<IncidentId>,
        console: &Console,
    ) -> (&'static str, &'static str, String) {
        let a = self.again_texts();
        let meaning = match end {
            WishEnd::Filed { meanings, .. } => meanings.iter().find(|(of, _)| Some(*of) == about).map(|(_, m)| m),
            _ => None,
        };
        let (face, title, says) = match end {
            WishEnd::Unfiled => ("inconclusive", a.unfiled, a.unfiled_says),
            WishEnd::NoRoom => ("gap", a.no_room, a.no_room_says),
            WishEnd::Stopped => ("inconclusive", a.stopped, a.stopped_says),
            WishEnd::Lost => ("inconclusive", a.lost, a.lost_says),
            WishEnd::Filed { verdict, .. } => match (meaning, verdict) {
                (Some(Meaning::Still), _) => ("failed", a.still, a.still_says),
                (Some(Meaning::Passed { count }), _) => {
                    let policy = &console.queue.verify;
                    return ("passed", a.passed, self.passes(*count, policy.passes, policy.over));
                }
                (Some(Meaning::Closed), _) => ("passed", a.closed, a.closed_says),
                (Some(Meaning::NotSeen), _) => ("passed", a.not_seen, a.not_seen_says),
                (Some(Meaning::Uncounted), _) => ("passed", a.uncounted, a.uncounted_says),
                (Some(Meaning::Elsewhere), _) => ("failed", a.elsewhere, a.elsewhere_says),
                (Some(Meaning::Nothing), _) | (None, Verdict::Inconclusive) => {
                    ("inconclusive", a.nothing, a.nothing_says)
                }
                (None, Verdict::Passed) => ("passed", a.got_through, ""),
                (None, Verdict::Degraded) => ("degraded", a.degraded, ""),
                (None, Verdict::Failed) => ("failed", a.failed, ""),
            },
        };
        (face, title, says.to_owned())
    }
}
