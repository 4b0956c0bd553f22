//! From a path to a journey: files are read, parts put in their place, the digest taken.

use super::header::Param;
use super::lint;
use super::reader::{Fields, Reader};
use super::scalar::shortened;
use super::text::Argument;
use super::{HEADER, PART, oracle, suggest};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::id::is_slug;
use crate::journey::node::{self, Node, NodeKind};
use crate::journey::source;
use crate::journey::{Files, Journey, Limits, ORACLES, Oracle, Step};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Loads the journey at `path` with everything it uses, or says all that is wrong with it.
pub fn load(path: &str, files: &dyn Files, limits: &Limits) -> Result<Journey, Vec<Diagnostic>> {
    let source = source::read(path, files, limits).map_err(|problem| vec![*problem])?;
    let root = node::parse(&source, limits).map_err(|problem| vec![*problem])?;
    let mut reader = Reader::new(path, source, files, limits);
    let journey = reader.journey(&root);
    let mut problems = reader.problems;
    let mut seen = BTreeSet::new();
    problems.retain(|p| seen.insert((p.source.name.clone(), p.span.start, p.title.clone())));
    match journey {
        Some(journey) if problems.is_empty() => Ok(journey),
        _ => Err(problems),
    }
}

impl Reader<'_> {
    fn journey(&mut self, root: &Node) -> Option<Journey> {
        if let NodeKind::Map(entries) = &root.kind
            && let Some((key, _)) = entries.iter().find(|(key, _)| key.text == "part")
        {
            let help = "walk a journey that uses it, or begin the file with `journey:` and `app:`";
            self.problem(&key.span, "this file is a part, not a journey", "it is used by journeys", help);
            return None;
        }
        if let NodeKind::Map(entries) = &root.kind
            && let Some((key, _)) = entries.iter().find(|(key, _)| key.text == "oracle")
        {
            let help = "walk a journey of its app: all of them are held to it";
            self.problem(&key.span, "this file is an oracle, not a journey", "it says what must be true", help);
            return None;
        }
        let fields = self.fields(root, "journey", &[&HEADER])?;
        let header = self.header(&fields);
        let steps = fields.get("steps").map(|node| self.steps(node, "steps"));
        let always = fields.get("always").map_or_else(Vec::new, |node| self.steps(node, "always"));
        let (header, steps) = (header?, steps?);
        if self.problems.is_empty() {
            self.lint_whole(&fields, &steps, &always);
        }
        let oracles = self.oracles(&header.app);
        Some(Journey {
            id: header.id,
            title: header.title,
            app: header.app,
            owner: header.owner,
            tags: header.tags,
            device: header.device,
            safety: self.safety,
            account: self.account.clone(),
            budget: header.budget,
            locale: header.locale,
            timezone: header.timezone,
            vars: header.vars,
            steps,
            always,
            oracles,
            source: self.source.clone(),
            digest: digest(&self.texts),
        })
    }

    /// What must be true of the app: every file of `oracles/` that names it.
    fn oracles(&mut self, app: &str) -> Vec<Arc<Oracle>> {
        let mut held = Vec::new();
        for path in self.files.list(ORACLES) {
            match oracle::read_for(app, &path, self.files, self.limits) {
                Ok(None) => {}
                Ok(Some((oracle, texts))) => {
                    self.texts.extend(texts);
                    held.push(Arc::new(oracle));
                }
                Err(problems) => self.problems.extend(problems),
            }
        }
        held
    }

    fn lint_whole(&mut self, fields: &Fields, steps: &[Step], always: &[Step]) {
        if !lint::expects_something(steps) {
            let key = fields.key("steps").map_or(0..0, |key| key.span.clone());
            let help = "add `see:`, `expect-url:`, `response:` or `assert:` to a step: what must a customer meet?";
            self.problem(&key, "this journey expects nothing", "no step here says what must be seen", help);
        }
        for (step, name, repeated) in lint::compared_again(steps, always) {
            let title = format!("the picture `{name}` is compared more than once a walk");
            let (label, help) = if repeated {
                ("this step is repeated", "compare the page behind the repetition")
            } else {
                ("another step compares a picture of this name", "give each its own name")
            };
            self.problem_of(step, title, label, help);
        }
    }

    /// Reads the steps of a part into the list of its user.
    pub fn use_part(&mut self, node: &Node, step: &Fields, steps: &mut Vec<Step>) {
        let allowed = ["use", "with", "note"];
        if let Some((key, _)) = step.entries.iter().find(|(key, _)| !allowed.contains(&key.text.as_str())) {
            let help = format!("begin a step of its own: `- {}: …`", key.text);
            return self.problem(&key.span, format!("`use` takes no `{}`", key.text), "a part has several steps", help);
        }
        let Some(path) = self.part_path(node) else { return };
        self.uses += 1;
        if self.chain.contains(&path) {
            let mut chain = self.chain.clone();
            chain.push(path);
            let help = "a file cannot use itself, not even by way of others";
            return self.problem(&node.span, "files use each other in a circle", chain.join(" → "), help);
        }
        if self.chain.len() > self.limits.use_depth_max || self.uses > self.limits.uses_max {
            let help = format!(
                "at most {} uses in all, {} deep: put the steps together",
                self.limits.uses_max, self.limits.use_depth_max
            );
            return self.problem(&node.span, "too many files use each other", "the limit is reached here", help);
        }
        let Some(source) = self.part_source(node, &path) else { return };
        let root = match node::parse(&source, self.limits) {
            Ok(root) => root,
            Err(problem) => return self.problems.push(*problem),
        };
        self.texts.insert(path.clone(), source.text.clone());
        let mut place = Place::of_part(path, source);
        place.swap(self);
        let part = self.part_head(&root);
        place.swap(self);
        let Some(part) = part else { return };
        place.params = self.arguments(node, step, &part);
        place.prefix = format!("{}{}.", self.prefix, part.id);
        place.swap(self);
        self.chain.push(self.path.clone());
        let inner = self.steps(part.steps, "steps");
        self.chain.pop();
        place.swap(self);
        self.names.append(&mut place.names);
        steps.extend(inner);
    }

    fn part_path(&mut self, node: &Node) -> Option<String> {
        let name = self.constant(node, "use")?;
        if is_slug(&name) {
            return Some(format!("shared/{name}.yaml"));
        }
        let path = joined(&self.path, &name).filter(|path| path.ends_with(".yaml"));
        if path.is_none() {
            let help = "write a name for `shared/NAME.yaml`, or a path to a `.yaml` file inside the folder of journeys";
            self.problem(&node.span, format!("`{}` cannot be used", shortened(&name)), "this path", help);
        }
        path
    }

    fn part_source(&mut self, node: &Node, path: &str) -> Option<Source> {
        match source::read(path, self.files, self.limits) {
            Ok(source) => Some(source),
            Err(problem) if problem.source.text.is_empty() => {
                let help = problem.help.clone().unwrap_or_default();
                self.problem(&node.span, problem.title, format!("looked for `{}`", self.files.shown(path)), help);
                None
            }
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }

    fn part_head<'n>(&mut self, root: &'n Node) -> Option<Part<'n>> {
        if let NodeKind::Map(entries) = &root.kind
            && let Some((key, _)) = entries.iter().find(|(key, _)| key.text == "journey")
        {
            let help = "move the shared steps to a file that begins with `part:`, and use that from both";
            self.problem(&key.span, "a journey cannot be used by another", "this is a whole journey", help);
            return None;
        }
        let fields = self.fields(root, "part", &[&PART])?;
        let id = self.slug(fields.get("part")?, "part")?;
        let params = self.declared(&fields);
        Some(Part { id, params, steps: fields.get("steps")? })
    }

    fn arguments(&mut self, node: &Node, step: &Fields, part: &Part) -> BTreeMap<String, Argument> {
        let empty = Vec::new();
        let entries = match step.get("with").map(|n| &n.kind) {
            Some(NodeKind::Map(entries)) => entries,
            Some(_) => {
                let span = step.get("with").map_or_else(|| node.span.clone(), |n| n.span.clone());
                self.problem(&span, "`with` needs a map", "not a map", "write names and values: `with: {username: …}`");
                &empty
            }
            None => &empty,
        };
        let mut arguments = BTreeMap::new();
        let mut unknown = false;
        for (key, value) in entries {
            let Some(param) = part.params.iter().find(|p| p.name == key.text) else {
                unknown = true;
                let names: Vec<&str> = part.params.iter().map(|p| p.name.as_str()).collect();
                let title = format!("`{}` has no parameter `{}`", part.id, shortened(&key.text));
                self.problem(&key.span, title, "unknown parameter", suggest::advice(&key.text, names.iter().copied()));
                continue;
            };
            let argument = self.argument(value, &key.text, param.kind).unwrap_or(Argument::Unknown);
            arguments.insert(key.text.clone(), argument);
        }
        for param in &part.params {
            if arguments.contains_key(&param.name) {
                continue;
            }
            let argument = param.default.clone().unwrap_or_else(|| {
                // A misspelt parameter was told already; it may well be this one.
                if unknown {
                    return Argument::Unknown;
                }
                let help = format!("add `with: {{{}: …}}` beside `use`", param.name);
                let title = format!("`{}` needs the parameter `{}`", part.id, param.name);
                self.problem(&node.span, title, "it is not given", help);
                Argument::Unknown
            });
            arguments.insert(param.name.clone(), argument);
        }
        arguments
    }
}

