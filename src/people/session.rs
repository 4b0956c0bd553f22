//! One stay at the console, from sign-in to sign-out, kept on the server.

use super::pass::PassHash;
use crate::id::{PersonId, SessionId};
use crate::moment::Moment;
use std::time::Duration;

/// How long a stay may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without a request of the person's own.
    pub idle: Duration,
    /// At all.
    pub longest: Duration,
    /// Between password and second factor.
    pub halfway: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self { idle: hour, longest: 12 * hour, halfway: Duration::from_secs(300) }
    }
}

/// How far a person has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the second factor is still asked for. Opens nothing.
    Halfway,
    /// Signed in.
    In,
}

impl Stage {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Halfway => "halfway",
            Stage::In => "in",
        }
    }
}

/// How a person proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// With a password of ours.
    #[default]
    Password,
    /// At a sign-in provider.
    Provider,
}

impl Way {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Way::Password => "password",
            Way::Provider => "provider",
        }
    }
}

/// How long a sign-in that was asked for anew stands in for a password.
const FRESH_FOR: Duration = Duration::from_secs(300);

/// How somebody who comes in has proven who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proof {
    /// Where.
    pub way: Way,
    /// When, if the console asked for it anew. Any other sign-in may be one of this morning, in another window.
    pub fresh: Option<Moment>,
}

impl Proof {
    /// Whether it stands in for the password that is asked for before new ways in are made.
    pub fn stands_in(&self, now: Moment) -> bool {
        self.fresh.is_some_and(|at| now.since(at) < FRESH_FOR)
    }
}

/// A stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name, for lists.
    pub id: SessionId,
    /// What the cookie's pass hashes to.
    pub hash: PassHash,
    /// Whose.
    pub person: PersonId,
    /// How far they have come.
    pub stage: Stage,
    /// How they began it.
    pub proof: Proof,
    /// When it began.
    pub made: Moment,
    /// When the person last asked for something.
    pub seen: Moment,
    /// When it ends, whatever they do.
    pub ends: Moment,
    /// What the browser called itself.
    pub browser: String,
    /// Where it came from.
    pub address: String,
}

impl Session {
    /// Whether it still holds at `now`.
    pub fn holds(&self, now: Moment, limits: &SessionLimits) -> bool {
        let idle = match self.stage {
            Stage::Halfway => limits.halfway,
            Stage::In => limits.idle,
        };
        now < self.ends && now.since(self.seen) < idle
    }

    /// When one that begins at `now` ends at the latest.
    pub fn ending(stage: Stage, now: Moment, limits: &SessionLimits) -> Moment {
        now.after(if stage == Stage::Halfway { limits.halfway } else { limits.longest })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pass, PassKind};
    use super::*;

    #[test]
    fn a_stay_ends_when_nobody_is_there_and_in_any_case() {
        let limits = SessionLimits::default();
        let check = |stage: Stage, seen_min: i64, now_min: i64, expected: bool| {
            let at = |minutes: i64| Moment::from_millis(minutes * 60_000);
            let session = Session {
                id: SessionId::fresh(),
                hash: Pass::of(PassKind::Session, [0; 32]).hash(),
                person: PersonId::fresh(),
                stage,
                proof: Proof::default(),
                made: at(0),
                seen: at(seen_min),
                ends: Session::ending(stage, at(0), &limits),
                browser: String::new(),
                address: String::new(),
            };
            assert_eq!(session.holds(at(now_min), &limits), expected, "{stage:?} seen {seen_min} now {now_min}");
        };
        check(Stage::In, 0, 59, true);
        check(Stage::In, 0, 60, false);
        check(Stage::In, 719, 719, true);
        check(Stage::In, 719, 720, false);
        check(Stage::Halfway, 0, 4, true);
        check(Stage::Halfway, 4, 5, false);
    }

    #[test]
    fn a_proof_stands_in_for_five_minutes() {
        let check = |fresh: Option<i64>, now: i64, expected: bool| {
            let at = |second: i64| Moment::from_millis(second * 1000);
            let proof = Proof { way: Way::Provider, fresh: fresh.map(at) };
            assert_eq!(proof.stands_in(at(now)), expected, "{fresh:?} {now}");
        };
        check(None, 0, false);
        check(Some(10), 10, true);
        check(Some(10), 309, true);
        check(Some(10), 310, false);
    }
}
