//! `POST /incidents/{id}/deeds`: what people do about an incident, from its page or by the API.

use super::again::Named;
use super::asked::Sent;
use super::gate::Why;
use super::lang::{Lang, Viewer};
use super::operation::Operation;
use super::serve::Console;
use super::visitor::Visitor;
use super::{api, incident, refusal, shape, tagging};
use crate::id::IncidentId;
use crate::incident::{Change, Deed, DeedError, DeedKind, Refused};
use crate::moment::Moment;
use crate::people::{Allowance, May};
use crate::tags::Tags;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// What a form, or a program, asks for. Fields that the deed does not need are left out.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["deed"]))]
pub(super) struct Asked {
    /// What is done.
    #[schemars(schema_with = "shape::deed")]
    deed: String,
    /// Why, in their words; most deeds want it.
    why: String,
    /// Of `assign`: who sees to it.
    to: String,
    /// Of `call-duplicate`: the other incident, by its name or its page.
    of: String,
    /// Of `mute`: for how long, as digits.
    hours: String,
    /// Of `retag`: what it is filed under.
    #[serde(flatten)]
    tags: tagging::Asked,
}

/// What is wrong with what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// There is no such deed.
    Deed,
    /// The other incident is not named.
    Of,
    /// A tag is none.
    Tag,
    /// The time is none.
    Hours,
}

impl Asked {
    fn read(&self, now: Moment, tags: &Tags) -> Result<Deed, Unread> {
        let kind = DeedKind::ALL.into_iter().find(|kind| kind.word() == self.deed).ok_or(Unread::Deed)?;
        Ok(match kind {
            DeedKind::Assign => Deed::Assign { to: self.to.clone() },
            DeedKind::Acknowledge => Deed::Acknowledge,
            DeedKind::BeginFix => Deed::BeginFix,
            DeedKind::ClaimFix => Deed::ClaimFix,
            DeedKind::CallFalse => Deed::CallFalse,
            DeedKind::LeaveIt => Deed::LeaveIt,
            DeedKind::CallDuplicate => Deed::CallDuplicate { of: named(&self.of).ok_or(Unread::Of)? },
            DeedKind::TakeUp => Deed::TakeUp,
            DeedKind::Mute => {
                let hours: u64 = self.hours.trim().parse().map_err(|_| Unread::Hours)?;
                Deed::Mute { until: now.after(Duration::from_secs(hours.saturating_mul(3600))) }
            }
            DeedKind::Unmute => Deed::Unmute,
            DeedKind::Retag => Deed::Retag(self.tags.read().map_err(|_| Unread::Tag)?.beyond(tags)),
            DeedKind::Note => Deed::Note,
        })
    }
}

/// The incident that a name or the address of its page names.
fn named(of: &str) -> Option<IncidentId> {
    of.trim().rsplit('/').next()?.parse().ok()
}

/// Deeds of one person, whatever pages and programs they are done by: a queue of a hundred is worked through by hand, and
/// nobody fills the audit log.
pub(super) const ALLOWED: &[Allowance] = &[
    Allowance { most: 60, within: Duration::from_secs(60) },
    Allowance { most: 600, within: Duration::from_secs(3600) },
];

/// Why nothing was done.
pub(super) enum NotDone {
    /// It cannot be read.
    Unread(Unread),
    /// They did as much as one may: how long they must wait.
    TooOften(Duration),
    /// It takes somebody else.
    Forbidden,
    /// It was not done.
    Deed(DeedError),
}

/// `POST /incidents/{id}/deeds`, from the page's forms: the page again, or the page with what was wrong.
pub(super) async fn act(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Response {
    let Ok(id) = id.parse::<IncidentId>() else { return refusal::absent(&console, &viewer) };
    match done(&console, &visitor, id, &asked).await {
        Ok(_) => Redirect::to(&format!("/incidents/{id}")).into_response(),
        Err(NotDone::Forbidden) => refusal::to_person(&console, &viewer, Why::Forbidden, false),
        Err(NotDone::Deed(DeedError::Absent)) => refusal::absent(&console, &viewer),
        Err(NotDone::Deed(DeedError::Ledger(error))) => refusal::ledger(&console, &viewer, &error),
        Err(NotDone::Unread(unread)) => {
            said(&console, (&viewer, &visitor), id, StatusCode::BAD_REQUEST, viewer.lang.unread(unread)).await
        }
        Err(NotDone::TooOften(wait)) => {
            let words = viewer.lang.texts().refused_often.replace("{}", &viewer.lang.duration(whole(wait)));
            let page = said(&console, (&viewer, &visitor), id, StatusCode::TOO_MANY_REQUESTS, words).await;
            later(page, wait)
        }
        Err(NotDone::Deed(DeedError::Refused(refused))) => {
            said(&console, (&viewer, &visitor), id, StatusCode::CONFLICT, viewer.lang.refused(&refused)).await
        }
    }
}

/// To whole seconds, up: who waits so long is let through.
pub(super) fn whole(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX))
}

