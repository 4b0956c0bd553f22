//! The engine that sends what waits in the outbox: at least once, always under the same name.

use super::words::{Telling, Voice, render};
use super::{
    AlertReason, Bulletin, Channel, ChannelHealth, LeasedNotice, Notice, Outbox, Picture, SendError, SendFailure,
    Settlement,
};
use crate::evidence::{EvidenceKey, Vault};
use crate::id::NoticeId;
use crate::incident::{Archive, LedgerError, State};
use crate::moment::{Clock, Moment};
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use sha2::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What limits delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryLimits {
    /// Notices sent at once on one channel.
    pub at_once: u32,
    /// The longest one try may take; a lease lasts twice as long.
    pub try_timeout: Duration,
    /// The pause after the first failed try; it doubles with each.
    pub retry_first: Duration,
    /// The longest pause between two tries.
    pub retry_most: Duration,
    /// A notice this old that is still not accepted is given up.
    pub give_up_after: Duration,
    /// The largest picture sent, in bytes.
    pub picture_bytes_max: usize,
    /// How often the outbox is looked at.
    pub look_every: Duration,
}

impl Default for DeliveryLimits {
    fn default() -> Self {
        Self {
            at_once: 4,
            try_timeout: Duration::from_secs(30),
            retry_first: Duration::from_secs(5),
            retry_most: Duration::from_secs(900),
            give_up_after: Duration::from_secs(72 * 3600),
            picture_bytes_max: 4 << 20,
            look_every: Duration::from_secs(1),
        }
    }
}

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Notices accepted by their receivers.
    pub delivered: u32,
    /// Notices to be tried again.
    pub again: u32,
    /// Notices given up.
    pub undeliverable: u32,
}

/// Sends what waits. One at a time is enough; several share the work by lease.
pub struct Deliverer {
    /// What waits.
    pub outbox: Arc<dyn Outbox>,
    /// What has become of an incident meanwhile.
    pub archive: Arc<dyn Archive>,
    /// Where pictures are.
    pub vault: Arc<dyn Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The ways to tell people, by name.
    pub channels: BTreeMap<String, Arc<dyn Channel>>,
    /// How notices speak.
    pub voice: Voice,
    /// What limits delivery.
    pub limits: DeliveryLimits,
    /// Who hears how channels fare.
    pub health: Arc<dyn ChannelHealth>,
    /// What is known of channels.
    pub known: KnownChannels,
}

/// What a deliverer has seen of its channels since it began.
#[derive(Debug, Default)]
pub struct KnownChannels {
    /// Their receiver wants nothing any more.
    gone: Mutex<BTreeSet<String>>,
    /// They accepted a notice since the last one that was given up.
    well: Mutex<BTreeSet<String>>,
}

impl Deliverer {
    /// Delivers until `cancel`; what is being sent then is finished first. Nothing that fails ends it, and a channel
    /// that hangs holds up no other.
    pub async fn watch(&self, cancel: CancellationToken) {
        let mut under_way = FuturesUnordered::new();
        let mut busy = BTreeSet::new();
        while !cancel.is_cancelled() {
            match self.outbox.due(self.clock.now()).await {
                Ok(channels) => {
                    for channel in channels.into_iter().filter(|channel| busy.insert(channel.clone())) {
                        under_way.push(self.round_and_rest(channel));
                    }
                }
                Err(error) => tracing::error!(%error, "notices cannot be read; trying again"),
            }
            tokio::select! {
                () = cancel.cancelled() => {}
                Some(channel) = under_way.next() => drop(busy.remove(&channel)),
                () = tokio::time::sleep(self.limits.look_every) => {}
            }
        }
        while under_way.next().await.is_some() {}
    }

    async fn round_and_rest(&self, channel: String) -> String {
        if let Err(error) = self.round_of(&channel).await {
            tracing::error!(%error, channel, "notices cannot be read or recorded; trying again");
            tokio::time::sleep(self.limits.retry_first).await;
        }
        channel
    }

    /// Sends what is due now, a handful at once on each channel, and records what became of each.
    pub async fn round(&self) -> Result<Round, LedgerError> {
        let channels = self.outbox.due(self.clock.now()).await?;
        let mut all = Round::default();
        for round in join_all(channels.iter().map(|channel| self.round_of(channel))).await {
            let round = round?;
            all.delivered += round.delivered;
            all.again += round.again;
            all.undeliverable += round.undeliverable;
        }
        Ok(all)
    }

    async fn round_of(&self, channel: &str) -> Result<Round, LedgerError> {
        let now = self.clock.now();
        let leased = self.outbox.lease(channel, now, self.limits.at_once, self.limits.try_timeout * 2).await?;
        let tries = leased.iter().map(|notice| async move {
            let outcome = self.settlement(notice, self.try_once(notice).await);
            // Recorded only now: a crash before this line repeats the notice under the same name.
            let held = self.outbox.settle(notice, &outcome, self.clock.now()).await?;
            if held {
                self.tell_health(notice, &outcome).await;
            }
            Ok::<_, LedgerError>((outcome, held))
        });
        let mut round = Round::default();
        for settled in join_all(tries).await {
            match settled? {
                (_, false) => tracing::warn!("a notice took longer than its lease; another deliverer has it"),
                (Settlement::Delivered(_), true) => round.delivered += 1,
                (Settlement::Again { .. }, true) => round.again += 1,
                (Settlement::Undeliverable(_), true) => round.undeliverable += 1,
            }
        }
        Ok(round)
    }

