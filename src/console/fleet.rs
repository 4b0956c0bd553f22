//! `GET /fleet`: who walks now, what is late, what was not walked and why, the browsers, the robot's own trouble.

use super::calendar::{When, when};
use super::inside::{BrowserView, FleetLook};
use super::lang::{Lang, Viewer};
use super::serve::Console;
use super::{refusal, render};
use crate::fleet::{PostLook, Served};
use crate::id::JourneyId;
use crate::incident::{Incident, Kind, LedgerError, MissReason, Missed, QueueFilter, QueueOrder, QueueQuery, Standing};
use crate::moment::Moment;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How far back due times that nobody walked are told.
const MISSED_WITHIN_MS: i64 = 24 * 3_600_000;
/// Of these at most so many are read, and so many journeys shown.
const MISSED_MAX: u32 = 1_000;
const MISSED_SHOWN_MAX: usize = 50;
/// Due times to come that are shown, and the robot's own incidents.
const NEXT_MAX: usize = 12;
const TROUBLE_MAX: u32 = 20;
/// What is due so long and has not begun is late.
pub(super) const LATE_AFTER: Duration = Duration::from_secs(5);

/// The fleet as it is now, and what the ledger says of it.
pub(super) struct Fleet {
    pub now: Moment,
    pub look: Option<FleetLook>,
    pub missed: Vec<(JourneyId, Missed)>,
    pub trouble: Vec<Incident>,
}

impl Fleet {
    pub async fn read(console: &Console) -> Result<Self, LedgerError> {
        let now = console.clock.now();
        let query = QueueQuery {
            filter: QueueFilter { kind: Some(Kind::Robot), ..QueueFilter::default() },
            standings: Standing::OPEN.to_vec(),
            order: QueueOrder::Worst,
            after: None,
            limit: TROUBLE_MAX,
        };
        let from = Moment::from_millis(now.as_millis() - MISSED_WITHIN_MS);
        let (missed, trouble) =
            tokio::join!(console.archive.missed(from, now, MISSED_MAX), console.archive.queue(&query));
        Ok(Self { now, look: console.inside.fleet(), missed: missed?, trouble: trouble?.incidents })
    }

    /// Journeys whose due time has passed without anybody going, those that wait longest first: a ticket without a seat,
    /// or none written yet.
    pub fn late(&self) -> Vec<(&JourneyId, Moment)> {
        let posts = self.look.iter().flat_map(|look| &look.board.posts);
        let mut late: Vec<(&JourneyId, Moment)> =
            posts.filter_map(|(journey, post)| Some((journey, due_since(post)?))).collect();
        late.retain(|(_, due)| self.now.since(*due) >= LATE_AFTER);
        late.sort_by_key(|(_, due)| *due);
        late
    }

    /// How often each journey was not walked, and why: the newest first.
    pub fn gaps(&self) -> Vec<(&JourneyId, MissReason, u32, Moment)> {
        let mut gaps: BTreeMap<(&JourneyId, &str), (MissReason, u32, Moment)> = BTreeMap::new();
        for (journey, missed) in &self.missed {
            let gap = gaps.entry((journey, missed.reason.word())).or_insert((missed.reason, 0, missed.slot));
            gap.1 += 1;
            gap.2 = gap.2.max(missed.slot);
        }
        let mut gaps: Vec<_> = gaps.into_iter().map(|((j, _), (reason, n, newest))| (j, reason, n, newest)).collect();
        gaps.sort_by_key(|(_, _, _, newest)| std::cmp::Reverse(*newest));
        gaps
    }
}

/// Since when a post is due that nobody serves: a ticket that waits for a seat, or a time that no ticket was written for.
fn due_since(post: &PostLook) -> Option<Moment> {
    match &post.served {
        Some(served) if served.seated.is_none() => Some(served.slot.unwrap_or(served.since)),
        Some(_) => None,
        None => post.next,
    }
}

#[derive(Serialize)]
struct FleetPage {
    known: bool,
    holder: String,
    stopping: bool,
    seats: usize,
    seated: usize,
    waiting: usize,
    lanes: usize,
    lanes_max: usize,
    backlog: usize,
    late: Vec<LateView>,
    under_way: Vec<UnderWayView>,
    next: Vec<NextView>,
    browsers: Option<Vec<BrowserView>>,
    recycle_after: u32,
    gaps: Vec<GapView>,
    trouble: Vec<TroubleView>,
}

#[derive(Serialize)]
struct LateView {
    journey: String,
    title: String,
    by: String,
}

#[derive(Serialize)]
struct UnderWayView {
    journey: String,
    title: String,
    purpose: &'static str,
    /// How long it has a seat; `None` while it waits for one.
    walked: Option<String>,
    budget: String,
    passed_over: usize,
}

#[derive(Serialize)]
struct NextView {
    journey: String,
    title: String,
    at: When,
    left: String,
}

#[derive(Serialize)]
struct GapView {
    journey: String,
    title: String,
    reason: &'static str,
    times: String,
    newest: When,
}

#[derive(Serialize)]
struct TroubleView {
    id: String,
    severity: &'static str,
    headline: String,
    ago: String,
}

/// The page.
pub(super) async fn page(State(console): State<Arc<Console>>, viewer: Viewer) -> Response {
    match Fleet::read(&console).await {
        Ok(fleet) => render::page(&console, &viewer, "fleet.html", show(&console, &fleet, viewer.lang)),
        Err(error) => refusal::ledger(&console, &viewer, &error),
    }
}

