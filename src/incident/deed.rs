//! What people, and systems they work with, may do about an incident. Pure: a table says what is possible from where, and
//! nothing in it closes an incident.

use super::{Change, Incident, Kind, Mute, Stage, Standing, State, What};
use crate::actor::Actor;
use crate::id::IncidentId;
use crate::moment::Moment;
use crate::tags::Correction;
use std::time::Duration;

/// The longest reason, in characters.
pub const WHY_CHARS_MAX: usize = 500;
/// The longest name of whoever sees to it, in characters.
pub const ASSIGNEE_CHARS_MAX: usize = 80;
/// The longest time without messages.
pub const MUTE_MAX: Duration = Duration::from_secs(90 * 24 * 3600);

/// The longest time without messages of the watch's own trouble.
pub const ROBOT_MUTE_MAX: Duration = Duration::from_secs(8 * 3600);

/// What somebody does about an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Names who sees to it: a person, or an owner of the owner map.
    Assign {
        /// Who.
        to: String,
    },
    /// Says that they know of it.
    Acknowledge,
    /// Says that they mend it.
    BeginFix,
    /// Says that it is mended: walks are to show it.
    ClaimFix,
    /// Says that nothing is wrong.
    CallFalse,
    /// Says that it stays as it is.
    LeaveIt,
    /// Says that it is another incident's trouble.
    CallDuplicate {
        /// The other.
        of: IncidentId,
    },
    /// Takes up again what was set aside.
    TakeUp,
    /// Wants no messages for now.
    Mute {
        /// Until then.
        until: Moment,
    },
    /// Wants messages again.
    Unmute,
    /// Says what it is to be filed under.
    Retag(Correction),
    /// Leaves a word for others.
    Note,
}

/// Every kind of deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeedKind {
    /// [`Deed::Assign`].
    Assign,
    /// [`Deed::Acknowledge`].
    Acknowledge,
    /// [`Deed::BeginFix`].
    BeginFix,
    /// [`Deed::ClaimFix`].
    ClaimFix,
    /// [`Deed::CallFalse`].
    CallFalse,
    /// [`Deed::LeaveIt`].
    LeaveIt,
    /// [`Deed::CallDuplicate`].
    CallDuplicate,
    /// [`Deed::TakeUp`].
    TakeUp,
    /// [`Deed::Mute`].
    Mute,
    /// [`Deed::Unmute`].
    Unmute,
    /// [`Deed::Retag`].
    Retag,
    /// [`Deed::Note`].
    Note,
}

impl DeedKind {
    /// Every kind, what leads to the end first.
    pub const ALL: [DeedKind; 12] = [
        DeedKind::Acknowledge,
        DeedKind::Assign,
        DeedKind::BeginFix,
        DeedKind::ClaimFix,
        DeedKind::TakeUp,
        DeedKind::CallFalse,
        DeedKind::LeaveIt,
        DeedKind::CallDuplicate,
        DeedKind::Mute,
        DeedKind::Unmute,
        DeedKind::Retag,
        DeedKind::Note,
    ];

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            DeedKind::Assign => "assign",
            DeedKind::Acknowledge => "acknowledge",
            DeedKind::BeginFix => "begin-fix",
            DeedKind::ClaimFix => "claim-fix",
            DeedKind::CallFalse => "call-false",
            DeedKind::LeaveIt => "leave-it",
            DeedKind::CallDuplicate => "call-duplicate",
            DeedKind::TakeUp => "take-up",
            DeedKind::Mute => "mute",
            DeedKind::Unmute => "unmute",
            DeedKind::Retag => "retag",
            DeedKind::Note => "note",
        }
    }

    /// Whether it has to be said why: what silences the watch, or speaks against it, somebody answers for.
    pub fn wants_why(self) -> bool {
        use DeedKind::{CallDuplicate, CallFalse, LeaveIt, Mute, Note, TakeUp};
        matches!(self, CallFalse | CallDuplicate | LeaveIt | Mute | Note | TakeUp)
    }

    /// Whether it takes an approver: what is left as it is, customers go on meeting.
    pub fn wants_approver(self) -> bool {
        self == DeedKind::LeaveIt
    }

    /// The table: whether it can be done about an incident of this kind that stands so. What it does not have is
    /// impossible, for everybody. The watch's own trouble ends when a walk, or the channel, shows that it has: nobody sets
    /// it aside or says that it is mended.
    pub fn is_possible(self, kind: Kind, standing: Standing) -> bool {
        use Standing::{Acknowledged, Assigned, Confirmed, FixClaimed, Fixing, Suspected, Verifying};
        let open = matches!(standing, Confirmed | Assigned | Acknowledged | Fixing | FixClaimed);
        let aside = matches!(standing, Standing::FalseAlarm | Standing::WontFix | Standing::Duplicate);
        let of_app = kind == Kind::App;
        match self {
            DeedKind::Acknowledge => matches!(standing, Confirmed | Assigned),
            DeedKind::Assign => open || standing == Verifying,
            DeedKind::BeginFix => open && standing != Fixing,
            DeedKind::ClaimFix => of_app && open && standing != FixClaimed,
            DeedKind::LeaveIt => of_app && (open || standing == Verifying),
            DeedKind::CallFalse | DeedKind::CallDuplicate => of_app && !aside,
            DeedKind::TakeUp => aside,
            DeedKind::Mute | DeedKind::Unmute => open || matches!(standing, Suspected | Verifying),
            // The watch's own trouble is no complaint of anybody's.
            DeedKind::Retag => of_app,
            DeedKind::Note => true,
        }
    }
}

