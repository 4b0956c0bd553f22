//! `GET /incidents`: the queue, with its filters in the address.

use super::calendar::{When, when};
use super::lang::{Lang, Viewer};
use super::serve::Console;
use super::{refusal, render};
use crate::finding::Severity;
use crate::incident::{Incident, IncidentQuery, Kind, LedgerError, Standing, State};
use crate::walk::Class;
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Incidents read for one page; filters by word choose among these.
const READ_MAX: u32 = 1_000;
/// Incidents on one page.
const LISTED_MAX: usize = 100;
/// Characters of a search text that count.
const FIND_CHARS_MAX: usize = 100;

/// The filters, as they stand in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Filters {
    state: Option<String>,
    app: Option<String>,
    class: Option<String>,
    severity: Option<String>,
    q: Option<String>,
}

/// What is asked for, and what came of it.
pub(super) struct Queue {
    /// Of every state, all other filters applied: for the counts on the tabs.
    matching: Vec<Incident>,
    /// The apps there are.
    apps: BTreeSet<String>,
    tab: Tab,
    /// Whether older ones were not read.
    pub cut: bool,
}

/// A tab of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Open,
    Verifying,
    Closed,
    Suspected,
    Aside,
    All,
}

impl Tab {
    const ALL: [Tab; 6] = [Tab::Open, Tab::Verifying, Tab::Closed, Tab::Suspected, Tab::Aside, Tab::All];

    fn word(self) -> &'static str {
        match self {
            Tab::Open => "open",
            Tab::Verifying => "verifying",
            Tab::Closed => "closed",
            Tab::Suspected => "suspected",
            Tab::Aside => "aside",
            Tab::All => "all",
        }
    }

    fn holds(self, incident: &Incident) -> bool {
        let aside = incident.handling.stage.is_set_aside();
        match self {
            Tab::Open => incident.state == State::Open && !aside,
            Tab::Verifying => incident.standing() == Standing::Verifying,
            Tab::Closed => incident.standing() == Standing::Closed,
            Tab::Suspected => incident.standing() == Standing::Suspected,
            Tab::Aside => aside,
            Tab::All => true,
        }
    }
}

impl Filters {
    fn tab(&self) -> Tab {
        // Links in older notices say `recovered`.
        let word = self.state.as_deref().map(|word| if word == "recovered" { Tab::Verifying.word() } else { word });
        Tab::ALL.into_iter().find(|t| Some(t.word()) == word).unwrap_or(Tab::Open)
    }

    fn any(&self) -> bool {
        [&self.app, &self.class, &self.severity, &self.q]
            .into_iter()
            .any(|f| f.as_deref().is_some_and(|f| !f.is_empty()))
    }

    fn match_all(&self, incident: &Incident) -> bool {
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == actual)
        };
        is(&self.app, &incident.app)
            && is(&self.class, class_or_robot(incident))
            && is(&self.severity, incident.severity.word())
            && self.found(incident)
    }

    /// Every word of the search text stands somewhere in the incident.
    fn found(&self, incident: &Incident) -> bool {
        let Some(q) = &self.q else { return true };
        let text = [
            incident.headline.zh.as_str(),
            &incident.headline.en,
            &incident.title,
            incident.journey.as_str(),
            &incident.step_title,
            &incident.route,
            &incident.detector,
            incident.cause.as_deref().unwrap_or_default(),
            incident.handling.assignee.as_deref().unwrap_or_default(),
            &incident.id.to_string(),
        ];
        let text = text.join("\n").to_lowercase();
        let q: String = q.chars().take(FIND_CHARS_MAX).collect::<String>().to_lowercase();
        q.split_whitespace().all(|word| text.contains(word))
    }
}

/// The class word, or `robot` for the robot's own trouble.
pub(super) fn class_or_robot(incident: &Incident) -> &'static str {
    incident.class.map_or(Kind::Robot.word(), Class::word)
}

impl Queue {
    /// Reads what `filters` ask for. A part that matches shows its whole.
    pub async fn read(console: &Console, filters: &Filters) -> Result<Self, LedgerError> {
        let all = console.archive.incidents(&IncidentQuery { limit: READ_MAX, ..IncidentQuery::default() }).await?;
        let cut = all.len() >= READ_MAX as usize;
        let apps = all.iter().map(|i| i.app.clone()).collect();
        let (wholes, parts): (Vec<Incident>, Vec<Incident>) = all.into_iter().partition(|i| i.parent.is_none());
        let met: BTreeSet<_> = parts.iter().filter(|part| filters.match_all(part)).filter_map(|p| p.parent).collect();
        let matching = wholes.into_iter().filter(|i| filters.match_all(i) || met.contains(&i.id)).collect();
        Ok(Self { matching, apps, tab: filters.tab(), cut })
    }

    /// What is listed: worst first within open, newest first otherwise.
    pub fn listed(&self) -> Vec<&Incident> {
        let mut listed: Vec<&Incident> = self.matching.iter().filter(|i| self.tab.holds(i)).collect();
        if self.tab == Tab::Open {
            listed.sort_by(|a, b| a.severity.cmp(&b.severity).then(b.last_seen.cmp(&a.last_seen)));
        }
        listed.truncate(LISTED_MAX);
        listed
    }

