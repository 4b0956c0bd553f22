//! The walk engine: takes a journey through a lane, step by step, and always ends with a record.

mod conclude;
mod control;
mod engine;
mod figures;
mod keep;
mod mishaps;
mod oracles;
mod portray;
mod scope;
mod sighted;
mod streams;
mod veil;
mod verbs;

pub use conclude::unreached;

use super::port::{Account, BusinessCode, Lanes, Secrets, Watcher};
use super::{Purpose, WalkRecord};
use crate::evidence::Vault;
use crate::guard::{GuardRules, HostRule};
use crate::id::WalkId;
use crate::journey::Journey;
use crate::moment::Clock;
use crate::oracle::Supplied;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

/// What a walk is made with, besides the journey.
#[derive(Clone)]
pub struct Plan {
    /// The walk's name.
    pub walk: WalkId,
    /// Why it is made.
    pub purpose: Purpose,
    /// The app's base URL.
    pub base: Url,
    /// Values over the journey's own.
    pub vars: BTreeMap<String, String>,
    /// The leased test customer, if the journey names a pool.
    pub account: Option<Account>,
    /// What may leave the lane.
    pub guard: Arc<GuardRules>,
    /// How the app says in a 200 that a call failed.
    pub business: Option<BusinessCode>,
    /// How long a step may take that does not say.
    pub step_within: Duration,
    /// Which pictures are kept.
    pub pictures: Pictures,
    /// Whether network (HAR) and console are kept.
    pub network: bool,
    /// Whether `script` steps are allowed.
    pub script_allowed: bool,
    /// The folder that `upload` paths are relative to.
    pub folder: std::path::PathBuf,
    /// The app's own hosts; what they answer is the app's doing.
    pub own_hosts: Vec<HostRule>,
    /// The page's time zone, when the journey names none.
    pub timezone: Option<String>,
    /// The language, when the journey names none.
    pub locale: String,
    /// What registries behind endpoints had to say.
    pub supplied: Supplied,
}

/// Which pictures are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pictures {
    /// One a step.
    #[default]
    All,
    /// Of the step that failed, and of the last.
    Failures,
    /// None.
    None,
}

/// Ports the engine walks over.
#[derive(Clone)]
pub struct World {
    /// Where lanes come from.
    pub lanes: Arc<dyn Lanes>,
    /// Where evidence goes.
    pub vault: Arc<dyn Vault>,
    /// Where secret references lead.
    pub secrets: Arc<dyn Secrets>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who watches.
    pub watcher: Arc<dyn Watcher>,
}

/// Walks `journey`. Never fails: what goes wrong is in the record. `cancel` ends the walk as inconclusive.
pub async fn walk(journey: Arc<Journey>, plan: Plan, world: World, cancel: CancellationToken) -> WalkRecord {
    engine::Engine::new(journey, plan, world, cancel).walk().await
}
