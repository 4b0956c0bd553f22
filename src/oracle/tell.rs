//! The words of breaches, in Chinese and English.

use crate::journey::Expression;
use crate::journey::oracle::{Figure, FigureAs, Subject};
use crate::money::FigureKind;

/// What is said, in both languages.
pub(super) type Words = (String, String);

/// A subject, or the one of it that has this key.
pub(super) fn named(of: &Subject, key: &str) -> Words {
    let title = if key.is_empty() { of.title.clone() } else { format!("{} {}", of.title, brief(key)) };
    (title.clone(), title)
}

/// A figure of it.
pub(super) fn of_figure(of: &Subject, key: &str, figure: &Figure) -> Words {
    if key.is_empty() {
        return (figure.title.clone(), figure.title.clone());
    }
    let (zh, en) = named(of, key);
    (format!("{zh} 的{}", figure.title), format!("{} of {en}", figure.title))
}

/// What a figure of this kind is.
pub(super) fn kind_words(kind: FigureAs) -> (&'static str, &'static str) {
    match kind {
        FigureAs::Text => ("文字", "text"),
        FigureAs::Date => ("日期", "date"),
        FigureAs::Figure(FigureKind::Money) => ("金额", "amount"),
        FigureAs::Figure(FigureKind::Percent) => ("百分数", "percentage"),
        FigureAs::Figure(FigureKind::Integer) => ("整数", "whole number"),
        FigureAs::Figure(FigureKind::Decimal) => ("数", "figure"),
    }
}

/// The values of a claim, without the claim where that is told already.
pub(super) fn worked(that: &Expression, shown: &str) -> String {
    shown.strip_prefix(that.text()).map_or(shown, |rest| rest.trim_start_matches(" (").trim_end_matches(')')).to_owned()
}

/// What is a customer's own, as it may be said: its ends alone, and of what is short its beginning.
pub(super) fn veiled(text: &str) -> String {
    const HIDDEN_MAX: usize = 6;
    let chars: Vec<char> = text.chars().collect();
    let (head, tail) = if chars.len() > 7 { (2, 2) } else { (1, 0) };
    let hidden = chars.len().saturating_sub(head + tail);
    let shown = |range: &[char]| range.iter().collect::<String>();
    let ends = (shown(&chars[..head.min(chars.len())]), shown(&chars[chars.len() - tail.min(chars.len())..]));
    format!("{}{}{}", ends.0, "*".repeat(hidden.clamp(1, HIDDEN_MAX)), ends.1)
}

/// A text of the page, cut for a sentence.
pub(super) fn brief(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::veiled;

    #[test]
    fn what_is_a_customers_own_is_never_said_in_full() {
        let check = |text: &str, expected: &str| assert_eq!(veiled(text), expected);
        check("周慕青", "周**");
        check("陈", "陈*");
        check("", "*");
        check("138****0002", "13******02");
        check("PATROL-7F3A", "PA******3A");
        check("61234.56", "61****56");
        check("1500.00", "1******");
        check("7.20", "7***");
    }
}
