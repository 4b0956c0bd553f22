//! The state of one reading, and how a map is read by its table.

use super::suggest;
use super::text::Argument;
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::journey::node::{Key, Node, NodeKind, first_line};
use crate::journey::script::Safety;
use crate::journey::shape::Field;
use crate::journey::{Files, Limits, Step};
use std::collections::{BTreeMap, BTreeSet};

/// Reads one journey with all the files it uses.
pub(super) struct Reader<'a> {
    pub files: &'a dyn Files,
    pub limits: &'a Limits,
    /// The file being read.
    pub source: Source,
    /// Its path, relative to the folder of journeys.
    pub path: String,
    /// Files being read, outermost first: a cycle shows here.
    pub chain: Vec<String>,
    /// Every text read, by path: what the digest is made of.
    pub texts: BTreeMap<String, std::sync::Arc<str>>,
    /// What was found wrong.
    pub problems: Vec<Diagnostic>,
    /// The parameters of the part being read.
    pub params: BTreeMap<String, Argument>,
    /// Whether a part is being read rather than the journey.
    pub in_part: bool,
    /// Names that have a value at this place of the walk.
    pub names: BTreeSet<String>,
    /// The journey's own values, which titles show.
    pub vars: BTreeMap<String, String>,
    /// The pool the journey leases its account from.
    pub account: Option<String>,
    /// What the journey may do.
    pub safety: Safety,
    /// How often each step name was given.
    pub ids: BTreeMap<String, u32>,
    /// What step names of the part being read begin with.
    pub prefix: String,
    /// The name of the step read last, without its prefix.
    pub before: String,
    /// The first line of the step being read.
    pub step: Option<Span>,
    /// Steps read so far.
    pub steps: usize,
    /// Uses read so far.
    pub uses: usize,
}

impl<'a> Reader<'a> {
    /// At the beginning of the file at `path`.
    pub fn new(path: &str, source: Source, files: &'a dyn Files, limits: &'a Limits) -> Self {
        Self {
            files,
            limits,
            texts: BTreeMap::from([(path.to_owned(), source.text.clone())]),
            source,
            path: path.to_owned(),
            chain: vec![path.to_owned()],
            problems: Vec::new(),
            params: BTreeMap::new(),
            in_part: false,
            names: BTreeSet::new(),
            vars: BTreeMap::new(),
            account: None,
            safety: Safety::ReadOnly,
            ids: BTreeMap::new(),
            prefix: String::new(),
            before: String::new(),
            step: None,
            steps: 0,
            uses: 0,
        }
    }
}

impl Reader<'_> {
    /// Notes a problem: what is wrong, where, what was found, what to do.
    pub fn problem(
        &mut self,
        span: &Span,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.problems.len() >= self.limits.problems_max {
            return;
        }
        let span = first_line(&self.source.text, span);
        let context = self.step.clone().filter(|step| step.start < span.start);
        self.problems.push(Diagnostic {
            title: title.into(),
            source: self.source.clone(),
            span,
            label: label.into(),
            context,
            help: Some(help.into()),
        });
    }

    /// Notes a problem of a whole step, whichever file it was read from.
    pub fn problem_of(&mut self, step: &Step, title: impl Into<String>, label: &str, help: &str) {
        if !self.is_full() {
            let (source, span) = (step.source.clone(), first_line(&step.source.text, &step.span));
            let (title, label, help) = (title.into(), label.to_owned(), Some(help.to_owned()));
            self.problems.push(Diagnostic { title, source, span, label, context: None, help });
        }
    }

    /// Whether it makes no sense to go on.
    pub fn is_full(&self) -> bool {
        self.problems.len() >= self.limits.problems_max
    }

    /// Reads a map whose keys are in `tables`; unknown and missing keys are problems, the known ones are given back.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &str, tables: &[&'static [Field]]) -> Option<Fields<'n>> {
        let NodeKind::Map(entries) = &node.kind else {
            let keys: Vec<&str> = tables.iter().flat_map(|t| t.iter()).map(|f| f.key).collect();
            let title = format!("`{what}` needs a map");
            self.problem(&node.span, title, format!("found {}", node.noun()), format!("its keys are {}", list(&keys)));
            return None;
        };
        let known = |key: &str| tables.iter().flat_map(|t| t.iter()).any(|f| f.key == key);
        let mut fields = Fields { span: node.span.clone(), entries: Vec::new(), unknown: false };
        for (key, value) in entries {
            if known(&key.text) {
                fields.entries.push((key, value));
                continue;
            }
            fields.unknown = true;
            let keys: Vec<&str> = tables.iter().flat_map(|t| t.iter()).map(|f| f.key).collect();
            let advice = suggest::advice(&key.text, keys.iter().copied());
            self.problem(&key.span, format!("`{what}` has no key `{}`", key.text), "unknown key", advice);
        }
        for field in tables.iter().flat_map(|t| t.iter()).filter(|f| f.required) {
            // A misspelt key was told already; it may well be this one.
            if fields.get(field.key).is_none() && !fields.unknown {
                let title = format!("`{what}` needs `{}`", field.key);
                let help = format!("add `{}:`, {}", field.key, field.help);
                self.problem(&node.span, title, format!("`{}` is missing", field.key), help);
            }
        }
        Some(fields)
    }
}

/// The known keys of a map.
pub(super) struct Fields<'n> {
    /// The whole map.
    pub span: Span,
    /// The keys it has, in order.
    pub entries: Vec<(&'n Key, &'n Node)>,
    /// Whether there were others, which was told.
    pub unknown: bool,
}

impl<'n> Fields<'n> {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| *node)
    }

    /// The key itself, for its place.
    pub fn key(&self, key: &str) -> Option<&'n Key> {
        self.entries.iter().find(|(k, _)| k.text == key).map(|(k, _)| *k)
    }
}

fn list(keys: &[&str]) -> String {
    let quoted: Vec<String> = keys.iter().map(|k| format!("`{k}`")).collect();
    quoted.join(", ")
}
