//! A call of another system's: signed, of now, and for the first time.

use super::{Category, Said, Seen, Unsigned};
use crate::id::IncidentId;
use crate::incident::LedgerError;
use schemars::JsonSchema;
use serde::Deserialize;

/// The longest text of a call that is kept, in characters.
const WORD_CHARS_MAX: usize = 200;
/// The longest address of a ticket's page.
const URL_CHARS_MAX: usize = 2_000;

/// The headers of a call: name, time and signatures.
pub type Signing<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// Takes calls.
#[async_trait::async_trait]
pub trait TicketCalls: Send + Sync {
    /// Takes what `system` says, if it is it.
    async fn call(&self, system: &str, signing: Signing<'_>, body: &[u8]) -> Result<(), CallRefused>;
}

/// Why a call is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallRefused {
    /// No system calls here at all.
    #[error("no system of tickets calls here")]
    Unknown,
    /// It is not believed.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// It came before.
    #[error("a call of this `webhook-id` came before: nothing was done again")]
    Replayed,
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// It has no such ticket.
    #[error("this incident has no ticket in this system")]
    Absent,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What a call says, as JSON. Fields that are not known are left alone: systems add theirs.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CallV1 {
    /// The incident that the ticket is of.
    incident_id: String,
    /// How the ticket stands, in the system's own word.
    #[schemars(length(min = 1))]
    state: String,
    /// What kind of state it is, where the mapping does not name it.
    #[serde(default)]
    #[schemars(extend("enum" = ["new", "doing", "done", null]))]
    category: Option<String>,
    /// How it ended, in the system's own word.
    #[serde(default)]
    resolution: Option<String>,
    /// What the system calls its ticket.
    #[serde(default)]
    ticket: Option<String>,
    /// Its page; `https://` alone.
    #[serde(default)]
    url: Option<String>,
    /// Why, in somebody's words.
    #[serde(default)]
    why: Option<String>,
    /// What only this robot's own deliveries have. They are signed with the same key: one that is sent back is no word of
    /// the system's.
    #[serde(default)]
    #[schemars(skip)]
    version: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    #[schemars(skip)]
    event_type: Option<serde::de::IgnoredAny>,
}

/// Reads a call's body.
///
/// # Errors
/// With what is wrong, in words for who wrote the other side.
pub fn read_call(body: &[u8]) -> Result<(IncidentId, Said), CallRefused> {
    let wrong = |why: &str| CallRefused::Unreadable(why.to_owned());
    let written: CallV1 =
        serde_json::from_slice(body).map_err(|_| wrong("the body is JSON with `incident_id` and `state`"))?;
    if written.version.is_some() || written.event_type.is_some() {
        return Err(wrong("this is a delivery of gengfu's own, sent back"));
    }
    let incident = written.incident_id.parse().map_err(|_| wrong("`incident_id` is no incident's name"))?;
    let category = match written.category.as_deref() {
        Some("new") => Category::New,
        Some("done") => Category::Done,
        Some("doing") | None => Category::Doing,
        Some(_) => return Err(wrong("`category` is `new`, `doing` or `done`")),
    };
    if written.url.as_deref().is_some_and(|url| !is_page(url)) {
        return Err(wrong("`url` begins with `https://` and holds no name or password"));
    }
    let word = |text: &str| crate::alert::one_line(text, WORD_CHARS_MAX);
    if word(&written.state).is_empty() {
        return Err(wrong("`state` says nothing"));
    }
    let seen = Seen {
        status: word(&written.state),
        category,
        resolution: written.resolution.as_deref().map(word),
        ended: None,
    };
    let ticket = written.ticket.as_deref().map(word).filter(|ticket| !ticket.is_empty());
    Ok((incident, Said { ticket, url: written.url, seen, why: word(&written.why.unwrap_or_default()) }))
}

/// A link on a page of ours: nothing but an address of the web, by https or on this machine.
fn is_page(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let here = matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback());
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    safe && url.username().is_empty() && url.password().is_none() && url.as_str().len() <= URL_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_and_nothing_of_it_leads_elsewhere() {
        let id = "0190f5e2-7c1d-7a3b-8c4d-5e6f70819203";
        let check = |rest: &str, expected: Result<&str, &str>| {
            let body = format!(r#"{{"incident_id":"{id}"{rest}}}"#);
            let read = read_call(body.as_bytes()).map(|(_, said)| said.seen.told());
            match (read, expected) {
                (Ok(told), Ok(expected)) => assert_eq!(told, expected),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                other => panic!("{rest}: {other:?}"),
            }
        };
        check(r#","state":"已修复","category":"done","resolution":"fixed","more":[1]"#, Ok("已修复 (fixed)"));
        check(r#","state":"a\n\u202eb""#, Ok("a b"));
        check("", Err("`state`"));
        check(r#","state":" ""#, Err("says nothing"));
        check(r#","state":"x","category":"over""#, Err("`category`"));
        for url in ["javascript:alert(1)", "http://jira.bank.test/1", "https://me:secret@jira.bank.test/1", "https://"]
        {
            check(&format!(r#","state":"x","url":"{url}""#), Err("`url`"));
        }
        check(r#","state":"open","version":"incident-move.v1""#, Err("sent back"));
        assert!(read_call(b"[]").is_err() && read_call(br#"{"incident_id":"1","state":"x"}"#).is_err());
    }
}
