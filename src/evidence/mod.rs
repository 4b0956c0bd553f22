//! What was kept of a walk: keys, masking, pictures, HAR.

mod key;
mod mask;
mod spelling;
mod vault;

pub use key::{EvidenceKey, EvidenceKind};
pub use mask::{MASKED, Masker, SECRET_CHARS_MIN, Search, is_credential};
pub use vault::{Vault, VaultError};
