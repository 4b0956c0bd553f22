//! `walk.v1`: a judged walk as it is written to files, stored and served. Published: fields are added, never
//! renamed, retyped or taken away. Readers ignore what they do not know.
//!
//! Times are RFC 3339 in UTC, durations milliseconds, texts masked. Evidence is named by its key in the vault.

mod finding;
mod seen;
mod step;
mod word;

pub use finding::{FindingV1, TextV1};
pub use seen::{ConsoleV1, DialogV1, ExchangeV1, NavigationV1, PageV1, ScriptErrorV1, SeenV1, TapV1};
pub use step::{AttemptV1, DegradationV1, FailureV1, KeptV1, StepV1};
pub use word::{AttributionV1, ClassV1, OutcomeV1, SafetyV1, SectionV1, SeverityV1, VerdictV1};

use crate::detector::Judged;
use crate::moment::Moment;
use crate::walk::{Environment, OraclesHeld, Purpose, WalkRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The name of this shape, first field of every document.
pub const SHAPE: &str = "walk.v1";

/// One walk, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WalkV1 {
    /// Always `walk.v1`.
    pub shape: String,
    /// The walk's name, a UUID.
    pub walk: String,
    /// The journey's stable name.
    pub journey: String,
    /// What people call the journey.
    pub title: String,
    /// The app.
    pub app: String,
    /// Whom alerts reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The journey's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// SHA-256 of the script it was made with.
    pub digest: String,
    /// What the script may do.
    pub safety: SafetyV1,
    /// The device it was walked on.
    pub device: String,
    /// The test customer it was walked as, by its name in the pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The app's base URL.
    pub base: String,
    /// Why it was walked.
    pub purpose: PurposeV1,
    /// When it began, RFC 3339.
    pub started: String,
    /// How long it took.
    pub elapsed_ms: u64,
    /// The longest it might take.
    pub budget_ms: u64,
    /// What it says of the app.
    pub verdict: VerdictV1,
    /// How a customer suffers, when one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassV1>,
    /// Whose fault it is, when something is anybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<AttributionV1>,
    /// What is said first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<TextV1>,
    /// Every step of the journey in order.
    pub steps: Vec<StepV1>,
    /// What was found, the finding that explains the verdict first.
    #[serde(default)]
    pub findings: Vec<FindingV1>,
    /// How many findings were left out because its baseline has them as usual.
    #[serde(default, skip_serializing_if = "is_none")]
    pub usual: usize,
    /// How much of what oracles say of the app it came by; left out where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oracles: Option<OraclesV1>,
    /// What walked.
    pub environment: EnvironmentV1,
    /// Evidence that was lost, each in a sentence.
    #[serde(default)]
    pub losses: Vec<String>,
    /// The network as HAR 1.2, masked.
    #[serde(default)]
    pub network: KeptV1,
    /// The console and uncaught exceptions, masked: one JSON line an entry, with `step`, `ms`, `level` and `text`.
    #[serde(default)]
    pub console: KeptV1,
}

/// How much of what oracles say a walk came by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OraclesV1 {
    /// How many figures were read.
    pub figures: usize,
    /// How many claims were judged.
    pub judged: usize,
    /// Claims that could not be judged, each with the reason.
    #[serde(default)]
    pub unjudged: Vec<String>,
    /// Figures that were never there where the walk came by.
    #[serde(default)]
    pub unread: Vec<String>,
    /// Parts of oracles of which its silence says nothing: their registry could not be had, or not as it is now, or nobody
    /// could listen to their socket while it had to speak.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unheld: Vec<String>,
    /// Figures that all devices must show alike, of which nobody knows whether they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncompared: Vec<String>,
}

/// Why a walk was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PurposeV1 {
    /// `patrol`, `confirm`, `verify`, `asked` or `manual`.
    pub why: String,
    /// The slot a patrol's walk was due at, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
    /// The walk that a confirming one confirms; the incident that one is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Who asked for it, where somebody did: `person:chen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentV1 {
    /// Gengfu's version.
    pub robot: String,
    /// The browser's name and version.
    pub browser: String,
    /// The driver's version.
    pub driver: String,
    /// Viewport in CSS pixels and its pixel ratio: `390x844@3`.
    pub viewport: String,
    /// The language asked for.
    pub locale: String,
    /// The page's time zone.
    pub timezone: String,
    /// Whether the browser's sandbox was on.
    pub sandbox: bool,
    /// Whether the window was visible.
    pub headed: bool,
}

