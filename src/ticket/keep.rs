//! The engine that keeps tickets and incidents in step: it looks at the feed of moves, tells each ticket what concerns it,
//! and asks how they stand. What was not accepted is tried again; whoever dies in between goes on where they stopped.

pub use survey::Survey;

mod opening;
mod pen;
mod survey;
mod telling;

use super::{Category, Heard, Rule, Said, Seen, Ticket, TicketBook, TicketSystem, heard};
use crate::actor::Actor;
use crate::alert::{Chronicle, Place, SendError, SendFailure, Voice};
use crate::id::IncidentId;
use crate::incident::{Archive, DeedError, Deeds, Incident, LedgerError, State};
use crate::maintenance::{Almanac, Windows};
use crate::moment::{Clock, Moment};
use crate::tags::Rules;
use futures_util::FutureExt;
use futures_util::future::join_all;
use pen::Pen;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Moves looked at in one transaction.
const MOVES_AT_ONCE: u32 = 200;
/// How often what a maintenance window keeps quiet is looked at: somebody may end it early.
const LOOK_AGAIN: Duration = Duration::from_secs(300);
/// The longest pause that a system may ask for: it may have been mended before, and nobody would know.
const PAUSE_MAX: Duration = Duration::from_secs(3600);

/// What limits the keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepLimits {
    /// The pause between two rounds.
    pub look_every: Duration,
    /// Tickets told in one round, and tickets asked after in one round.
    pub at_once: u32,
    /// The longest one try may take.
    pub try_timeout: Duration,
    /// The pause after the first failed try; it doubles with each.
    pub retry_first: Duration,
    /// The longest pause between two tries.
    pub retry_most: Duration,
    /// How long what was just made may not be found by a search.
    pub found_after: Duration,
    /// The pause between the tickets of incidents that were open before the keeping began.
    pub catch_up_every: Duration,
}

impl Default for KeepLimits {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(2),
            at_once: 5,
            try_timeout: Duration::from_secs(60),
            retry_first: Duration::from_secs(10),
            retry_most: Duration::from_secs(900),
            found_after: Duration::from_secs(60),
            catch_up_every: Duration::from_secs(2),
        }
    }
}

/// One system, and which incidents have a ticket there.
#[derive(Clone)]
pub struct Kept {
    /// The system.
    pub system: Arc<dyn TicketSystem>,
    /// Which incidents.
    pub rule: Rule,
    /// One round at a time works on its tickets.
    turns: Arc<tokio::sync::Mutex<()>>,
    pen: Arc<Pen>,
}

impl Kept {
    /// `system`, with tickets by `rule`.
    pub fn new(system: Arc<dyn TicketSystem>, rule: Rule) -> Self {
        Self { system, rule, turns: Arc::default(), pen: Arc::default() }
    }
}

/// Keeps tickets.
pub struct Keeper {
    /// What is known of tickets.
    pub book: Arc<dyn TicketBook>,
    /// Every move.
    pub chronicle: Arc<dyn Chronicle>,
    /// Incidents as they are now.
    pub archive: Arc<dyn Archive>,
    /// Where what a ticket says is done.
    pub deeds: Arc<dyn Deeds>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How tickets speak.
    pub voice: Voice,
    /// Where people find what they speak of.
    pub place: Place,
    /// What incidents are filed under here.
    pub tags: Rules,
    /// When work is planned: no ticket is made of what may be it.
    pub maintenance: Arc<Almanac>,
    /// The systems, by name.
    pub systems: BTreeMap<String, Kept>,
    /// What limits it.
    pub limits: KeepLimits,
}

