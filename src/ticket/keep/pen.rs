//! What is written down of a ticket while a request about it is under way. A system may call before it answers: what it says
//! then is written at once, and whoever comes back with the answer writes only what they found out themselves.

use super::{Keeper, Kept};
use crate::id::IncidentId;
use crate::incident::LedgerError;
use crate::moment::Moment;
use crate::ticket::Ticket;
use std::sync::{Mutex, PoisonError};

/// Held for as long as it takes to read and write tickets of one system, never over a request.
#[derive(Default)]
pub(super) struct Pen {
    /// The ticket of the request that is under way, as it was read or written last.
    held: tokio::sync::Mutex<Option<Ticket>>,
    /// Until when the system asked to be left alone.
    rests: Mutex<Option<Moment>>,
}

impl Pen {
    /// Nobody else writes while this is held.
    pub async fn hold(&self) -> tokio::sync::MutexGuard<'_, Option<Ticket>> {
        self.held.lock().await
    }

    /// The system asked to be left alone until then.
    pub fn rest(&self, until: Moment) {
        let mut rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        *rests = (*rests).max(Some(until));
    }

    /// Whether it is to be left alone.
    pub fn rests(&self, now: Moment) -> bool {
        self.rests.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| now < until)
    }
}

impl Keeper {
    /// The ticket of `incident` as it is now, to be worked on.
    pub(super) async fn take(&self, kept: &Kept, incident: IncidentId) -> Result<Option<Ticket>, LedgerError> {
        let mut held = kept.pen.hold().await;
        *held = self.book.ticket(kept.system.name(), incident).await?;
        Ok(held.clone())
    }

    /// Writes down what became of the ticket that was taken, and what calls said of it since; the ticket as it is then.
    pub(super) async fn put(&self, kept: &Kept, ticket: Ticket) -> Result<Ticket, LedgerError> {
        let mut held = kept.pen.hold().await;
        let stored = self.book.ticket(kept.system.name(), ticket.incident).await?;
        let merged = match (held.as_ref().filter(|base| base.incident == ticket.incident), stored) {
            (Some(base), Some(stored)) if *base != stored => merged(base, stored, ticket),
            _ => ticket,
        };
        self.book.save(&merged).await?;
        *held = Some(merged.clone());
        Ok(merged)
    }
}

/// `ours`, and of `theirs` what they changed since `base`: only what calls and moves change.
fn merged(base: &Ticket, theirs: Ticket, ours: Ticket) -> Ticket {
    fn one<T: PartialEq>(base: &T, theirs: T, ours: T) -> T {
        if theirs == *base { ours } else { theirs }
    }
    let stands = theirs.status != base.status || theirs.done != base.done;
    let due = match (theirs.due == base.due, theirs.due, ours.due) {
        (true, _, ours) => ours,
        (false, Some(theirs), Some(ours)) => Some(theirs.min(ours)),
        (false, theirs, ours) => theirs.or(ours),
    };
    Ticket {
        key: one(&base.key, theirs.key, ours.key),
        url: one(&base.url, theirs.url, ours.url),
        status: if stands { theirs.status } else { ours.status },
        done: if stands { theirs.done } else { ours.done },
        answered: one(&base.answered, theirs.answered, ours.answered),
        over: one(&base.over, theirs.over, ours.over),
        due,
        ..ours
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Fingerprint;

    fn ticket(key: Option<&str>, status: Option<&str>, due: Option<i64>) -> Ticket {
        let fingerprint = Fingerprint::stored("v1:x".to_owned());
        let wanted = Ticket::wanted("hook", IncidentId::fresh(), fingerprint, Moment::from_millis(0));
        let text = |text: Option<&str>| text.map(str::to_owned);
        Ticket { key: text(key), status: text(status), due: due.map(Moment::from_millis), ..wanted }
    }

    #[test]
    fn what_was_said_meanwhile_stays_and_what_was_found_out_is_added() {
        let check = |theirs: Ticket, ours: Ticket, expected: (Option<&str>, Option<&str>, Option<i64>)| {
            let merged = merged(&ticket(None, None, Some(5)), theirs, ours);
            assert_eq!((merged.key.as_deref(), merged.status.as_deref(), merged.due.map(Moment::as_millis)), expected);
        };
        let same = ticket(None, None, Some(5));
        check(same.clone(), ticket(Some("A"), Some("new"), None), (Some("A"), Some("new"), None));
        let said = ticket(Some("CRM-7"), Some("doing"), Some(3));
        check(said.clone(), ticket(Some("A"), None, Some(9)), (Some("CRM-7"), Some("doing"), Some(3)));
        check(said, ticket(Some("A"), Some("new"), None), (Some("CRM-7"), Some("doing"), Some(3)));
        check(
            ticket(Some("CRM-7"), None, Some(5)),
            ticket(None, Some("new"), Some(9)),
            (Some("CRM-7"), Some("new"), Some(9)),
        );
    }

    #[test]
    fn a_pause_lasts_as_long_as_the_longest_that_was_asked_for() {
        let pen = Pen::default();
        let at = Moment::from_millis;
        assert!(!pen.rests(at(0)));
        pen.rest(at(50));
        pen.rest(at(20));
        assert!(pen.rests(at(49)) && !pen.rests(at(50)));
    }
}
