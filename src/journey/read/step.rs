//! Steps: one verb each, with what must be seen after it.

use super::kind::{KINDS, kind};
use super::reader::{Fields, Reader};
use super::scalar::shortened;
use super::{suggest, title};
use crate::id::{StepId, is_slug};
use crate::journey::node::{Key, Node, NodeKind, first_line};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Step, Verb};

/// The keys of a step besides its verb.
pub(in crate::journey) static STEP: [Field; 12] = [
    Field::new("see", super::expect::SEE, "elements that must be visible then"),
    Field::new("not_see", super::expect::NOT_SEE, "elements that must not be visible then"),
    Field::new("expect-url", super::expect::URL, "the path the page must be at: a glob, or {matches: regex}"),
    Field::new("response", super::expect::RESPONSE, "an answer of the app that the step must cause"),
    Field::new("within", Shape::Duration, "how long the step may take"),
    Field::new("soft", Shape::Truth, "a failure degrades the walk and does not end it"),
    Field::new("name", Shape::Text, "what people call the step"),
    Field::new("id", Shape::Slug, "the step's stable name; derived from verb and target when left out"),
    Field::new("note", Shape::Text, "the author's remark"),
    Field::new("where", super::reading::READINGS, "beside assert: values read for the expression"),
    Field::new("with", Shape::Named(&Shape::Text), "beside use: the part's parameters"),
    Field::new("steps", Shape::Steps, "beside when and repeat: what is walked"),
];

/// Words of other languages for keys of a step.
const STEP_SYNONYMS: [(&str, &str); 9] = [
    ("expect", "see"),
    ("verify", "see"),
    ("assertvisible", "see"),
    ("waitfor", "see"),
    ("assertnotvisible", "not_see"),
    ("timeout", "within"),
    ("comment", "note"),
    ("optional", "soft"),
    ("env", "with"),
];

const EXPECTATIONS: [&str; 4] = ["see", "not_see", "expect-url", "response"];

