//! What a step could not do, where the step's own failure says all: one card a kind, with its two sentences.

use super::statement::{Detector, Tier, answer_words, failures, on_failure};
use crate::finding::Finding;
use crate::walk::{Exchange, ExchangeKind, FailureKind, StepRecord, WalkRecord};

pub(super) const CRASHED: Detector = Detector {
    id: "renderer-crash",
    zh: "页面崩溃",
    en: "page crashed",
    catalogue: &["BP18"],
    tier: Tier::Fatal,
    inspect: |record| {
        let zh = "「{}」时页面崩溃，客户看到浏览器的错误页";
        let en = "The page crashes at “{}”: customers see the browser's own error page";
        told(record, &CRASHED, |kind| matches!(kind, FailureKind::Crashed), zh, en)
    },
};

pub(super) const UNRESPONSIVE: Detector = Detector {
    id: "unresponsive-page",
    zh: "页面卡死",
    en: "page hangs",
    catalogue: &["SD04", "SD12"],
    tier: Tier::Fatal,
    inspect: |record| {
        let zh = "「{}」时页面卡死，点什么都没有反应";
        let en = "The page hangs at “{}”: nothing on it can be used";
        told(record, &UNRESPONSIVE, |kind| matches!(kind, FailureKind::Unresponsive), zh, en)
    },
};

pub(super) const DIALOGS: Detector = Detector {
    id: "dialog-storm",
    zh: "弹框不断",
    en: "dialogs without end",
    catalogue: &["BF18"],
    tier: Tier::Fatal,
    inspect: |record| {
        let zh = "「{}」时弹框一个接一个，客户无法操作";
        let en = "At “{}” dialogs open without end: customers cannot use the page";
        told(record, &DIALOGS, |kind| matches!(kind, FailureKind::DialogStorm), zh, en)
    },
};

pub(super) const POPUPS: Detector = Detector {
    id: "popup-storm",
    zh: "窗口不断弹出",
    en: "windows without end",
    catalogue: &["BF18"],
    tier: Tier::Fatal,
    inspect: |record| {
        let zh = "「{}」时窗口一个接一个，客户无法操作";
        let en = "At “{}” windows open without end: customers cannot use the page";
        told(record, &POPUPS, |kind| matches!(kind, FailureKind::PopupStorm), zh, en)
    },
};

/// A matter for the journey's author, never an incident of the app.
pub(super) const JOURNEY: Detector = Detector {
    id: "journey-defect",
    zh: "旅程脚本有误",
    en: "the journey itself is wrong",
    catalogue: &[],
    tier: Tier::Fatal,
    inspect: |record| {
        let zh = "旅程脚本在「{}」这一步写得不对，需要作者修改";
        let en = "The journey is wrong at “{}”: its author has to mend it";
        settled(told(record, &JOURNEY, |kind| matches!(kind, FailureKind::Journey), zh, en))
    },
};

/// The journey's matter, unless the page doubled its blocks.
pub(super) const AMBIGUOUS: Detector = Detector {
    id: "element-ambiguous",
    zh: "定位不唯一",
    en: "locator names several elements",
    catalogue: &["BP14"],
    tier: Tier::Symptom,
    inspect: |record| {
        let zh = "「{}」的定位同时命中多个元素，需要旅程作者收窄";
        let en = "The locator of “{}” names several elements: the journey's author has to narrow it";
        settled(told(record, &AMBIGUOUS, |kind| matches!(kind, FailureKind::Ambiguous { .. }), zh, en))
    },
};

/// The walk waited for terms and countdowns as long as the step allows.
pub(super) const DISABLED: Detector = Detector {
    id: "element-disabled",
    zh: "按钮不可用",
    en: "control stays disabled",
    catalogue: &["BF04"],
    tier: Tier::Symptom,
    inspect: |record| {
        let zh = "「{}」时按钮一直是灰的、点不了，客户无法继续";
        let en = "The control stays disabled at “{}”: customers cannot go on";
        told(record, &DISABLED, |kind| matches!(kind, FailureKind::Disabled), zh, en)
    },
};

pub(super) const MOVING: Detector = Detector {
    id: "element-moving",
    zh: "控件不停移动",
    en: "control never stands still",
    catalogue: &["VB11"],
    tier: Tier::Symptom,
    inspect: |record| {
        let zh = "「{}」时目标一直在移动，客户点不准";
        let en = "The control never stands still at “{}”: customers cannot hit it";
        told(record, &MOVING, |kind| matches!(kind, FailureKind::Moving), zh, en)
    },
};

