//! What a walk has read so far, and what of it cannot be.

use super::breach::{Breach, BreachKind, Gathered, Said};
use super::calendar::trading_days_since;
use super::phrase;
use crate::journey::oracle::{
    Figure, FigureAs, Oracle, Place, PlaceSource, Registry, Subject, TODAY, plain_value_of, value_of,
};
use crate::journey::{Expression, Value, glob};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most values a walk remembers.
const FACTS_MAX: usize = 50_000;

/// The page that a walk has come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its path.
    pub path: String,
    /// Its query, without `?`; empty when there is none.
    pub query: String,
    /// Whether the customer has done something on it since it came: what it lists may be filtered.
    pub touched: bool,
}

impl Page {
    /// Whether a glob is about it. One without `?` is about the path, whatever the query.
    fn is_on(&self, glob: &str) -> bool {
        if glob.contains('?') {
            glob::covers(glob, &format!("{}?{}", self.path, self.query))
        } else {
            glob::covers(glob, &self.path)
        }
    }

    /// Whether a list on it holds all it can: nobody has filtered it, by hand or by a query that its author has not named.
    fn is_whole(&self, place: &Place) -> bool {
        let named = || matches!(&place.source, PlaceSource::Page { on, .. } if on.contains('?'));
        match place.source {
            PlaceSource::Page { .. } => !self.touched && (self.query.is_empty() || named()),
            PlaceSource::Answer { .. } => true,
        }
    }
}

/// A place that is to be read, by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    oracle: usize,
    subject: usize,
    place: usize,
}

/// What was read at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Which.
    pub asked: Asked,
    /// Its rows in order.
    pub rows: Vec<Row>,
}

/// One row of a place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// What tells it from others; empty where there is one row only.
    pub key: String,
    /// Texts by figure; what does not stand in the row is left out.
    pub read: BTreeMap<String, String>,
}

/// A value, and where it was read.
type Facts = BTreeMap<(usize, usize, String, String), BTreeMap<usize, Value>>;

/// Holds what a walk reads to its journey's oracles.
#[derive(Debug)]
pub struct Witness {
    oracles: Vec<Arc<Oracle>>,
    today: Date,
    facts: Facts,
    /// What was told in this walk, and is not told again.
    told: BTreeSet<(BreachKind, String)>,
    /// Claims whose place was read, and whether they could be judged.
    claims: BTreeMap<String, bool>,
}

/// One judgement over what was read at one time.
struct Judgement<'w> {
    witness: &'w Witness,
    facts: Facts,
    claims: BTreeMap<String, bool>,
    gathered: Gathered,
    /// Figures that are wrong by themselves: what they disagree with, and what is claimed of them, follows from that.
    wrong: BTreeSet<String>,
}

impl Witness {
    /// Before anything was read; `today` is the day of the walk where the app is.
    pub fn new(oracles: Vec<Arc<Oracle>>, today: Date) -> Self {
        let (facts, told, claims) = Default::default();
        Self { oracles, today, facts, told, claims }
    }

    /// Whether there is anything to hold to.
    pub fn is_idle(&self) -> bool {
        self.oracles.is_empty()
    }

    /// The places to be read on a page: its own, and answers, which may have come since.
    pub fn asked(&self, page: &Page) -> Vec<(Asked, &Place)> {
        let here = |place: &Place| match &place.source {
            PlaceSource::Page { on, .. } => page.is_on(on),
            PlaceSource::Answer { .. } => true,
        };
        let mut all = Vec::new();
        for (oracle, held) in self.oracles.iter().enumerate() {
            for (subject, of) in held.subjects.iter().enumerate() {
                let places = of.places.iter().enumerate().filter(|(_, place)| here(place));
                all.extend(places.map(|(place, at)| (Asked { oracle, subject, place }, at)));
            }
        }
        all
    }

