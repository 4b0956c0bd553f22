//! What may be changed about people, and what never.

use super::bond::Bond;
use super::pass::PassHash;
use super::password::PasswordHash;
use super::person::{Person, Standing};
use super::role::Role;
use super::seal::Sealed;
use crate::actor::Actor;
use crate::id::PersonId;
use crate::moment::Moment;

/// Who does something to an account, and when: it stands in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Moment,
}

/// One change to a person. What is written with it, and what ends by it, is one transaction.
#[derive(Debug, Clone)]
pub enum Amendment {
    /// Another role. Their sessions end: what was granted is asked anew.
    Role(Role),
    /// The role that a sign-in provider gives them now; without one it has taken all of them away: tokens end, too, and a
    /// password that was granted is taken no more.
    Provided(Option<Role>),
    /// They may not sign in any more. Sessions and tokens end.
    Disabled,
    /// They may again.
    Enabled,
    /// Password, second factor, sessions and tokens are gone; the code makes a new password, which is granted with it.
    Reset {
        /// The one-time code.
        code: PassHash,
        /// Until when it is good.
        until: Moment,
        /// Whether it is said at the machine itself, where even the last administrator may have forgotten.
        at_machine: bool,
    },
    /// They may come in by password, though a sign-in provider vouches for them.
    PasswordGranted,
    /// They may not any more. Their sessions end.
    PasswordWithdrawn,
    /// They are gone.
    Removed,
    /// Another password. All their sessions end.
    Password(PasswordHash),
    /// The same password, hashed as it is done now. Nothing ends.
    Rehashed(PasswordHash),
    /// A second factor that is not asked for yet.
    SecondOffered(Sealed),
    /// The second factor is asked for from now on. All their sessions end.
    SecondConfirmed {
        /// The step of the code that confirmed it.
        step: i64,
        /// When that was.
        at: Moment,
        /// What stands in for it when it is lost.
        recovery: Vec<PassHash>,
    },
    /// New recovery codes; the old ones are void.
    Recovery(Vec<PassHash>),
    /// No second factor any more. All their sessions end.
    SecondOff,
}

impl Amendment {
    /// The word in the audit log; `None` for what changes nothing that anybody may do.
    pub fn word(&self) -> Option<&'static str> {
        Some(match self {
            Amendment::Role(_) => "role",
            Amendment::Provided(_) => "role-by-provider",
            Amendment::Disabled => "disabled",
            Amendment::Enabled => "enabled",
            Amendment::Reset { at_machine: false, .. } => "reset",
            Amendment::Reset { at_machine: true, .. } => "reset-at-machine",
            Amendment::PasswordGranted => "password-granted",
            Amendment::PasswordWithdrawn => "password-withdrawn",
            Amendment::Removed => "removed",
            Amendment::Password(_) => "password",
            Amendment::SecondConfirmed { .. } => "second-factor-on",
            Amendment::SecondOff => "second-factor-off",
            Amendment::Recovery(_) => "recovery-codes",
            Amendment::Rehashed(_) | Amendment::SecondOffered(_) => return None,
        })
    }

    /// Whether the person's sessions end with it.
    pub fn ends_sessions(&self) -> bool {
        !matches!(
            self,
            Amendment::Enabled
                | Amendment::PasswordGranted
                | Amendment::Rehashed(_)
                | Amendment::SecondOffered(_)
                | Amendment::Recovery(_)
        )
    }

    /// Whether the person's tokens end with it.
    pub fn ends_tokens(&self) -> bool {
        matches!(self, Amendment::Disabled | Amendment::Reset { .. } | Amendment::Removed | Amendment::Provided(None))
    }
}

/// Why a person is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAmended {
    /// Nobody has this name.
    #[error("there is nobody of that name")]
    Unknown,
    /// Nobody else vouches for them: their password is taken in any case.
    #[error("this person is nobody at a sign-in provider")]
    NotJoined,
    /// Nobody else could say who may do what.
    #[error("this is the last administrator who can sign in: make another one first")]
    LastAdministrator,
}

/// What `change` makes of the person `id` among `everybody`; `None` when they are gone.
///
/// # Errors
/// When there is no such person, no administrator would be left who can sign in, or nothing is there to be granted.
pub fn amend(everybody: &[Person], id: PersonId, change: &Amendment) -> Result<Option<Person>, NotAmended> {
    let before = everybody.iter().find(|person| person.id == id).ok_or(NotAmended::Unknown)?;
    let of_password = matches!(change, Amendment::PasswordGranted | Amendment::PasswordWithdrawn);
    if of_password && before.bond.is_none() {
        return Err(NotAmended::NotJoined);
    }
    let after = amended(before, change);
    let administers = |person: &Person| person.role == Role::Administrator && person.standing == Standing::Active;
    // What a provider takes away is gone, also from the last: `gengfu people` at the machine makes another.
    let whoever = matches!(change, Amendment::Reset { at_machine: true, .. } | Amendment::Provided(_));
    let left = after.as_ref().is_some_and(administers) || whoever;
    if administers(before) && !left && !everybody.iter().any(|other| other.id != id && administers(other)) {
        return Err(NotAmended::LastAdministrator);
    }
    Ok(after)
}

