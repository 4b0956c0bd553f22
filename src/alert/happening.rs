//! The feed: every move of an incident as other systems read it, one after the other (`incident-move.v1`).
//!
//! A bulletin tells people what somebody decided to tell them; a happening is every move, told or not. It holds what is
//! known at the move. What incidents do not have is not in its shape: the address of the page (of addresses the route alone
//! is kept, in `page_key`, since tokens stand in the rest), the app's version, the rule that is touched, complaints. What an
//! incident is filed under is derived when a happening is read, from what people had said by then and from the rules as
//! they are now (`Happening::filed`). How many passes are wanted stands in the config, which may be another one by the time this is read.

use super::bulletin::page_of;
use super::{Bulletin, Place, replay_command};
use crate::id::IncidentId;
use crate::incident::{Change, Kind, LedgerError};
use crate::moment::Moment;
use crate::tags::{Business, Channel, Correction, Facts, Reason, Right, Rules};
use crate::walk::Class;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of this shape. Fields are added freely; a change of meaning takes a new version.
pub const HAPPENING_VERSION: &str = "incident-move.v1";

/// One move of an incident, for machines: what a bulletin says of the incident, as it was after the move, and who did it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Happening {
    /// What happened, to what. `event_id` is the incident and how often it had changed: the same whenever this is read.
    /// `event_type` is `incident.` and what happened: `incident.opened`, `incident.fix-claimed`, …
    #[serde(flatten)]
    pub facts: Bulletin,
    /// Who did it: `robot`, `person:NAME`, `system:NAME`.
    pub actor: String,
    /// The walk that brought it about, or that somebody had before them.
    pub brought_by: String,
    /// What people had said of what it is filed under, after this move: `incident.retagged` says here what to.
    #[serde(default)]
    pub corrected: Corrected,
    /// The most important thing that people are told of it when the maintenance windows that keep it quiet are over: that it
    /// `opened`, that it `worsened`, that it is `lasting`; null where they know all of it.
    #[serde(default)]
    pub untold: Option<String>,
    /// How far its end was verified.
    pub verify: Verified,
    /// Where to look.
    pub links: HappeningLinks,
}

/// What people said an incident is filed under, by words; null is what they said nothing of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Corrected {
    /// The channel.
    pub channel: Option<String>,
    /// The business.
    pub business: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// The rights; none of them when empty.
    pub rights: Option<BTreeSet<String>>,
}

impl Corrected {
    fn of(said: &Correction) -> Self {
        let text = |word: &str| word.to_owned();
        Self {
            channel: said.channel.map(|one| text(one.word())),
            business: said.business.map(|one| text(one.word())),
            reason: said.reason.map(|one| text(one.word())),
            rights: said.rights.as_ref().map(|these| these.iter().map(|one| text(one.word())).collect()),
        }
    }

    /// As it was said; a word that is none by now is left out.
    fn said(&self) -> Correction {
        let rights = |these: &BTreeSet<String>| these.iter().filter_map(|word| Right::parse(word).ok()).collect();
        Correction {
            channel: self.channel.as_deref().and_then(|word| Channel::parse(word).ok()),
            business: self.business.as_deref().and_then(|word| Business::parse(word).ok()),
            reason: self.reason.as_deref().and_then(|word| Reason::parse(word).ok()),
            rights: self.rights.as_ref().map(rights),
        }
    }
}

/// How far an incident's end is verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    /// Walks in a row that got past it.
    pub passes: u32,
    /// When the first of them began.
    #[schemars(extend("format" = "date-time"))]
    pub first: Option<String>,
    /// When the last that was wanted had ended.
    #[schemars(extend("format" = "date-time"))]
    pub closed: Option<String>,
}

/// Where to look. Addresses hold no token: who opens them signs in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HappeningLinks {
    /// The incident's page.
    pub incident: Option<String>,
    /// Its pictures.
    pub evidence: Vec<String>,
    /// Its tickets in other systems, as they are when this is read.
    #[serde(default)]
    pub tickets: Vec<String>,
}

impl Happening {
    /// The event of `change`, without addresses: where the console is may be another place by the time it is read.
    pub fn of(change: &Change) -> Self {
        let (incident, maybe) = (&change.after, |moment: Option<Moment>| moment.map(|m| m.to_string()));
        let (id, kind) = (format!("{}.{}", incident.id, incident.revision), format!("incident.{}", change.what.word()));
        let mut facts = Bulletin::named(id, kind, change, &Place::default());
        facts.version = HAPPENING_VERSION.to_owned();
        let handling = &incident.handling;
        Self {
            facts,
            actor: change.by.to_string(),
            brought_by: change.walk.to_string(),
            corrected: Corrected::of(&incident.handling.corrected),
            untold: handling.untold.first().map(|untold| untold.word().to_owned()),
            verify: Verified {
                passes: handling.passes.count,
                first: maybe(handling.passes.first),
                closed: maybe(handling.closed),
            },
            links: HappeningLinks::default(),
        }
    }

