//! What was kept of a walk: keys, masking, pictures, HAR.

mod key;

pub use key::{EvidenceKey, EvidenceKind};
