//! The fleet: due times become tickets, tickets become walks, walks are judged, confirmed and filed.
//!
//! ```text
//! dispatcher ─due slots→ tickets ─→ walker: lease an account · take the slot · walk · judge · file
//!                                      └─ something newly suspected? walk again at once, in a fresh lane
//! ```
//!
//! The dispatcher alone owns the fleet's state; walkers own themselves. Whatever happens to a walker, its ticket
//! ends in a filed walk or a missed slot with its reason: silence never reads as health.

mod backlog;
mod board;
mod desk;
mod devices;
mod dispatcher;
mod doubt;
mod errands;
mod experience;
mod filing;
mod lease;
mod port;
mod portraits;
mod post;
#[cfg(test)]
mod sample;
mod stillborn;
mod walker;
mod wish;
mod wishes;

pub use backlog::{Backlog, WALKS_WAITING_MAX};
pub use board::{Board, BoardLook, PostLook, Served};
pub use desk::Desk;
pub use dispatcher::{Dispatcher, FleetLimits, NothingToPatrol, OpenError};
pub use experience::Experience;
pub use filing::Clerk;
pub use lease::{CustomerLocks, Hold, Lease, Leases, Unleased};
pub use port::{Control, Customers, Herald, Order, Walks};
pub use post::Post;
pub use stillborn::stillborn;
pub use walker::{CALL_OFF_WITHIN, Finished, Ticket, Walker};
pub use wish::{Onlooker, WISH_STEPS_MAX, WishEnd, WishLook, WishStage, WishStep};
pub use wishes::{ASKED_MAX, ASKED_WITHIN, Ask, NotAsked, Wishes};
