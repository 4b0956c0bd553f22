//! `tags:` — what incidents are filed under, where the detector, the device and the journey do not say it right.

use super::mistakes::Mistakes;
use super::reading::digest_of;
use super::value::Slug;
use super::{App, Config, ConfigError};
use crate::diagnostic::Source;
use crate::tags::{Business, CODES_BYTES_MAX, Channel, Codes, Correction, Reason, Right, Rule, Rules, Unknown};
use crate::walk::Class;
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What incidents are filed under.
#[derive(Debug, Clone, Default)]
pub struct Tagging {
    /// A CSV with the customer's own codes: `dimension,name,code`.
    pub codes: Option<PathBuf>,
    /// How tags are derived; with the codes once the file is read.
    pub rules: Rules,
}

/// The section as the file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    codes: Option<PathBuf>,
    rules: Vec<Spanned<WrittenRule>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenRule {
    app: Option<Slug>,
    journey: Option<String>,
    #[serde(deserialize_with = "class")]
    class: Option<Class>,
    detector: Option<String>,
    #[serde(deserialize_with = "channel")]
    channel: Option<Channel>,
    #[serde(deserialize_with = "business")]
    business: Option<Business>,
    #[serde(deserialize_with = "reason")]
    reason: Option<Reason>,
    #[serde(deserialize_with = "rights")]
    rights: Option<BTreeSet<Right>>,
}

fn named<'de, D: Deserializer<'de>, T>(from: D, parse: fn(&str) -> Result<T, Unknown>) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).map(Some).map_err(serde::de::Error::custom)
}

fn channel<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Channel>, D::Error> {
    named(from, Channel::parse)
}

fn business<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Business>, D::Error> {
    named(from, Business::parse)
}

fn reason<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Reason>, D::Error> {
    named(from, Reason::parse)
}

fn rights<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BTreeSet<Right>>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let read: Result<BTreeSet<Right>, Unknown> = texts.iter().map(|text| Right::parse(text)).collect();
    read.map(Some).map_err(serde::de::Error::custom)
}

fn class<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Class>, D::Error> {
    let text = String::deserialize(from)?;
    let all = [Class::Blocked, Class::Broken, Class::Abnormal, Class::Slow];
    let found = all.into_iter().find(|class| class.word() == text);
    let unknown = || format!("`{text}` is no class: write blocked, broken, abnormal or slow");
    found.map(Some).ok_or_else(|| serde::de::Error::custom(unknown()))
}

impl Written {
    /// The section, with what is wrong noted.
    pub(super) fn lower(self, apps: &BTreeMap<Slug, App>, mistakes: &mut Mistakes) -> Tagging {
        let mut rules = Vec::new();
        for written in self.rules {
            let (at, rule) = (written.referenced, written.value);
            let WrittenRule { app, journey, class, detector, channel, business, reason, rights } = rule;
            let says = Correction { channel, business, reason, rights };
            if says.is_empty() {
                let help = "write at least one of `channel`, `business`, `reason` and `rights`";
                mistakes.note(at, "a rule that says nothing", help);
            }
            if let Some(app) = app.as_ref().filter(|app| !apps.contains_key(*app)) {
                let known: Vec<&str> = apps.keys().map(Slug::as_str).collect();
                mistakes.note(at, &format!("no app is named `{app}`"), &format!("`apps:` has {}", known.join(", ")));
            }
            rules.push(Rule { app: app.map(|app| app.to_string()), journey, class, detector, says });
        }
        Tagging { codes: self.codes, rules: Rules { rules, codes: Codes::default() } }
    }
}

impl Config {
    /// Reads the customer's codes, where a file is named.
    pub(super) fn read_codes(&mut self) -> Result<(), ConfigError> {
        let Some(named) = &self.tags.codes else { return Ok(()) };
        let path = self.resolve(named);
        let unreadable = |why: String| ConfigError::Unreadable { path: path.clone(), why };
        let size = std::fs::metadata(&path).map_err(|e| unreadable(e.to_string()))?.len();
        if size > CODES_BYTES_MAX as u64 {
            return Err(unreadable(format!("it has {size} bytes, and {CODES_BYTES_MAX} is the most")));
        }
        let bytes = std::fs::read(&path).map_err(|e| unreadable(e.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8: save it as UTF-8".into()))?;
        self.named.insert(path.display().to_string(), digest_of(&text));
        let source = Source { name: path.display().to_string(), text: text.into() };
        self.tags.rules.codes = Codes::read(&source).map_err(ConfigError::Wrong)?;
        Ok(())
    }
}
