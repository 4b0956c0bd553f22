//! What a walk leaves behind: judged, folded, filed, in one transaction; and kept until the ledger takes it.

use super::backlog::{Backlog, Unfiled};
use super::{Finished, Herald};
use crate::id::{IncidentId, JourneyId};
use crate::incident::{
    Change, Delivery, Filed, Filing, Known, Ledger, LedgerError, Missed, Policy, StepCount, WalkRow, Walked,
    delivery_change, delivery_journey, fold,
};
use crate::moment::{Clock, Moment};
use std::sync::Arc;
use std::time::Duration;

/// How often a filing is folded anew because another process changed the same incident.
const CONFLICTS_MAX: usize = 8;
/// How often a filing is tried again at once when the ledger fails; then it waits in the backlog.
const TRIES_MAX: u32 = 5;
/// The pause after the first failed try; it doubles with each.
const PAUSE: Duration = Duration::from_millis(200);

/// Files walks, one at a time: who folds has read what the one before has written. Clones share the backlog.
#[derive(Clone)]
pub struct Clerk {
    /// Where to.
    pub ledger: Arc<dyn Ledger>,
    /// Who writes the record and whom to tell.
    pub herald: Arc<dyn Herald>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What the fold is told.
    pub policy: Policy,
    /// What the ledger did not take yet.
    pub backlog: Backlog,
}

impl Clerk {
    /// Files `finished`; gives what it changed. `epoch` is that of its slot.
    ///
    /// # Errors
    /// When its slot was given to another meanwhile, or when the ledger fails: then the walk waits in the backlog,
    /// and `catch_up` files it. So it does when whoever files is ended by force.
    pub async fn file(&self, finished: &Finished, epoch: Option<i64>) -> Result<Vec<Change>, LedgerError> {
        let mut unfiled = Unfiled::new(&self.backlog, finished, epoch);
        let _turn = self.backlog.turn().await;
        // Behind walks that wait already nobody tries long.
        let tries = if self.backlog.waiting() == 0 { TRIES_MAX } else { 1 };
        let mut tried = 0;
        loop {
            let written = match self.clear().await {
                Ok(()) => self.write(finished, epoch).await,
                Err(error) => Err(error),
            };
            tried += 1;
            match written {
                Ok(changes) => {
                    unfiled.settled();
                    return Ok(changes);
                }
                // Somebody else has the slot: trying again would only be refused again.
                Err(stale @ LedgerError::StaleEpoch { .. }) => {
                    unfiled.settled();
                    return Err(stale);
                }
                Err(error) if tried >= tries => return Err(error),
                Err(error) => {
                    tracing::warn!(walk = %finished.record.walk, %error, "a walk could not be filed; trying again");
                    tokio::time::sleep(PAUSE * 2_u32.pow(tried - 1)).await;
                }
            }
        }
    }

    /// Records due times that nobody walked; they wait in the backlog when the ledger fails.
    pub async fn miss(&self, journey: &JourneyId, missed: &[Missed], now: Moment) {
        if missed.is_empty() {
            return;
        }
        tracing::warn!(%journey, slots = missed.len(), reason = missed[0].reason.word(), "missed");
        if let Err(error) = self.ledger.miss_slots(journey, missed, now).await {
            tracing::error!(%journey, %error, "missed slots could not be recorded; they are kept until they can");
            self.backlog.keep_missed(journey, missed);
        }
    }

    /// Files what waits in the backlog.
    ///
    /// # Errors
    /// When the ledger still fails; what is left goes on waiting.
    pub async fn catch_up(&self) -> Result<(), LedgerError> {
        let _turn = self.backlog.turn().await;
        self.clear().await?;
        while let Some((journey, missed)) = self.backlog.first_missed() {
            self.ledger.miss_slots(&journey, &missed, self.clock.now()).await?;
            self.backlog.drop_missed(&journey);
        }
        Ok(())
    }

