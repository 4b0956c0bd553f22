//! Verbs of the browser: open, wait, back, reload, switch, dialog, download, screenshot, call, script.

use super::expect::{JSON, METHODS};
use super::kind::Kind;
use super::reader::{Fields, Reader};
use super::scalar::shortened;
use crate::id::is_slug;
use crate::journey::node::{Node, NodeKind};
use crate::journey::shape::{Field, Shape};
use crate::journey::{Call, DialogAnswer, Download, SwitchTarget, Verb};

pub(super) static OPEN: Kind = Kind {
    key: "open",
    synonyms: &["goto", "navigate", "visit", "url", "openlink", "launch"],
    help: "load a URL, relative to the app's base",
    shape: Shape::Text,
    beside: &[],
    read: |reader, node, _| reader.url(node, "open").map(Verb::Open),
};

pub(super) static WAIT: Kind = Kind {
    key: "wait",
    synonyms: &["sleep", "pause", "delay"],
    help: "let time pass, for the few places where a customer must; to wait for something, `see` it",
    shape: Shape::Duration,
    beside: &[],
    read: |reader, node, _| reader.duration(node, "wait", reader.limits.wait_max).map(Verb::Wait),
};

pub(super) static BACK: Kind = Kind {
    key: "back",
    synonyms: &["goback"],
    help: "the browser's back button",
    shape: Shape::Nothing,
    beside: &[],
    read: |reader, node, _| nothing(reader, node, "back").map(|()| Verb::Back),
};

pub(super) static RELOAD: Kind = Kind {
    key: "reload",
    synonyms: &["refresh"],
    help: "the browser's reload",
    shape: Shape::Nothing,
    beside: &[],
    read: |reader, node, _| nothing(reader, node, "reload").map(|()| Verb::Reload),
};

fn nothing(reader: &mut Reader, node: &Node, what: &str) -> Option<()> {
    if node.is_nothing() {
        return Some(());
    }
    let help = format!("write `- {what}:` alone; expectations stand on keys of their own");
    reader.problem(&node.span, format!("`{what}` takes no value"), format!("found {}", node.noun()), help);
    None
}

pub(super) static SWITCH: Kind = Kind {
    key: "switch",
    synonyms: &["switchto", "window", "selectwindow", "tab"],
    help: "go on in the page the last steps opened (popup), or in the first one (main)",
    shape: Shape::Word(&["popup", "main"]),
    beside: &[],
    read: |reader, node, _| {
        let words = [("popup", true), ("main", false)];
        let popup = reader.word(node, "switch", &words)?;
        Some(Verb::Switch(if popup { SwitchTarget::Popup } else { SwitchTarget::Main }))
    },
};

pub(super) static DIALOG: Kind = Kind {
    key: "dialog",
    synonyms: &["alert", "confirm", "prompt", "acceptdialog"],
    help: "how the dialogs of the following steps are answered",
    shape: Shape::Any(&[Shape::Word(&ANSWERS), Shape::Map(&DIALOG_KEYS)]),
    beside: &[],
    read: dialog,
};
const ANSWERS: [&str; 2] = ["accept", "dismiss"];
static DIALOG_KEYS: [Field; 2] = [
    Field::must("answer", Shape::Word(&ANSWERS), "OK or Cancel"),
    Field::new("text", Shape::Text, "what a prompt is given"),
];

fn dialog(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let words = [("accept", true), ("dismiss", false)];
    if let NodeKind::Scalar { .. } = node.kind {
        return Some(Verb::Dialog(DialogAnswer { accept: reader.word(node, "dialog", &words)?, text: None }));
    }
    let fields = reader.fields(node, "dialog", &[&DIALOG_KEYS])?;
    let accept = reader.word(fields.get("answer")?, "answer", &words)?;
    let text = match fields.get("text") {
        Some(node) => Some(reader.text_or_empty(node, "text")?),
        None => None,
    };
    Some(Verb::Dialog(DialogAnswer { accept, text }))
}

pub(super) static DOWNLOAD: Kind = Kind {
    key: "download",
    synonyms: &["savefile"],
    help: "tap the element and take the file that arrives",
    shape: Shape::LocatorAnd(&DOWNLOAD_KEYS),
    beside: &[],
    read: download,
};
static DOWNLOAD_KEYS: [Field; 3] = [
    Field::new("file", Shape::Text, "a glob over the suggested file name, such as *.pdf"),
    Field::new("kind", Shape::Word(&FILE_KINDS), "what the first bytes must say"),
    Field::new("bytes_min", Shape::Whole(1, 1 << 30), "the fewest bytes it may have"),
];
const FILE_KINDS: [&str; 7] = ["pdf", "zip", "csv", "png", "jpeg", "xlsx", "html"];

fn download(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let (target, fields) = reader.locator_and(node, "download", &DOWNLOAD_KEYS, "")?;
    let name = match fields.get("file") {
        Some(node) => Some(reader.text(node, "file")?),
        None => None,
    };
    let words: Vec<(&'static str, &'static str)> = FILE_KINDS.iter().map(|k| (*k, *k)).collect();
    let kind = match fields.get("kind") {
        Some(node) => Some(reader.word(node, "kind", &words)?.to_owned()),
        None => None,
    };
    let bytes_min = match fields.get("bytes_min") {
        Some(node) => Some(reader.whole(node, "bytes_min", 1, 1 << 30)?),
        None => None,
    };
    Some(Verb::Download(Download { target, name, kind, bytes_min }))
}

