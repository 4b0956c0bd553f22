//! The dispatcher: knows what is due, who is walking, and when to stop. It alone owns the fleet's state.

mod granting;

use super::board::{Board, Served};
use super::errands::Errands;
use super::post::Standing;
use super::walker::AbortOnDrop;
use super::{Clerk, Post, Ticket, Walker, Wishes};
use crate::incident::{Deadlines, LedgerError, MissReason, Missed, SlotClaim, SlotTaken};
use crate::moment::{Clock, Moment};
use crate::walk::Purpose;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The longest sleep: a clock that jumps, or a machine that wakes from suspend, is noticed this soon.
const TICK: Duration = Duration::from_secs(1);
/// How often it is looked for incidents that wait for a walk, or for people.
const QUEUE_EVERY: Duration = Duration::from_secs(5);
/// How many of these are looked at.
const IN_HAND_MAX: u32 = 1_000;
/// How often slots of dead holders are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// A clock that differs this much from the time that passed has jumped.
const JUMP: Duration = Duration::from_secs(30);
/// What a walk may take besides its budget before its slot is held to be lost.
const LEASE_SLACK: Duration = Duration::from_secs(60);
/// How often it is tried to file what the ledger did not take.
const CATCH_UP_EVERY: Duration = Duration::from_secs(5);
/// How long that may take at the end.
const LAST_TRY_WITHIN: Duration = Duration::from_secs(1);
/// Of the time to stop in, what is kept for walks that are called off to end with their record.
const CALL_OFF_GRACE: Duration = Duration::from_secs(10);

/// How much, how many, how long.
#[derive(Debug, Clone)]
pub struct FleetLimits {
    /// How many walks are made at once.
    pub walks_at_once: usize,
    /// How many due walks may wait.
    pub walks_waiting: usize,
    /// A due time older than this is not caught up.
    pub catch_up_within: Duration,
    /// How long stopping may take.
    pub drain_within: Duration,
    /// By when people are to do what they are to do.
    pub deadlines: Deadlines,
}

/// There is nothing to do: silence would look like health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing to patrol: add a journey to `patrols:` in the config")]
pub struct NothingToPatrol;

/// Sends walkers when slots fall due, until it is told to stop.
pub struct Dispatcher {
    standings: Vec<Standing>,
    roster: Arc<Roster>,
    errands: Errands,
    /// What people ask for, where they can.
    wishes: Option<Wishes>,
    last_seen: (Moment, Instant),
}

/// What every walker's task needs.
struct Roster {
    walker: Walker,
    clerk: Clerk,
    clock: Arc<dyn Clock>,
    limits: FleetLimits,
    holder: String,
    seats: Semaphore,
    /// Up to when due times were walked by a clock that was ahead and has been put right.
    walked_until: AtomicI64,
    /// No new walk begins.
    stop: CancellationToken,
    /// Walks under way are called off.
    call_off: CancellationToken,
    /// Where people see what is done.
    board: Board,
}

/// Tells the dispatcher that a post is free again, also when its walker panicked.
struct Freed {
    post: usize,
    tell: mpsc::UnboundedSender<usize>,
}

impl Drop for Freed {
    fn drop(&mut self) {
        let _ = self.tell.send(self.post);
    }
}

impl Dispatcher {
    /// Takes up the watch where the ledger left it. `holder` names this process in the ledger.
    pub async fn open(
        posts: Vec<Post>,
        mut walker: Walker,
        clerk: Clerk,
        limits: FleetLimits,
        holder: String,
    ) -> Result<Self, OpenError> {
        if posts.is_empty() {
            return Err(OpenError::Nothing(NothingToPatrol));
        }
        // A walk that ignores its calling-off is given up in time for its record to be filed.
        walker.call_off_within = walker.call_off_within.min(call_off_grace(&limits) * 4 / 5);
        let clock = walker.clock.clone();
        let now = clock.now();
        clerk.ledger.sweep_slots(now).await?;
        let mut standings = Vec::with_capacity(posts.len());
        for post in posts {
            let last = clerk.ledger.last_slot(&post.journey.id).await?;
            let left_behind = clerk.ledger.lost_slot(&post.journey.id).await?;
            standings.push(Standing::new(post, last).resuming(left_behind));
        }
        let walked_until = AtomicI64::new(i64::MIN);
        let seats = Semaphore::new(limits.walks_at_once.max(1));
        let (stop, call_off) = (CancellationToken::new(), CancellationToken::new());
        let board = Board::default();
        board.opened(&holder, limits.walks_at_once.max(1), limits.walks_waiting);
        let roster = Roster { walker, clerk, clock, limits, holder, seats, walked_until, stop, call_off, board };
        let (roster, errands) = (Arc::new(roster), Errands::default());
        Ok(Self { standings, roster, errands, wishes: None, last_seen: (now, Instant::now()) })
    }

