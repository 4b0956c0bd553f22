//! All approved pictures of a folder of baselines, for people: which there are, what waits, and what is decided of it.

use super::shelf::{BaselineFolder, off_thread, read, take_turn, trouble, write};
use crate::baseline::{Approved, Baseline, ShelfError};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Pixels that no baseline names any more are kept so long: a walk under way may still be about to name them.
const UNNAMED_FOR: Duration = Duration::from_secs(3600);
/// From so many files on, the folder is swept whenever one more is kept.
const SWEPT_FROM: usize = 100;

impl BaselineFolder {
    /// Every baseline with the name of its file: `login.h5-iphone.h5.bank.example-443`.
    ///
    /// # Errors
    /// When the folder or one of them cannot be read.
    pub async fn all(&self) -> Result<Vec<(String, Baseline)>, ShelfError> {
        let root = self.root().to_owned();
        off_thread(move || baselines(&root)).await
    }

    /// Lets `decide` change what is known of one picture; gives what it said, `false` when there is no such picture.
    ///
    /// # Errors
    /// When the baseline cannot be read or written.
    pub async fn decide(
        &self,
        file: &str,
        picture: &str,
        decide: fn(&mut Approved) -> bool,
    ) -> Result<bool, ShelfError> {
        let (root, place) = (self.root().to_owned(), self.root().join(format!("{file}.json")));
        let picture = picture.to_owned();
        off_thread(move || {
            let _turn = take_turn(&root).map_err(|e| trouble(&root, &e))?;
            let mut known = read(&place)?;
            let decided = known.pictures_mut().get_mut(&picture).is_some_and(decide);
            if decided {
                write(&root, &place, known.to_json().as_bytes()).map_err(|e| trouble(&place, &e))?;
            }
            Ok(decided)
        })
        .await
    }

    /// Removes pixels that no baseline names, once there are many: a page that changes with every walk leaves one each.
    pub(super) fn sweep_many(&self) {
        if fs::read_dir(self.pictures()).is_ok_and(|files| files.count() > SWEPT_FROM) {
            let _ = self.sweep_pictures();
        }
    }

    /// Removes pixels that no baseline names.
    pub(super) fn sweep_pictures(&self) -> Result<(), ShelfError> {
        let known = baselines(self.root())?;
        let pictures = known.iter().flat_map(|(_, baseline)| baseline.pictures().values());
        let keys =
            pictures.flat_map(|known| std::iter::once(&known.picture).chain(known.waiting.iter().map(|w| &w.picture)));
        let named: std::collections::BTreeSet<_> = keys.map(|key| self.pixels_of(key)).collect();
        for entry in fs::read_dir(self.pictures()).into_iter().flatten().flatten() {
            let kept = entry.metadata().and_then(|about| about.modified());
            let old = kept.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > UNNAMED_FOR));
            if old && !named.contains(&entry.path()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

fn baselines(root: &Path) -> Result<Vec<(String, Baseline)>, ShelfError> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root).map_err(|e| trouble(root, &e))?.flatten() {
        let place = entry.path();
        let name = place.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.filter(|_| place.extension().is_some_and(|ending| ending == "json")) {
            all.push((name.to_owned(), read(&place)?));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}
