//! What the fleet does now, for people to look at: who walks, who waits, what falls due next. Nothing is decided by it.

use crate::id::JourneyId;
use crate::moment::Moment;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The board on the fleet's wall. Clones are the same board.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<BoardLook>>);

/// What stands on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardLook {
    /// The walker's name in the ledger.
    pub holder: String,
    /// Walks that can be made at once.
    pub seats: usize,
    /// Due walks that may wait for a seat.
    pub waiting_max: usize,
    /// Every journey on the watch.
    pub posts: BTreeMap<JourneyId, PostLook>,
    /// Whether no new walk begins.
    pub stopping: bool,
}

/// One journey on the watch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostLook {
    /// The last due time that was dealt with.
    pub last: Option<Moment>,
    /// The next.
    pub next: Option<Moment>,
    /// Due times that its walk stands in the way of.
    pub passed_over: usize,
    /// Its ticket, while it is served.
    pub served: Option<Served>,
}

/// A ticket that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The purpose's word.
    pub purpose: &'static str,
    /// The due time it is for, where it is for one.
    pub slot: Option<Moment>,
    /// When it was written.
    pub since: Moment,
    /// When it got a seat; until then it waits for one.
    pub seated: Option<Moment>,
    /// What its walk may take.
    pub budget: Duration,
}

impl BoardLook {
    /// Tickets that have a seat.
    pub fn seated(&self) -> usize {
        self.posts.values().filter(|post| post.served.as_ref().is_some_and(|served| served.seated.is_some())).count()
    }

    /// Tickets that wait for one.
    pub fn waiting(&self) -> usize {
        self.posts.values().filter(|post| post.served.as_ref().is_some_and(|served| served.seated.is_none())).count()
    }
}

impl Board {
    /// What stands there now.
    pub fn look(&self) -> BoardLook {
        self.lock().clone()
    }

    pub(super) fn opened(&self, holder: &str, seats: usize, waiting_max: usize) {
        let mut look = self.lock();
        holder.clone_into(&mut look.holder);
        (look.seats, look.waiting_max) = (seats, waiting_max);
    }

    pub(super) fn stops(&self) {
        self.lock().stopping = true;
    }

    /// A journey's times, as they are now.
    pub(super) fn times(&self, journey: &JourneyId, last: Option<Moment>, next: Option<Moment>, passed_over: usize) {
        let mut look = self.lock();
        if !look.posts.contains_key(journey) {
            look.posts.insert(journey.clone(), PostLook::default());
        }
        if let Some(post) = look.posts.get_mut(journey) {
            (post.last, post.next, post.passed_over) = (last, next, passed_over);
        }
    }

    pub(super) fn sent(&self, journey: &JourneyId, served: Served) {
        self.lock().posts.entry(journey.clone()).or_default().served = Some(served);
    }

    pub(super) fn seated(&self, journey: &JourneyId, now: Moment) {
        let mut look = self.lock();
        if let Some(served) = look.posts.get_mut(journey).and_then(|post| post.served.as_mut()) {
            served.seated = Some(now);
        }
    }

    pub(super) fn freed(&self, journey: &JourneyId) {
        if let Some(post) = self.lock().posts.get_mut(journey) {
            post.served = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BoardLook> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_waits_until_it_has_a_seat_and_is_gone_when_it_is_served() {
        let (board, at) = (Board::default(), Moment::from_millis);
        let fund: JourneyId = "fund".parse().unwrap();
        let check = |seated: usize, waiting: usize| {
            let look = board.look();
            assert_eq!((look.seated(), look.waiting()), (seated, waiting));
        };
        board.opened("walker-1", 2, 8);
        board.times(&fund, Some(at(1)), Some(at(60)), 0);
        check(0, 0);
        let budget = Duration::from_secs(60);
        board.sent(&fund, Served { purpose: "patrol", slot: Some(at(60)), since: at(61), seated: None, budget });
        check(0, 1);
        board.seated(&fund, at(62));
        check(1, 0);
        // Times that change meanwhile leave the ticket where it is.
        board.times(&fund, Some(at(60)), Some(at(120)), 1);
        check(1, 0);
        board.freed(&fund);
        check(0, 0);
        assert_eq!(board.look().posts[&fund].passed_over, 1);
    }
}
