//! The console: server-rendered pages over the archive and the vault, Chinese and English, live.
//!
//! `serve` answers on a listener it is given, loopback unless the configuration says otherwise. Pages come from
//! templates inside the binary and work without script; `assets/console.js` adds live refresh, keys and scrubbing.
//! Every answer carries the strict headers of `shield`; evidence is compared with its name before it is shown.
//! `routes` is the one table of what there is and what it asks; `gate` stands before each of them and `doors` knows who
//! may come in. Texts stand in `texts` in both languages. Each page has its JSON twin in `api`, and all of them stand
//! in the document that `openapi` writes from them.

mod access;
mod account;
mod account_view;
mod again;
mod api;
mod api_watch;
mod asked;
mod assets;
mod audit;
mod audit_page;
mod calendar;
mod callback;
mod cause;
mod cause_words;
mod chart;
mod contrast;
mod cookies;
mod deeds;
mod doors;
mod events;
mod evidence;
mod feed;
mod figure;
mod film;
mod fleet;
mod gate;
mod handling;
mod health;
mod incident;
mod incidents;
mod inside;
mod journey;
mod journeys;
mod lang;
mod listeners;
mod locksmith;
mod maintenance;
mod maintenance_api;
mod metrics;
mod next;
mod notices;
mod openapi;
mod operation;
mod origin;
mod peers;
mod people;
mod provider;
mod queue;
mod refusal;
mod render;
mod report_table;
mod report_view;
mod reports;
mod routes;
mod scene;
mod serve;
mod shape;
mod shelf;
mod shield;
mod sights;
mod sign_in;
mod step_trend;
mod strip;
mod tab;
mod tagging;
mod texts;
mod texts_again;
mod texts_audit;
mod texts_maintenance;
mod texts_people;
mod texts_reports;
mod texts_watch;
mod today;
mod visitor;
mod walk;
mod watch;
mod welcome;

pub use access::{Access, AccessWriter};
pub use doors::DoorOptions;
pub use feed::{Changed, Feed};
pub use inside::{BrowserView, FleetLook, Inside, Mistake, NobodyInside, SourceLook};
pub use lang::Lang;
pub use openapi::document;
pub use provider::ProviderDoor;
pub use reports::{NotWritten, Sheet};
pub use routes::{ListedRoute, routes};
pub use serve::{ConsoleOptions, QueueRules, Rostered, serve};
