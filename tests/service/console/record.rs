//! A walk's record as the walk engine leaves it, in the shape it is filed in.

use super::world::Way;
use gengfu::detector::Judged;
use gengfu::evidence::EvidenceKey;
use gengfu::finding::{Bilingual, Finding, Kin, Severity};
use gengfu::id::{StepId, WalkId};
use gengfu::journey::{Safety, Section};
use gengfu::moment::Moment;
use gengfu::walk::v1::WalkV1;
use gengfu::walk::{
    Attempt, Attribution, Class, ConsoleLevel, ConsoleLine, Degradation, DialogSeen, Environment, Exchange,
    ExchangeKind, Failure, FailureKind, Kept, Navigation, Observation, Outcome, PageLook, Purpose, ScriptError,
    StepRecord, Trouble, TroubleKind, Verdict, WalkRecord,
};
use std::collections::BTreeMap;
use std::time::Duration;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// One step to record: its name, title, verb, picture and HTML snapshot.
pub struct Told {
    pub id: &'static str,
    pub title: String,
    pub verb: &'static str,
    pub picture: Option<EvidenceKey>,
    pub snapshot: Option<EvidenceKey>,
}

/// `walk.v1` of a walk of `way`: with `verdict`, it goes wrong at step `at` (from 0). `page` is a text that the app
/// put on the page: it turns up wherever page text can.
pub fn walk_v1(way: &Way, started: Moment, verdict: Verdict, told: &[Told], at: usize, page: &str) -> String {
    let steps: Vec<StepRecord> = told.iter().enumerate().map(|(i, t)| step(t, i, verdict, at, page)).collect();
    let record = WalkRecord {
        walk: WalkId::fresh(),
        journey: way.id.clone(),
        title: way.title.clone(),
        app: way.app.clone(),
        owner: Some("wealth-team".into()),
        tags: BTreeMap::new(),
        digest: "0".repeat(64),
        safety: Safety::ReadOnly,
        device: way.device.clone(),
        customer: None,
        base: "https://h5.wealth.test".into(),
        purpose: Purpose::Manual,
        started,
        elapsed: ms(8_340),
        budget: ms(60_000),
        verdict,
        steps,
        environment: Environment {
            robot: "gengfu 0.1.0".into(),
            browser: "Chromium 156.0.7204.49".into(),
            viewport: if way.device == "desktop" { "1440x900@1" } else { "390x844@3" }.into(),
            ..Environment::default()
        },
        network: Kept::NotAsked,
        console: Kept::NotAsked,
        oracles: None,
        losses: if verdict == Verdict::Inconclusive { vec![format!("a picture was lost: {page}")] } else { vec![] },
    };
    let findings = if verdict == Verdict::Failed { vec![finding(way, &told[at], page)] } else { vec![] };
    let judged = Judged { verdict, findings, class: None, attribution: None, headline: None, trouble: None, usual: 0 };
    WalkV1::from((&record, &judged)).to_json()
}

fn finding(way: &Way, told: &Told, page: &str) -> Finding {
    Finding {
        detector: "element-missing",
        class: Class::Blocked,
        severity: Severity::P1,
        attribution: Attribution::Product,
        journey: way.id.clone(),
        step: StepId(told.id.into()),
        step_title: told.title.clone(),
        route: "/funds/:id".into(),
        headline: Bilingual::new("客户找不到“申购”按钮，走不下去", "A customer cannot find the Buy button"),
        cause: Some(format!("GET /api/funds/000123/status → 500 {page}")),
        cause_key: "GET /api/funds/:id/status 500".into(),
        kin: Kin::of(&["GET /api/funds/:id/status 500"], &["call"]),
        deterministic: true,
        failing: true,
        lasting: false,
        evidence: vec![],
    }
}

fn outcome(index: usize, verdict: Verdict, at: usize, page: &str) -> Outcome {
    match verdict {
        Verdict::Degraded if index == at => {
            Outcome::Degraded(vec![Degradation::SecondTap, Degradation::Slow { elapsed_ms: 6_200, within_ms: 5_000 }])
        }
        Verdict::Failed if index == at => Outcome::Failed(Failure {
            kind: FailureKind::Missing,
            said: format!("waited 10 s for button “申购”, found none {page}"),
            detail: Some(format!("nearest: button “自选”, button “{page}”")),
            locus: Some("申购".into()),
        }),
        Verdict::Inconclusive if index == at => {
            Outcome::Inconclusive(Trouble { kind: TroubleKind::BrowserLost, said: "the browser went away".into() })
        }
        Verdict::Failed | Verdict::Inconclusive if index > at => Outcome::NotReached,
        _ => Outcome::Passed,
    }
}

