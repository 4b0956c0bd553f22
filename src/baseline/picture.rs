//! What clean walks have taught of how a page looks: the approved picture, what of it varies by itself, and a change that
//! waits for a person.

use super::HELD_AFTER_WALKS;
use crate::evidence::EvidenceKey;
use crate::picture::{Change, Rect, Scene, VEILED_MAX};
use crate::walk::{Likeness, Portrait};

/// Changes that are told of one that waits.
const CHANGES_MAX: usize = 20;

/// How one page looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The picture: its pixels are kept beside the baseline under this key.
    pub picture: EvidenceKey,
    /// What stands where in it; what varies is veiled, and elements that come and go are left out.
    pub scene: Scene,
    /// Clean walks that showed it.
    pub walks: u32,
    /// What has changed and waits for a person.
    pub waiting: Option<Waiting>,
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
    /// Whether a person has said that it is wrong.
    pub rejected: bool,
}

impl Approved {
    /// The first walk's picture stands for what is right, until more are seen.
    pub(super) fn first(portrait: &Portrait) -> Self {
        Self { picture: portrait.picture.clone(), scene: portrait.scene.clone(), walks: 1, waiting: None }
    }

    /// Whether enough walks have shown what varies by itself.
    pub fn is_sure(&self) -> bool {
        self.walks >= HELD_AFTER_WALKS
    }

    /// Whether what is seen is the change that a person has rejected.
    pub fn is_rejected(&self, changes: &[Change]) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.rejected && waiting.changes == named(changes))
    }

    /// Learns from a clean walk; `likeness` is how its page differs, `None` when it is the same picture.
    pub(super) fn learn(&mut self, portrait: &Portrait, likeness: Option<&Likeness>) {
        let Some(likeness) = likeness else {
            self.walks = self.walks.saturating_add(1);
            self.waiting = None;
            return;
        };
        if likeness.approved != self.picture || likeness.told.resized.is_some() {
            return; // compared with another picture, or not to be compared
        }
        let changes = &likeness.told.changes;
        if !self.is_sure() {
            self.vary(likeness);
        } else if changes.is_empty() {
            self.waiting = None;
        } else if self.waiting.as_ref().is_none_or(|waiting| waiting.changes != named(changes)) {
            let (picture, scene) = (portrait.picture.clone(), self.seen_anew(&portrait.scene));
            self.waiting = Some(Waiting { picture, scene, changes: named(changes), rejected: false });
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

    /// A person says that the page is right as it is. What was learnt of what varies still holds.
    pub(super) fn vouched(&mut self, portrait: &Portrait) {
        let scene = self.seen_anew(&portrait.scene);
        *self = Self { scene, walks: self.walks, ..Self::first(portrait) };
    }

    /// Another picture of the page, without what is known to vary.
    fn seen_anew(&self, scene: &Scene) -> Scene {
        let veiled = &self.scene.veiled;
        let varies = |place: Rect| {
            let shared = veiled.iter().filter_map(|veil| veil.shared(place));
            shared.map(Rect::area).sum::<u64>() * 2 > place.area()
        };
        let mut anew = scene.clone();
        anew.elements.retain(|element| !varies(element.place));
        anew.veiled.extend(veiled.iter().filter(|place| !scene.veiled.contains(place)));
        anew.veiled.truncate(VEILED_MAX);
        anew
    }

    /// The change that waits is right: from now on the page looks so. `false` when none waits.
    pub fn approve(&mut self) -> bool {
        let Some(waiting) = self.waiting.take() else { return false };
        (self.picture, self.scene) = (waiting.picture, waiting.scene);
        true
    }

    /// The change that waits is wrong: it is told for as long as it shows. `false` when none waits.
    pub fn reject(&mut self) -> bool {
        self.waiting.as_mut().map(|waiting| waiting.rejected = true).is_some()
    }
}

fn named(changes: &[Change]) -> Vec<String> {
    changes.iter().take(CHANGES_MAX).map(|change| format!("{}: {}", change.kind.word(), change.element)).collect()
}
