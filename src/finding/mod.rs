//! One detector's statement about a walk, and the fingerprint that makes two statements the same trouble.

mod fingerprint;
mod route;
mod statement;

pub use fingerprint::{Fingerprint, normalise};
pub use route::route_of;
pub use statement::{Bilingual, Finding, Severity};
