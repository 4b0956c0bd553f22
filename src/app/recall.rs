//! Walks that were made, found again: in the ledger, or beside the evidence of walks made by hand.

use crate::config::{Config, DiskFiles};
use crate::id::{IncidentId, WalkId};
use crate::incident::{Archive, LedgerError, StoredWalk};
use crate::journey::{self, Journey, Limits};
use crate::store::{OpenError, Store};
use crate::walk::v1::{WalkV1, WalkV1Error};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// How many of a folder's files are looked through for a journey.
const FILES_MAX: usize = 5_000;

/// Why a walk cannot be found again.
#[derive(Debug, thiserror::Error)]
pub enum RecallError {
    /// Nobody knows it.
    #[error("no walk and no incident `{walk}` is kept in `{}` or in the ledger `{}`; name the config it was made with by `--config`", folder.display(), ledger.display())]
    Unknown {
        /// Its name.
        walk: WalkId,
        /// Where walks by hand are kept.
        folder: PathBuf,
        /// The ledger's file.
        ledger: PathBuf,
    },
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] OpenError),
    /// The ledger failed.
    #[error(transparent)]
    Read(#[from] LedgerError),
    /// What is kept is not a walk.
    #[error(transparent)]
    Shape(#[from] WalkV1Error),
    /// The script is gone.
    #[error(
        "the journey `{0}` of that walk is in none of the files that the walk, the config or `journeys/` name: give its file"
    )]
    Journey(String),
}

/// Keeps a walk made by hand, so that it can be repeated by its id.
pub fn keep(config: &Config, walk: &WalkV1) -> io::Result<()> {
    let folder = folder(config);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{}.json", walk.walk)), walk.to_json())
}

/// The walk of this name, or the last one that saw the incident of this name.
pub async fn walk(config: &Config, id: WalkId) -> Result<WalkV1, RecallError> {
    if let Ok(text) = std::fs::read_to_string(folder(config).join(format!("{id}.json"))) {
        return Ok(WalkV1::parse(&text)?);
    }
    let ledger = config.resolve(&config.store.file);
    let unknown = || RecallError::Unknown { walk: id, folder: folder(config), ledger: ledger.clone() };
    if !ledger.is_file() {
        return Err(unknown());
    }
    let store = Store::open_read_only(&ledger).await?;
    let found = stored(&store, id).await;
    store.close().await;
    let stored = found?.ok_or_else(unknown)?;
    Ok(WalkV1::parse(&stored.row.json)?)
}

async fn stored(store: &Store, id: WalkId) -> Result<Option<StoredWalk>, LedgerError> {
    if let Some(walk) = store.walk(id).await? {
        return Ok(Some(walk));
    }
    let Ok(incident) = id.to_string().parse::<IncidentId>() else { return Ok(None) };
    match store.incident(incident).await? {
        Some(file) => store.walk(file.incident.failing_walk).await,
        None => Ok(None),
    }
}

/// The script of a walk: in the files its steps stand in, the patrols' files, or `journeys/` here.
pub fn journey(config: &Config, walk: &WalkV1) -> Result<Journey, RecallError> {
    let limits = Limits { script_allowed: config.apps.values().any(|app| app.script), ..Limits::default() };
    let of_steps =
        walk.steps.iter().filter_map(|step| step.place.rsplit_once(':')).map(|(file, _)| PathBuf::from(file));
    let mut files: Vec<PathBuf> = of_steps.collect::<BTreeSet<_>>().into_iter().collect();
    let folders: BTreeSet<PathBuf> = files.iter().map(|file| DiskFiles::around(file).0.root().to_owned()).collect();
    for folder in
        folders.iter().map(PathBuf::as_path).chain([config.folder.join("journeys").as_path(), Path::new("journeys")])
    {
        gather(folder, 0, &mut files);
    }
    for file in files {
        let (folder, path) = DiskFiles::around(&file);
        if let Ok(journey) = journey::load(&path, &folder, &limits)
            && journey.id.as_str() == walk.journey
        {
            return Ok(journey);
        }
    }
    Err(RecallError::Journey(walk.journey.clone()))
}

fn folder(config: &Config) -> PathBuf {
    config.resolve(&config.evidence.folder).join("walks")
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth < 4 {
            gather(&path, depth + 1, files);
        } else if path.extension().is_some_and(|ending| ending == "yaml") && files.len() < FILES_MAX {
            files.push(path);
        }
    }
}
