//! An incident, what saw it, and what a walk changes about it.

use super::{Handling, Odds, Policy, Stage};
use crate::actor::Actor;
use crate::evidence::EvidenceKey;
use crate::finding::{Bilingual, Fingerprint, Kin, Severity};
use crate::id::{IncidentId, JourneyId, StepId, WalkId};
use crate::moment::Moment;
use crate::tags::{Facts, Rules, Tags};
use crate::walk::{Attribution, Class};
use std::collections::{BTreeMap, BTreeSet};

/// Whose the trouble is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Customers of the app meet it: it goes to the app's owner.
    App,
    /// The watch itself is hindered: it goes to the operator, and says nothing of the app.
    Robot,
}

impl Kind {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Kind::App => "app",
            Kind::Robot => "robot",
        }
    }
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A walk showed it, and not enough others have. Nobody is told.
    Suspected,
    /// Enough walks showed it: customers meet it now.
    Open,
    /// A later walk got past it.
    Recovered,
}

impl State {
    /// Every state.
    pub const ALL: [State; 3] = [State::Suspected, State::Open, State::Recovered];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            State::Suspected => "suspected",
            State::Open => "open",
            State::Recovered => "recovered",
        }
    }
}

/// One trouble, over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its name.
    pub id: IncidentId,
    /// What makes two findings the same trouble. At most one incident that is not recovered has it.
    pub fingerprint: Fingerprint,
    /// Whose it is.
    pub kind: Kind,
    /// What it shares with incidents of other journeys; `None` for robot health.
    pub kin: Option<Kin>,
    /// The whole that this is a part of: people hear of that one.
    pub parent: Option<IncidentId>,
    /// When its own journey got past it while parts of it, met by others, are still open.
    pub past: Option<Moment>,
    /// The app it was met in.
    pub app: String,
    /// The journey it was met on; for robot health the one that met it last.
    pub journey: JourneyId,
    /// What people call the journey.
    pub title: String,
    /// The step it was met in; `None` for robot health, which belongs to no step.
    pub step: Option<StepId>,
    /// What people call the step; empty for robot health.
    pub step_title: String,
    /// The page's route, ids folded.
    pub route: String,
    /// Devices it was met on.
    pub devices: BTreeSet<String>,
    /// The detector that found it.
    pub detector: String,
    /// How a customer suffers; `None` for robot health.
    pub class: Option<Class>,
    /// How badly: the worst seen.
    pub severity: Severity,
    /// Whose fault it is.
    pub attribution: Attribution,
    /// What a customer meets, in one sentence.
    pub headline: Bilingual,
    /// The cause as far as it is known.
    pub cause: Option<String>,
    /// Where it stands.
    pub state: State,
    /// The walk whose finding still waits for another to show it.
    pub suspicion: Option<WalkId>,
    /// When it was first seen: the start of that walk.
    pub first_seen: Moment,
    /// When it was last seen: the start of that walk.
    pub last_seen: Moment,
    /// When it was opened or reopened last.
    pub opened: Option<Moment>,
    /// When a walk last got past it.
    pub recovered: Option<Moment>,
    /// Walks that saw it.
    pub sightings: u32,
    /// Suspicions that the next walk did not share.
    pub unconfirmed: u32,
    /// How often it came back.
    pub reopened: u32,
    /// How often it came back soon after it had recovered, one return after another.
    pub flaps: u32,
    /// How sure it is, and whether only some walks meet it.
    pub odds: Odds,
    /// Whether it comes and goes: people are told so once, and again when it has calmed.
    pub flapping: bool,
    /// The journey's last passing walk before it.
    pub good_walk: Option<WalkId>,
    /// The last walk that saw it.
    pub failing_walk: WalkId,
    /// The script that walk was made with.
    pub digest: String,
    /// A picture that shows it, of that walk.
    pub picture: Option<EvidenceKey>,
    /// Whom to tell, by the owner map.
    pub owner: Option<String>,
    /// The journey's tags.
    pub tags: BTreeMap<String, String>,
    /// The incident with the same fingerprint that recovered too long ago to be reopened.
    pub previous: Option<IncidentId>,
    /// The newest walk that changed it, by start and name: older ones change nothing any more.
    pub judged: (Moment, WalkId),
    /// What people make of it, and how far its end is verified.
    pub handling: Handling,
    /// Counts its changes; a writer that read an older one writes nothing.
    pub revision: u32,
}

impl Incident {
    /// What it is filed under; nothing of the watch's own trouble, which no customer meets.
    pub fn tags(&self, rules: &Rules) -> Tags {
        if self.kind == Kind::Robot {
            return Tags::default();
        }
        let facts = Facts {
            app: &self.app,
            journey: self.journey.as_str(),
            detector: &self.detector,
            class: self.class,
            devices: &self.devices,
            own: &self.tags,
        };
        rules.of(&facts, &self.handling.corrected)
    }

    /// It came back at `at`.
    pub(super) fn reopen(&mut self, at: Moment, policy: &Policy) {
        self.calm(self.recovered, at, policy);
        self.handling.begin_anew(at);
        (self.state, self.suspicion, self.opened) = (State::Open, None, Some(at));
        self.reopened += 1;
        self.flaps += 1;
        self.flapping = self.flaps >= policy.flap_after;
    }

