//! `GET /journeys`: every journey on the watch, with how it fares.

use super::lang::Viewer;
use super::serve::Console;
use super::strip::{Counts, Span};
use super::today::{Row, Scene, share};
use super::watch::{Watch, Watched};
use super::{refusal, render};
use crate::incident::LedgerError;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The filters, as they stand in the address.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub(super) struct Filters {
    /// The app.
    pub app: Option<String>,
    /// Words that all stand in its name, its title or its app's.
    pub q: Option<String>,
}

/// A journey and how it fared.
pub(super) struct Fared {
    pub watched: Watched,
    /// Over the last day; `watched` counts the week.
    pub day: Counts,
    /// Steps reached by the last walk, and how many it has.
    pub coverage: Option<(u32, u32)>,
}

/// Every journey, and what there is to choose among.
pub(super) struct Fares {
    pub watch: Watch,
    pub journeys: Vec<Fared>,
    pub apps: BTreeSet<String>,
}

impl Filters {
    fn match_all(&self, watched: &Watched) -> bool {
        let app = self.app.as_deref().is_none_or(|app| app.is_empty() || app == watched.app);
        let text = format!("{}\n{}\n{}", watched.title, watched.journey, watched.app).to_lowercase();
        let q = self.q.as_deref().unwrap_or_default().to_lowercase();
        app && q.split_whitespace().all(|word| text.contains(word))
    }

    fn any(&self) -> bool {
        [&self.app, &self.q].into_iter().any(|filter| filter.as_deref().is_some_and(|text| !text.is_empty()))
    }
}

impl Fares {
    /// Reads what `filters` ask for.
    pub async fn read(console: &Console, filters: &Filters) -> Result<Self, LedgerError> {
        let mut watch = Watch::read(console, Span::Week).await?;
        let days = Watch::counted(console, Span::Day, None).await?;
        let apps = watch.journeys.iter().map(|watched| watched.app.clone()).filter(|app| !app.is_empty()).collect();
        let mut journeys = Vec::new();
        for watched in std::mem::take(&mut watch.journeys) {
            if filters.match_all(&watched) {
                let coverage = watched.coverage();
                let day = days.get(&watched.journey).copied().unwrap_or_default();
                journeys.push(Fared { watched, day, coverage });
            }
        }
        Ok(Self { watch, journeys, apps })
    }
}

/// The share of walks that got through, in thousandths; `None` where none could say.
pub(super) fn got_through(counts: &Counts) -> Option<u32> {
    let said = counts.passed + counts.degraded + counts.failed;
    (said > 0).then(|| (counts.passed + counts.degraded) * 1000 / said)
}

/// The same as it is read.
pub(super) fn availability(counts: &Counts) -> Option<String> {
    let said = counts.passed + counts.degraded + counts.failed;
    (said > 0).then(|| share(counts.passed + counts.degraded, said))
}

/// How the day compares with its week: `better`, `worse` or `same`.
pub(super) fn trend(day: &Counts, week: &Counts) -> Option<&'static str> {
    let (day, week) = (got_through(day)?, got_through(week)?);
    Some(match day.cmp(&week) {
        _ if day.abs_diff(week) < 5 => "same",
        std::cmp::Ordering::Greater => "better",
        _ => "worse",
    })
}

#[derive(Serialize)]
struct JourneysPage {
    rows: Vec<FaredView>,
    apps: Vec<(String, bool)>,
    q: String,
    filtered: bool,
}

/// A line of the list.
#[derive(Serialize)]
struct FaredView {
    row: Row,
    journey: String,
    day: Option<String>,
    week: Option<String>,
    trend: Option<&'static str>,
    coverage: Option<(u32, u32)>,
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    Query(filters): Query<Filters>,
) -> Response {
    let fares = match Fares::read(&console, &filters).await {
        Ok(fares) => fares,
        Err(error) => return refusal::ledger(&console, &viewer, &error),
    };
    let scene = Scene::of(&fares.watch, Span::Week, &console.zone, viewer.lang);
    let view = |fared: &Fared| FaredView {
        row: scene.row(&fared.watched),
        journey: fared.watched.journey.to_string(),
        day: availability(&fared.day),
        week: availability(&fared.watched.counts),
        trend: trend(&fared.day, &fared.watched.counts),
        coverage: fared.coverage,
    };
    let page = JourneysPage {
        rows: fares.journeys.iter().map(view).collect(),
        apps: fares.apps.iter().map(|app| (app.clone(), filters.app.as_ref() == Some(app))).collect(),
        q: filters.q.clone().unwrap_or_default(),
        filtered: filters.any(),
    };
    render::page(&console, &viewer, "journeys.html", page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_compared_with_its_week() {
        let counts = |passed, failed| Counts { passed, failed, ..Counts::default() };
        let check = |day: Counts, week: Counts, expected| assert_eq!(trend(&day, &week), expected, "{day:?} {week:?}");
        check(counts(10, 0), counts(90, 10), Some("better"));
        check(counts(5, 5), counts(90, 10), Some("worse"));
        check(counts(999, 1), counts(1000, 0), Some("same"));
        check(counts(0, 0), counts(1, 0), None);
    }
}