impl Reader<'_> {
    /// A list of steps, uses expanded.
    pub fn steps(&mut self, node: &Node, what: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        let items = match &node.kind {
            NodeKind::List(items) if !items.is_empty() => items,
            _ => {
                let help = "write a list of steps, each beginning with `- ` and a verb";
                self.problem(&node.span, format!("`{what}` needs steps"), format!("found {}", node.noun()), help);
                return steps;
            }
        };
        let outer = self.step.take();
        for item in items {
            if self.is_full() {
                break;
            }
            self.steps += 1;
            if self.steps > self.limits.steps_max {
                let title = format!("the journey has more than {} steps", self.limits.steps_max);
                self.problem(&item.span, title, "the limit is reached here", "split the journey");
                // What follows would only repeat this.
                break;
            }
            self.step = Some(first_line(&self.source.text, &item.span));
            self.step_into(item, &mut steps);
        }
        self.step = outer;
        steps
    }

    fn step_into(&mut self, item: &Node, steps: &mut Vec<Step>) {
        let NodeKind::Map(entries) = &item.kind else {
            return self.not_a_map(item);
        };
        let mut fields = Fields { span: item.span.clone(), entries: Vec::new(), unknown: false };
        let mut verbs: Vec<(&Key, &Node)> = Vec::new();
        let mut unknown = false;
        for (key, value) in entries {
            if kind(&key.text).is_some() {
                verbs.push((key, value));
                fields.entries.push((key, value));
            } else if STEP.iter().any(|f| f.key == key.text) {
                fields.entries.push((key, value));
            } else {
                self.unknown_key(key);
                unknown = true;
            }
        }
        let (verb_key, verb_node) = match verbs.as_slice() {
            [] if unknown => return,
            [(_, node)] if unknown && node.is_nothing() => return,
            [] if fields.entries.iter().any(|(k, _)| EXPECTATIONS.contains(&k.text.as_str())) => (None, None),
            [] => {
                let help = "begin the step with a verb such as `open`, `tap`, `fill` or `see`";
                let span = entries.first().map_or_else(|| item.span.clone(), |(k, _)| k.span.clone());
                return self.problem(&span, "a step without a verb", "what is done here?", help);
            }
            [one] => (Some(one.0), Some(one.1)),
            [first, second, ..] => {
                let title = format!("two verbs in one step: `{}` and `{}`", first.0.text, second.0.text);
                let help = format!("begin a step of its own: `- {}: …`", second.0.text);
                return self.problem(&second.0.span, title, "the second verb", help);
            }
        };
        if !self.beside(&fields, verb_key) {
            return;
        }
        if let (Some(key), Some(node)) = (verb_key, verb_node)
            && key.text == "use"
        {
            return self.use_part(node, &fields, steps);
        }
        let verb = match (verb_key.and_then(|k| kind(&k.text)), verb_node) {
            (Some(kind), Some(node)) => (kind.read)(self, node, &fields),
            _ => Some(Verb::Look),
        };
        let expects = self.expectations(&fields);
        let common = self.common(&fields);
        let (Some(verb), Some(common)) = (verb, common) else { return };
        let words = title::words(&verb, &expects);
        steps.push(Step {
            id: self.step_id(common.id.unwrap_or_else(|| title::slug(&words))),
            title: common.name.unwrap_or_else(|| self.with_values(words)),
            verb,
            expects,
            within: common.within,
            soft: common.soft,
            note: common.note,
            span: item.span.clone(),
            source: self.source.clone(),
        });
    }

    fn not_a_map(&mut self, item: &Node) {
        let help = match &item.kind {
            NodeKind::Scalar { text, .. } if kind(text).is_some() => format!("write `- {text}:`"),
            _ => "write `- verb: target`, such as `- tap: 登录`".to_owned(),
        };
        self.problem(&item.span, "a step begins with a verb and `:`", format!("found {}", item.noun()), help);
    }

    fn unknown_key(&mut self, key: &Key) {
        let help = if super::LOCATOR.iter().any(|field| field.key == key.text) {
            format!("indent it under the verb: `- tap: {{{}: …}}`", key.text)
        } else if let Some(word) = meant(&key.text) {
            format!("did you mean `{word}`?")
        } else {
            let verbs: Vec<&str> = KINDS.iter().map(|k| k.key).collect();
            format!("verbs are see, not_see, {}", verbs.join(", "))
        };
        self.problem(&key.span, format!("a step has no key `{}`", shortened(&key.text)), "unknown key", help);
    }

    /// Whether the keys that belong to some verbs alone stand beside one of them.
    fn beside(&mut self, fields: &Fields, verb: Option<&Key>) -> bool {
        let mut right = true;
        let allowed = verb.and_then(|key| kind(&key.text)).map_or(&[][..], |kind| kind.beside);
        for (key, _) in &fields.entries {
            let owners: Vec<&str> =
                KINDS.iter().filter(|k| k.beside.contains(&key.text.as_str())).map(|k| k.key).collect();
            if !owners.is_empty() && !allowed.contains(&key.text.as_str()) {
                let owners: Vec<String> = owners.iter().map(|o| format!("`{o}`")).collect();
                let title = format!("`{}` goes with {}", key.text, suggest::or(&owners));
                let help = format!("indent it under its verb, or begin a step with {}", suggest::or(&owners));
                self.problem(&key.span, title, "this step has another verb", help);
                right = false;
            }
        }
        right
    }

    fn common(&mut self, fields: &Fields) -> Option<Common> {
        let mut common = Common { id: None, name: None, within: None, soft: false, note: None };
        if let Some(node) = fields.get("id") {
            let id = self.constant(node, "id")?;
            if !is_slug(&id) {
                let help = "use 1 to 80 of a-z, 0-9, `-` and `_`";
                self.problem(&node.span, format!("`{}` is not a name", shortened(&id)), "this id", help);
                return None;
            }
            if self.ids.contains_key(&format!("{}{id}", self.prefix)) {
                let help = "give each step a name of its own, or leave `id:` out";
                self.problem(&node.span, format!("two steps have the id `{id}`"), "the second one", help);
                return None;
            }
            common.id = Some(id);
        }
        if let Some(node) = fields.get("name") {
            common.name = Some(self.constant(node, "name")?);
        }
        if let Some(node) = fields.get("within") {
            common.within = Some(self.duration(node, "within", self.limits.budget_max)?);
        }
        if let Some(node) = fields.get("soft") {
            common.soft = self.truth(node, "soft")?;
        }
        if let Some(node) = fields.get("note") {
            common.note = Some(self.constant(node, "note")?);
        }
        Some(common)
    }

    /// A title with the journey's own values: an alert says 稳健增长混合, not `${fund_name}`.
    fn with_values(&self, title: String) -> String {
        self.vars.iter().fold(title, |title, (name, value)| title.replace(&format!("${{{name}}}"), value))
    }

    /// A name no other step has. A later one of the same name is named by the step before it, so that a twin put in
    /// elsewhere leaves its name alone; only twins that follow each other are counted (`~2`).
    fn step_id(&mut self, base: String) -> StepId {
        let before = std::mem::replace(&mut self.before, base.clone());
        let mut id = format!("{}{base}", self.prefix);
        if self.ids.contains_key(&id) && before != base {
            id = format!("{id}~{before}");
        }
        let count = self.ids.entry(id.clone()).or_insert(0);
        *count += 1;
        StepId(if *count == 1 { id } else { format!("{id}~{count}") })
    }
}

/// The key that a word of another language, or a misspelt one, was probably meant to be.
fn meant(word: &str) -> Option<&'static str> {
    let own = KINDS.iter().map(|k| (k.key, k.key)).chain(STEP.iter().map(|f| (f.key, f.key)));
    let foreign = KINDS.iter().flat_map(|k| k.synonyms.iter().map(|s| (*s, k.key))).chain(STEP_SYNONYMS);
    let words: Vec<(&str, &'static str)> = own.chain(foreign).collect();
    let nearest = suggest::nearest(word, words.iter().map(|(word, _)| *word))?;
    words.iter().find(|(word, _)| *word == nearest).map(|(_, key)| *key)
}

struct Common {
    id: Option<String>,
    name: Option<String>,
    within: Option<std::time::Duration>,
    soft: bool,
    note: Option<String>,
}