/// Why a call did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It has no ticket there.
    #[error("this incident has no ticket in this system")]
    Absent,
    /// It came before.
    #[error("a call of this `webhook-id` came before")]
    Replayed,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Keeper {
    /// Keeps until `cancel`; what is under way then is finished first. Nothing that fails ends it, and a system that hangs
    /// holds up no other.
    pub async fn watch(&self, cancel: CancellationToken) {
        join_all(self.systems.keys().map(|name| self.watch_one(name, &cancel))).await;
    }

    async fn watch_one(&self, name: &str, cancel: &CancellationToken) {
        let mut survey = Survey::default();
        while !cancel.is_cancelled() {
            let round = async {
                self.survey(name, &mut survey).await?;
                self.round(name).await
            };
            match AssertUnwindSafe(round).catch_unwind().await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(system = name, %error, "tickets cannot be kept; trying again"),
                Err(_) => tracing::error!(system = name, "keeping tickets panicked; trying again"),
            }
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(self.limits.look_every) => {}
            }
        }
    }

    /// Looks at what moved, tells what is due, asks after some of the rest.
    ///
    /// # Errors
    /// When the ledger fails; what was not written down is done again.
    pub async fn round(&self, name: &str) -> Result<(), LedgerError> {
        let Some(kept) = self.systems.get(name) else { return Ok(()) };
        self.gather(kept).await?;
        let _turn = kept.turns.lock().await;
        for due in self.book.due(name, self.clock.now(), self.limits.at_once).await? {
            // As it is now: a call may have changed it meanwhile.
            if !kept.pen.rests(self.clock.now())
                && let Some(ticket) = self.take(kept, due.incident).await?
            {
                self.attend(kept, ticket).await?;
            }
        }
        let before = back_by(self.clock.now(), kept.rule.poll_every);
        for unseen in self.book.unseen(name, before, self.limits.at_once).await? {
            if !kept.pen.rests(self.clock.now())
                && let Some(ticket) = self.take(kept, unseen.incident).await?
            {
                self.look(kept, ticket).await?;
            }
        }
        Ok(())
    }

    /// Makes every ticket due whose incident moved, and wants one for each incident that is to have one.
    async fn gather(&self, kept: &Kept) -> Result<(), LedgerError> {
        let name = kept.system.name();
        loop {
            let cursor = self.book.cursor(name).await?;
            let chapter = self.chronicle.chapter(cursor, MOVES_AT_ONCE).await?;
            let Some((last, _)) = chapter.moves.last() else { return Ok(()) };
            let moved: BTreeSet<&str> = chapter.moves.iter().map(|(_, h)| h.facts.incident_id.as_str()).collect();
            let _pen = kept.pen.hold().await;
            let mut tickets = Vec::new();
            for incident in moved.into_iter().filter_map(|id| id.parse::<IncidentId>().ok()) {
                tickets.extend(self.moved(kept, incident).await?);
            }
            self.book.gather(name, &tickets, *last).await?;
        }
    }

    async fn moved(&self, kept: &Kept, id: IncidentId) -> Result<Option<Ticket>, LedgerError> {
        let now = self.clock.now();
        if let Some(ticket) = self.book.ticket(kept.system.name(), id).await? {
            // Who failed waits its time out, above all where the system asked for it: what moved is told with the rest.
            let due = ticket.due.map_or(now, |due| if ticket.tries > 0 { due } else { due.min(now) });
            return Ok(Some(Ticket { due: Some(due), over: false, ..ticket }));
        }
        let Some(file) = self.archive.incident(id).await? else { return Ok(None) };
        Ok(wanted(kept, &file.incident, now, &self.maintenance.around(now)))
    }

    /// Does what is to be done about `ticket`.
    async fn attend(&self, kept: &Kept, ticket: Ticket) -> Result<(), LedgerError> {
        let Some(file) = self.archive.incident(ticket.incident).await? else {
            return self.put(kept, Ticket { over: true, due: None, ..ticket }).await.map(drop);
        };
        match ticket.key.clone() {
            None => self.open(kept, ticket, &file.incident).await,
            Some(key) => self.tell(kept, ticket, &key, &file.incident).await,
        }
    }

    /// Asks how `ticket` stands, and does what follows from it.
    async fn look(&self, kept: &Kept, mut ticket: Ticket) -> Result<(), LedgerError> {
        let (Some(key), now) = (ticket.key.clone(), self.clock.now()) else { return Ok(()) };
        let (ticket, seen) = match self.within(kept, kept.system.look(&key)).await {
            Ok(Some(seen)) => {
                let before = ticket.status.clone();
                let ticket = self.put(kept, ticket).await?;
                // What a call said meanwhile is newer than what was asked for before it.
                let news = (ticket.status == before).then_some(seen);
                (ticket, news)
            }
            Ok(None) => (ticket, None),
            Err(SendError { failure: SendFailure::Gone, said }) => {
                // A person took it away: it is not made again.
                tracing::warn!(system = kept.system.name(), ticket = key, said, "a ticket is not there any more");
                (ticket.over, ticket.due, ticket.said) = (true, None, Some(said));
                (ticket, None)
            }
            Err(SendError { said, .. }) => {
                ticket.said = Some(said);
                (ticket, None)
            }
        };
        let ticket = match seen {
            Some(seen) => self.saw(kept, ticket, &seen, "").await?,
            None => Some(Ticket { looked: now, ..ticket }),
        };
        match ticket {
            Some(ticket) => self.put(kept, ticket).await.map(drop),
            None => Ok(()),
        }
    }

    /// What follows from how `ticket` stands is done in the name of its system; the ticket as it is then. Nothing where
    /// there is no such incident.
    async fn saw(
        &self,
        kept: &Kept,
        mut ticket: Ticket,
        seen: &Seen,
        words: &str,
    ) -> Result<Option<Ticket>, LedgerError> {
        let (name, now) = (kept.system.name(), self.clock.now());
        let Some(file) = self.archive.incident(ticket.incident).await? else { return Ok(None) };
        let follows = heard(&kept.rule, &ticket, seen, &file.incident, words);
        if let Heard::Deed(deed, why) = &follows {
            let by = Actor::system(name).expect("invariant: the config's names can be actors'");
            match self.deeds.act(ticket.incident, deed.clone(), by, why).await {
                Ok(_) => {}
                // It moved meanwhile: what was said does not fit any more.
                Err(DeedError::Refused(refused)) => {
                    tracing::info!(system = name, incident = %ticket.incident, %refused, "a ticket's word was not taken");
                }
                Err(DeedError::Absent) => return Ok(None),
                Err(DeedError::Ledger(error)) => return Err(error),
            }
        }
        if follows != Heard::NoNews {
            ticket.due = Some(now);
            // Whoever opens it again may close it again, and is told again.
            ticket.answered &= seen.category == Category::Done;
        }
        ticket.stands(seen, now);
        ticket.said = None;
        Ok(Some(ticket))
    }

    /// What somebody says by a call that was found to be theirs. `id` is the call's name. It waits for no request that is
    /// under way: a system may call before it answers us.
    ///
    /// # Errors
    /// When it came before, or there is no such ticket.
    pub async fn called(&self, name: &str, incident: IncidentId, id: &str, said: &Said) -> Result<(), CallError> {
        let kept = self.systems.get(name).ok_or(CallError::Absent)?;
        let _pen = kept.pen.hold().await;
        let Some(mut ticket) = self.book.ticket(name, incident).await? else { return Err(CallError::Absent) };
        let (now, within) = (self.clock.now(), super::SIGNATURE_WITHIN * 2);
        if self.book.came_before(name, id).await? {
            return Err(CallError::Replayed);
        }
        ticket.key = said.ticket.clone().or(ticket.key);
        ticket.url = said.url.clone().or(ticket.url);
        if let Some(ticket) = self.saw(kept, ticket, &said.seen, &said.why).await? {
            self.book.save(&ticket).await?;
        }
        // Only now: what was cut off is said once more by its sender, under the same name, and does nothing twice.
        Ok(self.book.call_came(name, id, now, within).await?)
    }

    /// A try, with its deadline. A system that asks for a pause gets it, whichever ticket it said so of.
    async fn within<T>(&self, kept: &Kept, trying: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
        let late = || SendError::temporary(format!("no answer within {} s", self.limits.try_timeout.as_secs()));
        let tried = tokio::time::timeout(self.limits.try_timeout, trying).await.unwrap_or_else(|_| Err(late()));
        if let Err(SendError { failure: SendFailure::Temporary { after: Some(pause) }, .. }) = &tried {
            kept.pen.rest(self.clock.now().after((*pause).min(PAUSE_MAX)));
        }
        tried
    }

    /// Writes down that a try failed, and when the next one is.
    async fn failed(&self, kept: &Kept, mut ticket: Ticket, error: SendError) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let system = kept.system.name();
        if ticket.said.as_deref() != Some(error.said.as_str()) {
            tracing::warn!(system, incident = %ticket.incident, said = error.said, "a ticket was not kept");
        }
        ticket.tries = ticket.tries.saturating_add(1);
        ticket.said = Some(error.said);
        ticket.due = match error.failure {
            SendFailure::Temporary { after } => {
                let doubled = self.limits.retry_first * 2_u32.saturating_pow(ticket.tries.saturating_sub(1).min(10));
                Some(now.after(doubled.min(self.limits.retry_most).max(after.unwrap_or_default().min(PAUSE_MAX))))
            }
            // The same would be refused once more, until it moves again; but what has no ticket yet is to have one once
            // somebody has mended the mapping.
            SendFailure::Refused => ticket.key.is_none().then(|| now.after(self.limits.retry_most)),
            SendFailure::Gone => {
                ticket.over = true;
                None
            }
        };
        self.put(kept, ticket).await.map(drop)
    }
}

