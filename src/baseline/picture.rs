//! What clean walks have taught of how a page looks: the approved picture, what of it varies by itself, and a change that
//! waits for a person.

use super::HELD_AFTER_WALKS;
use crate::evidence::EvidenceKey;
use crate::picture::{Change, Scene, VEILED_MAX};
use crate::walk::{Likeness, Portrait};

/// Changes that are told of one that waits, and that are remembered as wrong.
const CHANGES_MAX: usize = 20;
const REJECTED_MAX: usize = 200;

/// How one page looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPicture {
    /// The picture: its pixels are kept beside the baseline under this key.
    pub picture: EvidenceKey,
    /// What stands where in it; what varies is veiled, and elements that come and go are left out.
    pub scene: Scene,
    /// Clean walks that showed it.
    pub walks: u32,
    /// What has changed and waits for a person.
    pub waiting: Option<Waiting>,
    /// Changes that a person has said are wrong, until the page is approved or vouched for.
    pub rejected: Vec<String>,
}

/// A change that nobody suffers from, until a person says whether it is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The page as it is now.
    pub picture: EvidenceKey,
    /// What stands where in it.
    pub scene: Scene,
    /// What changed: `text: <button> 立即申购`.
    pub changes: Vec<String>,
}

impl KnownPicture {
    /// The first walk's picture stands for what is right, until more are seen.
    pub(super) fn first(portrait: &Portrait) -> Self {
        Self {
            picture: portrait.picture.clone(),
            scene: portrait.scene.clone(),
            walks: 1,
            waiting: None,
            rejected: Vec::new(),
        }
    }

    /// Whether enough walks have shown what varies by itself.
    pub fn is_sure(&self) -> bool {
        self.walks >= HELD_AFTER_WALKS
    }

    /// Whether something of what is seen is what a person has rejected.
    pub fn is_rejected(&self, changes: &[Change]) -> bool {
        changes.iter().any(|change| self.rejected.contains(&named(change)))
    }

    /// Learns from a clean walk; `likeness` is how its page differs. A picture that could not be compared teaches nothing.
    pub(super) fn learn(&mut self, portrait: &Portrait, likeness: Option<&Likeness>) {
        let compared = likeness.filter(|likeness| likeness.approved == self.picture && likeness.told.resized.is_none());
        let Some(likeness) = compared else { return };
        let changes: Vec<_> = likeness.told.changes.iter().take(CHANGES_MAX).map(named).collect();
        if !self.is_sure() {
            self.vary(likeness);
        } else if changes.is_empty() {
            self.waiting = None;
        } else if self.waiting.as_ref().is_none_or(|waiting| waiting.changes != changes) {
            let (picture, scene) = (portrait.picture.clone(), portrait.scene.clone());
            self.waiting = Some(Waiting { picture, scene, changes });
        }
        self.walks = self.walks.saturating_add(1);
    }

    /// What differed between two clean walks differs by itself.
    fn vary(&mut self, likeness: &Likeness) {
        let told = &likeness.told;
        self.scene.elements.retain(|element| !told.changes.iter().any(|change| change.place == element.place));
        let places = told.regions.iter().filter_map(|region| region.old);
        let new: Vec<_> = places.filter(|place| !self.scene.veiled.contains(place)).collect();
        let room = VEILED_MAX.saturating_sub(self.scene.veiled.len());
        self.scene.veiled.extend(new.into_iter().take(room));
    }

    /// A person says that the page is right as it is. What of it varies by itself is learnt anew.
    pub(super) fn vouched(&mut self, portrait: &Portrait) {
        *self = Self::first(portrait);
    }

    /// The change that waits is right: from now on the page looks so, and what of it varies is learnt anew. `false` when
    /// none waits.
    pub fn approve(&mut self) -> bool {
        let Some(Waiting { picture, scene, .. }) = self.waiting.take() else { return false };
        *self = Self { picture, scene, walks: 1, waiting: None, rejected: Vec::new() };
        true
    }

    /// The change that waits is wrong: it is told for as long as it shows. `false` when none waits.
    pub fn reject(&mut self) -> bool {
        let Some(waiting) = &self.waiting else { return false };
        let new = waiting.changes.iter().filter(|change| !self.rejected.contains(change)).cloned();
        let new: Vec<_> = new.collect();
        self.rejected.extend(new);
        self.rejected.truncate(REJECTED_MAX);
        true
    }
}

fn named(change: &Change) -> String {
    format!("{}: {}", change.kind.word(), change.element)
}