    /// The same with addresses, for a console at `place`.
    pub fn placed(mut self, place: &Place) -> Self {
        self.facts.console_url = page_of(place, &self.facts.incident_id);
        if let Ok(incident) = self.facts.incident_id.parse::<IncidentId>() {
            self.facts.replay = replay_command(incident, place.config.as_deref());
        }
        let shown = |base: &String| {
            let pieces = self.facts.evidence.iter();
            pieces.map(|piece| format!("{base}/evidence/{}", piece.key)).collect()
        };
        self.links.evidence = place.console.as_ref().map(shown).unwrap_or_default();
        self.links.incident = self.facts.console_url.clone();
        self
    }

    /// The same, filed by `rules`.
    pub fn filed(mut self, rules: &Rules) -> Self {
        if self.facts.kind == Kind::Robot.word() {
            return self;
        }
        let classes = [Class::Blocked, Class::Broken, Class::Abnormal, Class::Slow];
        let facts = Facts {
            app: &self.facts.app,
            journey: &self.facts.journey,
            detector: &self.facts.detector,
            class: classes.into_iter().find(|class| Some(class.word()) == self.facts.class.as_deref()),
            devices: &self.facts.devices,
            own: &self.facts.tags,
        };
        let tags = rules.of(&facts, &self.corrected.said());
        self.facts = self.facts.filed_under(&tags);
        self
    }

    /// What happened: `opened`, `fix-claimed`, ….
    pub fn what(&self) -> &str {
        self.facts.reason()
    }

    /// As JSON, the form it is kept and sent in.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("invariant: a happening has string keys only")
    }
}

/// The port that reads the feed.
#[async_trait::async_trait]
pub trait Chronicle: Send + Sync {
    /// Moves after the one with the number `after`, in the order in which they were filed, at most `limit`.
    async fn chapter(&self, after: u64, limit: u32) -> Result<Chapter, LedgerError>;
}

/// A part of the feed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chapter {
    /// Each move with its number. Numbers grow and are never used again; not each is a move's.
    pub moves: Vec<(u64, Happening)>,
    /// The highest number there is, or was.
    pub newest: u64,
    /// Moves up to this number may be forgotten.
    pub forgotten: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::TRIAL;
    use crate::id::{NoticeId, WalkId};
    use crate::tags::Rule;

    #[test]
    fn what_a_person_said_stands_over_the_rules_of_now() {
        let now = Moment::from_millis(0);
        let (event, of, walk) = (NoticeId::fresh(), IncidentId::fresh(), WalkId::fresh());
        let check = |corrected: Option<Business>, rules: &[Business], kind: Kind, expected: Option<Business>| {
            let says = |business: Option<Business>| Correction { business, ..Correction::default() };
            let rule = |business: &Business| {
                let (app, class) = (Some("wealth-h5".to_owned()), Some(Class::Blocked));
                Rule { app, class, says: says(Some(*business)), ..Rule::default() }
            };
            let rules = Rules { rules: rules.iter().map(rule).collect(), ..Rules::default() };
            let mut facts = Bulletin::sample(TRIAL, event, of, walk, now, &Place::default());
            (facts.kind, facts.business) = (kind.word().to_owned(), None);
            let told = Happening {
                facts,
                actor: "robot".to_owned(),
                brought_by: walk.to_string(),
                corrected: Corrected::of(&says(corrected)),
                untold: None,
                verify: Verified { passes: 0, first: None, closed: None },
                links: HappeningLinks::default(),
            };
            // As it is kept.
            let told: Happening = serde_json::from_str(&told.to_json()).unwrap();
            assert_eq!(told.filed(&rules).facts.business.as_deref(), expected.map(Business::zh));
        };
        check(None, &[], Kind::App, Some(Business::Agency));
        check(None, &[Business::OwnWealth, Business::Loan], Kind::App, Some(Business::OwnWealth));
        check(Some(Business::Loan), &[Business::OwnWealth], Kind::App, Some(Business::Loan));
        check(None, &[Business::OwnWealth], Kind::Robot, None);
    }
}
