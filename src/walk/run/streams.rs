//! Listening for the sockets that must speak, on the page that a step ended on.

use super::super::{BreachSeen, Observation};
use super::engine::Walking;
use super::oracles::HELD_UP_MAX;
use crate::oracle::Page;
use std::time::Duration;
use tokio::time::Instant;

/// How long a socket is listened to at least, however long ago it was asked for: what comes while a page stands still is
/// told once it goes on.
const LISTENED_AT_LEAST: Duration = Duration::from_millis(700);

impl Walking<'_> {
    /// Waits for the first word of each socket that must speak, as long as its oracle gives it. Where all have spoken, for
    /// nothing.
    pub(super) async fn hold_to_streams(&mut self, seen: &mut Observation) {
        let Some(page) = seen.page.as_ref().filter(|_| self.holding.witness.listens()) else { return };
        let at = Page::at(&page.url);
        let began = Instant::now();
        while self.holding.held_up + began.elapsed() < HELD_UP_MAX * 2 {
            let sockets = self.lane.sockets();
            let now = self.local_time();
            let heard = self.holding.witness.hear(&at, &sockets, began.elapsed(), now);
            self.holding.witness.hold_spoken(&heard.spoke);
            let stalled = LISTENED_AT_LEAST.saturating_sub(began.elapsed());
            let left = match heard.left {
                None if heard.silent.is_empty() => return,
                None if stalled.is_zero() => {
                    self.holding.witness.tell(&heard.silent);
                    let led_by = self.holding.led_by.clone();
                    let told = |breach| BreachSeen { breach, led_by: led_by.clone() };
                    return seen.breaches.extend(heard.silent.into_iter().map(told));
                }
                left => left.unwrap_or_default().max(stalled),
            };
            if self.lane.listen(sockets.changes, left).await.is_err() {
                return;
            }
        }
    }
}
