//! What a ticket's status means for its incident. Pure: a deed, or nothing, and why.

use super::{Meaning, Rule, Seen, Ticket};
use crate::alert::one_line;
use crate::incident::{Deed, DeedKind, Incident, Standing, WHY_CHARS_MAX};

/// What follows from a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It stood so before, or this robot put it there.
    NoNews,
    /// It changed, and means nothing for the incident as it stands.
    Nothing,
    /// Somebody did this, by way of their ticket.
    Deed(Deed, String),
}

/// What somebody says about an incident in another system, by a call of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What the system calls its ticket.
    pub ticket: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// How it stands.
    pub seen: Seen,
    /// Why, in their words.
    pub why: String,
}

/// What follows for `incident` when `ticket` is seen to stand so. What it says, it says once: who sees the same again, or
/// what the robot did itself, does nothing.
pub fn heard(rule: &Rule, ticket: &Ticket, seen: &Seen, incident: &Incident, words: &str) -> Heard {
    if ticket.status.as_deref() == Some(seen.told().as_str()) {
        return Heard::NoNews;
    }
    let standing = incident.standing();
    let deed = match rule.mapping.meaning(seen) {
        // Whoever opens it again takes the claim back; whoever moves it on among its open states says nothing of one.
        Meaning::New | Meaning::Fixing if standing == Standing::FixClaimed && ticket.done => Deed::BeginFix,
        Meaning::Fixing | Meaning::Acknowledged if standing == Standing::FixClaimed => return Heard::Nothing,
        Meaning::New | Meaning::Nothing => return Heard::Nothing,
        Meaning::Acknowledged => Deed::Acknowledge,
        Meaning::Fixing => Deed::BeginFix,
        Meaning::FixClaimed => Deed::ClaimFix,
        Meaning::WontFix if rule.approves => Deed::LeaveIt,
        // Setting aside ends what walks would find out: that takes somebody here, unless the configuration trusts the system.
        Meaning::FalseAlarm if rule.approves => Deed::CallFalse,
        Meaning::WontFix | Meaning::FalseAlarm => Deed::Note,
    };
    if !deed.kind().is_possible(incident.kind, standing) {
        return Heard::Nothing;
    }
    let name = ticket.key.as_deref().unwrap_or("ticket");
    let asks = if deed.kind() == DeedKind::Note {
        " · 不修复或误报须在本平台确认 / needs somebody here to confirm"
    } else {
        ""
    };
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    Heard::Deed(deed, one_line(&format!("{name} → {}{words}{asks}", seen.told()), WHY_CHARS_MAX))
}
