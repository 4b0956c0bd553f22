//! Oracle files: what must be true of an app wherever a walk comes by.

use super::reader::{Fields, Reader};
use super::scalar::shortened;
use super::suggest;
use super::text::is_new_name;
use crate::diagnostic::Diagnostic;
use crate::journey::node::{self, Key, Node, NodeKind};
use crate::journey::oracle::{
    Claim, Figure, FigureAs, Oracle, Phrase, Place, Subject, TODAY, Tolerance, plain_text, spoken,
};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Expression, Files, Limits, source};
use crate::money::FigureKind;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The keys of an oracle.
pub(in crate::journey) static ORACLE: [Field; 9] = [
    Field::must("oracle", Shape::Slug, "its stable name, of a-z, 0-9 and `-`"),
    Field::must("app", Shape::Slug, "the app whose journeys are held to it"),
    Field::new("title", Shape::Text, "what people call it"),
    Field::new("holidays", Shape::List(&Shape::Text), "days without trading, beside Saturdays and Sundays"),
    Field::new("subjects", Shape::Named(&Shape::Map(&SUBJECT)), "what the app shows figures of: funds, loans, assets"),
    Field::new("phrases", Shape::List(&Shape::Map(&PHRASE)), "what pages may not say, and must"),
    Field::new("streams", Shape::List(&Shape::Map(&super::stream::STREAM)), "web sockets that must be heard from"),
    Field::new(
        "customers",
        Shape::Map(&super::customers::CUSTOMERS),
        "whom walks are made as, and what is theirs alone",
    ),
    Field::new("note", Shape::Text, "the author's remark"),
];
static SUBJECT: [Field; 6] = [
    Field::new("title", Shape::Text, "what people call it"),
    Field::must("figures", Shape::Named(&Shape::Map(&FIGURE)), "its figures, and what they can be"),
    Field::must("places", Shape::List(&Shape::Map(&super::place::PLACE)), "where they are shown"),
    Field::new("registry", Shape::Map(&super::registry::REGISTRY), "a table of what there should be"),
    Field::new("claims", Shape::List(&Shape::Map(&CLAIM)), "how its figures stand to each other"),
    Field::new("severity", Shape::Word(&SEVERITIES), "P1 when left out"),
];
static FIGURE: [Field; 10] = [
    Field::new("as", Shape::Word(&KIND_WORDS), "what it is read as; text when left out"),
    Field::new("title", Shape::Text, "what people call it"),
    Field::new("min", Shape::Text, "the least it can be"),
    Field::new("max", Shape::Text, "the most it can be"),
    Field::new("among", Shape::List(&Shape::Text), "the only texts it can be"),
    Field::new("trading_days", Shape::Whole(0, 250), "how many trading days a date may lie back; never in the future"),
    Field::new("tolerance", Shape::Text, "by how much two places may differ, `0.01` or `1%`; not at all when left out"),
    Field::new("ticks", Shape::Truth, "it moves all the time: only what is read at one moment is compared"),
    Field::new("blank", Shape::List(&Shape::Text), "texts that rightly stand where there is no figure, such as `--`"),
    Field::new("across", super::across::ACROSS, "all devices must show the same of it"),
];
static CLAIM: [Field; 2] = [
    Field::must("that", Shape::Expression, "the expression, over figures, the registry's columns and `today`"),
    Field::new("message", Shape::Text, "what people are told when it is false"),
];
static PHRASE: [Field; 6] = [
    Field::new("never", Shape::Text, "a text that pages may not show"),
    Field::new("always", Shape::Text, "a text that pages must show"),
    Field::new(
        "on",
        Shape::Any(&[Shape::Text, Shape::List(&Shape::Text)]),
        "paths of the pages, as globs; `always` needs it",
    ),
    Field::new("unless", Shape::List(&Shape::Text), "wordings that contain it and are right"),
    Field::new("message", Shape::Text, "what people are told"),
    Field::new("severity", Shape::Word(&SEVERITIES), "P1 when left out"),
];
pub(super) const SEVERITIES: [&str; 2] = ["P1", "P2"];
const KIND_WORDS: [&str; 6] = ["text", "decimal", "money", "percent", "integer", "date"];
const KINDS: [(&str, FigureAs); 6] = [
    ("text", FigureAs::Text),
    ("decimal", FigureAs::Figure(FigureKind::Decimal)),
    ("money", FigureAs::Figure(FigureKind::Money)),
    ("percent", FigureAs::Figure(FigureKind::Percent)),
    ("integer", FigureAs::Figure(FigureKind::Integer)),
    ("date", FigureAs::Date),
];
/// Loads the oracle at `path` with its registries, or says all that is wrong with it.
pub fn load_oracle(path: &str, files: &dyn Files, limits: &Limits) -> Result<Oracle, Vec<Diagnostic>> {
    let (mut reader, root) = begin(path, files, limits)?;
    reader.oracle_file(&root).map(|(oracle, _)| oracle)
}