    /// Files how a channel fares.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn delivery(&self, channel: &str, delivery: Delivery<'_>) -> Result<(), LedgerError> {
        let _turn = self.backlog.turn().await;
        for _ in 0..CONFLICTS_MAX {
            let (known, now) = (self.ledger.known(&delivery_journey(), "", &[]).await?, self.clock.now());
            let Some(change) = delivery_change(&known, channel, delivery, now, &mut IncidentId::fresh) else {
                return Ok(());
            };
            let changes = [change];
            let notices = self.herald.notices(&changes, now);
            if self.ledger.amend(&changes, &notices, now).await? != Filed::Conflict {
                self.herald.filed(&changes);
                return Ok(());
            }
        }
        Err(LedgerError::Failed(format!("the channel `{channel}` met another change {CONFLICTS_MAX} times")))
    }

    /// Files the backlog's walks, oldest first. Only by turn.
    async fn clear(&self) -> Result<(), LedgerError> {
        while let Some((finished, epoch)) = self.backlog.first() {
            match self.write(&finished, epoch).await {
                Ok(_) => tracing::info!(walk = %finished.record.walk, "a walk that waited was filed"),
                Err(stale @ LedgerError::StaleEpoch { .. }) => {
                    tracing::warn!(%stale, "a walk that waited is out of date")
                }
                Err(error) => return Err(error),
            }
            self.backlog.drop_walk(finished.record.walk);
        }
        Ok(())
    }

    /// Writes a walk, folded anew when another process was quicker. Only by turn.
    async fn write(&self, finished: &Finished, epoch: Option<i64>) -> Result<Vec<Change>, LedgerError> {
        let row = self.row(finished);
        for _ in 0..CONFLICTS_MAX {
            match self.try_once(finished, &row, epoch).await? {
                (Filed::Written, changes) => {
                    self.herald.filed(&changes);
                    return Ok(changes);
                }
                (Filed::AlreadyThere, _) => return Ok(Vec::new()),
                (Filed::Conflict, _) => {}
            }
        }
        Err(LedgerError::Failed(format!("walk {} met another change {CONFLICTS_MAX} times", finished.record.walk)))
    }

    async fn try_once(
        &self,
        finished: &Finished,
        row: &WalkRow,
        epoch: Option<i64>,
    ) -> Result<(Filed, Vec<Change>), LedgerError> {
        let now = self.clock.now();
        let (record, judged) = (&finished.record, &finished.judged);
        let kin: Vec<_> = judged.findings.iter().map(|finding| &finding.kin).collect();
        let known = not_of_the_future(self.ledger.known(&record.journey, &record.app, &kin).await?, finished, now);
        let (verdict, findings, trouble) = (judged.verdict, &judged.findings, judged.trouble.as_ref());
        let walked = Walked { record, verdict, findings, trouble };
        let changes = fold(&known, &walked, &self.policy, &mut IncidentId::fresh);
        let notices = self.herald.notices(&changes, now);
        let filing = Filing { walk: row.clone(), epoch, changes, notices, now };
        let filed = self.ledger.file(&filing).await?;
        Ok((filed, filing.changes))
    }

    fn row(&self, finished: &Finished) -> WalkRow {
        let (record, judged) = (&finished.record, &finished.judged);
        WalkRow {
            walk: record.walk,
            journey: record.journey.clone(),
            title: record.title.clone(),
            app: record.app.clone(),
            device: record.device.clone(),
            purpose: record.purpose.clone(),
            started: record.started,
            elapsed: record.elapsed,
            verdict: judged.verdict,
            class: judged.class,
            attribution: judged.attribution,
            steps: StepCount::of(record.steps.iter().map(|step| &step.outcome)),
            json: self.herald.record(record, judged),
        }
    }
}

/// A stamp that lies in the future is of a clock that was wrong and has been put right: it must not make every walk
/// look old until the clock gets there again.
fn not_of_the_future(mut known: Known, finished: &Finished, now: Moment) -> Known {
    for incident in known.incidents.iter_mut().filter(|incident| incident.judged.0 > now) {
        incident.judged.0 = Moment::from_millis(finished.record.started.as_millis() - 1);
    }
    known
}
