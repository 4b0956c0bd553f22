//! `GET /incidents`: the queue, with its filters in the address.

use super::calendar::{When, when};
use super::lang::{Lang, Viewer};
use super::queue::{Filters, Queue, Tab, class_or_robot};
use super::serve::Console;
use super::tab::TabView;
use super::{handling, refusal, render};
use crate::finding::Severity;
use crate::incident::{Incident, Kind, QueueOrder};
use crate::maintenance::Windows;
use crate::moment::Moment;
use crate::walk::Class;
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct QueuePage {
    state: &'static str,
    tabs: Vec<TabView>,
    apps: Vec<Choice>,
    classes: Vec<Choice>,
    severities: Vec<Choice>,
    assignees: Vec<Choice>,
    sorts: Vec<Choice>,
    q: String,
    filtered: bool,
    /// Whether every incident, of whatever filter, is absent.
    nothing_open: bool,
    rows: Vec<QueueRow>,
    /// The address of the page after this one.
    next: Option<String>,
    /// The address of the first page, from any other.
    first: Option<String>,
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
    /// What maintenance keeps quiet of it.
    quiet: Option<&'static str>,
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
        href: filters.address("/incidents", tab, None),
        name: match tab {
            Tab::Open => t.open,
            Tab::Verifying => t.standing_verifying,
            Tab::Closed => t.standing_closed,
            Tab::Suspected => t.suspected,
            Tab::Aside => t.set_aside,
            Tab::All => t.all,
        },
        count: super::figure::grouped(queue.count(tab)),
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
    let assignees = queue.choices.assignees.iter().map(|name| choice(name, name, &filters.assignee));
    let order = Some(filters.order().word().to_owned());
    let sorts = QueueOrder::ALL.map(|sort| choice(sort.word(), t.order_word(sort), &order));
    let windows = console.almanac.around(now);
    let rows = queue.page.incidents.iter().map(|i| row(i, &windows, now, &console.zone, viewer.lang));
    let rows: Vec<QueueRow> = rows.collect();
    let at = |after| filters.address("/incidents", queue.tab, after);
    QueuePage {
        state: queue.tab.word(),
        tabs: Tab::ALL.into_iter().map(tab).collect(),
        apps: queue.choices.apps.iter().map(|app| choice(app, app, &filters.app)).collect(),
        classes,
        severities: severities.map(|s| choice(s.word(), s.word(), &filters.severity)).into(),
        assignees: assignees.collect(),
        sorts: sorts.into(),
        q: filters.q.clone().unwrap_or_default(),
        filtered: filters.any(),
        nothing_open: rows.is_empty() && queue.tab == Tab::Open && !filters.any() && filters.after().is_none(),
        next: queue.page.next.as_ref().map(|next| at(Some(next))),
        first: filters.after().map(|_| at(None)),
        rows,
    }
}

/// What a list shows of `incident`.
fn row(incident: &Incident, windows: &Windows, now: Moment, zone: &TimeZone, lang: Lang) -> QueueRow {
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
        quiet: handling::quiet(incident, windows, now, lang),
        app: incident.app.clone(),
        title: incident.title.clone(),
        step: lang.step(&incident.step_title),
        devices: incident.devices.iter().cloned().collect::<Vec<_>>().join(", "),
        picture: incident.picture.as_ref().map(|key| format!("/evidence/{key}")),
        first_seen: when(incident.first_seen, now, zone, lang),
        last_seen: when(incident.last_seen, now, zone, lang),
        times: lang.times(incident.sightings),
        reopened: (incident.reopened > 0).then(|| lang.times(incident.reopened)),
    }
}
