//! What the watch knows now: every journey with its strip, its last word and its open incidents. What Today and
//! its JSON are made of.

use super::serve::{Console, Rostered};
use super::strip::{Cell, Counts, Face, Span, cells};
use crate::alert::OutboxRow;
use crate::id::JourneyId;
use crate::incident::{Gathering, Incident, IncidentQuery, Kind, LedgerError, State, StripTally, WalkQuery, WalkRow};
use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// Incidents shown beside their journeys at most.
const INCIDENTS_MAX: u32 = 200;

/// Undelivered notices shown at most.
const NOTICES_MAX: u32 = 100;

/// The watch at a moment.
pub(super) struct Watch {
    pub now: Moment,
    pub from: Moment,
    pub to: Moment,
    /// Worst first.
    pub journeys: Vec<Watched>,
    /// Open and suspected, newest sighting first.
    pub incidents: Vec<Incident>,
    /// Notices that people should have had and have not.
    pub undelivered: Vec<OutboxRow>,
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
}

/// What is to be said of a journey now, from the calmest to what must be seen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
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
        let now = console.clock.now();
        let (from, to) = span.bounds(now);
        let mut marks: BTreeMap<JourneyId, Vec<StripTally>> = BTreeMap::new();
        for mark in console.archive.tallies(from, to, span.cell()).await? {
            marks.entry(mark.journey.clone()).or_default().push(mark);
        }
        let rostered: BTreeMap<&JourneyId, &Rostered> = console.roster.iter().map(|r| (&r.journey, r)).collect();
        let names: BTreeSet<JourneyId> = rostered.keys().map(|j| (*j).clone()).chain(marks.keys().cloned()).collect();
        let mut journeys = Vec::with_capacity(names.len());
        for journey in names {
            let newest = WalkQuery { journey: Some(journey.clone()), limit: 1, ..WalkQuery::default() };
            let last = console.archive.walks(&newest).await?.into_iter().next();
            let cells = cells(marks.get(&journey).into_iter().flatten(), from, span.cell());
            journeys.push(Watched::of(journey.clone(), cells, last, rostered.get(&journey).copied(), now));
        }
        journeys.sort_by(|a, b| b.standing.cmp(&a.standing).then_with(|| a.journey.cmp(&b.journey)));
        let open = IncidentQuery {
            states: vec![State::Open, State::Suspected],
            gathering: Gathering::Wholes,
            limit: INCIDENTS_MAX,
            ..IncidentQuery::default()
        };
        let incidents = console.archive.incidents(&open).await?;
        let undelivered = console.outbox.undelivered(NOTICES_MAX).await?;
        Ok(Self { now, from, to, journeys, incidents, undelivered })
    }

    /// Open incidents of the app: what customers meet now.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().filter(|i| i.kind == Kind::App && i.state == State::Open)
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

impl Watched {
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
        Self { standing: Standing::of(last.as_ref(), rostered, now), journey, title, app, cells, counts, last }
    }
}
