//! A campaign whose last day is over still asks customers to join.

use super::statement::{Detector, Said, Tier, cut, lasting_looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, WalkRecord};
use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "expired-campaign",
    zh: "活动已过期仍在推广",
    en: "campaign past its last day",
    catalogue: &["CT14"],
    tier: Tier::Beside,
    inspect,
};

/// A campaign's last day, as its own line says it: the second day of an interval, or the one that is called the last.
static LAST_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let day = r"(20[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?";
    Regex::new(&format!(r"活动[^。；\n]{{0,30}}?(?:至|到|~|～|—|截止|截至|有效期)[^0-9。；\n]{{0,6}}{day}"))
        .expect("the pattern is a constant")
});
/// What asks customers to join.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "立即(参与|参加|报名|领取|抢购|开通)|马上(参与|领取|抢)|去(参与|领取)|火热进行|正在进行|点击(参与|领取|报名)",
    )
    .expect("the pattern is a constant")
});
/// What says that it is over, or that it is told of as news.
static OVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("已(结束|截止|下线|过期)|往期|历史活动|回顾|获奖|中奖(名单|结果)|公告|通知")
        .expect("the pattern is a constant")
});
/// How many lines around the date belong to the same campaign.
const LINES_AROUND: usize = 2;
/// Somewhere it is still the day before: midnight is told a day later.
const GRACE_DAYS: i64 = 1;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let today = record.started.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let over = |text: &str| over_in(text, today);
    let mut findings: Vec<Finding> = Vec::new();
    for (step, page) in lasting_looks(record, |page| over(&page.text).is_some()) {
        let Some((line, last)) = over(&page.text) else { continue };
        let zh = format!("「{}」时页面仍在推广 {last} 已结束的活动：{line}", step.title);
        let en = format!("A campaign that ended on {last} is still advertised at “{}”: {line}", step.title);
        let said = Said::new(Class::Abnormal, Severity::P3, zh, en).cause(&line, "campaign");
        super::statement::add_once(&mut findings, said.deterministic().lasting().on(&DETECTOR, record, step));
    }
    findings
}

/// The first campaign that is over and asks to join all the same, with its last day.
fn over_in(text: &str, today: Date) -> Option<(String, Date)> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.iter().enumerate().find_map(|(at, line)| {
        let last = last_day(line).filter(|last| (today - *last).get_days() > i32::try_from(GRACE_DAYS).unwrap_or(1))?;
        let around = lines[at.saturating_sub(LINES_AROUND)..(at + LINES_AROUND + 1).min(lines.len())].join("\n");
        (CALL.is_match(&around) && !OVER.is_match(&around)).then(|| (cut(line, 80), last))
    })
}

fn last_day(line: &str) -> Option<Date> {
    let found = LAST_DAY.captures_iter(line).last()?;
    let part = |n: usize| found[n].parse::<i16>().ok();
    Date::new(part(1)?, i8::try_from(part(2)?).ok()?, i8::try_from(part(3)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{page_with, walk};
    use crate::moment::Moment;

    /// A walk on 22 November 2026.
    fn check(text: &str, expected: usize) {
        let page = || page_with("home", |p| p.text = format!("总资产\n{text}\n我的持仓"));
        let mut record = walk([page(), page()]);
        record.started = Moment::from_millis(1_795_305_600_000);
        let found = inspect(&record);
        assert_eq!(found.len(), expected, "{text}");
        assert!(found.iter().all(|f| f.lasting && !f.failing));
    }

    #[test]
    fn campaigns_that_are_over_speak() {
        check("新客专享 活动时间 2026-03-01 至 2026-03-31\n立即参与", 1);
        check("限时加息，活动截止日期：2026年10月8日，点击领取", 1);
        check("活动火热进行中（活动有效期至2025/12/31）", 1);
    }

    /// Campaigns that run, news of those that ran, dates of something else.
    #[test]
    fn campaigns_that_run_and_news_of_past_ones_are_silent() {
        check("新客专享 活动时间 2026-11-01 至 2026-12-31\n立即参与", 0);
        check("活动时间 2026-11-01 至 2026-11-22 立即参与", 0);
        check("活动时间 2026-11-01 至 2026-11-21 立即参与", 0);
        check("活动时间 2026-03-01 至 2026-03-31\n活动已结束\n立即参与其他活动", 0);
        check("关于“开户礼遇”活动的公告：活动时间 2026-03-01 至 2026-03-31，立即参与者……", 0);
        check("募集期 2026-03-01 至 2026-03-31 立即认购", 0);
        check("活动时间 2026-03-01 至 2026-03-31", 0);
    }
}
