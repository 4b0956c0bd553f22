//! The page names a machine or an address of the inner network.

use super::statement::{Detector, Said, Tier, add_once, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, WalkRecord};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "internal-address",
    zh: "内网地址外露",
    en: "internal address shown",
    catalogue: &["SC11"],
    tier: Tier::Beside,
    inspect,
};

/// RFC 1918 addresses written out, and names under the endings that inner networks use.
static INNER: LazyLock<Regex> = LazyLock::new(|| {
    let byte = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)";
    Regex::new(&format!(
        r"\b(?:10\.{byte}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.{byte}\.{byte}\b|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:lan|intranet|corp|svc\.cluster\.local)\b"
    ))
    .expect("the pattern is a constant")
});

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, page) in looks(record) {
        let own = page.url.split("://").nth(1).unwrap_or_default();
        // An app that is itself reached by its inner address tells nothing by naming it.
        let Some(named) = page.text.lines().flat_map(inner).find(|name| !own.starts_with(name)) else { continue };
        let zh = format!("「{}」时页面露出了内网地址 {named}", step.title);
        let en = format!("The page names an internal address at “{}”: {named}", step.title);
        let said = Said::new(Class::Abnormal, Severity::P2, zh, en).cause(named, "internal address");
        add_once(&mut findings, said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

/// The addresses of a line. Versions look like them, and say so, or have more parts.
fn inner(line: &str) -> Vec<&str> {
    let lower = line.to_lowercase();
    if ["版本", "version", "build"].iter().any(|word| lower.contains(word)) {
        return Vec::new();
    }
    let part = |c: Option<char>| c == Some('.');
    let whole = |hit: &regex::Match<'_>| {
        let goes_on =
            line[hit.end()..].strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        !goes_on && !part(line[..hit.start()].chars().next_back())
    };
    INNER.find_iter(line).filter(whole).map(|hit| hit.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{page_with, walk};

    fn check(text: &str, expected: &[&str]) {
        let findings = inspect(&walk([page_with("loans", |p| p.text = format!("贷款服务\n{text}"))]));
        assert_eq!(findings.iter().filter_map(|f| f.cause.as_deref()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn inner_machines_speak() {
        check("node app-03.core.bank.lan", &["app-03.core.bank.lan"]);
        check("upstream 10.20.3.17:8080", &["10.20.3.17"]);
        check("172.31.0.9", &["172.31.0.9"]);
    }

    #[test]
    fn versions_and_public_names_are_silent() {
        check("版本 10.2.3", &[]);
        check("172.15.0.1 8.8.8.8", &[]);
        check("www.bank.com.cn", &[]);
        check("local branch", &[]);
        check("版本：10.0.3.12", &[]);
        check("Version 10.0.3.12", &[]);
        check("v10.0.3.12", &[]);
        check("10.0.3.999", &[]);
        check("10.1.2.3.4", &[]);
    }
}
