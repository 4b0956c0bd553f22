//! Who may use the console, and how they prove who they are.
//!
//! A `Person` has one `Role`; the table of roles and rights stands in `role` and nowhere else. What opens something
//! (sessions, tokens, one-time codes) is a `Pass`: shown once, stored as its hash. Passwords are kept as argon2id,
//! the seed of a second factor sealed with a key that is not in the ledger. Everything here is pure: time and chance
//! come as arguments, and the ports in `port` are implemented by the store.

mod bond;
mod chance;
mod name;
mod pace;
mod pass;
mod password;
mod pauses;
mod person;
mod port;
mod provider;
mod role;
mod roll;
mod seal;
mod second;
mod session;
mod token;
mod weak;

pub use bond::Bond;
pub use chance::fresh_bytes;
pub use name::{NAME_CHARS_MAX, NameRefused, PersonName};
pub use pace::{Allowance, Pace};
pub use pass::{Pass, PassHash, PassKind};
pub use password::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, Password, PasswordHash, PasswordRefused};
pub use pauses::{PauseLimits, Pauses};
pub use person::{Keys, Person, SecondFactor, Standing};
pub use port::{Identities, Offer, PeopleError, Redeemed, Register, Roll, Sessions, Tokens, Welcomes};
pub use provider::{
    Identity, NotVouched, Passage, Provider, ProviderRules, ProviderTrouble, SUBJECT_BYTES_MAX, SecondBy, Strangers,
    Vouched,
};
pub use role::{May, Role};
pub use roll::{Amendment, By, NotAmended, amend};
pub use seal::{Sealed, SealingKey};
pub use second::{CODE_SECONDS, RECOVERY_CODES, Seed, recovery_codes};
pub use session::{Proof, Session, SessionLimits, Stage, Way};
pub use token::{TOKEN_DAYS_MAX, Token, TokenRefused};