pub(super) const DOWNLOAD: Detector = Detector {
    id: "download-wrong",
    zh: "文件下载有误",
    en: "download is wrong",
    catalogue: &["BF24"],
    tier: Tier::Symptom,
    inspect: |record| {
        let zh = "「{}」：文件没有下载到，或内容不对";
        let en = "“{}”: the file does not come, or is not what it should be";
        let mut found = told(record, &DOWNLOAD, |kind| matches!(kind, FailureKind::DownloadWrong), zh, en);
        for finding in &mut found {
            let asked = record.steps.iter().find(|s| s.id == finding.step).and_then(|step| asked_for(record, step));
            let cause = [finding.cause.take(), asked].into_iter().flatten().collect::<Vec<_>>();
            finding.cause = Some(cause.join(" ← ")).filter(|cause| !cause.is_empty());
        }
        found
    },
};

/// The file that was asked of the app in the step, and what came. What became of a request is told at its end, which for a
/// page that turned out to be a file may be a later step.
fn asked_for(record: &WalkRecord, step: &StepRecord) -> Option<String> {
    let during = step.offset..=step.offset + step.elapsed;
    let file = |e: &&Exchange| e.own && matches!(e.kind, ExchangeKind::Document | ExchangeKind::Other);
    let asked = record.steps.iter().flat_map(|s| &s.seen.exchanges).filter(|e| during.contains(&e.offset));
    let last = asked.filter(file).max_by_key(|e| e.offset)?;
    let kind = last.content_type.as_deref().map(|kind| format!(" {kind}")).unwrap_or_default();
    Some(format!("{}{kind}", answer_words(last)))
}

/// One finding for each step that failed in this way; `{}` is the step's title.
fn told(record: &WalkRecord, detector: &Detector, is: fn(&FailureKind) -> bool, zh: &str, en: &str) -> Vec<Finding> {
    let of_kind = failures(record).filter(|(_, failure)| is(&failure.kind));
    of_kind
        .map(|(step, failure)| {
            let with = |sentence: &str| sentence.replace("{}", &step.title);
            on_failure(step, failure, with(zh), with(en)).on(detector, record, step)
        })
        .collect()
}

/// One more look settles it.
fn settled(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().map(|finding| Finding { deterministic: true, ..finding }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, failed, keys, step, walk};
    use crate::finding::Bilingual;

    const CARDS: [&Detector; 9] =
        [&CRASHED, &UNRESPONSIVE, &DIALOGS, &POPUPS, &JOURNEY, &AMBIGUOUS, &DISABLED, &MOVING, &DOWNLOAD];

    fn check(kind: FailureKind, expected: &[&str]) {
        let record = walk([step("open"), failed("next", kind)]);
        let said: Vec<String> = CARDS.iter().flat_map(|card| keys(&(card.inspect)(&record))).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn each_kind_has_its_one_card() {
        check(FailureKind::Crashed, &["next: crashed 下一步"]);
        check(FailureKind::Unresponsive, &["next: unresponsive 下一步"]);
        check(FailureKind::DialogStorm, &["next: dialog-storm 下一步"]);
        check(FailureKind::PopupStorm, &["next: popup-storm 下一步"]);
        check(FailureKind::Journey, &["next: journey 下一步"]);
        check(FailureKind::Ambiguous { matches: 2 }, &["next: ambiguous 下一步"]);
        check(FailureKind::Disabled, &["next: disabled 下一步"]);
        check(FailureKind::Moving, &["next: moving 下一步"]);
        check(FailureKind::DownloadWrong, &["next: download-wrong 下一步"]);
        check(FailureKind::Missing, &[]);
        check(FailureKind::Covered { by: String::new() }, &[]);
    }

    #[test]
    fn a_wrong_file_is_named_by_its_request() {
        let mut asked = failed("next", FailureKind::DownloadWrong);
        asked.seen.exchanges = vec![exchange(ExchangeKind::Document, "GET", "/statements/2026-10.pdf", 200)];
        asked.seen.exchanges[0].content_type = Some("text/html".into());
        let finding = (DOWNLOAD.inspect)(&walk([asked])).remove(0);
        assert_eq!(finding.cause.as_deref(), Some("waited 5 s ← GET /statements/:id → 200 text/html"));
    }

    #[test]
    fn headlines_name_the_step() {
        let finding = (MOVING.inspect)(&walk([failed("next", FailureKind::Moving)])).remove(0);
        let Bilingual { zh, en } = finding.headline;
        assert!(zh.contains(&format!("「{}」", finding.step_title)) && en.contains(&finding.step_title), "{zh} / {en}");
        assert!(!zh.contains("{}") && !en.contains("{}"), "{zh} / {en}");
    }
}
