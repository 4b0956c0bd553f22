//! Figures as people write them, read into exact decimals. No figure ever becomes a float.

pub use rust_decimal::Decimal;
use std::str::FromStr;

/// What kind of figure a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// `12`, `1,234.50`, `-0.3`.
    Decimal,
    /// A decimal with an optional currency mark and the units 万 and 亿: `¥1,234.50`, `1.2万元`.
    Money,
    /// `3.85%`, read as 3.85.
    Percent,
    /// A whole number.
    Integer,
}

/// Why a text is not a figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct NotAFigure {
    /// What stood there, cut to 80 characters.
    pub text: String,
    /// What was wanted, with an example.
    pub wanted: &'static str,
}

/// Reads the one figure in `text`; marks, units and spaces around it are allowed, a second figure is not.
pub fn read_figure(text: &str, kind: FigureKind) -> Result<Decimal, NotAFigure> {
    let wanted = match kind {
        FigureKind::Decimal => "a decimal such as 1,234.50",
        FigureKind::Money => "an amount such as ¥1,234.50",
        FigureKind::Percent => "a percentage such as 3.85%",
        FigureKind::Integer => "a whole number such as 12",
    };
    let refuse = || NotAFigure { text: text.chars().take(80).collect(), wanted };
    let plain: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let start = plain.find(|c: char| c.is_ascii_digit()).ok_or_else(refuse)?;
    let rest = &plain[start..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ',' || c == '.')).unwrap_or(rest.len());
    let (digits, tail) = (rest[..end].trim_end_matches([',', '.']), &rest[end..]);
    let head = &plain[..start];
    if tail.contains(|c: char| c.is_ascii_digit()) || !grouped_right(digits) {
        return Err(refuse());
    }
    let mut figure = Decimal::from_str(&digits.replace(',', "")).map_err(|_| refuse())?;
    if is_signed(head) {
        figure.set_sign_negative(true);
    }
    let unit_ok = match kind {
        FigureKind::Money => {
            let unit = if tail.starts_with('万') {
                10_000
            } else if tail.starts_with('亿') {
                100_000_000
            } else {
                1
            };
            // What a page shows may be larger than any decimal.
            figure = figure.checked_mul(Decimal::from(unit)).ok_or_else(refuse)?;
            true
        }
        FigureKind::Percent => tail.starts_with('%'),
        FigureKind::Integer => figure.fract().is_zero(),
        FigureKind::Decimal => true,
    };
    if unit_ok { Ok(figure) } else { Err(refuse()) }
}

/// Whether the figure behind `head` is negative: a minus stands before it, or before its currency mark. A hyphen
/// farther off belongs to a name: `稳健增长-A 1,234.50`.
fn is_signed(head: &str) -> bool {
    const MARKS: [&str; 10] = ["¥", "￥", "$", "€", "£", "RMB", "CNY", "USD", "HKD", "EUR"];
    let strip = |head: &str| MARKS.iter().find_map(|mark| head.strip_suffix(mark).map(str::len));
    let bare = strip(head).map_or(head, |len| &head[..len]);
    bare.ends_with(['-', '−'])
}

/// The narrow form of a wide letter, digit or mark; other characters stay.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Group marks, where there are any, stand before every third digit: `1,23` is a typo, not 123.
fn grouped_right(digits: &str) -> bool {
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, ""));
    if cents.contains([',', '.']) {
        return false;
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let rest: Vec<&str> = groups.collect();
    rest.is_empty() || (!first.is_empty() && first.len() <= 3 && rest.iter().all(|g| g.len() == 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let check = |text: &str, kind, expected: Option<&str>| {
            let got = read_figure(text, kind).ok();
            assert_eq!(got, expected.map(|e| Decimal::from_str(e).unwrap()), "{text:?}");
        };
        check("¥1,234.50", FigureKind::Money, Some("1234.50"));
        check("-¥1,234.50", FigureKind::Money, Some("-1234.50"));
        check("总资产 1.2万元", FigureKind::Money, Some("12000"));
        check("１，２３４．５", FigureKind::Decimal, Some("1234.5"));
        check("3.85%", FigureKind::Percent, Some("3.85"));
        check("3.85", FigureKind::Percent, None);
        check("0.1 0.2", FigureKind::Decimal, None);
        check("1,23", FigureKind::Decimal, None);
        check("12.5", FigureKind::Integer, None);
        check("NaN", FigureKind::Money, None);
        check("--", FigureKind::Money, None);
        check("收益 -12.30", FigureKind::Money, Some("-12.30"));
        check("¥-12.30", FigureKind::Money, Some("-12.30"));
        check("−RMB 12.30", FigureKind::Money, Some("-12.30"));
        check("稳健增长-A 1,234.50", FigureKind::Money, Some("1234.50"));
        check("稳健增长-A ¥1,234.50", FigureKind::Money, Some("1234.50"));
        // Larger than any decimal.
        check("79228162514264337593543950335亿", FigureKind::Money, None);
        check("79228162514264337593543950336", FigureKind::Decimal, None);
    }
}
