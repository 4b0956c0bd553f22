//! Test customers, kept from other processes by a locked file each, beside the ledger.

use crate::fleet::{CustomerLocks, Hold};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::path::PathBuf;

/// One file a customer, in a folder of their own. Files are never removed: one that comes and goes can be locked twice.
#[derive(Debug, Clone)]
pub(super) struct LockedFiles {
    folder: PathBuf,
}

impl LockedFiles {
    /// In the folder beside the ledger `ledger`.
    pub fn beside(ledger: PathBuf) -> Self {
        let mut folder = ledger.into_os_string();
        folder.push(".customers");
        Self { folder: folder.into() }
    }
}

impl CustomerLocks for LockedFiles {
    fn hold(&self, pool: &str, name: &str) -> Result<Option<Hold>, String> {
        let path = self.folder.join(format!("{pool}.{name}.lock"));
        let told = |why: &dyn std::fmt::Display| format!("cannot lock `{}`: {why}", path.display());
        std::fs::create_dir_all(&self.folder).map_err(|error| told(&error))?;
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| told(&error))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Ok(Some(Box::new(held))),
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, errno)) => Err(told(&errno)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Leases, Unleased};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn a_customer_is_in_one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        // Each has a desk of its own, as two processes have.
        let process = || Leases::beside(Arc::new(LockedFiles::beside(dir.path().join("gengfu.db"))));
        let (serve, walk, cancel) = (process(), process(), CancellationToken::new());
        let names = ["retail-1".to_owned()];
        let lease = serve.lease("retail", &names, Duration::from_secs(5), &cancel).await.unwrap();
        let out = walk.lease("retail", &names, Duration::from_millis(1), &cancel).await.unwrap_err();
        assert_eq!(out, Unleased::AllOut { pool: "retail".into(), waited_s: 0 });
        let waiting = tokio::spawn(async move { walk.lease("retail", &names, Duration::from_secs(20), &cancel).await });
        drop(lease);
        assert_eq!(waiting.await.unwrap().unwrap().name(), "retail-1");
    }
}
