//! Baselines in memory, for benches.

use async_trait::async_trait;
use gengfu::baseline::{Baseline, Sheet, SheetOf, Shelf, ShelfError, Subject};
use gengfu::evidence::EvidenceKey;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Baselines by journey: what one stage of the demo has taught holds on the others, whatever their ports.
#[derive(Default)]
pub struct MemoryShelf {
    known: Mutex<BTreeMap<String, Baseline>>,
    pixels: Mutex<BTreeMap<EvidenceKey, Vec<u8>>>,
    /// Each stage's own: what is broken on one is not on the others.
    sheets: Mutex<BTreeMap<SheetOf, Sheet>>,
}

#[async_trait]
impl Shelf for MemoryShelf {
    async fn read(&self, subject: &Subject) -> Result<Baseline, ShelfError> {
        Ok(self.known.lock().unwrap().get(subject.journey.as_str()).cloned().unwrap_or_default())
    }

    async fn replace(&self, subject: &Subject, was: &Baseline, with: &Baseline) -> Result<bool, ShelfError> {
        let mut all = self.known.lock().unwrap();
        let known = all.entry(subject.journey.to_string()).or_default();
        let same = known == was;
        if same {
            *known = with.clone();
        }
        Ok(same)
    }

    async fn sheet(&self, of: &SheetOf) -> Result<Sheet, ShelfError> {
        Ok(self.sheets.lock().unwrap().get(of).cloned().unwrap_or_default())
    }

    async fn replace_sheet(&self, of: &SheetOf, was: &Sheet, with: &Sheet) -> Result<bool, ShelfError> {
        let mut all = self.sheets.lock().unwrap();
        let known = all.entry(of.clone()).or_default();
        let same = known == was;
        if same {
            *known = with.clone();
        }
        Ok(same)
    }

    async fn pixels(&self, picture: &EvidenceKey) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(self.pixels.lock().unwrap().get(picture).cloned())
    }

    async fn keep_pixels(&self, picture: &EvidenceKey, pixels: Vec<u8>) -> Result<(), ShelfError> {
        self.pixels.lock().unwrap().insert(picture.clone(), pixels);
        Ok(())
    }
}

impl Clone for MemoryShelf {
    /// A shelf of its own with what is known by now.
    fn clone(&self) -> Self {
        Self {
            known: Mutex::new(self.known()),
            pixels: Mutex::new(self.pixels.lock().unwrap().clone()),
            sheets: Mutex::new(self.sheets.lock().unwrap().clone()),
        }
    }
}

impl MemoryShelf {
    /// What is known so far, by journey.
    pub fn known(&self) -> BTreeMap<String, Baseline> {
        self.known.lock().unwrap().clone()
    }
}
