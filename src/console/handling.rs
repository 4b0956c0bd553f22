//! What the page of an incident shows of its handling: how far it has come, and what the visitor may do now.

use super::calendar::{When, when};
use super::lang::{Lang, Viewer};
use super::serve::Console;
use crate::incident::{Deadlines, DeedKind, Incident, Standing, State};
use crate::maintenance::Windows;
use crate::moment::Moment;
use crate::people::May;
use serde::Serialize;
use std::time::Duration;

/// How long a mute lasts that is chosen from the page, in hours.
const MUTE_HOURS: [u64; 5] = [1, 8, 24, 72, 168];

#[derive(Serialize)]
pub(super) struct HandlingView {
    /// The way to the end, in steps.
    way: Vec<WayView>,
    assignee: Option<String>,
    /// By when it is to be acknowledged or mended, and whether that has passed.
    due: Option<DueView>,
    mute: Option<MuteView>,
    /// The maintenance window that keeps it quiet.
    planned: Option<PlannedView>,
    /// What it kept quiet, once it is over and no walk has come by since.
    untold: Option<&'static str>,
    duplicate_of: Option<String>,
    /// `2 / 3`, while it is verified.
    passes: Option<String>,
    refused: Option<String>,
    /// What leads on, as one button each.
    next: Vec<OfferView>,
    /// What takes a word more.
    more: Vec<OfferView>,
    owners: Vec<String>,
    hours: Vec<HoursView>,
}

#[derive(Serialize)]
struct WayView {
    name: &'static str,
    /// `done`, `now` or `ahead`.
    at: &'static str,
}

#[derive(Serialize)]
struct DueView {
    what: &'static str,
    by: When,
    overdue: bool,
    /// From when it is counted, where that is not its opening.
    from: Option<When>,
}

#[derive(Serialize)]
struct MuteView {
    until: When,
    by: String,
    why: String,
}

#[derive(Serialize)]
struct PlannedView {
    name: String,
    why: String,
    by: String,
    until: When,
}

#[derive(Serialize)]
struct OfferView {
    deed: &'static str,
    name: &'static str,
    wants_why: bool,
}

#[derive(Serialize)]
struct HoursView {
    value: u64,
    name: String,
}

/// The way that most incidents go.
const WAY: [Standing; 6] = [
    Standing::Confirmed,
    Standing::Acknowledged,
    Standing::Fixing,
    Standing::FixClaimed,
    Standing::Verifying,
    Standing::Closed,
];

/// Who was told within this of its opening was told at once.
const TOLD_LATER: Duration = Duration::from_secs(60);

impl HandlingView {
    pub(super) fn of(incident: &Incident, console: &Console, viewer: &Viewer) -> Self {
        let (lang, handling, now) = (viewer.lang, &incident.handling, console.clock.now());
        let t = lang.texts();
        let stamp = |at: Moment| when(at, now, &console.zone, lang);
        let standing = incident.standing();
        let may = |kind: DeedKind| {
            let granted = |may: May| viewer.visitor.as_ref().is_some_and(|visitor| visitor.may(may));
            let approved = !kind.wants_approver() || granted(May::Approve);
            granted(May::ActOnIncidents) && approved && kind.is_possible(incident.kind, standing)
        };
        let offers = |kinds: &[DeedKind]| {
            let sensible = |kind: &DeedKind| match kind {
                DeedKind::Mute => !handling.is_muted(now),
                DeedKind::Unmute => handling.is_muted(now),
                _ => true,
            };
            let possible = kinds.iter().copied().filter(|kind| may(*kind)).filter(sensible);
            possible
                .map(|kind| OfferView { deed: kind.word(), name: t.deed_word(kind), wants_why: kind.wants_why() })
                .collect()
        };
        use DeedKind::{
            Acknowledge, Assign, BeginFix, CallDuplicate, CallFalse, ClaimFix, LeaveIt, Mute, Note, Retag, TakeUp,
            Unmute,
        };
        // Asked once: what the parts of a page say of it fits together.
        let windows = console.almanac.around(now);
        let planned = planned(incident, &windows, &stamp, now);
        let verifies = matches!(standing, Standing::FixClaimed | Standing::Verifying);
        let policy = &console.queue.verify;
        Self {
            way: way(standing, t),
            assignee: handling.assignee.clone(),
            due: due(incident, &windows, &console.queue.deadlines, &stamp, (now, lang)),
            untold: quiet(incident, &windows, now, lang).filter(|_| planned.is_none()),
            planned,
            mute: handling.mute.as_ref().filter(|mute| now < mute.until).map(|mute| MuteView {
                until: stamp(mute.until),
                by: mute.by.name().to_owned(),
                why: mute.why.clone(),
            }),
            duplicate_of: handling.duplicate_of.map(|id| id.to_string()),
            passes: verifies.then(|| {
                let (count, of) = (handling.passes.count, policy.passes);
                lang.passes(count, of, policy.over)
            }),
            refused: (handling.refused > 0).then(|| lang.times(handling.refused)),
            next: offers(&[Acknowledge, BeginFix, ClaimFix, TakeUp, Unmute]),
            more: offers(&[Assign, Mute, Note, Retag, CallFalse, CallDuplicate, LeaveIt]),
            owners: console.queue.owners.clone(),
            hours: MUTE_HOURS
                .map(|hours| HoursView { value: hours, name: lang.duration(Duration::from_secs(hours * 3600)) })
                .into(),
        }
    }
}

fn way(standing: Standing, t: &super::texts::Texts) -> Vec<WayView> {
    // Who is only named has not taken it up.
    let stands = if standing == Standing::Assigned { Standing::Confirmed } else { standing };
    let Some(now) = WAY.iter().position(|one| *one == stands) else { return Vec::new() };
    let at = |place: usize| match place.cmp(&now) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "ahead",
    };
    WAY.iter().enumerate().map(|(place, one)| WayView { name: t.standing_word(*one), at: at(place) }).collect()
}

/// What a maintenance window keeps quiet of what customers meet: now, or until a walk has seen it behind the window.
pub(super) fn quiet(incident: &Incident, windows: &Windows, now: Moment, lang: Lang) -> Option<&'static str> {
    let m = lang.maintenance_texts();
    let open = incident.state == State::Open;
    match incident.kept_quiet_by(windows, now) {
        Some(_) => open.then_some(m.quiet_because),
        None => incident.handling.untold.first().filter(|_| open).map(|untold| m.untold_word(*untold)),
    }
}

fn planned(incident: &Incident, windows: &Windows, stamp: &dyn Fn(Moment) -> When, now: Moment) -> Option<PlannedView> {
    let window = incident.kept_quiet_by(windows, now).filter(|_| incident.state != State::Recovered)?;
    let (name, why, by) = (window.name.clone(), window.why.clone(), window.by.name().to_owned());
    Some(PlannedView { name, why, by, until: stamp(window.over()) })
}

fn due(
    incident: &Incident,
    windows: &Windows,
    deadlines: &Deadlines,
    stamp: &dyn Fn(Moment) -> When,
    (now, lang): (Moment, Lang),
) -> Option<DueView> {
    let due = incident.due(deadlines, &incident.standstill(windows))?;
    let t = lang.texts();
    let (what, by) = match incident.handling.acknowledged {
        None if now < due.fix => (t.due_acknowledge, due.acknowledge),
        _ => (t.due_fix, due.fix),
    };
    // Beside one time of day its twin would only be read twice.
    let from = incident.opened.filter(|opened| due.from.since(*opened) >= TOLD_LATER).map(|_| stamp(due.from));
    Some(DueView { what, by: stamp(by), overdue: now >= by, from })
}
