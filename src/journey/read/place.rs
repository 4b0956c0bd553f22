//! Where an oracle's figures are shown, and how they are read there.

use super::reader::{Fields, Reader};
use super::scalar::shortened;
use super::suggest;
use crate::journey::json_path::JsonPath;
use crate::journey::node::{Key, Node, NodeKind};
use crate::journey::oracle::{AnswerPart, PartReading, PartSource, Place, PlaceSource};
use crate::journey::shape::{Field, Shape};
use rust_decimal::Decimal;

/// The keys of a place.
pub(super) static PLACE: [Field; 6] = [
    Field::new("on", Shape::Text, "the path of the page, as a glob such as /funds/*"),
    Field::new("answer", Shape::Text, "the path of a JSON answer, as a glob such as /api/funds, in place of a page"),
    Field::new("each", Shape::Locator, "each row of a list; of an answer the list's path, such as $.data.items"),
    Field::new(
        "key",
        Shape::Any(&[Shape::Text, Shape::LocatorAnd(&PART)]),
        "what tells rows apart, such as the product's code",
    ),
    Field::must(
        "read",
        Shape::Named(&Shape::Any(&[Shape::Text, Shape::LocatorAnd(&PART), Shape::Map(&ANSWER_PART)])),
        "figures, and where each stands in the row",
    ),
    Field::new("complete", Shape::Truth, "whether all that the registry lists must stand here, and nothing else"),
];
static PART: [Field; 3] = [
    Field::new("attribute", Shape::Text, "read this attribute instead of the text; without a locator the row's own"),
    Field::new(
        "pattern",
        Shape::Pattern,
        "take the first group of this, or the whole match, instead of the whole text",
    ),
    Field::new("from", Shape::Word(&["url"]), "the page's URL"),
];

static ANSWER_PART: [Field; 2] = [
    Field::must("json", Shape::Text, "where it stands in the answer, such as $.data.rate"),
    Field::new("times", Shape::Text, "what it is multiplied by: 100 for a share in place of percent, 0.01 for 分"),
];