/// The oracle of `app`, and every text it was read from; `None` for another app's, whose mistakes stop no journey of this
/// one.
pub(super) fn read_for(
    app: &str,
    path: &str,
    files: &dyn Files,
    limits: &Limits,
) -> Result<Option<Read>, Vec<Diagnostic>> {
    let (mut reader, root) = begin(path, files, limits)?;
    let others = match &root.kind {
        NodeKind::Map(entries) => entries.iter().any(|(key, node)| key.text == "app" && !node.is_text(app)),
        _ => false,
    };
    if others { Ok(None) } else { reader.oracle_file(&root).map(Some) }
}

/// An oracle, and every text it was read from, by path.
pub(super) type Read = (Oracle, BTreeMap<String, Arc<str>>);

fn begin<'a>(path: &str, files: &'a dyn Files, limits: &'a Limits) -> Result<(Reader<'a>, Node), Vec<Diagnostic>> {
    let source = source::read(path, files, limits).map_err(|problem| vec![*problem])?;
    let root = node::parse(&source, limits).map_err(|problem| vec![*problem])?;
    Ok((Reader::new(path, source, files, limits), root))
}

impl Reader<'_> {
    fn oracle_file(&mut self, root: &Node) -> Result<Read, Vec<Diagnostic>> {
        match self.oracle(root) {
            Some(oracle) if self.problems.is_empty() => Ok((oracle, std::mem::take(&mut self.texts))),
            _ => Err(std::mem::take(&mut self.problems)),
        }
    }

    fn oracle(&mut self, root: &Node) -> Option<Oracle> {
        let fields = self.fields(root, "oracle", &[&ORACLE])?;
        let id = fields.get("oracle").and_then(|node| self.slug(node, "oracle"));
        let app = fields.get("app").and_then(|node| self.slug(node, "app"));
        let title = self.constant_if_any(&fields, "title");
        let holidays = self.listed(&fields, "holidays", Self::day).into_iter().collect::<BTreeSet<Date>>();
        let subjects = fields.get("subjects").map_or_else(Vec::new, |node| self.subjects(node));
        let phrases = self.listed(&fields, "phrases", Self::phrase);
        let streams = self.listed(&fields, "streams", Self::stream);
        let customers = fields.get("customers").and_then(|node| self.customers(node));
        let says = ["subjects", "phrases", "streams", "customers"].iter().any(|key| fields.get(key).is_some());
        if !says && !fields.unknown {
            let help = "add `subjects:` with figures, or `phrases:` that pages may not say";
            self.problem(&fields.span, "this oracle says nothing", "neither subjects nor phrases", help);
        }
        let id = id?;
        Some(Oracle {
            title: title.unwrap_or_else(|| id.clone()),
            id,
            app: app?,
            holidays,
            subjects,
            phrases,
            streams,
            customers,
        })
    }

    fn subjects(&mut self, node: &Node) -> Vec<Subject> {
        let entries = self.named(node, "subjects", "fund: {figures: …, places: …}");
        entries.iter().filter_map(|(key, node)| self.subject(key, node)).collect()
    }

    fn subject(&mut self, key: &Key, node: &Node) -> Option<Subject> {
        if !self.may_be_named(key) {
            return None;
        }
        let fields = self.fields(node, &key.text, &[&SUBJECT])?;
        let title = self.constant_if_any(&fields, "title").unwrap_or_else(|| key.text.clone());
        let urgent = self.urgent(&fields, true);
        let entries = fields.get("figures").map_or(&[][..], |n| self.named(n, "figures", "nav: {as: decimal}"));
        let figures: Vec<Figure> = entries.iter().filter_map(|(key, node)| self.figure(key, node)).collect();
        // One that is wrong was told already, and is a figure all the same.
        let declared: Vec<&str> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
        let places = self.listed(&fields, "places", |reader, node| reader.place(node, &declared));
        let registry = fields.get("registry").and_then(|node| self.registry(node, &figures));
        let mut names: Vec<String> = declared.iter().map(|name| (*name).to_owned()).collect();
        names.push(TODAY.to_owned());
        if let Some((_, columns)) = &registry {
            names.extend(columns.iter().cloned());
        }
        let claims = self.listed(&fields, "claims", |reader, node| reader.claim(node, &names));
        let registry = registry.map(|(registry, _)| registry);
        self.across_of_nobodys_own(entries, &figures, registry.as_ref());
        self.of_use(&fields, entries, &places);
        Some(Subject { id: key.text.clone(), title, urgent, figures, places, registry, claims })
    }

    /// What would never be looked at is a mistake: a list without a table to hold it to, a figure that no place reads.
    fn of_use(&mut self, fields: &Fields, figures: &[(Key, Node)], places: &[Place]) {
        if fields.get("registry").is_none()
            && places.iter().any(|place| place.complete)
            && let Some(key) = fields.key("places")
        {
            let help = "add `registry:` with the table of what there should be, or remove `complete`";
            self.problem(&key.span, "a complete list is held to a registry", "there is none", help);
        }
        for (key, _) in figures {
            // Where a place is wrong, it may have been the one.
            let read = places.iter().any(|place| place.source.names().contains(&key.text.as_str()));
            if !read && self.problems.is_empty() {
                let help = "read it at a place, or remove it";
                self.problem(&key.span, format!("no place reads `{}`", key.text), "it would never be looked at", help);
            }
        }
    }

    fn figure(&mut self, key: &Key, node: &Node) -> Option<Figure> {
        if !self.may_be_named(key) {
            return None;
        }
        let fields = self.fields(node, &key.text, &[&FIGURE])?;
        let kind = fields.get("as").map_or(Some(FigureAs::Text), |node| self.word(node, "as", &KINDS))?;
        let title = self.constant_if_any(&fields, "title").unwrap_or_else(|| key.text.clone());
        self.fitting(&fields, kind);
        let figure = Figure {
            name: key.text.clone(),
            title,
            kind,
            min: fields.get("min").and_then(|node| self.decimal(node, "min")),
            max: fields.get("max").and_then(|node| self.decimal(node, "max")),
            among: self
                .listed(&fields, "among", |reader, node| reader.constant(node, "among").map(|word| plain_text(&word))),
            trading_days: fields
                .get("trading_days")
                .and_then(|node| u32::try_from(self.whole(node, "trading_days", 0, 250)?).ok()),
            tolerance: fields
                .get("tolerance")
                .and_then(|node| self.tolerance(node))
                .unwrap_or(Tolerance::Amount(Decimal::ZERO)),
            ticks: fields.get("ticks").and_then(|node| self.truth(node, "ticks")).unwrap_or(false),
            blank: self.listed(&fields, "blank", |reader, node| reader.constant(node, "blank")),
            across: fields.get("across").and_then(|node| self.across(node)),
        };
        self.across_of_what_stands_still(&fields, &figure);
        if let (Some(min), Some(max), Some(node)) = (figure.min, figure.max, fields.get("max"))
            && min > max
        {
            self.problem(&node.span, "`max` is less than `min`", "nothing fits", "exchange them");
        }
        Some(figure)
    }

    /// Bounds are for figures, words for texts, ages for dates.
    fn fitting(&mut self, fields: &Fields, kind: FigureAs) {
        let (right, word): (&[&str], &str) = match kind {
            FigureAs::Text => (&["among"], "text"),
            FigureAs::Figure(_) => (&["min", "max", "tolerance"], "figure"),
            FigureAs::Date => (&["trading_days"], "date"),
        };
        for key in ["min", "max", "tolerance", "among", "trading_days"] {
            if let Some(found) = fields.key(key).filter(|_| !right.contains(&key)) {
                let known: Vec<String> = right.iter().map(|key| format!("`{key}`")).collect();
                let help = format!("a {word} takes {}; or say what it is read `as:`", known.join(", "));
                self.problem(
                    &found.span,
                    format!("`{key}` says nothing of a {word}"),
                    "it would never be looked at",
                    help,
                );
            }
        }
    }

    fn claim(&mut self, node: &Node, names: &[String]) -> Option<Claim> {
        let fields = self.fields(node, "claims", &[&CLAIM])?;
        let message = self.constant_if_any(&fields, "message");
        let that = self.claimed(fields.get("that")?, "that", names)?;
        Some(Claim { that, message })
    }

    /// An expression over these names and no others.
    pub fn claimed(&mut self, node: &Node, what: &str, names: &[String]) -> Option<Expression> {
        let raw = self.scalar(node, what)?;
        let unknown = Expression::parse(raw).ok().and_then(|expression| {
            expression.names().into_iter().find(|name| !names.iter().any(|known| known == name)).map(str::to_owned)
        });
        let Some(unknown) = unknown else { return self.expression(node, what, names) };
        let known = names.iter().map(String::as_str);
        let title = format!("nothing is named `{}` here", shortened(&unknown));
        self.problem(&node.span, title, "in this expression", suggest::advice(&unknown, known));
        None
    }

    fn phrase(&mut self, node: &Node) -> Option<Phrase> {
        let fields = self.fields(node, "phrases", &[&PHRASE])?;
        let (wanted, said) = match (fields.get("never"), fields.get("always")) {
            (Some(node), None) => (false, self.constant(node, "never")?),
            (None, Some(node)) => (true, self.constant(node, "always")?),
            _ => {
                let help = "write `never:` with what pages may not show, or `always:` with what they must";
                self.problem(&fields.span, "a phrase is either `never` or `always`", "one of them", help);
                return None;
            }
        };
        let on = match fields.get("on") {
            Some(Node { kind: NodeKind::List(items), .. }) => {
                items.iter().filter_map(|n| self.page_glob(n, "on")).collect()
            }
            Some(node) => vec![self.page_glob(node, "on")?],
            None if wanted => {
                let help = "add `on:` with the paths of those pages, such as `/funds/*`";
                self.problem(&fields.span, "which pages must show it?", "`on` is missing", help);
                return None;
            }
            None => vec!["**".to_owned()],
        };
        if let Some(key) = fields.key("unless").filter(|_| wanted) {
            let help = "list the other wordings as phrases of their own";
            self.problem(&key.span, "`unless` goes with `never`", "it has no meaning here", help);
        }
        let unless = self.listed(&fields, "unless", |reader, node| {
            let text = reader.constant(node, "unless")?;
            if !spoken(&text).contains(&spoken(&said)) {
                let title = format!("`{}` does not contain the phrase", shortened(&text));
                reader.problem(&node.span, title, "it excuses nothing", format!("write a wording with `{said}` in it"));
                return None;
            }
            Some(spoken(&text))
        });
        let message = self.constant_if_any(&fields, "message");
        Some(Phrase { wanted, text: spoken(&said), unless, on, message, urgent: self.urgent(&fields, true) })
    }

    /// A glob over paths of pages.
    pub fn page_glob(&mut self, node: &Node, what: &str) -> Option<String> {
        let glob = self.constant(node, what)?;
        if glob.starts_with(['/', '*']) {
            return Some(glob);
        }
        let help = "write the path alone, such as `/funds/*`";
        self.problem(&node.span, format!("`{what}` begins with `/`"), format!("found `{}`", shortened(&glob)), help);
        None
    }

    pub(super) fn urgent(&mut self, fields: &Fields, otherwise: bool) -> bool {
        let words = [("P1", true), ("P2", false)];
        fields.get("severity").and_then(|node| self.word(node, "severity", &words)).unwrap_or(otherwise)
    }

    /// A decimal without marks or units.
    pub fn decimal(&mut self, node: &Node, what: &str) -> Option<Decimal> {
        let text = self.scalar(node, what)?;
        let figure = Decimal::from_str_exact(text).ok();
        if figure.is_none() {
            let label = format!("found `{}`", shortened(text));
            self.problem(
                &node.span,
                format!("`{what}` needs a figure"),
                label,
                "write it like `0.5`, without marks or units",
            );
        }
        figure
    }

    fn tolerance(&mut self, node: &Node) -> Option<Tolerance> {
        let text = self.scalar(node, "tolerance")?;
        let (digits, percent) = text.strip_suffix('%').map_or((text, false), |digits| (digits, true));
        let figure = Decimal::from_str_exact(digits).ok().filter(|figure| !figure.is_sign_negative());
        let Some(figure) = figure else {
            let label = format!("found `{}`", shortened(text));
            self.problem(&node.span, "`tolerance` needs a figure", label, "write it like `0.01` or `1%`");
            return None;
        };
        Some(if percent { Tolerance::Percent(figure) } else { Tolerance::Amount(figure) })
    }

    fn day(&mut self, node: &Node) -> Option<Date> {
        let text = self.scalar(node, "holidays")?;
        let day: Option<Date> = text.parse().ok();
        if day.is_none() {
            let label = format!("found `{}`", shortened(text));
            self.problem(&node.span, "`holidays` needs days", label, "write each like `2026-10-01`");
        }
        day
    }

    pub(super) fn constant_if_any(&mut self, fields: &Fields, key: &str) -> Option<String> {
        fields.get(key).and_then(|node| self.constant(node, key))
    }

    /// The entries of a map with names of the author's choice.
    pub fn named<'n>(&mut self, node: &'n Node, what: &str, example: &str) -> &'n [(Key, Node)] {
        match &node.kind {
            NodeKind::Map(entries) if !entries.is_empty() => entries,
            _ => {
                let help = format!("write names and what they are: `{example}`");
                self.problem(&node.span, format!("`{what}` needs names"), format!("found {}", node.noun()), help);
                &[]
            }
        }
    }

    /// Every item of the list under a key, as far as it can be read.
    pub fn listed<T>(
        &mut self,
        fields: &Fields,
        key: &str,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        match fields.get(key).map(|node| (node, &node.kind)) {
            None => Vec::new(),
            Some((_, NodeKind::List(items))) => items.iter().filter_map(|item| read(self, item)).collect(),
            Some((node, _)) => {
                let help = "begin each item with `- `, or write `[…, …]`";
                self.problem(&node.span, format!("`{key}` needs a list"), format!("found {}", node.noun()), help);
                Vec::new()
            }
        }
    }

    /// Whether a key may name a subject or figure; told if not.
    pub fn may_be_named(&mut self, key: &Key) -> bool {
        let right = is_new_name(&key.text) && key.text != TODAY;
        if !right {
            let help = "use a-z, 0-9 and `_`, beginning with a letter; not `today` or a word of expressions";
            self.problem(&key.span, format!("`{}` cannot be a name", shortened(&key.text)), "this name", help);
        }
        right
    }
}
