//! What an incident is filed under, as its page and the API show it, and as a person corrects it.

use super::lang::Lang;
use super::shape;
use crate::incident::{Incident, Kind};
use crate::tags::{Business, Channel, Correction, Dimension, Reason, Right, Rules, Unknown};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Boxes of a form that stand for a right: `right-know`.
const BOX: &str = "right-";

/// What the page shows, and the choices for who corrects it.
#[derive(Serialize)]
pub(super) struct TagsView {
    /// What it is filed under, by dimension.
    lines: Vec<LineView>,
    channels: Vec<ChoiceView>,
    businesses: Vec<ChoiceView>,
    reasons: Vec<ChoiceView>,
    rights: Vec<ChoiceView>,
}

#[derive(Serialize)]
struct LineView {
    name: &'static str,
    value: String,
    /// The customer's own codes for it.
    code: String,
    /// Whether a person said so.
    corrected: bool,
}

#[derive(Serialize)]
struct ChoiceView {
    word: &'static str,
    name: &'static str,
    chosen: bool,
}

impl TagsView {
    /// Of `incident`; `None` of the watch's own trouble.
    pub fn of(incident: &Incident, rules: &Rules, lang: Lang) -> Option<Self> {
        if incident.kind == Kind::Robot {
            return None;
        }
        let (tags, said, r) = (incident.tags(rules), &incident.handling.corrected, lang.report_texts());
        let rights: Vec<Right> = tags.rights.iter().copied().collect();
        let line = |name: &'static str, of: Dimension, corrected: bool, named: Vec<(&'static str, &'static str)>| {
            let codes: Vec<&str> = named.iter().filter_map(|(word, _)| rules.codes.of(of, word)).collect();
            let value = named.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(lang.comma());
            LineView { name, value, code: codes.join(" "), corrected }
        };
        let both = |word: &'static str, zh: &'static str, en: &'static str| (word, lang.one_of(zh, en));
        Some(Self {
            lines: vec![
                line(
                    r.channel,
                    Dimension::Channel,
                    said.channel.is_some(),
                    tags.channel.iter().map(|one| both(one.word(), one.zh(), one.en())).collect(),
                ),
                line(
                    r.business,
                    Dimension::Business,
                    said.business.is_some(),
                    tags.business.iter().map(|one| both(one.word(), one.zh(), one.en())).collect(),
                ),
                line(
                    r.reason,
                    Dimension::Reason,
                    said.reason.is_some(),
                    tags.reason.iter().map(|one| both(one.word(), one.zh(), one.en())).collect(),
                ),
                line(
                    r.rights,
                    Dimension::Right,
                    said.rights.is_some(),
                    rights.iter().map(|one| both(one.word(), one.zh(), one.en())).collect(),
                ),
            ],
            channels: choices(
                Channel::ALL,
                |one| both(one.word(), one.zh(), one.en()),
                |one| tags.channel == Some(one),
            ),
            businesses: choices(
                Business::ALL,
                |one| both(one.word(), one.zh(), one.en()),
                |one| tags.business == Some(one),
            ),
            reasons: choices(Reason::ALL, |one| both(one.word(), one.zh(), one.en()), |one| tags.reason == Some(one)),
            rights: choices(Right::ALL, |one| both(one.word(), one.zh(), one.en()), |one| tags.rights.contains(&one)),
        })
    }
}

fn choices<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> (&'static str, &'static str),
    chosen: impl Fn(T) -> bool,
) -> Vec<ChoiceView> {
    let choice = |one: &T| {
        let (word, name) = name(*one);
        ChoiceView { word, name, chosen: chosen(*one) }
    };
    all.iter().map(choice).collect()
}

/// The tags for other systems: each by its word, its name, and the customer's code where there is one.
#[derive(Serialize, JsonSchema)]
pub(super) struct TagsV1 {
    channel: Option<TagV1>,
    business: Option<TagV1>,
    reason: Option<TagV1>,
    rights: Vec<TagV1>,
    /// Dimensions that a person corrected.
    corrected: Vec<&'static str>,
}

#[derive(Serialize, JsonSchema)]
struct TagV1 {
    word: &'static str,
    name: &'static str,
    code: Option<String>,
}

impl TagsV1 {
    /// Of `incident`; `None` of the watch's own trouble.
    pub fn of(incident: &Incident, rules: &Rules) -> Option<Self> {
        if incident.kind == Kind::Robot {
            return None;
        }
        let (tags, said) = (incident.tags(rules), &incident.handling.corrected);
        let tag = |of: Dimension, word: &'static str, name: &'static str| {
            let code = rules.codes.of(of, word).map(str::to_owned);
            TagV1 { word, name, code }
        };
        let corrected = [
            (said.channel.is_some(), Dimension::Channel),
            (said.business.is_some(), Dimension::Business),
            (said.reason.is_some(), Dimension::Reason),
            (said.rights.is_some(), Dimension::Right),
        ];
        Some(Self {
            channel: tags.channel.map(|one| tag(Dimension::Channel, one.word(), one.zh())),
            business: tags.business.map(|one| tag(Dimension::Business, one.word(), one.zh())),
            reason: tags.reason.map(|one| tag(Dimension::Reason, one.word(), one.zh())),
            rights: tags.rights.iter().map(|one| tag(Dimension::Right, one.word(), one.zh())).collect(),
            corrected: corrected.iter().filter(|(is, _)| *is).map(|(_, of)| of.word()).collect(),
        })
    }
}

/// What a form or a program asks to be filed under. What is left out, or empty, is not spoken of.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Asked {
    #[schemars(schema_with = "shape::channel")]
    channel: String,
    #[schemars(schema_with = "shape::business")]
    business: String,
    #[schemars(schema_with = "shape::reason")]
    reason: String,
    /// Names, a list or parted by commas; of a form empty, and its boxes say which.
    #[schemars(schema_with = "shape::rights")]
    rights: Option<serde_json::Value>,
    #[serde(flatten)]
    #[schemars(skip)]
    boxes: BTreeMap<String, serde_json::Value>,
}

impl Asked {
    /// Reads it.
    ///
    /// # Errors
    /// When something is no tag.
    pub fn read(&self) -> Result<Correction, Unknown> {
        fn one<T>(text: &str, parse: fn(&str) -> Result<T, Unknown>) -> Result<Option<T>, Unknown> {
            (!text.trim().is_empty()).then(|| parse(text)).transpose()
        }
        Ok(Correction {
            channel: one(&self.channel, Channel::parse)?,
            business: one(&self.business, Business::parse)?,
            reason: one(&self.reason, Reason::parse)?,
            rights: self.rights.as_ref().map(|named| self.rights(named)).transpose()?,
        })
    }

    fn rights(&self, named: &serde_json::Value) -> Result<BTreeSet<Right>, Unknown> {
        let listed = named.as_array().into_iter().flatten().map(|one| one.as_str().unwrap_or("?"));
        let parted = named.as_str().unwrap_or_default().split([',', '，', '、']).filter(|one| !one.trim().is_empty());
        let ticked = self.boxes.keys().filter_map(|name| name.strip_prefix(BOX));
        listed.chain(parted).chain(ticked).map(Right::parse).collect()
    }
}

impl Lang {
    fn comma(self) -> &'static str {
        self.one_of("、", ", ")
    }
}
