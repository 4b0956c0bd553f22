//! A font of the app's own did not come: icons stand as boxes or as the words they are named by.

use super::lost_stylesheet::asset_of;
use super::statement::{Detector, Said, Tier, add_once, given_up, own_exchanges};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Exchange, ExchangeKind, WalkRecord};

pub(super) const DETECTOR: Detector =
    Detector {
        id: "lost-font", zh: "字体丢失", en: "lost font", catalogue: &["BP07"], tier: Tier::Beside, inspect
    };

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (step, exchange) in own_exchanges(record, ExchangeKind::Font).filter(|(_, e)| lost(record, e)) {
        let font = asset_of(&exchange.url);
        let zh = format!("「{}」时页面字体没有加载，图标可能变成方框或乱字", step.title);
        let en = format!("A font does not come at “{}”: icons may stand as boxes", step.title);
        let said = Said::new(Class::Broken, Severity::P2, zh, en).cause(format!("font {font}"), format!("font {font}"));
        // Customers get past it.
        add_once(&mut findings, said.deterministic().lasting().on(&DETECTOR, record, step));
    }
    findings
}

/// It failed, and no other file of the same name came in its place, as `.woff` does for `.woff2`.
fn lost(record: &WalkRecord, exchange: &Exchange) -> bool {
    let html = |e: &Exchange| e.content_type.as_deref().is_some_and(|t| t.starts_with("text/html"));
    let failed = exchange.status.map_or(exchange.error.is_some(), |status| status >= 400) || html(exchange);
    let stem = |url: &str| asset_of(url).rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let came = |e: &Exchange| e.status.is_some_and(|s| s < 400) && !html(e) && stem(&e.url) == stem(&exchange.url);
    let replaced = || own_exchanges(record, ExchangeKind::Font).any(|(_, e)| !std::ptr::eq(e, exchange) && came(e));
    failed && !given_up(exchange) && !replaced()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, step_with, walk};

    fn check(fonts: &[(&str, u16)], own: bool, expected: &[&str]) {
        let font =
            |(path, status): &(&str, u16)| Exchange { own, ..exchange(ExchangeKind::Font, "GET", path, *status) };
        let open = step_with("open", |s| s.seen.exchanges = fonts.iter().map(font).collect());
        let findings = inspect(&walk([open]));
        assert_eq!(keys(&findings), expected);
        assert!(findings.iter().all(|f| f.lasting && !f.failing));
    }

    #[test]
    fn own_fonts_that_do_not_come_speak_once() {
        check(&[("/fonts/icons-3f2a9c1d.woff2", 404)], true, &["open: font /fonts/icons.woff2"]);
        check(&[("/fonts/icons.woff2", 404), ("/fonts/icons.woff2", 404)], true, &["open: font /fonts/icons.woff2"]);
    }

    #[test]
    fn fonts_that_came_or_have_a_stand_in_are_silent() {
        check(&[("/fonts/icons.woff2", 200)], true, &[]);
        check(&[("/fonts/icons.woff2", 404), ("/fonts/icons.woff", 200)], true, &[]);
        check(&[("/fonts/icons.woff2", 404)], false, &[]);
    }
}