fn show(console: &Console, fleet: &Fleet, lang: Lang) -> FleetPage {
    let now = fleet.now;
    let title = |journey: &JourneyId| {
        let rostered = console.roster.iter().find(|rostered| rostered.journey == *journey);
        rostered.map_or_else(|| journey.to_string(), |rostered| rostered.title.clone())
    };
    let look = fleet.look.clone().unwrap_or_default();
    let served = |(journey, post): (&JourneyId, &PostLook)| {
        let Served { purpose, seated, budget, .. } = post.served.clone()?;
        Some(UnderWayView {
            journey: journey.to_string(),
            title: title(journey),
            purpose: purpose_word(purpose, lang),
            walked: seated.map(|seated| lang.duration(now.since(seated))),
            budget: lang.duration(budget),
            passed_over: post.passed_over,
        })
    };
    let mut next: Vec<(Moment, &JourneyId)> = look
        .board
        .posts
        .iter()
        .filter_map(|(journey, post)| Some((post.next.filter(|at| *at > now)?, journey)))
        .collect();
    next.sort();
    let browsers = look.browsers.as_deref().unwrap_or_default();
    FleetPage {
        known: fleet.look.is_some(),
        holder: look.board.holder.clone(),
        stopping: look.board.stopping,
        seats: look.board.seats,
        seated: look.board.seated(),
        waiting: look.board.waiting(),
        lanes: browsers.iter().map(|browser| browser.lanes).sum(),
        lanes_max: browsers.first().map_or(0, |browser| browser.lanes_max) * look.browsers_max,
        backlog: look.backlog,
        late: fleet
            .late()
            .into_iter()
            .map(|(journey, due)| LateView {
                journey: journey.to_string(),
                title: title(journey),
                by: lang.duration(now.since(due)),
            })
            .collect(),
        under_way: look.board.posts.iter().filter_map(served).collect(),
        next: next
            .into_iter()
            .take(NEXT_MAX)
            .map(|(at, journey)| NextView {
                journey: journey.to_string(),
                title: title(journey),
                at: when(at, now, &console.zone, lang),
                left: lang.duration(at.since(now)),
            })
            .collect(),
        recycle_after: look.recycle_after_walks,
        browsers: look.browsers.clone(),
        gaps: fleet
            .gaps()
            .into_iter()
            .take(MISSED_SHOWN_MAX)
            .map(|(journey, reason, times, newest)| GapView {
                journey: journey.to_string(),
                title: title(journey),
                reason: lang.texts().missed_word(reason),
                times: lang.times(times),
                newest: when(newest, now, &console.zone, lang),
            })
            .collect(),
        trouble: fleet
            .trouble
            .iter()
            .map(|incident| TroubleView {
                id: incident.id.to_string(),
                severity: incident.severity.word(),
                headline: lang.of(&incident.headline),
                ago: lang.ago(now, incident.opened.unwrap_or(incident.first_seen)),
            })
            .collect(),
    }
}

fn purpose_word(purpose: &str, lang: Lang) -> &'static str {
    let t = lang.texts();
    match purpose {
        "confirm" => t.purpose_confirm,
        "verify" => t.purpose_verify,
        "asked" => t.purpose_asked,
        "manual" => t.purpose_manual,
        _ => t.purpose_patrol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::BoardLook;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    /// A post that is next due at `next` seconds, whose ticket of `slot` has its seat or not.
    fn post(next: i64, slot: Option<i64>, seated: bool) -> PostLook {
        let served = |slot| Served {
            purpose: "patrol",
            slot: Some(at(slot)),
            since: at(slot),
            seated: seated.then_some(at(slot)),
            budget: Duration::from_secs(60),
        };
        PostLook { next: Some(at(next)), served: slot.map(served), ..PostLook::default() }
    }

    #[test]
    fn late_is_what_is_due_and_nobody_walks() {
        let check = |post: PostLook, late: Option<i64>| {
            let posts = BTreeMap::from([("fund".parse().unwrap(), post.clone())]);
            let look = FleetLook { board: BoardLook { posts, ..BoardLook::default() }, ..FleetLook::default() };
            let fleet = Fleet { now: at(100), look: Some(look), missed: vec![], trouble: vec![] };
            assert_eq!(fleet.late().first().map(|(_, due)| *due), late.map(at), "{post:?}");
        };
        check(post(160, None, false), None);
        check(post(98, None, false), None);
        check(post(90, None, false), Some(90));
        check(post(160, Some(80), false), Some(80));
        check(post(160, Some(80), true), None);
    }

    #[test]
    fn gaps_are_counted_by_journey_and_reason() {
        let missed = |journey: &str, slot, reason| (journey.parse().unwrap(), Missed { slot: at(slot), reason });
        let missed =
            vec![missed("b", 3, MissReason::Busy), missed("a", 5, MissReason::Away), missed("b", 4, MissReason::Busy)];
        let fleet = Fleet { now: at(100), look: None, missed, trouble: vec![] };
        let told: Vec<(String, u32, Moment)> =
            fleet.gaps().into_iter().map(|(journey, _, times, newest)| (journey.to_string(), times, newest)).collect();
        assert_eq!(told, [("a".to_owned(), 1, at(5)), ("b".to_owned(), 2, at(4))]);
    }
}
