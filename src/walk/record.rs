//! The record of one walk: what was done, how it went, what was seen.

use super::{Attribution, Class, Observation, Verdict};
use crate::actor::Actor;
use crate::evidence::EvidenceKey;
use crate::id::{IncidentId, JourneyId, StepId, WalkId};
use crate::journey::{Safety, Section};
use crate::moment::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// One walk, finished. Every walk ends in one of these.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkRecord {
    /// Its name.
    pub walk: WalkId,
    /// What was walked.
    pub journey: JourneyId,
    /// What people call it.
    pub title: String,
    /// The app.
    pub app: String,
    /// Whom alerts reach.
    pub owner: Option<String>,
    /// The journey's tags.
    pub tags: BTreeMap<String, String>,
    /// The script it was made with.
    pub digest: String,
    /// What the script may do.
    pub safety: Safety,
    /// `Device::name`.
    pub device: String,
    /// The test customer it was walked as, where its journey wants one.
    pub customer: Option<TestCustomer>,
    /// The app's base URL, without user, password and query.
    pub base: String,
    /// Why it was walked.
    pub purpose: Purpose,
    /// When it began.
    pub started: Moment,
    /// How long it took.
    pub elapsed: Duration,
    /// The longest it might take.
    pub budget: Duration,
    /// What the steps alone say; detectors may make it worse, see `detector::judge`.
    pub verdict: Verdict,
    /// Every step of the journey in order, `always` last; those never reached say so.
    pub steps: Vec<StepRecord>,
    /// The network as HAR 1.2, masked.
    pub network: Kept,
    /// The console and uncaught exceptions, one JSON line an entry, masked.
    pub console: Kept,
    /// What its oracles were held to; `None` when its app has none.
    pub oracles: Option<OraclesHeld>,
    /// What walked it.
    pub environment: Environment,
    /// Evidence that was lost, each in a sentence: silence would read as "nothing happened".
    pub losses: Vec<String>,
}

impl WalkRecord {
    /// The first step that failed hard, if any.
    pub fn failed_step(&self) -> Option<&StepRecord> {
        self.steps.iter().find(|s| !s.soft && matches!(s.outcome, Outcome::Failed(_)))
    }

    /// The first thing that kept the robot from saying anything, if any.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.steps.iter().find_map(|s| match &s.outcome {
            Outcome::Inconclusive(trouble) => Some(trouble),
            _ => None,
        })
    }
}

/// A test customer of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCustomer {
    /// Its name in the pool.
    pub name: String,
    /// How many the pool has.
    pub of: usize,
}

/// How much of what oracles say a walk came by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OraclesHeld {
    /// How many figures were read.
    pub figures: usize,
    /// How many claims were judged.
    pub judged: usize,
    /// Claims of which nobody knows whether they hold, and figures that were compared with no other device's, each with the
    /// reason.
    pub unjudged: Vec<String>,
    /// Figures that were never there where the walk came by: `products/fund.nav at /funds/*`.
    pub unread: Vec<String>,
    /// Parts of oracles of which the walk's silence says nothing, and its findings no more than a suspicion: their registry
    /// could not be had, or not as it is now, or their socket had to speak while nobody could listen. As findings have them:
    /// `products/fund./funds`, `products/feed/*`.
    pub unheld: Vec<String>,
    /// Figures that all devices must show alike and that the walk could be compared with no other device's of, or not for
    /// long enough: `products/fund.nav`.
    pub uncompared: Vec<String>,
}

/// Why a walk was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A patrol's due time.
    Patrol {
        /// The slot it was due at.
        slot: Moment,
    },
    /// To see whether another walk's findings hold.
    Confirm {
        /// That walk.
        of: WalkId,
    },
    /// To see whether an incident is over.
    Verify {
        /// The incident.
        of: IncidentId,
    },
    /// Because a person asked for it.
    Asked {
        /// Who; the first, where several did.
        by: Actor,
        /// For which incident.
        of: Option<IncidentId>,
    },
    /// By hand.
    Manual,
}

impl Purpose {
    /// The word in files and on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Purpose::Patrol { .. } => "patrol",
            Purpose::Confirm { .. } => "confirm",
            Purpose::Verify { .. } => "verify",
            Purpose::Asked { .. } => "asked",
            Purpose::Manual => "manual",
        }
    }
}

