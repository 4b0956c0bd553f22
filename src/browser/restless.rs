//! What pages do again and again although nobody asks them to: loading themselves anew, asking one call without end.
//! Told apart from the customer's own doing, so that a robot that is quicker than the page stays until it is sure.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How soon one call follows another of its kind in a storm.
const CALLS_APART: Duration = Duration::from_millis(500);

/// Counts of one lane.
#[derive(Debug, Default)]
pub(crate) struct Restless {
    pages: HashMap<String, Loads>,
    calls: Option<Calls>,
}

/// The loads of a page in a row that lead to one URL.
#[derive(Debug, Default)]
struct Loads {
    url: String,
    unasked: u64,
    /// The customer did something: the next load is theirs.
    theirs: bool,
}

/// Calls of one URL in a row.
#[derive(Debug)]
struct Calls {
    url: String,
    last: Instant,
    count: u64,
}

impl Restless {
    /// The customer does something to a page.
    pub(crate) fn touched(&mut self, page: &str) {
        if let Some(loads) = self.pages.get_mut(page) {
            loads.theirs = true;
        }
    }

    /// A page's document is there; `pages_max` are followed at most.
    pub(crate) fn loaded(&mut self, page: &str, url: &str, pages_max: usize) {
        if !self.pages.contains_key(page) && self.pages.len() >= pages_max {
            return;
        }
        let loads = self.pages.entry(page.to_owned()).or_default();
        let theirs = std::mem::take(&mut loads.theirs);
        let url = url.split('#').next().unwrap_or_default();
        if loads.url != url {
            *loads = Loads { url: url.to_owned(), unasked: 0, theirs: false };
        } else if !theirs {
            loads.unasked += 1;
        }
    }

    /// A page asks the app's own API for something.
    pub(crate) fn asked(&mut self, url: &str, now: Instant) {
        let again = |calls: &&mut Calls| calls.url == url && now.saturating_duration_since(calls.last) < CALLS_APART;
        match self.calls.as_mut().filter(again) {
            Some(calls) => (calls.count, calls.last) = (calls.count + 1, now),
            None => self.calls = Some(Calls { url: url.to_owned(), last: now, count: 1 }),
        }
    }

    /// How often a page has loaded itself anew since it came to its URL.
    pub(crate) fn loads(&self, page: &str) -> u64 {
        self.pages.get(page).map_or(0, |loads| loads.unasked)
    }

    /// How often the newest call was made in a row.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.as_ref().map_or(0, |calls| calls.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_that_nobody_asked_for_are_counted() {
        let check = |what: &[&str], expected: u64| {
            let mut restless = Restless::default();
            for one in what {
                match *one {
                    "touch" => restless.touched("page"),
                    url => restless.loaded("page", url, 10),
                }
            }
            assert_eq!(restless.loads("page"), expected, "{what:?}");
        };
        check(&["/a"], 0);
        check(&["/a", "/a", "/a#x"], 2);
        check(&["/a", "touch", "/a"], 0);
        check(&["/a", "touch", "/a", "/a"], 1);
        check(&["/a", "/a", "/b"], 0);
        check(&["/a?page=1", "/a?page=2"], 0);
    }

    #[test]
    fn only_calls_that_follow_each_other_at_once_are_a_row() {
        let check = |what: &[(&str, u64)], expected: u64| {
            let (mut restless, began) = (Restless::default(), Instant::now());
            what.iter().for_each(|(url, ms)| restless.asked(url, began + Duration::from_millis(*ms)));
            assert_eq!(restless.calls(), expected, "{what:?}");
        };
        check(&[("/api/a", 0), ("/api/a", 40), ("/api/a", 80)], 3);
        check(&[("/api/a", 0), ("/api/a", 5_000)], 1);
        check(&[("/api/a", 0), ("/api/b", 40), ("/api/a", 80)], 1);
    }
}
