//! Real browsers over WebDriver BiDi: walks share a browser as lanes, one user context and one window each.

pub mod egress;
pub mod process;

mod agent;
mod answers;
mod book;
mod credentials;
mod device;
mod feed;
mod framing;
mod host;
mod kind;
mod lane;
mod pool;
mod print;
mod restless;
mod router;
mod skim;
mod socket;
mod streams;
mod window;

pub use pool::{BrowserLook, BrowserOptions, Browsers};
pub use socket::Spent;