/// What walked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
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
    /// Whether Chromium's sandbox was on.
    pub sandbox: bool,
    /// Whether the window was visible.
    pub headed: bool,
}

/// One step of a walk.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// The step.
    pub id: StepId,
    /// What people call it.
    pub title: String,
    /// The verb's YAML key.
    pub verb: String,
    /// Which list it belongs to.
    pub section: Section,
    /// Whether its failure ends the walk.
    pub soft: bool,
    /// `file:line` of the step.
    pub place: String,
    /// How it went in the end.
    pub outcome: Outcome,
    /// Every try, the first one first. Only control flow and steps never reached have none.
    pub attempts: Vec<Attempt>,
    /// From the walk's start to the step's.
    pub offset: Duration,
    /// How long it took.
    pub elapsed: Duration,
    /// How long it might take.
    pub within: Duration,
    /// What was seen.
    pub seen: Observation,
    /// The picture at its end.
    pub picture: Kept,
    /// The page at its end: HTML, masked. Kept on failure.
    pub snapshot: Kept,
}

impl StepRecord {
    /// Whether it leaves the page as it is: it looks, waits, compares, or only holds other steps.
    pub fn looks(&self) -> bool {
        const LOOKS: [&str; 8] = ["see", "wait", "capture", "assert", "screenshot", "when", "first_of", "repeat"];
        LOOKS.contains(&self.verb.as_str())
    }
}

/// What became of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kept {
    /// It was not asked for.
    #[default]
    NotAsked,
    /// It is in the vault.
    At(EvidenceKey),
    /// It could not be taken: why.
    Lost(String),
}

/// One try of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// From the walk's start.
    pub offset: Duration,
    /// How long it took.
    pub elapsed: Duration,
    /// What went wrong, if anything did.
    pub failure: Option<String>,
}

/// How a step went.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// As written, at the first attempt.
    Passed,
    /// The customer got through.
    Degraded(Vec<Degradation>),
    /// A customer would not.
    Failed(Failure),
    /// The robot cannot say.
    Inconclusive(Trouble),
    /// Not walked, rightly: a condition did not hold, another branch was taken.
    Skipped(String),
    /// Not walked, because the walk ended before.
    NotReached,
}

/// Something that was not right, but did not stop the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Degradation {
    /// The first tap had no effect, the second had.
    SecondTap,
    /// Figures said something else first, and agreed only then.
    LateFigures {
        /// After how long, in milliseconds.
        elapsed_ms: u64,
    },
    /// It took longer than `within` of the step allowed, but came.
    Slow {
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
        /// How long it might take, in milliseconds.
        within_ms: u64,
    },
}

/// Why a customer would not get through a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The kind, with its facts.
    pub kind: FailureKind,
    /// What stands beside the caret: what was waited for, what was found.
    pub said: String,
    /// A longer account: matches listed, nearest names, the chain of redirects.
    pub detail: Option<String>,
    /// The text of the target that the step was about, as its author wrote it: the fingerprint's locus.
    pub locus: Option<String>,
}

/// The kinds of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The target is nowhere.
    Missing,
    /// It is there and cannot be seen.
    Hidden,
    /// It can be seen and is disabled, or read-only.
    Disabled,
    /// Something lies over it.
    Covered {
        /// What: `<div id=mask class=overlay> 加载中`.
        by: String,
    },
    /// It does not stand still.
    Moving,
    /// More than one element answers to its name.
    Ambiguous {
        /// How many.
        matches: u32,
    },
    /// Two taps, and nothing happened: no change of the page, no request, no navigation.
    NoEffect,
    /// What should have been seen was not.
    NotSeen,
    /// What should not have been seen was.
    StillSeen,
    /// The page is not where it should be.
    WrongRoute {
        /// The path or pattern wanted.
        expected: String,
        /// The path found.
        actual: String,
    },
    /// The app's answer was not what it should be, or there was none.
    WrongResponse {
        /// `POST /api/orders/prepare`.
        request: String,
        /// The status, when there was an answer.
        status: Option<u16>,
        /// The business code, when there was one.
        code: Option<String>,
    },
    /// An assertion is false.
    AssertionFalse {
        /// The expression with its values: `nav == listed_nav (1.2345, 1.2354)`.
        shown: String,
    },
    /// A value could not be read.
    Unreadable,
    /// A page did not load: the browser's own word (`net::ERR_…`).
    NavigationFailed {
        /// The browser's error.
        error: String,
    },
    /// The page's script did not answer.
    Unresponsive,
    /// Dialogs without end.
    DialogStorm,
    /// Windows without end.
    PopupStorm,
    /// The renderer crashed.
    Crashed,
    /// The file did not come, or is not what it should be.
    DownloadWrong,
    /// The guard stopped a request that this step made.
    Guarded {
        /// `POST /api/orders`.
        request: String,
    },
    /// The walk's budget was used up.
    OverBudget,
    /// A branch of `first_of` that is a failure by itself.
    Branch {
        /// Its class.
        class: Class,
    },
    /// The journey itself is wrong for this page: a selector the browser refuses, a name with no value, …
    Journey,
}

