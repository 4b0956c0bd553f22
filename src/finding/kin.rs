//! What makes findings of many journeys one trouble: a call that fails is the same call whoever makes it.

use super::normalise;

/// The trouble behind a finding, without the journey and the step that met it.
///
/// An exact one names the trouble itself (a call and its answer, an exception and its frame, an element of a page): whoever
/// has it has the same trouble, whenever that began. A loose one names only its looks (a white page, a lost picture):
/// the same trouble as long as both came up at about the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin(String);

const LOOSE: &str = "~";

impl Kin {
    /// The trouble itself, of its parts; volatile parts are normalised.
    pub fn exact(parts: &[&str]) -> Self {
        Self(normalise(&parts.join(" ")))
    }

    /// The looks of it.
    pub fn loose(parts: &[&str]) -> Self {
        Self(format!("{LOOSE}{}", normalise(&parts.join(" "))))
    }

    /// Whether it stands for trouble of about the same time only.
    pub fn is_loose(&self) -> bool {
        self.0.starts_with(LOOSE)
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the store.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
