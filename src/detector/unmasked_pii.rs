//! A customer's number stands on the page in full: identity card, bank card, mobile phone.

use super::statement::{Detector, Said, Tier, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, StepRecord, WalkRecord};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "unmasked-pii",
    zh: "个人信息未脱敏",
    en: "unmasked personal data",
    catalogue: &["SC06", "SC07", "SC08"],
    tier: Tier::Beside,
    inspect,
};

/// Numbers as people write them: cards and phones in their groups, anything else in one piece. A date before a phone
/// is another number.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\d{4}(?: \d{4}){3}(?: \d{3})?|\d{4}(?:-\d{4}){3}(?:-\d{3})?|",
        r"1\d{2} \d{4} \d{4}|1\d{2}-\d{4}-\d{4}|\d{17}[Xx]|\d{10,19}"
    ))
    .expect("the pattern is a constant")
});

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, page) in looks(record) {
        let Some((kind, number)) = first_number(&page.text) else { continue };
        let (zh, en) = match kind {
            "identity-card" => ("身份证号", "identity card number"),
            "bank-card" => ("银行卡号", "bank card number"),
            _ => ("手机号", "mobile number"),
        };
        let shown = masked(&number);
        let zh = format!("「{}」时页面完整显示了客户的{zh}（{shown}），没有脱敏", step.title);
        let en = format!("The page shows a customer's whole {en} at “{}” ({shown})", step.title);
        let said = Said::new(Class::Abnormal, Severity::P1, zh, en).cause(format!("{kind} {shown}"), kind);
        findings.push(said.deterministic().on(&DETECTOR, record, step));
    }
    let address = record.steps.iter().find_map(|step| Some((step, named_in_address(step)?)));
    // An address that carries a number stands in the console, too, when it fails.
    let told = address.as_ref().map(|(_, (_, shown))| shown.clone());
    let console = record.steps.iter().find_map(|step| {
        Some((step, named_in_console(step)?)).filter(|(_, (_, number))| told.as_ref() != Some(&masked(number)))
    });
    findings.extend(address.map(|(step, named)| in_address(record, step, named)));
    findings.extend(console.map(|(step, named)| in_console(record, step, named)));
    findings
}

/// What stands in the console, every script on the page and every support tool reads along.
fn in_console(record: &WalkRecord, step: &StepRecord, (kind, number): (&'static str, String)) -> Finding {
    let shown = masked(&number);
    let zh = format!("「{}」时客户的完整号码（{shown}）被写进浏览器控制台，第三方脚本都能读到", step.title);
    let en = format!("A customer's whole number is written to the console at “{}” ({shown})", step.title);
    let said = Said::new(Class::Abnormal, Severity::P1, zh, en);
    said.cause(format!("{kind} {shown} in the console"), format!("{kind} in console"))
        .deterministic()
        .on(&DETECTOR, record, step)
}

/// The first whole number in the console, whichever script wrote it.
fn named_in_console(step: &StepRecord) -> Option<(&'static str, String)> {
    step.seen.console.iter().find_map(|line| first_number(&line.text))
}

/// A number in an address is told once: it stays in histories, logs and the answers of every link.
fn in_address(record: &WalkRecord, step: &StepRecord, (kind, shown): (&'static str, String)) -> Finding {
    let zh = format!("「{}」时网址里带着客户的完整号码（{shown}），会留在浏览记录和日志里", step.title);
    let en = format!("The address carries a customer's whole number at “{}” ({shown})", step.title);
    let said = Said::new(Class::Abnormal, Severity::P1, zh, en);
    said.cause(format!("{kind} {shown} in the address"), format!("{kind} in address"))
        .deterministic()
        .on(&DETECTOR, record, step)
}

/// The first whole number in the query of a page's or a call's address.
fn named_in_address(step: &StepRecord) -> Option<(&'static str, String)> {
    let navigated = step.seen.navigations.iter().map(|n| n.url.as_str());
    let asked = step.seen.exchanges.iter().map(|e| e.url.as_str());
    let looked = step.seen.page.iter().map(|p| p.url.as_str());
    navigated.chain(asked).chain(looked).find_map(|url| {
        let query = url.split_once('?')?.1;
        let values = query.split(['&', '#']).filter_map(|pair| Some(pair.split_once('=')?.1));
        let known = |value: &str| Some((kind_of(value)?, masked(value)));
        values.filter(|v| v.chars().all(|c| c.is_ascii_alphanumeric())).find_map(known)
    })
}

fn first_number(text: &str) -> Option<(&'static str, String)> {
    NUMBERS.find_iter(text).find_map(|hit| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '*' || c == '.' || c == '-');
        if edge(text[..hit.start()].chars().next_back()) || edge(text[hit.end()..].chars().next()) {
            return None;
        }
        let plain: String = hit.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
        kind_of(&plain).map(|kind| (kind, plain))
    })
}

