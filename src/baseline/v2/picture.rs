//! The part of `baseline.v2` that tells of pictures.

use super::super::{KnownPicture, Waiting};
use crate::evidence::EvidenceKey;
use crate::picture::{ELEMENTS_MAX, Element, Rect, Scene, VEILED_MAX};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct KnownPictureV2 {
    picture: String,
    scene: SceneV2,
    walks: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitingV2>,
    /// Changes that a person has said are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct WaitingV2 {
    picture: String,
    scene: SceneV2,
    changes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct SceneV2 {
    scale_percent: u32,
    elements: Vec<ElementV2>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    veiled: Vec<PlaceV2>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

/// Left, top, width, height in pixels of the picture.
type PlaceV2 = [u32; 4];

#[derive(Serialize, Deserialize)]
struct ElementV2 {
    tag: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    figure: Option<PlaceV2>,
    place: PlaceV2,
    shown_percent: u8,
    #[serde(default, skip_serializing_if = "is_zero")]
    covered_points: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

impl KnownPictureV2 {
    pub(super) fn of(approved: &KnownPicture) -> Self {
        Self {
            picture: approved.picture.to_string(),
            scene: SceneV2::of(&approved.scene),
            walks: approved.walks,
            waiting: approved.waiting.as_ref().map(|waiting| WaitingV2 {
                picture: waiting.picture.to_string(),
                scene: SceneV2::of(&waiting.scene),
                changes: waiting.changes.clone(),
            }),
            rejected: approved.rejected.clone(),
        }
    }

    /// `None` when it names no picture, or holds more than was ever written.
    pub(super) fn read(self) -> Option<KnownPicture> {
        let waiting = match self.waiting {
            None => None,
            Some(waiting) => Some(Waiting {
                picture: EvidenceKey::parse(&waiting.picture)?,
                scene: waiting.scene.read()?,
                changes: waiting.changes,
            }),
        };
        let picture = EvidenceKey::parse(&self.picture)?;
        Some(KnownPicture { picture, scene: self.scene.read()?, walks: self.walks, waiting, rejected: self.rejected })
    }
}

impl SceneV2 {
    fn of(scene: &Scene) -> Self {
        let element = |element: &Element| ElementV2 {
            tag: element.tag.clone(),
            name: element.name.clone(),
            words: element.words.clone(),
            figure: element.figure.map(kept),
            place: kept(element.place),
            shown_percent: element.shown_percent,
            covered_points: element.covered_points,
        };
        Self {
            scale_percent: scene.scale_percent,
            cut: scene.cut,
            elements: scene.elements.iter().map(element).collect(),
            veiled: scene.veiled.iter().copied().map(kept).collect(),
        }
    }

    fn read(self) -> Option<Scene> {
        let element = |element: ElementV2| {
            Some(Element {
                tag: element.tag,
                name: element.name,
                words: element.words,
                figure: match element.figure {
                    Some(place) => Some(read(place)?),
                    None => None,
                },
                place: read(element.place)?,
                shown_percent: element.shown_percent,
                covered_points: element.covered_points,
            })
        };
        Some(Scene {
            scale_percent: self.scale_percent,
            cut: self.cut,
            elements: self.elements.into_iter().take(ELEMENTS_MAX).map(element).collect::<Option<_>>()?,
            veiled: self.veiled.into_iter().take(VEILED_MAX).map(read).collect::<Option<_>>()?,
        })
    }
}

fn kept(place: Rect) -> PlaceV2 {
    [place.x, place.y, place.width, place.height]
}

/// A place beyond any picture is none: sums of its edges would not fit.
fn read([x, y, width, height]: PlaceV2) -> Option<Rect> {
    const EDGE_MAX: u32 = 10_000_000;
    (x.max(y).max(width).max(height) <= EDGE_MAX).then_some(Rect { x, y, width, height })
}
