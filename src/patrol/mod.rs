//! When walks fall due. Pure: the same schedule, journey and moments give the same slots on every machine, so
//! that any number of coordinators can compute them and the ledger's unique slot decides who walks.

mod hours;
mod schedule;
#[cfg(test)]
mod stories;

pub use hours::{Days, Hours};
pub use schedule::{Due, MISSED_LISTED_MAX, PERIOD_SHORTEST, Schedule, ScheduleError, zone};
