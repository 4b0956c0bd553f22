//! Test customers, leased: two walks never have the same one at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often a customer that another process has is asked for again.
const ASK_AGAIN_EVERY: Duration = Duration::from_millis(500);

/// What keeps a customer from other processes for as long as it is held.
pub type Hold = Box<dyn std::any::Any + Send + Sync>;

/// Keeps customers from other processes on this machine.
pub trait CustomerLocks: Send + Sync {
    /// A hold on a customer, or nothing when another process has it.
    ///
    /// # Errors
    /// When nobody can say who has it.
    fn hold(&self, pool: &str, name: &str) -> Result<Option<Hold>, String>;
}

/// Who has which customer. Shared by everything that walks in this process.
#[derive(Clone, Default)]
pub struct Leases {
    desk: Arc<Desk>,
    /// None where no other process walks with the same customers.
    locks: Option<Arc<dyn CustomerLocks>>,
}

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
    /// Nobody can say whether another process has it.
    #[error("whether a test customer is free cannot be said: {0}")]
    Unknown(String),
    /// The wait was called off.
    #[error("called off while waiting for a test customer")]
    Cancelled,
}

/// One customer, leased; given back when dropped, whatever happened.
pub struct Lease {
    desk: Arc<Desk>,
    pool: String,
    name: String,
    hold: Option<Hold>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lease({} of {})", self.name, self.pool)
    }
}

impl Lease {
    /// The customer's name in its pool.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.hold.take());
        let mut pools = self.desk.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shelf) = pools.get_mut(&self.pool) {
            shelf.leased.retain(|name| *name != self.name);
        }
        drop(pools);
        self.desk.returned.notify_waiters();
    }
}

impl Leases {
    /// Leases that other processes respect.
    pub fn beside(locks: Arc<dyn CustomerLocks>) -> Self {
        Self { locks: Some(locks), ..Self::default() }
    }

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
                let returned = self.desk.returned.notified();
                if let Some(lease) = self.take(pool, names)? {
                    return Ok(lease);
                }
                // Other processes do not say when they give one back.
                match &self.locks {
                    Some(_) => drop(tokio::time::timeout(ASK_AGAIN_EVERY, returned).await),
                    None => returned.await,
                }
            }
        };
        tokio::select! {
            () = cancel.cancelled() => Err(Unleased::Cancelled),
            waited = tokio::time::timeout(within, wait) => {
                waited.unwrap_or_else(|_| Err(Unleased::AllOut { pool: pool.to_owned(), waited_s: within.as_secs() }))
            }
        }
    }

    fn take(&self, pool: &str, names: &[String]) -> Result<Option<Lease>, Unleased> {
        let mut pools = self.desk.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = pools.entry(pool.to_owned()).or_default();
        for at in (0..names.len()).map(|step| (shelf.next + step) % names.len()) {
            if shelf.leased.contains(&names[at]) {
                continue;
            }
            let name = names[at].clone();
            let hold = match &self.locks {
                None => None,
                Some(locks) => match locks.hold(pool, &name).map_err(Unleased::Unknown)? {
                    None => continue,
                    hold => hold,
                },
            };
            shelf.next = at + 1;
            shelf.leased.push(name.clone());
            return Ok(Some(Lease { desk: self.desk.clone(), pool: pool.to_owned(), name, hold }));
        }
        Ok(None)
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
