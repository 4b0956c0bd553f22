//! What clean walks saw answers promise for the customer's safety is promised no more: headers of pages, and the flags of
//! cookies. Only what was there and is gone: what an app never promised is no finding.

use super::statement::{Detector, Said, Tier};
use crate::finding::{Finding, Kin, Severity};
use crate::walk::{BrokenPromise, Class, CookieFlag, Promise, StepRecord, WalkRecord};
use std::collections::BTreeMap;

pub(super) const PAGE: Detector = Detector {
    id: "header-regression",
    zh: "安全响应头丢失",
    en: "lost security header",
    catalogue: &["SC03", "SC05"],
    tier: Tier::Beside,
    inspect: |record| lost(record, &PAGE, "headers", |promise| !is_cookie(promise)),
};

pub(super) const COOKIE: Detector = Detector {
    id: "cookie-regression",
    zh: "Cookie 安全标记丢失",
    en: "weakened cookie",
    catalogue: &["SC13"],
    tier: Tier::Beside,
    inspect: |record| lost(record, &COOKIE, "cookies", is_cookie),
};

fn is_cookie(promise: &Promise) -> bool {
    matches!(promise, Promise::Cookie { .. })
}

/// Protections that are named; of more only the number is told.
const NAMED_MAX: usize = 5;

/// One finding a walk: what one change of a server's settings took away is one trouble, on however many pages. Customers get
/// past it, unharmed for now.
fn lost(record: &WalkRecord, detector: &Detector, key: &str, counts: fn(&Promise) -> bool) -> Vec<Finding> {
    let counted = |b: &&BrokenPromise| counts(&b.promise);
    let Some(step) = record.steps.iter().find(|s| s.seen.broken_promises.iter().any(|b| counts(&b.promise))) else {
        return Vec::new();
    };
    // Each once, as it is missed on the first route that misses it.
    let mut broken: BTreeMap<&Promise, &BrokenPromise> = BTreeMap::new();
    for missed in record.steps.iter().flat_map(|s| &s.seen.broken_promises).filter(counted) {
        broken.entry(&missed.promise).or_insert(missed);
    }
    let gone: Vec<Promise> = broken.keys().map(|promise| (*promise).clone()).collect();
    broken.retain(|promise, _| !follows(promise, &gone));
    let lost = broken.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let finding = said(step, &broken, key).deterministic().lasting().on(detector, record, step);
    // Journeys that lost the same have one trouble, wherever they met it; those that lost something else have another.
    let kin = Kin::of(&[detector.id, &lost], &[detector.id, &lost]);
    vec![Finding { kin, ..finding }]
}

/// Without a policy nothing holds of what it said.
fn follows(promise: &Promise, gone: &[Promise]) -> bool {
    match promise {
        Promise::NoInlineScript | Promise::NoEval => gone.contains(&Promise::ContentPolicy),
        Promise::HttpsOnlyBelow => gone.contains(&Promise::HttpsOnly),
        _ => false,
    }
}

fn said(step: &StepRecord, broken: &BTreeMap<&Promise, &BrokenPromise>, key: &str) -> Said {
    let more = broken.len().saturating_sub(NAMED_MAX);
    let list = |words: fn(&Promise) -> String, between: &str, rest: &str| {
        let named = broken.keys().take(NAMED_MAX).map(|promise| words(promise)).collect::<Vec<_>>().join(between);
        if more == 0 { named } else { named + rest }
    };
    let walks = broken.values().map(|b| b.held_in_walks).min().unwrap_or_default();
    let (gone, lost) = (
        list(in_chinese, "、", &format!("等 {} 项", broken.len())),
        list(in_english, ", ", &format!(" and {more} more")),
    );
    let zh = format!("「{}」起不再有这些安全保护：{gone}", step.title);
    let en = format!("From “{}” on these protections are gone: {lost}", step.title);
    let routes: Vec<&str> = broken.values().map(|b| b.route.as_str()).take(1).collect();
    let cause = format!("{} no longer promises {lost}; it did in the last {walks} clean walks", routes.join(", "));
    Said::new(Class::Abnormal, Severity::P2, zh, en).cause(cause, key)
}

fn in_chinese(promise: &Promise) -> String {
    match promise {
        Promise::HttpsOnly => "只用 HTTPS（Strict-Transport-Security）".into(),
        Promise::HttpsOnlyBelow => "子域名也只用 HTTPS（includeSubDomains）".into(),
        Promise::ContentPolicy => "内容安全策略（Content-Security-Policy）".into(),
        Promise::NoInlineScript => "禁止页内脚本（CSP script-src）".into(),
        Promise::NoEval => "禁止 eval（CSP script-src）".into(),
        Promise::NotFramed => "禁止被嵌入（frame-ancestors、X-Frame-Options）".into(),
        Promise::NotSniffed => "禁止猜测类型（X-Content-Type-Options）".into(),
        Promise::ReferrerKept => "不外泄来源地址（Referrer-Policy）".into(),
        Promise::NotStored => "不缓存页面（Cache-Control: no-store）".into(),
        Promise::Cookie { name, flag } => format!("Cookie {name} 的 {}（{}）", flag.word(), purpose(*flag).0),
    }
}

