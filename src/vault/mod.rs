//! What walks leave on disk: evidence, content-addressed, and baselines.

mod album;
mod disk;
mod shelf;

pub use disk::DiskVault;
pub use shelf::BaselineFolder;
