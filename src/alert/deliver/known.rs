//! What a deliverer has seen of its channels since it began.

use crate::moment::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A channel without room is looked at again after this long: what was under way may have arrived sooner than feared.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What a deliverer has seen of its channels since it began.
#[derive(Debug, Default)]
pub struct KnownChannels(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Their receiver wants nothing any more.
    gone: BTreeSet<String>,
    /// They accepted a notice since the last one that was given up.
    well: BTreeSet<String>,
    /// Their rates have no room before this.
    full: BTreeMap<String, Moment>,
}

impl KnownChannels {
    fn with<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn gone(&self, channel: &str) {
        self.with(|known| known.gone.insert(channel.to_owned()));
    }

    pub(super) fn is_gone(&self, channel: &str) -> bool {
        self.with(|known| known.gone.contains(channel))
    }

    /// It accepted something; whether that is news.
    pub(super) fn accepts(&self, channel: &str) -> bool {
        self.with(|known| known.well.insert(channel.to_owned()))
    }

    pub(super) fn failed(&self, channel: &str) {
        self.with(|known| known.well.remove(channel));
    }

    pub(super) fn full(&self, channel: &str, until: Moment) {
        self.with(|known| known.full.insert(channel.to_owned(), until));
    }

    pub(super) fn is_full(&self, channel: &str, now: Moment) -> bool {
        self.with(|known| known.full.get(channel).is_some_and(|until| *until > now))
    }
}
