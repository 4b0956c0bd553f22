//! The engine that sends what waits in the outbox: at least once, always under the same name, at most one message a
//! receiver and window, and never more than the channel's receiver takes.

mod draft;
mod known;
mod settle;

pub use known::KnownChannels;

use super::words::Voice;
use super::{
    AlertReason, Channel, ChannelHealth, LeasedNotice, Notice, Outbox, Pile, Receiver, SendError, Settlement, Taken,
    Taking, Wish, hushed, message, messages_apart, needless,
};
use crate::evidence::Vault;
use crate::finding::Severity;
use crate::incident::{Incident, LedgerError};
use crate::moment::{Clock, Moment};
use draft::Draft;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What limits delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryLimits {
    /// Messages sent at once on one channel.
    pub at_once: u32,
    /// A receiver gets at most one message within this; what comes meanwhile is gathered.
    pub group_within: Duration,
    /// What somebody left half-way is repeated word for word within this; later it is told as it is by then.
    pub repeat_within: Duration,
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
            group_within: Duration::from_secs(60),
            repeat_within: Duration::from_secs(600),
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
    /// Messages accepted by their receivers.
    pub delivered: u32,
    /// Messages to be tried again.
    pub again: u32,
    /// Messages given up.
    pub undeliverable: u32,
}

impl Round {
    fn of(outcome: &Settlement) -> Self {
        match outcome {
            Settlement::Delivered(_) => Self { delivered: 1, ..Self::default() },
            Settlement::Again { .. } => Self { again: 1, ..Self::default() },
            Settlement::Undeliverable(_) => Self { undeliverable: 1, ..Self::default() },
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            delivered: self.delivered + other.delivered,
            again: self.again + other.again,
            undeliverable: self.undeliverable + other.undeliverable,
        }
    }
}

