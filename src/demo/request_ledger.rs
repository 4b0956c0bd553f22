//! The append-only ledger of every request the demo received, and the tripwire on it. No bodies, no queries, no secrets.

use crate::moment::Moment;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many lines are kept; older ones are dropped and counted.
const LINES_MAX: usize = 200_000;

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerLine {
    /// Position in the ledger, from 1, never reused.
    pub number: u64,
    /// When it arrived, in milliseconds since 1970-01-01T00:00Z.
    pub at_millis: i64,
    /// `GET`, `POST` …
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The user name of the session it came in, if any.
    pub customer: Option<String>,
    /// Declared size of the body.
    pub body_bytes: u64,
}

impl LedgerLine {
    /// Whether this request would have moved money: an order or a transfer that arrived.
    pub fn moves_money(&self) -> bool {
        self.method == "POST" && matches!(self.path.trim_end_matches('/'), "/api/orders" | "/api/transfers")
    }
}

#[derive(Default)]
struct Lines {
    last_number: u64,
    kept: VecDeque<LedgerLine>,
    /// Kept apart so that traffic can never push a tripped wire out.
    tripped: Vec<LedgerLine>,
}

/// The ledger. Appending never fails and never waits on anything but other appends.
#[derive(Default)]
pub(super) struct RequestLedger(Mutex<Lines>);

impl RequestLedger {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends one request.
    pub(super) fn append(&self, at: Moment, method: &str, path: &str, customer: Option<&str>, body_bytes: u64) {
        let mut lines = self.lines();
        lines.last_number += 1;
        let line = LedgerLine {
            number: lines.last_number,
            at_millis: at.as_millis(),
            method: method.to_owned(),
            path: path.to_owned(),
            customer: customer.map(str::to_owned),
            body_bytes,
        };
        if line.moves_money() && lines.tripped.len() < LINES_MAX {
            lines.tripped.push(line.clone());
        }
        if lines.kept.len() == LINES_MAX {
            lines.kept.pop_front();
        }
        lines.kept.push_back(line);
    }

    /// Every kept line after number `after`, oldest first.
    pub(super) fn after(&self, after: u64) -> Vec<LedgerLine> {
        self.lines().kept.iter().filter(|l| l.number > after).cloned().collect()
    }

    /// Every order or transfer that arrived.
    pub(super) fn tripwire(&self) -> Vec<LedgerLine> {
        self.lines().tripped.clone()
    }

    /// Empties the ledger and the tripwire; numbers go on.
    pub(super) fn clear(&self) {
        let mut lines = self.lines();
        lines.kept.clear();
        lines.tripped.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_posted_orders_and_transfers_trip_the_wire() {
        let check = |method: &str, path: &str, trips: bool| {
            let ledger = RequestLedger::default();
            ledger.append(Moment::from_millis(1), method, path, Some("linxt"), 12);
            assert_eq!(ledger.tripwire().len(), usize::from(trips), "{method} {path}");
            assert_eq!(ledger.after(0).len(), 1);
        };
        check("POST", "/api/orders", true);
        check("POST", "/api/orders/", true);
        check("POST", "/api/transfers", true);
        check("POST", "/api/orders/prepare", false);
        check("GET", "/api/orders", false);
    }
}