fn amended(before: &Person, change: &Amendment) -> Option<Person> {
    let after = before.clone();
    let password = |password_too: bool| before.bond.map(|bond| Bond { password_too, ..bond });
    Some(match change {
        Amendment::Role(role) => Person { role: *role, ..after },
        Amendment::Provided(None) => Person { role: Role::Viewer, bond: password(false), ..after },
        Amendment::Provided(Some(role)) => Person { role: *role, ..after },
        Amendment::Disabled => Person { standing: Standing::Disabled, ..after },
        Amendment::Enabled => Person { standing: Standing::Active, ..after },
        Amendment::Reset { .. } => Person { standing: Standing::Invited, second: false, bond: password(true), ..after },
        Amendment::PasswordGranted => Person { bond: password(true), ..after },
        Amendment::PasswordWithdrawn => Person { bond: password(false), ..after },
        Amendment::Removed => return None,
        Amendment::SecondConfirmed { .. } => Person { second: true, ..after },
        Amendment::SecondOff => Person { second: false, ..after },
        Amendment::Password(_) | Amendment::Rehashed(_) | Amendment::SecondOffered(_) | Amendment::Recovery(_) => after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, role: Role, standing: Standing) -> Person {
        let made = Moment::from_millis(0);
        Person { id: PersonId::fresh(), name: name.parse().unwrap(), role, standing, made, second: false, bond: None }
    }

    #[test]
    fn an_administrator_is_always_left() {
        let reset = |at_machine| Amendment::Reset {
            code: super::super::Pass::of(super::super::PassKind::Welcome, [0; 32]).hash(),
            until: Moment::from_millis(1),
            at_machine,
        };
        let check = |others: &[Person], change: Amendment, expected: bool| {
            let last = person("root", Role::Administrator, Standing::Active);
            let everybody: Vec<Person> = others.iter().cloned().chain([last.clone()]).collect();
            let refused = amend(&everybody, last.id, &change) == Err(NotAmended::LastAdministrator);
            assert_eq!(!refused, expected, "{change:?}");
        };
        let disabled =
            [person("b", Role::Administrator, Standing::Disabled), person("c", Role::Viewer, Standing::Active)];
        let invited = [person("b", Role::Administrator, Standing::Invited)];
        let active = [person("b", Role::Administrator, Standing::Active)];
        for change in [Amendment::Removed, Amendment::Disabled, Amendment::Role(Role::Viewer), reset(false)] {
            check(&[], change.clone(), false);
            check(&disabled, change.clone(), false);
            check(&invited, change.clone(), false);
            check(&active, change, true);
        }
        check(&[], Amendment::Role(Role::Administrator), true);
        check(&[], Amendment::Provided(None), true);
        check(&[], Amendment::SecondOff, true);
        check(&[], reset(true), true);
    }

    #[test]
    fn what_takes_rights_away_ends_sessions() {
        let check = |change: Amendment, sessions: bool, tokens: bool| {
            assert_eq!((change.ends_sessions(), change.ends_tokens()), (sessions, tokens), "{change:?}");
        };
        check(Amendment::Role(Role::Viewer), true, false);
        check(Amendment::Password(PasswordHash::nobodys()), true, false);
        check(Amendment::Disabled, true, true);
        check(Amendment::Removed, true, true);
        check(Amendment::SecondOff, true, false);
        check(Amendment::PasswordWithdrawn, true, false);
        check(Amendment::PasswordGranted, false, false);
        check(Amendment::Recovery(vec![]), false, false);
        check(Amendment::Enabled, false, false);
    }

    #[test]
    fn a_password_beside_a_provider_is_an_administrators_word() {
        let now = Moment::from_millis(0);
        let check = |password_too: Option<bool>, change: Amendment, expected: Result<Option<bool>, NotAmended>| {
            let bond = password_too.map(|password_too| Bond { joined: now, vouched: None, password_too });
            let person = Person { bond, ..person("w", Role::Operator, Standing::Active) };
            let after = amend(std::slice::from_ref(&person), person.id, &change);
            let after = after.map(|after| after.unwrap().bond.map(|bond| bond.password_too));
            assert_eq!(after, expected, "{password_too:?} {change:?}");
        };
        check(Some(false), Amendment::PasswordGranted, Ok(Some(true)));
        check(Some(true), Amendment::PasswordWithdrawn, Ok(Some(false)));
        check(Some(true), Amendment::Provided(None), Ok(Some(false)));
        check(Some(true), Amendment::Provided(Some(Role::Viewer)), Ok(Some(true)));
        check(Some(true), Amendment::Password(PasswordHash::nobodys()), Ok(Some(true)));
        check(Some(false), Amendment::Enabled, Ok(Some(false)));
        check(None, Amendment::PasswordGranted, Err(NotAmended::NotJoined));
        let code = super::super::Pass::of(super::super::PassKind::Welcome, [0; 32]).hash();
        check(Some(false), Amendment::Reset { code, until: now, at_machine: false }, Ok(Some(true)));
    }

    #[test]
    fn nobody_unknown_is_changed() {
        assert_eq!(amend(&[], PersonId::fresh(), &Amendment::Removed), Err(NotAmended::Unknown));
    }
}