    fn count(&self, tab: Tab) -> usize {
        self.matching.iter().filter(|i| tab.holds(i)).count()
    }
}

#[derive(Serialize)]
struct QueuePage {
    state: &'static str,
    tabs: Vec<TabView>,
    apps: Vec<Choice>,
    classes: Vec<Choice>,
    severities: Vec<Choice>,
    q: String,
    filtered: bool,
    /// Whether every incident, of whatever filter, is absent.
    nothing_open: bool,
    rows: Vec<QueueRow>,
    cut: bool,
}

#[derive(Serialize)]
struct TabView {
    href: String,
    name: &'static str,
    count: usize,
    chosen: bool,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    name: String,
    chosen: bool,
}

/// One incident in a list.
#[derive(Serialize)]
pub(super) struct QueueRow {
    id: String,
    headline: String,
    severity: &'static str,
    class: &'static str,
    class_name: &'static str,
    state: &'static str,
    standing: &'static str,
    standing_name: &'static str,
    assignee: Option<String>,
    muted: bool,
    app: String,
    title: String,
    step: String,
    devices: String,
    picture: Option<String>,
    first_seen: When,
    last_seen: When,
    times: String,
    reopened: Option<String>,
}

/// The page.
pub(super) async fn page(
    Shared(console): Shared<Arc<Console>>,
    viewer: Viewer,
    Query(filters): Query<Filters>,
) -> Response {
    match Queue::read(&console, &filters).await {
        Ok(queue) => render::page(&console, &viewer, "incidents.html", show(&console, &viewer, &queue, &filters)),
        Err(error) => refusal::ledger(&console, &viewer, &error),
    }
}

fn show(console: &Console, viewer: &Viewer, queue: &Queue, filters: &Filters) -> QueuePage {
    let t = viewer.lang.texts();
    let now = console.clock.now();
    let tab = |tab: Tab| TabView {
        href: address(filters, tab),
        name: match tab {
            Tab::Open => t.open,
            Tab::Verifying => t.standing_verifying,
            Tab::Closed => t.standing_closed,
            Tab::Suspected => t.suspected,
            Tab::Aside => t.set_aside,
            Tab::All => t.all,
        },
        count: queue.count(tab),
        chosen: tab == queue.tab,
    };
    let choice = |value: &str, name: &str, chosen: &Option<String>| Choice {
        value: value.to_owned(),
        name: name.to_owned(),
        chosen: chosen.as_deref() == Some(value),
    };
    let mut classes: Vec<Choice> = [Class::Blocked, Class::Broken, Class::Abnormal, Class::Slow]
        .map(|c| choice(c.word(), t.class_word(c), &filters.class))
        .into();
    classes.push(choice(Kind::Robot.word(), t.robot_health, &filters.class));
    let severities = [Severity::P1, Severity::P2, Severity::P3];
    let rows: Vec<QueueRow> = queue.listed().into_iter().map(|i| row(i, now, &console.zone, viewer.lang)).collect();
    QueuePage {
        state: queue.tab.word(),
        tabs: Tab::ALL.into_iter().map(tab).collect(),
        apps: queue.apps.iter().map(|app| choice(app, app, &filters.app)).collect(),
        classes,
        severities: severities.map(|s| choice(s.word(), s.word(), &filters.severity)).into(),
        q: filters.q.clone().unwrap_or_default(),
        filtered: filters.any(),
        nothing_open: rows.is_empty() && queue.tab == Tab::Open && !filters.any(),
        cut: queue.cut || queue.count(queue.tab) > rows.len(),
        rows,
    }
}

/// The address of a tab, the other filters kept.
fn address(filters: &Filters, tab: Tab) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", tab.word());
    let rest = [("app", &filters.app), ("class", &filters.class), ("severity", &filters.severity), ("q", &filters.q)];
    for (name, value) in rest {
        if let Some(value) = value.as_deref().filter(|v| !v.is_empty()) {
            query.append_pair(name, value);
        }
    }
    format!("/incidents?{}", query.finish())
}

/// What a list shows of `incident`.
fn row(incident: &Incident, now: crate::moment::Moment, zone: &TimeZone, lang: Lang) -> QueueRow {
    let t = lang.texts();
    QueueRow {
        id: incident.id.to_string(),
        headline: lang.of(&incident.headline),
        severity: incident.severity.word(),
        class: class_or_robot(incident),
        class_name: incident.class.map_or(t.robot_health, |class| t.class_word(class)),
        state: incident.state.word(),
        standing: incident.standing().word(),
        standing_name: t.standing_word(incident.standing()),
        assignee: incident.handling.assignee.clone(),
        muted: incident.handling.is_muted(now),
        app: incident.app.clone(),
        title: incident.title.clone(),
        step: incident.step_title.clone(),
        devices: incident.devices.iter().cloned().collect::<Vec<_>>().join(", "),
        picture: incident.picture.as_ref().map(|key| format!("/evidence/{key}")),
        first_seen: when(incident.first_seen, now, zone, lang),
        last_seen: when(incident.last_seen, now, zone, lang),
        times: lang.times(incident.sightings),
        reopened: (incident.reopened > 0).then(|| lang.times(incident.reopened)),
    }
}
