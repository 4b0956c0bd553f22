//! What the watch knows now: every journey with its strip, its last word and its open incidents. What Today and
//! its JSON are made of.

use super::maintenance;
use super::serve::{Console, Rostered};
use super::strip::{Cell, Counts, Face, Span, cells};
use crate::alert::OutboxRow;
use crate::id::JourneyId;
use crate::incident::{
    Kind, LedgerError, QueueFilter, QueueOrder, QueuePage, QueueQuery, Standing as InQueue, StripTally, WalkRow,
};
use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// The watch at a moment.
pub(super) struct Watch {
    pub now: Moment,
    pub from: Moment,
    pub to: Moment,
    /// Worst first.
    pub journeys: Vec<Watched>,
}

/// What is wrong now.
pub(super) struct Trouble {
    /// Open incidents of the app that nobody has set aside, worst first: what customers meet now.
    pub open: QueuePage,
    /// How many of these there are.
    pub open_count: u64,
    /// Notices that people should have had and have not.
    pub undelivered: Vec<OutboxRow>,
    /// How many of these there are.
    pub undelivered_count: u64,
}

/// One journey.
pub(super) struct Watched {
    pub journey: JourneyId,
    pub title: String,
    pub app: String,
    pub cells: Vec<Cell>,
    pub counts: Counts,
    /// The last walk, also from before the strip.
    pub last: Option<WalkRow>,
    pub standing: Standing,
    /// How many incidents it has that are open.
    pub incidents: u64,
    /// Until when maintenance keeps it quiet.
    pub planned: Option<Moment>,
}

/// What is to be said of a journey now, from the calmest to what must be seen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Standing {
    /// The last walk passed.
    Passed,
    /// The last walk got through.
    Degraded,
    /// It was never walked, and need not have been.
    Never,
    /// Two due times have passed since its last walk, or since it is patrolled: silence is not health.
    Overdue,
    /// The last walk could not say.
    Inconclusive,
    /// The last walk failed.
    Failed,
}

impl Standing {
    fn of(last: Option<&WalkRow>, rostered: Option<&Rostered>, now: Moment) -> Self {
        let ended = last.map(|last| last.started.after(last.elapsed));
        let overdue = rostered.is_some_and(|rostered| rostered.overdue(ended, now));
        let Some(last) = last else { return if overdue { Standing::Overdue } else { Standing::Never } };
        match last.verdict.into() {
            Face::Failed => Standing::Failed,
            _ if overdue => Standing::Overdue,
            Face::Inconclusive => Standing::Inconclusive,
            Face::Degraded => Standing::Degraded,
            _ => Standing::Passed,
        }
    }
}

impl Watch {
    /// Reads the watch from the archive.
    pub async fn read(console: &Console, span: Span) -> Result<Self, LedgerError> {
        Self::of(console, span, None).await
    }

    /// The same, with one journey only.
    pub async fn of(console: &Console, span: Span, only: Option<&JourneyId>) -> Result<Self, LedgerError> {
        let now = console.clock.now();
        let (from, to) = span.bounds(now);
        let mut marks: BTreeMap<JourneyId, Vec<StripTally>> = BTreeMap::new();
        for mark in console.archive.tallies(from, to, span.cell(), only).await? {
            marks.entry(mark.journey.clone()).or_default().push(mark);
        }
        let rostered: BTreeMap<&JourneyId, &Rostered> = console.roster.iter().map(|r| (&r.journey, r)).collect();
        let names: BTreeSet<JourneyId> = rostered.keys().map(|j| (*j).clone()).chain(marks.keys().cloned()).collect();
        let mut journeys = Vec::with_capacity(names.len());
        let asked = only.map(|only| BTreeSet::from([only.clone()])).unwrap_or(names);
        let asked: Vec<JourneyId> = asked.into_iter().collect();
        let newest = console.archive.newest(&asked).await?;
        let mut newest: BTreeMap<JourneyId, WalkRow> =
            newest.into_iter().map(|walk| (walk.journey.clone(), walk)).collect();
        for journey in asked {
            let last = newest.remove(&journey);
            let cells = cells(marks.get(&journey).into_iter().flatten(), from, span.cell());
            journeys.push(Watched::of(journey.clone(), cells, last, rostered.get(&journey).copied(), now));
        }
        journeys.sort_by(|a, b| b.standing.cmp(&a.standing).then_with(|| a.journey.cmp(&b.journey)));
        let by_journey = console.archive.open_by_journey().await?;
        let windows = console.almanac.around(now);
        for watched in &mut journeys {
            watched.incidents = by_journey.get(&watched.journey).copied().unwrap_or_default();
            watched.planned = maintenance::until(&windows, &watched.app, &watched.journey, now);
        }
        Ok(Self { now, from, to, journeys })
    }

