//! A whole journey and its steps.

use super::oracle::PlaceSource;
use super::{Expectation, Oracle, Verb};
use crate::diagnostic::{Source, Span};
use crate::id::{JourneyId, StepId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A scripted customer journey, `use` already expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// Stable name.
    pub id: JourneyId,
    /// What people call it.
    pub title: String,
    /// The app it walks, declared in the configuration.
    pub app: String,
    /// Whom alerts reach, by the owner map.
    pub owner: Option<String>,
    /// Facets for reports: channel, business, …
    pub tags: BTreeMap<String, String>,
    /// What it is walked on.
    pub device: Device,
    /// What its steps may do to the customer's money.
    pub safety: Safety,
    /// The pool a test customer is leased from.
    pub account: Option<String>,
    /// The longest a whole walk may take.
    pub budget: Duration,
    /// BCP 47 language the browser asks for.
    pub locale: Option<String>,
    /// IANA time zone the page sees.
    pub timezone: Option<String>,
    /// Parameters with their defaults; `--var` overrides.
    pub vars: BTreeMap<String, String>,
    /// The customer's way.
    pub steps: Vec<Step>,
    /// What is done at the end whatever happened.
    pub always: Vec<Step>,
    /// What must be true of the app wherever the walk comes by.
    pub oracles: Vec<Arc<Oracle>>,
    /// Where it came from; spans of its steps point into it.
    pub source: Source,
    /// SHA-256 of the journey and every file it uses, hexadecimal: which script a record was made with.
    pub digest: String,
}

impl Journey {
    /// Whether any step or oracle looks into an answer of the app.
    pub fn reads_answers(&self) -> bool {
        let mut places = self.oracles.iter().flat_map(|oracle| &oracle.subjects).flat_map(|subject| &subject.places);
        self.steps.iter().chain(&self.always).any(Step::reads_answers)
            || places.any(|place| matches!(place.source, PlaceSource::Answer { .. }))
    }
}

/// One verb with what must be seen after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Stable name, see `StepId`.
    pub id: StepId,
    /// What people call it: `name:` when given, otherwise the verb and its target in words.
    pub title: String,
    /// What is done.
    pub verb: Verb,
    /// What a customer must then meet.
    pub expects: Vec<Expectation>,
    /// How long the step may take; the configuration's default when `None`.
    pub within: Option<Duration>,
    /// A soft step that fails degrades the walk and does not end it.
    pub soft: bool,
    /// The author's remark.
    pub note: Option<String>,
    /// The step's bytes in `source`.
    pub span: Span,
    /// The source the span points into: the journey's own, or that of a used file.
    pub source: Source,
}

impl Step {
    fn reads_answers(&self) -> bool {
        let reading = |c: &super::Capture| matches!(c.reading.source, super::ReadingSource::Response { .. });
        self.expects.iter().any(|e| matches!(e, Expectation::Response(_)))
            || match &self.verb {
                Verb::Capture(captures) | Verb::Assert { reads: captures, .. } => captures.iter().any(reading),
                Verb::When { steps, .. } | Verb::Repeat { steps, .. } => steps.iter().any(Step::reads_answers),
                Verb::FirstOf(branches) => branches.iter().any(|b| b.steps.iter().any(Step::reads_answers)),
                _ => false,
            }
    }
}

/// Which list of a journey a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `steps:`
    Steps,
    /// `always:`
    Always,
}

/// What a journey is walked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Device {
    /// 1440 × 900, mouse.
    Desktop,
    /// 390 × 844 at 3×, touch, Mobile Safari's user agent.
    H5Iphone,
    /// 412 × 915 at 2.625×, touch, Chrome on Android's user agent.
    H5Android,
    /// A viewport in CSS pixels, mouse.
    Viewport {
        /// Width in CSS pixels.
        width: u32,
        /// Height in CSS pixels.
        height: u32,
    },
}

impl Device {
    /// The name used in records and fingerprint facets.
    pub fn name(&self) -> String {
        match self {
            Device::Desktop => "desktop".into(),
            Device::H5Iphone => "h5-iphone".into(),
            Device::H5Android => "h5-android".into(),
            Device::Viewport { width, height } => format!("viewport-{width}x{height}"),
        }
    }
}

/// What a journey may do to the customer's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// Changes nothing that a customer would notice.
    ReadOnly,
    /// Changes something that its `always` steps undo.
    Reversible,
    /// Moves money between test accounts, within limits set in the configuration.
    Money,
}