    /// What of `read`, and of the page's `text`, cannot be, and was not told before.
    pub fn judge(&self, page: &Page, read: &[Rows], text: &str) -> Vec<Breach> {
        let mut breaches = self.judgement(page, read, text).gathered.breaches();
        breaches.retain(|breach| !self.told.contains(&(breach.kind, breach.topic.clone())));
        breaches
    }

    /// Remembers what was read, and what was told of it.
    pub fn keep(&mut self, page: &Page, read: &[Rows], told: &[Breach]) {
        let Judgement { facts, claims, .. } = self.judgement(page, read, "");
        (self.facts, self.claims) = (facts, claims);
        self.told.extend(told.iter().map(|breach| (breach.kind, breach.topic.clone())));
    }

    /// How many claims were judged.
    pub fn judged(&self) -> usize {
        self.claims.values().filter(|judged| **judged).count()
    }

    /// Claims that the walk came by and could not judge, because a figure of theirs was nowhere.
    pub fn unjudged(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().filter(|(_, judged)| !**judged).map(|(claim, _)| claim.as_str())
    }

    fn judgement(&self, page: &Page, read: &[Rows], text: &str) -> Judgement<'_> {
        let (facts, claims) = (self.facts.clone(), self.claims.clone());
        let figures = [BreachKind::Unreadable, BreachKind::Implausible, BreachKind::Stale, BreachKind::Disagreement];
        let told = self.told.iter().filter(|(kind, _)| figures.contains(kind)).map(|(_, topic)| topic.clone());
        let (gathered, wrong) = (Gathered::default(), told.collect());
        let mut judgement = Judgement { witness: self, facts, claims, gathered, wrong };
        for rows in read {
            judgement.rows(page, rows);
        }
        judgement.phrases(page, text);
        judgement
    }
}

