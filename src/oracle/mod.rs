//! Holding an app to its oracles: what a walk read at each page against what can be, what it read elsewhere, and what
//! there should be. Pure: the walk brings texts and times, `Witness` says what of them cannot be true.

mod alike;
mod belief;
mod breach;
mod judgement;
mod ledger;
mod page;
mod phrase;
mod stream;
mod supplied;
mod tell;
mod unheld;
mod witness;

pub use alike::{Alike, shown};
pub use belief::{Believed, Doubt, Weighed, weigh};
pub use breach::{Breach, BreachKind};
pub use judgement::Judgement;
pub use page::Page;
pub use stream::{Hearing, SocketSeen, SocketState, SocketsSeen};
pub use supplied::{Supplied, SuppliedRows};
pub use witness::{Asked, Now, Row, Rows, Witness};
