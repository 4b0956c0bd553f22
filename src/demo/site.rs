//! Everything the demo's listeners share.

use super::churn::Churn;
use super::customer::{self, Customer};
use super::fault::Switchboard;
use super::request_ledger::RequestLedger;
use super::session::Sessions;
use crate::moment::{Clock, Moment, SystemClock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The state behind every page, answer and button.
pub(super) struct Site {
    pub customers: Vec<Customer>,
    pub sessions: Sessions,
    pub ledger: RequestLedger,
    pub switchboard: Switchboard,
    pub churn: Churn,
    pub pages: minijinja::Environment<'static>,
    /// `http://metrics.localhost:PORT`.
    pub third_party_url: String,
    /// `http://127.0.0.1:PORT`, for the control page's link.
    pub app_url: String,
    visitors: AtomicU64,
    clock: SystemClock,
}

/// How handlers get at the site.
pub(super) type Shared = Arc<Site>;

impl Site {
    /// A site nobody has visited, with every fault mended.
    pub(super) fn new(seed: u64, churn: bool, app_url: String, third_party_url: String) -> Self {
        Self {
            customers: customer::all(),
            sessions: Sessions::default(),
            ledger: RequestLedger::default(),
            switchboard: Switchboard::new(seed),
            churn: Churn::new(seed, churn),
            pages: super::page::environment(),
            third_party_url,
            app_url,
            visitors: AtomicU64::new(0),
            clock: SystemClock,
        }
    }

    /// The present moment.
    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The day in Shanghai, which knows no summer time.
    pub(super) fn today(&self) -> jiff::civil::Date {
        self.local_now().date()
    }

    /// Date and time in Shanghai.
    pub(super) fn local_now(&self) -> jiff::civil::DateTime {
        let shanghai = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        self.now().timestamp().to_zoned(shanghai).datetime()
    }

    /// The number of a visitor who was not here before.
    pub(super) fn next_visitor(&self) -> u64 {
        self.visitors.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The present tick of the estimates; it stands still while churn is off.
    pub(super) fn tick(&self) -> u64 {
        if self.churn.is_on() { u64::try_from(self.now().as_millis() / 3000).unwrap_or(0) } else { 0 }
    }
}
