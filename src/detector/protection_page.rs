//! A protection met the robot: a CAPTCHA, a firewall's block page, a rate limit. It says nothing about the app.

use super::statement::{Detector, Said, Tier, cut, failure_of};
use crate::finding::{Finding, Severity};
use crate::walk::{Attribution, Class, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "protection-page",
    zh: "防护页面拦住了机器人",
    en: "a protection page met the robot",
    catalogue: &["BF13"],
    tier: Tier::Fatal,
    inspect,
};

/// Texts of protections; each is enough by itself on a short page.
const MARKS: [&str; 14] = [
    "您的访问存在异常",
    "您的请求已被拦截",
    "请求被拦截",
    "请完成安全验证",
    "请完成人机验证",
    "访问过于频繁",
    "操作过于频繁",
    "网站防火墙",
    "Attention Required! | Cloudflare",
    "Checking your browser before accessing",
    "Verify you are human",
    "Request unsuccessful. Incapsula",
    "Access Denied - Sucuri",
    "The requested URL was rejected",
];
/// A protection page says little else.
const TEXT_CHARS_MAX: u32 = 1_200;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    record.steps.iter().filter_map(|step| Some(found(record, step, mark_of(step)?))).collect()
}

fn found(record: &WalkRecord, step: &StepRecord, mark: &str) -> Finding {
    let zh = format!("「{}」时遇到防护页面（{mark}），机器人无法判断应用好坏", step.title);
    let en = format!("A protection page met the robot at “{}” ({mark}): it cannot say how the app is", step.title);
    Said::new(Class::Blocked, Severity::P2, zh, en)
        .cause(cut(mark, 80), mark)
        .attributed(Attribution::Protection)
        .on(&DETECTOR, record, step)
}

/// Only where the step failed: a page that mentions such words and lets the customer on is no protection.
fn mark_of(step: &StepRecord) -> Option<&'static str> {
    failure_of(step)?;
    let page = step.seen.page.as_ref().filter(|p| p.text_chars <= TEXT_CHARS_MAX)?;
    MARKS.into_iter().find(|mark| page.text.contains(mark) || page.title.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{fail, keys, page_with, walk};
    use crate::walk::FailureKind;

    fn check(text: &str, fails: bool, expected: &[&str]) {
        let mut step = page_with("open", |p| p.text = text.into());
        if fails {
            step.outcome = fail(FailureKind::NotSeen);
        }
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    #[test]
    fn only_a_page_that_stops_the_step_speaks() {
        check("您的访问存在异常，请完成安全验证", true, &["open: 您的访问存在异常"]);
        check("若提示访问过于频繁，请稍候再来", false, &[]);
        check("稳健增长混合", true, &[]);
    }
}
