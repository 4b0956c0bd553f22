//! Test customers, leased: two walks never have the same one at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Who has which customer. Shared by everything that walks in this process.
#[derive(Debug, Clone, Default)]
pub struct Leases(Arc<Desk>);

#[derive(Debug, Default)]
struct Desk {
    /// Leased customers by pool, and whose turn is next in it.
    pools: Mutex<BTreeMap<String, Shelf>>,
    returned: Notify,
}

#[derive(Debug, Default)]
struct Shelf {
    leased: Vec<String>,
    next: usize,
}

/// Why there is no customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unleased {
    /// The pool holds nobody.
    #[error("no test customer is in the pool `{0}`: add one to `accounts:` in the config")]
    NoPool(String),
    /// Everybody is out, and stayed out.
    #[error("every test customer of the pool `{pool}` was out for {waited_s} s: add one, or walk less often")]
    AllOut {
        /// The pool.
        pool: String,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// The wait was called off.
    #[error("called off while waiting for a test customer")]
    Cancelled,
}

/// One customer, leased; given back when dropped, whatever happened.
#[derive(Debug)]
pub struct Lease {
    desk: Arc<Desk>,
    pool: String,
    name: String,
}

impl Lease {
    /// The customer's name in its pool.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut pools = self.desk.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shelf) = pools.get_mut(&self.pool) {
            shelf.leased.retain(|name| *name != self.name);
        }
        drop(pools);
        self.desk.returned.notify_waiters();
    }
}

impl Leases {
    /// Leases one of `names`, the one that rested longest; waits at most `within` for one to come back.
    pub async fn lease(
        &self,
        pool: &str,
        names: &[String],
        within: Duration,
        cancel: &CancellationToken,
    ) -> Result<Lease, Unleased> {
        if names.is_empty() {
            return Err(Unleased::NoPool(pool.to_owned()));
        }
        let wait = async {
            loop {
                // Registered before looking, so that a return in between is not missed.
                let returned = self.0.returned.notified();
                if let Some(lease) = self.take(pool, names) {
                    return lease;
                }
                returned.await;
            }
        };
        tokio::select! {
            () = cancel.cancelled() => Err(Unleased::Cancelled),
            waited = tokio::time::timeout(within, wait) => {
                waited.map_err(|_| Unleased::AllOut { pool: pool.to_owned(), waited_s: within.as_secs() })
            }
        }
    }

    fn take(&self, pool: &str, names: &[String]) -> Option<Lease> {
        let mut pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = pools.entry(pool.to_owned()).or_default();
        let turn = (0..names.len()).map(|step| (shelf.next + step) % names.len());
        let at = turn.into_iter().find(|at| !shelf.leased.contains(&names[*at]))?;
        shelf.next = at + 1;
        shelf.leased.push(names[at].clone());
        Some(Lease { desk: self.0.clone(), pool: pool.to_owned(), name: names[at].clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (1..=count).map(|n| format!("retail-{n}")).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_leased_twice_and_everybody_comes_back() {
        let (leases, cancel, within) = (Leases::default(), CancellationToken::new(), Duration::from_secs(5));
        let lease = |names: Vec<String>| {
            let (leases, cancel) = (leases.clone(), cancel.clone());
            async move { leases.lease("retail", &names, within, &cancel).await }
        };
        let one = lease(names(2)).await.unwrap();
        let two = lease(names(2)).await.unwrap();
        assert_ne!(one.name(), two.name());
        assert_eq!(lease(names(2)).await.unwrap_err(), Unleased::AllOut { pool: "retail".into(), waited_s: 5 });
        let waiting = tokio::spawn(lease(names(2)));
        tokio::task::yield_now().await;
        let free = one.name().to_owned();
        drop(one);
        assert_eq!(waiting.await.unwrap().unwrap().name(), free);
        assert_eq!(lease(Vec::new()).await.unwrap_err(), Unleased::NoPool("retail".into()));
        drop(two);
        let _both = (lease(names(2)).await.unwrap(), lease(names(2)).await.unwrap());
        cancel.cancel();
        assert_eq!(lease(names(2)).await.unwrap_err(), Unleased::Cancelled);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_gives_the_customer_back() {
        let leases = Leases::default();
        let other = leases.clone();
        let panicked = tokio::spawn(async move {
            let _lease = other.lease("p", &names(1), Duration::from_secs(1), &CancellationToken::new()).await.unwrap();
            panic!("a defect");
        });
        assert!(panicked.await.is_err());
        let again = leases.lease("p", &names(1), Duration::from_secs(1), &CancellationToken::new()).await;
        assert_eq!(again.unwrap().name(), "retail-1");
    }
}