    /// Where people see what the fleet does.
    pub fn board(&self) -> Board {
        self.roster.board.clone()
    }

    /// Keeps watch until `cancel`, then stops within the configured time.
    pub async fn watch(mut self, cancel: CancellationToken) {
        let (tell, mut freed) = mpsc::unbounded_channel();
        let mut walkers: JoinSet<()> = JoinSet::new();
        let (mut swept, mut queued) = (Instant::now(), Instant::now());
        let catching_up = AbortOnDrop(tokio::spawn(catch_up(self.roster.clone())));
        while !cancel.is_cancelled() {
            self.notice_jumps();
            self.dispatch(&mut walkers, &tell).await;
            self.grant(&mut walkers, &tell);
            if queued.elapsed() >= QUEUE_EVERY {
                queued = Instant::now();
                self.look_at_queue(&mut walkers, &tell).await;
            }
            if swept.elapsed() >= SWEEP_EVERY {
                swept = Instant::now();
                self.sweep().await;
            }
            let (pause, wishes) = (self.until_next(), self.wishes.clone());
            tokio::select! {
                () = cancel.cancelled() => break,
                Some(post) = freed.recv() => self.free(post).await,
                Some(ended) = walkers.join_next() => complain(ended),
                () = Self::asked(wishes.as_ref()) => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.drain(walkers).await;
        for post in 0..self.standings.len() {
            self.free(post).await;
        }
        drop(catching_up);
        let filed = tokio::time::timeout(LAST_TRY_WITHIN, self.roster.clerk.catch_up()).await;
        if !matches!(filed, Ok(Ok(()))) {
            let waiting = self.roster.clerk.backlog.waiting();
            tracing::error!(waiting, "finished walks could not be filed before the end; they are lost");
        }
    }

    /// The walk of a post has ended: what it stood in the way of is told.
    async fn free(&mut self, post: usize) {
        let missed = self.standings[post].free();
        self.roster.board.freed(&self.standings[post].post.journey.id);
        self.roster.clerk.miss(&self.standings[post].post.journey.id, &missed, self.roster.clock.now()).await;
    }

    async fn dispatch(&mut self, walkers: &mut JoinSet<()>, tell: &mpsc::UnboundedSender<usize>) {
        let now = self.roster.clock.now();
        let (most, catch_up) =
            (self.roster.limits.walks_at_once + self.roster.limits.walks_waiting, self.roster.limits.catch_up_within);
        for index in 0..self.standings.len() {
            let standing = &mut self.standings[index];
            if standing.lent {
                continue;
            }
            let mut due = standing.take_due(now, catch_up);
            let journey = standing.post.journey.clone();
            if let Some(slot) = due.walk.take_if(|_| walkers.len() >= most) {
                due.missed.push(Missed { slot, reason: MissReason::Busy });
            }
            self.roster.clerk.miss(&journey.id, &due.missed, now).await;
            let Some(slot) = due.walk else { continue };
            let ticket = Ticket::new(journey, Purpose::Patrol { slot });
            self.send(index, ticket, Some(slot), walkers, tell);
        }
    }

    /// Sends somebody from a post, who stands at it again when the ticket is served.
    fn send(
        &mut self,
        post: usize,
        ticket: Ticket,
        slot: Option<Moment>,
        walkers: &mut JoinSet<()>,
        tell: &mpsc::UnboundedSender<usize>,
    ) {
        self.standings[post].busy = true;
        let (purpose, since, budget) = (ticket.purpose.word(), self.roster.clock.now(), ticket.journey.budget);
        self.roster.board.sent(&ticket.journey.id, Served { purpose, slot, since, seated: None, budget });
        let (freed, roster) = (Freed { post, tell: tell.clone() }, self.roster.clone());
        walkers.spawn(async move {
            match slot {
                Some(slot) => roster.serve(ticket, slot).await,
                None => roster.grant(ticket).await,
            }
            drop(freed);
        });
    }

    /// What people have in hand: walks that show whether it is over, and a word to those who let it lie.
    async fn look_at_queue(&mut self, walkers: &mut JoinSet<()>, tell: &mpsc::UnboundedSender<usize>) {
        let clerk = &self.roster.clerk;
        let in_hand = match clerk.ledger.in_hand(self.errands.from, IN_HAND_MAX).await {
            Ok(in_hand) => in_hand,
            Err(error) => return tracing::error!(%error, "the queue could not be read"),
        };
        // A long queue is looked through page by page.
        self.errands.from = in_hand.last().map(|last| last.id).filter(|_| in_hand.len() >= IN_HAND_MAX as usize);
        if let Err(error) = clerk.escalate(&in_hand, &self.roster.limits.deadlines).await {
            tracing::error!(%error, "overdue incidents could not be escalated");
        }
        if let Err(error) = clerk.take_up_forsaken().await {
            tracing::error!(%error, "duplicates could not be taken up again");
        }
        let (now, verify) = (self.roster.clock.now(), clerk.policy.verify);
        for incident in self.errands.due(&in_hand, now, &verify) {
            let post = self.standings.iter_mut().position(|s| s.post.journey.id == incident.journey && s.spares(now));
            // The last seat is a patrol's.
            let full = walkers.len() + 1 >= self.roster.limits.walks_at_once.max(2);
            let Some(post) = post.filter(|_| !full) else { continue };
            self.errands.tried(incident.id, now);
            let journey = self.standings[post].post.journey.clone();
            let ticket = Ticket::new(journey, Purpose::Verify { of: incident.id });
            self.send(post, ticket, None, walkers, tell);
        }
    }

    fn until_next(&mut self) -> Duration {
        let now = self.roster.clock.now();
        let mut soonest = None;
        for standing in &mut self.standings {
            let next = standing.next();
            let passed_over = standing.passed_over.len();
            self.roster.board.times(&standing.post.journey.id, standing.last, next, passed_over);
            // What waits for the walk that somebody asked for is looked at when that has ended.
            soonest = soonest.into_iter().chain(next.filter(|_| !standing.lent)).min();
        }
        soonest.map_or(TICK, |next| next.since(now)).min(TICK).max(Duration::from_millis(1))
    }

    /// A clock that jumped is told; the schedule goes on from where the clock now is, and the ledger gives no slot twice.
    fn notice_jumps(&mut self) {
        let (wall, monotonic) = (self.roster.clock.now(), Instant::now());
        let expected = self.last_seen.0.after(monotonic - self.last_seen.1);
        let (ahead, behind) = (wall.since(expected), expected.since(wall));
        if behind > JUMP {
            self.roster.walked_until.store(expected.as_millis(), Ordering::Relaxed);
        }
        if ahead.max(behind) > JUMP {
            tracing::warn!(ahead_s = ahead.as_secs(), behind_s = behind.as_secs(), "the clock jumped");
        }
        self.last_seen = (wall, monotonic);
    }

    async fn sweep(&self) {
        match self.roster.clerk.ledger.sweep_slots(self.roster.clock.now()).await {
            Ok(0) => {}
            Ok(lost) => tracing::warn!(lost, "slots of walkers that died were marked as missed"),
            Err(error) => tracing::error!(%error, "slots could not be swept"),
        }
    }

    /// Nothing new begins; walks under way may end by themselves, then they are called off and end with a record.
    async fn drain(&self, mut walkers: JoinSet<()>) {
        let within = self.roster.limits.drain_within;
        let grace = call_off_grace(&self.roster.limits);
        self.roster.stop.cancel();
        self.roster.board.stops();
        if let Some(wishes) = &self.wishes {
            wishes.stops();
        }
        tracing::info!(walks = walkers.len(), "stopping: no new walk begins");
        if ended(&mut walkers, within - grace).await {
            return;
        }
        tracing::warn!(walks = walkers.len(), "walks under way are called off");
        self.roster.call_off.cancel();
        if !ended(&mut walkers, grace).await {
            tracing::error!(
                walks = walkers.len(),
                "walks did not end when called off; their slots will be marked as lost"
            );
            walkers.shutdown().await;
        }
    }
}

/// Why the watch could not be taken up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing to do.
    #[error(transparent)]
    Nothing(#[from] NothingToPatrol),
    /// The ledger did not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Roster {
    /// One ticket from waiting to filed. Every way out leaves a filed walk or a missed slot.
    async fn serve(&self, mut ticket: Ticket, mut slot: Moment) {
        let journey = ticket.journey.clone();
        let seat = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            seat = self.seats.acquire() => seat.ok(),
        };
        let now = self.clock.now();
        let Some(_seat) = seat else {
            return self.clerk.miss(&journey.id, &[Missed { slot, reason: MissReason::Draining }], now).await;
        };
        if now.since(slot) > self.limits.catch_up_within {
            return self.clerk.miss(&journey.id, &[Missed { slot, reason: MissReason::Busy }], now).await;
        }
        let lease = self.walker.account_within + journey.budget + LEASE_SLACK;
        let claim = SlotClaim { journey: journey.id.clone(), slot, holder: self.holder.clone(), now, lease };
        let mut taken = self.clerk.ledger.take_slot(&claim).await;
        if taken == Ok(SlotTaken::AlreadyTaken) && slot.as_millis() <= self.walked_until.load(Ordering::Relaxed) {
            // The clock that was ahead had this time, too. It is another one: a millisecond apart.
            slot = slot.after(Duration::from_millis(1));
            ticket.purpose = Purpose::Patrol { slot };
            taken = self.clerk.ledger.take_slot(&SlotClaim { slot, ..claim }).await;
        }
        let epoch = match taken {
            Ok(SlotTaken::Taken { epoch }) => epoch,
            Ok(SlotTaken::AlreadyTaken) => return,
            Err(error) => {
                tracing::error!(journey = %journey.id, %slot, %error, "a slot could not be taken");
                let missed = Missed { slot, reason: MissReason::Ledger };
                return self.clerk.miss(&journey.id, &[missed], self.clock.now()).await;
            }
        };
        self.walk(&ticket, Some(epoch)).await;
    }

    /// A walk that no slot asks for. Nothing is missed when there is no room for it.
    async fn verify(&self, ticket: Ticket) {
        let seat = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            seat = self.seats.acquire() => seat.ok(),
        };
        if let Some(_seat) = seat {
            self.walk(&ticket, None).await;
        }
    }

