//! Pictures compared with the approved ones, and kept once they are approved: what needs pixels, beside the walks.

use crate::baseline::{Baseline, KnownPicture, Lesson, Shelf, ShelfError};
use crate::evidence::{EvidenceKey, Vault};
use crate::picture::{Approved, PictureError, Scene, Told, changes};
use crate::walk::{Likeness, Outcome, Portrait, WalkRecord};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long one comparison may take: a disk that hangs must not keep a walk from being filed.
const WITHIN: Duration = Duration::from_secs(5);
/// So much of a picture may be left out, in hundredths, before the walk says so.
const VEILED_PERCENT_MAX: u8 = 50;

/// Where pixels are kept.
#[derive(Clone)]
pub(super) struct Portraits {
    /// Of walks.
    pub vault: Arc<dyn Vault>,
    /// Of approved pictures.
    pub shelf: Arc<dyn Shelf>,
}

impl Portraits {
    /// Writes into each step that pictured its page how it differs from the approved picture. A picture that is the very
    /// same is not read; one that cannot be compared is a loss, and so is one of which most is not compared.
    pub(super) async fn compare(&self, known: &Baseline, record: &mut WalkRecord) {
        let (mut losses, mut met) = (Vec::new(), BTreeSet::new());
        for step in record.steps.iter_mut().filter(|step| !matches!(step.outcome, Outcome::Failed(_))) {
            let Some(portrait) = &step.seen.portrait else { continue };
            let Some(approved) = known.pictures().get(&portrait.name) else { continue };
            if !met.insert(portrait.name.clone()) {
                continue; // a step that is repeated: once a walk
            }
            let told = if approved.picture == portrait.picture {
                Ok(Told::default())
            } else {
                let telling = self.told(&approved.picture, &approved.scene, portrait);
                tokio::time::timeout(WITHIN, telling).await.unwrap_or_else(|_| Err("it took too long".to_owned()))
            };
            let name = &portrait.name;
            match told {
                Ok(told) => {
                    if told.resized.is_some() {
                        losses.push(format!("the picture `{name}` is of another width than the approved one"));
                    }
                    if told.veiled_percent > VEILED_PERCENT_MAX {
                        losses.push(format!("{} % of the picture `{name}` is not compared", told.veiled_percent));
                    }
                    let (sure, rejected) = (approved.is_sure(), approved.is_rejected(&told.changes));
                    step.seen.likeness = Some(Likeness { approved: approved.picture.clone(), sure, rejected, told });
                }
                Err(why) => losses.push(format!("the picture `{name}` was compared with nothing: {why}")),
            }
        }
        record.losses.append(&mut losses);
    }

    async fn told(&self, approved: &EvidenceKey, scene: &Scene, portrait: &Portrait) -> Result<Told, String> {
        let kept = self.shelf.pixels(approved).await.map_err(|e| e.to_string())?;
        let kept = kept.ok_or("the approved picture is not kept any more: walk once with `--learn`")?;
        let fresh = self.vault.get(&portrait.picture).await.map_err(|e| e.to_string())?;
        let (was, is) = (scene.clone(), portrait.scene.clone());
        off_thread(move || changes((&Approved::parse(&kept)?, &was), (&fresh, &is))).await.map_err(|e| e.to_string())
    }

    /// Keeps the pixels of what the walk may teach: a baseline names none that are not kept. Keeping is not learning: what
    /// is never named is swept away.
    pub(super) async fn keep(&self, known: &Baseline, record: &WalkRecord, lesson: Lesson) -> Result<(), ShelfError> {
        for step in &record.steps {
            let Some(portrait) = &step.seen.portrait else { continue };
            let changes = step.seen.likeness.as_ref().map(|likeness| &likeness.told.changes[..]).unwrap_or_default();
            // What a customer suffers from fails the walk, and teaches nothing.
            let changed = !changes.is_empty() && !changes.iter().any(|change| change.kind.is_suffered());
            let waits = |known: &KnownPicture| known.waiting.as_ref().is_some_and(|w| w.picture == portrait.picture);
            let wanted = match known.pictures().get(&portrait.name) {
                None => true,
                Some(known) => lesson == Lesson::Vouched || (changed && known.is_sure() && !waits(known)),
            };
            if !wanted {
                continue;
            }
            let trouble = |said: String| ShelfError { place: portrait.name.clone(), said };
            let png = self.vault.get(&portrait.picture).await.map_err(|e| trouble(e.to_string()))?;
            let packed = off_thread(move || Ok(Approved::of(&png)?.to_bytes())).await;
            self.shelf.keep_pixels(&portrait.picture, packed.map_err(|e| trouble(e.to_string()))?).await?;
        }
        Ok(())
    }
}

/// Comparing takes tens of milliseconds of processor: nobody else may wait for it.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PictureError> + Send + 'static,
) -> Result<T, PictureError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(PictureError::Unreadable("the comparison broke off".to_owned())))
}
