//! What is wrong with a config file, each with its place, its words and what to do.

use crate::diagnostic::{Diagnostic, Source, Span};
use serde_saphyr::Location;

/// What is wrong, as it is found.
pub(super) struct Mistakes {
    source: Source,
    found: Vec<Diagnostic>,
}

impl Mistakes {
    /// Nothing wrong yet.
    pub(super) fn in_source(source: Source) -> Self {
        Self { source, found: Vec::new() }
    }

    /// The text that is read.
    pub(super) fn text(&self) -> &str {
        &self.source.text
    }

    /// Everything that was noted.
    pub(super) fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Notes a mistake and what to do about it.
    pub(super) fn note(&mut self, at: Location, title: &str, help: &str) {
        self.note_saying(at, title, "here", help);
    }

    /// Notes a mistake with what stands beside the caret.
    pub(super) fn note_saying(&mut self, at: Location, title: &str, label: &str, help: &str) {
        let diagnostic = Diagnostic {
            title: title.to_owned(),
            source: self.source.clone(),
            span: span_of(at, &self.source.text),
            label: label.to_owned(),
            context: None,
            help: Some(help.to_owned()),
        };
        self.found.push(diagnostic);
    }

    /// Notes a number that is not between `least` and `most`.
    pub(super) fn within(&mut self, at: Location, name: &str, value: u64, least: u64, most: u64) {
        if !(least..=most).contains(&value) {
            self.note_saying(
                at,
                &format!("`{name}` is out of range"),
                &format!("found {value}"),
                &format!("write {least} to {most}"),
            );
        }
    }

    /// Notes what the reader refused.
    pub(super) fn note_unreadable(&mut self, error: &serde_saphyr::Error) {
        let error = error.without_snippet();
        let at = error.location().unwrap_or(Location::UNKNOWN);
        let (title, label, help) = words_of(error);
        let mut help = help;
        if help.is_empty() {
            help = "see config/gengfu.example.yaml".to_owned();
        }
        self.note_saying(at, &title, &label, &help);
    }
}

/// Title, label and help of what the reader refused.
fn words_of(error: &serde_saphyr::Error) -> (String, String, String) {
    use serde_saphyr::Error;
    let list = |names: &[&'static str]| names.join(", ");
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown key `{field}`"), "not known here".into(), suggestion(field, expected))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => (
            format!("`{variant}` is not one of the choices"),
            format!("expected one of {}", list(expected)),
            suggestion(variant, expected),
        ),
        Error::SerdeMissingField { field, .. } => {
            (format!("`{field}` is missing"), "in this section".into(), format!("add `{field}: …`"))
        }
        Error::DuplicateMappingKey { key, .. } => (
            format!("the key {} stands twice", key.as_ref().map(|k| format!("`{k}`")).unwrap_or_default()),
            "second time".into(),
            "keep one".into(),
        ),
        Error::Message { msg, .. } => ("wrong value".into(), msg.clone(), String::new()),
        Error::Budget { .. } => (
            "more than a config file may hold".into(),
            "here".into(),
            "anchors and aliases are not for config files: write the value out".into(),
        ),
        other => ("wrong value".into(), first_line(&other.to_string()), String::new()),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or(text).to_owned()
}

fn suggestion(found: &str, known: &[&'static str]) -> String {
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(found, name), *name)).min();
    match near {
        Some((distance, name)) if distance <= 2 => format!("did you mean `{name}`?"),
        _ => format!("known here: {}", known.join(", ")),
    }
}

fn span_of(at: Location, text: &str) -> Span {
    let start = at.span().byte_offset().and_then(|o| usize::try_from(o).ok());
    let start = start.or_else(|| offset_of(at, text)).unwrap_or(0).min(text.len());
    let len = at.span().byte_len().and_then(|l| usize::try_from(l).ok()).unwrap_or(0);
    // A mapping spans its whole section: the caret stays on its first line.
    let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
    let end = (start + len).clamp(start, line_end);
    start..if end > start { end } else { line_end.max(start) }
}

fn offset_of(at: Location, text: &str) -> Option<usize> {
    let line = usize::try_from(at.line()).ok()?.checked_sub(1)?;
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let column = usize::try_from(at.column()).ok()?.checked_sub(1)?;
    Some(start + text.get(start..)?.chars().take(column).map(char::len_utf8).sum::<usize>())
}