    async fn walk(&self, ticket: &Ticket, epoch: Option<i64>) {
        let journey = &ticket.journey;
        self.board.seated(&journey.id, self.clock.now());
        match self.walker.walk_and_file(ticket, epoch, &self.clerk, &self.stop, &self.call_off).await {
            Ok(walks) => {
                for walk in walks {
                    let (verdict, elapsed) = (walk.judged.verdict.word(), walk.record.elapsed.as_millis() as u64);
                    tracing::info!(journey = %journey.id, walk = %walk.record.walk, verdict, elapsed_ms = elapsed, "walked");
                }
            }
            Err(error) => tracing::error!(journey = %journey.id, %error, "a walk is not filed"),
        }
    }
}

fn call_off_grace(limits: &FleetLimits) -> Duration {
    CALL_OFF_GRACE.min(limits.drain_within / 2)
}

/// Files what the ledger did not take, as soon as it does.
async fn catch_up(roster: Arc<Roster>) {
    loop {
        tokio::time::sleep(CATCH_UP_EVERY).await;
        if roster.clerk.backlog.is_empty() {
            continue;
        }
        if let Err(error) = roster.clerk.catch_up().await {
            tracing::warn!(waiting = roster.clerk.backlog.waiting(), %error, "walks still wait to be filed");
        }
    }
}

async fn ended(walkers: &mut JoinSet<()>, within: Duration) -> bool {
    let all = async {
        while let Some(ended) = walkers.join_next().await {
            complain(ended);
        }
    };
    tokio::time::timeout(within, all).await.is_ok()
}

fn complain(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a walker ended in a defect; its slot will be marked as lost");
    }
}
