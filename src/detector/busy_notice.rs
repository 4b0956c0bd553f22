//! A step fails and the page says that the system is busy: everybody is turned away.

use super::statement::{Detector, Said, Tier, cut, failure_of};
use crate::finding::{Finding, Severity, normalise};
use crate::walk::{Class, StepRecord, WalkRecord};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "busy-notice",
    zh: "提示系统繁忙",
    en: "the page says it is busy",
    catalogue: &["BF23", "BF18"],
    tier: Tier::Call,
    inspect,
};

static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"系统(繁忙|异常|错误|升级|维护)|服务(器)?(繁忙|异常|不可用|暂不可用)|网络(异常|繁忙|超时|开小差)|",
        r"请稍后(再试|重试)|稍后再试|操作失败|提交失败|加载失败|请求超时|当前(访问|办理)人数(过|较)多|",
        r"(?i:system (is )?busy|try again later|service unavailable|under maintenance)"
    ))
    .expect("the pattern is a constant")
});

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, step) in record.steps.iter().enumerate().filter(|(_, s)| failure_of(s).is_some() && !s.soft) {
        let Some((phrase, line)) = notice_of(step).filter(|(_, line)| !stood_before(record, at, line)) else {
            continue;
        };
        let zh = format!("「{}」时页面提示「{line}」，客户无法继续", step.title);
        let en = format!("At “{}” the page says “{line}”: customers cannot go on", step.title);
        let said = Said::new(Class::Blocked, Severity::P1, zh, en).cause(line, format!("notice {phrase}"));
        findings.push(said.on(&DETECTOR, record, step));
    }
    findings
}

/// The phrase that makes it a notice, and its line, from a dialog or from the page. The line names a customer, an
/// order, a trace; the phrase is the same for everybody.
fn notice_of(step: &StepRecord) -> Option<(String, String)> {
    let dialogs = step.seen.dialogs.iter().map(|d| d.text.as_str());
    let page = step.seen.page.as_ref().map(|p| p.text.as_str());
    // `系统维护通知` is the title of a message, not the answer to what the customer did.
    let said = |line: &str| {
        let phrase = NOTICE.find(line).filter(|_| !line.contains("通知") && !line.contains("公告"))?;
        Some((phrase.as_str().to_lowercase(), cut(line.trim(), 60)))
    };
    dialogs.chain(page).flat_map(str::lines).find_map(said)
}

/// A hint that always stands on the page (in a help text, in a history list) is not what stopped the step.
fn stood_before(record: &WalkRecord, at: usize, line: &str) -> bool {
    let pages = record.steps[..at].iter().filter_map(|s| s.seen.page.as_ref());
    let line = normalise(line.trim_end_matches('…'));
    pages.into_iter().any(|p| normalise(&p.text).contains(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{fail, keys, page_with, walk};
    use crate::walk::FailureKind;

    fn said(id: &str, text: &str) -> StepRecord {
        page_with(id, |p| p.text = format!("申购\n{text}\n下一步"))
    }

    fn stopped(id: &str, text: &str) -> StepRecord {
        StepRecord { outcome: fail(FailureKind::NotSeen), ..said(id, text) }
    }

    fn check(steps: Vec<StepRecord>, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk(steps))), expected);
    }

    #[test]
    fn a_notice_that_stops_the_step_speaks() {
        check(vec![said("a", ""), stopped("b", "系统繁忙，请稍后再试")], &["b: notice 系统繁忙"]);
    }

    /// What the page adds for this customer and this minute is no part of the trouble's name.
    #[test]
    fn the_key_is_the_phrase_alone() {
        let check = |line: &str, expected: &str| check(vec![said("a", ""), stopped("b", line)], &[expected]);
        check("系统繁忙，请稍后再试（TraceId: 7f3e9a21bc04）", "b: notice 系统繁忙");
        check("尊敬的张先生，系统繁忙", "b: notice 系统繁忙");
        check("System is Busy (ref A7-11)", "b: notice system is busy");
    }

    #[test]
    fn hints_that_always_stand_there_are_silent() {
        check(vec![said("a", "系统异常请联系管理员"), stopped("b", "系统异常请联系管理员")], &[]);
        check(vec![said("a", "系统繁忙，请稍后再试")], &[]);
        check(vec![said("a", "系统繁忙（编号 7f3e9a21bc04）"), stopped("b", "系统繁忙（编号 0c44de91aa35）")], &[]);
        check(vec![said("a", ""), stopped("b", "系统维护通知")], &[]);
    }
}
