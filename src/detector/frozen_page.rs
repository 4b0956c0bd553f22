//! The page's own script kept it from answering for seconds.

use super::statement::{Detector, Said, Tier, add_once, looks};
use crate::finding::{Finding, Severity, route_of};
use crate::walk::{Class, WalkRecord};
use std::time::Duration;

pub(super) const DETECTOR: Detector =
    Detector {
        id: "frozen-page", zh: "页面卡顿", en: "page freezes", catalogue: &["SD04"], tier: Tier::Slow, inspect
    };

/// A busy machine stretches a script's time, too; a customer gives up about here.
const FROZEN: Duration = Duration::from_secs(4);

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, page) in looks(record).filter(|(_, page)| page.frozen >= FROZEN) {
        let seconds = page.frozen.as_secs_f64();
        let zh = format!("「{}」时页面卡死 {seconds:.1} 秒，点什么都没有反应", step.title);
        let en = format!("The page freezes for {seconds:.1} s at “{}”", step.title);
        let key = format!("frozen {}", route_of(&page.url));
        let said = Said::new(Class::Slow, Severity::P2, zh, en).cause(format!("script ran for {seconds:.1} s"), key);
        add_once(&mut findings, said.lasting().on(&DETECTOR, record, step));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, page_with, walk};

    fn check(frozen_ms: u64, expected: &[&str]) {
        let frozen = |id| page_with(id, |p| p.frozen = Duration::from_millis(frozen_ms));
        assert_eq!(keys(&inspect(&walk([frozen("a"), frozen("b")]))), expected);
    }

    #[test]
    fn seconds_without_an_answer_speak_once() {
        check(5_100, &["a: frozen /home"]);
        check(900, &[]);
    }
}
