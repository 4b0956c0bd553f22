//! A stylesheet did not come: the page is a heap of unformatted text.

use super::statement::{
    Detector, Said, Tier, add_once, given_up, guard_names, host_of, own_exchanges, stopped_by_guard,
};
use crate::finding::{Finding, Severity};
use crate::walk::{Class, Exchange, ExchangeKind, PageLook, StepRecord, WalkRecord};
use regex::Regex;
use std::sync::LazyLock;

pub(super) const DETECTOR: Detector = Detector {
    id: "lost-stylesheet",
    zh: "样式丢失",
    en: "lost stylesheet",
    catalogue: &["BP05"],
    tier: Tier::Page,
    inspect,
};

fn inspect(record: &WalkRecord) -> Vec<Finding> {
    let mut lost: Vec<(&StepRecord, String)> = own_exchanges(record, ExchangeKind::Style)
        .filter(|(_, e)| refused(e))
        .map(|(step, e)| (step, asset_of(&e.url)))
        .collect();
    for step in &record.steps {
        let Some(page) = &step.seen.page else { continue };
        lost.extend(
            page.lost_sheets.iter().filter(|s| counts(record, page, &s.href)).map(|s| (step, asset_of(&s.href))),
        );
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (step, route) in lost {
        add_once(&mut findings, found(record, step, &route, format!("style {route}")));
    }
    findings
}

fn found(record: &WalkRecord, step: &StepRecord, route: &str, key: String) -> Finding {
    let zh = format!("「{}」时页面样式丢失，版面错乱", step.title);
    let en = format!("The page has lost its styles at “{}”: its layout falls apart", step.title);
    let said = Said::new(Class::Broken, Severity::P1, zh, en).cause(format!("stylesheet {route}"), key);
    said.deterministic().on(&DETECTOR, record, step)
}

fn refused(exchange: &Exchange) -> bool {
    let html = exchange.content_type.as_deref().is_some_and(|t| t.starts_with("text/html"));
    let failed = exchange.status.map_or(exchange.error.is_some(), |status| status >= 400);
    (failed || html) && !given_up(exchange)
}

/// A third party's sheet (fonts, a widget) leaves the page its own rules; one that the guard stopped is the robot's doing.
fn counts(record: &WalkRecord, page: &PageLook, href: &str) -> bool {
    let exchanges = || record.steps.iter().flat_map(|s| s.seen.exchanges.iter().map(move |e| (s, e)));
    let stopped = record.steps.iter().any(|s| s.seen.guarded.iter().any(|g| guard_names(g, None, href)));
    match exchanges().find(|(_, e)| e.url == href) {
        Some((step, e)) => e.own && !stopped_by_guard(&step.seen, e),
        None => !stopped && (page.style_rules == 0 || host_of(href) == host_of(&page.url)),
    }
}

/// A file's path without the hash of its build: `/app.3f2a9c1d.css` and `/app.77aa01b2.css` are one file.
pub(super) fn asset_of(url: &str) -> String {
    static HASH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[.\-_][0-9a-zA-Z]*[0-9][0-9a-zA-Z]{5,}\b").expect("the pattern is a constant"));
    let path = url.split("://").nth(1).map_or(url, |rest| rest.find('/').map_or("/", |at| &rest[at..]));
    HASH.replace_all(path.split(['?', '#']).next().unwrap_or_default(), "").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{exchange, keys, page_with, step_with, walk};
    use crate::walk::SheetLost;

    fn check(step: StepRecord, expected: &[&str]) {
        assert_eq!(keys(&inspect(&walk([step]))), expected);
    }

    fn sheet(status: u16) -> Exchange {
        exchange(ExchangeKind::Style, "GET", "/assets/app-3f2a9c1d.css", status)
    }

    #[test]
    fn own_sheets_speak_once() {
        let lost = step_with("open", |s| {
            s.seen.exchanges.push(sheet(404));
            let href = "https://app.test/assets/app-3f2a9c1d.css".into();
            s.seen.page.as_mut().unwrap().lost_sheets.push(SheetLost { href });
        });
        check(lost, &["open: style /assets/app.css"]);
        check(
            page_with("open", |p| p.lost_sheets.push(SheetLost { href: "https://app.test/app.css".into() })),
            &["open: style /app.css"],
        );
    }

    #[test]
    fn third_parties_and_the_guards_doing_are_silent() {
        let fonts = SheetLost { href: "https://fonts.test/noto.css".into() };
        check(page_with("open", |p| p.lost_sheets.push(fonts)), &[]);
        check(step_with("open", |s| s.seen.exchanges.push(sheet(200))), &[]);
        let guarded = step_with("open", |s| {
            let mut stopped = sheet(0);
            (stopped.status, stopped.error) = (None, Some("net::ERR_BLOCKED_BY_CLIENT".into()));
            s.seen.exchanges.push(stopped);
        });
        check(guarded, &[]);
    }
}
