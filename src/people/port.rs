//! Where people, their sessions, tokens and one-time codes are kept.

use super::name::PersonName;
use super::pass::PassHash;
use super::password::PasswordHash;
use super::person::{Keys, Person};
use super::provider::Identity;
use super::role::Role;
use super::roll::{Amendment, By, NotAmended};
use super::session::Session;
use super::token::Token;
use crate::id::{PersonId, SessionId, TokenId};
use crate::moment::Moment;
use async_trait::async_trait;

/// People could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("who may use the console cannot be read or written: {0}")]
pub struct PeopleError(pub String);

/// Who there is.
#[async_trait]
pub trait Roll: Send + Sync {
    /// Everybody, by name.
    async fn everybody(&self) -> Result<Vec<Person>, PeopleError>;
    /// Who has this name, and what they prove themselves with.
    async fn named(&self, name: &PersonName) -> Result<Option<(Person, Keys)>, PeopleError>;
    /// Who this is, and what they prove themselves with.
    async fn person(&self, id: PersonId) -> Result<Option<(Person, Keys)>, PeopleError>;
    /// Changes a person, as `super::amend` decides, with all that ends by it, in one transaction.
    async fn amend(&self, id: PersonId, change: &Amendment, by: &By) -> Result<Result<(), NotAmended>, PeopleError>;
    /// Takes the code of a step; `false` when one of it or a later step was taken already.
    async fn take_step(&self, id: PersonId, step: i64) -> Result<bool, PeopleError>;
    /// Takes a recovery code; `false` when it is none, or was taken.
    async fn take_recovery(&self, id: PersonId, code: &PassHash) -> Result<bool, PeopleError>;
}

/// What a one-time code makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// The first administrator, while there is nobody at all. Only the newest such code is good.
    First,
    /// This person, with this role.
    Invited(PersonName, Role),
}

/// What became of a one-time code that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// The person, who has a password now.
    Person(Person),
    /// It is unknown, too old or used, or another's.
    Void,
}

/// One-time codes.
#[async_trait]
pub trait Welcomes: Send + Sync {
    /// Keeps a code until `until`; `None` when the name is taken, or somebody is there already.
    async fn offer(&self, offer: &Offer, code: &PassHash, until: Moment, by: &By) -> Result<Option<()>, PeopleError>;
    /// Whether somebody who was removed had this name: what they did stands under it.
    async fn was_anothers(&self, name: &PersonName) -> Result<bool, PeopleError>;
    /// Whether a code would be taken from somebody of this name at `now`.
    async fn is_offered(&self, code: &PassHash, name: &PersonName, now: Moment) -> Result<bool, PeopleError>;
    /// Takes a code: who has it becomes `name`, with this password.
    async fn redeem(
        &self,
        code: &PassHash,
        name: &PersonName,
        password: &PasswordHash,
        now: Moment,
    ) -> Result<Redeemed, PeopleError>;
}

/// Stays at the console.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Begins one, and forgets those that have ended.
    async fn begin(&self, session: &Session) -> Result<(), PeopleError>;
    /// The one that `hash` opens, with its person, also when it holds no more.
    async fn session(&self, hash: &PassHash) -> Result<Option<(Session, Person)>, PeopleError>;
    /// Notes that its person asked for something.
    async fn seen(&self, id: SessionId, now: Moment) -> Result<(), PeopleError>;
    /// All of a person, newest first.
    async fn sessions_of(&self, person: PersonId) -> Result<Vec<Session>, PeopleError>;
    /// Ends one of a person, as they wish; `false` when it is not theirs.
    async fn end(&self, person: PersonId, id: SessionId, now: Moment) -> Result<bool, PeopleError>;
}

/// Tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Keeps one.
    async fn add_token(&self, token: &Token) -> Result<(), PeopleError>;
    /// The one that `hash` opens, with its person, also when it holds no more.
    async fn token(&self, hash: &PassHash) -> Result<Option<(Token, Person)>, PeopleError>;
    /// Notes that it opened something.
    async fn token_used(&self, id: TokenId, now: Moment) -> Result<(), PeopleError>;
    /// All of a person, newest first.
    async fn tokens_of(&self, person: PersonId) -> Result<Vec<Token>, PeopleError>;
    /// Ends one of a person, as they wish; `false` when it is not theirs.
    async fn end_token(&self, person: PersonId, id: TokenId, now: Moment) -> Result<bool, PeopleError>;
}

/// Who people are at a sign-in provider.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Who this is here, and what they prove themselves with.
    async fn identified(&self, who: &Identity) -> Result<Option<(Person, Keys)>, PeopleError>;
    /// Makes an account of this name for somebody who had none; `None` when the name is taken, or was
    /// that of somebody else who is gone: what they did stands under it.
    async fn admit(
        &self,
        who: &Identity,
        name: &PersonName,
        role: Role,
        now: Moment,
    ) -> Result<Option<Person>, PeopleError>;
    /// Notes that a provider vouched for this person.
    async fn vouched(&self, person: PersonId, now: Moment) -> Result<(), PeopleError>;
    /// Says that `who` is this person, whose password is taken no more; `false` when they are somebody else already.
    async fn join(&self, person: PersonId, who: &Identity, by: &By) -> Result<bool, PeopleError>;
}

/// All that is kept of people.
pub trait Register: Roll + Welcomes + Sessions + Tokens + Identities {}

impl<T: Roll + Welcomes + Sessions + Tokens + Identities> Register for T {}
