//! Where evidence is kept: a port, so that engines know no disk.

use super::{EvidenceKey, EvidenceKind};
use async_trait::async_trait;

/// Why evidence could not be kept or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no such evidence.
    #[error("no evidence `{0}` is kept here")]
    Absent(String),
    /// The bytes do not have the digest they are named by.
    #[error("evidence `{0}` was altered: its bytes do not have the digest in its name")]
    Altered(String),
    /// The disk is full.
    #[error("the evidence disk is full: free some space or shorten the retention")]
    Full,
    /// Anything else, in the system's words.
    #[error("evidence could not be kept or read: {0}")]
    Other(String),
}

/// Keeps evidence by its content.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Keeps `bytes`; keeping them twice is keeping them once.
    async fn put(&self, bytes: Vec<u8>, kind: EvidenceKind) -> Result<EvidenceKey, VaultError>;
    /// Reads and verifies.
    async fn get(&self, key: &EvidenceKey) -> Result<Vec<u8>, VaultError>;
}
