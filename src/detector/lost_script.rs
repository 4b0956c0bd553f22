//! A script did not come, or came as HTML: a part of the page is dead.

use super::lost_stylesheet::asset_of;
use super::statement::{Detector, Said, Tier, add_once, given_up, own_exchanges};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Exchange, ExchangeKind, WalkRecord};

pub(super) const DETECTOR: Detector = Detector {
    id: "lost-script",
    zh: "脚本丢失",
    en: "lost script",
    catalogue: &["BP04", "BP10"],
    tier: Tier::Page,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, exchange) in own_exchanges(record, ExchangeKind::Script) {
        let Some(how) = lost(exchange) else { continue };
        let route = asset_of(&exchange.url);
        let zh = format!("「{}」时页面的脚本没有加载成功，部分功能失效", step.title);
        let en = format!("A script of the page does not load at “{}”: a part of the page is dead", step.title);
        let said = Said::new(Class::Broken, Severity::P1, zh, en)
            .cause(format!("script {route} {how}"), format!("script {route}"));
        add_once(&mut findings, said.deterministic().on(&DETECTOR, record, step));
    }
    findings
}

fn lost(exchange: &Exchange) -> Option<String> {
    if given_up(exchange) {
        return None;
    }
    match (exchange.status, &exchange.error) {
        (Some(status), _) if status >= 400 => Some(format!("→ {status}")),
        (None, Some(error)) => Some(format!("→ {error}")),
        _ => exchange.content_type.as_deref().filter(|t| t.starts_with("text/html")).map(|_| "came as HTML".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, step_with, walk};

    fn check(change: impl FnOnce(&mut Exchange), expected: &[&str]) {
        let mut script = exchange(ExchangeKind::Script, "GET", "/assets/fund.js", 200);
        script.content_type = Some("text/javascript".into());
        change(&mut script);
        let record = walk([step_with("open", |s| s.seen.exchanges.push(script))]);
        assert_eq!(keys(&inspect(&record)), expected);
    }

    #[test]
    fn own_scripts_speak_and_third_parties_do_not() {
        check(|e| e.status = Some(404), &["open: script /assets/fund.js"]);
        check(|e| e.content_type = Some("text/html; charset=utf-8".into()), &["open: script /assets/fund.js"]);
        check(|_| (), &[]);
        check(|e| (e.status, e.own) = (Some(404), false), &[]);
        check(|e| (e.status, e.error) = (None, Some("net::ERR_ABORTED".into())), &[]);
    }
}
