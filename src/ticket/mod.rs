//! Tickets in other systems: what they are told of an incident, and what they say back.
//!
//! A ticket follows its incident's moves (`alert::Happening`): `rule` says which incidents have one, `plan` what it is to be
//! told next, `back` what its status means for the incident. `keep` is the engine that does both. A ticket's word is worth
//! what a person's is: it may claim a fix, and walks show whether it is one. A person who closes a ticket while the fault
//! lasts is told so once and left alone.
//!
//! (The orders to walk that `fleet` deals out are tickets of its own, and never leave it.)

mod back;
mod book;
mod call;
pub mod keep;
mod paper;
mod plan;
mod rule;
mod signature;
mod system;

pub use back::{Heard, Said, heard};
pub use book::{Ticket, TicketBook};
pub use call::{CallRefused, CallV1, Signing, TicketCalls, read_call};
pub use paper::{Paper, SUMMARY_CHARS_MAX, TEXT_CHARS_MAX, paper, trial};
use plan::lasts;
pub use plan::{Doing, adopted, plan};
pub use rule::{EarlyClosing, Mapping, Meaning, Rule};
pub use signature::{SIGNATURE_WITHIN, Unsigned, signed, verify};
pub use system::{Category, Opened, Seen, TicketSystem, Turn};
