//! What a detector says.

use super::{Fingerprint, Kin};
use crate::evidence::EvidenceKey;
use crate::id::{JourneyId, StepId};
use crate::walk::{Attribution, Class};

/// A text for people, in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Both texts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// How bad it is for customers. P1 is worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Customers cannot do business, or see wrong money.
    P1,
    /// A part does not work.
    P2,
    /// It can wait for the daily digest.
    P3,
}

impl Severity {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Severity::P1 => "P1",
            Severity::P2 => "P2",
            Severity::P3 => "P3",
        }
    }
}

/// One detector's statement about one walk.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The detector's id, such as `element-missing`.
    pub detector: &'static str,
    /// How a customer suffers.
    pub class: Class,
    /// How badly.
    pub severity: Severity,
    /// Whose fault it is.
    pub attribution: Attribution,
    /// The journey.
    pub journey: JourneyId,
    /// The step it was met in.
    pub step: StepId,
    /// The step's title.
    pub step_title: String,
    /// The page's route: path with ids folded (`/funds/:id`).
    pub route: String,
    /// What a customer meets, in one sentence.
    pub headline: Bilingual,
    /// The cause as far as it is known: the failing request, the script error, the element. Volatile parts included.
    pub cause: Option<String>,
    /// What the fingerprint is built on instead of `cause`: the stable part.
    pub cause_key: String,
    /// What it shares with findings of other journeys and steps.
    pub kin: Kin,
    /// Whether one more look settles it (a status, a wrong figure), or it may have been chance.
    pub deterministic: bool,
    /// Whether it makes the walk failed, or only degraded.
    pub failing: bool,
    /// Whether customers suffer from it though they get through: an incident opens when walk after walk shows it.
    pub lasting: bool,
    /// Pictures and pages that show it.
    pub evidence: Vec<EvidenceKey>,
}

impl Finding {
    /// The trouble this is a sighting of.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.journey, &self.step, self.detector, &self.route, &self.cause_key)
    }

    /// Whether an incident opens when enough walks show it.
    pub fn opens(&self) -> bool {
        self.failing || self.lasting
    }
}
