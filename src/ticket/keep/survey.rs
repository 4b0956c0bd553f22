//! Incidents that were open before the keeping began, or before its rule was as it is now: nothing moves them, so they are
//! looked for once, page by page, and get their tickets one after another.

use super::{Keeper, wanted};
use crate::incident::{LedgerError, QueueFilter, QueueOrder, QueuePlace, QueueQuery, Standing};
use crate::moment::Moment;
use crate::ticket::Ticket;

/// Incidents looked at in one round.
const LOOKED_AT_ONCE: u32 = 100;

/// How far the looking has come.
#[derive(Debug, Default)]
pub struct Survey {
    after: Option<QueuePlace>,
    /// When the last of the tickets that were found wanting is due.
    last: Option<Moment>,
    over: bool,
}

impl Survey {
    /// Whether everything was looked at.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

impl Keeper {
    /// Looks at the next page of what is open, until all of it was looked at.
    ///
    /// # Errors
    /// When the ledger fails; the page is looked at again.
    pub async fn survey(&self, name: &str, survey: &mut Survey) -> Result<(), LedgerError> {
        let Some(kept) = self.systems.get(name).filter(|_| !survey.over) else { return Ok(()) };
        let query = QueueQuery {
            filter: QueueFilter::default(),
            standings: Standing::OPEN.to_vec(),
            order: QueueOrder::Longest,
            after: survey.after.clone(),
            limit: LOOKED_AT_ONCE,
        };
        let page = self.archive.queue(&query).await?;
        let tickets = {
            let _pen = kept.pen.hold().await;
            let mut tickets = Vec::new();
            for incident in &page.incidents {
                if self.book.ticket(name, incident.id).await?.is_none() {
                    let now = self.clock.now();
                    tickets.extend(wanted(kept, incident, now, &self.maintenance.around(now)));
                }
            }
            let tickets: Vec<Ticket> = tickets.into_iter().map(|ticket| self.in_turn(survey, ticket)).collect();
            self.book.gather(name, &tickets, self.book.cursor(name).await?).await?;
            tickets.len()
        };
        if tickets > 0 {
            tracing::info!(system = name, tickets, "incidents that were open before get their tickets");
        }
        (survey.over, survey.after) = (page.next.is_none(), page.next);
        Ok(())
    }

    /// `ticket`, due when those before it had their time.
    fn in_turn(&self, survey: &mut Survey, ticket: Ticket) -> Ticket {
        let turn = survey.last.map_or(self.clock.now(), |last| last.after(self.limits.catch_up_every));
        survey.last = Some(turn);
        Ticket { due: ticket.due.map(|due| due.max(turn)), ..ticket }
    }
}
