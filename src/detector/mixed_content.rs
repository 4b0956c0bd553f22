//! A page that came by https asks for parts of itself by http.

use super::lost_stylesheet::asset_of;
use super::statement::{Detector, Said, Tier, add_once, looks};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Exchange, ExchangeKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "mixed-content",
    zh: "混合内容",
    en: "mixed content",
    catalogue: &["SC04"],
    tier: Tier::Beside,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, page) in looks(record).filter(|(_, page)| page.url.starts_with("https://")) {
        for exchange in step.seen.exchanges.iter().filter(|e| plain(e)) {
            let what = asset_of(&exchange.url);
            let zh = format!("「{}」时安全页面加载了不加密的内容（{what}）", step.title);
            let en = format!("The safe page {} loads parts without encryption at “{}”: {what}", page.title, step.title);
            let said = Said::new(Class::Abnormal, Severity::P2, zh, en)
                .cause(format!("{} {}", exchange.method, exchange.url), format!("http {what}"))
                .deterministic();
            let said = if runs(exchange) { said } else { said.soft() };
            add_once(&mut findings, said.on(&DETECTOR, record, step));
        }
    }
    findings
}

/// Loopback is as safe as https, and a page reached by a redirect from http is not a part of a page.
fn plain(exchange: &Exchange) -> bool {
    let host = exchange.url.strip_prefix("http://");
    let local =
        |host: &str| host.starts_with("127.0.0.1") || host.starts_with("localhost") || host.starts_with("[::1]");
    exchange.kind != ExchangeKind::Document && host.is_some_and(|host| !local(host))
}

/// Whether it could change the page, rather than only look wrong.
fn runs(exchange: &Exchange) -> bool {
    matches!(exchange.kind, ExchangeKind::Script | ExchangeKind::Style | ExchangeKind::Frame | ExchangeKind::Api)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, step_with, walk};

    fn check(page: &str, kind: ExchangeKind, url: &str, expected: &[(&str, bool)]) {
        let record = walk([step_with("home", |s| {
            s.seen.page.as_mut().unwrap().url = page.into();
            s.seen.exchanges.push(Exchange { url: url.into(), ..exchange(kind, "GET", "/", 200) });
        })]);
        let findings = inspect(&record);
        assert_eq!(findings.iter().map(|f| (f.cause_key.as_str(), f.failing)).collect::<Vec<_>>(), expected);
    }

    /// SC04.
    #[test]
    fn parts_by_http_speak() {
        let page = "https://app.test/home";
        check(page, ExchangeKind::Script, "http://cdn.test/a.js", &[("http /a.js", true)]);
        check(page, ExchangeKind::Image, "http://cdn.test/a.png", &[("http /a.png", false)]);
        check(page, ExchangeKind::Script, "https://cdn.test/a.js", &[]);
        check(page, ExchangeKind::Script, "http://127.0.0.1:80/a.js", &[]);
        check("http://app.test/", ExchangeKind::Script, "http://app.test/a.js", &[]);
        check(page, ExchangeKind::Document, "http://app.test/", &[]);
    }
}
