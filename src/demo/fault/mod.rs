//! Faults that can be switched on: what they are, for whom they are on, and what they do to requests and answers.

mod blocked;
mod broken;
mod cause;
mod content;
mod effect;
mod product_state;
mod security;
mod slow;
mod switchboard;
mod table;
mod visual;

pub(super) use effect::{Asked, Effect};
pub use switchboard::Rate;
pub(super) use switchboard::Switchboard;
pub use table::FAULTS;

/// What a customer suffers, as a verdict would class it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedClass {
    /// The customer cannot go on.
    Blocked,
    /// The page or a part of it does not work.
    Broken,
    /// It works and is wrong.
    Abnormal,
    /// It works, late.
    Slow,
}

impl ExpectedClass {
    /// The class as the API and the page write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Broken => "broken",
            Self::Abnormal => "abnormal",
            Self::Slow => "slow",
        }
    }
}

/// One fault of the catalogue.
pub struct Fault {
    /// The id in the fault catalogue, such as `BF10`; a further instance of it has a letter behind, as `BF10B`.
    pub id: &'static str,
    /// The group of the catalogue, `A` to `G`.
    pub group: char,
    /// What a customer suffers, in Chinese.
    pub title_zh: &'static str,
    /// What a customer suffers, in English.
    pub title_en: &'static str,
    /// How a verdict should class it.
    pub class: ExpectedClass,
    /// The demo's journeys on which it shows.
    pub shows_in: &'static [&'static str],
    /// Which step fails, in words.
    pub expected_step_hint: &'static str,
    /// The same for a program: the ids or titles of the journeys' steps at which it shows.
    pub expected_steps: &'static [&'static str],
    /// The id of the detector that should speak first.
    pub expected_detector: &'static str,
    pub(super) effects: &'static [Effect],
}

impl Fault {
    /// The fault of the catalogue that this is an instance of.
    pub fn catalogue(&self) -> &'static str {
        self.id.trim_end_matches(|c: char| c.is_ascii_alphabetic())
    }

    /// Whether it shows at the journey step with this id and title.
    pub fn shows_at(&self, id: &str, title: &str) -> bool {
        self.expected_steps.iter().any(|step| *step == id || *step == title)
    }
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The fault with this id.
pub fn find(id: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|f| f.id == id)
}
