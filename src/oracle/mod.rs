//! Holding an app to its oracles: what a walk read at each page against what can be, what it read elsewhere, and what
//! there should be. Pure: the walk brings the texts, `Witness` says what of them cannot be true.

mod breach;
mod calendar;
mod phrase;
mod witness;

pub use breach::{Breach, BreachKind};
pub use witness::{Asked, Page, Row, Rows, Witness};
