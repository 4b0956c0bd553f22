//! Where people's deeds are done: in turn with the walks that are filed, so that neither overwrites the other.

use super::Clerk;
use crate::actor::Actor;
use crate::id::IncidentId;
use crate::incident::{
    Archive, Asked, Change, Deadlines, Deed, DeedError, Deeds, Filed, Incident, LedgerError, act, escalated,
};
use async_trait::async_trait;
use std::sync::Arc;

/// How often a deed is done anew because another process changed the same incident.
const CONFLICTS_MAX: usize = 8;

/// Incidents escalated in one look at the queue at most.
const ESCALATED_AT_ONCE_MAX: usize = 20;

/// Duplicates looked at in one look at the queue at most.
const FORSAKEN_MAX: u32 = 200;

/// The queue's desk.
pub struct Desk {
    /// Who writes.
    pub clerk: Clerk,
    /// Where incidents are read.
    pub archive: Arc<dyn Archive>,
}

#[async_trait]
impl Deeds for Desk {
    async fn act(&self, incident: IncidentId, deed: Deed, by: Actor, why: &str) -> Result<Change, DeedError> {
        let _turn = self.clerk.backlog.turn().await;
        for _ in 0..CONFLICTS_MAX {
            let before = self.read(incident).await?.ok_or(DeedError::Absent)?;
            let original = match &deed {
                Deed::CallDuplicate { of } => self.read(*of).await?,
                _ => None,
            };
            let asked = Asked { deed: deed.clone(), by: by.clone(), why: why.to_owned(), at: self.clerk.clock.now() };
            let change = act(&before, &asked, original.as_ref())?;
            if self.clerk.amend(&change).await? {
                return Ok(change);
            }
        }
        Err(LedgerError::Failed(format!("incident {incident} met another change {CONFLICTS_MAX} times")).into())
    }
}

impl Desk {
    async fn read(&self, incident: IncidentId) -> Result<Option<Incident>, LedgerError> {
        Ok(self.archive.incident(incident).await?.map(|file| file.incident))
    }
}

impl Clerk {
    /// Escalates those of `in_hand` that were not taken up or mended in time, once for each.
    ///
    /// # Errors
    /// When the ledger fails; what is left is escalated next time.
    pub(super) async fn escalate(&self, in_hand: &[Incident], deadlines: &Deadlines) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let windows = self.herald.windows(now);
        let mut told = 0;
        for incident in in_hand {
            // What was overlooked for long is told bit by bit: walks are filed in between.
            if told >= ESCALATED_AT_ONCE_MAX {
                break;
            }
            let still = incident.standstill(&windows);
            let overdue = incident.overdue(now, deadlines, &still).filter(|o| o.level() > incident.handling.escalated);
            // Who was late already when work began is told behind it; of what opened meanwhile, once a walk has seen it there.
            let waits = still.holds(now) || incident.handling.is_unheard();
            if let Some(overdue) = overdue.filter(|_| !incident.handling.is_muted(now) && !waits) {
                let _turn = self.backlog.turn().await;
                told += 1;
                // Changed meanwhile: it is looked at again soon.
                self.amend(&escalated(incident, overdue, now)).await?;
            }
        }
        Ok(())
    }

    /// Takes up again what people left to another incident that is over by now, while walks still meet it.
    ///
    /// # Errors
    /// When the ledger fails; what is left is taken up next time.
    pub(super) async fn take_up_forsaken(&self) -> Result<(), LedgerError> {
        for duplicate in self.ledger.forsaken(FORSAKEN_MAX).await? {
            let _turn = self.backlog.turn().await;
            let (deed, by, at) = (Deed::TakeUp, Actor::Robot, self.clock.now());
            let asked = Asked {
                deed,
                by,
                at,
                why: "原事件已关闭，走查仍然遇到 / its original is closed, and walks still meet it".into(),
            };
            if let Ok(change) = act(&duplicate, &asked, None) {
                // Changed meanwhile: it is looked at again soon.
                self.amend(&change).await?;
            }
        }
        Ok(())
    }

    /// Writes a change that no walk brought about, and whom to tell of it. Only by turn; `false` when the incident is no
    /// longer what the change was made of.
    async fn amend(&self, change: &Change) -> Result<bool, LedgerError> {
        let (mut changes, now) = ([change.clone()], self.clock.now());
        let notices = self.herald.notices(&mut changes, now);
        let written = self.ledger.amend(&changes, &notices, now).await? != Filed::Conflict;
        if written {
            self.herald.filed(&changes);
        }
        Ok(written)
    }
}
