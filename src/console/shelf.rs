//! Reports that were gathered a moment ago, so that many who look at one week ask the ledger once, and few weeks are gathered
//! at once: a report reads for longer than any page, and the ledger has few readers. No page waits for that: it says that the
//! report is being gathered, and comes again.

use crate::incident::LedgerError;
use crate::measure::{Asked, Records, Report, Week, gather};
use crate::moment::Moment;
use crate::tags::Rules;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a report is as good as new.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// How long it is shown while a newer one is gathered: it says when it was made.
const SHOWN_FOR: Duration = Duration::from_secs(300);
/// How long a page waits for a report before it says that it is being gathered: most weeks take less.
const PAGE_WAITS: Duration = Duration::from_millis(50);
/// Reports kept.
const KEPT_MAX: usize = 16;
/// What is said to who is sent away.
const CROWDED: &str = "more different reports are asked for at once than can be made";
/// Reports that are waited for and not made yet; who asks for yet another is sent away.
const WAITED_FOR_MAX: usize = 64;
/// Reports gathered at once.
const GATHERED_AT_ONCE: usize = 2;

/// A report, and when it was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub report: Arc<Report>,
    pub at: Moment,
}

/// One place a report: whoever asks for what is being gathered waits for it, unless there is one to be shown meanwhile.
#[derive(Default)]
struct Place {
    made: Mutex<Option<Made>>,
    /// When and why it could not be gathered, while nobody who waited for it has heard.
    failed: Mutex<Option<(Moment, LedgerError)>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Place {
    fn made(&self) -> MutexGuard<'_, Option<Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) -> MutexGuard<'_, Option<(Moment, LedgerError)>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept, where it is not older than `age`.
    fn kept(&self, now: Moment, age: Duration) -> Option<Made> {
        self.made().as_ref().filter(|made| now.since(made.at) < age).cloned()
    }
}

/// What reports are made of.
#[derive(Clone)]
pub(super) struct Sources {
    pub records: Arc<dyn Records>,
    pub rules: Rules,
}

/// The reports.
#[derive(Clone)]
pub(super) struct Shelf(Arc<Places>);

/// A week, of one owner or of all.
type Of = (Week, Option<String>);

struct Places {
    all: Mutex<BTreeMap<Of, Arc<Place>>>,
    gathering: Semaphore,
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Arc::new(Places { all: Mutex::default(), gathering: Semaphore::new(GATHERED_AT_ONCE) }))
    }
}