    /// A walk that began at `seen` saw it: whoever had said before that it is mended was wrong. Whether somebody had.
    pub(super) fn refuse_claim(&mut self, seen: Moment, at: Moment) -> bool {
        let claimed = self.handling.claimed.filter(|_| self.handling.stage == Stage::FixClaimed);
        if claimed.is_none_or(|claimed| seen < claimed) {
            return false;
        }
        self.handling.reach(Stage::Fixing, at);
        self.handling.claimed = None;
        self.handling.refused += 1;
        true
    }

    /// What has stood since `turned` for long enough does not come and go any more; whether it did until now.
    pub(super) fn calm(&mut self, turned: Option<Moment>, at: Moment, policy: &Policy) -> bool {
        if turned.is_some_and(|turned| at.since(turned) < policy.flap_within) {
            return false;
        }
        self.flaps = 0;
        std::mem::take(&mut self.flapping)
    }
}

/// What a walk had to say on an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SightingRole {
    /// It saw it first.
    Suspicion,
    /// It saw it again in a fresh lane.
    Confirmation,
    /// It saw it once more.
    Repeat,
    /// It looked there and did not see it, though the walk before had.
    Refutation,
}

impl SightingRole {
    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            SightingRole::Suspicion => "suspicion",
            SightingRole::Confirmation => "confirmation",
            SightingRole::Repeat => "repeat",
            SightingRole::Refutation => "refutation",
        }
    }
}

/// One walk that saw an incident, or looked for it in vain. There is at most one a walk and incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The incident.
    pub incident: IncidentId,
    /// The walk.
    pub walk: WalkId,
    /// When that walk began.
    pub at: Moment,
    /// What it had to say.
    pub role: SightingRole,
    /// What it was walked on.
    pub device: String,
    /// The cause as it was this time, volatile parts included.
    pub cause: Option<String>,
    /// Pictures and pages that show it.
    pub evidence: Vec<EvidenceKey>,
}

/// What happened to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A walk saw it; another is wanted.
    Suspected,
    /// The next one did not see it.
    Unconfirmed,
    /// Enough saw it.
    Opened,
    /// It was seen again while open.
    Sighted,
    /// It was seen again, and worse.
    Worsened,
    /// Its own journey got past it; others still meet it.
    Narrowed,
    /// A walk got past it; of an incident with parts: past the last of them.
    Recovered,
    /// It came back.
    Reopened,
    /// One more walk got past it.
    Passed,
    /// Enough walks got past it, for long enough.
    Closed,
    /// It was said to be mended, and a walk saw it.
    ClaimRefused,
    /// It was not taken up, or not mended, in time.
    Escalated,
    /// Somebody is to see to it.
    Assigned,
    /// Somebody knows of it.
    Acknowledged,
    /// Somebody mends it.
    FixBegun,
    /// Somebody says that it is mended.
    FixClaimed,
    /// Somebody says that nothing is wrong.
    CalledFalse,
    /// Somebody says that it stays as it is.
    LeftAsItIs,
    /// Somebody says that it is another's trouble.
    CalledDuplicate,
    /// Somebody takes up again what was set aside.
    TakenUp,
    /// Somebody wants no messages for now.
    Muted,
    /// Somebody wants messages again.
    Unmuted,
    /// Somebody said what it is filed under.
    Retagged,
    /// Somebody left a word.
    Noted,
}

impl What {
    /// Whether it is a move that history tells: not the same once more.
    pub fn is_move(self) -> bool {
        !matches!(self, What::Sighted | What::Passed)
    }

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            What::Suspected => "suspected",
            What::Unconfirmed => "unconfirmed",
            What::Opened => "opened",
            What::Sighted => "sighted",
            What::Worsened => "worsened",
            What::Narrowed => "narrowed",
            What::Recovered => "recovered",
            What::Reopened => "reopened",
            What::Passed => "passed",
            What::Closed => "closed",
            What::ClaimRefused => "claim-refused",
            What::Escalated => "escalated",
            What::Assigned => "assigned",
            What::Acknowledged => "acknowledged",
            What::FixBegun => "fix-begun",
            What::FixClaimed => "fix-claimed",
            What::CalledFalse => "called-false",
            What::LeftAsItIs => "left-as-it-is",
            What::CalledDuplicate => "called-duplicate",
            What::TakenUp => "taken-up",
            What::Muted => "muted",
            What::Unmuted => "unmuted",
            What::Retagged => "retagged",
            What::Noted => "noted",
        }
    }
}

/// One change of one incident, by a walk or by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What happened.
    pub what: What,
    /// The incident as it was known; `None` when it is new.
    pub before: Option<Incident>,
    /// The incident as it is now.
    pub after: Incident,
    /// What the walk had to say, where it looked at the step.
    pub sighting: Option<Sighting>,
    /// What this is a part of, as it is now.
    pub whole: Option<Box<Incident>>,
    /// The walk that brought it about, or that somebody had before them.
    pub walk: WalkId,
    /// When that walk ended, or when somebody did it.
    pub at: Moment,
    /// Who brought it about.
    pub by: Actor,
    /// Why, in their words; empty where nothing is said.
    pub why: String,
}

impl Change {
    /// `what`, as if it happened to `incident` at `now`: for who tells of an incident as it is, and of no move of it.
    pub fn told_now(incident: &Incident, what: What, now: Moment) -> Self {
        Self {
            what,
            before: None,
            after: incident.clone(),
            sighting: None,
            whole: None,
            walk: incident.failing_walk,
            at: now,
            by: Actor::Robot,
            why: String::new(),
        }
    }
}
