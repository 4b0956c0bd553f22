//! What the fleet needs of the world besides ledger and clock: somebody who walks, test customers, somebody who tells.

use super::Onlooker;
use crate::detector::Judged;
use crate::id::WalkId;
use crate::incident::{Change, QueuedNotice};
use crate::journey::Journey;
use crate::maintenance::Windows;
use crate::moment::Moment;
use crate::walk::port::Account;
use crate::walk::{Purpose, Trouble, WalkRecord};
use async_trait::async_trait;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// One walk to be made.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its name.
    pub walk: WalkId,
    /// The journey.
    pub journey: Arc<Journey>,
    /// Why.
    pub purpose: Purpose,
    /// The leased test customer, if the journey names a pool.
    pub account: Option<Account>,
    /// Who looks on while it is made, where somebody does.
    pub onlooker: Option<Arc<Onlooker>>,
}

/// Somebody who walks.
#[async_trait]
pub trait Walks: Send + Sync {
    /// Walks in a fresh lane. Always gives a record; `cancel` ends the walk as inconclusive.
    async fn walk(&self, order: Order, cancel: CancellationToken) -> WalkRecord;

    /// The base address of an app, for the record of a walk that could not begin.
    fn base_of(&self, app: &str) -> String;
}

/// Somebody who knows whether anything but the app can be reached.
#[async_trait]
pub trait Control: Send + Sync {
    /// Why nothing else answers either; `None` when something does.
    async fn blind(&self) -> Option<String>;
}

/// Where test customers come from.
pub trait Customers: Send + Sync {
    /// The customers of a pool by name; none when there is no such pool.
    fn names(&self, pool: &str) -> Vec<String>;

    /// A customer with its secrets, read now so that a rotated one is taken.
    fn open(&self, pool: &str, name: &str) -> Result<Account, Trouble>;
}

/// What the ledger is given to keep and the outbox to send.
pub trait Herald: Send + Sync {
    /// The walk as `walk.v1` JSON.
    fn record(&self, record: &WalkRecord, judged: &Judged) -> String;

    /// Whom to tell of `changes`, by the owner map; what nobody is told yet, the incidents remember from then on.
    fn notices(&self, changes: &mut [Change], now: Moment) -> Vec<QueuedNotice>;

    /// Work that is planned around `now`: nobody is told meanwhile.
    fn windows(&self, _now: Moment) -> Arc<Windows> {
        Arc::default()
    }

    /// A walk was filed with what it changed.
    fn filed(&self, _changes: &[Change]) {}
}
