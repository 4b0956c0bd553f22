//! Behaviour of the whole program on one machine: configuration, command line, fleet, database, mail, HTTP.

#[path = "service/cli.rs"]
mod cli;
#[path = "service/config.rs"]
mod config;
#[path = "service/demo.rs"]
mod demo;
#[path = "service/store.rs"]
mod store;
