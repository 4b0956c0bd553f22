//! Words that were meant for developers: text keys, tags as text, lorem ipsum, test products.

use super::statement::{Detector, Said, Tier, cut, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, WalkRecord};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "leftover-text",
    zh: "残留的开发文字",
    en: "leftover developers' text",
    catalogue: &["CT03", "CT04", "CT09", "PS29"],
    tier: Tier::Content,
    inspect,
};

static MARKS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("text-key", r"^[a-z][a-zA-Z0-9_]{2,}(\.[a-z][a-zA-Z0-9_]+){2,}$"),
        ("tag-as-text", r"</?(div|span|p|br|strong|b|font|a|img|li|ul)(\s[^<>]*)?/?>|&(nbsp|lt|gt|amp|quot);"),
        ("lorem", r"(?i)lorem ipsum"),
        ("filler", r"占位(文字|文本|内容|图)|此处填写|T[O]DO[:：]|待补充文案"),
        (
            "test-product",
            r"测试(产品|基金|理财|商品|标题|文案|数据)|(产品|基金|理财)测试\d*$|(?i:\btest (fund|product)\b)",
        ),
    ]
    .into_iter()
    .map(|(name, pattern)| (name, Regex::new(pattern).expect("the patterns are constants")))
    .collect()
});

/// Last parts of host names: `app.bank.com.cn` is no text key.
const DOMAINS: [&str; 10] = ["com", "cn", "net", "org", "io", "dev", "app", "html", "test", "gov"];

/// Parts that text keys are made of, and host names are not: two of them make a key of plain words.
const PARTS: [&str; 32] = [
    "account",
    "banner",
    "button",
    "common",
    "dialog",
    "error",
    "errors",
    "footer",
    "form",
    "fund",
    "funds",
    "header",
    "home",
    "i18n",
    "label",
    "loan",
    "login",
    "menu",
    "message",
    "nav",
    "order",
    "page",
    "placeholder",
    "settings",
    "tab",
    "text",
    "tips",
    "title",
    "transfer",
    "user",
    "wealth",
    "hint",
];

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, page) in looks(record) {
        let Some((name, line)) = page.text.lines().find_map(mark_of) else { continue };
        let zh = format!("「{}」时页面露出了开发用的文字：{line}", step.title);
        let en = format!("The page shows developers' text at “{}”: {line}", step.title);
        let said = Said::new(Class::Abnormal, Severity::P2, zh, en).cause(line, name);
        findings.push(said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

fn mark_of(line: &str) -> Option<(&'static str, String)> {
    let line = line.trim();
    let domain = |word: &str| word.rsplit('.').next().is_some_and(|last| DOMAINS.contains(&last));
    let holds = |name: &str, rule: &Regex| match name {
        // A key may stand before a figure: `transfer.available.label 6,656.00`.
        "text-key" => line.split_whitespace().any(|word| rule.is_match(word) && !domain(word) && is_key(word)),
        _ => rule.is_match(line),
    };
    MARKS.iter().find(|(name, rule)| holds(name, rule)).map(|(name, _)| (*name, cut(line, 80)))
}

/// Whether dotted words are a text key rather than a host's name: programmers' spelling, or programmers' parts.
fn is_key(word: &str) -> bool {
    let parts = word.split('.').filter(|part| PARTS.contains(part)).count();
    parts > 1 || word.contains('_') || word.bytes().any(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, page_with, walk};

    fn check(text: &str, expected: &[&str]) {
        let record = walk([page_with("home", |p| p.text = format!("首页\n{text}\n我的"))]);
        assert_eq!(keys(&inspect(&record)), expected, "{text}");
    }

    #[test]
    fn developers_words_speak() {
        check("home.banner.title", &["home: text-key"]);
        check("transfer.form.available.label 6,656.00 元", &["home: text-key"]);
        check("wealth_list.emptyState.hint", &["home: text-key"]);
        check("errors.user.not_found", &["home: text-key"]);
        check("年化利率&nbsp;3.85%", &["home: tag-as-text"]);
        check("<br>申购须知", &["home: tag-as-text"]);
        check("测试产品001", &["home: test-product"]);
        check("Lorem ipsum dolor sit amet", &["home: lorem"]);
    }

    #[test]
    fn customers_words_are_silent() {
        check("www.bank.com.cn", &[]);
        check("官网 www.bank.com.cn 客服", &[]);
        check("风险承受能力测试", &[]);
        check("压力测试结果良好", &[]);
        check("a < b 且 b > c", &[]);
        check("v1.2.3", &[]);
        check("www.hsbc.com.hk", &[]);
        check("mybank.co.uk", &[]);
        check("m.futures.icbc", &[]);
    }
}
