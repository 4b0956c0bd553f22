//! A week in figures.

use super::{Case, Gathered, Leads, NoticeCount, Outcome, Share, Tally, WalkCounts, Week, Window};
use crate::finding::Severity;
use crate::id::{IncidentId, JourneyId};
use crate::incident::Deadlines;
use crate::maintenance::{Standstill, Windows};
use crate::moment::Moment;
use crate::tags::{Business, Channel, Reason, Right};
use crate::walk::Class;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The owner that answers for what nobody else does.
pub const DEFAULT_OWNER: &str = "default";
/// Openings that are listed.
const LISTED_MAX: usize = 30;

/// The journeys that are patrolled.
pub type Roster = Vec<RosterLine>;

/// A journey that is patrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterLine {
    /// The journey.
    pub journey: JourneyId,
    /// What people call it.
    pub title: String,
    /// The app.
    pub app: String,
    /// Who answers for it, where it says so.
    pub owner: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The week.
    pub week: Week,
    /// When it is asked: what is left of the week has not happened.
    pub now: Moment,
    /// Where its days begin.
    pub zone: TimeZone,
    /// Only what this owner answers for.
    pub owner: Option<String>,
    /// By when people are to do what they are to do.
    pub deadlines: Deadlines,
    /// The journeys that are patrolled.
    pub roster: Roster,
    /// When work was planned: in the week, and before it as far back as deadlines reach.
    pub windows: Arc<Windows>,
}

impl Asked {
    /// The time it is of.
    pub fn window(&self) -> Window {
        self.week.window(&self.zone).known_at(self.now)
    }

    /// Whether the week has not ended yet.
    pub fn lasts(&self) -> bool {
        self.window().to() >= self.now
    }

    /// The weeks whose complaints are wanted: those before it say what is not new.
    pub fn weeks(&self) -> (Week, Week) {
        let before = std::iter::successors(Some(self.week), |week| Some(week.previous()));
        (before.take(super::complaint::QUIET_WEEKS + 1).last().unwrap_or(self.week), self.week)
    }

    fn owns(&self, owner: Option<&str>) -> bool {
        self.owner.as_deref().is_none_or(|wanted| owner.unwrap_or(DEFAULT_OWNER) == wanted)
    }
}

/// What incidents are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// Who answers for them.
    Owner,
    /// How customers came.
    Channel,
    /// What they came for.
    Business,
    /// What they suffer from.
    Reason,
    /// Which of their rights it touches: an incident may touch several.
    Right,
}