impl Deed {
    /// Its kind.
    pub fn kind(&self) -> DeedKind {
        match self {
            Deed::Assign { .. } => DeedKind::Assign,
            Deed::Acknowledge => DeedKind::Acknowledge,
            Deed::BeginFix => DeedKind::BeginFix,
            Deed::ClaimFix => DeedKind::ClaimFix,
            Deed::CallFalse => DeedKind::CallFalse,
            Deed::LeaveIt => DeedKind::LeaveIt,
            Deed::CallDuplicate { .. } => DeedKind::CallDuplicate,
            Deed::TakeUp => DeedKind::TakeUp,
            Deed::Mute { .. } => DeedKind::Mute,
            Deed::Unmute => DeedKind::Unmute,
            Deed::Retag(_) => DeedKind::Retag,
            Deed::Note => DeedKind::Note,
        }
    }
}

/// A deed, by whom, why and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub deed: Deed,
    /// Who.
    pub by: Actor,
    /// Why, in their words; empty where nothing is said.
    pub why: String,
    /// When.
    pub at: Moment,
}

/// Why a deed is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The table does not have it.
    #[error("`{}` is not possible of an incident that is {}", .deed.word(), .standing.word())]
    NotFromHere {
        /// Where it stands.
        standing: Standing,
        /// What was asked.
        deed: DeedKind,
    },
    /// It has to be said why.
    #[error("`{}` needs a reason: who reads this later must know why", .0.word())]
    WhyMissing(DeedKind),
    /// Too much was said.
    #[error("a reason has at most {WHY_CHARS_MAX} characters")]
    WhyTooLong,
    /// Nobody was named.
    #[error("name who sees to it, in at most {ASSIGNEE_CHARS_MAX} characters")]
    NobodyNamed,
    /// The time without messages has no good end.
    #[error("a mute ends in the future, within {} days", MUTE_MAX.as_secs() / 86_400)]
    MuteEnd,
    /// It is filed so already.
    #[error("it is filed under these tags already")]
    NothingRetagged,
    /// It is not muted.
    #[error("it is not muted")]
    NotMuted,
    /// Somebody must still look after what it is said to be the same as.
    #[error("an incident can be a duplicate only of another open one of the same app that is not set aside")]
    NoSuchOriginal,
    /// The watch's own trouble: it ends when a walk, or the channel, shows that it has.
    #[error("the watch's own trouble cannot be set aside or claimed; it can be muted for {} hours", ROBOT_MUTE_MAX.as_secs() / 3_600)]
    RobotsOwn,
}