/// Sends what waits. One at a time is enough; several share the work by lease.
pub struct Deliverer {
    /// What waits, and what has become of its incidents meanwhile.
    pub outbox: Arc<dyn Outbox>,
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

impl Deliverer {
    /// Delivers until `cancel`; what is being sent then is finished first. Nothing that fails ends it, and a channel
    /// that hangs holds up no other.
    pub async fn watch(&self, cancel: CancellationToken) {
        let mut under_way = FuturesUnordered::new();
        let mut busy = BTreeSet::new();
        while !cancel.is_cancelled() {
            // Rounds go on meanwhile: one that holds what the outbox needs to answer would hold it for ever.
            let due = self.outbox.due(self.clock.now());
            tokio::pin!(due);
            let due = loop {
                tokio::select! {
                    due = &mut due => break due,
                    Some(channel) = under_way.next() => drop(busy.remove(&channel)),
                }
            };
            match due {
                Ok(channels) => {
                    for channel in channels.into_iter().filter(|channel| busy.insert(channel.clone())) {
                        under_way.push(self.round_and_rest(channel, &cancel));
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

    async fn round_and_rest(&self, channel: String, cancel: &CancellationToken) -> String {
        let pause = match self.round_of(&channel).await {
            // What waits is not to be sent yet: its window, its channel's rates or its next try.
            Ok(round) if round == Round::default() => self.limits.look_every,
            Ok(_) => return channel,
            Err(error) => {
                tracing::error!(%error, channel, "notices cannot be read or recorded; trying again");
                self.limits.retry_first
            }
        };
        tokio::select! {
            () = cancel.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
        channel
    }

    /// Sends what may be sent now, a handful at once on each channel, and records what became of each.
    pub async fn round(&self) -> Result<Round, LedgerError> {
        let channels = self.outbox.due(self.clock.now()).await?;
        let rounds = join_all(channels.iter().map(|channel| self.round_of(channel))).await;
        rounds.into_iter().try_fold(Round::default(), |all, round| Ok(all.and(round?)))
    }

    async fn round_of(&self, name: &str) -> Result<Round, LedgerError> {
        let now = self.clock.now();
        if self.known.is_full(name, now) {
            return Ok(Round::default());
        }
        let gathers = self.channels.get(name).is_none_or(|channel| channel.gathers());
        let mut receivers = self.outbox.receivers(name, now).await?;
        receivers.retain(|receiver| self.may_hear(receiver, gathers, now));
        receivers.sort_by(|a, b| (a.worst, a.oldest, &a.to).cmp(&(b.worst, b.oldest, &b.to)));
        let turns = receivers.iter().take(self.at_once()).map(|receiver| self.turn(name, receiver, gathers));
        let rounds = join_all(turns).await;
        rounds.into_iter().try_fold(Round::default(), |all, round| Ok(all.and(round?)))
    }

    fn at_once(&self) -> usize {
        self.limits.at_once.max(1) as usize
    }

    fn may_hear(&self, receiver: &Receiver, gathers: bool, now: Moment) -> bool {
        let calm = |told: Moment| now.since(told) >= self.limits.group_within;
        let due = receiver.not_before.is_none_or(|not_before| not_before <= now);
        !receiver.busy && due && (!gathers || receiver.told.is_none_or(calm))
    }

    /// The next message to one receiver; where they want incidents apart, the next few.
    async fn turn(&self, channel: &str, receiver: &Receiver, gathers: bool) -> Result<Round, LedgerError> {
        let now = self.clock.now();
        let pile = self.wanted(self.outbox.pile(channel, receiver.to.as_deref(), now).await?, now).await?;
        let messages = if gathers {
            Vec::from_iter(message(&pile.notices, now, self.limits.repeat_within))
        } else {
            messages_apart(&pile.notices)
        };
        let mut drafts = Vec::new();
        for message in messages.into_iter().take(self.at_once()) {
            drafts.extend(self.draft(channel, receiver, &pile, message, now).await);
        }
        let rounds = join_all(drafts.iter().map(|draft| self.send(channel, receiver, draft))).await;
        rounds.into_iter().try_fold(Round::default(), |all, round| Ok(all.and(round?)))
    }

    /// What of `pile` people still want to hear; what they do not is withdrawn.
    async fn wanted(&self, mut pile: Pile, now: Moment) -> Result<Pile, LedgerError> {
        let needless = needless(&pile.notices, |notice| {
            pile.incidents.get(&notice.incident).is_some_and(|incident| unwanted(incident, &notice.reason, now))
        });
        if !needless.is_empty() {
            self.outbox.withdraw(&needless, "set aside or muted before it was sent").await?;
            pile.notices.retain(|notice| !needless.contains(&notice.id));
        }
        Ok(pile)
    }

    /// Takes what was drafted, sends it, and records what became of it.
    async fn send(&self, channel: &str, receiver: &Receiver, draft: &Draft) -> Result<Round, LedgerError> {
        let now = self.clock.now();
        let leased = match self.outbox.take(&self.taking(channel, receiver, draft), now).await? {
            Taken::Leased(leased) => leased,
            Taken::NoRoom(until) => {
                self.known.full(channel, until.min(now.after(known::LOOK_AGAIN)));
                return Ok(Round::default());
            }
            Taken::Changed => return Ok(Round::default()),
        };
        let tried = match &draft.notice {
            Ok(notice) => self.try_once(channel, notice).await,
            Err(error) => Err(error.clone()),
        };
        let outcome = self.settlement(&leased, tried).await?;
        // Recorded only now: a crash before this line repeats the message under the same name.
        if !self.outbox.settle(&leased, &outcome, self.clock.now()).await? {
            tracing::warn!(notice = %leased.id, "a notice took longer than its lease; another deliverer has it");
            return Ok(Round::default());
        }
        self.tell_health(&leased, &outcome).await;
        Ok(Round::of(&outcome))
    }

    fn taking<'a>(&'a self, name: &'a str, receiver: &'a Receiver, draft: &'a Draft) -> Taking<'a> {
        let channel = self.channels.get(name);
        let sends = channel.zip(draft.notice.as_ref().ok()).map(|(channel, notice)| channel.sends(notice));
        Taking {
            id: draft.id,
            channel: name,
            to: receiver.to.as_deref(),
            digest: draft.digest,
            body: draft.body.clone(),
            gathered: draft.gathered.clone(),
            superseded: draft.superseded.clone(),
            // What is not sent takes nothing of the rates.
            rates: channel.filter(|_| sends.is_some()).map_or(&[], |channel| channel.rates()),
            wish: Wish { sends: sends.unwrap_or_default(), urgent: receiver.worst == Severity::P1 },
            way: self.limits.try_timeout,
            lease: self.limits.try_timeout * 2,
        }
    }

    async fn try_once(&self, name: &str, notice: &Notice) -> Result<String, SendError> {
        let channel = self
            .channels
            .get(name)
            .ok_or_else(|| SendError::refused(format!("there is no channel `{name}` in the configuration any more")))?;
        if self.known.is_gone(name) {
            return Err(SendError::refused(format!("channel `{name}` is out of use: its receiver answered 410 gone")));
        }
        let send = AssertUnwindSafe(channel.send(notice)).catch_unwind();
        match tokio::time::timeout(self.limits.try_timeout, send).await {
            Ok(Ok(sent)) => sent.map(|receipt| receipt.0),
            Ok(Err(_)) => Err(SendError::temporary(format!("channel `{name}` broke down; this is a defect of gengfu"))),
            Err(_) => Err(SendError::temporary(format!("no answer within {} s", self.limits.try_timeout.as_secs()))),
        }
    }

    /// Tells of a notice that was given up, and of the first that is accepted after it.
    async fn tell_health(&self, leased: &LeasedNotice, outcome: &Settlement) {
        match outcome {
            Settlement::Delivered(_) if self.known.accepts(&leased.channel) => {
                self.health.accepted(&leased.channel).await;
            }
            Settlement::Undeliverable(said) => self.given_up(leased, said).await,
            Settlement::Delivered(_) | Settlement::Again { .. } => {}
        }
    }
}

/// Whether what waits because of `reason` is not to be told any more, by what people made of its incident since.
fn unwanted(incident: &Incident, reason: &str, now: Moment) -> bool {
    let reason = AlertReason::named(reason, incident.first_seen);
    reason.is_some_and(|reason| hushed(&incident.handling, reason, now).is_some())
}