impl Shelf {
    /// The report that is `asked` for as a page shows it, or none where it is still being gathered: ask again in a moment.
    ///
    /// One that is some minutes old is given at once, and a newer one gathered for who asks next: a page says when it was made.
    pub async fn for_page(&self, sources: &Sources, asked: Asked) -> Result<Option<Made>, LedgerError> {
        let place = self.place(&asked).ok_or_else(|| LedgerError::Failed(CROWDED.to_owned()))?;
        // Who came before and was told to come again is told why it failed, instead of waiting for the same once more.
        let failed = place.failed().take();
        if let Some((_, error)) = failed.filter(|(at, _)| asked.now.since(*at) < FRESH_FOR) {
            return Err(error);
        }
        drop(place);
        match tokio::time::timeout(PAGE_WAITS, self.report(sources, asked, true)).await {
            Ok(made) => made.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The report that is `asked` for as it is taken away, as a file: as new as it can be.
    pub async fn for_file(&self, sources: &Sources, asked: Asked) -> Result<Made, LedgerError> {
        self.report(sources, asked, false).await
    }

    async fn report(&self, sources: &Sources, asked: Asked, may_be_shown_on: bool) -> Result<Made, LedgerError> {
        let place = self.place(&asked).ok_or_else(|| LedgerError::Failed(CROWDED.to_owned()))?;
        // A week that is over is not told by what was known before it was.
        let over = (!asked.lasts()).then(|| asked.window().to());
        let now = asked.now;
        let kept = move |place: &Place, age| place.kept(now, age).filter(|made| over.is_none_or(|end| made.at >= end));
        if let Some(fresh) = kept(&place, FRESH_FOR) {
            return Ok(fresh);
        }
        if let Some(shown) = kept(&place, SHOWN_FOR).filter(|_| may_be_shown_on) {
            if let Ok(turn) = place.turn.clone().try_lock_owned() {
                let (shelf, sources) = (self.clone(), sources.clone());
                tokio::spawn(async move {
                    if let Err(error) = shelf.gather(&place, &sources, asked).await {
                        tracing::error!(%error, "a report could not be gathered anew");
                    }
                    drop(turn);
                });
            }
            return Ok(shown);
        }
        // On a task of its own: who asked may go away before it is there, and others want it.
        let (shelf, sources, here) = (self.clone(), sources.clone(), place.clone());
        let gathering = tokio::spawn(async move {
            let _turn = here.turn.lock().await;
            match kept(&here, FRESH_FOR) {
                Some(fresh) => Ok(fresh),
                None => {
                    let made = shelf.gather(&here, &sources, asked).await;
                    *here.failed() = made.as_ref().err().map(|error| (now, error.clone()));
                    made
                }
            }
        });
        let made = gathering.await.unwrap_or_else(|error| Err(LedgerError::Failed(error.to_string())));
        // Whoever still waits has heard.
        *place.failed() = None;
        made
    }

    async fn gather(&self, place: &Place, sources: &Sources, asked: Asked) -> Result<Made, LedgerError> {
        let few = self.0.gathering.acquire().await;
        let gathered = gather(sources.records.as_ref(), &asked, &sources.rules).await?;
        drop(few);
        let at = asked.now;
        // Figures of many incidents take a while: other pages are answered meanwhile.
        let report = tokio::task::spawn_blocking(move || Arc::new(Report::of(&gathered, &asked))).await;
        let made = Made { report: report.map_err(|error| LedgerError::Failed(error.to_string()))?, at };
        *place.made() = Some(made.clone());
        Ok(made)
    }

    /// The place of what is asked for. Where there are too many, the oldest that nobody waits at is given up; none where
    /// somebody waits at each of very many.
    fn place(&self, asked: &Asked) -> Option<Arc<Place>> {
        let key = (asked.week, asked.owner.clone());
        let mut all = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        while all.len() + usize::from(!all.contains_key(&key)) > KEPT_MAX {
            let idle = all.iter().filter(|(other, place)| **other != key && Arc::strong_count(place) == 1);
            let Some(oldest) = idle.min_by_key(|(_, place)| place.made().as_ref().map(|made| made.at)) else { break };
            let oldest = oldest.0.clone();
            all.remove(&oldest);
        }
        if all.len() >= WAITED_FOR_MAX && !all.contains_key(&key) {
            return None;
        }
        Some(all.entry(key).or_default().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::JourneyId;
    use crate::incident::Deadlines;
    use crate::measure::{Complaint, Gathered, Intake, WalkCounts, Window};
    use jiff::tz::TimeZone;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts who gathers, in all and at once.
    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
        now: AtomicUsize,
        most: AtomicUsize,
        broken: bool,
        /// Lets nobody through until it is told to.
        barred: Option<tokio::sync::Notify>,
    }

    #[async_trait::async_trait]
    impl Records for Counting {
        async fn gathered(&self, _: &Window, _: (Week, Week), _: &Rules) -> Result<Gathered, LedgerError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            match &self.barred {
                Some(barred) => barred.notified().await,
                None => {
                    for _ in 0..10 {
                        tokio::task::yield_now().await;
                    }
                }
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            if self.broken { Err(LedgerError::Failed("no disk".into())) } else { Ok(Gathered::default()) }
        }

        async fn is_owner(&self, _: &str) -> Result<bool, LedgerError> {
            Ok(false)
        }

        async fn walked(&self, _: &Window) -> Result<Vec<(JourneyId, WalkCounts)>, LedgerError> {
            Ok(Vec::new())
        }

        async fn keep_complaints(&self, _: &[Complaint], _: &Intake) -> Result<(), LedgerError> {
            Ok(())
        }
    }

    fn asked(week: &str, owner: Option<&str>, seconds: i64) -> Asked {
        Asked {
            week: week.parse().unwrap(),
            now: Moment::from_millis(1_795_300_000_000 + seconds * 1000),
            zone: TimeZone::UTC,
            owner: owner.map(str::to_owned),
            deadlines: Deadlines::default(),
            roster: Vec::new(),
            windows: Arc::default(),
        }
    }

    fn sources(records: &Arc<Counting>) -> Sources {
        Sources { records: records.clone(), rules: Rules::default() }
    }

    #[tokio::test]
    async fn what_many_ask_for_is_gathered_once_and_not_for_long() {
        let (shelf, records) = (Shelf::default(), Arc::new(Counting::default()));
        let sources = sources(&records);
        let check = async |asked: Asked, made_at: i64, gathered: usize| {
            let made = shelf.report(&sources, asked.clone(), true).await.unwrap();
            // What is gathered for the next one ends first.
            let places: Vec<Arc<Place>> = shelf.0.all.lock().unwrap().values().cloned().collect();
            for place in places {
                drop(place.turn.lock().await);
            }
            assert_eq!(records.asked.load(Ordering::SeqCst), gathered, "{asked:?}");
            assert_eq!(made.at.as_millis(), 1_795_300_000_000 + made_at * 1000, "it says when it was made: {asked:?}");
        };
        let all = (0..20).map(|_| shelf.report(&sources, asked("2026-W47", None, 0), true));
        futures_util::future::join_all(all).await;
        check(asked("2026-W47", None, 9), 0, 1).await;
        // Somebody else's, and another week.
        check(asked("2026-W47", Some("cards"), 9), 9, 2).await;
        check(asked("2026-W46", None, 9), 9, 3).await;
        // No longer fresh: a newer one is gathered for whoever comes next.
        check(asked("2026-W47", None, 10), 0, 4).await;
        check(asked("2026-W47", None, 11), 10, 4).await;
        // Too old to be shown.
        check(asked("2026-W47", None, 400), 400, 5).await;
    }

    #[tokio::test]
    async fn few_are_gathered_at_once_and_few_are_kept() {
        let (shelf, records) = (Shelf::default(), Arc::new(Counting::default()));
        let sources = sources(&records);
        let weeks: Vec<String> = (1..=40).map(|n| format!("2026-W{n:02}")).collect();
        let all = weeks.iter().map(|week| shelf.report(&sources, asked(week, None, 0), true));
        futures_util::future::join_all(all).await;
        assert_eq!(records.most.load(Ordering::SeqCst), GATHERED_AT_ONCE);
        for week in &weeks {
            shelf.report(&sources, asked(week, None, 0), true).await.unwrap();
        }
        assert!(shelf.0.all.lock().unwrap().len() <= KEPT_MAX);
    }

    #[tokio::test]
    async fn a_crowd_that_asks_for_ever_others_does_not_fill_the_shelf() {
        let (shelf, records) = (Shelf::default(), Arc::new(Counting::default()));
        let sources = sources(&records);
        let weeks: Vec<String> =
            (2020..2025).flat_map(|year| (1..=50).map(move |n| format!("{year}-W{n:02}"))).collect();
        let all = weeks.iter().map(|week| shelf.report(&sources, asked(week, None, 0), true));
        let made = futures_util::future::join_all(all).await;
        let sent_away = made.iter().filter(|made| made.is_err()).count();
        assert_eq!(sent_away, weeks.len() - WAITED_FOR_MAX);
        assert!(shelf.report(&sources, asked("2026-W47", None, 0), true).await.is_ok());
        assert!(shelf.0.all.lock().unwrap().len() <= KEPT_MAX);
    }

    #[tokio::test]
    async fn what_could_not_be_read_is_asked_for_again() {
        let shelf = Shelf::default();
        let broken = Arc::new(Counting { broken: true, ..Counting::default() });
        assert!(shelf.report(&sources(&broken), asked("2026-W47", None, 0), true).await.is_err());
        let records = Arc::new(Counting::default());
        assert!(shelf.report(&sources(&records), asked("2026-W47", None, 1), true).await.is_ok());
    }

    /// What a page shows at each of its visits, while nothing can be gathered and after.
    async fn visits(broken: bool) -> (Arc<Counting>, [Result<Option<Made>, LedgerError>; 4]) {
        let barred = Some(tokio::sync::Notify::new());
        let (shelf, records) = (Shelf::default(), Arc::new(Counting { broken, barred, ..Counting::default() }));
        let sources = sources(&records);
        let visit = async |seconds: i64| shelf.for_page(&sources, asked("2026-W47", None, seconds)).await;
        let (first, second) = (visit(0).await, visit(1).await);
        let place = shelf.place(&asked("2026-W47", None, 1)).unwrap();
        let barred = records.barred.as_ref().unwrap();
        // Those of both visits are let through, one after the other.
        while place.turn.try_lock().is_err() {
            barred.notify_one();
            tokio::task::yield_now().await;
        }
        drop(place);
        let third = visit(2).await;
        (records.clone(), [first, second, third, visit(3).await])
    }

    #[tokio::test(start_paused = true)]
    async fn no_page_waits_for_what_takes_long() {
        let (records, told) = visits(false).await;
        let shown = told.map(|told| told.unwrap().map(|made| made.at.as_millis() - 1_795_300_000_000));
        assert_eq!(shown, [None, None, Some(0), Some(0)]);
        assert_eq!(records.asked.load(Ordering::SeqCst), 1, "who comes again waits for the same");
    }

    #[tokio::test(start_paused = true)]
    async fn who_came_again_is_told_that_it_failed() {
        let (_, told) = visits(true).await;
        let told = told.map(|told| told.map(|made| made.is_some()).map_err(|error| error.to_string()));
        let failed = Err("the ledger failed: no disk".to_owned());
        assert_eq!(told, [Ok(false), Ok(false), failed, Ok(false)], "and then it is tried once more");
    }
}
