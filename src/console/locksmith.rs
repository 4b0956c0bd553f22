//! Hashing passwords, off the threads that answer, a few at once: each takes its time and 19 MiB.

use crate::people::{Password, PasswordHash, fresh_bytes};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Semaphore;

/// Hashed at once.
const HANDS: usize = 2;
/// Hashed or waiting for it; who comes on top is sent away.
const QUEUE_MAX: usize = 32;

/// Too many wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Busy;

/// Hashes passwords.
pub(super) struct Locksmith {
    queue: Semaphore,
    hands: Arc<Semaphore>,
    worked: AtomicU64,
}

impl Default for Locksmith {
    fn default() -> Self {
        Self { queue: Semaphore::new(QUEUE_MAX), hands: Arc::new(Semaphore::new(HANDS)), worked: AtomicU64::new(0) }
    }
}

impl Locksmith {
    /// Whether `password` is the one that was hashed. Without a hash it works as long, and it is not.
    pub async fn fits(&self, password: Password, hash: Option<PasswordHash>) -> Result<bool, Busy> {
        let there = hash.is_some();
        let hash = hash.unwrap_or_else(PasswordHash::nobodys);
        Ok(self.work(move || hash.is_of(&password)).await? && there)
    }

    /// What is kept of `password`.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, Busy> {
        self.work(move || PasswordHash::of(&password, fresh_bytes())).await
    }

    /// How many were hashed since it began.
    #[cfg(test)]
    fn worked(&self) -> u64 {
        self.worked.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = self.queue.try_acquire().map_err(|_| Busy)?;
        let hand = self.hands.clone().acquire_owned().await.expect("the semaphore is never closed");
        self.worked.fetch_add(1, Ordering::Relaxed);
        // The hand goes with the work: a visitor who leaves does not free it early.
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(hand);
            done
        });
        working.await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_is_not_there_costs_as_much() {
        let smith = Locksmith::default();
        let check = async |hash: Option<PasswordHash>, expected: bool, worked: u64| {
            let fits = smith.fits(Password::typed("correct horse battery"), hash).await;
            assert_eq!((fits, smith.worked()), (Ok(expected), worked));
        };
        check(None, false, 1).await;
        let hash = PasswordHash::of(&Password::typed("correct horse battery"), [1; 16]);
        check(Some(hash), true, 2).await;
        check(Some(PasswordHash::nobodys()), false, 3).await;
    }

    #[tokio::test]
    async fn who_comes_on_top_is_sent_away() {
        let smith = Locksmith::default();
        let places: Vec<_> = (0..QUEUE_MAX).map(|_| smith.queue.try_acquire().unwrap()).collect();
        assert_eq!(smith.fits(Password::typed("x"), None).await, Err(Busy));
        drop(places);
        assert_eq!(smith.fits(Password::typed("x"), None).await, Ok(false));
    }
}
