//! The page asks for a script of a host that the app's configuration does not know.

use super::statement::{Detector, Said, Tier, add_once, host_of};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, ExchangeKind, StepRecord, WalkRecord};
use std::collections::BTreeSet;

pub(super) const DETECTOR: Detector = Detector {
    id: "foreign-script",
    zh: "陌生的第三方脚本",
    en: "script of an unknown third party",
    catalogue: &["SC09"],
    tier: Tier::Beside,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, host) in strangers(record) {
        let zh = format!("「{}」时页面要加载陌生网站 {host} 的脚本，它能读取客户输入的一切", step.title);
        let en = format!("The page loads a script of {host} at “{}”, which the app does not declare", step.title);
        let said = Said::new(Class::Abnormal, Severity::P1, zh, en).cause(format!("script of {host}"), host.to_owned());
        add_once(&mut findings, said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

/// Hosts whose script the guard kept out: it lets through what the app declares. It may say so a step later.
fn strangers(record: &WalkRecord) -> Vec<(&StepRecord, &str)> {
    let guarded = record.steps.iter().flat_map(|step| &step.seen.guarded);
    let refused: BTreeSet<&str> =
        guarded.flat_map(|words| words.split_whitespace().map(name_of)).filter(|host| !host.is_empty()).collect();
    let asked = record.steps.iter().flat_map(|step| step.seen.exchanges.iter().map(move |asked| (step, asked)));
    let scripts = asked.filter(|(_, e)| !e.own && e.kind == ExchangeKind::Script);
    scripts.map(|(step, script)| (step, name_of(&script.url))).filter(|(_, host)| refused.contains(host)).collect()
}

/// The name alone: a port is chance.
fn name_of(url: &str) -> &str {
    host_of(url).split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, step_with, walk};

    fn asking(kind: ExchangeKind) -> StepRecord {
        step_with("home", |s| {
            let mut script = exchange(kind, "GET", "/pixel.js", 403);
            (script.url, script.own) = ("https://cdn-stat.test/pixel.js".into(), false);
            s.seen.exchanges.push(script);
        })
    }

    fn check(kind: ExchangeKind, guarded: &str, expected: &[&str]) {
        let mut asking = asking(kind);
        asking.seen.guarded.push(guarded.into());
        assert_eq!(keys(&inspect(&walk([asking]))), expected);
    }

    #[test]
    fn scripts_the_guard_kept_out_speak() {
        check(ExchangeKind::Script, "GET https://cdn-stat.test:443/pixel.js (host)", &["home: cdn-stat.test"]);
        check(ExchangeKind::Script, "CONNECT cdn-stat.test:443 (host)", &["home: cdn-stat.test"]);
        check(ExchangeKind::Script, "GET https://ads.test/p.gif (host)", &[]);
        let late = step_with("next", |s| s.seen.guarded.push("CONNECT cdn-stat.test:443 (host)".into()));
        assert_eq!(keys(&inspect(&walk([asking(ExchangeKind::Script), late]))), ["home: cdn-stat.test"]);
        check(ExchangeKind::Image, "GET https://cdn-stat.test:443/pixel.js (host)", &[]);
    }
}
