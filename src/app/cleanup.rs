//! What has to be ended, last begun first ended, each with a name and a deadline.

use futures_util::future::BoxFuture;
use tokio::time::Instant;

/// Things that were begun and must be ended.
#[derive(Default)]
pub struct Cleanup {
    steps: Vec<(&'static str, BoxFuture<'static, ()>)>,
}

impl Cleanup {
    /// Notes how to end what was just begun.
    pub fn push(&mut self, name: &'static str, end: impl Future<Output = ()> + Send + 'static) {
        self.steps.push((name, Box::pin(end)));
    }

    /// Ends everything before `deadline`, each with an equal share of the time that is left. What hangs is left behind,
    /// so that the quit path never depends on what is stuck.
    pub async fn finish(mut self, deadline: Instant) {
        while let Some((name, end)) = self.steps.pop() {
            let left = deadline.saturating_duration_since(Instant::now());
            let within = left / u32::try_from(self.steps.len() + 1).unwrap_or(u32::MAX);
            match tokio::time::timeout(within, end).await {
                Ok(()) => tracing::debug!(name, "ended"),
                Err(_) => {
                    tracing::error!(name, within_ms = within.as_millis() as u64, "did not end in time; left behind")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn the_last_begun_ends_first_and_what_hangs_holds_nobody_up() {
        let ended = Arc::new(Mutex::new(Vec::new()));
        let mut cleanup = Cleanup::default();
        for name in ["store", "console"] {
            let ended = ended.clone();
            cleanup.push(name, async move { ended.lock().unwrap().push(name) });
        }
        cleanup.push("stuck", std::future::pending());
        cleanup.push("stuck, too", std::future::pending());
        let began = Instant::now();
        cleanup.finish(began + Duration::from_secs(8)).await;
        assert_eq!(*ended.lock().unwrap(), ["console", "store"]);
        assert!(began.elapsed() <= Duration::from_secs(8), "all in all: {:?}", began.elapsed());
    }
}
