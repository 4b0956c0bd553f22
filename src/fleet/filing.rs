//! What a walk leaves behind: judged, folded, filed, in one transaction.

use super::{Finished, Herald};
use crate::id::IncidentId;
use crate::incident::{Change, Filed, Filing, Ledger, LedgerError, Policy, WalkRow, Walked, fold};
use crate::moment::Clock;
use std::sync::Arc;
use std::time::Duration;

/// How often a filing is folded anew because somebody else changed the same incident.
const CONFLICTS_MAX: usize = 8;
/// How often a filing is tried again when the ledger fails.
const TRIES_MAX: usize = 5;
/// The pause after the first failed try; it doubles with each.
const PAUSE: Duration = Duration::from_millis(200);

/// Files walks.
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
}

impl Clerk {
    /// Files `finished`; gives what it changed. `epoch` is that of its slot.
    pub async fn file(&self, finished: &Finished, epoch: Option<i64>) -> Result<Vec<Change>, LedgerError> {
        let row = self.row(finished);
        let (mut conflicts, mut failures) = (0, 0);
        loop {
            match self.try_once(finished, &row, epoch).await {
                Ok((Filed::Written, changes)) => {
                    self.herald.filed(&changes);
                    return Ok(changes);
                }
                Ok((Filed::AlreadyThere, _)) => return Ok(Vec::new()),
                Ok((Filed::Conflict, _)) if conflicts < CONFLICTS_MAX => conflicts += 1,
                Ok((Filed::Conflict, _)) => {
                    let said = format!("walk {} met another change {CONFLICTS_MAX} times", finished.record.walk);
                    return Err(LedgerError::Failed(said));
                }
                // Somebody else has the slot: trying again would only be refused again.
                Err(stale @ LedgerError::StaleEpoch { .. }) => return Err(stale),
                Err(error) if failures + 1 >= TRIES_MAX => return Err(error),
                Err(error) => {
                    tracing::warn!(walk = %finished.record.walk, %error, "a walk could not be filed; trying again");
                    tokio::time::sleep(PAUSE * 2_u32.pow(failures as u32)).await;
                    failures += 1;
                }
            }
        }
    }

    async fn try_once(
        &self,
        finished: &Finished,
        row: &WalkRow,
        epoch: Option<i64>,
    ) -> Result<(Filed, Vec<Change>), LedgerError> {
        let known = self.ledger.known(&finished.record.journey).await?;
        let (record, judged) = (&finished.record, &finished.judged);
        let (verdict, findings, trouble) = (judged.verdict, &judged.findings, judged.trouble.as_ref());
        let walked = Walked { record, verdict, findings, trouble };
        let changes = fold(&known, &walked, &self.policy, &mut IncidentId::fresh);
        let now = self.clock.now();
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
            json: self.herald.record(record, judged),
        }
    }
}