struct Part<'n> {
    id: String,
    params: Vec<Param>,
    steps: &'n Node,
}

/// What a reader stands in: swapped while a part is read.
struct Place {
    source: Source,
    path: String,
    params: BTreeMap<String, Argument>,
    in_part: bool,
    names: BTreeSet<String>,
    prefix: String,
    step: Option<Span>,
}

impl Place {
    fn of_part(path: String, source: Source) -> Self {
        let (params, names) = (BTreeMap::new(), BTreeSet::new());
        Self { source, path, params, in_part: true, names, prefix: String::new(), step: None }
    }

    fn swap(&mut self, reader: &mut Reader) {
        std::mem::swap(&mut self.source, &mut reader.source);
        std::mem::swap(&mut self.path, &mut reader.path);
        std::mem::swap(&mut self.params, &mut reader.params);
        std::mem::swap(&mut self.in_part, &mut reader.in_part);
        std::mem::swap(&mut self.names, &mut reader.names);
        std::mem::swap(&mut self.prefix, &mut reader.prefix);
        std::mem::swap(&mut self.step, &mut reader.step);
    }
}

/// `relative` seen from the file at `from`; `None` when it leads out of the folder of journeys.
pub(super) fn joined(from: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || relative.contains(['\\', ':', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." => {}
            "" => return None,
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn digest(texts: &BTreeMap<String, std::sync::Arc<str>>) -> String {
    let mut hash = Sha256::new();
    for (path, text) in texts {
        for piece in [path.as_str(), text] {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece.as_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let check = |from: &str, relative: &str, expected: Option<&str>| {
            assert_eq!(joined(from, relative).as_deref(), expected, "{from} {relative}");
        };
        check("login.yaml", "shared/login.yaml", Some("shared/login.yaml"));
        check("fava/x.yaml", "../shared/login.yaml", Some("shared/login.yaml"));
        check("x.yaml", "../secret.yaml", None);
        check("fava/x.yaml", "a/../../../secret.yaml", None);
        check("x.yaml", "/etc/passwd", None);
        check("x.yaml", "C:\\x.yaml", None);
        check("x.yaml", "a//b.yaml", None);
    }
}