/// `response`, with when to come again.
pub(super) fn later(mut response: Response, wait: Duration) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole(wait).as_secs()));
    response
}

/// The same to a program.
pub(super) fn too_often(wait: Duration) -> Response {
    let said = format!("too many deeds at once: wait {} s", whole(wait).as_secs());
    later(api::wrong(StatusCode::TOO_MANY_REQUESTS, "too-often", said), wait)
}

async fn said(
    console: &Console,
    (viewer, visitor): (&Viewer, &Visitor),
    id: IncidentId,
    status: StatusCode,
    said: String,
) -> Response {
    let mut page = incident::shown(console, viewer, visitor, id, Some(said), &Named::default()).await;
    if page.status() == StatusCode::OK {
        *page.status_mut() = status;
    }
    page
}

/// What 429 means, for the document.
pub(super) const TOO_OFTEN: &str =
    "this person did as much as one may in a minute, or in an hour; `Retry-After` says for how long to wait";

/// The operation, for the document.
pub(super) fn operation() -> Operation {
    Operation::post("/api/v1/incidents/{id}/deeds", "Do something about an incident")
        .told("`leave-it` takes a person who may approve: no token carries that.")
        .id("id", "The incident.")
        .body::<Asked>()
        .answers::<api::IncidentV1>("The incident, as it is then.")
        .refuses(400, "unreadable", "the body is no JSON, or there is no such deed, incident, tag or time")
        .refuses(404, "not-found", "there is no such incident")
        .refuses(409, "refused", "this cannot be done as the incident stands; `possible` says what can")
        .refuses(415, "unreadable", "the body does not come as `application/json`")
        .refuses(422, "unreadable", "the body is other JSON")
        .refuses(429, "too-often", TOO_OFTEN)
}

/// `POST /api/v1/incidents/{id}/deeds`, with the same fields as JSON: the incident as it is then.
pub(super) async fn act_v1(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Sent(asked): Sent<Asked>,
) -> Response {
    let Ok(id) = id.parse::<IncidentId>() else { return api::absent() };
    match done(&console, &visitor, id, &asked).await {
        Ok(change) => api::incident_as_it_is(&change.after, &console.queue.tags),
        Err(NotDone::Forbidden) => refusal::to_program(Why::Forbidden),
        Err(NotDone::TooOften(wait)) => too_often(wait),
        Err(NotDone::Unread(unread)) => api::wrong(StatusCode::BAD_REQUEST, "unreadable", Lang::En.unread(unread)),
        Err(NotDone::Deed(DeedError::Absent)) => api::absent(),
        Err(NotDone::Deed(DeedError::Refused(refused))) => {
            api::wrong(StatusCode::CONFLICT, "refused", refused.to_string())
        }
        Err(NotDone::Deed(DeedError::Ledger(error))) => api::ledger(&error),
    }
}

async fn done(console: &Console, visitor: &Visitor, id: IncidentId, asked: &Asked) -> Result<Change, NotDone> {
    let tags = tags_now(console, id, asked).await.map_err(NotDone::Deed)?;
    let deed = asked.read(console.clock.now(), &tags).map_err(NotDone::Unread)?;
    if deed.kind().wants_approver() && !visitor.may(May::Approve) {
        return Err(NotDone::Forbidden);
    }
    console.pace().take(&visitor.actor(), console.clock.now()).map_err(NotDone::TooOften)?;
    console.deeds.act(id, deed, visitor.actor(), &asked.why).await.map_err(NotDone::Deed)
}

/// What the incident is filed under, where that matters: a form says all of it, and only what differs is said anew.
async fn tags_now(console: &Console, id: IncidentId, asked: &Asked) -> Result<Tags, DeedError> {
    if asked.deed != DeedKind::Retag.word() {
        return Ok(Tags::default());
    }
    let file = console.archive.incident(id).await?.ok_or(DeedError::Absent)?;
    Ok(file.incident.tags(&console.queue.tags))
}

impl Lang {
    fn unread(self, unread: Unread) -> String {
        let t = self.texts();
        match unread {
            Unread::Deed => t.unread_deed,
            Unread::Of => t.unread_of,
            Unread::Tag => t.unread_tag,
            Unread::Hours => t.unread_hours,
        }
        .to_owned()
    }

    /// Why a deed was not done, for who asked.
    fn refused(self, refused: &Refused) -> String {
        let t = self.texts();
        match refused {
            Refused::NotFromHere { standing, .. } => format!("{}{}", t.refused_not_from, t.standing_word(*standing)),
            Refused::WhyMissing(_) => t.refused_why.to_owned(),
            Refused::WhyTooLong => t.refused_long.to_owned(),
            Refused::NobodyNamed => t.refused_nobody.to_owned(),
            Refused::MuteEnd => t.refused_mute.to_owned(),
            Refused::NothingRetagged => t.refused_retag.to_owned(),
            Refused::NotMuted => t.refused_not_muted.to_owned(),
            Refused::NoSuchOriginal => t.refused_original.to_owned(),
            Refused::RobotsOwn => t.refused_robot.to_owned(),
        }
    }
}
