//! `GET /audit`: who did what to what and when, newest first, with its filters in the address. It says of no entry that it
//! was verified: `gengfu audit verify` does that, against the checkpoints.

use super::audit::{End, LIMIT_MAX, opened};
use super::calendar::{When, when};
use super::figure::grouped;
use super::lang::Viewer;
use super::serve::Console;
use super::visitor::Visitor;
use super::{refusal, render};
use crate::actor::Actor;
use crate::audit::{Action, Entry, Line, LogError, Look, Place};
use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, WalkId};
use crate::incident::LedgerError;
use crate::moment::Moment;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Entries on one page.
const LISTED_MAX: u32 = 100;

/// The filters, as they stand in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Filters {
    /// Whose: a name, or an actor's word.
    actor: Option<String>,
    /// What was done: its word.
    action: Option<String>,
    /// To what: an object's word, or the address of its page.
    object: Option<String>,
    /// The first day.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// Where the page before ended.
    before: Option<String>,
}

/// A filter that is left out, or empty, asks for nothing.
fn given(filter: &Option<String>) -> Option<&str> {
    filter.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

impl Filters {
    /// What is looked for; `None` when it asks for what there cannot be.
    fn read(&self, zone: &TimeZone) -> Option<Look> {
        let day = |text: &Option<String>| {
            given(text).map(|text| text.parse::<Date>().ok()).map_or(Some(None), |d| d.map(Some))
        };
        let begins =
            |day: Date| day.to_zoned(zone.clone()).ok().map(|z| Moment::from_millis(z.timestamp().as_millisecond()));
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        let known = |word: &&str| Action::ALL.iter().any(|action| action.word() == *word);
        Some(Look {
            before: self.before.as_deref().and_then(|place| place.parse().ok()),
            since: from.and_then(begins),
            until: to.and_then(|day| day.tomorrow().ok()).and_then(begins),
            actor: given(&self.actor).map(|text| actor(text).ok_or(())).transpose().ok()?,
            action: given(&self.action)
                .map(|word| Some(word).filter(known).ok_or(()))
                .transpose()
                .ok()?
                .map(str::to_owned),
            object: given(&self.object).map(object),
            limit: LISTED_MAX + 1,
        })
    }

    fn any(&self) -> bool {
        [&self.actor, &self.action, &self.object, &self.from, &self.to]
            .into_iter()
            .any(|filter| given(filter).is_some())
    }

    /// The address with these filters, but for what `other` says; a filter that changes begins at the newest again.
    fn address(&self, other: &[(&str, &str)]) -> String {
        let own = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in own {
            if let Some(value) = given(value).filter(|_| other.iter().all(|(changed, _)| *changed != name)) {
                query.append_pair(name, value);
            }
        }
        query.extend_pairs(other);
        format!("/audit?{}", query.finish())
    }
}

/// The word of whom `text` names: a bare name is a person's.
fn actor(text: &str) -> Option<String> {
    Actor::parse(text).or_else(|_| Actor::person(text)).ok().map(|actor| actor.word())
}

/// The word of what `text` names: the word itself, or the address of the page that shows it.
fn object(text: &str) -> String {
    let path = url::Url::parse(text).map_or(text.to_owned(), |url| url.path().to_owned());
    for (page, kind) in [("/incidents/", "incident"), ("/walks/", "walk"), ("/evidence/", "evidence")] {
        if let Some(name) = path.strip_prefix(page) {
            return format!("{kind}/{}", name.split(['?', '#']).next().unwrap_or_default());
        }
    }
    text.to_owned()
}

#[derive(Serialize)]
struct AuditPage {
    actor: String,
    object: String,
    from: String,
    to: String,
    actions: Vec<Choice>,
    /// Whom a name may be completed to.
    actors: Vec<String>,
    filtered: bool,
    /// Whether there is a log.
    begun: bool,
    /// The number of the newest entry.
    newest: Option<String>,
    /// Why it cannot be read.
    endless: Option<String>,
    /// The API's address for what is filtered by time and object.
    export: String,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    name: &'static str,
    chosen: bool,
}

/// One entry.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
enum Row {
    Entry(Box<EntryView>),
    Unreadable { seq: Option<u64>, said: String },
}

#[derive(Serialize)]
struct EntryView {
    seq: u64,
    at: When,
    who: String,
    /// What they are, where they are no person.
    sort: Option<&'static str>,
    who_href: String,
    done: String,
    done_href: String,
    object: ObjectView,
    facts: Vec<(String, String)>,
    /// Whether its hash is that of its fields. Only that it is not says anything.
    whole: bool,
}

#[derive(Serialize)]
struct ObjectView {
    word: String,
    kind: Option<&'static str>,
    name: String,
    /// Its page.
    page: Option<String>,
    /// All entries on it.
    href: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    viewer: Viewer,
    visitor: Visitor,
    Query(filters): Query<Filters>,
) -> Response {
    match read(&console, &visitor, &filters).await {
        Ok((end, lines)) => {
            let view = View { console: &console, viewer: &viewer, filters: &filters };
            render::page(&console, &viewer, "audit.html", view.show(end, lines))
        }
        Err(LogError(said)) => refusal::ledger(&console, &viewer, &LedgerError::Failed(said)),
    }
}

/// Where the log ends, and the entries asked for. That somebody reads them is itself written down.
async fn read(console: &Console, visitor: &Visitor, filters: &Filters) -> Result<(End, Vec<Line>), LogError> {
    let end = opened(console, visitor).await;
    let lines = match filters.read(&console.zone) {
        Some(look) => console.audit.look(&look).await?,
        None => Vec::new(),
    };
    Ok((end, lines))
}

struct View<'a> {
    console: &'a Console,
    viewer: &'a Viewer,
    filters: &'a Filters,
}

