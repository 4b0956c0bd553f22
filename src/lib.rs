//! Gengfu 更夫, the night watchman: a synthetic customer for financial apps.
#![doc = include_str!("ARCHITECTURE.md")]
#![forbid(unsafe_code)]

// Atoms: no dependency on anything else here.
pub mod actor;
pub mod calendar;
pub mod diagnostic;
pub mod id;
pub mod loopback;
pub mod moment;
pub mod money;
pub mod secret;

// Domain: pure, no clock, no disk, no runtime.
pub mod alert;
pub mod audit;
pub mod baseline;
pub mod detector;
pub mod evidence;
pub mod finding;
pub mod guard;
pub mod incident;
pub mod journey;
pub mod maintenance;
pub mod measure;
pub mod oracle;
pub mod patrol;
pub mod people;
pub mod picture;
pub mod tags;
pub mod ticket;
pub mod walk;

// Engines: async over ports only.
pub mod fleet;

// Adapters: implement ports, never use each other.
pub mod browser;
pub mod channel;
pub mod oidc;
pub mod store;
pub mod vault;

// App: wires the parts and talks to people.
pub mod app;
pub mod cli;
pub mod config;
pub mod console;
pub mod demo;
pub mod telemetry;
