//! What pages do again and again although nobody asks them to: loading themselves anew, asking one call without end.
//! Told apart from the customer's own doing, so that a robot that is quicker than the page stays until it is sure.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How soon one call follows another of its kind in a storm.
const CALLS_APART: Duration = Duration::from_millis(500);
/// The most URLs whose calls are followed; the one that was not asked for the longest makes room.
const ROWS_MAX: usize = 32;

/// Counts of one lane.
#[derive(Debug, Default)]
pub(crate) struct Restless {
    pages: HashMap<String, Loads>,
    rows: HashMap<String, Calls>,
}

/// The loads of a page in a row that lead to one URL.
#[derive(Debug, Default)]
struct Loads {
    url: String,
    unasked: u64,
    /// The customer did something: the next load is theirs.
    theirs: bool,
    /// What the customer did led to the page that was there, or the page loaded itself anew just then: whether nobody has
    /// asked about it yet.
    doubtful: Option<bool>,
}

/// Calls of one URL in a row.
#[derive(Debug)]
struct Calls {
    page: String,
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
        // What every page asks for once is no row, however quickly the robot goes from page to page.
        self.rows.retain(|_, calls| calls.page != page);
        if !self.pages.contains_key(page) && self.pages.len() >= pages_max {
            return;
        }
        let loads = self.pages.entry(page.to_owned()).or_default();
        let theirs = std::mem::take(&mut loads.theirs);
        let url = url.split('#').next().unwrap_or_default();
        if loads.url != url {
            *loads = Loads { url: url.to_owned(), ..Loads::default() };
        } else if theirs {
            loads.doubtful.get_or_insert(true);
        } else {
            loads.unasked += 1;
        }
    }

    /// A page asks the app's own API for something.
    pub(crate) fn asked(&mut self, page: &str, url: &str, now: Instant) {
        if let Some(calls) = self.rows.get_mut(url) {
            let again = calls.page == page && now.saturating_duration_since(calls.last) < CALLS_APART;
            let count = if again { calls.count + 1 } else { 1 };
            *calls = Calls { page: page.to_owned(), last: now, count };
            return;
        }
        if self.rows.len() >= ROWS_MAX
            && let Some(oldest) = self.rows.iter().min_by_key(|(_, calls)| calls.last).map(|(url, _)| url.clone())
        {
            self.rows.remove(&oldest);
        }
        self.rows.insert(url.to_owned(), Calls { page: page.to_owned(), last: now, count: 1 });
    }

    /// Whether the page may have loaded itself anew when the customer did something. Said once as long as the customer
    /// stays there: a filter that sends its form to its own address is used again and again.
    pub(crate) fn doubted(&mut self, page: &str) -> bool {
        self.pages.get_mut(page).and_then(|loads| loads.doubtful.as_mut()).is_some_and(std::mem::take)
    }

    /// The customer has opened the page, gone back to it or loaded it anew: what came of that is theirs.
    pub(crate) fn opened(&mut self, page: &str) {
        if let Some(loads) = self.pages.get_mut(page) {
            loads.doubtful = None;
        }
    }

    /// How often a page has loaded itself anew since it came to its URL.
    pub(crate) fn loads(&self, page: &str) -> u64 {
        self.pages.get(page).map_or(0, |loads| loads.unasked)
    }

    /// How often the call that is asked most was made in a row that still goes on.
    pub(crate) fn calls(&self, now: Instant) -> u64 {
        let goes_on = |calls: &&Calls| now.saturating_duration_since(calls.last) < CALLS_APART;
        self.rows.values().filter(goes_on).map(|calls| calls.count).max().unwrap_or(0)
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
            for (url, ms) in what {
                match *url {
                    "/page" => restless.loaded("page", "http://app/page", 10),
                    url => restless.asked("page", url, began + Duration::from_millis(*ms)),
                }
            }
            let last = what.iter().map(|(_, ms)| *ms).max().unwrap();
            assert_eq!(restless.calls(began + Duration::from_millis(last)), expected, "{what:?}");
        };
        check(&[("/api/a", 0), ("/api/a", 40), ("/api/a", 80)], 3);
        check(&[("/api/a", 0), ("/api/a", 5_000)], 1);
        // Other calls in between break no row, and a row that has ended says nothing any more.
        check(&[("/api/a", 0), ("/api/b", 40), ("/api/a", 80)], 2);
        check(&[("/api/a", 0), ("/api/a", 40), ("/api/b", 2_000)], 1);
        // What each page asks for once.
        check(&[("/api/a", 0), ("/page", 40), ("/api/a", 60), ("/page", 80), ("/api/a", 90)], 1);
    }

    #[test]
    fn a_load_of_the_same_page_behind_an_act_is_doubted_once() {
        let check = |what: &[&str], expected: bool| {
            let mut restless = Restless::default();
            for one in what {
                match *one {
                    "touch" => restless.touched("page"),
                    "doubt" => assert!(restless.doubted("page")),
                    "opened" => restless.opened("page"),
                    url => restless.loaded("page", url, 10),
                }
            }
            assert_eq!(restless.doubted("page"), expected, "{what:?}");
        };
        check(&["/a", "touch", "/a"], true);
        check(&["/a", "touch", "/a", "doubt"], false);
        check(&["/a", "touch", "/a", "doubt", "touch", "/a"], false);
        check(&["/a", "touch", "/a", "opened"], false);
        check(&["/a", "touch", "/b"], false);
        check(&["/a", "/a"], false);
    }

    #[test]
    fn rows_are_bounded() {
        let (mut restless, began) = (Restless::default(), Instant::now());
        (0..100).for_each(|n| restless.asked("page", &format!("/api/{n}"), began));
        assert_eq!(restless.rows.len(), ROWS_MAX);
    }
}
