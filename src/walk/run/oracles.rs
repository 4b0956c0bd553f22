//! Holding the page that a step ended on to the journey's oracles.

use super::super::port::{PartWanted, RowRead, RowsRead, RowsWanted};
use super::super::{AlikeSeen, BreachSeen, Observation, OraclesHeld, PageLook};
use super::engine::Walking;
use super::figures::{FIGURES_WITHIN, READ_AGAIN};
use crate::id::StepId;
use crate::journey::json_path::{JsonPath, shown};
use crate::journey::oracle::{
    AnswerPart, FigureAs, PartReading, PartSource, Place, PlaceSource, key_of, plain_value_of,
};
use crate::journey::{Verb, pattern};
use crate::oracle::{Alike, Asked, Breach, BreachKind, Judgement, Now, Page, Row, Rows, Witness};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How long the page may take to give its rows.
const ROWS_WITHIN: Duration = Duration::from_secs(2);
/// How long what cannot be true is read again at least, whatever was done when.
const AGAIN_AT_LEAST: Duration = Duration::from_millis(1_500);
/// How long a list whose rows have no keys is read again: what stands there may only keep the place of those to come.
const ROWS_COME_WITHIN: Duration = Duration::from_millis(700);
/// The first pause before what cannot be true is read again; it doubles.
const READ_AGAIN_SOON: Duration = Duration::from_millis(25);
/// How long a walk may be held up by reading again, in all: after that, what cannot be true is read again for the least
/// time only, and after twice that not at all, nor told.
pub(super) const HELD_UP_MAX: Duration = Duration::from_secs(12);
/// The most figures that all devices must show alike.
const ALIKE_MAX: usize = 2_000;
/// The most rows of an answer.
const ROWS_MAX: usize = 2_000;

/// What a step does to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// It looks at it, or only holds other steps.
    Looks,
    /// It brings another one, or the same anew.
    Brings,
    /// It does something on it, which may lead to another one or change what it lists.
    Acts,
    /// It enters something, which may change what it lists.
    Enters,
}

impl Does {
    pub(super) fn of(verb: &Verb) -> Self {
        match verb {
            Verb::Look
            | Verb::Wait(_)
            | Verb::Capture(_)
            | Verb::Assert { .. }
            | Verb::Screenshot { .. }
            | Verb::Compare { .. } => Does::Looks,
            Verb::When { .. } | Verb::FirstOf(_) | Verb::Repeat { .. } => Does::Looks,
            Verb::Open(_) | Verb::Reload | Verb::Back => Does::Brings,
            Verb::Fill { .. } | Verb::Type { .. } | Verb::Choose { .. } | Verb::Check { .. } => Does::Enters,
            _ => Does::Acts,
        }
    }
}

/// What a walk is held to, and how far it has come with it.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) witness: Witness,
    /// The step that last did something.
    pub(super) led_by: StepId,
    /// Where the walk stands.
    stands: Option<(String, String)>,
    /// Addresses on which something was done in this walk: lists may be filtered there, and stay so.
    touched: BTreeSet<(String, String)>,
    /// Whether something was entered since a page was last held to them: such a step may not have looked where it was.
    entered: bool,
    pub(super) held_up: Duration,
    /// The step that comes next looks at the page once more before anything is done on it.
    pub(super) looks_next: bool,
    /// Places that could not be read, each told once.
    lost: BTreeSet<String>,
    /// Pages whose lists had rows without a key, and no others, for as long as they were waited for: they are empty, and
    /// say so in a row.
    bare: BTreeSet<String>,
    /// What was read last of figures that all devices must show alike, by topic and key.
    alike: BTreeMap<(String, String), Alike>,
    /// The steps that led to the pages where these were read first, by topic: which look reads a row first is chance.
    alike_led_by: BTreeMap<String, StepId>,
}

impl Holding {
    pub(super) fn new(witness: Witness) -> Self {
        let (stands, touched, entered, held_up, looks_next, lost, bare, alike, alike_led_by) = Default::default();
        let led_by = StepId(String::new());
        Self { witness, led_by, stands, touched, entered, held_up, looks_next, lost, bare, alike, alike_led_by }
    }

    /// A step was walked, however it went.
    pub(super) fn walked(&mut self, id: &StepId, does: Does) {
        if does != Does::Looks {
            self.led_by = id.clone();
        }
        if let Some(stands) = self.stands.clone().filter(|_| matches!(does, Does::Acts | Does::Enters)) {
            self.touched.insert(stands);
        }
        // What acts or brings may have led elsewhere, where nothing was entered yet.
        self.entered = does == Does::Enters || (self.entered && does == Does::Looks);
    }

