//! Mishaps that come from the journey and not from the page.

use super::super::port::Mishap;
use super::super::{Failure, FailureKind, Trouble, TroubleKind};
use crate::journey::UnknownName;

impl From<UnknownName> for Mishap {
    fn from(unknown: UnknownName) -> Self {
        journey(unknown.to_string())
    }
}

/// The journey is wrong for this page.
pub(super) fn journey(said: impl Into<String>) -> Mishap {
    failure(FailureKind::Journey, said)
}

/// A failure without detail.
pub(super) fn failure(kind: FailureKind, said: impl Into<String>) -> Mishap {
    Mishap::Failure(Failure { kind, said: said.into(), detail: None, locus: None })
}

/// The robot cannot say.
pub(super) fn trouble(kind: TroubleKind, said: impl Into<String>) -> Mishap {
    Mishap::Trouble(Trouble { kind, said: said.into() })
}
