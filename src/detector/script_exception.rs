//! The app's own script throws, and nobody catches it.

use super::lost_stylesheet::asset_of;
use super::statement::{Detector, Said, Tier, cut};
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
                format!("{} {frame}", normalise(&cut(text, 120))).trim_end(),
            );
            if !findings.iter().any(|f| f.cause_key == said.cause_key) {
                findings.push(said.on(&DETECTOR, record, step));
            }
        }
    }
    findings
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

    #[test]
    fn third_parties_and_harmless_ones_are_silent() {
        check(&[("TypeError: x is undefined", "tag.js", false)], &[]);
        check(&[("ResizeObserver loop completed with undelivered notifications.", "app.js", true)], &[]);
        check(&[("AbortError: The user aborted a request.", "app.js", true)], &[]);
    }
}
