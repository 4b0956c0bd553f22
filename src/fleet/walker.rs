//! One walk from ticket to filed record; panics stop at its border.

use super::{Clerk, Control, Customers, Experience, Lease, Leases, Onlooker, Order, Unleased, Walks, doubt, stillborn};
use crate::detector::{Judged, judge};
use crate::id::WalkId;
use crate::incident::{Change, LedgerError, confirmation_wanted};
use crate::journey::Journey;
use crate::moment::{Clock, Moment};
use crate::walk::{Purpose, TestCustomer, Trouble, TroubleKind, WalkRecord};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a walk that is called off may take to end by itself, as a rule.
pub const CALL_OFF_WITHIN: Duration = Duration::from_secs(8);

/// Walks made at once because of a suspicion: two, which with the first are as many as any suspicion wants.
pub(super) const CONFIRMATIONS_MAX: u32 = 2;

/// An order to walk.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The journey, as it was when the ticket was written: editing it changes the next walk, not this one.
    pub journey: Arc<Journey>,
    /// Why.
    pub purpose: Purpose,
    /// Who asked for it and looks on: at its first walk, not at those that confirm what it saw.
    pub onlooker: Option<Arc<Onlooker>>,
}

impl Ticket {
    /// An order that nobody looks on at.
    pub fn new(journey: Arc<Journey>, purpose: Purpose) -> Self {
        Self { journey, purpose, onlooker: None }
    }

    /// Tells who looks on that its walk is in the ledger.
    fn filed(&self, finished: &Finished, changes: &[Change]) {
        if let Some(onlooker) = &self.onlooker {
            onlooker.filed(finished, changes);
        }
    }

    /// The same, to see whether what `first` saw holds.
    fn confirming(&self, first: WalkId) -> Self {
        Self::new(self.journey.clone(), Purpose::Confirm { of: first })
    }
}

/// A walk with what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Its record.
    pub record: WalkRecord,
    /// What the detectors say.
    pub judged: Judged,
}

/// Makes walks. Cheap to clone; clones share the leases.
#[derive(Clone)]
pub struct Walker {
    /// Who walks.
    pub walks: Arc<dyn Walks>,
    /// Where test customers come from.
    pub customers: Arc<dyn Customers>,
    /// Who has which.
    pub leases: Leases,
    /// How long a walk may wait for one.
    pub account_within: Duration,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whether something newly suspected is walked again at once.
    pub confirms: bool,
    /// How long a walk that is called off may take to end by itself; then it is given up, and its record says so.
    pub call_off_within: Duration,
    /// What earlier walks have taught; without it, each walk is judged by itself.
    pub experience: Option<Experience>,
    /// Asked before an app that answers nothing is blamed; without it, it is.
    pub control: Option<Arc<dyn Control>>,
}

