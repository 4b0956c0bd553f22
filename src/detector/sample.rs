//! Records for the detectors' unit tests: healthy unless a test says otherwise.

use crate::finding::Finding;
use crate::id::{StepId, WalkId};
use crate::journey::{Safety, Section};
use crate::moment::Moment;
use crate::walk::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// A walk of these steps on `https://app.test`.
pub fn walk(steps: impl IntoIterator<Item = StepRecord>) -> WalkRecord {
    let steps: Vec<StepRecord> = steps.into_iter().collect();
    let failed = steps.iter().any(|s| !s.soft && matches!(s.outcome, Outcome::Failed(_)));
    WalkRecord {
        walk: WalkId::fresh(),
        journey: "fund-purchase".parse().unwrap(),
        title: "基金申购".into(),
        app: "wealth-h5".into(),
        owner: None,
        tags: BTreeMap::new(),
        digest: "d".into(),
        safety: Safety::ReadOnly,
        device: "h5-iphone".into(),
        customer: None,
        base: "https://app.test".into(),
        purpose: Purpose::Manual,
        started: Moment::from_millis(0),
        elapsed: Duration::from_secs(5),
        budget: Duration::from_secs(60),
        verdict: if failed { Verdict::Failed } else { Verdict::Passed },
        steps,
        network: crate::walk::Kept::NotAsked,
        console: crate::walk::Kept::NotAsked,
        oracles: None,
        environment: Environment::default(),
        losses: Vec::new(),
    }
}

/// A healthy step on `/home`.
pub fn step(id: &str) -> StepRecord {
    let second = Duration::from_secs(1);
    StepRecord {
        id: StepId(id.into()),
        title: format!("点击“{id}”"),
        verb: "tap".into(),
        section: Section::Steps,
        soft: false,
        place: "j.yaml:3".into(),
        outcome: Outcome::Passed,
        attempts: vec![Attempt { offset: Duration::ZERO, elapsed: second, failure: None }],
        offset: Duration::ZERO,
        elapsed: second,
        within: Duration::from_secs(5),
        seen: Observation { page: Some(page("/home")), ..Observation::default() },
        picture: Kept::NotAsked,
        snapshot: Kept::NotAsked,
    }
}

/// A healthy step, changed.
pub fn step_with(id: &str, change: impl FnOnce(&mut StepRecord)) -> StepRecord {
    let mut step = step(id);
    change(&mut step);
    step
}

/// A healthy step whose page is changed.
pub fn page_with(id: &str, change: impl FnOnce(&mut PageLook)) -> StepRecord {
    step_with(id, |s| change(s.seen.page.as_mut().unwrap()))
}

/// A step that failed on a page that looks healthy.
pub fn failed(id: &str, kind: FailureKind) -> StepRecord {
    step_with(id, |s| s.outcome = fail(kind))
}

/// The outcome of a failure.
pub fn fail(kind: FailureKind) -> Outcome {
    Outcome::Failed(Failure { kind, said: "waited 5 s".into(), detail: None, locus: Some("下一步".into()) })
}

/// A healthy page on a path of `https://app.test`.
pub fn page(path: &str) -> PageLook {
    let text = "总资产 ¥1,234.50\n稳健增长混合 单位净值 1.2345\n我的 首页 理财 基金 帮助中心";
    PageLook {
        url: format!("https://app.test{path}"),
        title: "财富".into(),
        ready_state: "complete".into(),
        text: text.into(),
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

/// An exchange with the app's own host that was answered.
pub fn exchange(kind: ExchangeKind, method: &str, path: &str, status: u16) -> Exchange {
    Exchange {
        method: method.into(),
        url: format!("https://app.test{path}"),
        kind,
        status: Some(status),
        own: true,
        elapsed: Duration::from_millis(80),
        ..Exchange::default()
    }
}

/// An API call of the app's own that was answered.
pub fn api(method: &str, path: &str, status: u16) -> Exchange {
    exchange(ExchangeKind::Api, method, path, status)
}

/// What tests compare: `step: cause key`.
pub fn keys(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{}: {}", f.step, f.cause_key)).collect()
}
