//! The port: where declared windows are kept.

use super::Window;
use crate::actor::Actor;
use crate::id::WindowId;
use crate::moment::Moment;

/// Keeps declared windows, each change with its entry in the audit log, in one transaction. Nothing forgets one.
#[async_trait::async_trait]
pub trait WindowLedger: Send + Sync {
    /// At most so many: those that were over last, what is not over first, and what was called off before it began after all others.
    async fn windows(&self, limit: u32) -> Result<Vec<Window>, WindowError>;

    /// Keeps a new one.
    async fn keep_window(&self, window: &Window) -> Result<(), WindowError>;

    /// How many incidents something happened to while `window` was in force, now or in `earlier` turns of it, up to `now`, that it
    /// kept quiet; each once.
    async fn kept_quiet(&self, window: &Window, earlier: &[(Moment, Moment)], now: Moment) -> Result<u64, WindowError>;

    /// The oldest that the ledger knows of; `None` while there is nothing in it.
    async fn began(&self) -> Result<Option<Moment>, WindowError>;

    /// Ends one; `false` when it was ended already, or is not there.
    async fn end_window(&self, id: WindowId, at: Moment, by: &Actor) -> Result<bool, WindowError>;
}

/// Windows could not be read or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("maintenance windows could not be kept: {0}")]
pub struct WindowError(pub String);