fn in_english(promise: &Promise) -> String {
    match promise {
        Promise::HttpsOnly => "HTTPS only (Strict-Transport-Security)".into(),
        Promise::HttpsOnlyBelow => "HTTPS only on subdomains (includeSubDomains)".into(),
        Promise::ContentPolicy => "the content security policy".into(),
        Promise::NoInlineScript => "no inline scripts (CSP script-src)".into(),
        Promise::NoEval => "no eval (CSP script-src)".into(),
        Promise::NotFramed => "no framing by others (frame-ancestors, X-Frame-Options)".into(),
        Promise::NotSniffed => "no guessing of types (X-Content-Type-Options)".into(),
        Promise::ReferrerKept => "no address given to others (Referrer-Policy)".into(),
        Promise::NotStored => "no storing of the page (Cache-Control: no-store)".into(),
        Promise::Cookie { name, flag } => format!("{} of the cookie {name} ({})", flag.word(), purpose(*flag).1),
    }
}

fn purpose(flag: CookieFlag) -> (&'static str, &'static str) {
    match flag {
        CookieFlag::Secure => ("只经 HTTPS 发送", "sent over HTTPS only"),
        CookieFlag::HttpOnly => ("脚本读不到", "no script reads it"),
        CookieFlag::SameSite => ("别的网站借不了", "other sites cannot use it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::sample::{step_with, walk};

    fn check(steps: &[(&str, &[(&str, &str)])], expected: &[&str]) {
        let broken = |(route, promise): &(&str, &str)| BrokenPromise {
            route: (*route).into(),
            promise: promise.parse().unwrap(),
            held_in_walks: 7,
        };
        let steps = steps
            .iter()
            .map(|(id, missed)| step_with(id, |s| s.seen.broken_promises = missed.iter().map(broken).collect()));
        let record = walk(steps);
        let found: Vec<Finding> = [PAGE, COOKIE].iter().flat_map(|d| (d.inspect)(&record)).collect();
        let told = |f: &Finding| format!("{} {}: {}", f.step, f.cause_key, f.cause.as_deref().unwrap_or_default());
        assert_eq!(found.iter().map(told).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|f| f.lasting && !f.failing && f.deterministic));
    }

    const SINCE: &str = "it did in the last 7 clean walks";

    #[test]
    fn what_one_change_took_away_is_one_trouble() {
        check(
            &[
                ("open", &[("/login", "not-framed"), ("/login", "not-sniffed")]),
                ("home", &[("/home", "not-framed"), ("/home", "content-policy")]),
            ],
            &[&format!(
                "open headers: /home no longer promises the content security policy, no framing by others \
                 (frame-ancestors, X-Frame-Options), no guessing of types (X-Content-Type-Options); {SINCE}"
            )],
        );
    }

    /// SC03: HSTS is gone.
    #[test]
    fn https_that_is_no_longer_promised_speaks() {
        let lost = format!("open headers: /login no longer promises HTTPS only (Strict-Transport-Security); {SINCE}");
        check(&[("open", &[("/login", "https-only")])], &[&lost]);
    }

    #[test]
    fn what_follows_is_not_told() {
        let policy = format!("open headers: / no longer promises the content security policy; {SINCE}");
        check(&[("open", &[("/", "content-policy"), ("/", "no-eval")])], &[&policy]);
        let eval = format!("open headers: / no longer promises no eval (CSP script-src); {SINCE}");
        check(&[("open", &[("/", "no-eval")])], &[&eval]);
    }

    #[test]
    fn cookies_are_a_trouble_of_their_own() {
        let cookie = format!(
            "log-in cookies: /api/login no longer promises HttpOnly of the cookie sid (no script reads it); {SINCE}"
        );
        check(&[("log-in", &[("/api/login", "cookie sid HttpOnly")])], &[&cookie]);
        let stored = format!(
            "log-in headers: /home no longer promises no storing of the page (Cache-Control: no-store); {SINCE}"
        );
        check(&[("log-in", &[("/api/login", "cookie sid HttpOnly"), ("/home", "not-stored")])], &[&stored, &cookie]);
    }

    #[test]
    fn many_are_counted() {
        let names: Vec<String> = (0..9).map(|n| format!("cookie c{n} Secure")).collect();
        let missed: Vec<(&str, &str)> = names.iter().map(|name| ("/", name.as_str())).collect();
        let record = walk([step_with("open", |s| {
            let broken = |(route, promise): &(&str, &str)| BrokenPromise {
                route: (*route).into(),
                promise: promise.parse().unwrap(),
                held_in_walks: 5,
            };
            s.seen.broken_promises = missed.iter().map(broken).collect();
        })]);
        let found = (COOKIE.inspect)(&record);
        assert!(found[0].headline.zh.ends_with("等 9 项") && found[0].headline.en.ends_with(" and 4 more"));
    }

    #[test]
    fn without_a_baseline_nothing_is_missed() {
        check(&[("open", &[])], &[]);
    }
}
