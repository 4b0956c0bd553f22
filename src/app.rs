//! Where the parts are put together: the one place that chooses adapters.

mod channels;
mod cleanup;
pub mod doctor;
mod journeys;
mod messenger;
mod robot;
mod watch;

pub use channels::ChannelError;
pub use journeys::PostError;
pub use robot::{Manner, Robot, StartError, Unplanned};
pub use watch::{Watch, WatchError};
