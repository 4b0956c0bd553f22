//! Baselines in memory, for benches.

use async_trait::async_trait;
use gengfu::baseline::{Baseline, Shelf, ShelfError, Subject};
use gengfu::evidence::EvidenceKey;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Baselines by journey: what one stage of the demo has taught holds on the others, whatever their ports.
#[derive(Default)]
pub struct MemoryShelf(Mutex<BTreeMap<String, Baseline>>, Mutex<BTreeMap<EvidenceKey, Vec<u8>>>);

#[async_trait]
impl Shelf for MemoryShelf {
    async fn read(&self, subject: &Subject) -> Result<Baseline, ShelfError> {
        Ok(self.0.lock().unwrap().get(subject.journey.as_str()).cloned().unwrap_or_default())
    }

    async fn replace(&self, subject: &Subject, was: &Baseline, with: &Baseline) -> Result<bool, ShelfError> {
        let mut all = self.0.lock().unwrap();
        let known = all.entry(subject.journey.to_string()).or_default();
        let same = known == was;
        if same {
            *known = with.clone();
        }
        Ok(same)
    }

    async fn pixels(&self, picture: &EvidenceKey) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(self.1.lock().unwrap().get(picture).cloned())
    }

    async fn keep_pixels(&self, picture: &EvidenceKey, pixels: Vec<u8>) -> Result<(), ShelfError> {
        self.1.lock().unwrap().insert(picture.clone(), pixels);
        Ok(())
    }
}

impl MemoryShelf {
    /// What is known so far, by journey.
    pub fn known(&self) -> BTreeMap<String, Baseline> {
        self.0.lock().unwrap().clone()
    }
}
