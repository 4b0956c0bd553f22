//! A folder of evidence. Bytes are written beside their place, synced and renamed into it, so that a name
//! never stands for half a picture; they are checked against their name whenever they are read.

use crate::evidence::{EvidenceKey, EvidenceKind, Vault, VaultError};
use crate::moment::Moment;
use nix::fcntl::{Flock, FlockArg};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where bytes are written before they have their name: a folder for each process that writes.
const UNFINISHED: &str = ".unfinished";
/// The ending of the file beside such a folder that its process holds a lock on.
const LOCK: &str = "lock";

/// Evidence in a folder of the machine.
#[derive(Debug, Clone)]
pub struct DiskVault {
    root: PathBuf,
    desk: Arc<Desk>,
}

/// A process's own folder of unfinished bytes; the lock says that it lives.
#[derive(Debug)]
struct Desk {
    folder: PathBuf,
    lock: PathBuf,
    _held: Flock<File>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(&self.lock);
    }
}

impl DiskVault {
    /// Opens the folder `root`, making it if need be, and removes what dead processes left unfinished. Any number of
    /// processes may write to a vault.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, VaultError> {
        let root = root.into();
        let desk = sit_down(&root.join(UNFINISHED)).map_err(|e| trouble(&e))?;
        Ok(Self { root, desk: Arc::new(desk) })
    }

    /// Where `key` is kept.
    pub fn path(&self, key: &EvidenceKey) -> PathBuf {
        self.root.join(key.path())
    }

    /// Removes evidence that was kept last before `before` and is not in `in_use`; gives how many pieces.
    pub async fn forget(&self, before: Moment, in_use: BTreeSet<EvidenceKey>) -> Result<u64, VaultError> {
        let vault = self.clone();
        off_thread(move || vault.forget_now(before, &in_use).map_err(|e| trouble(&e))).await
    }

    fn forget_now(&self, before: Moment, in_use: &BTreeSet<EvidenceKey>) -> io::Result<u64> {
        let before = UNIX_EPOCH + Duration::from_millis(before.as_millis().max(0).unsigned_abs());
        let mut removed = 0;
        for shard in fs::read_dir(&self.root)?.flatten().filter(|shard| shard.path().is_dir()) {
            for piece in fs::read_dir(shard.path())?.flatten() {
                let Some(key) = piece.file_name().to_str().and_then(EvidenceKey::parse) else { continue };
                let old = piece.metadata().and_then(|about| about.modified()).is_ok_and(|kept| kept < before);
                if old && !in_use.contains(&key) && fs::remove_file(piece.path()).is_ok() {
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    fn put_now(&self, bytes: &[u8], key: &EvidenceKey) -> io::Result<()> {
        let place = self.path(key);
        // A name that stands for other bytes was altered: the right ones take its place.
        if fs::read(&place).is_ok_and(|kept| EvidenceKey::of(&kept, key.kind()) == *key) {
            // It is as old as its last use.
            let _ = File::open(&place).and_then(|file| file.set_modified(SystemTime::now()));
            return Ok(());
        }
        let shard = place.parent().expect("invariant: a key's path has a shard");
        fs::create_dir_all(shard)?;
        let unfinished = self.desk.folder.join(uuid::Uuid::now_v7().to_string());
        let put =
            keep(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &place)).and_then(|()| sync_dir(shard));
        if put.is_err() {
            // Half a file helps nobody, least of all when the disk is full. The first error is the one to tell.
            let _ = fs::remove_file(&unfinished);
        }
        put
    }

    fn get_now(&self, key: &EvidenceKey) -> Result<Vec<u8>, VaultError> {
        let bytes = fs::read(self.path(key)).map_err(|e| match e.kind() {
            ErrorKind::NotFound => VaultError::Absent(key.to_string()),
            _ => trouble(&e),
        })?;
        if EvidenceKey::of(&bytes, key.kind()) == *key { Ok(bytes) } else { Err(VaultError::Altered(key.to_string())) }
    }
}

#[async_trait::async_trait]
impl Vault for DiskVault {
    async fn put(&self, bytes: Vec<u8>, kind: EvidenceKind) -> Result<EvidenceKey, VaultError> {
        let vault = self.clone();
        let put = move || {
            let key = EvidenceKey::of(&bytes, kind);
            vault.put_now(&bytes, &key).map(|()| key).map_err(|e| trouble(&e))
        };
        off_thread(put).await
    }

    async fn get(&self, key: &EvidenceKey) -> Result<Vec<u8>, VaultError> {
        let (vault, key) = (self.clone(), key.clone());
        off_thread(move || vault.get_now(&key)).await
    }
}

/// A desk for this process, once those of the dead are cleared away.
fn sit_down(all: &Path) -> io::Result<Desk> {
    fs::create_dir_all(all)?;
    for entry in fs::read_dir(all)?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == LOCK) || lives(&path.with_extension(LOCK)) {
            continue;
        }
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        let _ = fs::remove_file(path.with_extension(LOCK));
    }
    let folder = all.join(format!("{}-{}", std::process::id(), uuid::Uuid::now_v7().simple()));
    let lock = folder.with_extension(LOCK);
    let held = Flock::lock(File::create(&lock)?, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| errno)?;
    fs::create_dir(&folder)?;
    Ok(Desk { folder, lock, _held: held })
}