impl Judgement<'_> {
    fn rows(&mut self, page: &Page, rows: &Rows) {
        let Asked { oracle, subject, place } = rows.asked;
        let witness = self.witness;
        let Some(held) = witness.oracles.get(oracle) else { return };
        let Some(of) = held.subjects.get(subject) else { return };
        let Some(at) = of.places.get(place) else { return };
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for row in &rows.rows {
            *seen.entry(&row.key).or_default() += 1;
            let values = self.values(held, of, at, row);
            for (name, value) in &values {
                self.compared(held, of, rows.asked, (&row.key, name), value);
            }
            if self.facts.len() < FACTS_MAX {
                for (name, value) in &values {
                    let key = (oracle, subject, row.key.clone(), name.clone());
                    self.facts.entry(key).or_default().insert(place, value.clone());
                }
            }
            self.claims(held, of, rows.asked, row, &values);
        }
        let told = |key: &str| named(of, key);
        for (key, _) in seen.iter().filter(|(_, count)| **count > 1) {
            let (zh, en) = told(key);
            let zh = format!("{} 上的{zh} 出现了不止一次", at.source.shown());
            let en = format!("{en} stands more than once at {}", at.source.shown());
            self.add(BreachKind::Repeated, (held, of), at.source.shown(), Said { key: key.to_string(), zh, en });
        }
        if let Some(registry) = of.registry.as_ref().filter(|_| at.complete && page.is_whole(at)) {
            let seen: BTreeSet<&str> = seen.into_keys().collect();
            self.complete(held, of, at, registry, &seen);
        }
    }

    /// The values of a row that can be read and can be.
    fn values(&mut self, held: &Oracle, of: &Subject, at: &Place, row: &Row) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for (name, text) in &row.read {
            let Some(figure) = of.figure(name) else { continue };
            let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if figure.blank.contains(&folded) {
                continue;
            }
            let read = match at.source {
                PlaceSource::Page { .. } => value_of(&folded, figure.kind),
                PlaceSource::Answer { .. } => plain_value_of(&folded, figure.kind),
            };
            match read {
                Err(_) => {
                    let (zh, en) = of_figure(of, &row.key, figure);
                    let (what_zh, what_en) = kind_words(figure.kind);
                    let zh = format!("{zh}显示为「{}」，不是{what_zh}", brief(&folded));
                    let en = format!("{en} shows “{}”, which is no {what_en}", brief(&folded));
                    self.add(BreachKind::Unreadable, (held, of), name, Said { key: row.key.clone(), zh, en });
                }
                Ok(value) => {
                    self.plausible((held, of), figure, &row.key, (&value, &folded));
                    values.insert(name.clone(), value);
                }
            }
        }
        values
    }

    fn plausible(
        &mut self,
        (held, of): (&Oracle, &Subject),
        figure: &Figure,
        key: &str,
        (value, text): (&Value, &str),
    ) {
        let (shown, (zh, en)) = (brief(text), of_figure(of, key, figure));
        match value {
            Value::Figure(value) => {
                let wrong = match (figure.min, figure.max) {
                    (Some(min), _) if *value < min => {
                        Some((format!("不应小于 {min}"), format!("at least {min} is expected")))
                    }
                    (_, Some(max)) if *value > max => {
                        Some((format!("不应大于 {max}"), format!("at most {max} is expected")))
                    }
                    _ => None,
                };
                if let Some((why_zh, why_en)) = wrong {
                    let (zh, en) = (format!("{zh}是 {shown}，{why_zh}"), format!("{en} is {shown}; {why_en}"));
                    self.add(BreachKind::Implausible, (held, of), &figure.name, Said { key: key.to_owned(), zh, en });
                }
            }
            Value::Text(value) if figure.kind == FigureAs::Date => self.fresh((held, of), figure, key, value),
            Value::Text(value) if !figure.among.is_empty() && !figure.among.contains(value) => {
                let zh = format!("{zh}是「{shown}」，只应是 {}", figure.among.join("、"));
                let en = format!("{en} is “{shown}”; one of {} is expected", figure.among.join(", "));
                self.add(BreachKind::Implausible, (held, of), &figure.name, Said { key: key.to_owned(), zh, en });
            }
            _ => {}
        }
    }

    fn fresh(&mut self, (held, of): (&Oracle, &Subject), figure: &Figure, key: &str, value: &str) {
        let (Some(most), Ok(day)) = (figure.trading_days, value.parse::<Date>()) else { return };
        let wrong = match trading_days_since(day, self.witness.today, &held.holidays) {
            None => Some(("是未来的日期".to_owned(), "which is still to come".to_owned())),
            Some(age) if age > most => {
                let zh = format!("已过 {age} 个交易日，最多应为 {most} 个");
                Some((zh, format!("{age} trading days ago; at most {most} are expected")))
            }
            Some(_) => None,
        };
        if let Some((why_zh, why_en)) = wrong {
            let (zh, en) = of_figure(of, key, figure);
            let (zh, en) = (format!("{zh}是 {value}，{why_zh}"), format!("{en} is {value}, {why_en}"));
            self.add(BreachKind::Stale, (held, of), &figure.name, Said { key: key.to_owned(), zh, en });
        }
    }

    /// A figure against what other places and the registry say of it.
    fn compared(&mut self, held: &Oracle, of: &Subject, asked: Asked, (key, name): (&str, &str), value: &Value) {
        let Some(figure) = of.figure(name) else { return };
        let fact = (asked.oracle, asked.subject, key.to_owned(), name.to_owned());
        let elsewhere = self.facts.get(&fact).into_iter().flatten().filter(|(place, _)| **place != asked.place);
        let elsewhere = elsewhere
            .filter_map(|(place, said)| Some((of.places.get(*place)?.source.shown().to_owned(), said.clone())));
        let listed = of
            .registry
            .as_ref()
            .and_then(|registry| Some((registry.file.clone(), registry.rows.get(key)?.get(name)?.clone())));
        let differs = |(_, said): &(String, Value)| !agree(value, said, figure.tolerance);
        let Some((place, said)) = elsewhere.chain(listed).find(differs) else { return };
        if self.is_wrong(held, of, name, BreachKind::Disagreement) {
            return;
        }
        let (zh, en) = of_figure(of, key, figure);
        let (here, there) = (value.plain(), said.plain());
        let zh = format!("{zh}在 {} 是 {}，在 {place} 是 {}", shown_at(of, asked), brief(&here), brief(&there));
        let en = format!("{en} is {} at {} and {} at {place}", brief(&here), shown_at(of, asked), brief(&there));
        self.add(BreachKind::Disagreement, (held, of), name, Said { key: key.to_owned(), zh, en });
    }

    fn claims(&mut self, held: &Oracle, of: &Subject, asked: Asked, row: &Row, values: &BTreeMap<String, Value>) {
        let listed = of.registry.as_ref().and_then(|registry| registry.rows.get(&row.key));
        let facts = self.facts.clone();
        let today = Value::Text(self.witness.today.to_string());
        let value_of = |name: &str| -> Option<Value> {
            let fact = (asked.oracle, asked.subject, row.key.clone(), name.to_owned());
            let elsewhere = || facts.get(&fact)?.values().next().cloned();
            let column = || listed?.get(name).cloned();
            let day = || (name == TODAY).then(|| today.clone());
            values.get(name).cloned().or_else(elsewhere).or_else(column).or_else(day)
        };
        for claim in &of.claims {
            let names = claim.that.names();
            // A row that shows nothing of it says nothing about it.
            if !names.iter().any(|name| values.contains_key(*name)) {
                continue;
            }
            let topic = format!("{}/{}: {}", held.id, of.id, claim.that);
            let judged = self.claims.entry(topic).or_default();
            if !names.iter().all(|name| value_of(name).is_some()) {
                continue;
            }
            let Ok(holds) = claim.that.holds(&value_of) else { continue };
            *judged = true;
            if holds || names.iter().any(|name| self.is_wrong(held, of, name, BreachKind::Claim)) {
                continue;
            }
            let (zh, en) = named(of, &row.key);
            let shown = claim.that.shown(&value_of);
            let message = claim.message.clone().unwrap_or_else(|| claim.that.to_string());
            let (zh, en) =
                if row.key.is_empty() { Default::default() } else { (format!("{zh}："), format!("{en}: ")) };
            let zh = format!("{zh}{message}（{}）", worked(&claim.that, &shown));
            let en = format!("{en}{message} ({})", worked(&claim.that, &shown));
            self.add(BreachKind::Claim, (held, of), claim.that.text(), Said { key: row.key.clone(), zh, en });
        }
    }

    fn complete(&mut self, held: &Oracle, of: &Subject, at: &Place, registry: &Registry, seen: &BTreeSet<&str>) {
        let today = Value::Text(self.witness.today.to_string());
        let listed = |row: &BTreeMap<String, Value>| {
            let value_of = |name: &str| match name {
                TODAY => Some(today.clone()),
                // A column without text is an empty text.
                name => Some(row.get(name).cloned().unwrap_or_else(|| Value::Text(String::new()))),
            };
            registry.listed.as_ref().is_none_or(|listed| listed.holds(&value_of).unwrap_or(true))
        };
        let place = at.source.shown();
        for (key, row) in &registry.rows {
            let (wanted, there) = (listed(row), seen.contains(key.as_str()));
            let (zh, en) = named(of, key);
            if wanted && !there {
                let zh = format!("{place} 上没有{zh}，而台账 {} 里有", registry.file);
                let en = format!("{en} is not at {place}, and {} lists it", registry.file);
                self.add(BreachKind::Missing, (held, of), place, Said { key: key.clone(), zh, en });
            } else if !wanted && there {
                let zh = format!("{place} 上有{zh}，而台账 {} 说它不应上架", registry.file);
                let en = format!("{en} is at {place}, and {} says that it should not be", registry.file);
                self.add(BreachKind::Unlisted, (held, of), place, Said { key: key.clone(), zh, en });
            }
        }
        for key in seen.iter().filter(|key| !registry.rows.contains_key(**key)) {
            let (zh, en) = named(of, key);
            let zh = format!("{place} 上有{zh}，而台账 {} 里没有", registry.file);
            let en = format!("{en} is at {place}, and {} does not know it", registry.file);
            self.add(BreachKind::Unlisted, (held, of), place, Said { key: (*key).to_owned(), zh, en });
        }
    }

    fn phrases(&mut self, page: &Page, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        for held in &self.witness.oracles {
            for phrase in held.phrases.iter().filter(|phrase| phrase.on.iter().any(|on| page.is_on(on))) {
                // Phrases that one message is for are one trouble.
                let topic = format!("{}: {}", held.id, phrase.message.as_ref().unwrap_or(&phrase.text));
                let key = phrase.text.clone();
                let message = |zh: String, en: String| match &phrase.message {
                    Some(message) => (format!("{message}：{zh}"), format!("{message}: {en}")),
                    None => (zh, en),
                };
                if phrase.wanted && !phrase::said(phrase, text) {
                    let (zh, en) = message(
                        format!("页面上没有「{}」", phrase.text),
                        format!("the page does not say “{}”", phrase.text),
                    );
                    self.gathered.add(BreachKind::Unsaid, topic, phrase.urgent, Said { key, zh, en });
                } else if let Some(said) = phrase::forbidden(phrase, text).filter(|_| !phrase.wanted) {
                    let (zh, en) = message(format!("页面上写着「{said}」"), format!("the page says “{said}”"));
                    self.gathered.add(BreachKind::Forbidden, topic, phrase.urgent, Said { key, zh, en });
                }
            }
        }
    }

    /// Whether a figure is wrong by itself, or for a lesser reason than this one.
    fn is_wrong(&self, held: &Oracle, of: &Subject, name: &str, kind: BreachKind) -> bool {
        let topic = topic(held, of, name);
        self.wrong.contains(&topic) || self.gathered.tells(&topic, kind)
    }

    fn add(&mut self, kind: BreachKind, (held, of): (&Oracle, &Subject), what: &str, said: Said) {
        self.gathered.add(kind, topic(held, of, what), of.urgent, said);
    }
}

