//! One trouble over time, folded from findings.
//!
//! `fold` is pure: what is known of a journey's incidents and what one walk showed go in, changes come out.
//! The `Ledger` port writes them, with the walk and the notices they call for, in one transaction; the
//! `Archive` port reads them back for people.

mod archive;
mod case;
mod deadline;
mod deed;
mod delivery;
mod family;
mod fold;
mod handling;
mod ledger;
mod meaning;
mod odds;
mod planned;
mod queue;
mod sighted;
#[cfg(test)]
mod stories;
mod unheld;
mod verify;

pub use archive::{
    Archive, Census, Gathering, IncidentFile, IncidentQuery, Move, StoredWalk, StripCell, StripMark, StripTally,
    WalkQuery,
};
pub use case::{Change, Incident, Kind, Sighting, SightingRole, State, What};
pub use deadline::{Deadline, Deadlines, Due, Hours, OpenDays, Overdue, Rota, escalated};
pub use deed::{ASSIGNEE_CHARS_MAX, Asked, Deed, DeedKind, MUTE_MAX, ROBOT_MUTE_MAX, Refused, WHY_CHARS_MAX, act};
pub use delivery::{DELIVERY, Delivery, delivery_change, delivery_journey};
pub use fold::{Known, Policy, Walked, confirmation_wanted, fold};
pub use handling::{Handling, Mute, Passes, Stage, Standing, Untold, Way};
pub use ledger::{
    Coming, DeedError, Deeds, Filed, FiledTogether, Filing, Folding, Ledger, LedgerError, MissReason, Missed,
    QueuedNotice, SlotClaim, SlotTaken, StepCount, WalkRow,
};
pub use meaning::Meaning;
pub use odds::Odds;
pub use planned::NEVER_PLANNED;
pub use queue::{FIND_WORDS_MAX, NoPlace, QueueChoices, QueueFilter, QueueOrder, QueuePage, QueuePlace, QueueQuery};
pub use unheld::{COMPARES_DEVICES, MAY_BE_UNHELD};
pub use verify::VerifyPolicy;
