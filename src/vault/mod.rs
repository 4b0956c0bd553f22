//! What is left on disk beside the ledger: evidence, content-addressed, baselines, and checkpoints of the audit log.

mod album;
mod checkpoints;
mod disk;
mod shelf;

pub use checkpoints::{CheckpointFolder, Survey};
pub use disk::DiskVault;
pub use shelf::BaselineFolder;
