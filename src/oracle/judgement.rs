//! One judgement over what was read at one time: first all rows are read, then compared, then claimed of. What follows from
//! a figure that is wrong by itself is left out.

use super::breach::{Breach, BreachKind, Gathered, Said};
use super::page::Page;
use super::phrase;
use super::tell::{Words, brief, kind_words, named, of_figure, worked};
use super::witness::{Asked, Fact, FactKey, Facts, Fared, Now, Row, Rows, Witness};
use crate::calendar::trading_days_since;
use crate::journey::Value;
use crate::journey::oracle::{
    Claim, Figure, FigureAs, Oracle, Place, PlaceSource, Registry, RegistryRows, Subject, TODAY, Tolerance,
    plain_value_of, value_of,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long what a place said of a figure may be compared with what another says: figures move. Texts do not.
const COMPARED_WITHIN: Duration = Duration::from_secs(60);

/// What was found, and what is to be remembered.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What cannot be, and was not told yet.
    pub breaches: Vec<Breach>,
    pub(super) facts: Facts,
    pub(super) wrong: BTreeSet<(String, String)>,
    pub(super) leaning: BTreeSet<String>,
    pub(super) claims: BTreeMap<String, Fared>,
    pub(super) seen: BTreeMap<String, bool>,
    pub(super) apart: BTreeSet<String>,
}

/// A judgement under way.
pub(super) struct Judging<'w> {
    pub(super) witness: &'w Witness,
    now: Now,
    /// What was read now.
    facts: Facts,
    wrong: BTreeSet<(String, String)>,
    /// Figures of rows that are part of a claim which is false.
    in_false_claim: BTreeSet<(String, String)>,
    /// Claims that rest on what the registry says of some row, or would have.
    leaning: BTreeSet<String>,
    claims: BTreeMap<String, Fared>,
    seen: BTreeMap<String, bool>,
    /// Figures of which places say different things, and claims that are false by what they say alone.
    apart: BTreeSet<String>,
    pub(super) gathered: Gathered,
}

/// A row and its subject.
pub(super) struct Met<'w> {
    asked: Asked,
    pub(super) held: &'w Oracle,
    pub(super) of: &'w Subject,
    pub(super) at: &'w Place,
    pub(super) key: String,
    pub(super) values: BTreeMap<String, Value>,
}

pub(super) fn judge(witness: &Witness, page: &Page, read: &[Rows], text: &str, now: Now) -> Judgement {
    let (facts, wrong, in_false_claim, leaning, claims, seen, apart, gathered) = Default::default();
    let mut judging = Judging { witness, now, facts, wrong, in_false_claim, leaning, claims, seen, apart, gathered };
    let met: Vec<Met> = read.iter().flat_map(|rows| judging.read(rows)).collect();
    met.iter().for_each(|met| judging.compare(met));
    met.iter().for_each(|met| judging.claim(met));
    met.iter().for_each(|met| judging.hold_to_ledger(met));
    read.iter().for_each(|rows| judging.complete(page, rows));
    judging.phrases(page, text);
    judging.strangers(text);
    let Judging { facts, wrong, leaning, claims, seen, apart, gathered, .. } = judging;
    Judgement { breaches: gathered.breaches(), facts, wrong, leaning, claims, seen, apart }
}