impl FailureKind {
    /// How a customer suffers from it.
    pub fn class(&self) -> Class {
        match self {
            FailureKind::AssertionFalse { .. } => Class::Abnormal,
            FailureKind::Crashed | FailureKind::Unresponsive | FailureKind::DialogStorm | FailureKind::PopupStorm => {
                Class::Broken
            }
            FailureKind::Branch { class } => *class,
            _ => Class::Blocked,
        }
    }

    /// Whose fault it is by itself. Detectors that know more overrule it.
    pub fn attribution(&self) -> Attribution {
        match self {
            FailureKind::Journey | FailureKind::Guarded { .. } | FailureKind::Ambiguous { .. } => Attribution::Robot,
            _ => Attribution::Product,
        }
    }

    /// The word in files and on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            FailureKind::Missing => "missing",
            FailureKind::Hidden => "hidden",
            FailureKind::Disabled => "disabled",
            FailureKind::Covered { .. } => "covered",
            FailureKind::Moving => "moving",
            FailureKind::Ambiguous { .. } => "ambiguous",
            FailureKind::NoEffect => "no-effect",
            FailureKind::NotSeen => "not-seen",
            FailureKind::StillSeen => "still-seen",
            FailureKind::WrongRoute { .. } => "wrong-route",
            FailureKind::WrongResponse { .. } => "wrong-response",
            FailureKind::AssertionFalse { .. } => "assertion-false",
            FailureKind::Unreadable => "unreadable",
            FailureKind::NavigationFailed { .. } => "navigation-failed",
            FailureKind::Unresponsive => "unresponsive",
            FailureKind::DialogStorm => "dialog-storm",
            FailureKind::PopupStorm => "popup-storm",
            FailureKind::Crashed => "crashed",
            FailureKind::DownloadWrong => "download-wrong",
            FailureKind::Guarded { .. } => "guarded",
            FailureKind::OverBudget => "over-budget",
            FailureKind::Branch { .. } => "branch",
            FailureKind::Journey => "journey",
        }
    }
}

/// Why the robot cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The kind.
    pub kind: TroubleKind,
    /// What happened.
    pub said: String,
}

/// The kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// The browser is gone.
    BrowserLost,
    /// The driver is gone or does not answer.
    DriverLost,
    /// No browser could be had.
    NoBrowser,
    /// The way to the app is cut: names do not resolve, nothing can be reached.
    Uplink,
    /// No test customer is free, or the one leased is locked.
    Account,
    /// A secret could not be read.
    Secret,
    /// A protection page met the robot.
    Protection,
    /// The walk was called off: shutdown, Ctrl-C.
    Cancelled,
    /// The machine has too much to do for its browsers to answer in time.
    Overloaded,
    /// A defect of the robot.
    Defect,
}

impl TroubleKind {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            TroubleKind::BrowserLost => "browser-lost",
            TroubleKind::DriverLost => "driver-lost",
            TroubleKind::NoBrowser => "no-browser",
            TroubleKind::Uplink => "uplink",
            TroubleKind::Account => "account",
            TroubleKind::Secret => "secret",
            TroubleKind::Protection => "protection",
            TroubleKind::Cancelled => "cancelled",
            TroubleKind::Overloaded => "overloaded",
            TroubleKind::Defect => "defect",
        }
    }

    /// Whose trouble it is.
    pub fn attribution(self) -> Attribution {
        match self {
            TroubleKind::Uplink => Attribution::Network,
            TroubleKind::Account => Attribution::TestData,
            TroubleKind::Protection => Attribution::Protection,
            _ => Attribution::Robot,
        }
    }
}