fn topic(held: &Oracle, of: &Subject, what: &str) -> String {
    format!("{}/{}.{what}", held.id, of.id)
}

fn agree(a: &Value, b: &Value, tolerance: Decimal) -> bool {
    match (a, b) {
        (Value::Figure(a), Value::Figure(b)) => (a - b).abs() <= tolerance,
        _ => a == b,
    }
}

fn shown_at(of: &Subject, asked: Asked) -> &str {
    of.places.get(asked.place).map_or("", |place| place.source.shown())
}

/// A subject, or the one of it that has this key.
fn named(of: &Subject, key: &str) -> (String, String) {
    let title = if key.is_empty() { of.title.clone() } else { format!("{} {}", of.title, brief(key)) };
    (title.clone(), title)
}

fn of_figure(of: &Subject, key: &str, figure: &Figure) -> (String, String) {
    if key.is_empty() {
        return (figure.title.clone(), figure.title.clone());
    }
    let (zh, en) = named(of, key);
    (format!("{zh} 的{}", figure.title), format!("{} of {en}", figure.title))
}

/// The values of a claim, without the claim where that is told already.
fn worked(that: &Expression, shown: &str) -> String {
    shown.strip_prefix(that.text()).map_or(shown, |rest| rest.trim_start_matches(" (").trim_end_matches(')')).to_owned()
}

fn kind_words(kind: FigureAs) -> (&'static str, &'static str) {
    use crate::money::FigureKind;
    match kind {
        FigureAs::Text => ("文字", "text"),
        FigureAs::Date => ("日期", "date"),
        FigureAs::Figure(FigureKind::Money) => ("金额", "amount"),
        FigureAs::Figure(FigureKind::Percent) => ("百分数", "percentage"),
        FigureAs::Figure(FigureKind::Integer) => ("整数", "whole number"),
        FigureAs::Figure(FigureKind::Decimal) => ("数", "figure"),
    }
}

fn brief(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}
