//! One shape for everything a person must mend: where it is, what is wrong, what to do next.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;
use std::sync::Arc;

/// A text people wrote, and the name they know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// A range of bytes in a `Source`.
pub type Span = Range<usize>;

/// One thing that is wrong in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in a few words: lower case, no full stop.
    pub title: String,
    /// The place it is in.
    pub source: Source,
    /// The bytes it is about; clipped to the source when drawn.
    pub span: Span,
    /// What stands beside the caret: what was found.
    pub label: String,
    /// The surrounding line that gives context, such as the step's first line.
    pub context: Option<Span>,
    /// What was expected or what to do next.
    pub help: Option<String>,
}

impl Diagnostic {
    /// About a whole line of a table, counted from 1.
    pub fn of_line(source: &Source, line: u64, title: String, help: &str) -> Self {
        let number = usize::try_from(line.saturating_sub(1)).unwrap_or_default();
        let begin: usize = source.text.split_inclusive('\n').take(number).map(str::len).sum();
        let begin = begin.min(source.text.len());
        let end = source.text[begin..].find('\n').map_or(source.text.len(), |at| begin + at);
        let (source, label, help) = (source.clone(), "this row".to_owned(), Some(help.to_owned()));
        Self { title, source, span: begin..end, label, context: None, help }
    }

    /// The line and column of the span's start, both from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        let at = floor_boundary(&self.source.text, self.span.start);
        let before = &self.source.text[..at];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// Draws the diagnostic with the source line and a caret; with colour when `colour`.
    pub fn render(&self, colour: bool) -> String {
        let text = &self.source.text;
        let (title, label, help) =
            (printable(&self.title), printable(&self.label), self.help.as_deref().map(printable));
        let clip = |s: &Span| {
            let start = floor_boundary(text, s.start);
            start..floor_boundary(text, s.end).max(start)
        };
        let mut snippet = Snippet::source(text.as_ref())
            .path(self.source.name.as_str())
            .annotation(AnnotationKind::Primary.span(clip(&self.span)).label(label.as_str()));
        if let Some(context) = &self.context {
            snippet = snippet.annotation(AnnotationKind::Visible.span(clip(context)));
        }
        let mut group = Group::with_title(Level::ERROR.primary_title(title.as_str())).element(snippet);
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group]).to_string()
    }
}

/// `text` without what a terminal would obey: controls but the line break become a space, marks that turn the writing
/// around are left out. What a page says must not paint, move or copy anything where people read it.
pub fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let tame = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.chars().filter(|c| !turns(*c)).map(tame).collect()
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
