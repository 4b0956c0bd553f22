//! Verbs of forms and keys: fill, type, press, choose, check, uncheck, upload.

use super::kind::Kind;
use super::reader::{Fields, Reader};
use super::scalar::shortened;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{FillValue, Verb};

pub(super) static FILL: Kind = Kind {
    key: "fill",
    synonyms: &["input", "enter", "set", "inputtext", "sendkeys", "filltext"],
    help: "replace the content of a field by a text, a secret or a one-time code",
    shape: Shape::LocatorAnd(&FILL_KEYS),
    beside: &[],
    read: fill,
};
static FILL_KEYS: [Field; 3] = [
    Field::new("text", Shape::Text, "the text to fill in"),
    Field::new("secret", Shape::Text, "a secret by reference: env:NAME, file:PATH, exec:COMMAND or account.FIELD"),
    Field::new("totp", Shape::Text, "a one-time code from the TOTP secret this refers to"),
];

fn fill(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let (target, fields) = reader.locator_and(node, "fill", &FILL_KEYS, "text")?;
    let value = match (fields.get("text"), fields.get("secret"), fields.get("totp")) {
        (Some(node), None, None) => {
            let text = reader.text_or_empty(node, "text")?;
            reader.refuse_literal_secret(node, &text, Some(&target));
            FillValue::Text(text)
        }
        (None, Some(node), None) => FillValue::Secret(reader.secret(node, "secret")?),
        (None, None, Some(node)) => FillValue::Totp(reader.secret(node, "totp")?),
        _ => {
            let help = "write `text:` with what is filled in, or `secret:` or `totp:` with a reference";
            reader.problem(&node.span, "`fill` needs one value", "filled with what?", help);
            return None;
        }
    };
    Some(Verb::Fill { target, value })
}

pub(super) static TYPE: Kind = Kind {
    key: "type",
    synonyms: &["keyboard", "typetext", "presssequentially"],
    help: "type with real keys into an element, or into what has the focus",
    shape: Shape::Any(&[Shape::Text, Shape::LocatorAnd(&TYPE_KEYS)]),
    beside: &[],
    read: typing,
};
static TYPE_KEYS: [Field; 1] = [Field::must("text", Shape::Text, "what is typed")];

fn typing(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    if let NodeKind::Scalar { .. } = node.kind {
        let text = reader.text(node, "type")?;
        reader.refuse_literal_secret(node, &text, None);
        return Some(Verb::Type { target: None, text });
    }
    let fields = reader.fields(node, "type", &[&TYPE_KEYS, &super::LOCATOR])?;
    let target = reader.locator_if_any(&fields, "type", "text").ok()?;
    let value = fields.get("text")?;
    let text = reader.text(value, "text")?;
    reader.refuse_literal_secret(value, &text, target.as_ref());
    Some(Verb::Type { target, text })
}

pub(super) static PRESS: Kind = Kind {
    key: "press",
    synonyms: &["presskey", "key", "keydown", "hitkey"],
    help: "press one key or a chord such as Control+A",
    shape: Shape::Any(&[Shape::Text, Shape::LocatorAnd(&PRESS_KEYS)]),
    beside: &[],
    read: press,
};
static PRESS_KEYS: [Field; 1] = [Field::must("keys", Shape::Text, "the key or chord")];
const NAMED_KEYS: [&str; 31] = [
    "Enter",
    "Tab",
    "Escape",
    "Backspace",
    "Delete",
    "Insert",
    "Space",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
    "Control",
    "Shift",
    "Alt",
    "Meta",
];

fn press(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    if let NodeKind::Scalar { .. } = node.kind {
        return Some(Verb::Press { target: None, keys: keys(reader, node)? });
    }
    let fields = reader.fields(node, "press", &[&PRESS_KEYS, &super::LOCATOR])?;
    let target = reader.locator_if_any(&fields, "press", "").ok()?;
    Some(Verb::Press { target, keys: keys(reader, fields.get("keys")?)? })
}

fn keys(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.constant(node, "press")?;
    for key in text.split('+') {
        if key.chars().count() == 1 || NAMED_KEYS.contains(&key) {
            continue;
        }
        let help = match super::suggest::nearest(key, NAMED_KEYS) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "keys are one character, or Enter, Tab, Escape, ArrowDown, …, joined by `+`".to_owned(),
        };
        reader.problem(&node.span, format!("there is no key `{}`", shortened(key)), "unknown key", help);
        return None;
    }
    Some(text)
}

pub(super) static CHOOSE: Kind = Kind {
    key: "choose",
    synonyms: &["select", "selectoption", "pick"],
    help: "choose an option of a select by its label",
    shape: Shape::LocatorAnd(&CHOOSE_KEYS),
    beside: &[],
    read: choose,
};
static CHOOSE_KEYS: [Field; 1] = [Field::must("option", Shape::Text, "the option's label")];

fn choose(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let (target, fields) = reader.locator_and(node, "choose", &CHOOSE_KEYS, "")?;
    Some(Verb::Choose { target, option: reader.text(fields.get("option")?, "option")? })
}

pub(super) static CHECK: Kind = Kind {
    key: "check",
    synonyms: &["tick", "setchecked"],
    help: "set a checkbox, radio or switch",
    shape: Shape::Locator,
    beside: &[],
    read: |reader, node, _| Some(Verb::Check { target: reader.locator(node, "check")?, checked: true }),
};

pub(super) static UNCHECK: Kind = Kind {
    key: "uncheck",
    synonyms: &["untick"],
    help: "clear a checkbox or switch",
    shape: Shape::Locator,
    beside: &[],
    read: |reader, node, _| Some(Verb::Check { target: reader.locator(node, "uncheck")?, checked: false }),
};

pub(super) static UPLOAD: Kind = Kind {
    key: "upload",
    synonyms: &["attach", "setinputfiles", "attachfile"],
    help: "give files to a file field",
    shape: Shape::LocatorAnd(&UPLOAD_KEYS),
    beside: &[],
    read: upload,
};
static UPLOAD_KEYS: [Field; 1] =
    [Field::must("files", Shape::List(&Shape::Text), "paths of the files, relative to the journey file")];

fn upload(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let (target, fields) = reader.locator_and(node, "upload", &UPLOAD_KEYS, "")?;
    let list = fields.get("files")?;
    let NodeKind::List(items) = &list.kind else {
        let label = format!("found {}", list.noun());
        reader.problem(&list.span, "`files` needs a list", label, "write `files: [id-card.png]`");
        return None;
    };
    let mut files = Vec::new();
    for item in items {
        let path = reader.constant(item, "files")?;
        if super::file::joined(&reader.path, &path).is_none() {
            let help = "keep the file beside the journey and name it by a relative path";
            reader.problem(&item.span, format!("`{}` leads out of the journeys", shortened(&path)), "this path", help);
            return None;
        }
        files.push(path);
    }
    if files.is_empty() || files.len() > 20 {
        reader.problem(&list.span, "`files` needs 1 to 20 files", format!("found {}", files.len()), "name the files");
        return None;
    }
    Some(Verb::Upload { target, files })
}
