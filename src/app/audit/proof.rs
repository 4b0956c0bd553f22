//! The audit log read: held to its checkpoints, listed, and handed out.

use super::key::published_keys;
use crate::audit::{
    CheckpointLine, Entry, KeyError, Line, Log as _, LogError, Page, PublicKey, Report, Standing, Verifier, v1,
};
use crate::config::Config;
use crate::moment::Moment;
use crate::store::{OpenError, Store};
use crate::vault::CheckpointFolder;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Entries read at once for a list.
const PAGE: u32 = 1_000;
/// The largest file that a public key is read from, in bytes.
const KEY_BYTES_MAX: u64 = 4096;

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The ledger.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The log in it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file.
    #[error("`{}` cannot be read: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// A key.
    #[error("`{given}` is {why}")]
    Key {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: KeyError,
    },
}

/// What is to be verified, and by what.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// An export in place of the ledger.
    pub file: Option<PathBuf>,
    /// The checkpoints' folder in place of the config's.
    pub checkpoints: Option<PathBuf>,
    /// Public keys, or files that hold them; the config's when empty.
    pub keys: Vec<String>,
}

/// What was found, and what it rests on.
#[derive(Debug)]
pub struct Told {
    /// What was found.
    pub report: Report,
    /// Where checkpoints were read.
    pub checkpoints: PathBuf,
    /// The keys they were verified by.
    pub keys: Vec<PublicKey>,
    /// Whether the keys came from the checkpoints' own folder: whoever can write there can put one there.
    pub unpinned: bool,
}

impl Told {
    /// Where the log stands by all that. What only a key from beside the checkpoints vouches for, nothing vouches for:
    /// whoever writes both anew signs with a key of their own.
    pub fn standing(&self) -> Standing {
        match self.report.standing() {
            Standing::Whole if self.unpinned => Standing::Unvouched,
            standing => standing,
        }
    }
}

/// Holds the log to its chain and its checkpoints.
///
/// # Errors
/// When it cannot be read.
pub async fn prove(config: &Config, proof: &Proof) -> Result<Told, ProofError> {
    let root = proof.checkpoints.clone().unwrap_or_else(|| config.resolve(&config.audit.checkpoints));
    let folder = CheckpointFolder::at(&root);
    let at_root = |why| ProofError::File { path: root.clone(), why };
    let (keys, unpinned) = keys(config, proof, &folder)?;
    // Without a key no checkpoint says anything. Read before the log: an entry that is written meanwhile is in both.
    let checkpoints: Box<dyn Iterator<Item = CheckpointLine>> =
        if keys.is_empty() { Box::new(std::iter::empty()) } else { Box::new(folder.lines().map_err(at_root)?) };
    let mut verifier = Verifier::new(checkpoints, &keys);
    match &proof.file {
        Some(path) => {
            let file = File::open(path).map_err(|why| ProofError::File { path: path.clone(), why })?;
            for line in lines(BufReader::new(file)) {
                verifier.take(line.map_err(|why| ProofError::File { path: path.clone(), why })?);
            }
        }
        None => {
            let store = Store::open_read_only(&config.resolve(&config.store.file)).await?;
            let read = store.each(&mut |line| verifier.take(line)).await;
            store.close().await;
            read?;
        }
    }
    Ok(Told { report: verifier.finish(), checkpoints: root.clone(), keys, unpinned })
}

fn keys(config: &Config, proof: &Proof, folder: &CheckpointFolder) -> Result<(Vec<PublicKey>, bool), ProofError> {
    if !proof.keys.is_empty() {
        let keys: Result<_, _> = proof.keys.iter().map(|given| key(given)).collect();
        return Ok((keys?, false));
    }
    // With a folder of one's own choice the config's key may be another robot's.
    if let (None, Ok(key)) = (&proof.checkpoints, published_keys(config)) {
        // The key that was made beside the config, where checkpoints are kept there, too.
        let beside = config.audit.key.is_none() && lies_in(&config.folder, folder.root());
        return Ok((vec![key], beside));
    }
    let published = folder.keys().map_err(|why| ProofError::File { path: folder.root().to_owned(), why })?;
    Ok((published, true))
}

/// Whether `inner` is `outer`, or lies in it.
fn lies_in(inner: &Path, outer: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(inner).starts_with(real(outer))
}

/// A key, or what a file of that name holds.
fn key(given: &str) -> Result<PublicKey, ProofError> {
    let refuse = |why| ProofError::Key { given: given.chars().take(80).collect(), why };
    let file = Path::new(given);
    if !file.is_file() {
        return PublicKey::parse(given).map_err(refuse);
    }
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(KEY_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|why| ProofError::File { path: file.to_owned(), why })?;
    PublicKey::parse(&text).map_err(refuse)
}

/// The lines of an export, those that are no entry given as such.
fn lines(mut file: impl io::BufRead) -> impl Iterator<Item = io::Result<Line>> {
    std::iter::from_fn(move || {
        loop {
            let mut bytes = Vec::new();
            match (&mut file).take(v1::LINE_BYTES_MAX as u64).read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.is_empty() {
                return Some(Ok(line(text)));
            }
        }
    })
}

fn line(text: &str) -> Line {
    match v1::read_entry(text) {
        Ok(entry) => Line::Entry(entry),
        Err(said) => {
            let read: Option<serde_json::Value> = serde_json::from_str(text).ok();
            Line::Unreadable { seq: read.and_then(|read| read.get("seq")?.as_u64()), at: None, said }
        }
    }
}

/// Hands out the whole log, a line an entry, as `verify` takes it.
///
/// # Errors
/// When it cannot be read.
pub async fn export(config: &Config, write: &mut (dyn FnMut(&str) + Send)) -> Result<(), ProofError> {
    let store = Store::open_read_only(&config.resolve(&config.store.file)).await?;
    let mut take = |line| match line {
        Line::Entry(entry) => write(&v1::entry_line(&entry)),
        // What is no entry is none in the export, either, and stands in its place.
        Line::Unreadable { seq, said, .. } => write(&serde_json::json!({"seq": seq, "unreadable": said}).to_string()),
    };
    let read = store.each(&mut take).await;
    store.close().await;
    Ok(read?)
}

/// Hands out entries for people: of one object, since a moment, or the last `last` of all.
///
/// # Errors
/// When they cannot be read.
pub async fn show(
    config: &Config,
    object: Option<String>,
    since: Option<Moment>,
    last: u32,
    write: &mut (dyn FnMut(&Entry) + Send),
) -> Result<(), ProofError> {
    let store = Store::open_read_only(&config.resolve(&config.store.file)).await?;
    let read = async {
        let newest = store.head().await?.map_or(0, |(_, head)| head.seq);
        let mut after = if object.is_none() && since.is_none() { newest.saturating_sub(u64::from(last)) } else { 0 };
        loop {
            let page = Page { after, since, object: object.clone(), limit: PAGE };
            let lines = store.read(&page).await?;
            for line in &lines {
                after = match line {
                    Line::Entry(entry) => {
                        write(entry);
                        entry.seq
                    }
                    Line::Unreadable { seq, .. } => seq.unwrap_or(after),
                };
            }
            if lines.len() < PAGE as usize {
                return Ok::<(), LogError>(());
            }
        }
    };
    let read = read.await;
    store.close().await;
    Ok(read?)
}