/// Why a text is not a walk.
#[derive(Debug, thiserror::Error)]
pub enum WalkV1Error {
    /// It is not JSON of this shape.
    #[error("not a `{SHAPE}` document: {0}; give a file written by `gengfu walk --json`")]
    Json(#[from] serde_json::Error),
    /// It is of another shape.
    #[error("expected shape `{SHAPE}`, found `{0}`: use the version of gengfu that wrote it")]
    Shape(String),
}

impl WalkV1 {
    /// Reads a document back; unknown fields are ignored.
    pub fn parse(text: &str) -> Result<Self, WalkV1Error> {
        let walk: Self = serde_json::from_str(text)?;
        if walk.shape == SHAPE { Ok(walk) } else { Err(WalkV1Error::Shape(walk.shape)) }
    }

    /// The document, compact.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("invariant: keys are texts and numbers are finite")
    }

    /// When it began; `None` when the text is no time.
    pub fn started_at(&self) -> Option<Moment> {
        moment(&self.started)
    }

    /// The step that failed hard, if any.
    pub fn failed_step(&self) -> Option<&StepV1> {
        self.steps.iter().find(|s| !s.soft && s.outcome == OutcomeV1::Failed)
    }
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The JSON Schema of the shape, as people publish it.
pub fn schema() -> String {
    let schema = schemars::schema_for!(WalkV1);
    serde_json::to_string_pretty(&schema).expect("invariant: a schema is a tree of texts and numbers")
}

impl From<(&WalkRecord, &Judged)> for WalkV1 {
    fn from((record, judged): (&WalkRecord, &Judged)) -> Self {
        Self {
            shape: SHAPE.into(),
            walk: record.walk.to_string(),
            journey: record.journey.to_string(),
            title: record.title.clone(),
            app: record.app.clone(),
            owner: record.owner.clone(),
            tags: record.tags.clone(),
            digest: record.digest.clone(),
            safety: record.safety.into(),
            device: record.device.clone(),
            customer: record.customer.as_ref().map(|customer| customer.name.clone()),
            base: record.base.clone(),
            purpose: (&record.purpose).into(),
            started: record.started.to_string(),
            elapsed_ms: millis(record.elapsed),
            budget_ms: millis(record.budget),
            verdict: judged.verdict.into(),
            class: judged.class.map(Into::into),
            attribution: judged.attribution.map(Into::into),
            headline: judged.headline.as_ref().map(Into::into),
            steps: record.steps.iter().map(Into::into).collect(),
            findings: judged.findings.iter().map(Into::into).collect(),
            usual: judged.usual,
            oracles: record.oracles.clone().map(|held| {
                let OraclesHeld { figures, judged, unjudged, unread, unheld, uncompared } = held;
                OraclesV1 { figures, judged, unjudged, unread, unheld, uncompared }
            }),
            environment: (&record.environment).into(),
            losses: record.losses.clone(),
            network: (&record.network).into(),
            console: (&record.console).into(),
        }
    }
}

impl From<&Purpose> for PurposeV1 {
    fn from(purpose: &Purpose) -> Self {
        let (slot, of, by) = match purpose {
            Purpose::Patrol { slot } => (Some(slot.to_string()), None, None),
            Purpose::Confirm { of } => (None, Some(of.to_string()), None),
            Purpose::Verify { of } => (None, Some(of.to_string()), None),
            Purpose::Asked { by, of } => (None, of.map(|of| of.to_string()), Some(by.to_string())),
            Purpose::Manual => (None, None, None),
        };
        Self { why: purpose.word().into(), slot, of, by }
    }
}

impl From<&Environment> for EnvironmentV1 {
    fn from(environment: &Environment) -> Self {
        let Environment { robot, browser, driver, viewport, locale, timezone, sandbox, headed } = environment.clone();
        Self { robot, browser, driver, viewport, locale, timezone, sandbox, headed }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn moment(text: &str) -> Option<Moment> {
    text.parse::<jiff::Timestamp>().ok().map(|t| Moment::from_millis(t.as_millisecond()))
}
