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

/// A text of the page, cut for a sentence.
pub(super) fn brief(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}
