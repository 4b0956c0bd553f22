//! A YAML text as a tree of texts, lists and maps that know their bytes.
//!
//! Scalars stay texts: nothing is a number, a truth or a date until a reader asks for one, so `no`, `1e3`
//! and `12:30` mean what they say. Anchors, aliases, tags, merge keys and directives are refused at once.

use super::Limits;
use crate::diagnostic::{Diagnostic, Source, Span};
use granit_parser::{Event, Parser, ScalarStyle, Span as Mark, StrInput};

/// A value and the bytes it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub span: Span,
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeKind {
    /// A text; `plain` when it stands without quotes.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file; no key twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub text: String,
    pub span: Span,
}

impl Node {
    /// Whether nothing stands here (`key:` alone, `~` or `null`).
    pub fn is_nothing(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// Whether it is this text.
    pub fn is_text(&self, wanted: &str) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, .. } if text == wanted)
    }

    /// What it is, in words.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            _ if self.is_nothing() => "nothing",
            NodeKind::Scalar { .. } => "a text",
            NodeKind::List(items) if items.is_empty() => "an empty list",
            NodeKind::List(_) => "a list",
            NodeKind::Map(entries) if entries.is_empty() => "an empty map",
            NodeKind::Map(_) => "a map",
        }
    }
}

/// Reads one document.
pub(super) fn parse(source: &Source, limits: &Limits) -> Result<Node, Box<Diagnostic>> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        disallow_directives: true,
        flow_nesting_limit: limits.depth_max,
        block_nesting_limit: limits.depth_max,
    };
    let parser = Parser::new_from_str_with_options(source.text.as_ref(), options);
    let mut builder = Builder { source, limits, parser, nodes: 0 };
    builder.document()
}

struct Builder<'a> {
    source: &'a Source,
    limits: &'a Limits,
    parser: Parser<'a, StrInput<'a>>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Node, Box<Diagnostic>> {
        let mut root = None;
        loop {
            let (event, mark) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    let help = "put the second journey into a file of its own";
                    return Err(self.problem(span(&mark), "a second document in one file", "begins here", help));
                }
                Event::DocumentStart(..) => {}
                Event::StreamEnd => {
                    return root.ok_or_else(|| {
                        let help = "a journey begins with `journey: its-name` and has `app:` and `steps:`";
                        self.problem(0..0, "the file is empty", "no journey here", help)
                    });
                }
                event => root = Some(self.node(event, &mark, 0)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Mark), Box<Diagnostic>> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(why)) => {
                let at = why.marker().byte_offset().unwrap_or(0).min(self.source.text.len());
                let info = why.info();
                let (title, help) = plain_words(&info, self.limits);
                Err(self.problem(at..at + 1, &title, &shortened(&info), help))
            }
            None => Ok((Event::StreamEnd, Mark::empty(granit_parser::Marker::new(0, 1, 0)))),
        }
    }

    fn node(&mut self, event: Event<'a>, mark: &Mark, depth: usize) -> Result<Node, Box<Diagnostic>> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes_max {
            let title = format!("the file has more than {} values", self.limits.nodes_max);
            return Err(self.problem(span(mark), &title, "the limit is reached here", "split the journey"));
        }
        if depth > self.limits.depth_max {
            let title = format!("nested deeper than {} levels", self.limits.depth_max);
            return Err(self.problem(
                span(mark),
                &title,
                "the limit is reached here",
                "move inner steps to a used file",
            ));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_magic(anchor, tag.is_some(), mark)?;
                let plain = style == ScalarStyle::Plain;
                Ok(Node { span: span(mark), kind: NodeKind::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_magic(anchor, tag.is_some(), mark)?;
                self.list(mark, depth)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_magic(anchor, tag.is_some(), mark)?;
                self.map(mark, depth)
            }
            _ => {
                let help = "write the value out, or move repeated steps to a file and `use` it";
                Err(self.problem(span(mark), "aliases are not allowed", "this refers to another value", help))
            }
        }
    }

    fn list(&mut self, start: &Mark, depth: usize) -> Result<Node, Box<Diagnostic>> {
        let mut items = Vec::new();
        loop {
            let (event, mark) = self.next()?;
            if event == Event::SequenceEnd {
                let span = collection_span(start, &mark, items.iter().map(|n: &Node| &n.span));
                return Ok(Node { span, kind: NodeKind::List(items) });
            }
            items.push(self.node(event, &mark, depth + 1)?);
        }
    }

    fn map(&mut self, start: &Mark, depth: usize) -> Result<Node, Box<Diagnostic>> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen = std::collections::HashMap::new();
        loop {
            let (event, mark) = self.next()?;
            if event == Event::MappingEnd {
                let spans = entries.iter().flat_map(|(k, n)| [&k.span, &n.span]);
                let span = collection_span(start, &mark, spans);
                return Ok(Node { span, kind: NodeKind::Map(entries) });
            }
            let key = self.node(event, &mark, depth + 1)?;
            let NodeKind::Scalar { text, .. } = key.kind else {
                let help = "quote a text that begins with `{` or `[`, such as \"${name}\"";
                return Err(self.problem(key.span, "a key must be a text", "this is not a text", help));
            };
            if text == "<<" {
                let help = "write the keys out, or move repeated steps to a file and `use` it";
                return Err(self.problem(key.span, "merge keys are not allowed", "this copies another map", help));
            }
            if let Some(first) = seen.insert(text.clone(), key.span.clone()) {
                let title = format!("`{text}` is given twice");
                let mut problem = self.problem(key.span, &title, "the second one", "keep one of the two");
                problem.context = Some(first);
                return Err(problem);
            }
            let (event, mark) = self.next()?;
            let value = self.node(event, &mark, depth + 1)?;
            entries.push((Key { text, span: key.span }, value));
        }
    }

    fn refuse_magic(&self, anchor: usize, tagged: bool, mark: &Mark) -> Result<(), Box<Diagnostic>> {
        if tagged {
            let at = mark.tag_span().map_or_else(|| span(mark), |m| span(&m));
            let help = "write the value without a tag: its place says what it is";
            return Err(self.problem(at, "tags are not allowed", "this is a tag", help));
        }
        if anchor != 0 {
            let help = "write the value out, or move repeated steps to a file and `use` it";
            return Err(self.problem(span(mark), "anchors are not allowed", "this value is named by an anchor", help));
        }
        Ok(())
    }

    fn problem(&self, span: Span, title: &str, label: &str, help: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic {
            title: title.to_owned(),
            source: self.source.clone(),
            span: first_line(&self.source.text, &span),
            label: label.to_owned(),
            context: None,
            help: Some(help.to_owned()),
        })
    }
}

