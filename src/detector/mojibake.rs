//! Text read in the wrong encoding: 理财产品 shown as 鐞嗚储浜у搧.

use super::statement::{Detector, Said, Tier, cut, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "mojibake",
    zh: "乱码",
    en: "mojibake",
    catalogue: &["CT05", "CT06", "CT07"],
    tier: Tier::Content,
    inspect,
};

/// What is left when an encoding has lost bytes for good.
const LOST: [&str; 4] = ["\u{fffd}", "锟斤拷", "烫烫烫", "屯屯屯"];
/// A shorter run round-trips by chance.
const RUN_CHARS_MIN: usize = 4;
/// How many bytes of a last character the wrong reading may have swallowed.
const TAIL_BYTES_MAX: usize = 2;

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, page) in looks(record) {
        let Some((kind, shown)) = first_garbled(&page.text).or_else(|| first_garbled(&page.title)) else { continue };
        let zh = format!("「{}」时页面出现乱码：{shown}", step.title);
        let en = format!("The page shows garbled text at “{}”: {shown}", step.title);
        let cause = format!("{kind}, page read as {}: {shown}", page.charset);
        let said = Said::new(Class::Abnormal, Severity::P2, zh, en).cause(cause, kind);
        findings.push(said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

/// How the first garbled run came to be, and the run.
fn first_garbled(text: &str) -> Option<(&'static str, String)> {
    if let Some(line) = text.lines().find(|line| LOST.iter().any(|mark| line.contains(mark))) {
        return Some(("lost-bytes", cut(line.trim(), 60)));
    }
    let runs = || text.split(|c: char| c.is_ascii()).filter(|run| run.chars().nth(RUN_CHARS_MIN - 1).is_some());
    let as_gbk = || runs().find(|run| reads_as_gbk(run)).map(|run| ("utf8-as-gbk", cut(run, 60)));
    let latin = || text.lines().find(|line| reads_as_latin(line)).map(|line| ("utf8-as-latin1", cut(line.trim(), 60)));
    as_gbk().or_else(latin)
}

/// UTF-8 read as GB18030: encoding it back gives UTF-8 again, but for a swallowed end.
fn reads_as_gbk(run: &str) -> bool {
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(run);
    !lossy && is_chinese(&bytes, run.chars().count())
}

/// UTF-8 read as Latin-1 or Windows-1252: `ç†è´¢`.
fn reads_as_latin(line: &str) -> bool {
    let marks = line.chars().filter(|c| ('\u{80}'..='\u{ff}').contains(c)).count();
    if marks < RUN_CHARS_MIN {
        return false;
    }
    let latin: Option<Vec<u8>> = line.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let western = || {
        let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(line);
        (!lossy).then(|| bytes.into_owned())
    };
    [latin, western()].into_iter().flatten().any(|bytes| is_chinese(&bytes, line.chars().count()))
}

/// Whether the bytes are UTF-8 with Chinese in it, and fewer characters than were shown.
fn is_chinese(bytes: &[u8], shown: usize) -> bool {
    let end = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(e) if bytes.len() - e.valid_up_to() <= TAIL_BYTES_MAX => e.valid_up_to(),
        Err(_) => return false,
    };
    let text = String::from_utf8_lossy(&bytes[..end]);
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && text.chars().count() < shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, page_with, walk};

    fn check(text: &str, expected: &[&str]) {
        let record = walk([page_with("home", |p| p.text = text.into())]);
        assert_eq!(keys(&inspect(&record)), expected, "{text}");
    }

    fn misread(text: &str, encoding: &'static encoding_rs::Encoding) -> String {
        encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    #[test]
    fn wrong_readings_speak() {
        check("鐞嗚储浜у搧", &["home: utf8-as-gbk"]);
        check(&misread("稳健增长混合基金", encoding_rs::GB18030), &["home: utf8-as-gbk"]);
        check(&misread("我的理财产品", encoding_rs::WINDOWS_1252), &["home: utf8-as-latin1"]);
        check("产品锟斤拷说明", &["home: lost-bytes"]);
        check("余额\u{fffd}\u{fffd}", &["home: lost-bytes"]);
    }

    #[test]
    fn right_readings_are_silent() {
        check("稳健增长混合 单位净值，历史业绩不代表未来表现；本产品由平安理财发行与管理。", &[]);
        check("联通", &[]);
        check("Crédit Agricole à Montréal, où l’été naît", &[]);
        check("£1,234 · €5 – ½ × 20°", &[]);
        check("日本語のテキスト、한국어 텍스트", &[]);
    }
}
