//! The audit log at work: what is written into it beside what the ledger itself does, and its checkpoints.

mod changes;
mod checkpointer;
mod key;
mod proof;

pub(super) use changes::{began, ended};
pub(super) use checkpointer::Checkpointer;
pub use key::{AuditKeyError, published_keys};
pub use proof::{Proof, ProofError, Told, export, prove, show};
