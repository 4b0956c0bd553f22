//! A step as it is written.

use super::millis;
use super::seen::SeenV1;
use super::word::{ClassV1, OutcomeV1, SectionV1};
use crate::evidence::EvidenceKey;
use crate::walk::{Attempt, Degradation, Failure, FailureKind, Kept, Outcome, StepRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One step of a walk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepV1 {
    /// The step's stable name.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The verb's YAML key.
    pub verb: String,
    /// Which list of the journey it belongs to.
    pub section: SectionV1,
    /// Whether its failure ends the walk.
    pub soft: bool,
    /// `file:line` of the step.
    pub place: String,
    /// How it went in the end.
    pub outcome: OutcomeV1,
    /// Why, where it did not simply pass: what was waited for and found, what troubled the robot, why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The failure, where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureV1>,
    /// The kind of trouble, where the robot cannot say: `browser-lost`, `uplink`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What was not right, where the customer got through all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degradations: Vec<DegradationV1>,
    /// Every try, the first one first.
    #[serde(default)]
    pub attempts: Vec<AttemptV1>,
    /// From the walk's start to the step's.
    pub offset_ms: u64,
    /// How long it took.
    pub elapsed_ms: u64,
    /// How long it might take.
    pub within_ms: u64,
    /// The picture at its end.
    #[serde(default)]
    pub picture: KeptV1,
    /// The page at its end: HTML, masked.
    #[serde(default)]
    pub snapshot: KeptV1,
    /// What was seen.
    #[serde(default)]
    pub seen: SeenV1,
}

/// One try of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptV1 {
    /// From the walk's start.
    pub offset_ms: u64,
    /// How long it took.
    pub elapsed_ms: u64,
    /// What went wrong, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Why a customer would not get through a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureV1 {
    /// The kind: `missing`, `covered`, `no-effect`, …
    pub kind: String,
    /// What stands beside the caret.
    pub said: String,
    /// A longer account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The text of the target that the step was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locus: Option<String>,
    /// The kind's own facts, by name: `by`, `matches`, `expected`, `actual`, `request`, `status`, `code`, `shown`, `error`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

/// Something that was not right, but did not stop the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DegradationV1 {
    /// `second-tap`, `late-figures` or `slow`.
    pub kind: String,
    /// How long it took, where it was slow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// How long it might take, where it was slow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<u64>,
}

/// What became of a piece of evidence. Both fields absent: it was not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeptV1 {
    /// Its key in the vault: `<sha256>.png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Why it was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

impl KeptV1 {
    /// Its key, if it was kept and the key reads as one.
    pub fn evidence(&self) -> Option<EvidenceKey> {
        self.key.as_deref().and_then(EvidenceKey::parse)
    }
}

impl From<&StepRecord> for StepV1 {
    fn from(step: &StepRecord) -> Self {
        let (mut said, mut failure, mut trouble, mut degradations) = (None, None, None, Vec::new());
        match &step.outcome {
            Outcome::Passed | Outcome::NotReached => {}
            Outcome::Degraded(list) => degradations = list.iter().map(Into::into).collect(),
            Outcome::Failed(f) => (said, failure) = (Some(f.said.clone()), Some(f.into())),
            Outcome::Inconclusive(t) => (said, trouble) = (Some(t.said.clone()), Some(t.kind.word().into())),
            Outcome::Skipped(why) => said = Some(why.clone()),
        }
        Self {
            id: step.id.to_string(),
            title: step.title.clone(),
            verb: step.verb.clone(),
            section: step.section.into(),
            soft: step.soft,
            place: step.place.clone(),
            outcome: (&step.outcome).into(),
            said,
            failure,
            trouble,
            degradations,
            attempts: step.attempts.iter().map(Into::into).collect(),
            offset_ms: millis(step.offset),
            elapsed_ms: millis(step.elapsed),
            within_ms: millis(step.within),
            picture: (&step.picture).into(),
            snapshot: (&step.snapshot).into(),
            seen: (&step.seen).into(),
        }
    }
}

impl From<&Attempt> for AttemptV1 {
    fn from(attempt: &Attempt) -> Self {
        let Attempt { offset, elapsed, failure } = attempt;
        Self { offset_ms: millis(*offset), elapsed_ms: millis(*elapsed), failure: failure.clone() }
    }
}

impl From<&Degradation> for DegradationV1 {
    fn from(degradation: &Degradation) -> Self {
        match degradation {
            Degradation::SecondTap => Self { kind: "second-tap".into(), elapsed_ms: None, within_ms: None },
            Degradation::LateFigures { elapsed_ms } => {
                Self { kind: "late-figures".into(), elapsed_ms: Some(*elapsed_ms), within_ms: None }
            }
            Degradation::Slow { elapsed_ms, within_ms } => {
                Self { kind: "slow".into(), elapsed_ms: Some(*elapsed_ms), within_ms: Some(*within_ms) }
            }
        }
    }
}

impl From<&Kept> for KeptV1 {
    fn from(kept: &Kept) -> Self {
        match kept {
            Kept::NotAsked => Self::default(),
            Kept::At(key) => Self { key: Some(key.to_string()), lost: None },
            Kept::Lost(why) => Self { key: None, lost: Some(why.clone()) },
        }
    }
}

impl From<&Failure> for FailureV1 {
    fn from(failure: &Failure) -> Self {
        let facts = facts(&failure.kind).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self {
            kind: failure.kind.word().into(),
            said: failure.said.clone(),
            detail: failure.detail.clone(),
            locus: failure.locus.clone(),
            facts,
        }
    }
}

fn facts(kind: &FailureKind) -> Vec<(&'static str, String)> {
    match kind {
        FailureKind::Covered { by } => vec![("by", by.clone())],
        FailureKind::Ambiguous { matches } => vec![("matches", matches.to_string())],
        FailureKind::WrongRoute { expected, actual } => {
            vec![("expected", expected.clone()), ("actual", actual.clone())]
        }
        FailureKind::WrongResponse { request, status, code } => {
            let status = status.map(|status| ("status", status.to_string()));
            let code = code.clone().map(|code| ("code", code));
            [Some(("request", request.clone())), status, code].into_iter().flatten().collect()
        }
        FailureKind::AssertionFalse { shown } => vec![("shown", shown.clone())],
        FailureKind::NavigationFailed { error } => vec![("error", error.clone())],
        FailureKind::Guarded { request } => vec![("request", request.clone())],
        FailureKind::Branch { class } => vec![("class", ClassV1::from(*class).word().into())],
        FailureKind::Missing
        | FailureKind::Hidden
        | FailureKind::Disabled
        | FailureKind::Moving
        | FailureKind::NoEffect
        | FailureKind::NotSeen
        | FailureKind::StillSeen
        | FailureKind::Unreadable
        | FailureKind::Unresponsive
        | FailureKind::DialogStorm
        | FailureKind::PopupStorm
        | FailureKind::Crashed
        | FailureKind::DownloadWrong
        | FailureKind::OverBudget
        | FailureKind::Journey => Vec::new(),
    }
}
