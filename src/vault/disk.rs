//! A folder of evidence. Bytes are written beside their place, synced and renamed into it, so that a name
//! never stands for half a picture; they are checked against their name whenever they are read.

use crate::evidence::{EvidenceKey, EvidenceKind, Vault, VaultError};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where bytes are written before they have their name; emptied when the vault is opened.
const UNFINISHED: &str = ".unfinished";

/// Evidence in a folder of the machine.
#[derive(Debug, Clone)]
pub struct DiskVault {
    root: PathBuf,
}

impl DiskVault {
    /// Opens the folder `root`, making it if need be, and removes what a crash left unfinished. One process
    /// at a time writes to a vault; the ledger's lock sees to that.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, VaultError> {
        let vault = Self { root: root.into() };
        let unfinished = vault.root.join(UNFINISHED);
        match fs::remove_dir_all(&unfinished) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(trouble(&e)),
            _ => fs::create_dir_all(&unfinished).map_err(|e| trouble(&e))?,
        }
        Ok(vault)
    }

    /// Where `key` is kept.
    pub fn path(&self, key: &EvidenceKey) -> PathBuf {
        self.root.join(key.path())
    }

    fn put_now(&self, bytes: &[u8], key: &EvidenceKey) -> io::Result<()> {
        let place = self.path(key);
        // A name that stands for other bytes was altered: the right ones take its place.
        if fs::read(&place).is_ok_and(|kept| EvidenceKey::of(&kept, key.kind()) == *key) {
            return Ok(());
        }
        let shard = place.parent().expect("invariant: a key's path has a shard");
        fs::create_dir_all(shard)?;
        let unfinished = self.root.join(UNFINISHED).join(uuid::Uuid::now_v7().to_string());
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
        entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
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
        let vault = DiskVault::open(dir.path()).unwrap();
        assert_eq!(files(dir.path()), 1);
        assert_eq!(vault.get(&key).await, Ok(b"whole".to_vec()));
    }

    #[test]
    fn a_full_disk_is_told_as_such() {
        let full = keep(Path::new("/dev/full"), b"a picture").expect_err("/dev/full has no room");
        assert_eq!(trouble(&full), VaultError::Full);
    }
}
