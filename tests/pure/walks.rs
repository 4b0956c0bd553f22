//! Records of walks to judge and to report on: a fund purchase on a phone, healthy unless changed.

use gengfu::id::StepId;
use gengfu::journey::{Safety, Section};
use gengfu::moment::Moment;
use gengfu::walk::*;
use std::time::Duration;

/// The walk's name, the same in every sample, so that snapshots stand still.
pub const WALK: &str = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";

/// A walk of these steps on `https://app.test`, begun at 2026-11-21T08:30:00Z.
pub fn walk(steps: Vec<StepRecord>) -> WalkRecord {
    let verdict = steps.iter().map(|s| s.outcome.clone()).map(said_by).max().unwrap_or(Verdict::Passed);
    WalkRecord {
        walk: WALK.parse().expect("a UUID"),
        journey: "fund-purchase".parse().expect("a slug"),
        title: "基金申购（至确认页）".into(),
        app: "wealth-h5".into(),
        owner: Some("wealth-team".into()),
        tags: [("channel".to_owned(), "移动客户端".to_owned())].into(),
        digest: "4f".repeat(32),
        safety: Safety::ReadOnly,
        device: "h5-iphone".into(),
        customer: None,
        base: "https://app.test".into(),
        purpose: Purpose::Manual,
        started: Moment::from_millis(1_795_249_800_000),
        elapsed: steps.iter().map(|s| s.elapsed).sum(),
        budget: Duration::from_secs(60),
        verdict,
        steps,
        network: gengfu::walk::Kept::NotAsked,
        console: gengfu::walk::Kept::NotAsked,
        oracles: None,
        environment: Environment {
            robot: "0.1.0".into(),
            browser: "Chromium 156".into(),
            driver: "chromedriver 156".into(),
            viewport: "390x844@3".into(),
            locale: "zh-CN".into(),
            timezone: "Asia/Shanghai".into(),
            sandbox: true,
            headed: false,
        },
        losses: Vec::new(),
    }
}

fn said_by(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Passed | Outcome::Skipped(_) | Outcome::NotReached => Verdict::Passed,
        Outcome::Degraded(_) => Verdict::Degraded,
        Outcome::Failed(_) => Verdict::Failed,
        Outcome::Inconclusive(_) => Verdict::Inconclusive,
    }
}

/// A step that went well and ended on `path`.
pub fn step(id: &str, title: &str, path: &str) -> StepRecord {
    let elapsed = Duration::from_millis(420);
    StepRecord {
        id: StepId(id.into()),
        title: title.into(),
        verb: "tap".into(),
        section: Section::Steps,
        soft: false,
        place: "journeys/fund-purchase.yaml:14".into(),
        outcome: Outcome::Passed,
        attempts: vec![Attempt { offset: Duration::ZERO, elapsed, failure: None }],
        offset: Duration::ZERO,
        elapsed,
        within: Duration::from_secs(5),
        seen: Observation { page: Some(page(path)), ..Observation::default() },
        picture: Kept::NotAsked,
        snapshot: Kept::NotAsked,
    }
}

/// A step that failed.
pub fn failed(id: &str, title: &str, path: &str, kind: FailureKind) -> StepRecord {
    let said = "waited 5 s; nothing of the kind came".to_owned();
    let failure = Failure { kind, said, detail: None, locus: Some("确认申购".into()) };
    StepRecord { outcome: Outcome::Failed(failure), elapsed: Duration::from_secs(5), ..step(id, title, path) }
}

/// A healthy page.
pub fn page(path: &str) -> PageLook {
    PageLook {
        url: format!("https://app.test{path}"),
        title: "财富".into(),
        ready_state: "complete".into(),
        text: "总资产 ¥1,234.50\n稳健增长混合 单位净值 1.2345".into(),
        text_chars: 400,
        main_chars: 300,
        main_elements: 30,
        main_marked: true,
        grid_empty: 9,
        grid_points: 81,
        style_rules: 120,
        charset: "UTF-8".into(),
        visible: true,
        ..PageLook::default()
    }
}

/// An API call that was answered.
pub fn api(method: &str, path: &str, status: u16) -> Exchange {
    Exchange {
        method: method.into(),
        url: format!("https://app.test{path}"),
        kind: ExchangeKind::Api,
        status: Some(status),
        own: true,
        bytes: 312,
        offset: Duration::from_millis(100),
        elapsed: Duration::from_millis(80),
        ..Exchange::default()
    }
}
