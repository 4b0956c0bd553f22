//! Baselines of this config's journeys, in a folder.

use super::robot::Robot;
use crate::baseline::{Lesson, Shelf as _, ShelfError, Subject};
use crate::fleet::{Experience, Walks as _};
use crate::journey::Journey;
use crate::vault::BaselineFolder;
use std::path::Path;
use std::sync::Arc;

/// What walks of `journeys` have taught, kept in `folder`.
///
/// # Errors
/// When nothing can be kept there, or a baseline that will be wanted is damaged: better told now than after the walks.
pub async fn experience(
    robot: &Robot,
    folder: &Path,
    lesson: Lesson,
    journeys: impl Iterator<Item = &Journey>,
) -> Result<Experience, ShelfError> {
    let shelf = BaselineFolder::open(folder)?;
    for journey in journeys {
        let (journey, device, base) = (journey.id.clone(), journey.device.name(), robot.base_of(&journey.app));
        shelf.read(&Subject { journey, device, base }).await?;
    }
    Ok(Experience::new(Arc::new(shelf), robot.vault(), lesson))
}