impl Facet {
    /// Every one.
    pub const ALL: [Facet; 5] = [Facet::Owner, Facet::Channel, Facet::Business, Facet::Reason, Facet::Right];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Facet::Owner => "owner",
            Facet::Channel => "channel",
            Facet::Business => "business",
            Facet::Reason => "reason",
            Facet::Right => "right",
        }
    }

    fn keys(self, case: &Case) -> Vec<Key> {
        let tags = &case.tags;
        let one = |key: Option<Key>| vec![key.unwrap_or_default()];
        let key = |word: &str, zh: &str, en: &str| Key { word: word.into(), zh: zh.into(), en: en.into() };
        match self {
            Facet::Owner => {
                let owner = case.owner.as_deref().unwrap_or(DEFAULT_OWNER);
                vec![key(owner, owner, owner)]
            }
            Facet::Channel => one(tags.channel.map(|one: Channel| key(one.word(), one.zh(), one.en()))),
            Facet::Business => one(tags.business.map(|one: Business| key(one.word(), one.zh(), one.en()))),
            Facet::Reason => one(tags.reason.map(|one: Reason| key(one.word(), one.zh(), one.en()))),
            Facet::Right if tags.rights.is_empty() => one(None),
            Facet::Right => tags.rights.iter().map(|one: &Right| key(one.word(), one.zh(), one.en())).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Key {
    word: String,
    zh: String,
    en: String,
}

/// Incidents that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its word; empty where they are filed under nothing.
    pub word: String,
    /// Its name in Chinese.
    pub zh: String,
    /// And in English.
    pub en: String,
    /// What they come to.
    pub tally: Tally,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// When it begins.
    pub from: Moment,
    /// How walks went.
    pub walks: WalkCounts,
    /// Incidents that opened.
    pub opened: u64,
    /// Incidents that a walk got past.
    pub fixed: u64,
}

/// One journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyLine {
    /// The journey.
    pub journey: JourneyId,
    /// What people call it.
    pub title: String,
    /// The app.
    pub app: String,
    /// How its walks went.
    pub walks: WalkCounts,
    /// How those went that were made outside of maintenance: what it was available is read from these.
    pub outside: WalkCounts,
    /// How long customers were blocked on it, as walks showed, outside of maintenance.
    pub blocked: Duration,
    /// How long work on it was planned: this is left out.
    pub planned: Duration,
    /// Due times.
    pub due: u64,
    /// Those that were walked.
    pub walked: u64,
    /// Those that were walked in time.
    pub punctual: u64,
    /// Steps that were walked, and steps that it has.
    pub steps: (u32, u32),
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Journeys with a walk that could say something, of all that are patrolled or were walked.
    pub journeys: Share,
    /// Steps that were walked, of all that those journeys have.
    pub steps: Share,
    /// Due times that were walked, of all.
    pub walked: Share,
    /// Due times that were walked in time, of all.
    pub punctual: Share,
}

/// An incident that opened in the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The incident.
    pub id: IncidentId,
    /// What customers met.
    pub headline: crate::finding::Bilingual,
    /// How badly.
    pub severity: Severity,
    /// Who answers for it.
    pub owner: String,
    /// When it opened.
    pub opened: Moment,
    /// Whether it had been over before.
    pub again: bool,
    /// How it ended, and when, where it has.
    pub ended: Option<(Outcome, Moment)>,
}

/// A week in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The week.
    pub week: Week,
    /// The time it is of.
    pub window: Window,
    /// Only what this owner answers for.
    pub owner: Option<String>,
    /// What was looked at.
    pub coverage: Coverage,
    /// All incidents together.
    pub tally: Tally,
    /// All walks together.
    pub walks: WalkCounts,
    /// Those of them that were made outside of maintenance.
    pub outside: WalkCounts,
    /// How long customers were blocked somewhere, all journeys added up.
    pub blocked: Duration,
    /// How long work was planned, all journeys added up.
    pub planned: Duration,
    /// Its days.
    pub days: Vec<Day>,
    /// Its journeys, those on which customers were blocked longest first.
    pub journeys: Vec<JourneyLine>,
    /// Incidents by what they have in common, most openings first.
    pub groups: BTreeMap<Facet, Vec<Group>>,
    /// Incidents that opened, worst first.
    pub openings: Vec<Opening>,
    /// Notices; of every owner, since one message may tell several.
    pub notices: NoticeCount,
    /// Complaints beside what the robot saw; of every owner.
    pub leads: Leads,
}

impl Report {
    /// Makes figures of what was gathered for `asked`.
    pub fn of(gathered: &Gathered, asked: &Asked) -> Self {
        let window = asked.window();
        let cases: Vec<&Case> = gathered.cases.iter().filter(|case| asked.owns(case.owner.as_deref())).collect();
        let tally = |cases: &[&Case]| Tally::of(cases.iter().copied(), &window, &asked.deadlines, &asked.windows);
        let journeys = journeys(gathered, asked, &cases, &window);
        let (mut walks, mut outside) = (WalkCounts::default(), WalkCounts::default());
        journeys.iter().for_each(|line| walks.add(line.walks));
        journeys.iter().for_each(|line| outside.add(line.outside));
        Self {
            week: asked.week,
            owner: asked.owner.clone(),
            coverage: coverage(&journeys),
            tally: tally(&cases),
            walks,
            outside,
            blocked: journeys.iter().map(|line| line.blocked).sum(),
            planned: journeys.iter().map(|line| line.planned).sum(),
            days: days(gathered, &journeys, &cases, &window),
            groups: Facet::ALL.into_iter().map(|facet| (facet, groups(facet, &cases, &tally))).collect(),
            openings: openings(&cases, &window),
            notices: gathered.notices,
            leads: Leads::of(&gathered.complaints, asked.week, &gathered.met, &asked.zone),
            journeys,
            window,
        }
    }

