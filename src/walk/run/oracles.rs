//! Holding the page that a step ended on to the journey's oracles.

use super::super::port::{PartWanted, RowRead, RowsRead, RowsWanted};
use super::super::{BreachSeen, Observation, OraclesHeld, PageLook};
use super::engine::Walking;
use super::figures::{FIGURES_WITHIN, READ_AGAIN};
use crate::id::StepId;
use crate::journey::json_path::{JsonPath, shown};
use crate::journey::oracle::{PartReading, PartSource, Place, PlaceSource};
use crate::journey::{Verb, pattern};
use crate::oracle::{Asked, Breach, BreachKind, Page, Row, Rows};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// What a step does to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// It looks at it.
    Looks,
    /// It brings another one, or the same anew.
    Brings,
    /// It does something on it, which may lead to another one or change what it lists.
    Acts,
}

impl Does {
    pub(super) fn of(verb: &Verb) -> Self {
        match verb {
            Verb::Look | Verb::Wait(_) | Verb::Capture(_) | Verb::Assert { .. } | Verb::Screenshot { .. } => {
                Does::Looks
            }
            Verb::Open(_) | Verb::Reload | Verb::Back => Does::Brings,
            _ => Does::Acts,
        }
    }
}

/// How long the page may take to give its rows.
const ROWS_WITHIN: Duration = Duration::from_secs(2);
/// The most rows of an answer.
const ROWS_MAX: usize = 2_000;

impl Walking<'_> {
    /// Reads what oracles ask of the page that the step has looked at. What cannot be true is read again until it can, or
    /// until the page has been left alone for as long as figures are given; the look is then the one it was told of.
    pub(super) async fn hold_to_oracles(&mut self, seen: &mut Observation, id: &StepId, does: Does) {
        if does != Does::Looks {
            self.led_by = id.clone();
        }
        let acts = does == Does::Acts;
        if let Some(page) = self.stood.as_mut().filter(|_| acts) {
            page.touched = true;
        }
        if self.witness.is_idle() || seen.page.as_ref().is_none_or(|page| !self.is_own(&page.url)) {
            return;
        }
        let (began, mut again) = (Instant::now(), false);
        let patience = (self.acted + FIGURES_WITHIN).min(self.deadline());
        while let Some(page) = &seen.page {
            let place = self.page_at(&page.url, acts);
            let Some(read) = self.read_places(&place).await else { break };
            let mut breaches = self.witness.judge(&place, &read, &page.text);
            if breaches.is_empty() || Instant::now() >= patience {
                breaches.retain(|breach| is_sure(breach, page));
                self.held.figures += read.iter().flat_map(|rows| &rows.rows).map(|row| row.read.len()).sum::<usize>();
                self.witness.keep(&place, &read, &breaches);
                self.stood = Some(place);
                let led_by = self.led_by.clone();
                seen.breaches =
                    breaches.into_iter().map(|breach| BreachSeen { breach, led_by: led_by.clone() }).collect();
                break;
            }
            if self.lane.rest(READ_AGAIN).await.is_err() {
                break;
            }
            seen.page = self.lane.page().await;
            again = true;
        }
        if again && let Some(page) = self.lane.page().await {
            // Not older than the rows that were read last.
            seen.page = Some(page);
        }
        self.put_off(began.elapsed());
    }

    /// What the walk was held to, once it has ended.
    pub(super) fn held_to(&self) -> Option<OraclesHeld> {
        let unjudged = self.witness.unjudged().map(str::to_owned).collect();
        (!self.witness.is_idle()).then(|| OraclesHeld { unjudged, judged: self.witness.judged(), ..self.held.clone() })
    }

    /// The page at `url`; `acts` says whether the step did something that may have changed what it lists.
    fn page_at(&self, url: &str, acts: bool) -> Page {
        let url = Url::parse(url).ok();
        let path = url.as_ref().map(|url| url.path().to_owned()).unwrap_or_default();
        let query = url.as_ref().and_then(Url::query).unwrap_or_default().to_owned();
        let before = self.stood.as_ref().filter(|page| page.path == path && page.query == query);
        let touched = before.is_some_and(|page| page.touched || acts);
        Page { path, query, touched }
    }

    /// `None` when the page went on meanwhile, or does not answer.
    async fn read_places(&mut self, page: &Page) -> Option<Vec<Rows>> {
        let asked: Vec<(Asked, Place)> = self.witness.asked(page).into_iter().map(|(at, p)| (at, p.clone())).collect();
        let wanted: Vec<(Asked, RowsWanted)> =
            asked.iter().filter_map(|(at, place)| Some((*at, self.wanted(place)?))).collect();
        let mut read = Vec::new();
        if !wanted.is_empty() {
            let asks: Vec<RowsWanted> = wanted.iter().map(|(_, rows)| rows.clone()).collect();
            let told = self.lane.rows(&asks, ROWS_WITHIN).await.ok()?;
            if path_of(&told.url) != page.path {
                return None;
            }
            for ((at, _), rows) in wanted.iter().zip(&told.rows) {
                let place = asked.iter().find(|(one, _)| one == at).map(|(_, place)| place);
                read.extend(place.zip(rows.as_ref()).and_then(|(place, rows)| page_rows(*at, place, &told, rows)));
            }
        }
        for (at, place) in &asked {
            if let PlaceSource::Answer { path, .. } = &place.source
                && let Some(answer) = self.lane.answer(path.as_str())
            {
                read.extend(answer_rows(*at, place, &answer));
            }
        }
        Some(read)
    }

    fn wanted(&self, place: &Place) -> Option<RowsWanted> {
        let PlaceSource::Page { each, key, read, .. } = &place.source else { return None };
        let part = |part: &PartReading| match &part.source {
            PartSource::Url => Some(PartWanted::default()),
            PartSource::Element { target, attribute } => {
                let target = target.as_ref().map(|target| self.scope.target(target)).transpose().ok()?;
                Some(PartWanted { target, attribute: attribute.clone() })
            }
        };
        Some(RowsWanted {
            each: each.as_ref().map(|each| self.scope.target(each)).transpose().ok()?,
            key: key.as_ref().filter(|key| key.source != PartSource::Url).map(part).unwrap_or_default(),
            read: read.iter().map(|(name, at)| Some((name.clone(), part(at)?))).collect::<Option<_>>()?,
        })
    }

    fn is_own(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
        self.plan.own_hosts.iter().any(|own| own.covers(&host.to_owned(), port, url.scheme()))
    }
}

