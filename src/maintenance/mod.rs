//! Maintenance windows: work on an app that its people plan. Walks go on and are kept as ever; nobody is called meanwhile
//! for what they were told to expect, and the clocks that run against them stand still.
//!
//! Pure: who asks gives the time. What is declared at the console stands in the ledger (`WindowLedger`), what comes
//! again and again in the configuration (`Recurring`); the `Almanac` knows both.

mod almanac;
mod asked;
mod port;
mod recurring;
mod standstill;
#[cfg(test)]
mod stories;
mod window;
mod windows;

pub use almanac::{Almanac, Listed, Past, REACH};
pub use asked::{
    AHEAD_MAX, Asked, LASTS_MAX, NAME_CHARS_MAX, NotDeclared, OPEN_MAX, WHY_CHARS_MAX, Wrong, reads_as_line,
};
pub use port::{WindowError, WindowLedger};
pub use recurring::{APART_MIN, Recurring, When};
pub use standstill::Standstill;
pub use window::{Covers, Declared, Ended, Window};
pub use windows::Windows;