fn kind_of(number: &str) -> Option<&'static str> {
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    match number.len() {
        18 if is_identity_card(number) => Some("identity-card"),
        16 | 19 if digits && starts_as_card(number) && luhn(number) => Some("bank-card"),
        11 if digits && is_mobile(number) => Some("mobile"),
        _ => None,
    }
}

/// GB 11643: a date of birth inside, and a check digit modulo 11.
fn is_identity_card(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let Some(digits) = number.chars().take(17).map(|c| c.to_digit(10)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let number_at = |from: usize, to: usize| digits[from..to].iter().fold(0, |sum, d| sum * 10 + d);
    let dated = (1900..2100).contains(&number_at(6, 10))
        && (1..=12).contains(&number_at(10, 12))
        && (1..=31).contains(&number_at(12, 14));
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    let wanted = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize];
    dated && number.chars().next_back().is_some_and(|c| c.eq_ignore_ascii_case(&wanted))
}

/// UnionPay, Visa and Mastercard; order numbers rarely begin so.
fn starts_as_card(number: &str) -> bool {
    let two = &number[..2];
    two == "62" || number.starts_with('4') || ("51"..="55").contains(&two)
}

fn luhn(number: &str) -> bool {
    let doubled = |(at, digit): (usize, u32)| match at % 2 {
        0 => digit,
        _ if digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    digits.map(doubled).sum::<u32>().is_multiple_of(10)
}

fn is_mobile(number: &str) -> bool {
    number.starts_with('1') && matches!(number.as_bytes()[1], b'3'..=b'9')
}

/// Enough to find it again, too little to use it: findings travel further than the page.
fn masked(number: &str) -> String {
    format!("{}****{}", &number[..3], &number[number.len() - 2..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{page_with, step_with, walk};
    use crate::walk::{ConsoleLevel, ConsoleLine};
    use std::time::Duration;

    fn check(text: &str, expected: &[&str]) {
        let findings = inspect(&walk([page_with("me", |p| p.text = format!("我的资料\n{text}"))]));
        assert_eq!(findings.iter().filter_map(|f| f.cause.as_deref()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn whole_numbers_speak_and_are_masked_in_what_is_said() {
        check("身份证 11010519491231002X", &["identity-card 110****2X"]);
        check("卡号 6222 0212 3456 7894", &["bank-card 622****94"]);
        check("手机 13800138000", &["mobile 138****00"]);
        check("2026-11-21 13800138000", &["mobile 138****00"]);
        check("13800138000 2026-11-21 08:30", &["mobile 138****00"]);
        check("5 13800138000 2", &["mobile 138****00"]);
        check("6222-0212-3456-7894", &["bank-card 622****94"]);
        check("11010519491231002X 13800138000", &["identity-card 110****2X"]);
    }

    #[test]
    fn numbers_in_addresses_speak_once() {
        let check = |query: &str, expected: &[&str]| {
            let at = |id| page_with(id, |p| p.url = format!("https://app.test/transactions?{query}"));
            let findings = inspect(&walk([at("list"), at("next")]));
            assert_eq!(findings.iter().map(|f| f.cause_key.as_str()).collect::<Vec<_>>(), expected, "{query}");
        };
        check("mobile=13800138000&page=1", &["mobile in address"]);
        check("page=1&order=202611211234567890", &[]);
        check("t=1763740800123", &[]);
    }

    #[test]
    fn numbers_in_the_console_speak_once() {
        let check = |text: &str, expected: &[&str]| {
            let line = ConsoleLine { level: ConsoleLevel::Info, text: text.into(), offset: Duration::ZERO };
            let said = |id| step_with(id, |s| s.seen.console.push(line.clone()));
            let findings = inspect(&walk([said("home"), said("list")]));
            assert_eq!(findings.iter().map(|f| f.cause_key.as_str()).collect::<Vec<_>>(), expected, "{text}");
        };
        check(r#"profile {"phone":"13800138000","level":3}"#, &["mobile in console"]);
        check("[api] 200 /api/profile in 12 ms", &[]);
        check("request 17637408001234567 phone 138****8000", &[]);
    }

    #[test]
    fn masked_numbers_and_other_numbers_are_silent() {
        check("身份证 110105********002X", &[]);
        check("卡号 6222 **** **** 7890", &[]);
        check("手机 138****8000", &[]);
        check("订单号 202611211234567890", &[]);
        check("流水 FD13800138000", &[]);
        check("客服 400-800-1234", &[]);
        check("身份证 110105194912310021", &[]);
        check("总资产 12345678901.50", &[]);
    }
}
