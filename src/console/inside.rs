//! What the running robot knows and its ledger does not: who walks now, which browsers there are, what stands in the
//! journeys' files. The console asks for it through this port and never guesses.

use crate::fleet::BoardLook;
use crate::id::JourneyId;
use async_trait::async_trait;

/// Somebody inside the robot.
#[async_trait]
pub trait Inside: Send + Sync {
    /// What the fleet does now; `None` until the watch is kept.
    fn fleet(&self) -> Option<FleetLook>;

    /// The file of a journey on the watch, read now; `None` when there is no such journey.
    async fn source(&self, journey: &JourneyId) -> Option<SourceLook>;
}

/// The fleet at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetLook {
    /// Tickets and times.
    pub board: BoardLook,
    /// The browsers there are. `None` while one is being started or replaced.
    pub browsers: Option<Vec<BrowserView>>,
    /// Browsers at once.
    pub browsers_max: usize,
    /// Walks after which a browser is replaced.
    pub recycle_after_walks: u32,
    /// Finished walks that wait for the ledger to take them.
    pub backlog: usize,
    /// How many of these are kept at most.
    pub backlog_max: usize,
}

/// One browser.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct BrowserView {
    /// Lanes lent now.
    pub lanes: usize,
    /// Lanes it can lend at once.
    pub lanes_max: usize,
    /// Lanes lent so far.
    pub lent: u32,
    /// Whether it can lend more.
    pub alive: bool,
}

/// A journey's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceLook {
    /// Where it lies, as the config names it.
    pub file: String,
    /// What stands in it now; `None` when it cannot be read.
    pub text: Option<String>,
    /// Whether it is not what walks are made by.
    pub changed: bool,
    /// Its mistakes, each with its place: what would keep it from being walked after the next start.
    pub mistakes: Vec<Mistake>,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Mistake {
    /// The line, from 1, where it is one of the journey's own file.
    pub line: Option<usize>,
    /// What is wrong.
    pub title: String,
    /// As `gengfu lint` says it.
    pub said: String,
}

/// Nobody: a console over a ledger that no robot of this process writes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyInside;

#[async_trait]
impl Inside for NobodyInside {
    fn fleet(&self) -> Option<FleetLook> {
        None
    }

    async fn source(&self, _: &JourneyId) -> Option<SourceLook> {
        None
    }
}
