//! Everything that can be set, from one YAML file; one section, one file.
//!
//! A file is read strictly: an unknown key, a value without its unit or a secret in the clear is refused with
//! its place and an example of what is right. A flag overrides the environment, the environment the file.

mod accounts;
mod alerts;
mod apps;
mod audit;
mod baseline;
mod browser;
mod calendars;
mod channels;
mod console;
mod control;
mod evidence;
mod file;
mod guard;
mod journey_files;
mod limits;
mod maintenance;
mod mistakes;
mod oidc;
mod owners;
mod patrols;
mod queue;
mod reading;
mod retain;
mod secrets;
mod store;
mod tagging;
mod tickets;
pub mod value;

pub use accounts::{Customer, Pool};
pub use alerts::{Alerts, Tongue};
pub use apps::{App, BusinessRule};
pub use audit::Audit;
pub use baseline::Baseline;
pub use browser::{Browser, PicturesKept};
pub use calendars::Calendar;
pub use channels::{
    Alertmanager, Channel, DingTalk, Email, EmailTls, Feishu, FeishuApp, PagerDuty, Slack, Teams, Telegram, WeCom,
    Webhook,
};
pub use console::{CONNECTIONS_MAX, Console, SignIn};
pub use control::Control;
pub use evidence::Evidence;
pub use guard::Never;
pub use journey_files::DiskFiles;
pub use limits::Limits;
pub use oidc::{GroupRole, Issuer, Oidc, SecondFactorBy, Unknown};
pub use owners::{Owner, OwnerHours};
pub use patrols::PatrolPlan;
pub use queue::Queue;
pub use reading::{ConfigError, digest_of, load, parse};
pub use retain::Retain;
pub use secrets::ReferenceSecrets;
pub use store::Store;
pub use tagging::Tagging;
pub use tickets::{ClosedEarly, Jira, ServiceNow, SeverityName, TicketHook, Tickets, WontFix, ZenTao};

use crate::maintenance::Recurring;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use value::Slug;

/// The longest config file accepted, in bytes.
pub const CONFIG_BYTES_MAX: usize = 1024 * 1024;

/// A whole config file, every value validated. `Config::default()` is what holds without a file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The apps journeys may name.
    pub apps: BTreeMap<Slug, App>,
    /// Pools of test customers.
    pub accounts: BTreeMap<Slug, Pool>,
    /// The browsers walks are made in.
    pub browser: Browser,
    /// What is walked when.
    pub patrols: Vec<PatrolPlan>,
    /// Ways to tell people.
    pub channels: BTreeMap<Slug, Channel>,
    /// Systems of tickets that incidents are handed on to.
    pub tickets: BTreeMap<Slug, Tickets>,
    /// The days on which people work, by name.
    pub calendars: BTreeMap<Slug, Calendar>,
    /// Whom a journey's alerts reach; `default` takes what no other owner does.
    pub owners: BTreeMap<Slug, Owner>,
    /// When work is planned.
    pub maintenance: Vec<Recurring>,
    /// How notices speak.
    pub alerts: Alerts,
    /// Where evidence is kept.
    pub evidence: Evidence,
    /// Where `serve` keeps what clean walks have taught.
    pub baseline: Baseline,
    /// Where the robot looks when an app answers nothing.
    pub control: Control,
    /// Where incidents, walks and notices are kept.
    pub store: Store,
    /// How long they are.
    pub retain: Retain,
    /// The incident queue.
    pub queue: Queue,
    /// What incidents are filed under.
    pub tags: Tagging,
    /// Where the audit log's checkpoints are kept.
    pub audit: Audit,
    /// The web console.
    pub console: Console,
    /// How much, how many, how long.
    pub limits: Limits,
    /// Requests that leave no lane, whatever the app.
    pub never: Vec<Never>,
    /// The folder that relative paths in the file are relative to.
    pub folder: PathBuf,
    /// The file it was read from.
    pub file: Option<PathBuf>,
    /// SHA-256 of that file's text, hexadecimal; empty without one.
    pub digest: String,
    /// The same of the files that it names and that were read with it, by their paths: the customer's codes, mappings of
    /// ticket systems.
    pub named: BTreeMap<String, String>,
}

impl Config {
    /// What may leave a lane of `app`.
    pub fn guard_of(&self, app: &App) -> crate::guard::GuardRules {
        guard::rules_of(app, &self.never)
    }

    /// A path of the file, as seen from the working directory.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        if path.is_absolute() { path.to_owned() } else { self.folder.join(path) }
    }
}
