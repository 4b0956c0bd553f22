//! The bulletin: the published JSON (`incident-event.v1`) that webhooks carry, and what notices are rendered from.

use super::AlertReason;
use crate::id::{IncidentId, NoticeId};
use crate::incident::{Change, Incident};
use crate::maintenance::Window;
use crate::moment::Moment;
use crate::tags::{Rules, Tags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of this shape. Fields are added freely; a change of meaning takes a new version.
pub const BULLETIN_VERSION: &str = "incident-event.v1";

/// Where people find what a notice speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Where the console is, for links: `https://gengfu.bank.example`, without a slash at its end.
    pub console: Option<String>,
    /// The config file, for the command that walks an incident again.
    pub config: Option<String>,
}

/// The command that walks an incident again, as it is typed into a shell.
pub fn replay_command(incident: IncidentId, config: Option<&str>) -> String {
    let Some(config) = config else { return format!("gengfu replay {incident}") };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    let config =
        if config.chars().all(plain) { config.to_owned() } else { format!("'{}'", config.replace('\'', r"'\''")) };
    format!("gengfu replay {incident} --config {config}")
}

/// The page of `incident`, where the console's address is known.
pub(super) fn page_of(place: &Place, incident: &str) -> Option<String> {
    place.console.as_ref().map(|base| format!("{base}/incidents/{incident}"))
}

/// What happened to an incident, for machines. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bulletin {
    /// The version of this shape: `incident-event.v1`; in the feed of moves `incident-move.v1`.
    pub version: String,
    /// The notice's name, or the move's: the same whenever this is delivered or read again.
    pub event_id: String,
    /// `incident.` and why people are told (`incident.first-seen`, `incident.recovered`, …), in the feed what happened
    /// (`incident.opened`, `incident.fix-claimed`, …).
    pub event_type: String,
    /// When the walk ended that brought it about.
    #[schemars(extend("format" = "date-time"))]
    pub occurred_at: String,
    /// The incident.
    pub incident_id: String,
    /// `app`, or `robot` for trouble of the watch itself.
    pub kind: String,
    /// What makes two findings the same trouble.
    pub fingerprint: String,
    /// The app.
    pub app: String,
    /// The channel it is filed under, by the name of JR/T 0169: what people corrected, rules, the journey's own tag, the
    /// device, in this order.
    pub channel: Option<String>,
    /// The business it is filed under.
    pub business: Option<String>,
    /// The reason it is filed under.
    #[serde(default)]
    pub reason: Option<String>,
    /// Customers' rights that it touches.
    #[serde(default)]
    pub rights: Vec<String>,
    /// The journey's own words for itself.
    pub tags: BTreeMap<String, String>,
    /// The journey's name.
    pub journey: String,
    /// What people call it.
    pub title: String,
    /// The step's name.
    pub step: Option<String>,
    /// What people call it.
    pub step_title: String,
    /// The page's route, ids folded.
    pub page_key: String,
    /// The detector.
    pub detector: String,
    /// `blocked`, `broken`, `abnormal`, `slow`; none for the robot's own.
    pub class: Option<String>,
    /// `P1` to `P3`.
    pub severity: String,
    /// `product`, `test-data`, `protection`, `network`, `robot`.
    pub attribution: String,
    /// `suspected`, `open`, `recovered`.
    pub state: String,
    /// Where it stands in the queue: `confirmed`, `acknowledged`, `fix-claimed`, `verifying`, `closed`, …
    #[serde(default)]
    pub standing: String,
    /// Who sees to it.
    #[serde(default)]
    pub assignee: Option<String>,
    /// How many walks in a row got past it since.
    #[serde(default)]
    pub passes: u32,
    /// Why somebody did what this event tells of, in their words.
    #[serde(default)]
    pub why: Option<String>,
    /// What a customer meets.
    pub headline: BulletinHeadline,
    /// The cause as far as it is known.
    pub cause: Option<String>,
    /// Whom it concerns.
    pub owner: Option<String>,
    /// When it was first seen.
    #[schemars(extend("format" = "date-time"))]
    pub first_seen: String,
    /// When it was last seen.
    #[schemars(extend("format" = "date-time"))]
    pub last_seen: String,
    /// When it was opened last.
    #[schemars(extend("format" = "date-time"))]
    pub opened: Option<String>,
    /// When a walk last got past it.
    #[schemars(extend("format" = "date-time"))]
    pub recovered: Option<String>,
    /// Walks that saw it.
    pub count: u32,
    /// Suspicions that the next walk did not share.
    pub unconfirmed: u32,
    /// How often it came back.
    pub reopened: u32,
    /// Of how many walks how many meet it, where not all do.
    #[serde(default)]
    pub intermittent: Option<BulletinOdds>,
    /// Devices it was met on.
    pub devices: BTreeSet<String>,
    /// The last walk that saw it.
    pub walk: String,
    /// The last passing walk before it.
    pub good_walk: Option<String>,
    /// Pictures that show it.
    pub evidence: Vec<BulletinEvidence>,
    /// The incident's page.
    pub console_url: Option<String>,
    /// The command that walks it again, step by step.
    pub replay: String,
    /// The channels that did not accept it, where this one stands in for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// The maintenance behind which it is told, where that kept it quiet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<BulletinMaintenance>,
    /// Whether it was over before this could be told, and is told as such.
    #[serde(default, skip_serializing_if = "is_not")]
    pub over_already: bool,
    /// The owner who is told, too, because those below let it lie or it keeps coming back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_to: Option<String>,
}

fn is_not(flag: &bool) -> bool {
    !flag
}

