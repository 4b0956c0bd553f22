//! One detector's statement about a walk, and the fingerprint that makes two statements the same trouble.

mod fingerprint;
mod kin;
mod route;
mod statement;

pub use fingerprint::{Fingerprint, normalise};
pub use kin::Kin;
pub use route::route_of;
pub use statement::{Bilingual, Finding, Severity};
