//! What makes findings of many journeys one trouble: a call that fails is the same call whoever makes it.

use super::normalise;

/// The trouble behind a finding, without the journey and the step that met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    /// The trouble itself: a call and its answer, an exception and its frame, an element of a page. Whoever has the
    /// same has the same trouble, whenever that began.
    pub cause: String,
    /// Its looks: a white page, an answer 500. The same trouble as long as both came up at about the same time.
    pub looks: String,
}

impl Kin {
    /// Of the parts of both; volatile parts are normalised.
    pub fn of(cause: &[&str], looks: &[&str]) -> Self {
        Self { cause: normalise(&cause.join(" ")), looks: normalise(&looks.join(" ")) }
    }

    /// Whether both are one trouble; `near` when they came up at about the same time.
    pub fn is_one_with(&self, other: &Kin, near: bool) -> bool {
        self.cause == other.cause || (near && self.looks == other.looks)
    }
}
