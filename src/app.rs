//! Where the parts are put together: the one place that chooses adapters.

pub mod audit;
pub mod baselines;
mod channel_health;
mod channels;
mod cleanup;
mod control;
mod customer_locks;
mod demo;
pub mod doctor;
mod embedded;
mod inside;
mod journeys;
mod messenger;
pub mod notify;
pub mod people;
pub mod pictures;
pub mod recall;
pub mod registries;
mod registry_copy;
pub mod registry_fetch;
pub mod reports;
mod retention;
mod robot;
pub mod ticket_trial;
mod tickets;
mod watch;

pub use channels::ChannelError;
pub use demo::{DemoError, DemoStage, Stage};
pub use journeys::PostError;
pub use robot::{Manner, Robot, StartError, Unplanned};
pub use tickets::TicketError;
pub use watch::{Watch, WatchError};
