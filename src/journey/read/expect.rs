//! Expectations of a step: see, not_see, expect-url, response.

use super::reader::{Fields, Reader};
use super::scalar::shortened;
use crate::journey::json_path::JsonPath;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Expectation, JsonRule, Matcher, ResponseRule, StatusRule, UrlRule};

/// `see:` and `not_see:` of a step.
pub(super) static SEE: Shape = Shape::Any(&[Shape::Text, Shape::LocatorAnd(&COUNT), Shape::List(&SEEN)]);
/// `not_see:`.
pub(super) static NOT_SEE: Shape = Shape::Any(&[Shape::Locator, Shape::List(&Shape::Locator)]);
/// `expect-url:`.
pub(super) static URL: Shape = Shape::Any(&[Shape::Text, Shape::Map(&MATCHES)]);
/// `response:`.
pub(super) static RESPONSE: Shape = Shape::Any(&[Shape::Map(&RESPONSE_KEYS), Shape::List(&Shape::Map(&RESPONSE_KEYS))]);
/// `json:`.
pub(super) static JSON: Shape = Shape::Named(&Shape::Any(&[Shape::Text, Shape::Map(&MATCHER)]));

static SEEN: Shape = Shape::Any(&[Shape::Text, Shape::LocatorAnd(&COUNT)]);
static COUNT: [Field; 1] =
    [Field::new("count", Shape::Whole(1, 1000), "how many are visible; more than one is not an error then")];
static MATCHES: [Field; 1] = [Field::must("matches", Shape::Pattern, "a regular expression over the whole URL")];
static MATCHER: [Field; 4] = [
    Field::new("equals", Shape::Text, "the value as text"),
    Field::new("contains", Shape::Text, "a part of the value"),
    Field::new("matches", Shape::Pattern, "a regular expression over the value"),
    Field::new("exists", Shape::Truth, "whether it is there"),
];
static RESPONSE_KEYS: [Field; 4] = [
    Field::new("method", Shape::Word(&METHODS), "the method; any when left out"),
    Field::must("path", Shape::Text, "the path: a glob such as /api/orders/*"),
    Field::new("status", Shape::Text, "the status: 200, or 2xx for a class"),
    Field::new("json", JSON, "rules on the JSON body, by path such as $.data.code"),
];
pub(super) const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

