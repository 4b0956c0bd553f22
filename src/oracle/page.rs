//! Where a walk has come to, and what a file's globs are about.

use crate::journey::glob;
use crate::journey::oracle::{Place, PlaceSource};

/// The page that a walk has come to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Page {
    /// Its path; where an app keeps its routes behind `#`, with that: `/app#/funds`.
    pub path: String,
    /// Its query, without `?`; empty when there is none.
    pub query: String,
    /// Whether the customer has done something on it in this walk: what it lists may be filtered, and stay so.
    pub touched: bool,
}

impl Page {
    /// The page at a URL, not touched.
    pub fn at(url: &str) -> Self {
        let (rest, inner) = url.split_once('#').unwrap_or((url, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let host = rest.split_once("://").map_or(rest, |(_, host)| host);
        let path = host.find('/').map_or("/", |at| &host[at..]);
        // A fragment is a route when it looks like one; otherwise it is a place on the page.
        if !inner.trim_start_matches('!').starts_with('/') {
            return Self { path: path.to_owned(), query: query.to_owned(), touched: false };
        }
        let (inner, inner_query) = inner.split_once('?').unwrap_or((inner, ""));
        let query = if inner_query.is_empty() { query } else { inner_query };
        Self { path: format!("{path}#{inner}"), query: query.to_owned(), touched: false }
    }

    /// Whether a glob is about it. One without `?` is about the path, whatever the query.
    pub(super) fn is_on(&self, on: &str) -> bool {
        if on.contains('?') {
            return glob::covers(on, &format!("{}?{}", self.path, self.query));
        }
        glob::covers(on, &self.path)
    }

    /// Whether a list on it holds all it can: nobody has filtered it, by hand or by a query that its author has not named.
    pub(super) fn is_whole(&self, place: &Place) -> bool {
        let named = matches!(&place.source, PlaceSource::Page { on, .. } if on.contains('?'));
        !self.touched && (self.query.is_empty() || named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_routes() {
        let check = |url: &str, path: &str, query: &str| {
            let page = Page::at(url);
            assert_eq!((page.path.as_str(), page.query.as_str()), (path, query), "{url}");
        };
        check("https://app.test/funds?risk=R1#top", "/funds", "risk=R1");
        check("https://app.test", "/", "");
        check("https://app.test/app/#/funds/1?from=home", "/app/#/funds/1", "from=home");
        check("https://app.test/app?v=2#!/funds", "/app#!/funds", "v=2");
    }
}
