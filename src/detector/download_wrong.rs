//! The file does not come, or is not what it should be.

use super::statement::{Detector, Tier, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{FailureKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "download-wrong",
    zh: "文件下载有误",
    en: "download is wrong",
    catalogue: &["BF24"],
    tier: Tier::Symptom,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    failures(record)
        .filter(|(_, failure)| matches!(failure.kind, FailureKind::DownloadWrong))
        .map(|(step, failure)| {
            let zh = format!("「{}」：文件没有下载到，或内容不对", step.title);
            let en = format!("“{}”: the file does not come, or is not what it should be", step.title);
            on_failure(step, failure, zh, en).on(&DETECTOR, record, step)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{failed, keys, step, walk};
    use crate::walk::StepRecord;

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn only_downloads_speak() {
        check(failed("next", FailureKind::DownloadWrong), &["next: download-wrong 下一步"]);
        check(failed("next", FailureKind::NoEffect), &[]);
        check(step("next"), &[]);
    }
}
