//! `GET /incidents/{id}`: one trouble: what a customer meets, since when, beside the last time it worked.

use super::again::{AgainView, Named};
use super::calendar::{When, when};
use super::cause::{CauseView, causes};
use super::film::{Over, Pair, align, stayed};
use super::handling::HandlingView;
use super::lang::{Lang, Viewer};
use super::queue::class_or_robot;
use super::scene::{PictureView, Scene, StepView};
use super::serve::Console;
use super::tagging::TagsView;
use super::visitor::Visitor;
use super::walk::role_words;
use super::{cause_words, refusal, render};
use crate::actor::Actor;
use crate::alert::replay_command;
use crate::audit::Object;
use crate::id::{IncidentId, WalkId};
use crate::incident::{
    Gathering, Incident, IncidentFile, IncidentQuery, LedgerError, Overdue, SightingRole, State as Standing,
    StoredWalk, What,
};
use crate::moment::Moment;
use crate::tags::{Business, Channel, Reason, Rules};
use crate::ticket::Ticket;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct IncidentPage<'a> {
    id: String,
    /// What was wrong with what the visitor asked for.
    said: Option<String>,
    handling: HandlingView,
    /// Walking it again, from here.
    again: Option<AgainView>,
    replay: String,
    headline: String,
    severity: &'static str,
    class: &'static str,
    class_name: &'static str,
    state: &'static str,
    standing: &'static str,
    standing_name: &'static str,
    since: When,
    last_seen: When,
    recovered: Option<When>,
    past: Option<When>,
    times: String,
    intermittent: Option<String>,
    reopened: Option<String>,
    title: &'a str,
    step: String,
    app: &'a str,
    route: &'a str,
    attribution: &'static str,
    owner: Option<&'a str>,
    devices: String,
    /// What it is filed under; `None` of the watch's own trouble.
    tags: Option<TagsView>,
    /// The journey's own words for itself.
    own: Vec<(&'a str, &'a str)>,
    detector: &'a str,
    fingerprint: &'a str,
    cause: Option<String>,
    /// What the failing step shows of it.
    causes: Vec<CauseView>,
    /// The trouble that it shares with others.
    kin: Option<&'a str>,
    previous: Option<String>,
    tickets: Vec<TicketView>,
    shape: &'static str,
    failing_walk: String,
    failing_anchor: String,
    picture: PictureView,
    good_walk: Option<String>,
    good_anchor: String,
    /// Whether the good picture is of the step before, which shows the same page.
    same_page: bool,
    good_at: Option<When>,
    good_picture: PictureView,
    /// Where the two pictures differ.
    over: Option<Over>,
    film: Vec<Pair<'a>>,
    whole: Option<String>,
    parts: Vec<PartView>,
    moves: Vec<MoveView>,
    sightings: Vec<SightingView>,
}

/// The same trouble on another journey or step.
#[derive(Serialize)]
struct PartView {
    id: String,
    face: &'static str,
    title: String,
    step: String,
    standing_name: &'static str,
    last_seen: When,
}

/// Its ticket in another system.
#[derive(Serialize)]
struct TicketView {
    system: String,
    name: String,
    url: Option<String>,
    status: Option<String>,
    said: Option<String>,
}

#[derive(Serialize)]
struct MoveView {
    what: &'static str,
    says: &'static str,
    by: Option<String>,
    why: String,
    at: When,
    walk: String,
}

#[derive(Serialize)]
struct SightingView {
    role: &'static str,
    says: &'static str,
    at: When,
    walk: String,
    device: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(named): Query<Named>,
) -> Response {
    let Ok(id) = id.parse::<IncidentId>() else { return refusal::absent(&console, &viewer) };
    shown(&console, &viewer, &visitor, id, None, &named).await
}

