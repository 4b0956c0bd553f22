//! Sessions by cookie. What a customer changes lives in the session alone, so walks of one account do not meet.

use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many sessions are kept; the oldest is forgotten first.
const SESSIONS_MAX: usize = 20_000;

/// One visitor who has shown a password.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Index into the customers.
    pub customer: usize,
    /// False while the second factor is still owed.
    pub verified: bool,
    /// The name the customer chose in this session.
    pub nickname: Option<String>,
    pub messages_read: bool,
    pub esign_signed: bool,
    pub complaints: Vec<Value>,
    pub proofs: Vec<Value>,
    /// Orders and transfers that were prepared, and how they went on.
    pub prepared: HashMap<String, Value>,
}

impl Session {
    fn new(customer: usize, verified: bool) -> Self {
        Self {
            customer,
            verified,
            nickname: None,
            messages_read: false,
            esign_signed: false,
            complaints: Vec::new(),
            proofs: Vec::new(),
            prepared: HashMap::new(),
        }
    }
}

#[derive(Default)]
struct Kept {
    by_token: HashMap<String, Session>,
    order: VecDeque<String>,
}

/// All sessions.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Kept>);

impl Sessions {
    /// Opens a session and returns its token.
    pub(super) fn open(&self, customer: usize, verified: bool) -> String {
        let token = uuid::Uuid::now_v7().simple().to_string();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.order.len() == SESSIONS_MAX
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.by_token.remove(&oldest);
        }
        kept.order.push_back(token.clone());
        kept.by_token.insert(token.clone(), Session::new(customer, verified));
        token
    }

    /// The customer and whether the second factor is done.
    pub(super) fn who(&self, token: &str) -> Option<(usize, bool)> {
        self.change(token, |s| (s.customer, s.verified))
    }

    /// Reads or changes a session; nothing when there is none with this token.
    pub(super) fn change<T>(&self, token: &str, with: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.by_token.get_mut(token).map(with)
    }

    /// Ends a session.
    pub(super) fn close(&self, token: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.by_token.remove(token);
        kept.order.retain(|t| t != token);
    }
}