impl View<'_> {
    fn show(&self, end: End, mut lines: Vec<Line>) -> AuditPage {
        let u = self.viewer.lang.audit_texts();
        let filters = self.filters;
        let more = lines.len() > LISTED_MAX as usize;
        lines.truncate(LISTED_MAX as usize);
        let last = lines.iter().rev().find_map(|line| match line {
            Line::Entry(entry) => Some(Place { at: entry.at, seq: entry.seq }),
            // Or a page of what cannot be read would hide all that is older.
            Line::Unreadable { seq, at, .. } => Some(Place { at: (*at)?, seq: (*seq)? }),
        });
        let text = |filter| given(filter).unwrap_or_default().to_owned();
        let action = |action: Action| Choice {
            value: action.word(),
            name: u.action_word(action),
            chosen: given(&filters.action) == Some(action.word()),
        };
        let mut actors: Vec<String> = lines
            .iter()
            .filter_map(|line| match line {
                Line::Entry(entry) => Some(entry.actor.clone()),
                Line::Unreadable { .. } => None,
            })
            .collect();
        actors.sort_unstable();
        actors.dedup();
        let (newest, endless) = match end {
            End::None => (None, None),
            End::Entry(seq) => (Some(grouped(seq)), None),
            End::Unreadable(said) => (None, Some(said)),
        };
        AuditPage {
            actor: text(&filters.actor),
            object: text(&filters.object),
            from: text(&filters.from),
            to: text(&filters.to),
            actions: Action::ALL.into_iter().map(action).collect(),
            actors,
            filtered: filters.any(),
            begun: newest.is_some() || endless.is_some(),
            newest,
            endless,
            export: self.export(),
            next: last.filter(|_| more).map(|place| filters.address(&[("before", &place.to_string())])),
            first: filters.before.as_ref().map(|_| filters.address(&[])),
            rows: lines.into_iter().map(|line| self.row(line)).collect(),
        }
    }

    fn export(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &LIMIT_MAX.to_string());
        let look = self.filters.read(&self.console.zone).unwrap_or_default();
        if let Some(object) = look.object {
            query.append_pair("object", &object);
        }
        if let Some(since) = look.since {
            query.append_pair("since", &since.to_string());
        }
        format!("/api/v1/audit?{}", query.finish())
    }

    fn row(&self, line: Line) -> Row {
        match line {
            Line::Unreadable { seq, said, .. } => Row::Unreadable { seq, said },
            Line::Entry(entry) => Row::Entry(Box::new(self.entry(&entry))),
        }
    }

    fn entry(&self, entry: &Entry) -> EntryView {
        let u = self.viewer.lang.audit_texts();
        let (who, sort) = match Actor::parse(&entry.actor) {
            Ok(Actor::Robot) => (u.robot.to_owned(), None),
            Ok(Actor::System(name)) => (name.as_str().to_owned(), Some(u.system)),
            Ok(Actor::Person(name)) => (name.as_str().to_owned(), None),
            Err(_) => (entry.actor.clone(), None),
        };
        // A word of a later version is shown as it stands.
        let done = Action::ALL.into_iter().find(|action| action.word() == entry.action);
        EntryView {
            seq: entry.seq,
            at: when(entry.at, self.console.clock.now(), &self.console.zone, self.viewer.lang),
            who,
            sort,
            who_href: self.filters.address(&[("actor", &entry.actor)]),
            done: done.map_or(entry.action.clone(), |action| u.action_word(action).to_owned()),
            done_href: self.filters.address(&[("action", &entry.action)]),
            object: self.object(&entry.object),
            facts: self.facts(&entry.detail),
            whole: entry.is_whole(),
        }
    }

    fn object(&self, word: &str) -> ObjectView {
        let u = self.viewer.lang.audit_texts();
        let (kind, name) = word.split_once('/').unwrap_or((word, ""));
        // Only what is a name of ours becomes part of an address.
        let page = match kind {
            "incident" => name.parse::<IncidentId>().ok().map(|id| format!("/incidents/{id}")),
            "walk" => name.parse::<WalkId>().ok().map(|id| format!("/walks/{id}")),
            "evidence" => EvidenceKey::parse(name).map(|key| format!("/evidence/{key}")),
            _ => None,
        };
        ObjectView {
            word: word.to_owned(),
            kind: u.object_word(kind),
            name: if u.object_word(kind).is_some() { name } else { word }.to_owned(),
            page,
            href: self.filters.address(&[("object", word)]),
        }
    }

    /// What else it says, each fact by its name; what is no such text stands as it is.
    fn facts(&self, detail: &str) -> Vec<(String, String)> {
        let u = self.viewer.lang.audit_texts();
        let Ok(Value::Object(facts)) = serde_json::from_str::<Value>(detail) else {
            return vec![(String::new(), detail.to_owned())];
        };
        let told = facts.iter().map(|(name, fact)| (u.fact_word(name).to_owned(), self.fact(fact)));
        // An incident that begins moved from nowhere.
        told.filter(|(_, fact)| !fact.is_empty()).collect()
    }

    fn fact(&self, fact: &Value) -> String {
        let u = self.viewer.lang.audit_texts();
        match fact {
            Value::String(text) => text.clone(),
            Value::Bool(flag) => if *flag { u.yes } else { u.no }.to_owned(),
            Value::Array(texts) => {
                texts.iter().map(|text| self.fact(text)).collect::<Vec<_>>().join(self.viewer.lang.pick("、", ", "))
            }
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_the_word_that_entries_have() {
        let check = |read: Option<String>, expected: &str| assert_eq!(read.as_deref(), Some(expected));
        check(actor("陈晓"), "person:陈晓");
        check(actor("robot"), "robot");
        check(actor("system:jira"), "system:jira");
        assert_eq!(actor("a\u{202e}b"), None);
        check(Some(object("watch")), "watch");
        check(Some(object("incident/0190")), "incident/0190");
        check(Some(object("/incidents/0190?lang=en")), "incident/0190");
        check(Some(object("https://gengfu.bank.example/walks/0190?lang=en#s")), "walk/0190");
        check(Some(object("file/journeys/a.yaml")), "file/journeys/a.yaml");
    }

    #[test]
    fn days_are_whole_days_of_the_consoles_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let check = |from: &str, to: &str, expected: Option<(Option<&str>, Option<&str>)>| {
            let filters = Filters { from: Some(from.into()), to: Some(to.into()), ..Filters::default() };
            let told = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
            let read = filters.read(&zone).map(|look| (told(look.since), told(look.until)));
            let expected = expected.map(|(from, to)| (from.map(str::to_owned), to.map(str::to_owned)));
            assert_eq!(read, expected, "{from} {to}");
        };
        check("", "", Some((None, None)));
        check("2026-11-21", "2026-11-21", Some((Some("2026-11-20T16:00:00Z"), Some("2026-11-21T16:00:00Z"))));
        check("2026-02-30", "", None);
        check("", "yesterday", None);
    }
}
