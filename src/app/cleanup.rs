//! What has to be ended, last begun first ended, each with a name and a deadline.

use futures_util::future::BoxFuture;
use std::time::Duration;

/// How long one thing may take to end before the next one's turn comes.
const STEP_WITHIN: Duration = Duration::from_secs(5);

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

    /// Ends everything. What hangs is left behind, so that the quit path never depends on what is stuck.
    pub async fn finish(mut self) {
        while let Some((name, end)) = self.steps.pop() {
            match tokio::time::timeout(STEP_WITHIN, end).await {
                Ok(()) => tracing::debug!(name, "ended"),
                Err(_) => tracing::error!(name, within_s = STEP_WITHIN.as_secs(), "did not end in time; left behind"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[tokio::test(start_paused = true)]
    async fn the_last_begun_ends_first_and_what_hangs_holds_nobody_up() {
        let ended = Arc::new(Mutex::new(Vec::new()));
        let mut cleanup = Cleanup::default();
        for name in ["store", "console"] {
            let ended = ended.clone();
            cleanup.push(name, async move { ended.lock().unwrap().push(name) });
        }
        cleanup.push("stuck", std::future::pending());
        cleanup.finish().await;
        assert_eq!(*ended.lock().unwrap(), ["console", "store"]);
    }
}
