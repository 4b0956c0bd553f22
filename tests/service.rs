//! Behaviour of the whole program on one machine: configuration, command line, fleet, database, mail, HTTP.

#[path = "service/alert.rs"]
mod alert;
#[path = "service/audit.rs"]
mod audit;
#[path = "service/channel.rs"]
mod channel;
#[path = "service/cli.rs"]
mod cli;
#[path = "service/config.rs"]
mod config;
#[path = "service/console.rs"]
mod console;
#[path = "service/demo.rs"]
mod demo;
#[path = "service/doors.rs"]
mod doors;
#[path = "service/fava.rs"]
mod fava;
#[path = "service/filing.rs"]
mod filing;
#[path = "service/fleet.rs"]
mod fleet;
#[path = "service/kills.rs"]
mod kills;
#[path = "service/long_way.rs"]
mod long_way;
#[path = "service/parts.rs"]
mod parts;
#[path = "service/pictures.rs"]
mod pictures;
#[path = "service/registries.rs"]
mod registries;
#[path = "service/store.rs"]
mod store;
#[path = "service/tickets.rs"]
mod tickets;
#[path = "service/uplink.rs"]
mod uplink;
#[path = "service/vendors.rs"]
mod vendors;
