//! A programmer's word stands where a value should: NaN, undefined, null, {{name}}, 1970-01-01.

use super::statement::{Detector, Said, Tier, cut, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, WalkRecord};
use regex::{Match, Regex};
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "placeholder-text",
    zh: "显示了占位符或程序内部值",
    en: "placeholder text",
    catalogue: &["CT01", "CT02", "CT10", "CT11"],
    tier: Tier::Content,
    inspect,
};

/// Whether a hit is one, from the text before and behind it on its line.
type Holds = fn(&str, &str) -> bool;

/// Token, pattern, and what its neighbours must be. No `\b`: Chinese characters are word characters to it.
static TOKENS: LazyLock<Vec<(&str, Regex, Holds)>> = LazyLock::new(|| {
    let always: Holds = |_, _| true;
    [
        ("[object Object]", r"\[object \w+\]", always),
        ("NaN", r"NaN", apart as Holds),
        ("undefined", r"undefined", no_prose),
        ("null", r"null", no_prose),
        ("Infinity", r"Infinity", no_prose),
        ("Invalid Date", r"Invalid [Dd]ate", apart),
        ("{{…}}", r"\{\{[^{}\n]{1,60}\}\}", always),
        ("${…}", r"\$\{[^{}\n]{1,60}\}", always),
        ("%s", r"%(s|d|\d\$s)", format_mark),
        ("{0}", r"\{\d\}", always),
        ("1970-01-01", r"1970[-/.年]0?1[-/.月]0?1日?", no_birthday),
        ("0000-00-00", r"0000[-/.]00[-/.]00", always),
        ("1e+21", r"\d+(\.\d+[eE]\+\d|[eE]\+\d{2})", apart),
        ("0.30000000000000004", r"\d+\.\d*(0{9,}|9{9,})\d{1,4}", apart),
        ("¥¥", r"[¥￥]\s?[¥￥]", always),
    ]
    .into_iter()
    .map(|(token, pattern, holds)| (token, Regex::new(pattern).expect("the patterns are constants"), holds))
    .collect()
});

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, page) in looks(record) {
        let Some((token, line)) = first_token(&page.text) else { continue };
        let zh = format!("「{}」时页面上显示了「{token}」：{line}", step.title);
        let en = format!("The page shows “{token}” at “{}”: {line}", step.title);
        let severity = if line.contains(['¥', '￥', '%', '元', '$', '额']) { Severity::P1 } else { Severity::P2 };
        let said = Said::new(Class::Abnormal, severity, zh, en).cause(line, format!("={}", token.replace(' ', "_")));
        findings.push(said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

/// The first token in the table's order that the text shows, with its line.
fn first_token(text: &str) -> Option<(&'static str, String)> {
    TOKENS.iter().find_map(|(token, pattern, holds)| {
        let shown = |line: &&str| pattern.find_iter(line).any(|hit| standing(line, hit, *holds));
        text.lines().find(shown).map(|line| (*token, cut(line.trim(), 80)))
    })
}

fn standing(line: &str, hit: Match<'_>, holds: Holds) -> bool {
    holds(&line[..hit.start()], &line[hit.end()..])
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// Not a part of a longer word: `NaN`, not `BaNaNa`.
fn apart(before: &str, behind: &str) -> bool {
    !before.ends_with(|c| is_word(c) && c != '$') && !behind.starts_with(is_word)
}

/// Not a word of an English sentence: `null and void` is legal English, `余额null元` and `Balance: null` are not.
fn no_prose(before: &str, behind: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let (prior, next) = (before.trim_end().chars().next_back(), behind.trim_start().chars().next());
    let quoted = |c: Option<char>| c.is_some_and(|c| "\"'“”`‘’-".contains(c));
    let prose = letter(next) || letter(prior) || (quoted(prior) && quoted(next));
    apart(before, behind) && !prose
}

/// `%s`, not `100%d…`.
fn format_mark(before: &str, behind: &str) -> bool {
    !before.ends_with(|c: char| c.is_ascii_digit()) && !behind.starts_with(is_word)
}

/// Somebody may be born on the first day of 1970.
fn no_birthday(before: &str, _behind: &str) -> bool {
    let near: String = before.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    !["生日", "出生", "Birth", "birth"].iter().any(|word| near.contains(word))
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
    fn programmers_words_speak() {
        check("收益率NaN%", &["home: =NaN"]);
        check("总资产 ¥NaN", &["home: =NaN"]);
        check("持有undefined份", &["home: =undefined"]);
        check("null", &["home: =null"]);
        check("Balance: null", &["home: =null"]);
        check("尊敬的{{userName}}，您好", &["home: ={{…}}"]);
        check("剩余 ${days} 天", &["home: =${…}"]);
        check("您还有%s笔待办", &["home: =%s"]);
        check("成立日期 1970-01-01", &["home: =1970-01-01"]);
        check("到期日 Invalid Date", &["home: =Invalid_Date"]);
        check("[object Object]", &["home: =[object_Object]"]);
        check("合计 0.30000000000000004", &["home: =0.30000000000000004"]);
        check("昨日收益 +59.370000000000005", &["home: =0.30000000000000004"]);
        check("12e+21", &["home: =1e+21"]);
        check("剩余额度 3.85e+7 元", &["home: =1e+21"]);
        check("¥¥1,234.50", &["home: =¥¥"]);
        check("年化 Infinity%", &["home: =Infinity"]);
    }

    #[test]
    fn words_people_write_are_silent() {
        check("This agreement is null and void.", &[]);
        check("The behaviour is undefined in this case", &[]);
        check("Infinity Fund A", &[]);
        check("BaNaNa", &[]);
        check("费率 100%折扣", &[]);
        check("出生日期 1970-01-01", &[]);
        check("申购金额 0.30 元", &[]);
        check("nullable columns", &[]);
    }
}
