//! What each device showed last of the figures that all must show alike.
//!
//! Two devices differ for a moment whenever something is released, or a figure goes from one value to the next. So a
//! difference is told only when both are known to have shown their own value at the same time, for as long as a change may
//! take to reach all: what a device showed at two looks in a row, it is taken to have shown between them.

mod v1;

use crate::journey::Value;
use crate::moment::Moment;
use crate::walk::{AlikeSeen, Apart, WalkRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Figures that are remembered, and for how long.
const CELLS_MAX: usize = 5_000;
/// What is read again sooner is not worth a file's being written.
const KEPT_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// Characters of a row's key, and of a text, that is remembered.
const KEY_CHARS_MAX: usize = 100;
const TEXT_CHARS_MAX: usize = 300;
const REMEMBERED_FOR: Duration = Duration::from_secs(2 * 24 * 3600);

/// Whose figures: those of one app at one address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SheetOf {
    /// The app.
    pub app: String,
    /// Its base URL.
    pub base: String,
}

impl SheetOf {
    /// The sheet that a walk is compared with.
    pub fn of(record: &WalkRecord) -> Self {
        Self { app: record.app.clone(), base: record.base.clone() }
    }
}

/// What each device showed last, by topic and key, by device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet(BTreeMap<Cell, BTreeMap<String, Showing>>);

/// One figure of one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    topic: String,
    key: String,
}

/// What a device shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Showing {
    value: Value,
    /// The first of the looks in a row that read it, and what that one read: a figure that drifts within its tolerance,
    /// look by look, is not the same all the while.
    since: Moment,
    began: Value,
    /// The last.
    newest: Moment,
}

/// What is known of a figure across devices: of all its rows, and all other devices, what counts most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Known {
    /// No other device was looked at lately.
    #[default]
    Nothing,
    /// Others show the same.
    Alike,
    /// One may show it otherwise.
    Unsure,
    /// One does.
    Apart,
}

impl Showing {
    /// For how long both were shown at once; `None` when nobody knows that they were.
    fn together(&self, other: &Showing) -> Option<Duration> {
        let (from, until) = (self.since.max(other.since), self.newest.min(other.newest));
        (from <= until).then(|| until.since(from))
    }
}

impl Sheet {
    /// Writes into the record what other devices show otherwise, and of which figures nobody knows whether they do.
    pub fn compare(&self, record: &mut WalkRecord) {
        record.steps.iter_mut().for_each(|step| step.seen.apart.clear());
        let mut apart: Vec<(usize, Apart)> = Vec::new();
        let mut topics: BTreeMap<String, Known> = BTreeMap::new();
        let mut alone: BTreeMap<String, Duration> = BTreeMap::new();
        let mut beside: BTreeSet<String> = BTreeSet::new();
        for (step, seen) in newest(record) {
            let told = self.apart(record, seen);
            let known = if told.is_some() { Known::Apart } else { self.known(record, seen) };
            let topic = topics.entry(seen.figure.topic.clone()).or_default();
            *topic = known.max(*topic);
            if self.is_beside(record, seen) {
                beside.insert(seen.figure.topic.clone());
            } else {
                alone.insert(seen.figure.topic.clone(), seen.figure.across.within);
            }
            apart.extend(told.map(|told| (step, told)));
        }
        apart.into_iter().for_each(|(step, apart)| record.steps[step].seen.apart.push(apart));
        let Some(held) = &mut record.oracles else { return };
        held.uncompared.retain(|topic| !topics.contains_key(topic));
        held.unjudged.retain(|said| !topics.keys().any(|topic| said.starts_with(&never(topic))));
        let alone = alone.iter().filter(|(topic, _)| !beside.contains(*topic));
        held.unjudged.extend(alone.map(|(topic, within)| {
            format!("{}no other device has shown it within {} min)", never(topic), within.as_secs() / 60)
        }));
        let unknown = |known: &Known| matches!(known, Known::Nothing | Known::Unsure);
        held.uncompared.extend(topics.into_iter().filter(|(_, known)| unknown(known)).map(|(topic, _)| topic));
    }

    /// Whether any other device was looked at lately enough.
    fn is_beside(&self, record: &WalkRecord, seen: &AlikeSeen) -> bool {
        let at = record.started.after(seen.figure.read);
        let mut others = self.0.get(&cell(seen)).into_iter().flatten().filter(|(device, _)| **device != record.device);
        others.any(|(_, there)| at.since(there.newest) <= seen.figure.across.within)
    }

