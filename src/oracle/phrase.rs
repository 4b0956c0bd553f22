//! Phrases in a page's text: what may not be said, unless it is denied, and what must be.

use crate::journey::oracle::{Phrase, spoken};

/// What turns the phrase right behind it into its opposite.
const DENIALS: [&str; 14] =
    ["不", "非", "无", "未", "勿", "没有", "不得", "不能", "不可", "不会", "不存在", "isnot", "arenot", "nota"];
/// What denies whatever its clause goes on to promise.
const DENYING: [&str; 11] =
    ["不承诺", "不保证", "不构成", "不代表", "并非", "禁止", "严禁", "杜绝", "拒绝", "谨防", "警惕"];
/// Where a clause ends, and with it what is denied. A list goes on after 、.
const ENDS: &str = "，。；！？：,.;!?:\n\t「」|";
/// How many characters of a clause are looked at.
const CLAUSE: usize = 24;
/// How much is told around a phrase, in characters.
const AROUND: usize = 12;

/// The first place in `text` that says what it may not, with some words around it.
pub(super) fn forbidden(phrase: &Phrase, text: &str) -> Option<String> {
    // A phrase does not reach from one block of the page into another.
    text.lines().map(spoken).find_map(|line| {
        let hits = line.match_indices(&phrase.text).map(|(at, _)| at);
        let said = hits.into_iter().find(|&at| !excused(phrase, &line, at) && !denied(&line[..at]))?;
        let before: String = tail(&line[..said], AROUND);
        let behind: String = line[said + phrase.text.len()..].chars().take(AROUND).collect();
        Some(format!("{before}{}{behind}", phrase.text))
    })
}

/// Whether the text says what it must.
pub(super) fn said(phrase: &Phrase, text: &str) -> bool {
    spoken(text).contains(&phrase.text)
}

fn excused(phrase: &Phrase, line: &str, at: usize) -> bool {
    phrase.unless.iter().any(|wording| {
        let inside = wording.match_indices(&phrase.text).map(|(offset, _)| offset);
        inside
            .into_iter()
            .any(|offset| at.checked_sub(offset).is_some_and(|from| line[from..].starts_with(wording.as_str())))
    })
}

/// Whether what stands before a phrase denies it: a word right before it (不保本), or one that rules its clause
/// (不承诺保本、保收益). 不仅 denies nothing, and neither does a word of another thing (无门槛、未来可期).
fn denied(before: &str) -> bool {
    let before = tail(before, CLAUSE);
    let clause = before.rsplit(|c| ENDS.contains(c)).next().unwrap_or_default();
    let bare = clause.trim_end_matches(['“', '"', '‘', '(', '\'']);
    DENIALS.iter().any(|denial| bare.ends_with(denial)) || DENYING.iter().any(|denying| clause.contains(denying))
}

fn tail(text: &str, chars: usize) -> String {
    let count = text.chars().count();
    text.chars().skip(count.saturating_sub(chars)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str, unless: &[&str]) -> Phrase {
        Phrase {
            wanted: false,
            text: text.to_owned(),
            unless: unless.iter().map(|wording| (*wording).to_owned()).collect(),
            on: vec!["**".to_owned()],
            message: None,
            urgent: true,
        }
    }

    #[test]
    fn promises_speak_and_their_denials_do_not() {
        let check = |of: &str, unless: &[&str], text: &str, expected: Option<&str>| {
            assert_eq!(forbidden(&phrase(of, unless), text).as_deref(), expected, "{of} in {text}");
        };
        check("稳赚不赔", &[], "本产品稳赚不赔", Some("本产品稳赚不赔"));
        check("稳赚不赔", &[], "本产品稳赚 不赔", Some("本产品稳赚不赔"));
        check("保本", &[], "保本保收益，放心买", Some("保本保收益,放心买"));
        check("保本", &[], "理财非存款，不承诺保本", None);
        check("保本", &[], "本产品为非保本浮动收益", None);
        check("保证本金", &[], "不保证本金安全", None);
        check("保本", &[], "费用不高，保本", Some("费用不高,保本"));
        check("保本", &[], "不承诺保本、保收益", None);
        check("保收益", &[], "不承诺保本、保收益", None);
        check("稳赚不赔", &[], "无门槛稳赚不赔", Some("无门槛稳赚不赔"));
        check("稳赚不赔", &[], "未来可期稳赚不赔", Some("未来可期稳赚不赔"));
        check("保本", &[], "非凡收益保本", Some("非凡收益保本"));
        check("保本", &[], "稳赚不赔保本", Some("稳赚不赔保本"));
        check("保本", &[], "没有任何风险、保本", Some("没有任何风险、保本"));
        check("稳赚不赔", &[], "不可错过的稳赚不赔产品", Some("不可错过的稳赚不赔产品"));
        check("保本", &[], "绝不会亏损保本", Some("绝不会亏损保本"));
        check("guaranteedreturn", &[], "Notice: another guaranteed return", Some("tice:anotherguaranteedreturn"));
        check("100%保本", &[], "１００％保本", Some("100%保本"));
        check("guaranteedreturn", &[], "a Guaranteed Return of 5%", Some("aguaranteedreturnof5%"));
        check("guaranteedreturn", &[], "This is not a guaranteed return.", None);
        check("稳赚不赔", &[], "不仅稳赚不赔还有礼品", Some("不仅稳赚不赔还有礼品"));
        check("稳赚不赔", &[], "谨防“稳赚不赔”的骗局", None);
        check("稳赚不赔", &[], "有人说“稳赚不赔”的骗局", Some("有人说“稳赚不赔”的骗局"));
        check("稳赚不赔", &["“稳赚不赔”的骗局"], "有人说“稳赚不赔”的骗局", None);
        check("保本", &["保本型存款"], "保本型存款，保本", Some("保本型存款,保本"));
        // One block ends with the one half, another begins with the other.
        check("稳赚不赔", &[], "稳赚\n不赔", None);
    }

    #[test]
    fn what_must_be_said_may_be_broken_over_lines() {
        let check = |text: &str, expected: bool| assert_eq!(said(&phrase("投资须谨慎", &[]), text), expected, "{text}");
        check("基金有风险，投资\n须谨慎。", true);
        check("基金有风险", false);
    }
}