/// Whether a process holds this lock.
fn lives(lock: &Path) -> bool {
    let held = |file| Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err();
    File::open(lock).is_ok_and(held)
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(VaultError::Other(e.to_string())))
}

fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A rename is durable only when the folder is.
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn trouble(error: &io::Error) -> VaultError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => VaultError::Full,
        _ => VaultError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, DiskVault) {
        let dir = tempfile::tempdir().unwrap();
        let vault = DiskVault::open(dir.path()).unwrap();
        (dir, vault)
    }

    fn files(dir: &Path) -> usize {
        let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
        let kept = |path: &PathBuf| path.extension().is_none_or(|ending| ending != LOCK);
        entries.filter(kept).map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }

    #[tokio::test]
    async fn what_is_put_is_got_and_kept_once() {
        let (dir, vault) = fresh();
        let puts = (0..8).map(|_| vault.put(b"a picture".to_vec(), EvidenceKind::Png));
        let keys: Vec<EvidenceKey> =
            futures_util::future::join_all(puts).await.into_iter().collect::<Result<_, _>>().unwrap();
        assert!(keys.iter().all(|key| *key == EvidenceKey::of(b"a picture", EvidenceKind::Png)));
        assert_eq!(files(dir.path()), 1);
        assert_eq!(vault.get(&keys[0]).await, Ok(b"a picture".to_vec()));
    }

    #[tokio::test]
    async fn altered_and_absent_evidence_is_never_given_out() {
        let (_dir, vault) = fresh();
        let key = vault.put(b"the truth".to_vec(), EvidenceKind::Har).await.unwrap();
        fs::write(vault.path(&key), b"the truth, retouched").unwrap();
        assert_eq!(vault.get(&key).await, Err(VaultError::Altered(key.to_string())));
        vault.put(b"the truth".to_vec(), EvidenceKind::Har).await.unwrap();
        assert_eq!(vault.get(&key).await, Ok(b"the truth".to_vec()));
        let absent = EvidenceKey::of(b"nothing", EvidenceKind::Png);
        assert_eq!(vault.get(&absent).await, Err(VaultError::Absent(absent.to_string())));
    }

    #[tokio::test]
    async fn what_a_crash_left_unfinished_is_removed() {
        let (dir, vault) = fresh();
        let key = vault.put(b"whole".to_vec(), EvidenceKind::Png).await.unwrap();
        fs::write(dir.path().join(UNFINISHED).join("half"), b"ha").unwrap();
        let dead = dir.path().join(UNFINISHED).join("1-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("half"), b"ha").unwrap();
        fs::write(dead.with_extension(LOCK), b"").unwrap();
        let other = DiskVault::open(dir.path()).unwrap();
        assert!(vault.desk.folder.is_dir(), "who lives is left alone");
        let begun = vault.desk.folder.clone();
        drop((vault, other));
        assert!(!begun.exists() && !dead.exists());
        let vault = DiskVault::open(dir.path()).unwrap();
        assert_eq!(files(dir.path()), 1);
        assert_eq!(vault.get(&key).await, Ok(b"whole".to_vec()));
    }

    #[tokio::test]
    async fn old_evidence_goes_and_what_is_in_use_or_was_kept_again_stays() {
        let (_dir, vault) = fresh();
        let mut keys = Vec::new();
        for bytes in [b"old", b"use", b"two", b"new"] {
            keys.push(vault.put(bytes.to_vec(), EvidenceKind::Png).await.unwrap());
        }
        for key in &keys[..3] {
            let file = File::open(vault.path(key)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(1_000)).unwrap();
        }
        vault.put(b"two".to_vec(), EvidenceKind::Png).await.unwrap();
        let in_use = BTreeSet::from([keys[1].clone()]);
        assert_eq!(vault.forget(Moment::from_millis(2_000_000), in_use).await, Ok(1));
        let there: Vec<bool> = keys.iter().map(|key| vault.path(key).is_file()).collect();
        assert_eq!(there, [false, true, true, true]);
    }

    #[test]
    fn a_full_disk_is_told_as_such() {
        let full = keep(Path::new("/dev/full"), b"a picture").expect_err("/dev/full has no room");
        assert_eq!(trouble(&full), VaultError::Full);
    }
}
