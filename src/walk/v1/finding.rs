//! A finding as it is written.

use super::word::{AttributionV1, ClassV1, SeverityV1};
use crate::finding::{Bilingual, Finding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextV1 {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One detector's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingV1 {
    /// The detector's name, such as `element-missing`.
    pub detector: String,
    /// How a customer suffers.
    pub class: ClassV1,
    /// How badly.
    pub severity: SeverityV1,
    /// Whose fault it is.
    pub attribution: AttributionV1,
    /// The step it was met in.
    pub step: String,
    /// What people call the step.
    pub step_title: String,
    /// The page's route: path with ids folded.
    pub route: String,
    /// What a customer meets, in one sentence.
    pub headline: TextV1,
    /// The cause as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The stable part of the cause.
    pub cause_key: String,
    /// Whether one more look settles it.
    pub deterministic: bool,
    /// Whether it makes the walk failed, or only degraded.
    pub failing: bool,
    /// Keys of the pictures and pages that show it.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// The trouble it is a sighting of.
    pub fingerprint: String,
}

impl From<&Bilingual> for TextV1 {
    fn from(text: &Bilingual) -> Self {
        Self { zh: text.zh.clone(), en: text.en.clone() }
    }
}

impl From<&Finding> for FindingV1 {
    fn from(finding: &Finding) -> Self {
        Self {
            detector: finding.detector.into(),
            class: finding.class.into(),
            severity: finding.severity.into(),
            attribution: finding.attribution.into(),
            step: finding.step.to_string(),
            step_title: finding.step_title.clone(),
            route: finding.route.clone(),
            headline: (&finding.headline).into(),
            cause: finding.cause.clone(),
            cause_key: finding.cause_key.clone(),
            deterministic: finding.deterministic,
            failing: finding.failing,
            evidence: finding.evidence.iter().map(ToString::to_string).collect(),
            fingerprint: finding.fingerprint().to_string(),
        }
    }
}
