//! How well the watch and the people who work its queue do, over a week or any other time. Pure.
//!
//! `Records` gathers what the ledger holds; `Report::of` makes figures of it. Nothing that happened after the window ends
//! is looked at, so that a week's report says the same whenever it is made. What each figure counts is written where it
//! is computed; a figure with nothing to count is absent, never zero.

mod case;
mod complaint;
mod figure;
mod gather;
mod port;
mod report;
#[cfg(test)]
mod stories;
mod tally;
mod week;

pub use case::{Case, CaseMove, Episode, Outcome};
pub use complaint::{
    COMPLAINT_ROWS_MAX, COMPLAINTS_BYTES_MAX, Complaint, Foreseen, Leads, PAGE_CHARS_MAX, REMEMBERED, read_complaints,
};
pub use figure::{Share, Spread};
pub use gather::{gather, is_of_somebody};
pub use port::{DayWalks, Gathered, Intake, JourneySlots, Met, NoticeCount, PUNCTUAL_WITHIN, Records, WalkCounts};
pub use report::{Asked, Coverage, DEFAULT_OWNER, Day, Facet, Group, JourneyLine, Opening, Report, Roster, RosterLine};
pub use tally::Tally;
pub use week::{Week, Window};
