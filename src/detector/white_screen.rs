//! The page is white: nothing to read, nothing to use.

use super::statement::{Detector, Said, Tier, lasting_looks, was_used};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, PageLook, WalkRecord};

pub(super) const DETECTOR: Detector =
    Detector { id: "white-screen", zh: "白屏", en: "white screen", catalogue: &["BP01"], tier: Tier::Page, inspect };

/// Of a hundred points of the grid, how many must hit nothing but containers.
const EMPTY_PERCENT_MIN: u32 = 95;
/// Fewer characters than this are no text.
const TEXT_CHARS_MIN: u32 = 5;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    lasting_looks(record, is_white)
        .into_iter()
        .filter(|(step, _)| !was_used(record, step))
        .map(|(step, page)| {
            let zh = format!("「{}」时页面一片空白，客户什么也看不到", step.title);
            let en = format!("The page is blank at “{}”: customers see nothing at all", step.title);
            let shown = format!(
                "{} of {} points empty, {} characters of text, {} elements",
                page.grid_empty, page.grid_points, page.text_chars, page.main_elements
            );
            Said::new(Class::Broken, Severity::P1, zh, en).cause(shown, "white").on(&DETECTOR, record, step)
        })
        .collect()
}

/// A canvas or a picture fills the grid, a page still coming is not complete or shows that it loads: only an
/// empty grid with nothing to read or nothing to use on a settled page is white.
pub(super) fn is_white(page: &PageLook) -> bool {
    let empty = page.grid_points > 0 && page.grid_empty * 100 >= page.grid_points * EMPTY_PERCENT_MIN;
    let settled = page.ready_state == "complete" && page.loading.is_empty();
    settled && empty && (page.text_chars < TEXT_CHARS_MIN || (page.main_elements == 0 && page.text_chars < 40))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, page_with, step, step_with, walk};
    use crate::walk::{LoadingMark, StepRecord};
    use std::time::Duration;

    fn check(steps: Vec<StepRecord>, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk(steps))), expected);
    }

    fn white(page: &mut PageLook) {
        (page.text, page.text_chars, page.main_chars, page.main_elements) = (String::new(), 0, 0, 0);
        page.grid_empty = 81;
    }

    #[test]
    fn a_white_page_speaks() {
        check(vec![page_with("open", white)], &["open: white"]);
        check(
            vec![
                page_with("open", white),
                step_with("back", |s| {
                    s.verb = "back".into();
                    s.seen.page.as_mut().unwrap().url = "https://app.test/x".into();
                }),
            ],
            &["open: white"],
        );
    }

    #[test]
    fn pages_that_come_or_are_drawn_are_silent() {
        check(vec![page_with("open", white), step("next")], &[]);
        let mark = LoadingMark { locus: "div.spinner".into(), age: Duration::from_millis(300) };
        check(
            vec![page_with("open", |p| {
                white(p);
                p.loading.push(mark);
            })],
            &[],
        );
        check(
            vec![page_with("open", |p| {
                white(p);
                p.grid_empty = 20;
            })],
            &[],
        );
        check(
            vec![page_with("open", |p| {
                white(p);
                p.ready_state = "loading".into();
            })],
            &[],
        );
        check(
            vec![page_with("open", |p| {
                white(p);
                p.url = "about:blank".into();
            })],
            &[],
        );
        check(vec![step_with("open", |s| s.seen.page = None)], &[]);
    }

    /// A plain tap looks at once: the page has its new address and not yet its content.
    #[test]
    fn a_page_that_the_next_step_was_used_on_is_silent() {
        let check = |verb: &str, fails: bool, expected: &[&str]| {
            let mut next = page_with("next", |p| p.url = "https://app.test/x".into());
            next.verb = verb.into();
            if fails {
                next.outcome = crate::detector::sample::fail(crate::walk::FailureKind::Missing);
            }
            check(vec![page_with("open", white), next], expected);
        };
        check("tap", false, &[]);
        check("fill", false, &[]);
        check("tap", true, &["open: white"]);
        check("open", false, &["open: white"]);
        check("back", false, &["open: white"]);
    }
}
