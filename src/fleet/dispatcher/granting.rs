//! Walks that people asked for, beside those of the schedule: in the same seats, and never two of a journey at once.
//!
//! Who waits at a page waits in the same line for a seat as a due walk. A due time of the same journey that comes meanwhile
//! is not missed for it: it waits until the asked walk has ended, and is walked then while it is fresh, before any other wish.

use super::{Dispatcher, Roster};
use crate::fleet::{Ticket, WishEnd, Wishes};
use crate::id::JourneyId;
use crate::walk::Purpose;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

impl Dispatcher {
    /// Grants what people ask for by `wishes` while it keeps watch.
    #[must_use]
    pub fn granting(mut self, wishes: Wishes) -> Self {
        wishes.opened(self.standings.iter().map(|standing| standing.post.journey.clone()));
        self.wishes = Some(wishes);
        self
    }

    /// Until somebody asks for a walk; for ever where nobody can.
    pub(super) async fn asked(wishes: Option<&Wishes>) {
        match wishes {
            Some(wishes) => wishes.came().await,
            None => std::future::pending().await,
        }
    }

    /// Sends walkers for what people asked for, as far as there is room.
    pub(super) fn grant(&mut self, walkers: &mut JoinSet<()>, tell: &mpsc::UnboundedSender<usize>) {
        let Some(wishes) = self.wishes.clone() else { return };
        let limits = &self.roster.limits;
        wishes.expire(limits.catch_up_within);
        // Half of the seats are the schedule's, whoever asks.
        let (most, room) = ((limits.walks_at_once / 2).max(1), limits.walks_at_once + limits.walks_waiting);
        // The last waiting place is a due walk's.
        while walkers.len() + 1 < room {
            let standings = &self.standings;
            let post_of = |journey: &JourneyId| standings.iter().position(|s| s.post.journey.id == *journey && !s.busy);
            let Some((look, onlooker)) = wishes.take(most, |journey| post_of(journey).is_some()) else { return };
            let Some(post) = post_of(&look.journey) else { return };
            let Some(by) = look.by.first().cloned() else { return };
            let journey = self.standings[post].post.journey.clone();
            let purpose = Purpose::Asked { by, of: look.of.first().copied() };
            let ticket = Ticket { onlooker: Some(Arc::new(onlooker)), ..Ticket::new(journey, purpose) };
            self.standings[post].lent = true;
            self.send(post, ticket, None, walkers, tell);
        }
    }
}

impl Roster {
    /// A walk that somebody looks on at. Every way out tells them how it ended.
    pub(super) async fn grant(&self, ticket: Ticket) {
        let Some(onlooker) = ticket.onlooker.clone() else { return self.verify(ticket).await };
        let seat = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            seat = self.seats.acquire() => seat.ok(),
        };
        let Some(_seat) = seat else { return onlooker.ended(WishEnd::Stopped) };
        onlooker.seated();
        self.walk(&ticket, None).await;
        // What was filed said so already.
        onlooker.ended(WishEnd::Unfiled);
    }
}