impl Reader<'_> {
    /// All expectations among a step's keys, in the order of the file.
    pub fn expectations(&mut self, step: &Fields) -> Vec<Expectation> {
        let mut out = Vec::new();
        for (key, node) in &step.entries {
            let each = |reader: &mut Self, read: fn(&mut Self, &Node) -> Option<Expectation>| match &node.kind {
                NodeKind::List(items) => items.iter().filter_map(|item| read(reader, item)).collect(),
                _ => Vec::from_iter(read(reader, node)),
            };
            match key.text.as_str() {
                "see" => out.extend(each(self, Self::see)),
                "not_see" => out.extend(each(self, |r, n| r.locator(n, "not_see").map(Expectation::NotSee))),
                "expect-url" => out.extend(self.url_rule(node, "expect-url").map(Expectation::Url)),
                "response" => out.extend(each(self, Self::response)),
                _ => {}
            }
        }
        out
    }

    fn see(&mut self, node: &Node) -> Option<Expectation> {
        if let NodeKind::Scalar { .. } = node.kind {
            return Some(Expectation::See { target: self.locator(node, "see")?, count: None });
        }
        let (target, fields) = self.locator_and(node, "see", &COUNT, "")?;
        let count = match fields.get("count") {
            Some(node) => Some(u32::try_from(self.whole(node, "count", 1, 1000)?).ok()?),
            None => None,
        };
        Some(Expectation::See { target, count })
    }

    /// What a URL must look like.
    pub fn url_rule(&mut self, node: &Node, what: &str) -> Option<UrlRule> {
        if let NodeKind::Scalar { .. } = node.kind {
            let text = self.text(node, what)?;
            let raw = text.to_string();
            if matches!(raw.as_str(), "*" | "**" | "/**") {
                let help = "name the path that must be reached, such as `/funds/*`";
                self.problem(&node.span, format!("`{what}` can never fail"), "this matches every page", help);
                return None;
            }
            if !raw.starts_with(['/', '*', '$']) {
                let help = "write the path alone, such as `/funds/*`, or `{matches: …}` for the whole URL";
                self.problem(
                    &node.span,
                    format!("`{what}` needs a path"),
                    format!("found `{}`", shortened(&raw)),
                    help,
                );
                return None;
            }
            return Some(UrlRule::Path(text));
        }
        let fields = self.fields(node, what, &[&MATCHES])?;
        Some(UrlRule::Matches(self.pattern(fields.get("matches")?, "matches")?))
    }

    fn response(&mut self, node: &Node) -> Option<Expectation> {
        let fields = self.fields(node, "response", &[&RESPONSE_KEYS])?;
        let path = self.path_glob(fields.get("path")?)?;
        let method = match fields.get("method") {
            Some(node) => Some(self.method(node)?),
            None => None,
        };
        let status = match fields.get("status") {
            Some(node) => Some(self.status(node)?),
            None => None,
        };
        let json = match fields.get("json") {
            Some(node) => self.json_rules(node)?,
            None => Vec::new(),
        };
        Some(Expectation::Response(ResponseRule { method, path, status, json }))
    }

    /// A path glob of an API.
    pub fn path_glob(&mut self, node: &Node) -> Option<crate::journey::Text> {
        let text = self.text(node, "path")?;
        let raw = text.to_string();
        if raw.starts_with(['/', '*', '$']) {
            return Some(text);
        }
        let help = "write the path without scheme and host, such as `/api/orders/*`";
        self.problem(&node.span, "`path` begins with `/`", format!("found `{}`", shortened(&raw)), help);
        None
    }

    /// An HTTP method.
    pub fn method(&mut self, node: &Node) -> Option<String> {
        let words: Vec<(&'static str, &'static str)> = METHODS.iter().map(|m| (*m, *m)).collect();
        self.word(node, "method", &words).map(str::to_owned)
    }

    /// `200`, or `2xx`.
    pub fn status(&mut self, node: &Node) -> Option<StatusRule> {
        let text = self.scalar(node, "status")?.to_owned();
        let class = text.strip_suffix("xx").and_then(|c| c.parse::<u8>().ok()).filter(|c| (1..=5).contains(c));
        let exact = text.parse::<u16>().ok().filter(|s| text.len() == 3 && (100..600).contains(s));
        match (class, exact) {
            (Some(class), _) => Some(StatusRule::Class(class)),
            (_, Some(status)) => Some(StatusRule::Exactly(status)),
            _ => {
                let label = format!("found `{}`", shortened(&text));
                self.problem(&node.span, "`status` needs an HTTP status", label, "write `200`, or `2xx` for the class");
                None
            }
        }
    }

    /// Rules by JSON path.
    pub fn json_rules(&mut self, node: &Node) -> Option<Vec<JsonRule>> {
        let NodeKind::Map(entries) = &node.kind else {
            let help = "write paths and values, such as `{\"$.code\": \"0000\"}`";
            self.problem(&node.span, "`json` needs a map", format!("found {}", node.noun()), help);
            return None;
        };
        let mut rules = Vec::new();
        for (key, value) in entries {
            self.json_path(&key.text, &key.span)?;
            rules.push(JsonRule { path: key.text.clone(), matcher: self.matcher(value)? });
        }
        Some(rules)
    }

    /// A JSON path that can be read.
    pub fn json_path(&mut self, text: &str, span: &crate::diagnostic::Span) -> Option<()> {
        match JsonPath::parse(text) {
            Ok(_) => Some(()),
            Err(why) => {
                let title = format!("`{}` is not a JSON path", shortened(text));
                self.problem(span, title, why, "write it like `$.data.items[0].code`");
                None
            }
        }
    }

    fn matcher(&mut self, node: &Node) -> Option<Matcher> {
        if let NodeKind::Scalar { .. } = node.kind {
            return Some(Matcher::Equals(self.text_or_empty(node, "json")?));
        }
        let fields = self.fields(node, "json", &[&MATCHER])?;
        let [(key, value)] = fields.entries.as_slice() else {
            let help = "write one of `equals`, `contains`, `matches` and `exists`";
            self.problem(&node.span, "a JSON rule says one thing", format!("found {}", fields.entries.len()), help);
            return None;
        };
        match key.text.as_str() {
            "equals" => Some(Matcher::Equals(self.text_or_empty(value, "equals")?)),
            "contains" => Some(Matcher::Contains(self.text(value, "contains")?)),
            "matches" => Some(Matcher::Matches(self.pattern(value, "matches")?)),
            _ => Some(Matcher::Exists(self.truth(value, "exists")?)),
        }
    }
}
