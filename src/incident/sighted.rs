//! What an incident takes over from whoever saw it: a finding, or the robot's own trouble.

use crate::evidence::{EvidenceKey, EvidenceKind};
use crate::finding::{Bilingual, Finding, Fingerprint, Severity};
use crate::id::StepId;
use crate::walk::{Attribution, Kept, StepRecord, Trouble, TroubleKind, WalkRecord};

/// The detector named by incidents of the robot's own; no detector of the app has this id.
const ROBOT_HEALTH: &str = "robot-health";

pub(super) struct Sighted<'a> {
    pub finding: Option<&'a Finding>,
    pub detector: &'static str,
    pub severity: Severity,
    pub attribution: Attribution,
    pub headline: Bilingual,
    pub cause: Option<String>,
    pub picture: Option<EvidenceKey>,
}

impl<'a> Sighted<'a> {
    pub fn of(record: &WalkRecord, finding: &'a Finding) -> Self {
        let shown = |key: &&EvidenceKey| matches!(key.kind(), EvidenceKind::Png | EvidenceKind::Jpeg);
        let step = record.steps.iter().find(|s| s.id == finding.step);
        let of_step = step.and_then(picture_of);
        Self {
            finding: Some(finding),
            detector: finding.detector,
            severity: finding.severity,
            attribution: finding.attribution,
            headline: finding.headline.clone(),
            cause: finding.cause.clone(),
            picture: finding.evidence.iter().find(shown).or(of_step).cloned(),
        }
    }

    pub fn of_trouble(record: &WalkRecord, trouble: &Trouble) -> Self {
        Self {
            finding: None,
            detector: ROBOT_HEALTH,
            severity: Severity::P2,
            attribution: trouble.kind.attribution(),
            headline: headline(trouble.kind),
            cause: Some(trouble.said.clone()),
            // A protection page, a locked customer: the step that failed shows it.
            picture: record.failed_step().and_then(picture_of).cloned(),
        }
    }
}

fn picture_of(step: &StepRecord) -> Option<&EvidenceKey> {
    match &step.picture {
        Kept::At(key) => Some(key),
        Kept::NotAsked | Kept::Lost(_) => None,
    }
}

/// One fingerprint for each kind of trouble, whichever journey meets it: a dead driver is one incident, not one a journey.
pub(super) fn robot_fingerprint(kind: TroubleKind) -> Fingerprint {
    let nobody = "robot".parse().expect("invariant: a constant slug");
    Fingerprint::of(&nobody, &StepId("walk".into()), ROBOT_HEALTH, "", kind.word())
}

fn headline(kind: TroubleKind) -> Bilingual {
    let (zh, en) = match kind {
        TroubleKind::BrowserLost => ("巡检浏览器中途消失，无法判断应用是否正常", "the browser died under the watch"),
        TroubleKind::DriverLost => ("浏览器驱动失去响应，无法判断应用是否正常", "the browser's driver does not answer"),
        TroubleKind::NoBrowser => ("没有可用的浏览器，巡检无法进行", "no browser could be had for the watch"),
        TroubleKind::Uplink => ("巡检机到应用的网络不通", "the watch cannot reach the network"),
        TroubleKind::Account => ("没有可用的测试客户（占用或被锁定）", "no test customer is free, or it is locked"),
        TroubleKind::Secret => ("读取不到所需的密钥", "a secret could not be read"),
        TroubleKind::Protection => ("巡检被防护页面拦截（验证码、WAF）", "a protection page stopped the watch"),
        TroubleKind::Cancelled => ("巡检被中止", "the walk was called off"),
        TroubleKind::Overloaded => {
            ("巡检机器过载，浏览器来不及应答", "the robot's machine is overloaded and its browsers answer too late")
        }
        TroubleKind::Defect => ("巡检程序自身出错", "the robot itself failed"),
    };
    Bilingual::new(zh, en)
}
