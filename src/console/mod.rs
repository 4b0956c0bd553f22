//! The console: server-rendered pages over the archive and the vault, Chinese and English, live, reading only.
//!
//! `serve` answers on a listener it is given, loopback unless the configuration says otherwise. Pages come from
//! templates inside the binary and work without script; `assets/console.js` adds live refresh, keys and scrubbing.
//! Every answer carries the strict headers of `shield`; evidence is compared with its name before it is shown.
//! Texts stand in `texts` in both languages. Each page has its JSON twin in `api`.

mod api;
mod assets;
mod calendar;
mod evidence;
mod feed;
mod film;
mod health;
mod incident;
mod incidents;
mod lang;
mod refusal;
mod render;
mod scene;
mod serve;
mod shield;
mod sights;
mod strip;
mod texts;
mod today;
mod walk;
mod watch;

pub use feed::{Changed, Feed};
pub use serve::{ConsoleOptions, Rostered, serve};
