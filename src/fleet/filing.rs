//! What a walk leaves behind: judged, folded, filed, in one transaction; and kept until the ledger takes it.

use super::backlog::{Backlog, Comer, Unfiled};
use super::{Finished, Herald};
use crate::id::{IncidentId, JourneyId};
use crate::incident::{
    Change, Coming, Delivery, Filed, FiledTogether, Filing, Known, Ledger, LedgerError, Missed, Policy, StepCount,
    WalkRow, Walked, delivery_change, delivery_journey, fold,
};
use crate::moment::{Clock, Moment};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot::error::TryRecvError;

/// How often a filing is folded anew because another process changed the same incident.
const CONFLICTS_MAX: usize = 8;
/// How often a filing is tried again at once when the ledger fails; then it waits in the backlog.
const TRIES_MAX: u32 = 5;
/// How many walks that come at once are filed in one transaction: it keeps everybody else's writes waiting for so long.
const TOGETHER_MAX: usize = 64;
/// The pause after the first failed try; it doubles with each.
const PAUSE: Duration = Duration::from_millis(200);

/// Files walks, one after another: who folds has read what the one before has written. Those that come while others are
/// filed share the next commit. Clones share the backlog.
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
        let mut answered = self.backlog.come(finished, epoch);
        let filed = loop {
            let _turn = self.backlog.turn().await;
            match answered.try_recv() {
                Ok(filed) => break filed,
                Err(TryRecvError::Empty) => self.file_those_who_come().await,
                // Whoever had taken it along was ended on the way.
                Err(TryRecvError::Closed) => answered = self.backlog.come(finished, epoch),
            }
        };
        // Somebody else has the slot: trying again would only be refused again.
        if let Ok(_) | Err(LedgerError::StaleEpoch { .. }) = &filed {
            unfiled.settled();
        }
        filed
    }

    /// Files those who have come by now, the oldest first; only by turn. Each is answered, however it went.
    async fn file_those_who_come(&self) {
        let mut comers = self.backlog.take(TOGETHER_MAX);
        // Behind walks that wait already nobody tries long.
        let tries = if self.backlog.waiting() == 0 { TRIES_MAX } else { 1 };
        for tried in 1.. {
            // What the ledger does not take of those that wait keeps nobody who comes: if it takes nothing, they find out.
            let cleared = self.clear(false).await;
            // What fails together is tried one by one: one of them may be what the ledger does not take.
            let written = match tried {
                1 => self.write_together(&mut comers).await,
                _ => self.write_one_by_one(&mut comers).await,
            };
            match written {
                Ok(()) => {
                    // It takes what it is given: those behind what it does not take wait for nothing.
                    if cleared.is_err() {
                        let _ = self.clear(true).await;
                    }
                    return;
                }
                Err(error) if tried >= tries => {
                    comers.into_iter().for_each(|comer| comer.answer(Err(error.clone())));
                    return;
                }
                Err(error) => {
                    tracing::warn!(walks = comers.len(), %error, "walks could not be filed; trying again");
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
        let cleared = self.clear(false).await;
        while let Some((journey, missed)) = self.backlog.first_missed() {
            self.ledger.miss_slots(&journey, &missed, self.clock.now()).await?;
            self.backlog.drop_missed(&journey);
        }
        cleared
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
            let mut changes = [change];
            let notices = self.herald.notices(&mut changes, now);
            if self.ledger.amend(&changes, &notices, now).await? != Filed::Conflict {
                self.herald.filed(&changes);
                return Ok(());
            }
        }
        Err(LedgerError::Failed(format!("the channel `{channel}` met another change {CONFLICTS_MAX} times")))
    }

    /// Files the backlog's walks, oldest first; one that the ledger does not take keeps none of the others. Only by turn.
    ///
    /// # Errors
    /// When it took neither of two, and is not known to work: what is wrong is not the walk.
    async fn clear(&self, works: bool) -> Result<(), LedgerError> {
        let (mut passed_over, mut taken) = (0, works);
        while let Some((finished, epoch)) = self.backlog.waits(passed_over) {
            let walk = finished.record.walk;
            let (comer, mut answered) = Comer::of(finished, epoch);
            match self.write_together(&mut vec![comer]).await {
                Err(error) if passed_over > 0 && !taken => return Err(error),
                Err(error) => {
                    tracing::error!(%walk, %error, "a walk that waits is not taken");
                    passed_over += 1;
                }
                Ok(()) => {
                    match answered.try_recv() {
                        Ok(Err(stale)) => tracing::warn!(%stale, "a walk that waited is out of date"),
                        _ => tracing::info!(%walk, "a walk that waited was filed"),
                    }
                    taken = true;
                    self.backlog.drop_walk(walk);
                }
            }
        }
        Ok(())
    }

    /// Writes them in as few transactions as it takes, and answers those that are; gives why the others are not.
    async fn write_together(&self, comers: &mut Vec<Comer>) -> Result<(), LedgerError> {
        for _ in 0..CONFLICTS_MAX {
            let walks: Vec<_> = comers.iter().map(|comer| (&comer.finished, comer.epoch)).collect();
            let all = self.try_once(&walks).await;
            let mut failed = None;
            for (comer, filed) in std::mem::take(comers).into_iter().zip(all) {
                match filed {
                    Ok((Filed::Written, changes)) => {
                        self.herald.filed(&changes);
                        comer.answer(Ok(changes));
                    }
                    Ok((Filed::AlreadyThere, _)) => comer.answer(Ok(Vec::new())),
                    Ok((Filed::Conflict, _)) => comers.push(comer),
                    Err(stale @ LedgerError::StaleEpoch { .. }) => comer.answer(Err(stale)),
                    Err(error) => {
                        comers.push(comer);
                        failed = Some(error);
                    }
                }
            }
            match failed {
                Some(error) => return Err(error),
                None if comers.is_empty() => return Ok(()),
                None => {}
            }
        }
        Err(LedgerError::Failed(format!("{} walks met another change {CONFLICTS_MAX} times", comers.len())))
    }

    /// The same, until one fails: it is put behind the others.
    async fn write_one_by_one(&self, comers: &mut Vec<Comer>) -> Result<(), LedgerError> {
        while !comers.is_empty() {
            let mut one = vec![comers.remove(0)];
            if let Err(error) = self.write_together(&mut one).await {
                comers.append(&mut one);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn try_once(&self, walks: &[(&Finished, Option<i64>)]) -> Vec<Result<FiledTogether, LedgerError>> {
        let rows: Vec<WalkRow> = walks.iter().map(|(finished, _)| self.row(finished)).collect();
        let mut coming = Vec::with_capacity(walks.len());
        for (Finished { record, judged }, _) in walks {
            let kin = judged.findings.iter().map(|finding| &finding.kin).collect();
            coming.push(Coming { journey: &record.journey, app: &record.app, kin });
        }
        let fold = |place: usize, known: Known| {
            let ((finished, epoch), now) = (walks[place], self.clock.now());
            let mut changes = self.fold(finished, not_of_the_future(known, finished, now));
            let notices = self.herald.notices(&mut changes, now);
            Filing { walk: rows[place].clone(), epoch, changes, notices, now }
        };
        self.ledger.file_together(&coming, &fold).await
    }

    fn fold(&self, finished: &Finished, known: Known) -> Vec<Change> {
        let (record, judged) = (&finished.record, &finished.judged);
        let (verdict, findings, trouble) = (judged.verdict, &judged.findings, judged.trouble.as_ref());
        let walked = Walked { record, verdict, findings, trouble };
        fold(&known, &walked, &self.policy, &mut IncidentId::fresh)
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
