//! Reports that were gathered a moment ago, so that many who look at one week ask the ledger once, and few weeks are gathered
//! at once: a report reads for longer than any page, and the ledger has few readers. No page waits for that long: it says that
//! the report is being gathered, and comes again.

use crate::incident::LedgerError;
use crate::measure::{Asked, Records, Report, Week, gather};
use crate::moment::{Clock, Moment};
use crate::tags::Rules;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

/// How long a report is as good as new.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// How long it is shown while a newer one is gathered: it says when it was made.
const SHOWN_FOR: Duration = Duration::from_secs(300);
/// How long a page waits for a report before it says that it is being gathered: most weeks take less.
const PAGE_WAITS: Duration = Duration::from_millis(50);
/// How long whoever prints it or takes it away waits: less than any answer may take.
const FILE_WAITS: Duration = Duration::from_secs(10);
/// How long pages say why a report could not be gathered, before it is tried again: a page comes again within this.
const FAILED_FOR: Duration = Duration::from_secs(30);
/// The longest that a ledger may take.
const GATHERED_WITHIN: Duration = Duration::from_secs(120);
/// Reports kept or being gathered, in all and for one person.
const PLACES_MAX: usize = 64;
const PLACES_EACH: usize = 16;
/// Reports being gathered, or waiting to be, for one person.
const UNDER_WAY_EACH: usize = 4;
/// Reports gathered at once.
const GATHERED_AT_ONCE: usize = 2;

/// A report, and when it was made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub report: Arc<Report>,
    pub at: Moment,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotMade {
    /// This person asks for more reports at once than are made for one.
    TooMany,
    /// Others wait for as many as can be kept.
    Crowded,
    /// It could not be gathered.
    Ledger(LedgerError),
}

/// How long somebody waits for a report, and how old it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// As a page, which comes again: what is some minutes old is shown, with when it was made, and a newer one gathered for who
    /// asks next.
    Page,
    /// As a page to be printed: the same, but it waits.
    Sheet,
    /// As a file: as new as it can be.
    File,
}

impl Patience {
    fn shows(self) -> Duration {
        match self {
            Patience::Page | Patience::Sheet => SHOWN_FOR,
            Patience::File => FRESH_FOR,
        }
    }

    fn waits(self) -> Duration {
        match self {
            Patience::Page => PAGE_WAITS,
            Patience::Sheet | Patience::File => FILE_WAITS,
        }
    }
}

/// A week, of one owner or of all.
type Of = (Week, Option<String>);
/// What a gathering comes to, once it has.
type End = watch::Receiver<Option<Result<Made, NotMade>>>;

/// What is known of one report.
struct Place {
    /// For whom it was gathered last.
    by: String,
    /// When somebody last asked for it.
    asked: Moment,
    /// The last one, and when its gathering ended.
    made: Option<(Made, Moment)>,
    /// Why the last gathering failed, and when.
    failed: Option<(NotMade, Moment)>,
    /// The one gathering that is under way.
    under_way: Option<End>,
}

impl Place {
    /// The report, where its gathering ended less than `age` ago. A week that is over is not told by what was known before.
    fn kept(&self, asked: &Asked, age: Duration) -> Option<&Made> {
        let over = (!asked.lasts()).then(|| asked.window().to());
        let (made, ended) = self.made.as_ref()?;
        // Whoever was told to come again for what takes long is to find it.
        let age = if ended.since(made.at) * 2 > FILE_WAITS { SHOWN_FOR } else { age };
        (asked.now.since(*ended) < age && over.is_none_or(|end| made.at >= end)).then_some(made)
    }
}

/// What reports are made of.
#[derive(Clone)]
pub(super) struct Sources {
    pub records: Arc<dyn Records>,
    pub rules: Rules,
    pub clock: Arc<dyn Clock>,
}

/// The reports.
#[derive(Clone)]
pub(super) struct Shelf(Arc<Places>);

struct Places {
    all: Mutex<BTreeMap<Of, Place>>,
    gathering: Semaphore,
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Arc::new(Places { all: Mutex::default(), gathering: Semaphore::new(GATHERED_AT_ONCE) }))
    }
}

/// What somebody finds who asks.
enum Found {
    Made(Made),
    UnderWay(End),
}

impl Shelf {
    /// The report that `by` asks for; none where it is still being gathered, and is to be asked for again.
    pub async fn report(
        &self,
        sources: &Sources,
        asked: Asked,
        by: &str,
        patience: Patience,
    ) -> Result<Option<Made>, NotMade> {
        let until = Instant::now() + patience.waits();
        loop {
            let mut end = match self.find(sources, &asked, by, patience)? {
                Found::Made(made) => return Ok(Some(made)),
                Found::UnderWay(end) => end,
            };
            let Ok(ended) = tokio::time::timeout_at(until, end.wait_for(Option::is_some)).await else {
                return Ok(None);
            };
            match ended.ok().and_then(|ended| ended.clone()) {
                // What began before the week was over does not tell all of it: once more, from now on.
                Some(Ok(made)) if !asked.lasts() && made.at < asked.window().to() => {}
                Some(ended) => return ended.map(Some),
                None => return Err(NotMade::Ledger(LedgerError::Failed("a gathering stopped".to_owned()))),
            }
        }
    }

