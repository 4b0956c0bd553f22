//! The ledger on SQLite, through SQL that PostgreSQL understands too.
//!
//! One writer connection, taken with BEGIN IMMEDIATE, so that a transaction never fails half-way for a lock;
//! a few readers beside it (WAL). `synchronous=FULL`: what was filed survives the machine. A lock file keeps a
//! second process out.

mod archive;
mod audit;
mod feed;
mod handling;
mod identities;
mod ledger;
mod maintenance;
mod measures;
mod open;
mod outbox;
mod people;
mod people_audit;
mod queue;
mod retain;
mod row;
mod sessions;
mod strip;
mod tickets;
mod trouble;
mod word;

pub use open::{OpenError, Store};
pub use retain::{Before, Forgotten};
