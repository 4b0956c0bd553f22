//! The head of a journey and of a part.

use super::reader::{Fields, Reader};
use super::scalar::shortened;
use super::text::{Argument, is_new_name};
use crate::id::{JourneyId, is_slug};
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Device, Safety, Text};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::time::Duration;

/// The budget of a journey that names none.
const BUDGET_DEFAULT: Duration = Duration::from_secs(120);

/// The keys of a journey.
pub(in crate::journey) static HEADER: [Field; 14] = [
    Field::must("journey", Shape::Slug, "its stable name, of a-z, 0-9 and `-`"),
    Field::new("title", Shape::Text, "what people call it"),
    Field::must("app", Shape::Slug, "the app it walks, as the configuration names it"),
    Field::new("owner", Shape::Slug, "whom alerts reach, by the owner map of the configuration"),
    Field::new("tags", Shape::Named(&Shape::Text), "facets for reports: channel, business, …"),
    Field::new("device", super::device::DEVICE, "what it is walked on; desktop when left out"),
    Field::new(
        "safety",
        Shape::Word(&["read-only", "reversible", "money"]),
        "what its steps may do; read-only when left out",
    ),
    Field::new("account", Shape::Slug, "the pool a test customer is leased from"),
    Field::new("budget", Shape::Duration, "the longest a whole walk may take; 2m when left out"),
    Field::new("locale", Shape::Text, "the language the browser asks for, such as zh-CN"),
    Field::new("timezone", Shape::Text, "the time zone the page sees, such as Asia/Shanghai"),
    Field::new("vars", Shape::Named(&Shape::Text), "names with their values; --var overrides them"),
    Field::must("steps", Shape::Steps, "what the customer does"),
    Field::new("always", Shape::Steps, "what is done at the end whatever happened"),
];

/// The keys of a part, a file that journeys use.
pub(in crate::journey) static PART: [Field; 5] = [
    Field::must("part", Shape::Slug, "its stable name, of a-z, 0-9 and `-`"),
    Field::new("title", Shape::Text, "what people call it"),
    Field::new(
        "params",
        Shape::Named(&Shape::Any(&[Shape::Word(&PARAM_TYPES), Shape::Map(&PARAM)])),
        "what `with:` must give",
    ),
    Field::must("steps", Shape::Steps, "what the customer does"),
    Field::new("note", Shape::Text, "the author's remark"),
];
static PARAM: [Field; 2] = [
    Field::must("type", Shape::Word(&PARAM_TYPES), "text, decimal, integer or secret"),
    Field::new("default", Shape::Text, "its value when `with:` gives none"),
];
/// The types a parameter can have.
pub(in crate::journey) const PARAM_TYPES: [&str; 4] = ["text", "decimal", "integer", "secret"];

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParamType {
    Text,
    Decimal,
    Integer,
    Secret,
}

/// A parameter of a part.
pub(super) struct Param {
    pub name: String,
    pub kind: ParamType,
    pub default: Option<Argument>,
}

/// A journey without its steps.
pub(super) struct Header {
    pub id: JourneyId,
    pub title: String,
    pub app: String,
    pub owner: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub device: Device,
    pub budget: Duration,
    pub locale: Option<String>,
    pub timezone: Option<String>,
    pub vars: BTreeMap<String, String>,
}

