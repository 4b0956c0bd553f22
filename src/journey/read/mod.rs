//! The strict reader of journey files: from nodes to verbs, each refusal with its place and its remedy.
//!
//! `kind` is the table of verbs; a verb's row and reader stand in the file of its family.

mod across;
mod customers;
mod device;
mod element;
mod endpoint;
mod expect;
mod file;
mod flow;
mod header;
mod keyboard;
mod kind;
mod lint;
mod look;
mod oracle;
mod page;
mod place;
mod pointer;
mod reader;
mod reading;
mod registry;
mod scalar;
mod secrets;
mod step;
mod stream;
mod suggest;
mod text;
mod title;
mod url;

pub(super) use element::LOCATOR;
pub use file::load;
pub(super) use header::{HEADER, PART};
pub(super) use kind::KINDS;
pub(super) use oracle::ORACLE;
pub use oracle::load_oracle;
pub(super) use step::STEP;