/// The ticket that `incident` is to have, if it is to have one.
fn wanted(kept: &Kept, incident: &Incident, now: Moment, windows: &Windows) -> Option<Ticket> {
    // Who wants no messages for now, wants its ticket afterwards: nothing moves when a mute or a window ends.
    let due = incident.handling.mute.as_ref().map_or(now, |mute| now.max(mute.until));
    let due = after_work(incident, now, windows).map_or(due, |over| due.max(over));
    let wanted = kept.rule.wants(incident, due);
    wanted.then(|| Ticket::wanted(kept.system.name(), incident.id, incident.fingerprint.clone(), due))
}

/// When to look again at an incident that a window keeps quiet: behind it, but soon enough where somebody ends it early; and
/// where it opened in one, until a walk has seen it behind that or it is over.
fn after_work(incident: &Incident, now: Moment, windows: &Windows) -> Option<Moment> {
    let again = now.after(LOOK_AGAIN);
    let unseen = incident.state == State::Open && incident.handling.is_unheard();
    incident.standstill(windows).until(now).map(|over| over.min(again)).or(unseen.then_some(again))
}

fn back_by(now: Moment, by: Duration) -> Moment {
    Moment::from_millis(now.as_millis().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

/// The incident's part of an attempt: what it is now, borrowed.
type Now<'a> = &'a Incident;