/// Of a text that was cut nobody knows what else it says, and what is not there while the page loads may still come: that
/// it loads so long is told by others.
fn is_sure(breach: &Breach, page: &PageLook) -> bool {
    match breach.kind {
        BreachKind::Unsaid => page.loading.is_empty() && !page.text.ends_with('…'),
        BreachKind::Missing | BreachKind::Unreadable => page.loading.is_empty(),
        _ => true,
    }
}

/// Rows as the page gave them, cut by their patterns.
fn page_rows(asked: Asked, place: &Place, told: &RowsRead, rows: &[RowRead]) -> Option<Rows> {
    let PlaceSource::Page { key, read, .. } = &place.source else { return None };
    let cut = |part: &PartReading, text: Option<&String>| {
        let text = if part.source == PartSource::Url { Some(&told.url) } else { text }?;
        // What the pattern does not find stands there as it is, and is no figure.
        let found = part.pattern.as_ref().map(|pattern| pattern::cut(text, pattern).unwrap_or_else(|_| text.clone()));
        Some(found.unwrap_or_else(|| text.clone()))
    };
    let row = |row: &RowRead| {
        let key = match key {
            // What cannot be told apart from others is not compared: an advertisement between two products.
            Some(part) => cut(part, row.key.as_ref()).filter(|key| !key.is_empty())?,
            None => String::new(),
        };
        let read = read.iter().filter_map(|(name, part)| Some((name.clone(), cut(part, row.read.get(name))?)));
        Some(Row { key, read: read.collect() })
    };
    Some(Rows { asked, rows: rows.iter().filter_map(row).collect() })
}

fn answer_rows(asked: Asked, place: &Place, answer: &Value) -> Option<Rows> {
    let PlaceSource::Answer { each, key, read, .. } = &place.source else { return None };
    let list: Vec<&Value> = match each {
        Some(each) => each.find(answer)?.as_array()?.iter().collect(),
        None => vec![answer],
    };
    if list.len() > ROWS_MAX {
        return None;
    }
    let text = |path: &JsonPath, of: &Value| path.find(of).filter(|value| !value.is_null()).map(shown);
    let row = |of: &&Value| {
        let key = key.as_ref().map_or(Some(String::new()), |key| text(key, of))?;
        let read: BTreeMap<String, String> =
            read.iter().filter_map(|(name, at)| Some((name.clone(), text(at, of)?))).collect();
        Some(Row { key, read })
    };
    Some(Rows { asked, rows: list.iter().filter_map(row).collect() })
}

fn path_of(url: &str) -> String {
    Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default()
}
