//! `GET /notices`: what people were told and what they were not, with the receivers' answers.

use super::calendar::{When, when};
use super::figure::grouped;
use super::lang::Viewer;
use super::serve::Console;
use super::tab::TabView;
use super::{refusal, render, shape};
use crate::alert::{NoticePage, NoticeQuery, NoticeState, OutboxRow};
use crate::id::IncidentId;
use crate::incident::LedgerError;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Notices on one page.
const LISTED_MAX: u32 = 100;

/// The filters, as they stand in the address.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub(super) struct Filters {
    /// The tab; `undelivered` where none is asked for, of one incident `all`.
    #[schemars(schema_with = "shape::notices_tab")]
    pub state: Option<String>,
    /// The channel's name.
    pub channel: Option<String>,
    /// Only of this incident.
    pub incident: Option<String>,
    /// Where the page before ended: its `next`.
    pub after: Option<String>,
}

/// A tab of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Undelivered,
    Waiting,
    Delivered,
    Together,
    Needless,
    All,
}

impl Tab {
    pub const ALL: [Tab; 6] = [Tab::Undelivered, Tab::Waiting, Tab::Delivered, Tab::Together, Tab::Needless, Tab::All];

    pub fn word(self) -> &'static str {
        match self {
            Tab::Undelivered => "undelivered",
            Tab::Waiting => "waiting",
            Tab::Delivered => "delivered",
            Tab::Together => "together",
            Tab::Needless => "needless",
            Tab::All => "all",
        }
    }

    fn states(self) -> &'static [NoticeState] {
        match self {
            Tab::Undelivered => &[NoticeState::Undeliverable, NoticeState::Waiting],
            Tab::Waiting => &[NoticeState::Waiting],
            Tab::Delivered => &[NoticeState::Delivered],
            Tab::Together => &[NoticeState::Gathered],
            Tab::Needless => {
                &[NoticeState::Superseded, NoticeState::Standby, NoticeState::Spared, NoticeState::Withdrawn]
            }
            Tab::All => &NoticeState::ALL,
        }
    }

    fn count(self, found: &NoticePage) -> u64 {
        match self {
            Tab::Undelivered => found.undelivered,
            _ => self.states().iter().filter_map(|state| found.counts.get(state)).sum(),
        }
    }
}

impl Filters {
    pub fn tab(&self) -> Tab {
        let asked = Tab::ALL.into_iter().find(|tab| Some(tab.word()) == self.state.as_deref());
        // Of one incident everything is told, unless a tab is asked for.
        asked.unwrap_or(if self.incident.is_some() { Tab::All } else { Tab::Undelivered })
    }

    fn address(&self, tab: Tab, after: Option<String>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", tab.word());
        for (name, value) in [("channel", &self.channel), ("incident", &self.incident), ("after", &after)] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        format!("/notices?{}", query.finish())
    }

    fn any(&self) -> bool {
        [&self.channel, &self.incident].into_iter().any(|f| f.as_deref().is_some_and(|text| !text.is_empty()))
    }
}

/// Reads what `filters` ask for. What cannot be an incident has no notices.
pub(super) async fn read(console: &Console, filters: &Filters) -> Result<NoticePage, LedgerError> {
    let given = |filter: &Option<String>| filter.clone().filter(|text| !text.is_empty());
    let incident = match given(&filters.incident).map(|text| text.parse::<IncidentId>()) {
        Some(Err(_)) => return Ok(NoticePage::default()),
        Some(Ok(incident)) => Some(incident),
        None => None,
    };
    let query = NoticeQuery {
        states: filters.tab().states().to_vec(),
        undelivered: filters.tab() == Tab::Undelivered,
        channel: given(&filters.channel),
        incident,
        after: filters.after.as_deref().and_then(|after| after.parse().ok()),
        limit: LISTED_MAX,
    };
    console.notices.page(&query).await
}