    /// Whether nothing was walked and nothing happened.
    pub fn is_empty(&self) -> bool {
        self.walks.all() == 0
            && self.coverage.walked.of == 0
            && self.tally == Tally::default()
            && self.leads.lines.is_empty()
    }
}

fn journeys(gathered: &Gathered, asked: &Asked, cases: &[&Case], window: &Window) -> Vec<JourneyLine> {
    let owner = |journey: &JourneyId| {
        asked.roster.iter().find(|line| line.journey == *journey).map(|line| line.owner.as_deref())
    };
    // A journey that is no longer patrolled is known to be an owner's by its incidents alone.
    let met: BTreeSet<&JourneyId> = cases.iter().map(|case| &case.journey).collect();
    let wanted = |journey: &JourneyId| match owner(journey) {
        Some(owner) => asked.owns(owner),
        None => asked.owner.is_none() || met.contains(journey),
    };
    let mut lines: BTreeMap<JourneyId, JourneyLine> = BTreeMap::new();
    let walked = gathered.walks.iter().map(|day| &day.journey);
    let all =
        asked.roster.iter().map(|line| &line.journey).chain(walked).chain(gathered.slots.iter().map(|s| &s.journey));
    for journey in all.filter(|journey| wanted(journey)) {
        lines.entry(journey.clone()).or_insert_with(|| blank(journey, gathered, asked));
    }
    for day in &gathered.walks {
        let Some(line) = lines.get_mut(&day.journey) else { continue };
        line.walks.add(day.counts);
        line.steps = line.steps.max(day.steps);
    }
    for slots in &gathered.slots {
        let Some(line) = lines.get_mut(&slots.journey) else { continue };
        (line.due, line.walked, line.punctual) = (slots.due, slots.walked, slots.punctual);
    }
    let amid: BTreeMap<&JourneyId, WalkCounts> =
        gathered.amid.iter().map(|(journey, counts)| (journey, *counts)).collect();
    for line in lines.values_mut() {
        let still = asked.windows.standstill(&line.app, &line.journey);
        line.blocked = blocked(cases, &line.journey, window, &still);
        line.planned = still.within(window.from(), window.to());
        line.outside = line.walks.without(amid.get(&line.journey).copied().unwrap_or_default());
    }
    let mut lines: Vec<JourneyLine> = lines.into_values().collect();
    let availability = |line: &JourneyLine| line.outside.available().permille().unwrap_or(1001);
    lines.sort_by(|a, b| {
        b.blocked.cmp(&a.blocked).then(availability(a).cmp(&availability(b))).then(a.title.cmp(&b.title))
    });
    lines
}

fn blank(journey: &JourneyId, gathered: &Gathered, asked: &Asked) -> JourneyLine {
    let listed = asked.roster.iter().find(|line| line.journey == *journey).map(|line| (&line.title, &line.app));
    let known = || gathered.titles.iter().find(|(of, ..)| of == journey).map(|(_, title, app)| (title, app));
    let (title, app) =
        listed.or_else(known).map_or((journey.to_string(), String::new()), |(t, a)| (t.clone(), a.clone()));
    JourneyLine {
        journey: journey.clone(),
        title,
        app,
        walks: WalkCounts::default(),
        outside: WalkCounts::default(),
        blocked: Duration::ZERO,
        planned: Duration::ZERO,
        due: 0,
        walked: 0,
        punctual: 0,
        steps: (0, 0),
    }
}