impl<'w> Judging<'w> {
    /// The rows of a place with the values that can be read; each is remembered.
    fn read(&mut self, rows: &Rows) -> Vec<Met<'w>> {
        let Some((held, of, at)) = self.witness.subject(rows.asked) else { return Vec::new() };
        for name in at.source.names() {
            let read = rows.rows.iter().any(|row| row.read.contains_key(name));
            // An answer that has not come says nothing about its figures.
            *self.seen.entry(format!("{} at {}", topic(held, of, name), at.source.shown())).or_default() |= read;
        }
        let mut met = Vec::new();
        for row in &rows.rows {
            let values = self.values(held, of, at, row);
            for (name, value) in &values {
                let key = (rows.asked.oracle, rows.asked.subject, row.key.clone(), name.clone());
                let fact = Fact { value: value.clone(), read: self.now.offset };
                self.facts.entry(key).or_default().insert(rows.asked.place, fact);
            }
            met.push(Met { asked: rows.asked, held, of, at, key: row.key.clone(), values });
        }
        met
    }

    fn values(&mut self, held: &Oracle, of: &Subject, at: &Place, row: &Row) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for (name, text) in &row.read {
            let Some(figure) = of.figure(name) else { continue };
            let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // What is masked says nothing of the app, nor does what is rightly left blank.
            if figure.blank.contains(&folded) || folded.contains('‹') {
                continue;
            }
            let answer = matches!(at.source, PlaceSource::Answer { .. });
            let read = if answer { plain_value_of(&folded, figure.kind) } else { value_of(&folded, figure.kind) };
            match read {
                Ok(value) => {
                    self.plausible((held, of), figure, &row.key, (&value, &folded));
                    values.insert(name.clone(), value);
                }
                // Customers do not see what an answer says.
                Err(_) if answer => {}
                Err(_) => {
                    let ((zh, en), (kind_zh, kind_en)) = (of_figure(of, &row.key, figure), kind_words(figure.kind));
                    let zh = format!("{zh}显示为「{}」，不是{kind_zh}", brief(&folded));
                    let en = format!("{en} shows “{}”, which is no {kind_en}", brief(&folded));
                    self.wrong_by_itself(BreachKind::Unreadable, (held, of), name, &row.key, (zh, en));
                }
            }
        }
        values
    }

    fn plausible(&mut self, of: (&Oracle, &Subject), figure: &Figure, key: &str, (value, text): (&Value, &str)) {
        let (shown, (zh, en)) = (brief(text), of_figure(of.1, key, figure));
        let implausible = match value {
            Value::Figure(value) => match (figure.min, figure.max) {
                (Some(min), _) if *value < min => {
                    Some((format!("不应小于 {min}"), format!("at least {min} is expected")))
                }
                (_, Some(max)) if *value > max => {
                    Some((format!("不应大于 {max}"), format!("at most {max} is expected")))
                }
                _ => None,
            },
            Value::Text(value) if figure.kind == FigureAs::Date => {
                let Some((why_zh, why_en)) = self.stale(of.0, figure, value) else { return };
                let words = (format!("{zh}是 {value}，{why_zh}"), format!("{en} is {value}, {why_en}"));
                return self.wrong_by_itself(BreachKind::Stale, of, &figure.name, key, words);
            }
            Value::Text(value) if !figure.among.is_empty() && !figure.among.contains(value) => {
                let zh = format!("只应是 {}", figure.among.join("、"));
                Some((zh, format!("one of {} is expected", figure.among.join(", "))))
            }
            _ => None,
        };
        if let Some((why_zh, why_en)) = implausible {
            let words = (format!("{zh}是 {shown}，{why_zh}"), format!("{en} is {shown}; {why_en}"));
            self.wrong_by_itself(BreachKind::Implausible, of, &figure.name, key, words);
        }
    }

    /// Why a day is none that a figure can have.
    fn stale(&self, held: &Oracle, figure: &Figure, value: &str) -> Option<Words> {
        let (most, day) = (figure.trading_days?, value.parse::<Date>().ok()?);
        match trading_days_since(day, self.now.today, &held.holidays) {
            None => Some(("是未来的日期".to_owned(), "which is still to come".to_owned())),
            Some(age) if age > most => {
                let zh = format!("已过 {age} 个交易日，最多应为 {most} 个");
                Some((zh, format!("{age} trading days ago; at most {most} are expected")))
            }
            Some(_) => None,
        }
    }

    /// A row's figures against what other places and the registry say of them.
    fn compare(&mut self, met: &Met) {
        for (name, value) in &met.values {
            let Some(figure) = met.of.figure(name) else { continue };
            if self.is_wrong(met, name) {
                continue;
            }
            let fact = fact_key(met, name);
            let elsewhere = self.said(&fact, figure).into_iter().filter(|(place, _)| *place != met.asked.place);
            let mut elsewhere =
                elsewhere.filter_map(|(place, said)| Some((met.of.places.get(place)?.source.shown(), said)));
            let registry = met.of.registry.as_ref().filter(|registry| !figure.ticks && !registry.ledger);
            let listed =
                registry.and_then(|r| Some((r.name.as_str(), self.rows(r)?.get(&met.key)?.get(name)?.clone())));
            let differs = |(_, said): &(&str, Value)| !agree(value, said, figure.tolerance);
            let there = elsewhere.find(differs);
            self.apart.extend(there.is_some().then(|| topic(met.held, met.of, name)));
            let Some((there, said)) = there.or_else(|| listed.filter(differs)) else { continue };
            let ((zh, en), here) = (of_figure(met.of, &met.key, figure), met.at.source.shown());
            let (value, said) = (brief(&value.plain()), brief(&said.plain()));
            let zh = format!("{zh}在 {here} 是 {value}，在 {there} 是 {said}");
            let en = format!("{en} is {value} at {here} and {said} at {there}");
            self.wrong_by_itself(BreachKind::Disagreement, (met.held, met.of), name, &met.key, (zh, en));
        }
    }

    /// What places say of a figure: those read now, and those whose word may still be compared, the newest first.
    fn said(&self, fact: &FactKey, figure: &Figure) -> Vec<(usize, Value)> {
        let now = self.facts.get(fact);
        let mut said: Vec<(usize, Value)> =
            now.into_iter().flatten().map(|(place, fact)| (*place, fact.value.clone())).collect();
        let lasts = |fact: &Fact| {
            let moves = matches!(figure.kind, FigureAs::Figure(_));
            !figure.ticks && (!moves || self.now.offset.saturating_sub(fact.read) <= COMPARED_WITHIN)
        };
        let before = self.witness.facts.get(fact).into_iter().flatten();
        let mut before: Vec<_> =
            before.filter(|(place, fact)| !now.is_some_and(|now| now.contains_key(place)) && lasts(fact)).collect();
        before.sort_by_key(|(_, fact)| std::cmp::Reverse(fact.read));
        said.extend(before.into_iter().map(|(place, fact)| (*place, fact.value.clone())));
        said
    }

    fn claim(&mut self, met: &Met) {
        for claim in &met.of.claims {
            let names = claim.that.names();
            // A row that shows nothing of it says nothing about it.
            if !names.iter().any(|name| met.values.contains_key(*name)) {
                continue;
            }
            let mut values: BTreeMap<&str, Value> =
                names.iter().filter_map(|name| Some((*name, self.value(met, name)?))).collect();
            let missing: Vec<&str> = names.iter().copied().filter(|name| !values.contains_key(name)).collect();
            let leans = !missing.is_empty();
            values.extend(missing.into_iter().filter_map(|name| Some((name, self.column(met, name)?))));
            let value_of = |name: &str| values.get(name).cloned();
            let unseen: Vec<&str> = names.iter().copied().filter(|name| !values.contains_key(name)).collect();
            let fared = if unseen.is_empty() {
                claim.that.holds(&value_of)
            } else {
                Err(format!("not seen: {}", unseen.join(", ")))
            };
            let topic = topic(met.held, met.of, claim.that.text());
            if leans {
                self.leaning.insert(topic.clone());
            }
            let name = format!("{}/{}: {}", met.held.id, met.of.id, claim.that);
            let known = self.claims.entry(name).or_insert(Fared::Judged);
            match fared {
                Err(why) if *known == Fared::Judged => *known = Fared::Unjudged(why),
                // It may be the registry that says so: then nobody knows of the claim.
                Ok(false) if names.iter().any(|name| self.is_wrong(met, name)) => {
                    self.leaning.insert(topic);
                }
                Ok(false) => {
                    self.apart.extend((!leans).then_some(topic));
                    self.broken(met, claim, &value_of);
                }
                _ => {}
            }
        }
    }

    fn broken(&mut self, met: &Met, claim: &Claim, value_of: &dyn Fn(&str) -> Option<Value>) {
        let names = claim.that.names().into_iter().map(|name| (topic(met.held, met.of, name), met.key.clone()));
        self.in_false_claim.extend(names);
        let shown = worked(&claim.that, &claim.that.shown(value_of));
        let message = claim.message.clone().unwrap_or_else(|| claim.that.to_string());
        let (zh, en) = named(met.of, &met.key);
        let (zh, en) = if met.key.is_empty() { Words::default() } else { (format!("{zh}："), format!("{en}: ")) };
        let words = (format!("{zh}{message}（{shown}）"), format!("{en}{message} ({shown})"));
        self.add(BreachKind::Claim, (met.held, met.of), claim.that.text(), &met.key, words);
    }

    /// The value of a name for a row: its own, what other places say, the day.
    fn value(&self, met: &Met, name: &str) -> Option<Value> {
        if name == TODAY {
            return Some(Value::Text(self.now.today.to_string()));
        }
        let elsewhere =
            || self.said(&fact_key(met, name), met.of.figure(name)?).into_iter().next().map(|(_, value)| value);
        met.values.get(name).cloned().or_else(elsewhere)
    }

    /// What the registry says of a name for a row.
    fn column(&self, met: &Met, name: &str) -> Option<Value> {
        self.rows(met.of.registry.as_ref()?)?.get(&met.key)?.get(name).cloned()
    }

    /// A list against the registry, where it holds all it can.
    fn complete(&mut self, page: &Page, rows: &Rows) {
        let Some((held, of, at)) = self.witness.subject(rows.asked) else { return };
        let Some(registry) = of.registry.as_ref() else { return };
        let whole = at.complete && !rows.unkeyed && page.is_whole(at);
        if registry.ledger {
            return self.owned(rows, (held, of, at), registry, whole);
        }
        if !whole {
            return;
        }
        let place = at.source.shown();
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        rows.rows.iter().for_each(|row| *seen.entry(row.key.as_str()).or_default() += 1);
        for (key, _) in seen.iter().filter(|(_, count)| **count > 1) {
            let (zh, en) = named(of, key);
            let words = (format!("{place} 上的{zh} 出现了不止一次"), format!("{en} stands more than once at {place}"));
            self.add(BreachKind::Repeated, (held, of), place, key, words);
        }
        let Some(listed) = self.rows(registry) else { return };
        for (key, row) in listed {
            let (wanted, there, (zh, en)) =
                (self.is_listed(registry, row), seen.contains_key(key.as_str()), named(of, key));
            let file = &registry.name;
            if wanted && !there {
                let words = (
                    format!("{place} 上没有{zh}，而台账 {file} 里有"),
                    format!("{en} is not at {place}, and {file} lists it"),
                );
                self.add(BreachKind::Missing, (held, of), place, key, words);
            } else if !wanted && there {
                let en = format!("{en} is at {place}, and {file} says that it should not be");
                self.add(
                    BreachKind::Unlisted,
                    (held, of),
                    place,
                    key,
                    (format!("{place} 上有{zh}，而台账 {file} 说它不应上架"), en),
                );
            }
        }
        let open = |key: &str| registry.unsure.as_ref().is_some_and(|unsure| unsure.contains(key));
        for key in seen.into_keys().filter(|key| !listed.contains_key(*key) && !open(key)) {
            let (zh, en) = named(of, key);
            let zh = format!("{place} 上有{zh}，而台账 {} 里没有", registry.name);
            let en = format!("{en} is at {place}, and {} does not know it", registry.name);
            self.add(BreachKind::Unlisted, (held, of), place, key, (zh, en));
        }
    }

    pub(super) fn is_listed(&self, registry: &Registry, row: &BTreeMap<String, Value>) -> bool {
        let value_of = |name: &str| match name {
            TODAY => Some(Value::Text(self.now.today.to_string())),
            // A column without text is an empty text.
            name => Some(row.get(name).cloned().unwrap_or_else(|| Value::Text(String::new()))),
        };
        registry.listed.as_ref().is_none_or(|listed| listed.holds(&value_of).unwrap_or(true))
    }

    fn phrases(&mut self, page: &Page, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let witness = self.witness;
        for held in &witness.oracles {
            for phrase in held.phrases.iter().filter(|phrase| phrase.on.iter().any(|on| page.is_on(on))) {
                let (kind, zh, en) = match phrase::forbidden(phrase, text).filter(|_| !phrase.wanted) {
                    Some(said) => {
                        (BreachKind::Forbidden, format!("页面上写着「{said}」"), format!("the page says “{said}”"))
                    }
                    None if phrase.wanted && !phrase::said(phrase, text) => {
                        let said = &phrase.text;
                        (BreachKind::Unsaid, format!("页面上没有「{said}」"), format!("the page does not say “{said}”"))
                    }
                    None => continue,
                };
                // Phrases that one message is for are one trouble.
                let topic = format!("{}: {}", held.id, phrase.message.as_ref().unwrap_or(&phrase.text));
                let with = |text: String, colon: &str| {
                    phrase.message.as_ref().map_or(text.clone(), |m| format!("{m}{colon}{text}"))
                };
                let said = Said { key: phrase.text.clone(), zh: with(zh, "："), en: with(en, ": ") };
                self.gathered.add(kind, topic, phrase.urgent, said);
            }
        }
    }

    /// The rows that the walk is held to.
    pub(super) fn rows(&self, registry: &'w Registry) -> Option<&'w RegistryRows> {
        registry.rows(&self.witness.account)
    }

    /// A claim, or a part of an oracle that is as good as one, could not be judged.
    pub(super) fn unjudged(&mut self, name: String, why: String) {
        self.claims.entry(name).or_insert(Fared::Unjudged(why));
    }

    /// Whether nothing more need be said of a figure of a row: it is wrong by itself, or a claim that it is part of is false.
    pub(super) fn is_told_of(&self, met: &Met, name: &str) -> bool {
        self.is_wrong(met, name) || self.in_false_claim.contains(&(topic(met.held, met.of, name), met.key.clone()))
    }

    /// Nothing more is said of this figure of this row.
    pub(super) fn set_wrong(&mut self, met: &Met, name: &str) {
        self.wrong.insert((topic(met.held, met.of, name), met.key.clone()));
    }

    fn is_wrong(&self, met: &Met, name: &str) -> bool {
        let row = (topic(met.held, met.of, name), met.key.clone());
        self.wrong.contains(&row) || self.witness.wrong.contains(&row)
    }

    /// What is wrong whatever others say of it: nothing more is said of this figure of this row.
    fn wrong_by_itself(&mut self, kind: BreachKind, of: (&Oracle, &Subject), name: &str, key: &str, words: Words) {
        self.wrong.insert((topic(of.0, of.1, name), key.to_owned()));
        self.add(kind, of, name, key, words);
    }

    fn add(&mut self, kind: BreachKind, (held, of): (&Oracle, &Subject), what: &str, key: &str, (zh, en): Words) {
        self.gathered.add(kind, topic(held, of, what), of.urgent, Said { key: key.to_owned(), zh, en });
    }
}

fn fact_key(met: &Met, name: &str) -> FactKey {
    (met.asked.oracle, met.asked.subject, met.key.clone(), name.to_owned())
}

pub(super) fn topic(held: &Oracle, of: &Subject, what: &str) -> String {
    format!("{}/{}.{what}", held.id, of.id)
}

pub(super) fn agree(a: &Value, b: &Value, tolerance: Tolerance) -> bool {
    match (a, b) {
        (Value::Figure(a), Value::Figure(b)) => tolerance.allows(*a, *b),
        _ => a == b,
    }
}
