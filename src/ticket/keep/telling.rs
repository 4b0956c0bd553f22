//! A ticket is told what moved.

use super::{Keeper, Kept, Now};
use crate::incident::{LedgerError, Standing};
use crate::ticket::{Doing, Ticket, lasts, paper, plan};

impl Keeper {
    /// Tells `ticket` what it does not know yet.
    pub(super) async fn tell(
        &self,
        kept: &Kept,
        mut ticket: Ticket,
        key: &str,
        incident: Now<'_>,
    ) -> Result<(), LedgerError> {
        let system = &kept.system;
        let news = self.book.news(ticket.incident, ticket.told).await?;
        let told = news.last().map_or(ticket.told, |(seq, _)| *seq);
        if system.follows() {
            let own = format!("system:{}", system.name());
            for (seq, happening) in news.into_iter().filter(|(_, h)| h.actor != own) {
                if let Err(error) =
                    self.within(kept, system.pass(&happening.filed(&self.tags).placed(&self.place))).await
                {
                    return self.failed(kept, ticket, error).await;
                }
                // Each by itself: what was accepted is not sent again because the next one is not.
                ticket.told = seq;
                ticket = self.put(kept, ticket).await?;
            }
            return self.done(kept, ticket, told, incident).await;
        }
        let doings = plan(&kept.rule, &ticket, incident, &news, self.voice.language);
        let came_back = news.iter().any(|(_, happening)| happening.what() == "reopened");
        let closed_early = ticket.done && lasts(incident);
        let paper = paper(incident, &self.tags, &self.voice, &self.place, self.clock.now());
        for doing in doings {
            let done = match doing {
                // Whoever closed it would see it come back, and close it again, and again. What did come back is told.
                Doing::Comment(_) if ticket.done && closed_early && !came_back && system.comment_reopens() => Ok(()),
                Doing::Comment(text) => self.within(kept, system.comment(key, &paper, &text)).await,
                Doing::Turn(turn) => match self.within(kept, system.turn(key, turn, &paper)).await {
                    Ok(seen) => {
                        // On record at once: what the robot did itself is no news when it is seen.
                        ticket.stands(&seen, self.clock.now());
                        ticket = self.put(kept, ticket).await?;
                        Ok(())
                    }
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = done {
                return self.failed(kept, ticket, error).await;
            }
        }
        ticket.answered = (ticket.answered || closed_early) && !came_back;
        self.done(kept, ticket, told, incident).await
    }

    /// Everything was told up to `told`.
    async fn done(&self, kept: &Kept, mut ticket: Ticket, told: u64, incident: Now<'_>) -> Result<(), LedgerError> {
        (ticket.told, ticket.due, ticket.tries, ticket.said) = (told, None, 0, None);
        ticket.over = incident.standing() == Standing::Closed;
        self.put(kept, ticket).await.map(drop)
    }
}
