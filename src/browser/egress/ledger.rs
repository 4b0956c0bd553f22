//! What a proxy remembers for its lane: what it denied, what it could not reach, how much went through.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::guard::Reason;

/// One request that was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Its method; `CONNECT` for a tunnel.
    pub method: String,
    /// Its URL without user, query and fragment; a host and port alone where the path was not to be seen.
    pub url: String,
    /// Why it was denied.
    pub reason: Reason,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.url, self.reason)
    }
}

/// One server that could not be reached or did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The host that was asked for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What went wrong, such as `connection refused`.
    pub what: String,
    /// The browser's own word for it, such as `net::ERR_CONNECTION_REFUSED`.
    pub word: &'static str,
}

/// What went through a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests that could be read, allowed or not; those inside TLS that passes through cannot.
    pub requests: u64,
    /// Tunnels opened.
    pub tunnels: u64,
    /// Requests denied.
    pub blocked: u64,
    /// Servers not reached.
    pub troubles: u64,
    /// Denied requests and troubles that were counted but not kept.
    pub lost: u64,
}

#[derive(Debug)]
pub(super) struct Ledger {
    kept_max: usize,
    blocked: Mutex<VecDeque<Blocked>>,
    troubles: Mutex<VecDeque<Trouble>>,
    blocked_count: watch::Sender<u64>,
    requests: AtomicU64,
    tunnels: AtomicU64,
    trouble_count: AtomicU64,
    lost: AtomicU64,
}

impl Ledger {
    pub(super) fn new(kept_max: usize) -> Self {
        Self {
            kept_max,
            blocked: Mutex::default(),
            troubles: Mutex::default(),
            blocked_count: watch::Sender::new(0),
            requests: AtomicU64::new(0),
            tunnels: AtomicU64::new(0),
            trouble_count: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }
    }

    pub(super) fn note_request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(super) fn note_tunnel(&self) {
        self.tunnels.fetch_add(1, Relaxed);
    }

    pub(super) fn note_blocked(&self, blocked: Blocked) {
        // What may never go out is told even where a flood of other things was stopped.
        let never = matches!(blocked.reason, Reason::Never { .. });
        self.keep(&self.blocked, blocked, if never { 2 * self.kept_max } else { self.kept_max });
        // After the record, so that whoever waits for the count finds it.
        self.blocked_count.send_modify(|count| *count += 1);
    }

    pub(super) fn note_trouble(&self, trouble: Trouble) {
        self.trouble_count.fetch_add(1, Relaxed);
        self.keep(&self.troubles, trouble, self.kept_max);
    }

    fn keep<T>(&self, kept: &Mutex<VecDeque<T>>, one: T, kept_max: usize) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < kept_max {
            kept.push_back(one);
        } else {
            self.lost.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn drain_blocked(&self) -> Vec<Blocked> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    pub(super) fn drain_troubles(&self) -> Vec<Trouble> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    pub(super) fn blocked_count(&self) -> watch::Receiver<u64> {
        self.blocked_count.subscribe()
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            requests: self.requests.load(Relaxed),
            tunnels: self.tunnels.load(Relaxed),
            blocked: *self.blocked_count.borrow(),
            troubles: self.trouble_count.load(Relaxed),
            lost: self.lost.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_counted() {
        let ledger = Ledger::new(1);
        for path in ["a", "b"] {
            let url = format!("http://bank.example/{path}");
            ledger.note_blocked(Blocked { method: "GET".into(), url, reason: Reason::Scheme("x".into()) });
        }
        assert_eq!(ledger.counts(), Counts { blocked: 2, lost: 1, ..Counts::default() });
        let never = Reason::Never { rule: "POST /api/orders/**".into() };
        ledger.note_blocked(Blocked { method: "POST".into(), url: "http://bank.example/o".into(), reason: never });
        assert_eq!(ledger.drain_blocked().len(), 2, "what may never go out has places of its own");
        assert_eq!(ledger.drain_blocked(), []);
    }
}
