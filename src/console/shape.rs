//! Words in the API's published shapes that the code has a list of, and shapes that no type says.

use super::{notices, queue, strip};
use crate::alert::NoticeState;
use crate::finding::Severity;
use crate::incident::{DeedKind, MissReason, QueueOrder, Standing, State, Untold};
use crate::tags::{Business, Channel, Reason, Right};
use crate::walk::Class;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

fn text(words: impl IntoIterator<Item = &'static str>) -> Schema {
    Schema::try_from(json!({ "type": "string", "enum": words.into_iter().collect::<Vec<_>>() }))
        .expect("invariant: an object is a schema")
}

/// A field that says null where there is none.
fn maybe(words: impl IntoIterator<Item = &'static str>) -> Schema {
    let words: Vec<Value> = words.into_iter().map(Value::from).chain([Value::Null]).collect();
    Schema::try_from(json!({ "type": ["string", "null"], "enum": words })).expect("invariant: an object is a schema")
}

pub(super) fn standing(_: &mut SchemaGenerator) -> Schema {
    text(Standing::ALL.into_iter().map(Standing::word))
}

pub(super) fn untold(_: &mut SchemaGenerator) -> Schema {
    maybe(Untold::ALL.into_iter().map(Untold::word))
}

pub(super) fn state(_: &mut SchemaGenerator) -> Schema {
    text(State::ALL.into_iter().map(State::word))
}

pub(super) fn deed(_: &mut SchemaGenerator) -> Schema {
    text(DeedKind::ALL.into_iter().map(DeedKind::word))
}

pub(super) fn deeds(shapes: &mut SchemaGenerator) -> Schema {
    Schema::try_from(json!({ "type": "array", "items": deed(shapes) })).expect("invariant: an object is a schema")
}

pub(super) fn notice_state(_: &mut SchemaGenerator) -> Schema {
    text(NoticeState::ALL.into_iter().map(NoticeState::word))
}

pub(super) fn missed(_: &mut SchemaGenerator) -> Schema {
    text(MissReason::ALL.into_iter().map(MissReason::word))
}

pub(super) fn maybe_missed(_: &mut SchemaGenerator) -> Schema {
    maybe(MissReason::ALL.into_iter().map(MissReason::word))
}

pub(super) fn range(_: &mut SchemaGenerator) -> Schema {
    text(strip::Span::ALL.into_iter().map(strip::Span::word))
}

pub(super) fn queue_tab(_: &mut SchemaGenerator) -> Schema {
    text(queue::Tab::ALL.into_iter().map(queue::Tab::word))
}

pub(super) fn queue_order(_: &mut SchemaGenerator) -> Schema {
    text(QueueOrder::ALL.into_iter().map(QueueOrder::word))
}

pub(super) fn class_or_robot(_: &mut SchemaGenerator) -> Schema {
    let classes = [Class::Blocked, Class::Broken, Class::Abnormal, Class::Slow];
    text(classes.into_iter().map(Class::word).chain(["robot"]))
}

pub(super) fn severity(_: &mut SchemaGenerator) -> Schema {
    text([Severity::P1, Severity::P2, Severity::P3].into_iter().map(Severity::word))
}

pub(super) fn notices_tab(_: &mut SchemaGenerator) -> Schema {
    text(notices::Tab::ALL.into_iter().map(notices::Tab::word))
}

/// How a person may name a tag: by its word, or as the standard calls it.
fn tag(words: impl IntoIterator<Item = (&'static str, &'static str)>) -> Schema {
    text(words.into_iter().flat_map(|(word, zh)| [word, zh]).chain([""]))
}

pub(super) fn channel(_: &mut SchemaGenerator) -> Schema {
    tag(Channel::ALL.iter().map(|one| (one.word(), one.zh())))
}

pub(super) fn business(_: &mut SchemaGenerator) -> Schema {
    tag(Business::ALL.iter().map(|one| (one.word(), one.zh())))
}

pub(super) fn reason(_: &mut SchemaGenerator) -> Schema {
    tag(Reason::ALL.iter().map(|one| (one.word(), one.zh())))
}

pub(super) fn rights(_: &mut SchemaGenerator) -> Schema {
    let one = tag(Right::ALL.iter().map(|one| (one.word(), one.zh())));
    Schema::try_from(json!({ "anyOf": [{ "type": "array", "items": one }, { "type": "string" }, { "type": "null" }] }))
        .expect("invariant: an object is a schema")
}
