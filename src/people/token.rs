//! A program's access to the JSON API, in a person's name and with part of their rights.

use super::pass::PassHash;
use super::role::{May, Role};
use crate::id::{PersonId, TokenId};
use crate::moment::Moment;
use std::collections::BTreeSet;
use std::time::Duration;

/// The longest a token lives, in days.
pub const TOKEN_DAYS_MAX: u32 = 366;
/// The longest label, in characters.
const LABEL_CHARS_MAX: usize = 64;

/// Why a token is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// No label, or a long one.
    #[error("a token has a label of 1 to {LABEL_CHARS_MAX} characters")]
    Label,
    /// It could do nothing, or more than its person.
    #[error("a token carries at least one right, and none that its person has not")]
    Scopes,
    /// It would live too long.
    #[error("a token lives 1 to {TOKEN_DAYS_MAX} days")]
    Lasting,
}

/// A token, without what opens anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its name, for lists.
    pub id: TokenId,
    /// What its pass hashes to.
    pub hash: PassHash,
    /// Whose it is.
    pub person: PersonId,
    /// What it is for, in its person's words.
    pub label: String,
    /// What it carries of its person's rights.
    pub scopes: BTreeSet<May>,
    /// Since when.
    pub made: Moment,
    /// Until when.
    pub ends: Moment,
    /// When it last opened something.
    pub used: Option<Moment>,
}

impl Token {
    /// A new token of a person with `role`.
    ///
    /// # Errors
    /// When it has no label, no right or one too many, or lives too long.
    pub fn new(
        hash: PassHash,
        person: (PersonId, Role),
        label: &str,
        scopes: BTreeSet<May>,
        days: u32,
        now: Moment,
    ) -> Result<Self, TokenRefused> {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > LABEL_CHARS_MAX || label.chars().any(char::is_control) {
            return Err(TokenRefused::Label);
        }
        if scopes.is_empty() || !scopes.iter().all(|may| may.is_scope() && person.1.may(*may)) {
            return Err(TokenRefused::Scopes);
        }
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            return Err(TokenRefused::Lasting);
        }
        let ends = now.after(Duration::from_secs(u64::from(days) * 86_400));
        Ok(Self {
            id: TokenId::fresh(),
            hash,
            person: person.0,
            label: label.to_owned(),
            scopes,
            made: now,
            ends,
            used: None,
        })
    }

    /// Whether it still opens anything at `now`.
    pub fn holds(&self, now: Moment) -> bool {
        now < self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pass, PassKind};
    use super::*;

    #[test]
    fn a_token_carries_no_more_than_its_person() {
        let check = |role: Role, label: &str, scopes: &[May], days: u32, expected: Result<(), TokenRefused>| {
            let hash = Pass::of(PassKind::Token, [0; 32]).hash();
            let scopes = scopes.iter().copied().collect();
            let now = Moment::from_millis(0);
            let token = Token::new(hash, (PersonId::fresh(), role), label, scopes, days, now);
            assert_eq!(token.map(|t| assert!(t.holds(now))), expected, "{role:?} {label:?} {days}");
        };
        check(Role::Viewer, "board", &[May::SeeIncidents], 90, Ok(()));
        check(Role::Viewer, "board", &[May::ActOnIncidents], 90, Err(TokenRefused::Scopes));
        check(Role::Viewer, "board", &[], 90, Err(TokenRefused::Scopes));
        check(Role::Administrator, "all", &[May::AdministerPeople], 90, Err(TokenRefused::Scopes));
        check(Role::Administrator, "all", &[May::OwnAccount], 90, Err(TokenRefused::Scopes));
        check(Role::Viewer, " ", &[May::SeeIncidents], 90, Err(TokenRefused::Label));
        check(Role::Viewer, &"x".repeat(65), &[May::SeeIncidents], 90, Err(TokenRefused::Label));
        check(Role::Viewer, "board", &[May::SeeIncidents], 0, Err(TokenRefused::Lasting));
        check(Role::Viewer, "board", &[May::SeeIncidents], 367, Err(TokenRefused::Lasting));
    }
}