/// How long customers could not go on while nothing was planned: times that overlap are counted once.
fn blocked(cases: &[&Case], journey: &JourneyId, window: &Window, still: &Standstill) -> Duration {
    let of = cases.iter().filter(|case| case.journey == *journey && case.class == Some(Class::Blocked));
    let mut times: Vec<(Moment, Moment)> = of.flat_map(|case| case.met(window.to())).collect();
    times.sort_unstable();
    let (mut sum, mut until) = (Duration::ZERO, window.from());
    for (from, to) in times {
        let (from, end) = (from.max(until).max(window.from()), to.min(window.to()));
        sum += still.gone(from, end);
        until = until.max(to);
    }
    sum
}

fn coverage(journeys: &[JourneyLine]) -> Coverage {
    let mut coverage = Coverage::default();
    for line in journeys {
        coverage.journeys.count(line.walks.available().of > 0);
        coverage.steps.hit += u64::from(line.steps.0);
        coverage.steps.of += u64::from(line.steps.1);
        coverage.walked.hit += line.walked;
        coverage.walked.of += line.due;
        coverage.punctual.hit += line.punctual;
        coverage.punctual.of += line.due;
    }
    coverage
}

fn days(gathered: &Gathered, journeys: &[JourneyLine], cases: &[&Case], window: &Window) -> Vec<Day> {
    let shown: BTreeSet<&JourneyId> = journeys.iter().map(|line| &line.journey).collect();
    let blank = |(from, _)| Day { from, walks: WalkCounts::default(), opened: 0, fixed: 0 };
    let mut days: Vec<Day> = window.days().map(blank).collect();
    for walked in gathered.walks.iter().filter(|walked| shown.contains(&walked.journey)) {
        if let Some(day) = days.get_mut(walked.day) {
            day.walks.add(walked.counts);
        }
    }
    let of = |at: Moment| window.days().position(|(from, to)| from <= at && at < to);
    for episode in cases.iter().filter(|case| !case.part).flat_map(|case| case.episodes(window.to())) {
        if let Some(day) = of(episode.opened) {
            days[day].opened += 1;
        }
        if let Some((Outcome::Fixed, at)) = episode.ended
            && let Some(day) = of(at)
        {
            days[day].fixed += 1;
        }
    }
    days
}

fn groups(facet: Facet, cases: &[&Case], tally: &dyn Fn(&[&Case]) -> Tally) -> Vec<Group> {
    let mut gathered: BTreeMap<Key, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        for key in facet.keys(case) {
            gathered.entry(key).or_default().push(case);
        }
    }
    let told = gathered.into_iter().map(|(Key { word, zh, en }, cases)| Group { word, zh, en, tally: tally(&cases) });
    let mut groups: Vec<Group> = told.filter(|group| group.tally != Tally::default()).collect();
    groups.sort_by(|a, b| {
        b.tally.opened.cmp(&a.tally.opened).then(b.tally.open.cmp(&a.tally.open)).then(a.word.cmp(&b.word))
    });
    groups
}

fn openings(cases: &[&Case], window: &Window) -> Vec<Opening> {
    let mut openings: Vec<Opening> = Vec::new();
    for case in cases.iter().filter(|case| !case.part) {
        let in_window = case.episodes(window.to()).into_iter().filter(|episode| window.holds(episode.opened));
        openings.extend(in_window.map(|episode| Opening {
            id: case.id,
            headline: case.headline.clone(),
            severity: case.severity,
            owner: case.owner.clone().unwrap_or_else(|| DEFAULT_OWNER.to_owned()),
            opened: episode.opened,
            again: episode.again,
            ended: episode.ended,
        }));
    }
    openings.sort_by(|a, b| a.severity.cmp(&b.severity).then(a.opened.cmp(&b.opened)).then(a.id.cmp(&b.id)));
    openings.truncate(LISTED_MAX);
    openings
}