    /// The marks of every journey in `span`, counted.
    pub async fn counted(
        console: &Console,
        span: Span,
        only: Option<&JourneyId>,
    ) -> Result<BTreeMap<JourneyId, Counts>, LedgerError> {
        let (from, to) = span.bounds(console.clock.now());
        let mut marks: BTreeMap<JourneyId, Vec<StripTally>> = BTreeMap::new();
        for mark in console.archive.tallies(from, to, span.cell(), only).await? {
            marks.entry(mark.journey.clone()).or_default().push(mark);
        }
        let count = |marks: &[StripTally]| {
            cells(marks.iter(), from, span.cell()).iter().fold(Counts::default(), |mut all, cell| {
                all.add(&cell.counts);
                all
            })
        };
        Ok(marks.into_iter().map(|(journey, marks)| (journey, count(&marks))).collect())
    }

    /// Journeys that stand so.
    pub fn standing(&self, wanted: &[Standing]) -> usize {
        self.journeys.iter().filter(|j| wanted.contains(&j.standing)).count()
    }

    /// All marks together.
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        self.journeys.iter().for_each(|j| all.add(&j.counts));
        all
    }
}

impl Trouble {
    /// Reads it; so many incidents and notices are named.
    pub async fn read(console: &Console, incidents: u32, notices: u32) -> Result<Self, LedgerError> {
        let query = QueueQuery {
            filter: QueueFilter { kind: Some(Kind::App), ..QueueFilter::default() },
            standings: InQueue::OPEN.to_vec(),
            order: QueueOrder::Worst,
            after: None,
            limit: incidents,
        };
        let undelivered =
            async { tokio::join!(console.outbox.undelivered(notices), console.notices.count_undelivered()) };
        let (open, (undelivered, undelivered_count)) = tokio::join!(console.archive.queue(&query), undelivered);
        let open = open?;
        let open_count = InQueue::OPEN.iter().filter_map(|standing| open.counts.get(standing)).sum();
        Ok(Self { open, open_count, undelivered: undelivered?, undelivered_count: undelivered_count? })
    }
}

impl Watched {
    /// Steps that the last walk reached, and how many it has, where that is known.
    pub fn coverage(&self) -> Option<(u32, u32)> {
        self.last.as_ref().map(|walk| (walk.steps.walked, walk.steps.all)).filter(|(_, all)| *all > 0)
    }

    fn of(
        journey: JourneyId,
        cells: Vec<Cell>,
        last: Option<WalkRow>,
        rostered: Option<&Rostered>,
        now: Moment,
    ) -> Self {
        let mut counts = Counts::default();
        cells.iter().for_each(|cell| counts.add(&cell.counts));
        let named = rostered.map(|r| (r.title.clone(), r.app.clone()));
        let walked = last.as_ref().map(|row| (row.title.clone(), row.app.clone()));
        let (title, app) = named.or(walked).unwrap_or_default();
        let title = if title.is_empty() { journey.to_string() } else { title };
        Self {
            standing: Standing::of(last.as_ref(), rostered, now),
            journey,
            title,
            app,
            cells,
            counts,
            last,
            incidents: 0,
            planned: None,
        }
    }
}
