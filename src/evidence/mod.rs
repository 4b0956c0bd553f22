//! What was kept of a walk: keys, masking, pictures, HAR.

mod key;
mod vault;

pub use key::{EvidenceKey, EvidenceKind};
pub use vault::{Vault, VaultError};
