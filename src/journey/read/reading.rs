//! What `capture` and `where` read, and as what.

use super::reader::{Fields, Reader};
use super::text::is_new_name;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Capture, Reading, ReadingKind, ReadingSource};
use crate::money::FigureKind;

/// Names and what each reads.
pub(super) static READINGS: Shape = Shape::Named(&Shape::LocatorAnd(&READING));

static READING: [Field; 6] = [
    Field::new("as", Shape::Word(&KIND_WORDS), "what it is read as; text when left out"),
    Field::new(
        "pattern",
        Shape::Pattern,
        "take the first group of this, or the whole match, instead of the whole text",
    ),
    Field::new("attribute", Shape::Text, "read this attribute of the element instead of its text"),
    Field::new("count", Shape::Locator, "how many elements this names"),
    Field::new("from", Shape::Word(&["url", "title"]), "the page's URL or title"),
    Field::new("response", Shape::Map(&RESPONSE), "a value of the newest JSON answer"),
];
static RESPONSE: [Field; 2] = [
    Field::must("path", Shape::Text, "the path of the answer: a glob such as /api/orders/*"),
    Field::must("json", Shape::Text, "the value, such as $.data.code"),
];
const KIND_WORDS: [&str; 5] = ["text", "decimal", "money", "percent", "integer"];
const KINDS: [(&str, ReadingKind); 5] = [
    ("text", ReadingKind::Text),
    ("decimal", ReadingKind::Figure(FigureKind::Decimal)),
    ("money", ReadingKind::Figure(FigureKind::Money)),
    ("percent", ReadingKind::Figure(FigureKind::Percent)),
    ("integer", ReadingKind::Figure(FigureKind::Integer)),
];

impl Reader<'_> {
    /// A map of new names.
    pub fn readings(&mut self, node: &Node, what: &str) -> Option<Vec<Capture>> {
        let entries = match &node.kind {
            NodeKind::Map(entries) if !entries.is_empty() => entries,
            _ => {
                let help = "write names and what they read: `nav: {testid: nav, as: decimal}`";
                self.problem(&node.span, format!("`{what}` needs names"), format!("found {}", node.noun()), help);
                return None;
            }
        };
        let mut captures = Vec::new();
        let mut right = true;
        for (key, value) in entries {
            right &= self.new_name(&key.text, &key.span);
            match self.reading(value, &key.text) {
                Some(reading) => captures.push(Capture { name: key.text.clone(), reading }),
                None => right = false,
            }
        }
        right.then_some(captures)
    }

    /// Whether a text may name a value; told if not.
    pub fn new_name(&mut self, name: &str, span: &crate::diagnostic::Span) -> bool {
        let right = is_new_name(name) && !self.params.contains_key(name);
        if !right {
            let help = "use a-z, 0-9 and `_`, beginning with a letter; not a parameter or a word of expressions";
            self.problem(span, format!("`{}` cannot be a name", super::scalar::shortened(name)), "this name", help);
        }
        right
    }

    fn reading(&mut self, node: &Node, name: &str) -> Option<Reading> {
        let fields = self.fields(node, name, &[&READING, &super::LOCATOR])?;
        let source = self.reading_source(&fields, name)?;
        let default = match source {
            ReadingSource::Count(_) => ReadingKind::Figure(FigureKind::Integer),
            _ => ReadingKind::Text,
        };
        let kind = match fields.get("as") {
            Some(node) => self.word(node, "as", &KINDS)?,
            None => default,
        };
        let pattern = match fields.get("pattern") {
            Some(node) => Some(self.pattern(node, "pattern")?),
            None => None,
        };
        Some(Reading { source, kind, pattern })
    }

    fn reading_source(&mut self, fields: &Fields, name: &str) -> Option<ReadingSource> {
        let element = self.locator_if_any(fields, name, "").ok()?;
        let special: Vec<&str> =
            ["count", "from", "response"].into_iter().filter(|key| fields.get(key).is_some()).collect();
        if special.len() + usize::from(element.is_some()) != 1 {
            let help = "read one thing: an element, `count:`, `from: url`, `from: title` or `response:`";
            let label = if special.is_empty() { "nothing is read" } else { "more than one source" };
            self.problem(&fields.span, format!("`{name}` needs one source"), label, help);
            return None;
        }
        if let Some(target) = element {
            let attribute = match fields.get("attribute") {
                Some(node) => Some(self.constant(node, "attribute")?),
                None => None,
            };
            return Some(ReadingSource::Element { target, attribute });
        }
        if let Some(node) = fields.get("count") {
            return Some(ReadingSource::Count(self.locator(node, "count")?));
        }
        if let Some(node) = fields.get("from") {
            return self
                .word(node, "from", &[("url", false), ("title", true)])
                .map(|title| if title { ReadingSource::Title } else { ReadingSource::Url });
        }
        let fields = self.fields(fields.get("response")?, "response", &[&RESPONSE])?;
        let path = self.path_glob(fields.get("path")?)?;
        let node = fields.get("json")?;
        let json = self.constant(node, "json")?;
        self.json_path(&json, &node.span)?;
        Some(ReadingSource::Response { path, json })
    }
}