#[derive(Serialize)]
struct NoticesPage {
    state: &'static str,
    tabs: Vec<TabView>,
    channels: Vec<(String, bool)>,
    incident: Option<String>,
    filtered: bool,
    /// Whether there was never any.
    none_ever: bool,
    rows: Vec<NoticeView>,
    next: Option<String>,
    first: Option<String>,
}

#[derive(Serialize)]
struct NoticeView {
    id: String,
    incident: String,
    channel: String,
    to: Option<String>,
    because: String,
    /// What a mark shows: `failed`, `degraded`, `under-way`, `passed` or `idle`.
    face: &'static str,
    word: &'static str,
    queued: When,
    /// When it is tried next, while it waits.
    next_try: Option<When>,
    due: bool,
    /// When it was accepted.
    accepted: Option<When>,
    tries: u32,
    said: Option<String>,
    told_by: Option<String>,
    tells: u32,
    instead_of: Option<String>,
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    Query(filters): Query<Filters>,
) -> Response {
    let (found, channels) = tokio::join!(read(&console, &filters), console.notices.channels());
    match (found, channels) {
        (Ok(found), Ok(channels)) => {
            let page = show(&console, &viewer, &filters, &found, &channels);
            render::page(&console, &viewer, "notices.html", page)
        }
        (Err(error), _) | (_, Err(error)) => refusal::ledger(&console, &viewer, &error),
    }
}

fn show(console: &Console, viewer: &Viewer, filters: &Filters, found: &NoticePage, channels: &[String]) -> NoticesPage {
    let w = viewer.lang.watch_texts();
    let tab = |tab: Tab| TabView {
        href: filters.address(tab, None),
        name: match tab {
            Tab::Undelivered => w.tab_undelivered,
            Tab::Waiting => w.tab_waiting,
            Tab::Delivered => w.tab_delivered,
            Tab::Together => w.tab_together,
            Tab::Needless => w.tab_needless,
            Tab::All => viewer.lang.texts().all,
        },
        count: grouped(tab.count(found)),
        chosen: tab == filters.tab(),
    };
    NoticesPage {
        state: filters.tab().word(),
        tabs: Tab::ALL.into_iter().map(tab).collect(),
        channels: channels.iter().map(|name| (name.clone(), filters.channel.as_ref() == Some(name))).collect(),
        incident: filters.incident.clone().filter(|incident| !incident.is_empty()),
        filtered: filters.any(),
        none_ever: channels.is_empty(),
        rows: found.notices.iter().map(|row| notice(row, console, viewer)).collect(),
        next: found.next.as_ref().map(|next| filters.address(filters.tab(), Some(next.to_string()))),
        first: filters.after.as_ref().map(|_| filters.address(filters.tab(), None)),
    }
}

fn notice(row: &OutboxRow, console: &Console, viewer: &Viewer) -> NoticeView {
    let (now, w) = (console.clock.now(), viewer.lang.watch_texts());
    let at = |moment| when(moment, now, &console.zone, viewer.lang);
    let waits = row.state == NoticeState::Waiting;
    NoticeView {
        id: row.id.to_string(),
        incident: row.incident.to_string(),
        channel: row.channel.clone(),
        to: row.to.clone(),
        because: w.because(&row.reason),
        face: match row.state {
            NoticeState::Undeliverable => "failed",
            NoticeState::Waiting if row.tries > 0 => "degraded",
            NoticeState::Waiting => "under-way",
            NoticeState::Delivered | NoticeState::Gathered => "passed",
            _ => "idle",
        },
        word: w.notice_word(row.state, row.tries),
        queued: at(row.queued),
        next_try: waits.then(|| at(row.at)),
        due: row.at <= now,
        accepted: (row.state == NoticeState::Delivered).then(|| at(row.at)),
        tries: row.tries,
        said: row.said.clone(),
        told_by: row.told_by.map(|id| id.to_string()),
        tells: row.tells,
        instead_of: row.instead_of.clone(),
    }
}
