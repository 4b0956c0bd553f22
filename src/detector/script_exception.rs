//! The app's own script throws, and nobody catches it.

use super::lost_stylesheet::asset_of;
use super::statement::{Detector, Said, Tier, add_once, cut};
use crate::finding::{Finding, Severity, normalise};
use crate::walk::{Class, ScriptError, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "script-exception",
    zh: "脚本异常",
    en: "script exception",
    catalogue: &["BP03", "BP04", "BP13"],
    tier: Tier::Script,
    inspect,
};

/// Texts of exceptions that no customer notices: browsers' own notices, and requests given up on purpose.
const HARMLESS: [&str; 6] = [
    "ResizeObserver loop",
    "Script error.",
    "AbortError",
    "The user aborted a request",
    "signal is aborted without reason",
    "The play() request was interrupted",
];

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for step in &record.steps {
        for error in step.seen.script_errors.iter().filter(|e| counts(e)) {
            let text = error.text.lines().next().unwrap_or_default();
            let frame = error.frame.as_deref().map(asset_of).unwrap_or_default();
            let zh = format!("「{}」时页面脚本出错，部分功能可能失效", step.title);
            let en = format!("The page's script fails at “{}”: a part of the page may not work", step.title);
            let said = Said::new(Class::Broken, Severity::P2, zh, en).cause(
                format!("{} {}", cut(text, 200), error.frame.as_deref().unwrap_or_default()).trim_end(),
                format!("{} {frame}", name_of(text, !frame.is_empty())).trim(),
            );
            add_once(&mut findings, said.on(&DETECTOR, record, step));
        }
    }
    findings
}

/// Exceptions whose text is the browser's own.
const ENGINE: [&str; 6] = ["TypeError", "ReferenceError", "RangeError", "SyntaxError", "URIError", "EvalError"];

/// The part of an exception's text that is the same each time: the browser's own words, or the class alone where the
/// app's programmers wrote the rest and the frame says which place it is.
fn name_of(text: &str, framed: bool) -> String {
    let text = text.trim_start_matches("Uncaught ").trim_start_matches("(in promise) ");
    match text.split_once(':') {
        // It quotes what it could not read, which is data.
        Some(("SyntaxError", said)) if said.contains("JSON") => "SyntaxError JSON".into(),
        Some((class, _)) if framed && !ENGINE.contains(&class) && class.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            class.into()
        }
        _ => normalise(&cut(text, 120)),
    }
}

fn counts(error: &ScriptError) -> bool {
    error.own && !HARMLESS.iter().any(|text| error.text.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{keys, step_with, walk};
    use std::time::Duration;

    fn check(errors: &[(&str, &str, bool)], expected: &[&str]) {
        let thrown = |&(text, frame, own): &(&str, &str, bool)| ScriptError {
            text: text.into(),
            frame: Some(frame.into()),
            own,
            offset: Duration::ZERO,
        };
        let record = walk([step_with("open", |s| s.seen.script_errors = errors.iter().map(thrown).collect())]);
        assert_eq!(keys(&inspect(&record)), expected);
    }

    #[test]
    fn own_exceptions_speak_once_a_cause() {
        let text = "TypeError: Cannot read properties of undefined (reading 'nav')";
        check(
            &[(text, "fund.js renderNav", true), (text, "fund.js renderNav", true)],
            &[&format!("open: {text} fund.js renderNav")],
        );
    }

    /// What the app's own programmers put into an exception (an order, a customer, a trace) is free text.
    #[test]
    fn words_of_the_apps_own_are_no_part_of_the_key() {
        check(&[("Error: 查询失败 张三 traceId=7f3e9a21bc04", "fund.js load", true)], &["open: Error fund.js load"]);
        check(&[("BizError: 余额不足 ¥12.30", "pay.js send", true)], &["open: BizError pay.js send"]);
        check(
            &[("SyntaxError: Unexpected token '张', \"张三\" is not valid JSON", "a.js f", true)],
            &["open: SyntaxError JSON a.js f"],
        );
        check(&[("加载失败 20261122", "", true)], &["open: 加载失败 <n>"]);
    }

    #[test]
    fn third_parties_and_harmless_ones_are_silent() {
        check(&[("TypeError: x is undefined", "tag.js", false)], &[]);
        check(&[("ResizeObserver loop completed with undelivered notifications.", "app.js", true)], &[]);
        check(&[("AbortError: The user aborted a request.", "app.js", true)], &[]);
    }
}