/// The span cut at the end of its first line, so that a caret never underlines half a file.
pub(super) fn first_line(text: &str, span: &Span) -> Span {
    let end = span.end.min(text.len());
    match text.get(span.start..end).and_then(|s| s.find(['\n', '\r'])) {
        Some(length) if length > 0 => span.start..span.start + length,
        _ => span.clone(),
    }
}

fn span(mark: &Mark) -> Span {
    mark.byte_range().unwrap_or(0..0)
}

fn collection_span<'a>(start: &Mark, end: &Mark, parts: impl Iterator<Item = &'a Span>) -> Span {
    let (start, end) = (span(start), span(end));
    let last = parts.map(|s| s.end).max().unwrap_or(start.end);
    // A flow collection ends with its bracket; a block one with its last value.
    start.start..if end.end > end.start { end.end } else { last.max(start.end) }
}

fn shortened(info: &str) -> String {
    info.chars().take(160).collect()
}

/// The scanner's words in ours, with what to do next.
fn plain_words(info: &str, limits: &Limits) -> (String, &'static str) {
    let lower = info.to_lowercase();
    if lower.contains("nest") || lower.contains("recursion") {
        return (format!("nested deeper than {} levels", limits.depth_max), "move inner steps to a used file");
    }
    if lower.contains("tab") {
        return ("tabs cannot indent YAML".into(), "indent with spaces");
    }
    if lower.contains("directive") {
        return ("directives are not allowed".into(), "remove the line that begins with `%`");
    }
    let help = if lower.contains("mapping values") {
        "quote a text that contains `: `, and indent keys of one map alike"
    } else if lower.contains("quoted") {
        "close the quote on the same line"
    } else {
        "check quotes, brackets and indentation up to here"
    };
    ("this is not YAML".into(), help)
}