    /// What there is to be had: a report, or the gathering of it. One begins where none is under way and none is fresh.
    fn find(&self, sources: &Sources, asked: &Asked, by: &str, patience: Patience) -> Result<Found, NotMade> {
        let mut all = self.all();
        let key = (asked.week, asked.owner.clone());
        let known = all.get_mut(&key).map(|place| {
            place.asked = asked.now;
            &*place
        });
        let kept = known.and_then(|place| place.kept(asked, patience.shows())).cloned();
        let fresh = known.is_some_and(|place| place.kept(asked, FRESH_FOR).is_some());
        let under_way = known.and_then(|place| place.under_way.clone());
        let failed = known.and_then(|place| place.failed.clone());
        let failed = failed.filter(|(_, at)| patience == Patience::Page && asked.now.since(*at) < FAILED_FOR);
        match (kept, failed, under_way) {
            (Some(made), None, None) if !fresh => {
                // Whoever is sent away sees what there is.
                let _crowded = self.begin(&mut all, key, (sources, asked, by));
                Ok(Found::Made(made))
            }
            (Some(made), ..) => Ok(Found::Made(made)),
            // Somebody else may be trying again: that is not waited for unheard.
            (None, Some((why, _)), _) => Err(why),
            (None, None, Some(end)) => Ok(Found::UnderWay(end)),
            (None, None, None) => self.begin(&mut all, key, (sources, asked, by)).map(Found::UnderWay),
        }
    }

    /// Begins to gather. On a task of its own: who asked may go away before it is there, and others want it.
    fn begin(
        &self,
        all: &mut BTreeMap<Of, Place>,
        key: Of,
        (sources, asked, by): (&Sources, &Asked, &str),
    ) -> Result<End, NotMade> {
        make_room(all, &key, by)?;
        let (send, end) = watch::channel(None);
        let empty = || Place { by: String::new(), asked: asked.now, made: None, failed: None, under_way: None };
        let place = all.entry(key.clone()).or_insert_with(empty);
        (place.by, place.under_way) = (by.to_owned(), Some(end.clone()));
        let (shelf, sources, asked) = (self.clone(), sources.clone(), asked.clone());
        tokio::spawn(async move {
            let clock = sources.clock.clone();
            let gathered = tokio::spawn(shelf.clone().gathered(sources, asked)).await;
            let gathered = gathered.unwrap_or_else(|error| Err(LedgerError::Failed(error.to_string())));
            let ended = gathered.map_err(|error| {
                tracing::error!(%error, "a report could not be gathered");
                NotMade::Ledger(error)
            });
            shelf.end(&key, ended.clone(), clock.now());
            let _nobody_waits = send.send(Some(ended));
        });
        Ok(end)
    }

    fn end(&self, key: &Of, ended: Result<Made, NotMade>, now: Moment) {
        if let Some(place) = self.all().get_mut(key) {
            place.under_way = None;
            match ended {
                Ok(made) => (place.made, place.failed) = (Some((made, now)), None),
                Err(why) => place.failed = Some((why, now)),
            }
        }
    }

    async fn gathered(self, sources: Sources, asked: Asked) -> Result<Made, LedgerError> {
        let few = self.0.gathering.acquire().await;
        let gathered = gather(sources.records.as_ref(), &asked, &sources.rules);
        let late = |_| LedgerError::Failed(format!("nothing was gathered within {} s", GATHERED_WITHIN.as_secs()));
        let gathered = tokio::time::timeout(GATHERED_WITHIN, gathered).await.map_err(late)??;
        drop(few);
        let at = asked.now;
        // Figures of many incidents take a while: other pages are answered meanwhile.
        let report = tokio::task::spawn_blocking(move || Arc::new(Report::of(&gathered, &asked))).await;
        Ok(Made { report: report.map_err(|error| LedgerError::Failed(error.to_string()))?, at })
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Of, Place>> {
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room for `key`, where there may be one more for `by`: what was not asked for longest is given up, of their own where
/// they have many, and nothing that is being gathered.
fn make_room(all: &mut BTreeMap<Of, Place>, key: &Of, by: &str) -> Result<(), NotMade> {
    let theirs = all.values().filter(|place| place.by == by);
    let (waiting, idle): (Vec<&Place>, Vec<&Place>) = theirs.partition(|place| place.under_way.is_some());
    if waiting.len() >= UNDER_WAY_EACH {
        return Err(NotMade::TooMany);
    }
    let have_many = waiting.len() + idle.len() >= PLACES_EACH;
    if all.contains_key(key) || (!have_many && all.len() < PLACES_MAX) {
        return Ok(());
    }
    let given_up = all.iter().filter(|(_, place)| place.under_way.is_none() && (!have_many || place.by == by));
    let oldest = given_up.min_by_key(|(_, place)| place.asked).map(|(key, _)| key.clone());
    oldest.and_then(|oldest| all.remove(&oldest)).map(drop).ok_or(NotMade::Crowded)
}

#[cfg(test)]
mod stories;
