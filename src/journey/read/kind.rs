//! The table of verbs: the reader, its suggestions, the schema and the docs all read it.

use super::reader::{Fields, Reader};
use super::{flow, keyboard, look, page, pointer};
use crate::journey::Verb;
use crate::journey::node::Node;
use crate::journey::shape::Shape;

/// A verb of the language.
pub(in crate::journey) struct Kind {
    /// Its key in a step.
    pub key: &'static str,
    /// Words of other languages for it, which earn a suggestion.
    pub synonyms: &'static [&'static str],
    /// What it does, for editors.
    pub help: &'static str,
    /// What stands under its key.
    pub shape: Shape,
    /// Keys of the step that only this verb has, such as `steps`.
    pub beside: &'static [&'static str],
    /// Reads it; `step` holds the keys beside it.
    pub(super) read: fn(&mut Reader, &Node, step: &Fields) -> Option<Verb>,
}

/// Every verb, in the order people learn them. `use` is no verb of a walk: its row's reader is never called.
pub(in crate::journey) static KINDS: [&Kind; 28] = [
    &page::OPEN,
    &pointer::TAP,
    &keyboard::FILL,
    &keyboard::TYPE,
    &keyboard::PRESS,
    &keyboard::CHOOSE,
    &keyboard::CHECK,
    &keyboard::UNCHECK,
    &keyboard::UPLOAD,
    &pointer::HOVER,
    &pointer::DRAG,
    &pointer::SWIPE,
    &pointer::SCROLL,
    &page::WAIT,
    &look::CAPTURE,
    &look::ASSERT,
    &flow::USE,
    &flow::WHEN,
    &flow::FIRST_OF,
    &flow::REPEAT,
    &page::BACK,
    &page::RELOAD,
    &page::SWITCH,
    &page::DIALOG,
    &page::DOWNLOAD,
    &page::SCREENSHOT,
    &page::CALL,
    &page::SCRIPT,
];

/// The verb with this key.
pub(super) fn kind(key: &str) -> Option<&'static Kind> {
    KINDS.into_iter().find(|kind| kind.key == key)
}
