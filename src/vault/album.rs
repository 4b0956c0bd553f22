//! All approved pictures of a folder of baselines, for people: which there are, what waits, and what is decided of it.

use super::shelf::{BaselineFolder, READABLE, UNFINISHED, off_thread, read, take_turn, trouble, write};
use crate::baseline::{Baseline, KnownPicture, ShelfError};
use crate::evidence::EvidenceKey;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Pixels that no baseline names are kept so long: a walk under way may still be about to name them.
const UNNAMED_FOR: Duration = Duration::from_secs(3600);
/// The file that says when the pictures were swept last.
const SWEPT: &str = ".swept";
/// The ending of pixels.
const PIXELS: &str = "approved";

impl BaselineFolder {
    /// Every baseline that can be read, with the name of its file (`login.h5-iphone.h5.bank.example-443`), and what is
    /// wrong with the others.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn all(&self) -> Result<Baselines, ShelfError> {
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
        decide: impl FnOnce(&mut KnownPicture) -> bool + Send + 'static,
    ) -> Result<bool, ShelfError> {
        let (root, place) = (self.root().to_owned(), self.root().join(format!("{file}.json")));
        let picture = picture.to_owned();
        off_thread(move || {
            let _turn = take_turn(&root).map_err(|e| trouble(&root, &e))?;
            let mut known = read(&place)?;
            let decided = known.pictures_mut().get_mut(&picture).is_some_and(decide);
            if decided {
                write(&root, &place, known.to_json().as_bytes(), READABLE).map_err(|e| trouble(&place, &e))?;
            }
            Ok(decided)
        })
        .await
    }

    /// Removes pixels that no baseline names, once an hour. Whoever calls has the turn to write. Where a baseline cannot be
    /// read nobody knows what it names.
    pub(super) fn sweep_pictures(&self) {
        let swept = self.pictures().join(SWEPT);
        let lately = |file: &Path| {
            let at = fs::metadata(file).and_then(|about| about.modified());
            at.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < UNNAMED_FOR))
        };
        if !self.pictures().is_dir() || lately(&swept) || fs::write(&swept, "").is_err() {
            return;
        }
        let Ok((known, damaged)) = baselines(self.root()) else { return };
        if let Some(error) = damaged.first() {
            return tracing::warn!(%error, "pictures are not swept");
        }
        let pictures = known.iter().flat_map(|(_, baseline)| baseline.pictures().values());
        let keys =
            pictures.flat_map(|known| std::iter::once(&known.picture).chain(known.waiting.iter().map(|w| &w.picture)));
        let named: BTreeSet<_> = keys.map(|key| self.pixels_of(key)).collect();
        for place in fs::read_dir(self.pictures()).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if is_ours(&place) && !lately(&place) && !named.contains(&place) {
                let _ = fs::remove_file(place);
            }
        }
    }
}

/// Baselines by file, and what is wrong with those that cannot be read.
pub type Baselines = (Vec<(String, Baseline)>, Vec<ShelfError>);

/// Whether a file holds pixels, or was to hold them: whatever else lies there is somebody's.
fn is_ours(place: &Path) -> bool {
    let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let key = name.strip_suffix(PIXELS).and_then(|key| EvidenceKey::parse(key.trim_end_matches('.')));
    key.is_some() || name.starts_with(UNFINISHED)
}

fn baselines(root: &Path) -> Result<Baselines, ShelfError> {
    let (mut all, mut damaged) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(root).map_err(|e| trouble(root, &e))?.flatten() {
        let place = entry.path();
        let name = place.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.filter(|_| place.extension().is_some_and(|ending| ending == "json")) {
            match read(&place) {
                Ok(baseline) => all.push((name.to_owned(), baseline)),
                Err(error) => damaged.push(error),
            }
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok((all, damaged))
}
