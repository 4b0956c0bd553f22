//! An English sentence on a Chinese page: a text nobody translated.

use super::statement::{Detector, Said, Tier, cut, lasting_looks};
use crate::finding::{Finding, Severity, normalise};
use crate::walk::{Class, PageLook, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "mixed-language",
    zh: "中文页面夹着未翻译的英文",
    en: "text nobody translated",
    catalogue: &["CT13"],
    tier: Tier::Beside,
    inspect,
};

/// The least share of Chinese characters among a page's letters, in percent: pages in two languages have fewer.
const CHINESE_PERCENT: usize = 70;
/// The most foreign sentences of a page that is not written in two languages.
const SENTENCES_MAX: usize = 3;
/// The least words of a sentence.
const WORDS_MIN: usize = 5;
/// Words that sentences for customers are made of, and names are not.
const SENTENCE_WORDS: [&str; 28] = [
    "please", "your", "you", "is", "are", "was", "were", "been", "have", "has", "cannot", "failed", "invalid", "enter",
    "select", "click", "try", "again", "will", "must", "should", "not", "never", "this", "these", "we", "our", "to",
];
/// What pages say in English whatever their language.
const FORMAL: [&str; 6] = ["copyright", "©", "all rights reserved", "member of", "regulated by", "registered in"];

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, page) in lasting_looks(record, |page| sentence_of(page).is_some()) {
        let Some(line) = sentence_of(page) else { continue };
        let zh = format!("「{}」时中文页面上有未翻译的英文：{line}", step.title);
        let en = format!("A Chinese page holds English that nobody translated at “{}”: {line}", step.title);
        let said = Said::new(Class::Abnormal, Severity::P3, zh, en).cause(&line, normalise(&line));
        super::statement::add_once(&mut findings, said.deterministic().lasting().on(&DETECTOR, record, step));
    }
    findings
}

/// The first foreign sentence of a page that is Chinese but for it.
fn sentence_of(page: &PageLook) -> Option<String> {
    let chinese = page.text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    let latin = page.text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).count();
    if chinese * 100 < (chinese + latin) * CHINESE_PERCENT {
        return None;
    }
    let mut sentences = page.text.lines().map(str::trim).filter(|line| is_sentence(line));
    let first = sentences.next()?;
    (sentences.count() < SENTENCES_MAX).then(|| cut(first, 80))
}

fn is_sentence(line: &str) -> bool {
    let plain = line.to_lowercase();
    let foreign = line.chars().all(|c| c.is_ascii() || !c.is_alphabetic());
    let words: Vec<&str> =
        plain.split(|c: char| !c.is_ascii_alphabetic() && c != '\'').filter(|w| !w.is_empty()).collect();
    let speaks = words.iter().filter(|word| SENTENCE_WORDS.contains(word)).count() >= 2;
    foreign && words.len() >= WORDS_MIN && speaks && !FORMAL.iter().any(|mark| plain.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, page_with, walk};

    const CHINESE: &str = "转账汇款\n可用余额 6,656.00 元\n收款人\n请选择收款人\n转账金额\n附言\n交易密码\n下一步";

    fn check(text: &str, expected: &[&str]) {
        let page = || page_with("transfer", |p| p.text = format!("{CHINESE}\n{text}"));
        let found = inspect(&walk([page(), page()]));
        assert_eq!(keys(&found), expected, "{text}");
        assert!(found.iter().all(|f| f.lasting && !f.failing));
    }

    #[test]
    fn sentences_nobody_translated_speak() {
        check("Please check the payee before you go on.", &["transfer: Please check the payee before you go on."]);
        check("Your session has expired. Try again.", &["transfer: Your session has expired. Try again."]);
    }

    /// Brand names, formal lines, pages in two languages, codes.
    #[test]
    fn names_and_pages_in_two_languages_are_silent() {
        check("JPMorgan Pacific Technology Fund (acc) USD", &[]);
        check("Copyright © 2026 Tingchao Wealth. All rights reserved. We are regulated.", &[]);
        check("Tingchao Wealth", &[]);
        check("Error E1001 trace 7f3a", &[]);
        check("Please try again", &[]);
        let both = "Transfer money to your payee. You must enter the amount, which is taken from the balance below.\n";
        check(&both.repeat(6), &[]);
        check("Dear customer 您好 please check your payee", &[]);
    }
}