    /// The walk has come to `page`: whether something was done on it.
    fn stand_on(&mut self, page: Page) -> Page {
        let at = (page.path.clone(), page.query.clone());
        self.stands = Some(at.clone());
        if std::mem::take(&mut self.entered) {
            self.touched.insert(at.clone());
        }
        Page { touched: self.touched.contains(&at), ..page }
    }

    /// What a look read of figures that all devices must show alike, as far as it is new. What stands there while the page
    /// loads may only keep the place of what is to come.
    fn alike(&mut self, judgement: &Judgement, page: &PageLook) -> Vec<AlikeSeen> {
        let mut new = Vec::new();
        if !page.loading.is_empty() {
            return new;
        }
        for figure in self.witness.alike(judgement) {
            let row = (figure.topic.clone(), figure.key.clone());
            let known = self.alike.get(&row);
            let is_new = known.map_or(self.alike.len() < ALIKE_MAX, |known| !known.agrees(&figure.value));
            if is_new {
                let led_by = self.alike_led_by.entry(figure.topic.clone()).or_insert_with(|| self.led_by.clone());
                new.push(AlikeSeen { figure: figure.clone(), led_by: led_by.clone() });
                self.alike.insert(row, figure);
            }
        }
        new
    }

    /// What the walk was held to.
    pub(super) fn tally(&self) -> Option<OraclesHeld> {
        let witness = &self.witness;
        (!witness.is_idle()).then(|| OraclesHeld {
            figures: witness.figures(),
            judged: witness.judged(),
            unjudged: witness.unjudged().collect(),
            unread: witness.unread().map(str::to_owned).collect(),
            unheld: witness.unheld().into_iter().chain(witness.unheard()).collect(),
            uncompared: witness.to_compare(),
        })
    }
}

