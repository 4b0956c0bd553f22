//! Why somebody is told, or not.

use crate::moment::Moment;

/// The reason of a notice, or of silence. It travels into the text: "sent because …".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertReason {
    /// Walks in a row showed it for the first time.
    FirstSeen,
    /// Some walks meet it and others do not: more of them than robots err.
    Intermittent,
    /// It is open and became worse.
    Worsened,
    /// It is still open, long after it was told.
    StillBroken {
        /// Since when.
        since: Moment,
    },
    /// A walk got past it.
    Recovered,
    /// It came back.
    Reopened,
    /// It keeps coming back soon after it went: what follows is told when it has calmed.
    Flapping,
    /// Somebody is to see to it.
    Assigned,
    /// It was said to be mended, and is not.
    ClaimRefused,
    /// It was not taken up, or not mended, in time.
    Escalated,
    /// Enough walks got past it: it is over.
    VerifiedClosed,
    /// People set it aside or want no messages: told only to systems that hold an alert open until they hear otherwise.
    SetAside,
    /// Nobody is told.
    Silent(Quiet),
}

impl AlertReason {
    /// The reason that `word` names; `since` is when what is still broken began. `None` where it names none.
    pub fn named(word: &str, since: Moment) -> Option<Self> {
        let told = [
            AlertReason::FirstSeen,
            AlertReason::Intermittent,
            AlertReason::Worsened,
            AlertReason::StillBroken { since },
            AlertReason::Recovered,
            AlertReason::Reopened,
            AlertReason::Flapping,
            AlertReason::Assigned,
            AlertReason::ClaimRefused,
            AlertReason::Escalated,
            AlertReason::VerifiedClosed,
            AlertReason::SetAside,
        ];
        told.into_iter().find(|reason| reason.word() == word)
    }

    /// The word in files and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            AlertReason::FirstSeen => "first-seen",
            AlertReason::Intermittent => "intermittent",
            AlertReason::Worsened => "worsened",
            AlertReason::StillBroken { .. } => "still-broken",
            AlertReason::Recovered => "recovered",
            AlertReason::Reopened => "reopened",
            AlertReason::Flapping => "flapping",
            AlertReason::Assigned => "assigned",
            AlertReason::ClaimRefused => "claim-refused",
            AlertReason::Escalated => "escalated",
            AlertReason::VerifiedClosed => "verified-closed",
            AlertReason::SetAside => "set-aside",
            AlertReason::Silent(_) => "silent",
        }
    }
}

/// Why nobody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Not enough walks saw it so far.
    NotConfirmed,
    /// The next walk did not see it.
    Unconfirmed,
    /// It was told, and the next reminder is not due.
    AlreadyTold,
    /// It comes and goes, and that was told.
    Flapping,
    /// Its own journey got past it; it is told when the others have.
    StillElsewhere,
    /// Work is planned, and this may be it.
    Maintenance,
    /// Somebody wants no messages for now.
    Muted,
    /// People have set it aside.
    SetAside,
    /// People did it, and see it in the queue.
    PeopleKnow,
}
