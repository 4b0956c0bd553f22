//! The page opens dialogs or windows without end.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DIALOGS: Detector = Detector {
    id: "dialog-storm",
    zh: "弹框不断",
    en: "dialogs without end",
    catalogue: &["BF18"],
    tier: Tier::Fatal,
    inspect: dialogs,
};

pub(super) const POPUPS: Detector = Detector {
    id: "popup-storm",
    zh: "窗口不断弹出",
    en: "windows without end",
    catalogue: &["BF18"],
    tier: Tier::Fatal,
    inspect: popups,
};

fn dialogs(record: &WalkRecord) -> Vec<Finding> {
    storms(record, &DIALOGS, &FailureKind::DialogStorm, "弹框", "dialogs")
}

fn popups(record: &WalkRecord) -> Vec<Finding> {
    storms(record, &POPUPS, &FailureKind::PopupStorm, "窗口", "windows")
}

fn storms(record: &WalkRecord, detector: &Detector, kind: &FailureKind, zh: &str, en: &str) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| failure.kind == *kind)
        .map(|(step, failure)| {
            let zh = format!("「{}」时{zh}一个接一个，客户无法操作", step.title);
            let en = format!("At “{}” {en} open without end: customers cannot use the page", step.title);
            on_failure(step, failure, zh, en).on(detector, record, step)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, keys, walk};

    fn check(inspect: fn(&WalkRecord) -> Vec<Finding>, kind: FailureKind, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([failed("open", kind)]))), expected);
    }

    #[test]
    fn each_storm_is_its_own() {
        check(dialogs, FailureKind::DialogStorm, &["open: dialog-storm 下一步"]);
        check(dialogs, FailureKind::PopupStorm, &[]);
        check(popups, FailureKind::PopupStorm, &["open: popup-storm 下一步"]);
        check(popups, FailureKind::Missing, &[]);
    }
}
