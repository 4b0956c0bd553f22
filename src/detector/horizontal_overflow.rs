//! The page is wider than the screen.

use super::statement::{Detector, Said, Tier, lasting_looks, looks};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, PageLook, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "horizontal-overflow",
    zh: "页面超出屏幕宽度",
    en: "page wider than the screen",
    catalogue: &["VB02", "VB03"],
    tier: Tier::Beside,
    inspect,
};

/// Rounding and shadows stick out this far, in CSS pixels.
const TOLERANCE_PX: i32 = 8;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    // On a desk a customer scrolls; on a phone the page slips away under the thumb.
    let phone = record.device.starts_with("h5-");
    let mut findings = Vec::new();
    // A page whose styles are still on their way, or lost, has no layout to speak of.
    let wide = |page: &PageLook| page.overflow_x > TOLERANCE_PX && page.style_rules > 0;
    for (step, page) in lasting_looks(record, wide) {
        let zh = format!("「{}」时页面比屏幕宽 {} 像素，内容被切掉或要左右滑动", step.title, page.overflow_x);
        let en = format!("The page is {} pixels wider than the screen at “{}”", page.overflow_x, step.title);
        let said = Said::new(Class::Broken, Severity::P2, zh, en)
            .cause(format!("{} px beyond the screen", page.overflow_x), "overflow");
        let said = if phone && settled(record, page, wide) { said } else { said.soft() };
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
}

/// Whether the page was met so twice, or at the very end: one look in passing may have come too early.
fn settled(record: &WalkRecord, page: &PageLook, wide: impl Fn(&PageLook) -> bool) -> bool {
    let same = |other: &PageLook| wide(other) && route_of(&other.url) == route_of(&page.url);
    let last = looks(record).last().is_some_and(|(_, last)| std::ptr::eq(last, page));
    last || looks(record).filter(|(_, other)| same(other)).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{page_with, walk};

    fn check(device: &str, overflow: i32, expected: &[bool]) {
        let mut record = walk([page_with("home", |p| p.overflow_x = overflow)]);
        record.device = device.into();
        assert_eq!(inspect(&record).iter().map(|f| f.failing).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn phones_fail_and_desks_degrade() {
        check("h5-iphone", 120, &[true]);
        check("desktop", 120, &[false]);
        check("h5-iphone", 3, &[]);
        check("h5-iphone", 0, &[]);
    }

    /// One look in passing may have met a page on its way.
    #[test]
    fn one_look_in_passing_degrades() {
        let wide = || page_with("home", |p| p.overflow_x = 120);
        let away = || page_with("next", |p| p.url = "https://app.test/funds".into());
        let check = |steps: Vec<crate::walk::StepRecord>, expected: &[bool]| {
            let record = WalkRecord { device: "h5-iphone".into(), steps, ..walk([]) };
            assert_eq!(inspect(&record).iter().map(|f| f.failing).collect::<Vec<_>>(), expected);
        };
        check(vec![wide(), away()], &[false]);
        check(vec![wide(), wide(), away()], &[true, true]);
        check(vec![away(), wide()], &[true]);
    }

    #[test]
    fn pages_without_styles_are_silent() {
        let mut record = walk([page_with("home", |p| (p.overflow_x, p.style_rules) = (258, 0))]);
        record.device = "h5-iphone".into();
        assert_eq!(inspect(&record).len(), 0);
    }
}
