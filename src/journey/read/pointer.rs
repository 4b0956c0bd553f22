//! Verbs of the pointer: tap, hover, drag, swipe, scroll.

use super::kind::Kind;
use super::reader::{Fields, Reader};
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Direction, TapKind, Verb};

pub(super) static TAP: Kind = Kind {
    key: "tap",
    synonyms: &["click", "touch", "tapon", "doubleclick", "double-tap", "long-tap", "longpress"],
    help: "tap (click) one element; `kind: double` or `kind: long` for the other taps",
    shape: Shape::Any(&[Shape::Text, Shape::LocatorAnd(&TAP_KEYS)]),
    beside: &[],
    read: tap,
};
static TAP_KEYS: [Field; 1] =
    [Field::new("kind", Shape::Word(&["single", "double", "long"]), "once, twice, or held for 800 ms")];

fn tap(reader: &mut Reader, node: &Node, step: &Fields) -> Option<Verb> {
    if let NodeKind::Scalar { .. } = node.kind {
        let target = reader.locator(node, "tap")?;
        reader.refuse_payment(node, &target, step);
        return Some(Verb::Tap { target, kind: TapKind::Single });
    }
    let (target, fields) = reader.locator_and(node, "tap", &TAP_KEYS, "")?;
    let kinds = [("single", TapKind::Single), ("double", TapKind::Double), ("long", TapKind::Long)];
    let kind = match fields.get("kind") {
        Some(node) => reader.word(node, "kind", &kinds)?,
        None => TapKind::Single,
    };
    reader.refuse_payment(node, &target, step);
    Some(Verb::Tap { target, kind })
}

pub(super) static HOVER: Kind = Kind {
    key: "hover",
    synonyms: &["mouseover", "moveto"],
    help: "move the pointer over an element",
    shape: Shape::Locator,
    beside: &[],
    read: |reader, node, _| Some(Verb::Hover { target: reader.locator(node, "hover")? }),
};

pub(super) static DRAG: Kind = Kind {
    key: "drag",
    synonyms: &["dragto", "draganddrop", "slide"],
    help: "drag one element onto another, or by CSS pixels",
    shape: Shape::Map(&DRAG_KEYS),
    beside: &[],
    read: drag,
};
static DRAG_KEYS: [Field; 3] = [
    Field::must("from", Shape::Locator, "the element that is dragged"),
    Field::new("to", Shape::Locator, "the element it is dropped on"),
    Field::new("by", Shape::Pixels, "how far right and down instead, in CSS pixels"),
];

fn drag(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let fields = reader.fields(node, "drag", &[&DRAG_KEYS])?;
    let from = reader.locator(fields.get("from")?, "from")?;
    match (fields.get("to"), fields.get("by")) {
        (Some(to), None) => Some(Verb::Drag { from, to: Some(reader.locator(to, "to")?), by: None }),
        (None, Some(by)) => Some(Verb::Drag { from, to: None, by: Some(reader.pixels(by)?) }),
        _ => {
            let help = "write `to:` with an element, or `by: [120, 0]`";
            reader.problem(&node.span, "`drag` needs `to` or `by`, one of them", "dragged where?", help);
            None
        }
    }
}

pub(super) static SWIPE: Kind = Kind {
    key: "swipe",
    synonyms: &["flick"],
    help: "swipe over the page, or over one element with `direction:`",
    shape: Shape::Any(&[Shape::Word(&DIRECTION_WORDS), Shape::LocatorAnd(&SWIPE_KEYS)]),
    beside: &[],
    read: swipe,
};
const DIRECTION_WORDS: [&str; 4] = ["up", "down", "left", "right"];
static SWIPE_KEYS: [Field; 1] = [Field::must("direction", Shape::Word(&DIRECTION_WORDS), "which way the finger moves")];
const DIRECTIONS: [(&str, Direction); 4] =
    [("up", Direction::Up), ("down", Direction::Down), ("left", Direction::Left), ("right", Direction::Right)];

fn swipe(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    if let NodeKind::Scalar { .. } = node.kind {
        return Some(Verb::Swipe { target: None, direction: reader.word(node, "swipe", &DIRECTIONS)? });
    }
    let (target, fields) = reader.locator_and(node, "swipe", &SWIPE_KEYS, "")?;
    let direction = reader.word(fields.get("direction")?, "direction", &DIRECTIONS)?;
    Some(Verb::Swipe { target: Some(target), direction })
}

pub(super) static SCROLL: Kind = Kind {
    key: "scroll",
    synonyms: &["scrollto", "scrollintoview", "scrolluntilvisible"],
    help: "scroll until the element is in view, or the page by CSS pixels",
    shape: Shape::Any(&[Shape::Text, Shape::LocatorAnd(&SCROLL_KEYS)]),
    beside: &[],
    read: scroll,
};
static SCROLL_KEYS: [Field; 1] = [Field::new("by", Shape::Pixels, "how far right and down, in CSS pixels")];

fn scroll(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    if let NodeKind::Scalar { .. } = node.kind {
        return Some(Verb::Scroll { target: Some(reader.locator(node, "scroll")?), by: (0, 0) });
    }
    let fields = reader.fields(node, "scroll", &[&SCROLL_KEYS, &super::LOCATOR])?;
    let target = reader.locator_if_any(&fields, "scroll", "").ok()?;
    match (target, fields.get("by")) {
        (Some(target), None) => Some(Verb::Scroll { target: Some(target), by: (0, 0) }),
        (None, Some(by)) => Some(Verb::Scroll { target: None, by: reader.pixels(by)? }),
        _ => {
            let help = "name an element, or write `by: [0, 600]`";
            reader.problem(&node.span, "`scroll` needs an element or `by`, one of them", "scrolled where?", help);
            None
        }
    }
}