impl Walking<'_> {
    /// Reads what oracles ask of the page that the step has looked at. What cannot be true is read again until it can, or
    /// until the page has been left alone for as long as figures are given; the look is then the one it was told of.
    pub(super) async fn hold_to_oracles(&mut self, seen: &mut Observation) {
        let Some(page) = seen.page.as_ref().filter(|page| self.is_own(&page.url)) else { return };
        // Who looks next waits for the page anyhow, and what has come by then is held to them.
        let comes = page.ready_state != "complete" || !page.loading.is_empty();
        if self.holding.witness.is_idle() || (comes && self.holding.looks_next) {
            return;
        }
        let began = Instant::now();
        let cancel = self.cancel().clone();
        tokio::select! {
            () = cancel.cancelled() => {}
            () = async {
                self.read_until_sure(seen, began).await;
                self.hold_to_streams(seen).await;
            } => {}
        }
        let held_up = began.elapsed();
        self.holding.held_up += held_up;
        self.give_back(held_up);
    }

    async fn read_until_sure(&mut self, seen: &mut Observation, began: Instant) {
        let mut pause = READ_AGAIN_SOON;
        while let Some(page) = &seen.page {
            let at = self.holding.stand_on(Page::at(&page.url));
            let read = self.read_places(&at).await;
            let now = self.now();
            let judgement = self.holding.witness.judge(&at, read.as_deref().unwrap_or_default(), &page.text, now);
            let patient = Instant::now() < self.patience(&judgement, began);
            let bare = read.as_deref().is_some_and(|all| all.iter().any(|rows| rows.unkeyed));
            let coming = bare && !self.holding.bare.contains(&at.path) && began.elapsed() < ROWS_COME_WITHIN;
            // Nothing is judged of rows that the next step waits for anyhow, as above of a page.
            if coming && self.holding.looks_next {
                break;
            }
            if !patient || (read.is_some() && judgement.breaches.is_empty() && !coming) {
                if bare {
                    self.holding.bare.insert(at.path.clone());
                }
                let mut sure: Vec<Breach> =
                    judgement.breaches.iter().filter(|breach| is_sure(breach, page)).cloned().collect();
                if self.holding.held_up > HELD_UP_MAX * 2 && !sure.is_empty() {
                    sure.clear();
                    self.lose("what oracles say was read again for too long: nothing more is told of it".to_owned());
                }
                seen.alike = self.holding.alike(&judgement, page);
                self.holding.witness.keep(judgement, &sure);
                let led_by = &self.holding.led_by;
                seen.breaches = sure.into_iter().map(|breach| BreachSeen { breach, led_by: led_by.clone() }).collect();
                break;
            }
            if self.lane.rest(pause).await.is_err() {
                break;
            }
            pause = (pause * 2).min(READ_AGAIN * 5);
            // Not older than the rows that are read next.
            let Some(page) = self.look_in_time().await else { break };
            seen.page = Some(page);
        }
    }

    /// Until when what cannot be true is read again: what was waited for in vain before is given the least time.
    fn patience(&self, judgement: &Judgement, began: Instant) -> Instant {
        let least = began + AGAIN_AT_LEAST;
        if self.holding.held_up > HELD_UP_MAX * 2 {
            return began;
        }
        let waits = self.holding.witness.is_news(judgement) && self.holding.held_up <= HELD_UP_MAX;
        if waits { least.max(self.acted + FIGURES_WITHIN) } else { least }
    }

    /// The day where the app is: in the zone that the page is told, which is the machine's own when nothing else is said.
    fn now(&self) -> Now {
        Now { today: self.local_time().date(), offset: self.since_start() }
    }

    /// The time of the day there.
    pub(super) fn local_time(&self) -> DateTime {
        let zone = self.journey.timezone.as_ref().or(self.plan.timezone.as_ref());
        let zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or_else(TimeZone::system);
        self.world.clock.now().timestamp().to_zoned(zone).datetime()
    }

    /// `None` when the page went on meanwhile, or does not answer.
    async fn read_places(&mut self, page: &Page) -> Option<Vec<Rows>> {
        let asked: Vec<(Asked, Place)> =
            self.holding.witness.asked(page).into_iter().map(|(at, place)| (at, place.clone())).collect();
        let wanted: Vec<(&(Asked, Place), RowsWanted)> =
            asked.iter().filter_map(|one| Some((one, self.wanted(&one.1)?))).collect();
        let mut read = Vec::new();
        if !wanted.is_empty() {
            let asks: Vec<RowsWanted> = wanted.iter().map(|(_, rows)| rows.clone()).collect();
            let told = self.lane.rows(&asks, ROWS_WITHIN).await.ok()?;
            if Page::at(&told.url).path != page.path {
                return None;
            }
            for ((at, place), rows) in wanted.iter().map(|(one, _)| *one).zip(&told.rows) {
                match rows {
                    Ok(rows) => read.extend(page_rows(*at, place, &told, rows)),
                    Err(why) => {
                        let place = place.source.shown();
                        self.lose(format!("an oracle's figures at {place} could not be read: {why}"));
                    }
                }
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

    /// Says once what an oracle could not do.
    fn lose(&mut self, said: String) {
        if self.holding.lost.insert(said.clone()) {
            self.losses.push(said);
        }
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
        BreachKind::Missing | BreachKind::Unreadable | BreachKind::NotOwned => page.loading.is_empty(),
        _ => true,
    }
}

/// Rows as the page gave them, cut by their patterns.
fn page_rows(asked: Asked, place: &Place, told: &RowsRead, rows: &[RowRead]) -> Option<Rows> {
    let PlaceSource::Page { key, read, .. } = &place.source else { return None };
    let pattern = |part: &PartReading| part.pattern.as_ref().and_then(|pattern| pattern::compile(pattern).ok());
    let patterns: Vec<Option<Regex>> = read.iter().map(|(_, part)| pattern(part)).collect();
    let key_pattern = key.as_ref().and_then(&pattern);
    let text = |part: &PartReading, own: Option<&String>| match part.source {
        PartSource::Url => Some(told.url.clone()),
        PartSource::Element { .. } => own.cloned(),
    };
    let row = |row: &RowRead| {
        let key = match key {
            Some(part) => {
                let text = text(part, row.key.as_ref())?;
                key_of(&key_pattern.as_ref().map_or(Some(text.clone()), |pattern| pattern::found(&text, pattern))?)?
            }
            None => String::new(),
        };
        let read = read.iter().zip(&patterns).filter_map(|((name, part), pattern)| {
            let text = text(part, row.read.get(name))?;
            // What the pattern does not find stands there as it is, and is no figure.
            let found = pattern.as_ref().and_then(|pattern| pattern::found(&text, pattern));
            Some((name.clone(), found.unwrap_or(text)))
        });
        Some(Row { key, read: read.collect() })
    };
    // What cannot be told apart from others is not compared: an advertisement between two products.
    let keyed: Vec<Row> = rows.iter().filter_map(row).collect();
    Some(Rows { asked, unkeyed: keyed.is_empty() && !rows.is_empty(), rows: keyed })
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
    let part = |part: &AnswerPart, of: &Value| {
        let text = text(&part.path, of)?;
        if part.times == rust_decimal::Decimal::ONE {
            return Some(text);
        }
        let figure = plain_value_of(&text, FigureAs::Figure(crate::money::FigureKind::Decimal)).ok()?;
        let crate::journey::Value::Figure(figure) = figure else { return None };
        Some(figure.checked_mul(part.times)?.normalize().to_string())
    };
    let row = |of: &&Value| {
        let key = match key {
            Some(key) => key_of(&text(key, of)?)?,
            None => String::new(),
        };
        let read: BTreeMap<String, String> =
            read.iter().filter_map(|(name, at)| Some((name.clone(), part(at, of)?))).collect();
        Some(Row { key, read })
    };
    Some(Rows { asked, rows: list.iter().filter_map(row).collect(), unkeyed: false })
}

#[cfg(test)]
mod tests {
    use super::super::super::LoadingMark;
    use super::*;
    use crate::journey::{FileProblem, Files, Limits, load_oracle};
    use std::sync::Arc;

    #[test]
    fn lists_on_which_something_was_done_are_not_whole() {
        // Each: what a step does, and the page it is seen on, if it looks.
        let check = |steps: &[(Does, &str)], expected: bool| {
            let mut holding = Holding::new(Witness::new(Vec::new()));
            let mut touched = false;
            for (does, url) in steps {
                holding.walked(&StepId("step".into()), *does);
                if !url.is_empty() {
                    touched = holding.stand_on(Page::at(url)).touched;
                }
            }
            assert_eq!(touched, expected, "{steps:?}");
        };
        let (home, funds) = ("https://app.test/", "https://app.test/funds");
        check(&[(Does::Brings, home), (Does::Acts, funds)], false);
        check(&[(Does::Brings, funds), (Does::Enters, ""), (Does::Looks, funds)], true);
        // The tap was looked at before the page had gone on.
        check(&[(Does::Brings, home), (Does::Acts, home), (Does::Enters, ""), (Does::Looks, funds)], true);
        // A form that leads to a list.
        check(&[(Does::Brings, home), (Does::Enters, ""), (Does::Acts, funds)], false);
        // A list that is come back to.
        check(&[(Does::Brings, funds), (Does::Enters, funds), (Does::Acts, home), (Does::Brings, funds)], true);
    }

    struct OneOracle;

    impl Files for OneOracle {
        fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
            Ok(br#"
oracle: products
app: bank
subjects:
  fund:
    figures: {nav: {as: decimal, across: devices}}
    places: [{on: /funds, read: {nav: {testid: nav}}}]
streams: [{socket: /feed/*, within: 3s}]
"#
            .into())
        }
    }

    fn holding() -> Holding {
        Holding::new(Witness::new(vec![Arc::new(
            load_oracle("oracles/products.yaml", &OneOracle, &Limits::default()).unwrap(),
        )]))
    }

    #[test]
    fn what_is_still_loading_is_not_compared_with_other_devices() {
        let check = |loading: bool, expected: usize| {
            let mut holding = holding();
            let at = Page::at("https://bank.test/funds");
            let asked = holding.witness.asked(&at)[0].0;
            let read = BTreeMap::from([("nav".to_owned(), "0.00".to_owned())]);
            let rows = vec![Row { key: String::new(), read }];
            let now = Now { today: jiff::civil::date(2026, 11, 20), offset: Duration::ZERO };
            let judgement = holding.witness.judge(&at, &[Rows { asked, rows, unkeyed: false }], "", now);
            let mark = || LoadingMark { locus: "#spin".into(), age: Duration::ZERO };
            let page = PageLook { loading: loading.then(mark).into_iter().collect(), ..PageLook::default() };
            assert_eq!(holding.alike(&judgement, &page).len(), expected);
        };
        check(false, 1);
        check(true, 0);
    }

    #[test]
    fn what_a_walk_did_not_come_by_is_said() {
        let held = holding().tally().unwrap();
        assert_eq!((held.unheld, held.uncompared), (vec!["products/feed/*".into()], vec!["products/fund.nav".into()]));
    }
}
