//! Evidence on disk, content-addressed.

mod disk;

pub use disk::DiskVault;