impl Reader<'_> {
    /// A page or an answer that shows some of the figures of these names.
    pub fn place(&mut self, node: &Node, figures: &[&str]) -> Option<Place> {
        let fields = self.fields(node, "places", &[&PLACE])?;
        let complete = fields.get("complete").map_or(Some(false), |node| self.truth(node, "complete"))?;
        let source = match (fields.get("on"), fields.get("answer")) {
            (Some(on), None) => self.page(on, &fields, figures),
            (None, Some(path)) => self.answer(path, &fields, figures),
            _ => {
                let help = "write `on:` with the page's path, or `answer:` with that of a JSON answer";
                self.problem(&fields.span, "a place is a page or an answer", "one of them", help);
                None
            }
        }?;
        if let Some(key) = fields.key("each").filter(|_| fields.get("key").is_none()) {
            let help = "add `key:` with what tells them apart, such as `{attribute: data-code}`";
            self.problem(&key.span, "rows need a key", "which row is which?", help);
        }
        if let Some(key) = fields.key("complete").filter(|_| complete && fields.get("each").is_none()) {
            self.problem(&key.span, "only a list is complete", "there is no `each` here", "add `each:`, or remove it");
        }
        if let Some(key) = fields.key("complete").filter(|_| complete && fields.get("answer").is_some()) {
            let help = "say it of the page that shows the list: an answer may be one part of it";
            self.problem(&key.span, "only a page's list is complete", "this is an answer", help);
        }
        Some(Place { complete, source })
    }

    fn page(&mut self, on: &Node, fields: &Fields, figures: &[&str]) -> Option<PlaceSource> {
        let on = self.page_glob(on, "on")?;
        let each = match fields.get("each") {
            Some(node) => Some(Box::new(self.framed(node, "each")?)),
            None => None,
        };
        let key = match fields.get("key") {
            Some(node) => Some(self.part(node, "key")?),
            None => None,
        };
        let read = self.figures_read(fields, figures, Self::part);
        Some(PlaceSource::Page { on, each, key, read })
    }

    fn answer(&mut self, path: &Node, fields: &Fields, figures: &[&str]) -> Option<PlaceSource> {
        let path = self.page_glob(path, "answer")?;
        let mut maybe = |key: &str| match fields.get(key) {
            Some(node) => self.path_of(node, key).map(Some),
            None => Some(None),
        };
        let (each, key) = (maybe("each")?, maybe("key")?);
        let read = self.figures_read(fields, figures, Self::answer_part);
        Some(PlaceSource::Answer { path, each, key, read })
    }

    fn figures_read<T>(
        &mut self,
        fields: &Fields,
        figures: &[&str],
        read: impl Fn(&mut Self, &Node, &str) -> Option<T>,
    ) -> Vec<(String, T)> {
        let entries = fields.get("read").map_or(&[][..], |node| self.named(node, "read", "nav: {testid: nav}"));
        let mut out = Vec::new();
        for (key, node) in entries {
            if self.is_figure(key, figures)
                && let Some(part) = read(self, node, &key.text)
            {
                out.push((key.text.clone(), part));
            }
        }
        out
    }

    fn is_figure(&mut self, key: &Key, figures: &[&str]) -> bool {
        let known = figures.contains(&key.text.as_str());
        if !known {
            let help = match suggest::nearest(&key.text, figures.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "say what it is under `figures:`".to_owned(),
            };
            self.problem(&key.span, format!("`{}` is no figure", shortened(&key.text)), "unknown figure", help);
        }
        known
    }

    fn part(&mut self, node: &Node, what: &str) -> Option<PartReading> {
        if let NodeKind::Scalar { .. } = node.kind {
            let target = Some(Box::new(self.framed(node, what)?));
            return Some(PartReading { source: PartSource::Element { target, attribute: None }, pattern: None });
        }
        let fields = self.fields(node, what, &[&PART, &super::LOCATOR])?;
        let pattern = match fields.get("pattern") {
            Some(node) => Some(self.pattern(node, "pattern")?),
            None => None,
        };
        let target = self.locator_if_any(&fields, what, "").ok()?;
        if let Some(node) = fields.get("from") {
            self.word(node, "from", &[("url", ())])?;
            if target.is_some() || fields.get("attribute").is_some() {
                self.problem(
                    &node.span,
                    format!("`{what}` needs one source"),
                    "more than one",
                    "keep the URL or the element",
                );
                return None;
            }
            return Some(PartReading { source: PartSource::Url, pattern });
        }
        let attribute = self.constant_if_any(&fields, "attribute");
        if target.is_none() && attribute.is_none() && pattern.is_none() {
            let help = "name an element of the row, or an `attribute:` or `pattern:` of the row itself";
            self.problem(&fields.span, format!("`{what}` reads nothing"), "where does it stand?", help);
            return None;
        }
        self.unframed(target.as_ref(), &fields)?;
        let target = target.map(Box::new);
        Some(PartReading { source: PartSource::Element { target, attribute }, pattern })
    }

    fn framed(&mut self, node: &Node, what: &str) -> Option<crate::journey::Locator> {
        let locator = self.locator(node, what)?;
        if locator.frame.is_some() {
            self.problem(&node.span, "frames are not looked into", "this frame", "an oracle reads the page itself");
            return None;
        }
        Some(locator)
    }

    fn unframed(&mut self, locator: Option<&crate::journey::Locator>, fields: &Fields) -> Option<()> {
        if locator.is_none_or(|locator| locator.frame.is_none()) {
            return Some(());
        }
        self.problem(&fields.span, "frames are not looked into", "this frame", "an oracle reads the page itself");
        None
    }

    /// A path, or a map with it.
    fn answer_part(&mut self, node: &Node, what: &str) -> Option<AnswerPart> {
        if let NodeKind::Scalar { .. } = node.kind {
            return Some(AnswerPart { path: self.path_of(node, what)?, times: Decimal::ONE });
        }
        let fields = self.fields(node, what, &[&ANSWER_PART])?;
        let times = match fields.get("times") {
            Some(node) => self.decimal(node, "times")?,
            None => Decimal::ONE,
        };
        Some(AnswerPart { path: self.path_of(fields.get("json")?, "json")?, times })
    }

    pub fn path_of(&mut self, node: &Node, what: &str) -> Option<JsonPath> {
        let text = self.constant(node, what)?;
        self.json_path(&text, &node.span)?;
        JsonPath::parse(&text).ok()
    }
}
