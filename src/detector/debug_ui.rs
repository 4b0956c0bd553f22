//! A developer's tool or a test environment's mark is shipped to customers.

use super::statement::{Detector, Said, Tier, add_once, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, ExchangeKind, StepRecord, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "debug-ui",
    zh: "调试工具外露",
    en: "debug tools shipped",
    catalogue: &["SC12"],
    tier: Tier::Beside,
    inspect,
};

/// Lines that say nothing else.
const TEXTS: [&str; 9] =
    ["vConsole", "eruda", "Eruda", "测试环境", "UAT环境", "UAT 环境", "SIT环境", "开发环境", "DEBUG MODE"];
/// Files of such tools.
const FILES: [&str; 3] = ["vconsole", "eruda", "react-devtools"];

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let shown = looks(record).filter_map(|(step, page)| {
        let text = TEXTS.into_iter().find(|text| page.text.lines().any(|line| line.trim() == *text))?;
        Some((step, text.to_lowercase()))
    });
    let loaded = record.steps.iter().filter_map(|step| Some((step, loaded_tool(step)?.to_owned())));
    for (step, tool) in shown.chain(loaded) {
        let zh = format!("「{}」时页面上有开发用的「{tool}」，不该给客户看到", step.title);
        let en = format!("A developers' tool (“{tool}”) is on the page at “{}”", step.title);
        let said = Said::new(Class::Abnormal, Severity::P2, zh, en).cause(tool.clone(), format!("debug {tool}"));
        // One tool on every page is one trouble.
        add_once(&mut findings, said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

fn loaded_tool(step: &StepRecord) -> Option<&'static str> {
    let scripts = step.seen.exchanges.iter().filter(|e| e.kind == ExchangeKind::Script && e.status == Some(200));
    let urls: Vec<String> = scripts.map(|e| e.url.to_lowercase()).collect();
    FILES.into_iter().find(|file| urls.iter().any(|url| url.contains(file)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, page_with, step_with, walk};

    fn check(steps: Vec<StepRecord>, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk(steps))), expected);
    }

    #[test]
    fn tools_speak_once() {
        let shown = |id| page_with(id, |p| p.text = "首页\nvConsole\n我的".into());
        check(vec![shown("a"), shown("b")], &["a: debug vconsole"]);
        let script = exchange(ExchangeKind::Script, "GET", "/lib/eruda.min.js", 200);
        check(vec![step_with("a", |s| s.seen.exchanges.push(script))], &["a: debug eruda"]);
    }

    #[test]
    fn words_in_a_sentence_are_silent() {
        check(vec![page_with("a", |p| p.text = "如何在测试环境使用 vConsole？".into())], &[]);
    }
}
