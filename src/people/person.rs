//! A person, and what they prove themselves with.

use super::bond::Bond;
use super::name::PersonName;
use super::password::PasswordHash;
use super::role::{May, Role};
use super::seal::Sealed;
use crate::id::PersonId;
use crate::moment::Moment;

/// Somebody who may use the console. Nothing in here is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name in the ledger.
    pub id: PersonId,
    /// The name they sign in with.
    pub name: PersonName,
    /// What they may.
    pub role: Role,
    /// Whether they can sign in.
    pub standing: Standing,
    /// Since when they are known.
    pub made: Moment,
    /// Whether they prove themselves with a second factor, too.
    pub second: bool,
    /// What ties them to a sign-in provider, if they are somebody there.
    pub bond: Option<Bond>,
}

impl Person {
    /// Whether they may, now.
    pub fn may(&self, may: May) -> bool {
        self.standing == Standing::Active && self.role.may(may)
    }
}

/// Whether a person can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// They have a password.
    Active,
    /// They have a one-time code and no password yet.
    Invited,
    /// Somebody said that they may not.
    Disabled,
}

/// What a person proves themselves with. `Debug` shows none of it.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Their password's hash.
    pub password: Option<PasswordHash>,
    /// The second factor, also one that is not confirmed yet.
    pub second: Option<SecondFactor>,
    /// Recovery codes that are left.
    pub recovery_left: u32,
}

/// A second factor as it is stored.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// The seed, sealed.
    pub seed: Sealed,
    /// Since when it is asked for; `None` until a first code was right.
    pub confirmed: Option<Moment>,
    /// The newest step whose code was taken: no code is taken twice.
    pub step: i64,
}

impl Standing {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Active => "active",
            Standing::Invited => "invited",
            Standing::Disabled => "disabled",
        }
    }
}

impl Keys {
    /// The second factor that is asked for.
    pub fn asked(&self) -> Option<&SecondFactor> {
        self.second.as_ref().filter(|second| second.confirmed.is_some())
    }
}