impl Reader<'_> {
    /// Reads everything but the steps; sets account, safety and names for them.
    pub fn header(&mut self, fields: &Fields) -> Option<Header> {
        self.account = fields.get("account").and_then(|node| self.slug(node, "account"));
        let safeties = [("read-only", Safety::ReadOnly), ("reversible", Safety::Reversible), ("money", Safety::Money)];
        let safety = fields.get("safety").and_then(|node| self.word(node, "safety", &safeties));
        self.safety = safety.unwrap_or(Safety::ReadOnly);
        let vars = fields.get("vars").map_or_else(BTreeMap::new, |node| self.vars(node));
        self.names.extend(vars.keys().cloned());
        self.vars.clone_from(&vars);
        let tags = fields.get("tags").map_or_else(BTreeMap::new, |node| self.texts_by_name(node, "tags"));
        let device = fields.get("device").map_or(Some(Device::Desktop), |node| self.device(node));
        let most = self.limits.budget_max;
        let budget = fields.get("budget").map_or(Some(BUDGET_DEFAULT), |node| self.duration(node, "budget", most));
        let owner = fields.get("owner").and_then(|node| self.slug(node, "owner"));
        let locale = fields.get("locale").and_then(|node| self.locale(node));
        let timezone = fields.get("timezone").and_then(|node| self.timezone(node));
        let title = fields.get("title").and_then(|node| self.constant(node, "title"));
        let app = fields.get("app").and_then(|node| self.slug(node, "app"));
        let id = fields.get("journey").and_then(|node| self.slug(node, "journey"))?;
        let title = title.unwrap_or_else(|| id.clone());
        let id = id.parse().ok()?;
        Some(Header { id, title, app: app?, owner, tags, device: device?, budget: budget?, locale, timezone, vars })
    }

    /// A name of a-z, 0-9, `-` and `_`.
    pub fn slug(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.constant(node, what)?;
        if !is_slug(&text) {
            let title = format!("`{}` cannot be the `{what}`", shortened(&text));
            let help = "use 1 to 80 of a-z, 0-9, `-` and `_`, beginning with a letter or digit";
            self.problem(&node.span, title, "not a name", help);
            return None;
        }
        Some(text)
    }

    fn texts_by_name(&mut self, node: &Node, what: &str) -> BTreeMap<String, String> {
        let NodeKind::Map(entries) = &node.kind else {
            let label = format!("found {}", node.noun());
            self.problem(&node.span, format!("`{what}` needs a map"), label, "write names and texts");
            return BTreeMap::new();
        };
        let mut texts = BTreeMap::new();
        for (key, value) in entries {
            if let Some(text) = self.constant(value, &key.text) {
                texts.insert(key.text.clone(), text);
            }
        }
        texts
    }

    fn vars(&mut self, node: &Node) -> BTreeMap<String, String> {
        let vars = self.texts_by_name(node, "vars");
        if let NodeKind::Map(entries) = &node.kind {
            for (key, value) in entries {
                if !is_new_name(&key.text) {
                    let help = "use a-z, 0-9 and `_`, beginning with a letter; not a word of expressions";
                    self.problem(&key.span, format!("`{}` cannot be a name", shortened(&key.text)), "this name", help);
                }
                if let Some(text) = vars.get(&key.text) {
                    self.refuse_literal_secret(value, &Text::literal(text.clone()), None);
                }
            }
        }
        vars
    }

    /// The parameters a part declares.
    pub fn declared(&mut self, fields: &Fields) -> Vec<Param> {
        let Some(node) = fields.get("params") else { return Vec::new() };
        let NodeKind::Map(entries) = &node.kind else {
            let label = format!("found {}", node.noun());
            self.problem(&node.span, "`params` needs a map", label, "write names and types: `{username: text}`");
            return Vec::new();
        };
        let mut params = Vec::new();
        for (key, value) in entries {
            if !is_new_name(&key.text) {
                let help = "use a-z, 0-9 and `_`, beginning with a letter; not a word of expressions";
                self.problem(&key.span, format!("`{}` cannot be a name", shortened(&key.text)), "this name", help);
                continue;
            }
            if let Some(param) = self.param(&key.text, value) {
                params.push(param);
            }
        }
        params
    }

    fn param(&mut self, name: &str, node: &Node) -> Option<Param> {
        let types = [
            ("text", ParamType::Text),
            ("decimal", ParamType::Decimal),
            ("integer", ParamType::Integer),
            ("secret", ParamType::Secret),
        ];
        if let NodeKind::Scalar { .. } = node.kind {
            let kind = self.word(node, name, &types)?;
            return Some(Param { name: name.to_owned(), kind, default: None });
        }
        let fields = self.fields(node, name, &[&PARAM])?;
        let kind = self.word(fields.get("type")?, "type", &types)?;
        let default = match fields.get("default") {
            Some(node) => Some(self.argument(node, name, kind)?),
            None => None,
        };
        Some(Param { name: name.to_owned(), kind, default })
    }

    /// A value for a parameter, in the words of whoever gives it.
    pub fn argument(&mut self, node: &Node, name: &str, kind: ParamType) -> Option<Argument> {
        match kind {
            ParamType::Secret => self.secret(node, name).map(Argument::Secret),
            ParamType::Text => {
                let text = self.text_or_empty(node, name)?;
                self.refuse_literal_secret(node, &text, None);
                Some(Argument::Text(text))
            }
            ParamType::Decimal | ParamType::Integer => {
                let raw = self.scalar(node, name)?.to_owned();
                if raw.starts_with("${") && raw.ends_with('}') {
                    return self.text(node, name).map(Argument::Text);
                }
                let figure = Decimal::from_str_exact(&raw).ok();
                let whole = kind == ParamType::Integer;
                match figure.filter(|f| !whole || f.fract().is_zero()) {
                    Some(figure) => Some(Argument::Figure(figure)),
                    None => {
                        let wanted = if whole { "a whole number" } else { "a decimal" };
                        let help =
                            if whole { "write it like `3`" } else { "write it like `100.00`, without marks or units" };
                        let label = format!("found `{}`", shortened(&raw));
                        self.problem(&node.span, format!("`{name}` needs {wanted}"), label, help);
                        None
                    }
                }
            }
        }
    }
}
