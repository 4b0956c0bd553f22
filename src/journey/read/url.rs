//! URLs that a journey may open: http and https, or relative to the app's base.

use super::reader::Reader;
use super::scalar::shortened;
use crate::diagnostic::Span;
use crate::journey::node::Node;
use crate::journey::{Text, TextPart};

impl Reader<'_> {
    /// A URL to open or to call.
    pub fn url(&mut self, node: &Node, what: &str) -> Option<Text> {
        let text = self.text(node, what)?;
        self.url_of(node, &text)?;
        Some(text)
    }

    /// Whether a text that stands there may be a URL; told if not.
    pub fn url_of(&mut self, node: &Node, text: &Text) -> Option<()> {
        match self.refused(text) {
            None => Some(()),
            Some((title, help)) => {
                self.url_problem(&node.span, title, help);
                None
            }
        }
    }

    fn url_problem(&mut self, span: &Span, title: String, help: &str) {
        self.problem(span, title, "this URL", help);
    }

    fn refused(&self, text: &Text) -> Option<(String, &'static str)> {
        const RELATIVE: &str = "write a path such as `/funds`, relative to the app's base, or an http(s) URL";
        let shown = shortened(&text.to_string());
        let first = match text.parts().first() {
            Some(TextPart::Literal(first)) => first.as_str(),
            _ => return None,
        };
        let all = text.to_string();
        if all.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Some((format!("a URL has no white space: `{shown}`"), "write a space as `%20`"));
        }
        if all.contains('\\') {
            return Some((format!("a URL has no backslash: `{shown}`"), "write `/`"));
        }
        if first.starts_with("//") {
            return Some((format!("`{shown}` leaves the scheme open"), RELATIVE));
        }
        let scheme = first.split_once(':').map(|(scheme, _)| scheme).filter(|s| is_scheme(s))?;
        if !matches!(scheme, "http" | "https") {
            return Some((format!("a journey cannot open `{scheme}:` URLs"), RELATIVE));
        }
        let whole = text.parts().len() == 1;
        if !whole {
            return None;
        }
        let url = match ::url::Url::parse(first) {
            Ok(url) => url,
            Err(why) => return Some((format!("`{shown}` is not a URL: {why}"), RELATIVE)),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Some(("a URL cannot carry a user or a password".into(), "fill them in with `fill`, by secret"));
        }
        if url.port() == Some(0) {
            return Some((format!("port 0 cannot be opened: `{shown}`"), RELATIVE));
        }
        let written = first.split_once("://").map_or("", |(_, rest)| rest);
        let host = url.host_str().unwrap_or_default();
        let same = written.get(..host.len()).is_some_and(|h| h.eq_ignore_ascii_case(host));
        let ends =
            written.get(host.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?', '#']));
        if !same || !ends || host.ends_with('.') {
            let help = "write the host as browsers show it: lower case, `xn--` for other scripts, plain IP addresses";
            return Some((format!("the host of `{shown}` is written in a misleading way"), help));
        }
        None
    }
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}