fn step(told: &Told, index: usize, verdict: Verdict, at: usize, page: &str) -> StepRecord {
    let outcome = outcome(index, verdict, at, page);
    let reached = outcome != Outcome::NotReached;
    let failed = matches!(outcome, Outcome::Failed(_));
    let offset = 900 * index as u64;
    let attempt = |n: u64| Attempt {
        offset: ms(offset + n * 300),
        elapsed: ms(300),
        failure: failed.then(|| format!("no button “申购” {page}")),
    };
    let kept = |key: &Option<EvidenceKey>| key.clone().filter(|_| reached).map_or(Kept::NotAsked, Kept::At);
    StepRecord {
        id: StepId(told.id.into()),
        title: told.title.clone(),
        verb: told.verb.into(),
        section: if told.id == "logout" { Section::Always } else { Section::Steps },
        soft: told.id == "logout",
        place: format!("journeys/fund-purchase.yaml:{}", 14 + 3 * index),
        attempts: if failed { vec![attempt(0), attempt(1)] } else { vec![attempt(0)] },
        offset: ms(offset),
        elapsed: ms(if failed { 10_000 } else { 640 + 37 * index as u64 }),
        within: ms(10_000),
        seen: if reached { observation(offset, failed, page) } else { Observation::default() },
        picture: kept(&told.picture),
        snapshot: kept(&told.snapshot),
        outcome,
    }
}

fn exchange(offset: u64, kind: ExchangeKind, path: &str, elapsed: u64, status: u16) -> Exchange {
    Exchange {
        method: "GET".into(),
        url: if path.starts_with("http") { path.into() } else { format!("https://h5.wealth.test{path}") },
        kind,
        status: Some(status),
        bytes: 321 * elapsed,
        offset: ms(offset),
        elapsed: ms(elapsed),
        own: !path.starts_with("http"),
        ..Exchange::default()
    }
}

fn observation(offset: u64, failed: bool, page: &str) -> Observation {
    let mut exchanges = vec![
        exchange(offset + 4, ExchangeKind::Document, "/funds/000123", 120, 200),
        exchange(offset + 110, ExchangeKind::Style, "/static/app.4f1c.css", 35, 200),
        exchange(offset + 112, ExchangeKind::Script, "/static/app.91ab.js", 80, 200),
        exchange(offset + 210, ExchangeKind::Api, "/api/funds/000123", 190, 200),
        exchange(offset + 215, ExchangeKind::Image, "https://cdn.third.test/banner.png?size=large&q=80", 260, 200),
    ];
    let mut console = vec![ConsoleLine { level: ConsoleLevel::Info, text: format!("boot {page}"), offset: ms(offset) }];
    let mut script_errors = vec![];
    let mut dialogs = vec![];
    if failed {
        let mut broken = exchange(offset + 230, ExchangeKind::Api, "/api/funds/000123/status", 96, 500);
        broken.business_code = Some("E5001".into());
        broken.business_message = Some(format!("系统繁忙 {page}"));
        exchanges.push(broken);
        let text = format!("TypeError: Cannot read properties of undefined (reading 'nav') {page}");
        console.push(ConsoleLine { level: ConsoleLevel::Error, text: text.clone(), offset: ms(offset + 400) });
        let frame = Some("app.js renderNav".into());
        script_errors.push(ScriptError { text, frame, own: true, offset: ms(offset + 400) });
        dialogs.push(DialogSeen { kind: "alert".into(), text: format!("系统繁忙 {page}"), accepted: true });
    }
    Observation {
        exchanges,
        console,
        script_errors,
        dialogs,
        navigations: vec![Navigation {
            url: format!("https://h5.wealth.test/funds/000123?x={page}"),
            same_document: true,
            error: None,
            offset: ms(offset),
        }],
        page: Some(PageLook {
            url: "https://h5.wealth.test/funds/000123".into(),
            title: format!("稳健增长混合 {page}"),
            ready_state: "complete".into(),
            text_chars: 412,
            ..PageLook::default()
        }),
        ..Observation::default()
    }
}
