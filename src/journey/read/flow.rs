//! Verbs of the way: use, when, first_of, repeat. There is no further control flow.

use super::kind::Kind;
use super::reader::{Fields, Reader};
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Branch, Condition, Verb};

pub(super) static USE: Kind = Kind {
    key: "use",
    synonyms: &["include", "import", "runflow", "run", "callflow", "include_tasks"],
    help: "walk the steps of a part: a name means shared/NAME.yaml, a path is relative to this file",
    shape: Shape::Text,
    beside: &["with"],
    // `step` expands a use into the part's steps before any verb is read.
    read: |_, _, _| None,
};

pub(super) static WHEN: Kind = Kind {
    key: "when",
    synonyms: &["if", "runif", "condition", "optional"],
    help: "walk `steps` only if this holds now",
    shape: Shape::Any(&[Shape::Expression, Shape::Map(&CONDITION)]),
    beside: &["steps"],
    read: when,
};
static CONDITION: [Field; 4] = [
    Field::new("see", Shape::Locator, "the element is visible now"),
    Field::new("not_see", Shape::Locator, "it is not"),
    Field::new("expect-url", super::expect::URL, "the URL is like this now"),
    Field::new("that", Shape::Expression, "the expression is true"),
];

fn when(reader: &mut Reader, node: &Node, step: &Fields) -> Option<Verb> {
    let condition = condition(reader, node, "when");
    let steps = inner_steps(reader, node, step, "when")?;
    Some(Verb::When { condition: condition?, steps })
}

fn condition(reader: &mut Reader, node: &Node, what: &str) -> Option<Condition> {
    if let NodeKind::Scalar { .. } = node.kind {
        return reader.expression(node, what, &[]).map(Condition::Expression);
    }
    let fields = reader.fields(node, what, &[&CONDITION])?;
    let [(key, value)] = fields.entries.as_slice() else {
        let help = "write one of `see`, `not_see`, `expect-url` and `that`";
        let label = format!("found {}", fields.entries.len());
        reader.problem(&node.span, format!("`{what}` needs one condition"), label, help);
        return None;
    };
    match key.text.as_str() {
        "see" => reader.locator(value, "see").map(Condition::See),
        "not_see" => reader.locator(value, "not_see").map(Condition::NotSee),
        "expect-url" => reader.url_rule(value, "expect-url").map(Condition::Url),
        _ => reader.expression(value, "that", &[]).map(Condition::Expression),
    }
}

fn inner_steps(reader: &mut Reader, node: &Node, step: &Fields, what: &str) -> Option<Vec<crate::journey::Step>> {
    match step.get("steps") {
        Some(steps) => Some(reader.steps(steps, "steps")),
        None => {
            let help = "write `steps:` beside it";
            reader.problem(&node.span, format!("`{what}` has no steps"), "what is walked then?", help);
            None
        }
    }
}

pub(super) static FIRST_OF: Kind = Kind {
    key: "first_of",
    synonyms: &["race", "either", "oneof", "anyof", "switchcase"],
    help: "wait for whichever of these shows first, and walk its steps",
    shape: Shape::List(&Shape::Map(&BRANCH)),
    beside: &[],
    read: first_of,
};
static BRANCH: [Field; 4] = [
    Field::must("see", Shape::Locator, "what shows"),
    Field::new("verdict", Shape::Word(&VERDICTS), "the branch is a failure of this class"),
    Field::new("steps", Shape::Steps, "what is walked then"),
    Field::new("note", Shape::Text, "the author's remark"),
];
const VERDICTS: [&str; 3] = ["blocked", "broken", "abnormal"];

fn first_of(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let items = match &node.kind {
        NodeKind::List(items) if (2..=10).contains(&items.len()) => items,
        _ => {
            let help = "write a list: `- see: …` with `steps:` or `verdict:`";
            let found = match &node.kind {
                NodeKind::List(items) => format!("found {}", items.len()),
                _ => format!("found {}", node.noun()),
            };
            reader.problem(&node.span, "`first_of` needs 2 to 10 branches", found, help);
            return None;
        }
    };
    let mut branches = Vec::new();
    for item in items {
        let fields = reader.fields(item, "first_of", &[&BRANCH])?;
        let see = reader.locator(fields.get("see")?, "see")?;
        let words: Vec<(&'static str, &'static str)> = VERDICTS.iter().map(|v| (*v, *v)).collect();
        let verdict = match fields.get("verdict") {
            Some(node) => Some(reader.word(node, "verdict", &words)?.to_owned()),
            None => None,
        };
        let steps = match fields.get("steps") {
            Some(node) => reader.steps(node, "steps"),
            None => Vec::new(),
        };
        branches.push(Branch { see, verdict, steps });
    }
    Some(Verb::FirstOf(branches))
}

pub(super) static REPEAT: Kind = Kind {
    key: "repeat",
    synonyms: &["while", "loop", "for", "foreach", "times", "retry", "until"],
    help: "walk `steps` again and again while the condition holds, at most `max` times",
    shape: Shape::Map(&REPEAT_KEYS),
    beside: &["steps"],
    read: repeat,
};
static REPEAT_KEYS: [Field; 2] = [
    Field::must("max", Shape::Whole(1, 100), "the most times"),
    Field::new("while", Shape::Any(&[Shape::Expression, Shape::Map(&CONDITION)]), "go on while this holds"),
];

fn repeat(reader: &mut Reader, node: &Node, step: &Fields) -> Option<Verb> {
    let fields = reader.fields(node, "repeat", &[&REPEAT_KEYS])?;
    let most = u64::from(reader.limits.repeat_times_max);
    let times = fields.get("max").and_then(|node| reader.whole(node, "max", 1, most));
    let condition = match fields.get("while") {
        Some(node) => Some(condition(reader, node, "while")?),
        None => None,
    };
    let steps = inner_steps(reader, node, step, "repeat")?;
    Some(Verb::Repeat { condition, times_max: u32::try_from(times?).ok()?, steps })
}