/// The page, with what was wrong with what the visitor asked for.
pub(super) async fn shown(
    console: &Console,
    viewer: &Viewer,
    visitor: &Visitor,
    id: IncidentId,
    said: Option<String>,
    named: &Named,
) -> Response {
    match read(console, id).await {
        Ok(Some(Read { file, parts, tickets, failing, good })) => {
            let walks = failing.iter().chain(&good);
            let records: Vec<&str> = walks.map(|walk| walk.row.json.as_str()).collect();
            console.access.page(&visitor.actor(), Object::Incident(id), &records);
            let walks = Walks::new(failing.as_ref(), good.as_ref(), &file.incident, viewer.lang);
            let view = View { console, viewer, lang: viewer.lang, now: console.clock.now() };
            let tickets = tickets.iter().map(|ticket| view.ticket(ticket)).collect();
            let (place, incident) = (format!("/incidents/{id}"), &file.incident);
            let place = (place.as_str(), Some(id));
            let again = AgainView::of(console, viewer, place, &incident.journey, &incident.devices, named);
            let page = IncidentPage { said, tickets, again: Some(again), ..view.show(&file, &parts, &walks) };
            render::page(console, viewer, "incident.html", page)
        }
        Ok(None) => refusal::absent(console, viewer),
        Err(error) => refusal::ledger(console, viewer, &error),
    }
}

/// Parts shown beside their whole at most.
const PARTS_MAX: u32 = 100;

struct Read {
    file: IncidentFile,
    parts: Vec<Incident>,
    tickets: Vec<Ticket>,
    failing: Option<StoredWalk>,
    good: Option<StoredWalk>,
}

async fn read(console: &Console, id: IncidentId) -> Result<Option<Read>, LedgerError> {
    let Some(file) = console.archive.incident(id).await? else { return Ok(None) };
    let failing = console.archive.walk(file.incident.failing_walk).await?;
    let good: Option<WalkId> = match file.incident.good_walk {
        Some(good) => Some(good),
        None => console.archive.last_good(&file.incident.journey, file.incident.first_seen).await?,
    };
    let good = match good {
        Some(good) => console.archive.walk(good).await?,
        None => None,
    };
    // Of a part, its siblings: the same trouble, met elsewhere.
    let whole = file.incident.parent.unwrap_or(id);
    let parts = IncidentQuery { gathering: Gathering::PartsOf(whole), limit: PARTS_MAX, ..IncidentQuery::default() };
    let mut parts = console.archive.incidents(&parts).await?;
    parts.retain(|part| part.id != id);
    let tickets = console.book.tickets(id).await?;
    Ok(Some(Read { file, parts, tickets, failing, good }))
}

/// The failing walk and the last good one, as scenes, with the step in question.
struct Walks {
    failing: Option<Scene>,
    good: Option<(String, Moment, Scene)>,
    /// The failing step's number in the failing walk.
    at: Option<usize>,
    /// The same step's number in the good walk.
    good_at: Option<usize>,
    /// The step before it, where that is what shows the page that the failing walk stayed on.
    same_page: Option<usize>,
}

impl Walks {
    fn new(failing: Option<&StoredWalk>, good: Option<&StoredWalk>, incident: &Incident, lang: Lang) -> Self {
        let failing = failing.and_then(|walk| Scene::read(&walk.row, lang));
        let good = good.and_then(|walk| {
            Scene::read(&walk.row, lang).map(|scene| (walk.row.walk.to_string(), walk.row.started, scene))
        });
        let step = incident.step.as_ref().map(|s| s.0.as_str());
        let named = |scene: &Scene| {
            let same: Vec<&StepView> = scene.steps.iter().filter(|s| Some(s.id.as_str()) == step).collect();
            same.iter().find(|s| s.face == "failed").or(same.first()).map(|s| s.n)
        };
        let at = failing.as_ref().map(|scene| named(scene).unwrap_or(scene.first_shown));
        // Where the incident names no step of the good walk, the step the failing walk ended at.
        let ended = Self::step(failing.as_ref(), at).map(|s| s.id.clone());
        let same = |scene: &Scene| scene.steps.iter().find(|s| Some(&s.id) == ended.as_ref()).map(|s| s.n);
        let good_at = good.as_ref().and_then(|(_, _, scene)| named(scene).or_else(|| same(scene)));
        let good_scene = good.as_ref().map(|(_, _, scene)| scene);
        let same_page = stayed(Self::step(failing.as_ref(), at), Self::step(good_scene, good_at), good_scene);
        Self { failing, good, at, good_at, same_page }
    }

    fn step(scene: Option<&Scene>, n: Option<usize>) -> Option<&StepView> {
        scene?.steps.iter().find(|s| Some(s.n) == n)
    }
}

struct View<'a> {
    console: &'a Console,
    viewer: &'a Viewer,
    lang: Lang,
    now: Moment,
}