pub(super) static SCREENSHOT: Kind = Kind {
    key: "screenshot",
    synonyms: &["takescreenshot", "picture", "capturescreen", "snapshot"],
    help: "keep a named picture of the page, or of one element",
    shape: Shape::Any(&[Shape::Slug, Shape::Map(&SCREENSHOT_KEYS)]),
    beside: &[],
    read: screenshot,
};
static SCREENSHOT_KEYS: [Field; 4] = [
    Field::must("name", Shape::Slug, "the picture's name"),
    Field::new("of", Shape::Locator, "the element it shows; the page when left out"),
    Field::new("compare", Shape::Truth, "whether the page must look as it does in the approved picture"),
    Field::new("without", Shape::List(&Shape::Locator), "what is not compared: banners, names of customers"),
];

fn screenshot(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    if let NodeKind::Scalar { .. } = node.kind {
        return Some(Verb::Screenshot { name: picture_name(reader, node)?, target: None });
    }
    let fields = reader.fields(node, "screenshot", &[&SCREENSHOT_KEYS])?;
    let name = picture_name(reader, fields.get("name")?)?;
    let target = match fields.get("of") {
        Some(node) => Some(reader.locator(node, "of")?),
        None => None,
    };
    let compare = fields.get("compare").map_or(Some(false), |node| reader.truth(node, "compare"))?;
    if let Some(key) = fields.key("of").filter(|_| compare) {
        let help = "leave out `of`, and name under `without` what is not to be compared";
        reader.problem(&key.span, "only whole pages are compared".to_owned(), "an element", help);
        return None;
    }
    if let Some(key) = fields.key("without").filter(|_| !compare) {
        let help = "add `compare: true`, or leave `without` away";
        reader.problem(&key.span, "nothing is compared here".to_owned(), "what should not be compared", help);
        return None;
    }
    let without = reader.listed(&fields, "without", |reader, node| reader.locator(node, "without"));
    Some(if compare { Verb::Compare { name, without } } else { Verb::Screenshot { name, target } })
}

fn picture_name(reader: &mut Reader, node: &Node) -> Option<String> {
    let name = reader.constant(node, "name")?;
    if is_slug(&name) {
        return Some(name);
    }
    let help = "use a-z, 0-9, `-` and `_`";
    reader.problem(&node.span, format!("`{}` cannot name a picture", shortened(&name)), "this name", help);
    None
}

pub(super) static CALL: Kind = Kind {
    key: "call",
    synonyms: &["request", "http", "api", "fetch"],
    help: "an HTTP call with the lane's cookies",
    shape: Shape::Map(&CALL_KEYS),
    beside: &[],
    read: call,
};
static CALL_KEYS: [Field; 6] = [
    Field::new("method", Shape::Word(&METHODS), "the method; GET when left out"),
    Field::must("url", Shape::Text, "the URL, relative to the app's base"),
    Field::new("body", Shape::Text, "a JSON body"),
    Field::new("status", Shape::Text, "the status that is right: 200, or 2xx for a class"),
    Field::new("json", JSON, "rules on the JSON answer"),
    Field::new("capture", Shape::Named(&Shape::Text), "names for values of the answer, by JSON path"),
];

fn call(reader: &mut Reader, node: &Node, _: &Fields) -> Option<Verb> {
    let fields = reader.fields(node, "call", &[&CALL_KEYS])?;
    let method = match fields.get("method") {
        Some(node) => reader.method(node)?,
        None => "GET".to_owned(),
    };
    let url = reader.url(fields.get("url")?, "url")?;
    let body = match fields.get("body") {
        Some(node) => {
            let body = reader.text(node, "body")?;
            reader.refuse_literal_secret(node, &body, None);
            Some(body)
        }
        None => None,
    };
    let status = match fields.get("status") {
        Some(node) => Some(reader.status(node)?),
        None => None,
    };
    let json = match fields.get("json") {
        Some(node) => reader.json_rules(node)?,
        None => Vec::new(),
    };
    let captures = match fields.get("capture") {
        Some(node) => call_captures(reader, node)?,
        None => Vec::new(),
    };
    Some(Verb::Call(Call { method, url, body, status, json, captures }))
}

fn call_captures(reader: &mut Reader, node: &Node) -> Option<Vec<(String, String)>> {
    let NodeKind::Map(entries) = &node.kind else {
        let help = "write names and JSON paths: `{order: \"$.data.id\"}`";
        reader.problem(&node.span, "`capture` needs names", format!("found {}", node.noun()), help);
        return None;
    };
    let mut captures = Vec::new();
    for (key, value) in entries {
        let path = reader.constant(value, &key.text)?;
        reader.json_path(&path, &value.span)?;
        if !reader.new_name(&key.text, &key.span) {
            return None;
        }
        reader.names.insert(key.text.clone());
        captures.push((key.text.clone(), path));
    }
    Some(captures)
}

pub(super) static SCRIPT: Kind = Kind {
    key: "script",
    synonyms: &["js", "javascript", "eval", "evaluate", "runscript", "execute"],
    help: "evaluate script in the page; true holds. Off unless the configuration allows it",
    shape: Shape::Text,
    beside: &[],
    read: |reader, node, step| {
        if !reader.limits.script_allowed {
            let span = step.key("script").map_or_else(|| node.span.clone(), |k| k.span.clone());
            let help = "use `see`, `capture` and `assert`, or allow scripts in the configuration";
            reader.problem(&span, "`script` is off", "scripts are not allowed here", help);
            return None;
        }
        reader.constant(node, "script").map(Verb::Script)
    },
};