/// What `asked` changes about `before`. `original` is the incident that it is said to be a duplicate of, where it is known.
///
/// # Errors
/// When it is not possible; nothing changes then.
pub fn act(before: &Incident, asked: &Asked, original: Option<&Incident>) -> Result<Change, Refused> {
    let (deed, standing) = (asked.deed.kind(), before.standing());
    if !deed.is_possible(before.kind, standing) {
        let robots = before.kind == Kind::Robot && deed.is_possible(Kind::App, standing);
        return Err(if robots { Refused::RobotsOwn } else { Refused::NotFromHere { standing, deed } });
    }
    let why: String = asked.why.trim().chars().filter(|c| !crate::actor::misleads(*c)).collect();
    let why = why.as_str();
    if why.chars().count() > WHY_CHARS_MAX {
        return Err(Refused::WhyTooLong);
    }
    if why.is_empty() && deed.wants_why() {
        return Err(Refused::WhyMissing(deed));
    }
    if let Deed::CallDuplicate { of } = asked.deed
        && !original.is_some_and(|original| original.id == of && takes_duplicates(original, before))
    {
        return Err(Refused::NoSuchOriginal);
    }
    let mut after = before.clone();
    let what = apply(&mut after, asked, why)?;
    after.revision += 1;
    let walk = after.failing_walk;
    let (before, at) = (Some(before.clone()), asked.at);
    let (by, why) = (asked.by.clone(), why.to_owned());
    Ok(Change { what, before, after, sighting: None, whole: None, walk, at, by, why })
}

/// Whether somebody still looks after `original`, so that `duplicate` may be left to it.
fn takes_duplicates(original: &Incident, duplicate: &Incident) -> bool {
    let another = original.id != duplicate.id && original.app == duplicate.app && original.kind == duplicate.kind;
    another && original.state == State::Open && !original.handling.stage.is_set_aside()
}

fn apply(after: &mut Incident, asked: &Asked, why: &str) -> Result<What, Refused> {
    let (at, kind) = (asked.at, after.kind);
    let handling = &mut after.handling;
    Ok(match &asked.deed {
        Deed::Assign { to } => {
            let to = to.trim();
            if to.is_empty() || to.chars().count() > ASSIGNEE_CHARS_MAX || to.chars().any(crate::actor::misleads) {
                return Err(Refused::NobodyNamed);
            }
            // Also who was named anew, behind a return: that is when they heard.
            if matches!(handling.stage, Stage::New | Stage::Assigned) {
                handling.reach(Stage::Assigned, at);
            }
            handling.assignee = Some(to.to_owned());
            What::Assigned
        }
        Deed::Acknowledge => {
            handling.reach(Stage::Acknowledged, at);
            handling.acknowledged = Some(at);
            handling.assignee.get_or_insert_with(|| asked.by.name().to_owned());
            What::Acknowledged
        }
        Deed::BeginFix => {
            handling.reach(Stage::Fixing, at);
            handling.acknowledged.get_or_insert(at);
            handling.claimed = None;
            handling.assignee.get_or_insert_with(|| asked.by.name().to_owned());
            What::FixBegun
        }
        Deed::ClaimFix => {
            handling.reach(Stage::FixClaimed, at);
            handling.acknowledged.get_or_insert(at);
            handling.assignee.get_or_insert_with(|| asked.by.name().to_owned());
            handling.claimed = Some(at);
            What::FixClaimed
        }
        Deed::CallFalse => {
            handling.reach(Stage::FalseAlarm, at);
            What::CalledFalse
        }
        Deed::LeaveIt => {
            handling.reach(Stage::WontFix, at);
            What::LeftAsItIs
        }
        Deed::CallDuplicate { of } => {
            handling.reach(Stage::Duplicate, at);
            handling.duplicate_of = Some(*of);
            What::CalledDuplicate
        }
        Deed::TakeUp => {
            let stage = if handling.assignee.is_some() { Stage::Assigned } else { Stage::New };
            handling.reach(stage, at);
            handling.duplicate_of = None;
            What::TakenUp
        }
        Deed::Mute { until } => {
            if kind == Kind::Robot && until.since(at) > ROBOT_MUTE_MAX {
                return Err(Refused::RobotsOwn);
            }
            if *until <= at || until.since(at) > MUTE_MAX {
                return Err(Refused::MuteEnd);
            }
            handling.mute = Some(Mute { until: *until, why: why.to_owned(), by: asked.by.clone() });
            What::Muted
        }
        Deed::Unmute => {
            if !handling.is_muted(at) {
                return Err(Refused::NotMuted);
            }
            handling.mute = None;
            What::Unmuted
        }
        Deed::Retag(said) => {
            let corrected = said.clone().over(&handling.corrected);
            if corrected == handling.corrected {
                return Err(Refused::NothingRetagged);
            }
            handling.corrected = corrected;
            What::Retagged
        }
        Deed::Note => What::Noted,
    })
}
