//! What a try comes to: accepted, tried again after a pause, or given up.

use super::Deliverer;
use crate::alert::{LeasedNotice, SendError, SendFailure, Settlement};
use crate::id::NoticeId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use sha2::Digest as _;
use std::time::Duration;

/// Nothing is given up after fewer tries, however old it is: the robot itself may have been away, or the hours quiet.
const TRIES_LEAST: u32 = 8;

impl Deliverer {
    pub(super) async fn settlement(
        &self,
        leased: &LeasedNotice,
        tried: Result<String, SendError>,
    ) -> Result<Settlement, LedgerError> {
        let now = self.clock.now();
        let SendError { failure, said } = match tried {
            Ok(receipt) => return Ok(Settlement::Delivered(receipt)),
            Err(error) => error,
        };
        tracing::warn!(notice = %leased.id, channel = leased.channel, tries = leased.tries, said, "a notice was not accepted");
        let after = match failure {
            SendFailure::Temporary { after } => after.map(|after| after.min(self.limits.give_up_after)),
            SendFailure::Refused => return Ok(Settlement::Undeliverable(said)),
            SendFailure::Gone => {
                self.known.gone(&leased.channel);
                return Ok(Settlement::Undeliverable(said));
            }
        };
        if let Some(after) = after {
            // The receiver's word is about the channel: nothing else is sent on it before, either.
            self.outbox.rest(&leased.channel, now.after(after)).await?;
        }
        if now.since(leased.since) >= self.limits.give_up_after && leased.tries >= TRIES_LEAST {
            let said = format!("given up after {} tries: {said}", leased.tries);
            if !self.tells_more(leased, now, &said).await? {
                return Ok(Settlement::Undeliverable(said));
            }
            self.given_up(leased, &said).await;
        }
        Ok(Settlement::Again { at: self.next_try(leased, after, now), said })
    }

    /// Gives up what is too old of what a digest tells of; whether it tells of anything else.
    async fn tells_more(&self, leased: &LeasedNotice, now: Moment, said: &str) -> Result<bool, LedgerError> {
        let age = i64::try_from(self.limits.give_up_after.as_millis()).unwrap_or(i64::MAX);
        // Also what is exactly as old.
        let queued_before = Moment::from_millis(now.as_millis().saturating_sub(age).saturating_add(1));
        Ok(self.outbox.give_up(leased.id, queued_before, said).await? > 0)
    }

    pub(super) async fn given_up(&self, leased: &LeasedNotice, said: &str) {
        self.known.failed(&leased.channel);
        self.health.given_up(leased, said).await;
    }

    /// The pause doubles with each try up to the longest one, and is up to a fifth longer so that not all come at
    /// once; never before the receiver wants it.
    fn next_try(&self, leased: &LeasedNotice, after: Option<Duration>, now: Moment) -> Moment {
        let doubled = self.limits.retry_first.saturating_mul(2_u32.saturating_pow(leased.tries.saturating_sub(1)));
        let pause = doubled.min(self.limits.retry_most).max(after.unwrap_or_default());
        now.after(pause.mul_f64(1.0 + share(leased.id, leased.tries) / 5.0))
    }
}

/// A constant share of one, different for each notice and try.
fn share(id: NoticeId, tries: u32) -> f64 {
    let digest = sha2::Sha256::digest(format!("{id} {tries}"));
    f64::from(u16::from_be_bytes([digest[0], digest[1]])) / f64::from(u16::MAX)
}