impl View<'_> {
    fn when(&self, at: Moment) -> When {
        when(at, self.now, &self.console.zone, self.lang)
    }

    fn show<'b>(&self, file: &'b IncidentFile, parts: &[Incident], walks: &'b Walks) -> IncidentPage<'b> {
        let (incident, t) = (&file.incident, self.lang.texts());
        let good_scene = walks.good.as_ref().map(|(_, _, scene)| scene);
        let anchor = |n: Option<usize>| n.map(|n| format!("#step-{n}")).unwrap_or_default();
        let headlines = (incident.headline.zh.as_str(), incident.headline.en.as_str());
        let in_words = |cause: &str| cause_words::told(cause, &incident.detector, headlines, self.lang);
        let cause = incident.cause.as_deref().map(in_words);
        let steps = |scene: Option<&'b Scene>| scene.map_or(&[][..], |s| &s.steps);
        IncidentPage {
            id: incident.id.to_string(),
            said: None,
            handling: HandlingView::of(incident, self.console, self.viewer),
            again: None,
            replay: replay_command(incident.id, self.console.config.as_deref()),
            headline: self.lang.of(&incident.headline),
            severity: incident.severity.word(),
            class: class_or_robot(incident),
            class_name: incident.class.map_or(t.robot_health, |class| t.class_word(class)),
            state: incident.state.word(),
            standing: incident.standing().word(),
            standing_name: t.standing_word(incident.standing()),
            since: self.when(incident.first_seen),
            last_seen: self.when(incident.last_seen),
            recovered: incident.recovered.filter(|_| incident.state == Standing::Recovered).map(|at| self.when(at)),
            past: incident.past.map(|at| self.when(at)),
            times: self.lang.times(incident.sightings),
            intermittent: self.intermittent(file),
            reopened: (incident.reopened > 0).then(|| self.lang.times(incident.reopened)),
            title: &incident.title,
            step: self.lang.step(&incident.step_title),
            app: &incident.app,
            route: &incident.route,
            attribution: t.attribution_word(incident.attribution),
            owner: incident.owner.as_deref(),
            devices: incident.devices.iter().cloned().collect::<Vec<_>>().join(", "),
            tags: TagsView::of(incident, &self.console.queue.tags, self.lang),
            own: own(incident, &self.console.queue.tags),
            detector: &incident.detector,
            fingerprint: incident.fingerprint.as_str(),
            causes: causes(Walks::step(walks.failing.as_ref(), walks.at), cause.as_deref(), self.lang),
            cause,
            kin: incident.kin.as_ref().map(|kin| kin.cause.as_str()).filter(|cause| !cause.is_empty()),
            previous: incident.previous.map(|id| id.to_string()),
            tickets: Vec::new(),
            shape: walks.failing.as_ref().or(good_scene).map_or("tall", |scene| scene.shape),
            failing_walk: incident.failing_walk.to_string(),
            failing_anchor: anchor(walks.at),
            picture: self.failing_picture(incident, walks),
            good_walk: walks.good.as_ref().map(|(id, _, _)| id.clone()),
            good_anchor: anchor(walks.same_page.or(walks.good_at)),
            same_page: walks.same_page.is_some(),
            good_at: walks.good.as_ref().map(|(_, at, _)| self.when(*at)),
            good_picture: self.good_picture(walks),
            over: Over::of(&self.failing_picture(incident, walks), &self.good_picture(walks)),
            film: align(steps(walks.failing.as_ref()), steps(good_scene), walks.at, self.lang),
            whole: incident.parent.map(|whole| whole.to_string()),
            parts: parts.iter().map(|part| self.part(part)).collect(),
            moves: file.moves.iter().map(|m| self.moved(m)).collect(),
            sightings: file.sightings.iter().map(|s| self.sighting(s)).collect(),
        }
    }

    fn ticket(&self, ticket: &Ticket) -> TicketView {
        TicketView {
            system: ticket.system.clone(),
            name: ticket.key.clone().unwrap_or_else(|| self.lang.texts().ticket_waits.to_owned()),
            url: ticket.url.clone(),
            status: ticket.status.clone(),
            said: ticket.said.clone(),
        }
    }

    fn failing_picture(&self, incident: &Incident, walks: &Walks) -> PictureView {
        let named = incident.picture.as_ref().map(|key| format!("/evidence/{key}"));
        let step = Walks::step(walks.failing.as_ref(), walks.at);
        let says = step.map_or(self.lang.texts().no_picture.to_owned(), |s| s.picture.says.clone());
        PictureView { src: named.or_else(|| step.and_then(|s| s.picture.src.clone())), says }
    }

    fn good_picture(&self, walks: &Walks) -> PictureView {
        let t = self.lang.texts();
        let Some((_, _, scene)) = &walks.good else {
            return PictureView { src: None, says: t.no_good.into() };
        };
        match Walks::step(Some(scene), walks.same_page.or(walks.good_at)) {
            Some(step) => step.picture.clone(),
            None => PictureView { src: None, says: t.not_in_walk.into() },
        }
    }

    fn part(&self, part: &Incident) -> PartView {
        PartView {
            id: part.id.to_string(),
            face: if part.state == Standing::Recovered { "passed" } else { "failed" },
            title: part.title.clone(),
            step: self.lang.step(&part.step_title),
            standing_name: self.lang.texts().standing_word(part.standing()),
            last_seen: self.when(part.last_seen),
        }
    }

    /// How intermittent it is, where walks that looked did not all see it while it was open.
    fn intermittent(&self, file: &IncidentFile) -> Option<String> {
        let odds = file.incident.odds;
        if odds.intermittent {
            return Some(self.lang.seen_of(odds.met as usize, odds.looks as usize));
        }
        let seen = file.sightings.iter().filter(|s| s.role != SightingRole::Refutation).count();
        let flaky = file.incident.unconfirmed > 0 || file.incident.reopened > 0;
        (flaky && seen < file.sightings.len()).then(|| self.lang.seen_of(seen, file.sightings.len()))
    }

    fn moved(&self, moved: &crate::incident::Move) -> MoveView {
        let t = self.lang.texts();
        let says = match moved.what {
            What::Suspected => t.what_suspected,
            What::Unconfirmed => t.what_unconfirmed,
            What::Opened => t.what_opened,
            What::Sighted => t.what_sighted,
            What::Worsened => t.what_worsened,
            What::Narrowed => t.what_narrowed,
            What::Recovered => t.what_recovered,
            What::Reopened => t.what_reopened,
            What::Passed => t.what_passed,
            What::Closed => t.what_closed,
            What::ClaimRefused => t.what_claim_refused,
            What::Escalated if moved.why == Overdue::Fix.word() => t.what_escalated_fix,
            What::Escalated => t.what_escalated,
            What::Assigned => t.what_assigned,
            What::Acknowledged => t.what_acknowledged,
            What::FixBegun => t.what_fix_begun,
            What::FixClaimed => t.what_fix_claimed,
            What::CalledFalse => t.what_called_false,
            What::LeftAsItIs => t.what_left,
            What::CalledDuplicate => t.what_called_duplicate,
            What::TakenUp => t.what_taken_up,
            What::Muted => t.what_muted,
            What::Unmuted => t.what_unmuted,
            What::Retagged => t.what_retagged,
            What::Noted => t.what_noted,
        };
        let by = (moved.by != Actor::Robot).then(|| moved.by.name().to_owned());
        let (what, at, walk) = (moved.what.word(), self.when(moved.at), moved.walk.to_string());
        // What the robot says of its own moves is in `says`, in the viewer's language.
        let why = if by.is_some() { moved.why.clone() } else { String::new() };
        MoveView { what, says, by, why, at, walk }
    }

    fn sighting(&self, sighting: &crate::incident::Sighting) -> SightingView {
        SightingView {
            role: sighting.role.word(),
            says: role_words(sighting.role, self.lang),
            at: self.when(sighting.at),
            walk: sighting.walk.to_string(),
            device: sighting.device.clone(),
        }
    }
}

/// What the journey's author wrote, without what it is filed under by that: it stands there already.
fn own<'i>(incident: &'i Incident, rules: &Rules) -> Vec<(&'i str, &'i str)> {
    let filed = incident.tags(rules);
    let stands = |name: &str, value: &str| match name {
        "channel" => filed.channel.is_some() && filed.channel == Channel::parse(value).ok(),
        "business" => filed.business.is_some() && filed.business == Business::parse(value).ok(),
        "reason" => filed.reason.is_some() && filed.reason == Reason::parse(value).ok(),
        _ => false,
    };
    let all = incident.tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(|(name, value)| !stands(name, value)).collect()
}
