//! Header and navigation are there and the main region is empty.

use super::statement::{Detector, Said, Tier, lasting_looks, was_used};
use super::white_screen::is_white;
use crate::finding::{Finding, Severity};
use crate::walk::{Class, PageLook, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "shell-only",
    zh: "页面只有外壳",
    en: "shell only",
    catalogue: &["BP02"],
    tier: Tier::Page,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    lasting_looks(record, is_shell)
        .into_iter()
        .filter(|(step, _)| !was_used(record, step))
        .map(|(step, page)| {
            let zh = format!("「{}」时页面只有头尾和菜单，主要内容是空的", step.title);
            let en = format!("At “{}” the page shows its header and menu only: the main part is empty", step.title);
            let shown = format!("{} characters and {} elements in the main part", page.main_chars, page.main_elements);
            Said::new(Class::Broken, Severity::P1, zh, en).cause(shown, "shell").on(&DETECTOR, record, step)
        })
        .collect()
}

/// An empty state says so in words (暂无持仓), which is more than nothing.
fn is_shell(page: &PageLook) -> bool {
    let settled = page.ready_state == "complete" && page.loading.is_empty();
    settled && page.main_chars < 2 && page.main_elements == 0 && page.text_chars >= 4 && !is_white(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, page_with, step, walk};
    use crate::walk::StepRecord;

    fn check(steps: Vec<StepRecord>, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk(steps))), expected);
    }

    fn shell(page: &mut PageLook) {
        (page.text_chars, page.main_chars, page.main_elements) = (24, 0, 0);
    }

    #[test]
    fn an_empty_main_part_speaks() {
        check(vec![page_with("open", shell)], &["open: shell"]);
    }

    #[test]
    fn empty_states_and_pages_still_coming_are_silent() {
        check(
            vec![page_with("open", |p| {
                shell(p);
                p.main_chars = 4;
            })],
            &[],
        );
        check(
            vec![page_with("open", |p| {
                shell(p);
                p.main_elements = 1;
            })],
            &[],
        );
        check(vec![page_with("open", shell), step("next")], &[]);
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
            check(vec![page_with("open", shell), next], expected);
        };
        check("tap", false, &[]);
        check("fill", false, &[]);
        check("tap", true, &["open: shell"]);
        check("open", false, &["open: shell"]);
        check("back", false, &["open: shell"]);
    }
}