impl Walker {
    /// Walks a ticket, and once more in a fresh lane when something failing was found. Nothing is filed; each walk is
    /// shown to `told` when it ends.
    pub async fn walk_and_confirm(
        &self,
        ticket: &Ticket,
        told: &(dyn Fn(&Finished) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Vec<Finished> {
        let lease = match self.lease(&ticket.journey, cancel).await {
            Ok(lease) => lease,
            Err(trouble) => {
                let lost = self.lost(&self.order(ticket), self.clock.now(), trouble);
                told(&lost);
                return vec![lost];
            }
        };
        let first = self.walk_as(ticket, lease.as_ref(), cancel).await;
        told(&first);
        if !self.confirms || cancel.is_cancelled() || !first.judged.findings.iter().any(|finding| finding.failing) {
            return vec![first];
        }
        let again = ticket.confirming(first.record.walk);
        let second = self.walk_as(&again, lease.as_ref(), cancel).await;
        told(&second);
        vec![first, second]
    }

    /// Walks a ticket and files it; walks and files again while what it saw wants more walks to show it and none is to
    /// `stop`. In their order.
    pub async fn walk_and_file(
        &self,
        ticket: &Ticket,
        epoch: Option<i64>,
        clerk: &Clerk,
        stop: &CancellationToken,
        cancel: &CancellationToken,
    ) -> Result<Vec<Finished>, LedgerError> {
        let lease = match self.lease(&ticket.journey, cancel).await {
            Ok(lease) => lease,
            Err(trouble) => {
                let lost = self.lost(&self.order(ticket), self.clock.now(), trouble);
                let changes = clerk.file(&lost, epoch).await?;
                ticket.filed(&lost, &changes);
                return Ok(vec![lost]);
            }
        };
        let first = self.walk_as(ticket, lease.as_ref(), cancel).await;
        let mut changes = clerk.file(&first, epoch).await?;
        ticket.filed(&first, &changes);
        // The same customer, a fresh lane: what was one lane's bad luck does not come back.
        let again = ticket.confirming(first.record.walk);
        let mut walked = vec![first];
        while let Some(last) = walked.last()
            && self.confirms
            && !(stop.is_cancelled() || cancel.is_cancelled())
            && walked.len() <= CONFIRMATIONS_MAX as usize
            && confirmation_wanted(&last.record, &last.judged.findings, &changes)
        {
            let next = self.walk_as(&again, lease.as_ref(), cancel).await;
            changes = clerk.file(&next, None).await?;
            walked.push(next);
        }
        Ok(walked)
    }

    async fn lease(&self, journey: &Journey, cancel: &CancellationToken) -> Result<Option<Lease>, Trouble> {
        let Some(pool) = &journey.account else { return Ok(None) };
        let names = self.customers.names(pool);
        let leased = self.leases.lease(pool, &names, self.account_within, cancel).await;
        leased.map(Some).map_err(|unleased| {
            let kind = if unleased == Unleased::Cancelled { TroubleKind::Cancelled } else { TroubleKind::Account };
            Trouble { kind, said: unleased.to_string() }
        })
    }

    async fn walk_as(&self, ticket: &Ticket, lease: Option<&Lease>, cancel: &CancellationToken) -> Finished {
        let started = self.clock.now();
        let mut order = self.order(ticket);
        if let (Some(lease), Some(pool)) = (lease, &ticket.journey.account) {
            match self.patiently(self.open(pool, lease.name()), cancel).await {
                Some(Ok(account)) => order.account = Some(account),
                Some(Err(trouble)) => return self.lost(&order, started, trouble),
                None => return self.given_up(&order, started),
            }
        }
        // On a task of its own, so that a panic ends this walk and nothing else.
        let walks = self.walks.clone();
        let (walked, token) = (order.clone(), cancel.clone());
        let mut task = AbortOnDrop(tokio::spawn(async move { walks.walk(walked, token).await }));
        match self.patiently(&mut task.0, cancel).await {
            Some(Ok(mut record)) => {
                record.customer = self.customer(ticket, lease);
                let finished = match &self.experience {
                    Some(experience) => experience.judge(record).await,
                    None => finished(record),
                };
                self.doubted(finished, cancel).await
            }
            None => self.given_up(&order, started),
            Some(Err(error)) => {
                let panic = error.try_into_panic().ok().map(|payload| words_of(payload.as_ref()));
                let said = panic.unwrap_or_else(|| "the walk was ended by force".into());
                tracing::error!(journey = %ticket.journey.id, said, "a walk panicked");
                self.lost(&order, started, Trouble { kind: TroubleKind::Defect, said })
            }
        }
    }

    /// Whom it was walked as.
    fn customer(&self, ticket: &Ticket, lease: Option<&Lease>) -> Option<TestCustomer> {
        let (lease, pool) = (lease?, ticket.journey.account.as_ref()?);
        Some(TestCustomer { name: lease.name().to_owned(), of: self.customers.names(pool).len() })
    }

    /// The walk as it is, or set aside where nothing else can be reached either. Who is called off asks no longer.
    async fn doubted(&self, finished: Finished, cancel: &CancellationToken) -> Finished {
        let Some(control) = self.control.as_ref().filter(|_| doubt::doubtful(&finished)) else { return finished };
        let blind = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            blind = control.blind() => blind,
        };
        match blind {
            Some(why) => doubt::aside(finished, &why),
            None => finished,
        }
    }

    /// What `work` gives, or nothing when it was called off and still did not end.
    async fn patiently<T>(&self, work: impl Future<Output = T>, cancel: &CancellationToken) -> Option<T> {
        let given_up = async {
            cancel.cancelled().await;
            tokio::time::sleep(self.call_off_within).await;
        };
        tokio::select! {
            biased;
            done = work => Some(done),
            () = given_up => None,
        }
    }

    fn given_up(&self, order: &Order, started: Moment) -> Finished {
        let waited_s = self.call_off_within.as_secs_f64();
        let said = format!("the walk was called off, did not end within {waited_s:.1} s and was given up");
        tracing::error!(journey = %order.journey.id, walk = %order.walk, said);
        self.lost(order, started, Trouble { kind: TroubleKind::Cancelled, said })
    }

    async fn open(&self, pool: &str, name: &str) -> Result<crate::walk::port::Account, Trouble> {
        let (customers, pool, name) = (self.customers.clone(), pool.to_owned(), name.to_owned());
        // Secrets may come from a command: not on a thread that other walks need.
        let opened = tokio::task::spawn_blocking(move || customers.open(&pool, &name)).await;
        opened.unwrap_or_else(|error| Err(Trouble { kind: TroubleKind::Secret, said: error.to_string() }))
    }

    fn order(&self, ticket: &Ticket) -> Order {
        let walk = WalkId::fresh();
        if let Some(onlooker) = &ticket.onlooker {
            onlooker.named(walk);
        }
        let (journey, purpose, onlooker) = (ticket.journey.clone(), ticket.purpose.clone(), ticket.onlooker.clone());
        Order { walk, journey, purpose, account: None, onlooker }
    }

    fn lost(&self, order: &Order, started: Moment, trouble: Trouble) -> Finished {
        let elapsed = self.clock.now().since(started);
        let base = self.walks.base_of(&order.journey.app);
        finished(stillborn(order, base, started, elapsed, trouble))
    }
}

/// A task that ends with its owner, so that a walk whose walker is ended by force does not go on alone.
pub(super) struct AbortOnDrop<T>(pub tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn finished(record: WalkRecord) -> Finished {
    let judged = judge(&record);
    Finished { record, judged }
}

fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("a defect of the robot: {}", text.unwrap_or("it panicked without a word"))
}