    /// What is known of a row that is not told.
    fn known(&self, record: &WalkRecord, seen: &AlikeSeen) -> Known {
        let Some(own) = self.own(record, seen) else { return Known::Unsure };
        let others = self.0.get(&cell(seen)).into_iter().flatten().filter(|(device, _)| **device != record.device);
        let known = |there: &Showing| {
            let fresh = own.newest.since(there.newest) <= seen.figure.across.within;
            match (seen.figure.agrees(&there.value), fresh) {
                (true, true) => Known::Alike,
                (true, false) => Known::Nothing,
                // It has only just changed, or the other device was looked at too long ago.
                (false, _) => Known::Unsure,
            }
        };
        others.map(|(_, there)| known(there)).max().unwrap_or_default()
    }

    fn apart(&self, record: &WalkRecord, seen: &AlikeSeen) -> Option<Apart> {
        let own = self.own(record, seen)?;
        let across = seen.figure.across;
        let others = self.0.get(&cell(seen))?.iter().filter(|(device, _)| **device != record.device);
        let told = others.filter_map(|(device, there)| {
            let fresh = own.newest.since(there.newest) <= across.within;
            let together = own.together(there).filter(|together| fresh && *together >= across.settles)?;
            (!seen.figure.agrees(&there.value)).then_some((device, there, together))
        });
        let (device, there, together) = told.max_by_key(|(_, there, _)| there.newest)?;
        Some(Apart {
            seen: seen.clone(),
            at: own.newest,
            device: device.clone(),
            value: there.value.clone(),
            there_at: there.newest,
            together,
        })
    }

    /// Remembers what a walk that did not fail has read: whether there was anything that is worth being kept. Journeys of
    /// one device read the same figures within seconds.
    pub fn learn(&mut self, record: &WalkRecord) -> bool {
        let mut learnt = false;
        for (_, seen) in newest(record).into_iter().filter(|(_, seen)| is_short(seen)) {
            let Some(own) = self.own(record, seen) else { continue };
            let known = self.0.entry(cell(seen)).or_default().insert(record.device.clone(), own.clone());
            let again = |k: &Showing| {
                (&k.value, k.since) == (&own.value, own.since) && own.newest.since(k.newest) < KEPT_AGAIN_AFTER
            };
            learnt |= !known.as_ref().is_some_and(again);
        }
        let lasts = |showing: &Showing| record.started.since(showing.newest) <= REMEMBERED_FOR;
        self.0.values_mut().for_each(|devices| devices.retain(|_, showing| lasts(showing)));
        self.0.retain(|_, devices| !devices.is_empty());
        self.make_room();
        learnt
    }

    /// What was looked at longest ago goes first: a page that shows ever new rows takes nobody's place for long.
    fn make_room(&mut self) {
        let over = self.0.len().saturating_sub(CELLS_MAX);
        if over == 0 {
            return;
        }
        let looked = |devices: &BTreeMap<String, Showing>| devices.values().map(|showing| showing.newest).max();
        let mut cells: Vec<(Option<Moment>, Cell)> =
            self.0.iter().map(|(cell, devices)| (looked(devices), cell.clone())).collect();
        cells.sort();
        cells.iter().take(over).for_each(|(_, cell)| {
            self.0.remove(cell);
        });
    }

    /// What the walk's device shows with this reading; `None` when a later one is known. Of what it showed while nobody
    /// looked for long, nothing is known.
    fn own(&self, record: &WalkRecord, seen: &AlikeSeen) -> Option<Showing> {
        let at = record.started.after(seen.figure.read);
        let known = self.0.get(&cell(seen)).and_then(|devices| devices.get(&record.device));
        if known.is_some_and(|known| known.newest > at) {
            return None;
        }
        let goes_on = |k: &&Showing| seen.figure.agrees(&k.began) && at.since(k.newest) <= seen.figure.across.within;
        let value = seen.figure.value.clone();
        let (since, began) =
            known.filter(goes_on).map_or((at, value.clone()), |known| (known.since, known.began.clone()));
        Some(Showing { value, since, began, newest: at })
    }
}

/// How the sentence begins that says that nobody compares a figure: patrols that are too far apart would never be noticed.
fn never(topic: &str) -> String {
    format!("{topic} across devices (")
}

/// Whether a figure is remembered: a page may show texts of any length.
fn is_short(seen: &AlikeSeen) -> bool {
    let text = match &seen.figure.value {
        Value::Text(text) => text.as_str(),
        _ => "",
    };
    seen.figure.key.chars().count() <= KEY_CHARS_MAX && text.chars().count() <= TEXT_CHARS_MAX
}

fn cell(seen: &AlikeSeen) -> Cell {
    Cell { topic: seen.figure.topic.clone(), key: seen.figure.key.clone() }
}

/// What a walk read last of each figure, with the place of the step that read it.
fn newest(record: &WalkRecord) -> Vec<(usize, &AlikeSeen)> {
    let mut all = BTreeMap::new();
    for (at, step) in record.steps.iter().enumerate() {
        for seen in &step.seen.alike {
            all.insert((&seen.figure.topic, &seen.figure.key), (at, seen));
        }
    }
    all.into_values().collect()
}
