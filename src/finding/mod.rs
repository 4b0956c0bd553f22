//! One detector's statement about a walk, and the fingerprint that makes two statements the same trouble.

mod fingerprint;
mod statement;

pub use fingerprint::{Fingerprint, normalise};
pub use statement::{Bilingual, Finding, Severity};
