//! Pictures compared with the approved ones, and kept once they are approved: what needs pixels, beside the walks.

use crate::baseline::{Baseline, Shelf, ShelfError};
use crate::evidence::{EvidenceKey, Vault};
use crate::picture::{Approved, PictureError, Scene, Told, changes};
use crate::walk::{Likeness, Outcome, Portrait, WalkRecord};
use std::sync::Arc;

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
    /// same is not read; one that cannot be compared is a loss.
    pub(super) async fn compare(&self, known: &Baseline, record: &mut WalkRecord) {
        let mut losses = Vec::new();
        for step in record.steps.iter_mut().filter(|step| !matches!(step.outcome, Outcome::Failed(_))) {
            let Some(portrait) = &step.seen.portrait else { continue };
            let Some(approved) = known.pictures().get(&portrait.name) else { continue };
            if approved.picture == portrait.picture {
                continue;
            }
            match self.told(&approved.picture, &approved.scene, portrait).await {
                Ok(told) => {
                    if told.resized.is_some() {
                        losses
                            .push(format!("the picture `{}` is of another width than the approved one", portrait.name));
                    }
                    step.seen.likeness = Some(Likeness {
                        approved: approved.picture.clone(),
                        sure: approved.is_sure(),
                        rejected: approved.is_rejected(&told.changes),
                        told,
                    });
                }
                Err(why) => losses.push(format!("the picture `{}` was compared with nothing: {why}", portrait.name)),
            }
        }
        record.losses.append(&mut losses);
    }

    async fn told(&self, approved: &EvidenceKey, scene: &Scene, portrait: &Portrait) -> Result<Told, String> {
        let kept = self.shelf.pixels(approved).await.map_err(|e| e.to_string())?;
        let kept = kept.ok_or("the approved picture is not kept any more: approve one anew")?;
        let fresh = self.vault.get(&portrait.picture).await.map_err(|e| e.to_string())?;
        let (was, is) = (scene.clone(), portrait.scene.clone());
        off_thread(move || changes((&Approved::parse(&kept)?, &was), (&fresh, &is))).await.map_err(|e| e.to_string())
    }

    /// Keeps the pixels of what `with` has learnt from the walk. Before the baseline itself: it names none that are not kept.
    pub(super) async fn keep(&self, with: &Baseline, record: &WalkRecord) -> Result<(), ShelfError> {
        for portrait in record.steps.iter().filter_map(|step| step.seen.portrait.as_ref()) {
            let Some(known) = with.pictures().get(&portrait.name) else { continue };
            let waits = known.waiting.as_ref().is_some_and(|waiting| waiting.picture == portrait.picture);
            let wanted = waits || known.picture == portrait.picture;
            if !wanted || self.shelf.pixels(&portrait.picture).await?.is_some() {
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