    /// Tells of a notice that was given up, and of the first that is accepted after it.
    async fn tell_health(&self, notice: &LeasedNotice, outcome: &Settlement) {
        let well = |change: &dyn Fn(&mut BTreeSet<String>) -> bool| {
            change(&mut self.known.well.lock().unwrap_or_else(PoisonError::into_inner))
        };
        match outcome {
            Settlement::Delivered(_) if well(&|well| well.insert(notice.channel.clone())) => {
                self.health.accepted(&notice.channel).await;
            }
            Settlement::Undeliverable(said) => {
                well(&|well| well.remove(&notice.channel));
                self.health.given_up(notice, said).await;
            }
            Settlement::Delivered(_) | Settlement::Again { .. } => {}
        }
    }

    async fn try_once(&self, leased: &LeasedNotice) -> Result<String, SendError> {
        let name = &leased.channel;
        let channel = self
            .channels
            .get(name)
            .ok_or_else(|| SendError::refused(format!("there is no channel `{name}` in the configuration any more")))?;
        if self.is_gone(name) {
            return Err(SendError::refused(format!("channel `{name}` is out of use: its receiver answered 410 gone")));
        }
        let notice = self.notice(leased).await?;
        let send = AssertUnwindSafe(channel.send(&notice)).catch_unwind();
        match tokio::time::timeout(self.limits.try_timeout, send).await {
            Ok(Ok(sent)) => sent.map(|receipt| receipt.0),
            Ok(Err(_)) => Err(SendError::temporary(format!("channel `{name}` broke down; this is a defect of gengfu"))),
            Err(_) => Err(SendError::temporary(format!("no answer within {} s", self.limits.try_timeout.as_secs()))),
        }
    }

    /// The notice as it is true now.
    async fn notice(&self, leased: &LeasedNotice) -> Result<Notice, SendError> {
        let bulletin: Bulletin = serde_json::from_str(&leased.body)
            .map_err(|e| SendError::refused(format!("the stored notice cannot be read: {e}")))?;
        let file = self.archive.incident(leased.incident).await;
        let file = file.map_err(|e| SendError::temporary(format!("the incident cannot be read: {e}")))?;
        let over_already = bulletin.state == State::Open.word()
            && file.as_ref().is_some_and(|file| file.incident.state == State::Recovered);
        let bulletin = match file {
            Some(file) => bulletin.updated(&file.incident),
            None => bulletin,
        };
        let picture = self.picture(&bulletin).await;
        let words = render(&bulletin, &self.voice, Telling { over_already, pictured: picture.is_some() });
        Ok(Notice {
            id: leased.id,
            incident: Some(leased.incident),
            reason: reason(&bulletin),
            to: leased.to.clone(),
            queued: leased.queued,
            words,
            bulletin: bulletin.to_json(),
            picture,
        })
    }

    /// The picture that shows it. A notice without it is better than none.
    async fn picture(&self, bulletin: &Bulletin) -> Option<Picture> {
        let key = EvidenceKey::parse(&bulletin.evidence.first()?.key)?;
        match self.vault.get(&key).await {
            Ok(bytes) if bytes.len() <= self.limits.picture_bytes_max => Some(Picture { key, bytes }),
            Ok(bytes) => {
                tracing::warn!(%key, bytes = bytes.len(), "a picture is too large to send");
                None
            }
            Err(error) => {
                tracing::warn!(%key, %error, "a notice goes out without its picture");
                None
            }
        }
    }

    fn settlement(&self, leased: &LeasedNotice, tried: Result<String, SendError>) -> Settlement {
        let now = self.clock.now();
        let error = match tried {
            Ok(receipt) => return Settlement::Delivered(receipt),
            Err(error) => error,
        };
        let said = error.said;
        tracing::warn!(notice = %leased.id, channel = leased.channel, tries = leased.tries, said, "a notice was not accepted");
        match error.failure {
            SendFailure::Temporary { .. } if now.since(leased.queued) >= self.limits.give_up_after => {
                Settlement::Undeliverable(format!("given up after {} tries: {said}", leased.tries))
            }
            SendFailure::Temporary { after } => Settlement::Again { at: self.next_try(leased, after, now), said },
            SendFailure::Refused => Settlement::Undeliverable(said),
            SendFailure::Gone => {
                self.known.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(leased.channel.clone());
                Settlement::Undeliverable(said)
            }
        }
    }

    fn is_gone(&self, channel: &str) -> bool {
        self.known.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(channel)
    }

    /// The pause doubles with each try up to the longest one, and is up to a fifth longer so that not all come at
    /// once; never before the receiver wants it, as long as that is before the notice is given up.
    fn next_try(&self, leased: &LeasedNotice, after: Option<Duration>, now: Moment) -> Moment {
        let doubled = self.limits.retry_first.saturating_mul(2_u32.saturating_pow(leased.tries.saturating_sub(1)));
        let wanted = after.unwrap_or_default().min(self.limits.give_up_after);
        let pause = doubled.min(self.limits.retry_most).max(wanted);
        now.after(pause.mul_f64(1.0 + share(leased.id, leased.tries) / 5.0))
    }
}

/// A constant share of one, different for each notice and try.
fn share(id: NoticeId, tries: u32) -> f64 {
    let digest = sha2::Sha256::digest(format!("{id} {tries}"));
    f64::from(u16::from_be_bytes([digest[0], digest[1]])) / f64::from(u16::MAX)
}

fn reason(bulletin: &Bulletin) -> AlertReason {
    let since = bulletin.opened.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    match bulletin.reason() {
        "worsened" => AlertReason::Worsened,
        "recovered" => AlertReason::Recovered,
        "reopened" => AlertReason::Reopened,
        "flapping" => AlertReason::Flapping,
        "intermittent" => AlertReason::Intermittent,
        "still-broken" => {
            AlertReason::StillBroken { since: Moment::from_millis(since.map_or(0, |at| at.as_millisecond())) }
        }
        _ => AlertReason::FirstSeen,
    }
}
