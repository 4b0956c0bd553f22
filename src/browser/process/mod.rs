//! Life and death of one local browser: found, started under a warden, measured, felled, swept.
//!
//! A robot never spawns a driver itself. It re-executes its own binary as a *warden*, a small process
//! that adopts every process the browser leaves behind (child subreaper) and holds one end of a pipe.
//! The pipe closes when the robot drops its [`Driver`], and just as surely when the robot is killed; the
//! warden then kills the whole family and removes its one directory. Nothing on this path asks the
//! driver or the browser for anything.

mod driver;
mod error;
mod family;
mod find;
mod nest;
mod sweep;
mod warden;

pub use driver::{Death, Driver, DriverOptions};
pub use error::LaunchError;
pub use family::{Footprint, family_of, footprint_of};
pub use find::{Installed, Places, find_installed};
pub use sweep::{Swept, sweep};
pub use warden::{WARDEN_ARGUMENT, serve_as_warden};

/// The environment variable that marks every process of one browser.
pub const MARKER_VARIABLE: &str = "GENGFU_SESSION";
