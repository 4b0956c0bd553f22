//! Verbs of the eye: capture and assert. A step that only looks has no verb of its own.

use super::kind::Kind;
use super::reader::{Fields, Reader};
use crate::journey::Verb;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};

pub(super) static CAPTURE: Kind = Kind {
    key: "capture",
    synonyms: &["store", "save", "grab", "read", "get", "copytextfrom", "extract"],
    help: "read values into names for later texts and expressions",
    shape: super::reading::READINGS,
    beside: &[],
    read: capture,
};

fn capture(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let captures = reader.readings(node, "capture");
    // A name that was meant to be captured is known from here on, even if what it reads is wrong.
    if let NodeKind::Map(entries) = &node.kind {
        reader.names.extend(entries.iter().map(|(key, _)| key.text.clone()));
    }
    captures.map(Verb::Capture)
}

pub(super) static ASSERT: Kind = Kind {
    key: "assert",
    synonyms: &["that", "asserttrue", "ensure", "compare"],
    help: "an expression that must be true; `where:` reads values for it",
    shape: Shape::Any(&[Shape::Expression, Shape::Map(&ASSERT_KEYS)]),
    beside: &["where"],
    read: assert,
};
static ASSERT_KEYS: [Field; 2] = [
    Field::must("that", Shape::Expression, "the expression"),
    Field::new("message", Shape::Text, "what people are told when it is false"),
];

fn assert(reader: &mut Reader, node: &Node, step: &Fields) -> Option<Verb> {
    let reads = match step.get("where") {
        Some(node) => reader.readings(node, "where"),
        None => Some(Vec::new()),
    };
    let local: Vec<String> = match step.get("where").map(|n| &n.kind) {
        Some(NodeKind::Map(entries)) => entries.iter().map(|(key, _)| key.text.clone()).collect(),
        _ => Vec::new(),
    };
    let (that, message) = if let NodeKind::Scalar { .. } = node.kind {
        (node, None)
    } else {
        let fields = reader.fields(node, "assert", &[&ASSERT_KEYS])?;
        let message = match fields.get("message") {
            Some(node) => Some(reader.constant(node, "message")?),
            None => None,
        };
        (fields.get("that")?, message)
    };
    let expression = reader.expression(that, "assert", &local)?;
    let used = expression.names().iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    if let Some(spare) = local.iter().find(|name| !used.contains(name))
        && let Some(NodeKind::Map(entries)) = step.get("where").map(|n| &n.kind)
        && let Some((key, _)) = entries.iter().find(|(key, _)| key.text == *spare)
    {
        let help = "use it in the expression, or remove it";
        reader.problem(&key.span, format!("`{spare}` is read and never compared"), "not in the expression", help);
    }
    Some(Verb::Assert { expression, reads: reads?, message })
}
