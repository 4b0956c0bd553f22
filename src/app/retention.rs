//! Forgetting by age: ledger and vault, once an hour, beside the watch.

use crate::config::Retain;
use crate::moment::{Clock, Moment};
use crate::store::{Before, Store};
use crate::vault::DiskVault;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: Duration = Duration::from_secs(3600);

/// What forgets.
pub(super) struct Retention {
    pub store: Arc<Store>,
    pub vault: Arc<DiskVault>,
    pub clock: Arc<dyn Clock>,
    pub retain: Retain,
}

impl Retention {
    /// Forgets until `cancel`. Nothing that fails ends it.
    pub async fn watch(self, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            self.once().await;
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn once(&self) {
        let now = self.clock.now();
        let ago = |age: Duration| {
            Moment::from_millis(now.as_millis().saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)))
        };
        let before = Before {
            walks: ago(self.retain.walks.0),
            moves: ago(self.retain.moves.0),
            notices: ago(self.retain.notices.0),
            suspicions: ago(self.retain.suspicions.0),
        };
        match self.store.forget(&before).await {
            Ok(forgotten) if forgotten == Default::default() => {}
            Ok(forgotten) => tracing::info!(?forgotten, "forgot what is older than `retain:` says"),
            Err(error) => tracing::error!(%error, "the ledger could not forget what is old"),
        }
        let in_use = match self.store.evidence_in_use().await {
            Ok(keys) => keys,
            Err(error) => return tracing::error!(%error, "no evidence was removed: what is in use cannot be read"),
        };
        match self.vault.forget(ago(self.retain.evidence.0), in_use).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "removed evidence that is older than `retain:` says"),
            Err(error) => tracing::error!(%error, "old evidence could not be removed"),
        }
    }
}
