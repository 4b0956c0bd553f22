//! `GET /api/v1/audit`: who did what when, for auditors. That somebody reads it is itself written down.

use super::api::{refused, wrong};
use super::asked::Params;
use super::operation::Operation;
use super::serve::Console;
use super::visitor::Visitor;
use crate::audit::{Entry, Line, LogError, Object, Page};
use crate::moment::Moment;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Entries in one answer, where nothing is asked for.
const LIMIT: u32 = 100;
/// Entries in one answer at most.
pub(super) const LIMIT_MAX: u32 = 1_000;

/// Which entries, and how many.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Asked {
    /// The number of the last entry that was read; from the beginning where there is none.
    #[schemars(extend("pattern" = "^[0-9]+$"))]
    after: Option<String>,
    /// How many entries; 100 where nothing is asked for.
    #[schemars(with = "u32", range(min = 1, max = LIMIT_MAX))]
    limit: Option<String>,
    /// Only those on this object, as entries name it: `incident/ID`, `person/ID`, `file/NAME`, ….
    object: Option<String>,
    /// Only those from this moment on.
    #[schemars(extend("format" = "date-time"))]
    since: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct AuditV1 {
    /// Oldest first.
    entries: Vec<EntryV1>,
    /// Where to go on: the number of the last entry here, or the one that was given.
    next: String,
    /// Whether there may be more already.
    more: bool,
    /// Why the end of the log cannot be read: somebody may have altered it (`gengfu audit verify`). Null where it can.
    unreadable: Option<String>,
}

/// One entry, as `gengfu audit export` writes it; or a line that is none, which says what is wrong.
#[derive(Default, Serialize, JsonSchema)]
struct EntryV1 {
    seq: Option<u64>,
    #[schemars(extend("format" = "date-time"))]
    at: Option<String>,
    actor: Option<String>,
    action: Option<String>,
    object: Option<String>,
    /// Canonical JSON as text: the very bytes that are hashed.
    detail: Option<String>,
    prev: Option<String>,
    hash: Option<String>,
    /// Why it cannot be read.
    unreadable: Option<String>,
}

impl From<Line> for EntryV1 {
    fn from(line: Line) -> Self {
        match line {
            Line::Unreadable { seq, said, .. } => Self { seq, unreadable: Some(said), ..Self::default() },
            Line::Entry(Entry { seq, at, actor, action, object, detail, prev, hash }) => Self {
                seq: Some(seq),
                at: Some(at.to_string()),
                actor: Some(actor),
                action: Some(action),
                object: Some(object),
                detail: Some(detail),
                prev: Some(prev.to_string()),
                hash: Some(hash.to_string()),
                unreadable: None,
            },
        }
    }
}

/// The operation, for the document.
pub(super) fn operation() -> Operation {
    Operation::get("/api/v1/audit", "Who did what when")
        .told("`gengfu audit verify` says whether the log is what was written; this gives it as it is.")
        .query::<Asked>()
        .answers::<AuditV1>("A part of the log.")
}

impl Asked {
    fn read(&self) -> Result<Page, &'static str> {
        let after = self.after.as_deref().map_or(Ok(0), str::parse).map_err(|_| "`after` is an entry's number")?;
        let limit = match self.limit.as_deref().map_or(Ok(LIMIT), str::parse) {
            Ok(limit @ 1..=LIMIT_MAX) => limit,
            _ => return Err("`limit` is a number from 1 to 1000"),
        };
        let since = self.since.as_deref().map(str::parse::<jiff::Timestamp>).transpose();
        let since = since.map_err(|_| "`since` is a time such as 2026-11-21T08:00:00+08:00")?;
        let since = since.map(|at| Moment::from_millis(at.as_millisecond()));
        Ok(Page { after, since, object: self.object.clone(), limit })
    }
}

/// `GET /api/v1/audit?after=NUMBER`
pub(super) async fn audit(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Response {
    let page = match asked.read() {
        Ok(page) => page,
        Err(said) => return wrong(StatusCode::BAD_REQUEST, "unreadable", said),
    };
    match read(&console, &visitor, &page).await {
        Ok(audit) => Json(audit).into_response(),
        Err(error) => {
            tracing::error!(%error, "the console could not read the audit log");
            refused(StatusCode::SERVICE_UNAVAILABLE, "ledger-unreadable", None)
        }
    }
}

/// Where the log ends.
pub(super) enum End {
    /// It has not begun.
    None,
    /// At the entry of this number.
    Entry(u64),
    /// It cannot be said, and why: what is kept is shown all the same.
    Unreadable(String),
}

/// Takes down that `visitor` reads the log, and says where it ends.
pub(super) async fn opened(console: &Console, visitor: &Visitor) -> End {
    let (object, end) = match console.audit.head().await {
        Ok(None) => return End::None,
        Ok(Some((log, head))) => (Object::Log(log), End::Entry(head.seq)),
        Err(LogError(said)) => {
            tracing::error!(said, "the end of the audit log cannot be read: `gengfu audit verify` says what is wrong");
            // Its name may be what cannot be read.
            (Object::Watch, End::Unreadable(said))
        }
    };
    console.access.page(&visitor.actor(), object, &[]);
    end
}

async fn read(console: &Console, visitor: &Visitor, page: &Page) -> Result<AuditV1, LogError> {
    let unreadable = match opened(console, visitor).await {
        End::Unreadable(said) => Some(said),
        End::None | End::Entry(_) => None,
    };
    let entries: Vec<EntryV1> = console.audit.read(page).await?.into_iter().map(EntryV1::from).collect();
    let next = entries.iter().rev().find_map(|entry| entry.seq).unwrap_or(page.after);
    let whole = u32::try_from(entries.len()).is_ok_and(|read| read == page.limit);
    Ok(AuditV1 { more: whole && next > page.after, next: next.to_string(), entries, unreadable })
}
