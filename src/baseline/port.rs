//! Where baselines are kept.

use super::{Baseline, Sheet, SheetOf};
use crate::evidence::EvidenceKey;
use crate::id::JourneyId;
use crate::walk::WalkRecord;
use async_trait::async_trait;

/// Whose baseline: walks of one journey on one device at one address. What one server promises, another need not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The journey.
    pub journey: JourneyId,
    /// `Device::name`.
    pub device: String,
    /// The app's base URL.
    pub base: String,
}

impl Subject {
    /// Whose baseline a walk is compared with.
    pub fn of(record: &WalkRecord) -> Self {
        Self { journey: record.journey.clone(), device: record.device.clone(), base: record.base.clone() }
    }
}

/// A baseline could not be read or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the baseline `{place}`: {said}")]
pub struct ShelfError {
    /// Where it is kept.
    pub place: String,
    /// What is wrong, and what to do.
    pub said: String,
}

/// Keeps baselines. Several walkers, and several processes, may use one shelf.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// What is known; nothing where nothing is kept.
    async fn read(&self, subject: &Subject) -> Result<Baseline, ShelfError>;

    /// Keeps `with` in place of `was`, wholly or not at all; `false` when something else is kept there meanwhile.
    async fn replace(&self, subject: &Subject, was: &Baseline, with: &Baseline) -> Result<bool, ShelfError>;

    /// What the devices of an app showed last; nothing where nothing is kept.
    async fn sheet(&self, of: &SheetOf) -> Result<Sheet, ShelfError>;

    /// Keeps `with` in place of `was`, wholly or not at all; `false` when something else is kept there meanwhile.
    async fn replace_sheet(&self, of: &SheetOf, was: &Sheet, with: &Sheet) -> Result<bool, ShelfError>;

    /// The pixels of an approved picture, as `picture::Approved::to_bytes` gives them; `None` where they are not kept.
    async fn pixels(&self, picture: &EvidenceKey) -> Result<Option<Vec<u8>>, ShelfError>;

    /// Keeps them, in place of what is kept under the key: that may be damaged.
    async fn keep_pixels(&self, picture: &EvidenceKey, pixels: Vec<u8>) -> Result<(), ShelfError>;
}
