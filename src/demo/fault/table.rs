//! The one table of faults.

use super::Fault;

/// Every fault of the demo, in the order of the catalogue.
pub static FAULTS: &[Fault] = &[];
