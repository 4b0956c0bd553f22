//! What a ticket says of its incident.

use super::{Mapping, Rule};
use crate::actor::Actor;
use crate::alert::{
    Bulletin, Corrected, HAPPENING_VERSION, Happening, HappeningLinks, Place, TRIAL, Telling, Verified, Voice,
    one_line, render,
};
use crate::finding::Severity;
use crate::id::{IncidentId, NoticeId, WalkId};
use crate::incident::{Change, Incident, What};
use crate::moment::Moment;
use crate::tags::{Business, Channel, Dimension, Reason, Rules};
use std::collections::BTreeMap;

/// The longest summary, in characters: Jira's own limit, and every other system takes it.
pub const SUMMARY_CHARS_MAX: usize = 255;
/// The longest description, in characters: Jira's own limit.
pub const TEXT_CHARS_MAX: usize = 32_767;
/// The longest fact in a field.
const FACT_CHARS_MAX: usize = 1_000;

/// What a ticket is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Paper {
    /// The incident.
    pub incident: IncidentId,
    /// What tickets of the same trouble are found by: letters, digits and dashes.
    pub label: String,
    /// One line.
    pub summary: String,
    /// What customers meet, where, since when, how often; what a page made it say is in it as the page said it.
    pub text: String,
    /// How badly.
    pub severity: Severity,
    /// The incident's page.
    pub page: Option<String>,
    /// What fields may be filled with, by name.
    pub facts: BTreeMap<&'static str, String>,
    /// The incident as the feed tells it.
    pub happening: Happening,
}

/// The paper of `incident` as it is at `now`.
pub fn paper(incident: &Incident, rules: &Rules, voice: &Voice, place: &Place, now: Moment) -> Paper {
    let change = Change::told_now(incident, What::Opened, now);
    let happening = Happening::of(&change).filed(rules).placed(place);
    let mut told = happening.facts.clone();
    told.event_type = "incident.first-seen".to_owned();
    let words = render(&told, voice, Telling::default());
    Paper {
        incident: incident.id,
        label: format!("gengfu-{}", incident.fingerprint.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
        summary: one_line(&words.subject, SUMMARY_CHARS_MAX),
        text: cut(&words.text, TEXT_CHARS_MAX),
        severity: incident.severity,
        page: happening.links.incident.clone(),
        facts: facts(incident, rules),
        happening,
    }
}

/// The paper of an invented incident, to try a system out with. Nothing of it may stay open there.
pub fn trial(incident: IncidentId, event: NoticeId, walk: WalkId, voice: &Voice, place: &Place, now: Moment) -> Paper {
    let mut told = Bulletin::sample(TRIAL, event, incident, walk, now, place);
    let words = render(&told, voice, Telling::default());
    told.version = HAPPENING_VERSION.to_owned();
    let happening = Happening {
        actor: Actor::Robot.to_string(),
        brought_by: walk.to_string(),
        corrected: Corrected::default(),
        untold: None,
        verify: Verified { passes: 0, first: None, closed: None },
        links: HappeningLinks::default(),
        facts: told,
    };
    let happening = happening.placed(place);
    Paper {
        incident,
        label: format!("gengfu-trial-{incident}"),
        summary: one_line(&words.subject, SUMMARY_CHARS_MAX),
        text: words.text,
        severity: Severity::P3,
        page: happening.links.incident.clone(),
        facts: Paper::FACTS.into_iter().map(|name| (name, "trial".to_owned())).collect(),
        happening,
    }
}

/// What fields are filled with, each on one line: a page says much of it.
fn facts(incident: &Incident, rules: &Rules) -> BTreeMap<&'static str, String> {
    let facts = told(incident).into_iter().chain(filed(incident, rules));
    facts.map(|(name, fact)| (name, one_line(&fact, FACT_CHARS_MAX))).collect()
}

fn told(incident: &Incident) -> [(&'static str, String); 9] {
    [
        ("incident", incident.id.to_string()),
        ("fingerprint", incident.fingerprint.to_string()),
        ("app", incident.app.clone()),
        ("journey", incident.journey.to_string()),
        ("title", incident.title.clone()),
        ("step", incident.step_title.clone()),
        ("page", incident.route.clone()),
        ("severity", incident.severity.word().to_owned()),
        ("owner", incident.owner.clone().unwrap_or_default()),
    ]
}

/// What it is filed under: by name, and by the customer's own code where there is one.
fn filed(incident: &Incident, rules: &Rules) -> [(&'static str, String); 7] {
    let (tags, codes) = (incident.tags(rules), &rules.codes);
    let code = |of: Dimension, word: Option<&'static str>| {
        word.and_then(|word| codes.of(of, word)).map(str::to_owned).unwrap_or_default()
    };
    let name = |name: Option<&'static str>| name.unwrap_or_default().to_owned();
    let rights: Vec<&str> = tags.rights.iter().map(|one| one.zh()).collect();
    [
        ("channel", name(tags.channel.map(Channel::zh))),
        ("business", name(tags.business.map(Business::zh))),
        ("reason", name(tags.reason.map(Reason::zh))),
        ("rights", rights.join("、")),
        ("channel_code", code(Dimension::Channel, tags.channel.map(Channel::word))),
        ("business_code", code(Dimension::Business, tags.business.map(Business::word))),
        ("reason_code", code(Dimension::Reason, tags.reason.map(Reason::word))),
    ]
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}

impl Paper {
    /// The names that fields may be filled with.
    pub const FACTS: [&'static str; 16] = [
        "incident",
        "fingerprint",
        "app",
        "journey",
        "title",
        "step",
        "page",
        "severity",
        "owner",
        "channel",
        "business",
        "reason",
        "rights",
        "channel_code",
        "business_code",
        "reason_code",
    ];

    /// The fields of `mapping`, filled in with facts as `written` writes them: pages choose their words, and the system's
    /// fields may be markup.
    pub fn fields(&self, mapping: &Mapping, written: fn(&str) -> String) -> serde_json::Map<String, serde_json::Value> {
        let facts = self.facts.iter().map(|(name, fact)| (*name, written(fact))).collect();
        mapping.fields.iter().map(|(name, value)| (name.clone(), filled(value, &facts))).collect()
    }

    /// What `severity` is called in the system of `rule`.
    pub fn severity(&self, rule: &Rule) -> Option<String> {
        rule.mapping.severities.get(&self.severity).cloned()
    }
}

/// Facts by their names.
type Facts = BTreeMap<&'static str, String>;

fn filled(value: &serde_json::Value, facts: &Facts) -> serde_json::Value {
    use serde_json::Value;
    match value {
        // In one pass: what a page made a fact say is not filled in once more.
        Value::String(text) => Value::String(filled_in(text, facts)),
        Value::Array(values) => Value::Array(values.iter().map(|value| filled(value, facts)).collect()),
        Value::Object(pairs) => {
            Value::Object(pairs.iter().map(|(name, value)| (name.clone(), filled(value, facts))).collect())
        }
        other => other.clone(),
    }
}

fn filled_in(text: &str, facts: &Facts) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some(begin) = rest.find('{') {
        filled.push_str(&rest[..begin]);
        rest = &rest[begin..];
        let named = rest.find('}').and_then(|end| Some((end, facts.get(&rest[1..end])?)));
        let (taken, value) = named.map_or((1, "{"), |(end, value)| (end + 1, value.as_str()));
        filled.push_str(value);
        rest = &rest[taken..];
    }
    filled + rest
}
