//! The one fingerprint: from journey, step, detector, route and normalised cause; never from time, ordinal or free text.

use crate::id::{JourneyId, StepId};
use sha2::Digest;
use std::fmt;
use std::sync::LazyLock;

/// The name of a trouble, versioned: `v1:` and 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of what is given, the cause normalised.
    pub fn of(journey: &JourneyId, step: &StepId, detector: &str, route: &str, cause: &str) -> Self {
        let mut hash = sha2::Sha256::new();
        for part in [journey.as_str(), &step.0, detector, route, &normalise(cause)] {
            // Length first, so that no two lists of parts share their bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        Self(format!("v1:{}", digest.iter().take(16).map(|b| format!("{b:02x}")).collect::<String>()))
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the store.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Replaces what differs from sighting to sighting. A word that begins with `=` is exact and stays as it is
/// (`POST /api/orders =500 =E1001`): a status or a business code is what tells two troubles apart. No `\b`: in Unicode, Chinese characters are word
/// characters, so `错误码10023` has no boundary before its digits.
pub fn normalise(cause: &str) -> String {
    static RULES: LazyLock<Vec<(regex::Regex, &str)>> = LazyLock::new(|| {
        [
            (r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
            (r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?([T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?", "<date>"),
            // Whole runs: addresses with their ports, times, lines and columns. A part of one would pass for another kind.
            (r"\d+(\.\d+){2,}(:\d+)*", "<n>"),
            (r"\d+(:\d+)+(\.\d+)?", "<n>"),
            (r"\d*\*{2,}\d*", "<masked>"),
            (r"[¥￥$]\s?-?\d+(,\d{3})*(\.\d+)?", "<amount>"),
            (r"(?i)[0-9a-f]{16,}", "<id>"),
            (r"-?\d+(,\d{3})*(\.\d+)?%?", "<n>"),
        ]
        .into_iter()
        .map(|(pattern, with)| (regex::Regex::new(pattern).expect("the patterns are constants"), with))
        .collect()
    });
    let half: String = cause
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            _ => c,
        })
        .collect();
    let (exact, loose): (Vec<&str>, Vec<&str>) =
        half.split_whitespace().partition(|word| word.len() > 1 && word.starts_with('=') && !word.starts_with("=="));
    let fold = |text: String, (rule, with): &(regex::Regex, &str)| rule.replace_all(&text, *with).into_owned();
    let (dated, counted) = RULES.split_at(RULES.len() - 1);
    let named = without_tokens(&dated.iter().fold(loose.join(" "), fold));
    let folded = counted.iter().fold(named, fold);
    [vec![folded.as_str()], exact].concat().join(" ").trim().to_owned()
}

/// The text with every trace id, order number and build hash as `<id>`.
fn without_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = |c: char| c.is_ascii_alphanumeric();
        let (run, behind) = rest.split_at(rest.find(|c| !word(c)).unwrap_or(rest.len()));
        out.push_str(if is_token(run) { "<id>" } else { run });
        let (between, next) = behind.split_at(behind.find(word).unwrap_or(behind.len()));
        out.push_str(between);
        rest = next;
    }
    out
}

/// Whether digits and letters are mixed as in a token: hexadecimal, short where they alternate (`7f3e9a`), or long.
/// A code such as `E10023` is none.
fn is_token(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let turns = run.as_bytes().windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit()).count();
    let mixed = digits > 0 && digits < run.len();
    let hex = run.bytes().all(|b| b.is_ascii_hexdigit());
    mixed && (hex && (run.len() >= 8 || (run.len() >= 6 && turns >= 3)) || (run.len() >= 12 && digits >= 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_that_differ_in_volatile_parts_are_one() {
        let check = |text: &str, expected: &str| assert_eq!(normalise(text), expected);
        check("错误码10023，流水号２０２６", "错误码<n>,流水号<n>");
        check("余额 ¥1,234.50 不足", "余额 <amount> 不足");
        check("于2026-11-21 08:30:12失败", "于<date>失败");
        check("尾号****1234", "尾号<masked>");
        check("POST /api/x =500 =10023 took 31 ms", "POST /api/x took <n> ms =500 =10023");
        check("系统繁忙（TraceId: 7f3e9a21bc04）", "系统繁忙(TraceId: <id>)");
        check("编号a1b2c3处理失败", "编号<id>处理失败");
        check("流水FD20261121A000017未入账", "流水<id>未入账");
        check("错误E10023，编号ACC12", "错误E<n>,编号ACC<n>");
        check("at renderNav2 in chunk3", "at renderNav<n> in chunk<n>");
        check("decade facade", "decade facade");
        check("node 10.20.3.113:8080 下线", "node <n> 下线");
        check("08:30 至 23:59:59.999，版本3.12.0.1002", "<n> 至 <n>,版本<n>");
        check("node-112:3306, app.js:13:548", "node-<n>, app.js:<n>");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of =
            |route: &str, cause: &str| Fingerprint::of(&"a".parse().unwrap(), &StepId("s".into()), "d", route, cause);
        assert_ne!(of("/ab", "c"), of("/a", "bc"));
        assert_eq!(of("/a", "x 1"), of("/a", "x 2"));
    }
}