/// How often something shows that not every walk meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulletinOdds {
    /// Walks that met it.
    pub met: u32,
    /// Out of so many made for their own sake.
    pub walks: u32,
}

impl BulletinOdds {
    fn of(incident: &Incident) -> Option<Self> {
        let odds = incident.odds;
        odds.intermittent.then_some(Self { met: odds.met, walks: odds.looks })
    }
}

/// A maintenance window that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulletinMaintenance {
    /// What people call it.
    pub name: String,
    /// When it began.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// When it was over.
    #[schemars(extend("format" = "date-time"))]
    pub until: String,
}

/// A headline in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulletinHeadline {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A piece of evidence, named by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulletinEvidence {
    /// Its name in the vault.
    pub key: String,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Always true: nothing is stored unmasked.
    pub masked: bool,
}

impl Bulletin {
    /// The event of `change`, told because of `reason`.
    pub fn of(id: NoticeId, reason: AlertReason, change: &Change, place: &Place) -> Self {
        Self::named(id.to_string(), format!("incident.{}", reason.word()), change, place)
    }

    /// The event of `change` under a name and type of the caller's.
    pub(super) fn named(event_id: String, event_type: String, change: &Change, place: &Place) -> Self {
        let incident = &change.after;
        let evidence = incident.picture.iter().map(|key| BulletinEvidence {
            key: key.to_string(),
            media_type: key.kind().media_type().to_owned(),
            sha256: key.digest().to_owned(),
            masked: true,
        });
        let maybe = |moment: Option<Moment>| moment.map(|m| m.to_string());
        Self {
            version: BULLETIN_VERSION.to_owned(),
            event_id,
            event_type,
            occurred_at: change.at.to_string(),
            incident_id: incident.id.to_string(),
            kind: incident.kind.word().to_owned(),
            fingerprint: incident.fingerprint.to_string(),
            app: incident.app.clone(),
            channel: None,
            business: None,
            reason: None,
            rights: Vec::new(),
            tags: incident.tags.clone(),
            journey: incident.journey.to_string(),
            title: incident.title.clone(),
            step: incident.step.as_ref().map(ToString::to_string),
            step_title: incident.step_title.clone(),
            page_key: incident.route.clone(),
            detector: incident.detector.clone(),
            class: incident.class.map(|c| c.word().to_owned()),
            severity: incident.severity.word().to_owned(),
            attribution: incident.attribution.word().to_owned(),
            state: incident.state.word().to_owned(),
            standing: incident.standing().word().to_owned(),
            assignee: incident.handling.assignee.clone(),
            passes: incident.handling.passes.count,
            why: Some(change.why.clone()).filter(|why| !why.is_empty()),
            headline: BulletinHeadline { zh: incident.headline.zh.clone(), en: incident.headline.en.clone() },
            cause: incident.cause.clone(),
            owner: incident.owner.clone(),
            first_seen: incident.first_seen.to_string(),
            last_seen: incident.last_seen.to_string(),
            opened: maybe(incident.opened),
            recovered: maybe(incident.recovered),
            count: incident.sightings,
            unconfirmed: incident.unconfirmed,
            reopened: incident.reopened,
            intermittent: BulletinOdds::of(incident),
            devices: incident.devices.clone(),
            walk: incident.failing_walk.to_string(),
            good_walk: incident.good_walk.map(|w| w.to_string()),
            evidence: evidence.collect(),
            console_url: page_of(place, &incident.id.to_string()),
            replay: replay_command(incident.id, place.config.as_deref()),
            instead_of: None,
            maintenance: None,
            over_already: false,
            escalated_to: None,
        }
        .filed_under(&incident.tags(&Rules::default()))
    }

    /// The same, of an incident that is filed under `tags` here.
    pub fn filed_under(mut self, tags: &Tags) -> Self {
        self.channel = tags.channel.map(|one| one.zh().to_owned());
        self.business = tags.business.map(|one| one.zh().to_owned());
        self.reason = tags.reason.map(|one| one.zh().to_owned());
        self.rights = tags.rights.iter().map(|one| one.zh().to_owned()).collect();
        self
    }

    /// The same, told because the channels of these names did not accept it.
    pub fn instead_of(mut self, channels: Option<String>) -> Self {
        self.instead_of = channels;
        self
    }

    /// The same, told also to the owner of this name.
    pub fn escalated_to(mut self, owner: Option<String>) -> Self {
        self.escalated_to = owner;
        self
    }

    /// The same, told now that this maintenance is over.
    pub fn behind(mut self, window: Option<&Window>) -> Self {
        self.maintenance = window.map(|window| BulletinMaintenance {
            name: window.name.clone(),
            from: window.from.to_string(),
            until: window.over().to_string(),
        });
        self
    }

    /// As JSON, the form it is kept and sent in.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("invariant: an event has string keys only")
    }

    /// Brings what it says of the incident's state up to date: it may have waited long to be sent.
    pub fn updated(mut self, incident: &Incident) -> Self {
        self.state = incident.state.word().to_owned();
        self.standing = incident.standing().word().to_owned();
        self.assignee = incident.handling.assignee.clone();
        self.passes = incident.handling.passes.count;
        self.recovered = incident.recovered.map(|m| m.to_string());
        self.last_seen = incident.last_seen.to_string();
        self.count = incident.sightings;
        self.intermittent = BulletinOdds::of(incident);
        self
    }

    /// The reason word.
    pub fn reason(&self) -> &str {
        self.event_type.strip_prefix("incident.").unwrap_or(&self.event_type)
    }
}
