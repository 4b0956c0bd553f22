//! What an incident is filed under beside complaints: the channel customers came by, the business, the reason, and the
//! rights of theirs it touches. Pure.
//!
//! Names are those of JR/T 0169-2018 and of the eight rights that banks report complaints by, so that incidents and
//! complaints can be laid side by side. The standard's numbers are not ours to print: the customer's own stand in a CSV
//! (`Codes`). Tags are derived whenever they are asked for (`Rules::of`), never stored, so that a rule that is mended
//! holds for what was filed before it; what a person corrected is kept with the incident and stays.

mod codes;
mod default;
mod name;
mod rules;

pub use codes::{CODE_CHARS_MAX, CODES_BYTES_MAX, CODES_ROWS_MAX, Codes};
pub use default::detectors;
pub use name::{Business, Channel, Dimension, Reason, Right, Unknown};
pub use rules::{Correction, Facts, Rule, Rules, Tags};
