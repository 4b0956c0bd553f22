//! A control that sends something can be used once more while what it sent is still under way: two orders are two taps away.

use super::statement::{Detector, Said, Tier};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "double-submit",
    zh: "提交后按钮仍可再点",
    en: "sends twice when tapped twice",
    catalogue: &["BF19"],
    tier: Tier::Beside,
    inspect,
};

/// What the lane saw at its one tap. A second tap is never made: whether the page would drop it by itself is not known, so
/// the walk is only degraded.
fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let taps = record.steps.iter().filter_map(|step| Some((step, step.seen.tap.as_ref()?.left_open.as_ref()?)));
    let mut findings = Vec::new();
    for (step, call) in taps {
        let zh = format!("「{}」的请求（{call}）还没有返回，按钮仍可再点，可能重复提交", step.title);
        let en = format!("“{}” can be tapped again while its own request ({call}) is under way", step.title);
        let said = Said::new(Class::Abnormal, Severity::P1, zh, en)
            .cause(format!("the control stays enabled during {call}"), format!("open during {call}"));
        super::statement::add_once(&mut findings, said.deterministic().lasting().on(&DETECTOR, record, step));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, step_with, walk};
    use crate::walk::TapTrace;

    fn check(left_open: Option<&str>, expected: &[&str]) {
        let tap = TapTrace { taps: 1, effect: true, left_open: left_open.map(str::to_owned), ..TapTrace::default() };
        assert_eq!(keys(&inspect(&walk([step_with("next", |s| s.seen.tap = Some(tap))]))), expected);
    }

    #[test]
    fn controls_left_open_speak() {
        let call = "POST /api/orders/prepare";
        check(Some(call), &["next: open during POST /api/orders/prepare"]);
    }

    #[test]
    fn controls_that_close_are_silent() {
        check(None, &[]);
    }
}
