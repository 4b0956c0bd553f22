//! A ticket is made: looked for first, asked for on record, so that whoever dies in between makes no second one.

use super::{Keeper, Kept, Now, after_work};
use crate::alert::{SendError, SendFailure};
use crate::incident::LedgerError;
use crate::ticket::{Category, Opened, Paper, Ticket, Turn, adopted, paper};

/// The longest name of a ticket and address of its page that are kept.
const KEY_CHARS_MAX: usize = 200;
const URL_CHARS_MAX: usize = 2_000;

impl Keeper {
    /// Makes the ticket of `incident`, or finds it.
    pub(super) async fn open(&self, kept: &Kept, mut ticket: Ticket, incident: Now<'_>) -> Result<(), LedgerError> {
        let (now, system) = (self.clock.now(), &kept.system);
        let after_work = after_work(incident, now, &self.maintenance.around(now));
        if after_work.is_some() || !kept.rule.wants(incident, now) {
            // Nothing stale is opened. When it moves, its mute ends, or a walk has seen it behind the window, it is looked at again.
            let muted = incident.handling.mute.as_ref().map(|mute| mute.until).filter(|until| *until > now);
            let due = muted.max(after_work);
            (ticket.due, ticket.over) = (due, due.is_none());
            return self.put(kept, ticket).await.map(drop);
        }
        if system.is_searched()
            && let Some(found) = ticket.asked.map(|asked| asked.after(self.limits.found_after))
            && found > now
        {
            return self.put(kept, Ticket { due: Some(found), ..ticket }).await.map(drop);
        }
        let news = self.book.news(ticket.incident, 0).await?;
        let told = news.last().map_or(0, |(seq, _)| *seq);
        let paper = paper(incident, &self.tags, &self.voice, &self.place, now);
        match self.within(kept, system.find(&paper)).await {
            Ok(found) => {
                if let Some(found) = adopted(&kept.rule, &found, now) {
                    return self.adopt(kept, ticket, found, &paper, told).await;
                }
            }
            Err(error) => return self.failed(kept, ticket, error).await,
        }
        ticket.asked = Some(now);
        ticket = self.put(kept, ticket).await?;
        match self.within(kept, system.open(&paper)).await {
            Ok(opened) => self.opened(kept, ticket, &opened, told).await,
            Err(error) => {
                if error.failure == SendFailure::Refused {
                    ticket.asked = None;
                }
                self.failed(kept, ticket, error).await
            }
        }
    }

    /// Goes on with a ticket that is there already.
    async fn adopt(
        &self,
        kept: &Kept,
        ticket: Ticket,
        found: &Opened,
        paper: &Paper,
        told: u64,
    ) -> Result<(), LedgerError> {
        let ended = found.seen.as_ref().is_some_and(|seen| seen.category == Category::Done);
        if !ended {
            return self.opened(kept, ticket, found, told).await;
        }
        let turned: Result<_, SendError> =
            self.within(kept, kept.system.turn(&found.ticket, Turn::Reopen, paper)).await;
        match turned {
            Ok(seen) => self.opened(kept, ticket, &Opened { seen: Some(seen), ..found.clone() }, told).await,
            Err(error) => self.failed(kept, ticket, error).await,
        }
    }

    async fn opened(&self, kept: &Kept, mut ticket: Ticket, opened: &Opened, told: u64) -> Result<(), LedgerError> {
        let now = self.clock.now();
        tracing::info!(
            system = kept.system.name(),
            incident = %ticket.incident,
            ticket = opened.ticket,
            "an incident has its ticket"
        );
        ticket.key = Some(crate::alert::one_line(&opened.ticket, KEY_CHARS_MAX));
        ticket.url = opened.url.clone().filter(|url| url.len() <= URL_CHARS_MAX);
        (ticket.asked, ticket.tries, ticket.said) = (None, 0, None);
        ticket.looked = now;
        if let Some(seen) = &opened.seen {
            ticket.stands(seen, now);
        }
        // Who wants every move gets every move; whoever reads a description knows of those before it.
        ticket.told = if kept.system.follows() { 0 } else { told };
        ticket.due = Some(now);
        self.put(kept, ticket).await.map(drop)
    }
}
