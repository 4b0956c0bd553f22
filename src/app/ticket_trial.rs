//! A system of tickets tried out, or looked at: what would be sent, what was sent, and what the vendor said to it.

use super::channels::{place, voice};
use super::tickets::{TicketError, open_one};
use crate::alert::{Draft, SendError};
use crate::config::{Config, ReferenceSecrets};
use crate::id::{IncidentId, NoticeId, WalkId};
use crate::moment::{Clock, SystemClock};
use crate::ticket::{Paper, Turn, trial};
use std::sync::Arc;
use std::time::Duration;

/// The longest one try may take, as when it is made by itself.
const TRY_TIMEOUT: Duration = Duration::from_secs(60);

/// What a system would be sent.
#[derive(Debug)]
pub struct TicketLook {
    /// What kind it is, as people call it.
    pub kind: &'static str,
    /// What is sent to make a ticket.
    pub drafts: Vec<Draft>,
}

/// What was tried, in order, and what the vendor said.
#[derive(Debug)]
pub struct TicketTrial {
    /// What was sent.
    pub look: TicketLook,
    /// Each step in words with its outcome; none follows one that failed.
    pub steps: Vec<(&'static str, Result<String, SendError>)>,
}

/// What the system `name` would be sent of an invented incident; `None` when there is none of that name. Nothing is sent, and
/// no secret is asked for.
pub fn preview_ticket(config: &Config, name: &str) -> Option<Result<TicketLook, TicketError>> {
    let tickets = config.tickets.get(name)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let opened = open_one(name, tickets, None, &clock);
    Some(
        opened.map(|opened| TicketLook {
            kind: tickets.kind(),
            drafts: opened.kept.system.drafts(&example(config, &clock)),
        }),
    )
}

/// Makes a ticket of an invented incident, reads how it stands, leaves a word on it and ends it, where the mapping says how.
pub async fn try_ticket(config: &Config, name: &str) -> Option<Result<TicketTrial, TicketError>> {
    let tickets = config.tickets.get(name)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let secrets = ReferenceSecrets { folder: config.folder.clone() };
    let kept = match open_one(name, tickets, Some(&secrets), &clock) {
        Ok(opened) => opened.kept,
        Err(error) => return Some(Err(error)),
    };
    let paper = example(config, &clock);
    let look = TicketLook { kind: tickets.kind(), drafts: kept.system.drafts(&paper) };
    let mut trial = TicketTrial { look, steps: Vec::new() };
    // A step that failed is the last one.
    let _ = stepped(&kept, &paper, &mut trial.steps).await;
    Some(Ok(trial))
}

type Steps = Vec<(&'static str, Result<String, SendError>)>;

async fn stepped(kept: &crate::ticket::keep::Kept, paper: &Paper, steps: &mut Steps) -> Result<(), ()> {
    let system = &kept.system;
    if system.follows() {
        let passed = within(system.pass(&paper.happening)).await;
        return note(steps, "pass a move on", passed, |()| "accepted".to_owned()).map(drop);
    }
    let found = within(system.find(paper)).await;
    note(steps, "look for one that is there", found, |found| format!("{} found", found.len()))?;
    let opened = within(system.open(paper)).await;
    let opened = note(steps, "make a ticket", opened, |opened| {
        format!("{} {}", opened.ticket, opened.url.clone().unwrap_or_default())
    })?;
    let ticket = opened.ticket.as_str();
    let seen = within(system.look(ticket)).await;
    note(steps, "read how it stands", seen, |seen| {
        seen.as_ref().map_or_else(|| "not known yet".to_owned(), |seen| seen.told())
    })?;
    let commented = within(system.comment(ticket, paper, "[gengfu] 试用 / a trial: nothing happened")).await;
    note(steps, "leave a word", commented, |()| "accepted".to_owned())?;
    if kept.rule.mapping.resolve.is_some() {
        let turned = within(system.turn(ticket, Turn::Resolve, paper)).await;
        note(steps, "end it", turned, |seen| seen.told())?;
    }
    Ok(())
}

fn note<T>(
    steps: &mut Steps,
    step: &'static str,
    outcome: Result<T, SendError>,
    told: impl Fn(&T) -> String,
) -> Result<T, ()> {
    match outcome {
        Ok(value) => {
            steps.push((step, Ok(told(&value))));
            Ok(value)
        }
        Err(error) => {
            steps.push((step, Err(error)));
            Err(())
        }
    }
}

fn example(config: &Config, clock: &Arc<dyn Clock>) -> Paper {
    let place = place(config, config.console.listen);
    trial(IncidentId::fresh(), NoticeId::fresh(), WalkId::fresh(), &voice(config), &place, clock.now())
}

async fn within<T>(trying: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
    let late = |_| Err(SendError::temporary(format!("no answer within {} s", TRY_TIMEOUT.as_secs())));
    tokio::time::timeout(TRY_TIMEOUT, trying).await.unwrap_or_else(late)
}
