//! What the fleet hands on: the record as published JSON, notices by the owner map, a word to open console pages.

use crate::alert::Plan;
use crate::console::{Changed, Feed};
use crate::detector::Judged;
use crate::fleet::Herald;
use crate::id::NoticeId;
use crate::incident::{Change, QueuedNotice, What};
use crate::maintenance::Windows;
use crate::moment::Moment;
use crate::walk::WalkRecord;
use crate::walk::v1::WalkV1;
use std::sync::Arc;

/// Speaks for the fleet.
pub(super) struct Messenger {
    /// Whom to tell.
    pub plan: Plan,
    /// Open console pages.
    pub feed: Feed,
}

impl Herald for Messenger {
    fn record(&self, record: &WalkRecord, judged: &Judged) -> String {
        WalkV1::from((record, judged)).to_json()
    }

    fn notices(&self, changes: &mut [Change], now: Moment) -> Vec<QueuedNotice> {
        self.plan.tell(changes, now, &mut NoticeId::fresh)
    }

    fn windows(&self, now: Moment) -> Arc<Windows> {
        self.plan.maintenance.around(now)
    }

    fn filed(&self, changes: &[Change]) {
        self.feed.tell(Changed::Walk);
        if !changes.is_empty() {
            self.feed.tell(Changed::Incident);
        }
        for change in changes.iter().filter(|change| change.what != What::Sighted) {
            let incident = &change.after;
            let (what, journey) = (change.what.word(), &incident.journey);
            tracing::info!(incident = %incident.id, %journey, step = incident.step_title, what, "{}", incident.headline.zh);
        }
    }
}
