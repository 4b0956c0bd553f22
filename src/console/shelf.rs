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
/// How long pages say why a report could not be gathered, before it is tried again.
const FAILED_FOR: Duration = Duration::from_secs(5);
/// Reports kept or being gathered; who asks for yet another while all are being gathered is sent away.
const PLACES_MAX: usize = 64;
/// Reports being gathered for one person; who asks for more at once is sent away.
const PLACES_EACH: usize = 4;
/// Reports gathered at once.
const GATHERED_AT_ONCE: usize = 2;

/// A report, and when it was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub report: Arc<Report>,
    pub at: Moment,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotMade {
    /// More different reports are asked for at once than can be made.
    Crowded,
    /// It could not be gathered.
    Ledger(LedgerError),
}

/// How long somebody waits for a report, and how old it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// As a page: what is some minutes old is shown, with when it was made, and a newer one gathered for who asks next; where
    /// there is none the page comes again.
    Page,
    /// As a page that does not come again, to be printed.
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
}

/// A week, of one owner or of all.
type Of = (Week, Option<String>);
/// What a gathering comes to, once it has.
type End = watch::Receiver<Option<Result<Made, NotMade>>>;

/// What is known of one report.
struct Place {
    /// When somebody last asked for it.
    asked: Moment,
    /// The last one, and when its gathering ended.
    made: Option<(Made, Moment)>,
    /// Why the last gathering failed, and when.
    failed: Option<(NotMade, Moment)>,
    /// The one gathering that is under way, and whom it is for.
    under_way: Option<(String, End)>,
}

impl Place {
    /// The report, where its gathering ended less than `age` ago. A week that is over is not told by what was known before.
    fn kept(&self, asked: &Asked, age: Duration) -> Option<&Made> {
        let over = (!asked.lasts()).then(|| asked.window().to());
        let (made, _) = self.made.as_ref().filter(|(_, ended)| asked.now.since(*ended) < age)?;
        over.is_none_or(|end| made.at >= end).then_some(made)
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
    /// The report that `by` asks for; none where a page is to come again, since it is still being gathered.
    pub async fn report(
        &self,
        sources: &Sources,
        asked: Asked,
        by: &str,
        patience: Patience,
    ) -> Result<Option<Made>, NotMade> {
        let until = Instant::now() + PAGE_WAITS;
        loop {
            let mut end = match self.find(sources, &asked, by, patience)? {
                Found::Made(made) => return Ok(Some(made)),
                Found::UnderWay(end) => end,
            };
            let ending = end.wait_for(Option::is_some);
            let ended = match patience {
                Patience::Page => match tokio::time::timeout_at(until, ending).await {
                    Ok(ended) => ended.map(|ended| ended.clone()),
                    Err(_) => return Ok(None),
                },
                Patience::Sheet | Patience::File => ending.await.map(|ended| ended.clone()),
            };
            match ended {
                // What began before the week was over does not tell all of it: once more, from now on.
                Ok(Some(Ok(made))) if !asked.lasts() && made.at < asked.window().to() => {}
                Ok(Some(ended)) => return ended.map(Some),
                Ok(None) | Err(_) => {
                    return Err(NotMade::Ledger(LedgerError::Failed("a gathering stopped".to_owned())));
                }
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
        let under_way = known.and_then(|place| place.under_way.as_ref()).map(|(_, end)| end.clone());
        let fresh = known.is_some_and(|place| place.kept(asked, FRESH_FOR).is_some());
        let failed = known.and_then(|place| place.failed.clone());
        match (kept, under_way) {
            (Some(made), under_way) => {
                if !fresh && under_way.is_none() {
                    // Whoever is sent away sees what there is.
                    let _crowded = self.begin(&mut all, key, (sources, asked, by));
                }
                Ok(Found::Made(made))
            }
            (None, Some(end)) => Ok(Found::UnderWay(end)),
            (None, None) => match failed.filter(|(_, at)| asked.now.since(*at) < FAILED_FOR) {
                Some((why, _)) if patience == Patience::Page => Err(why),
                _ => self.begin(&mut all, key, (sources, asked, by)).map(Found::UnderWay),
            },
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
        let place =
            all.entry(key.clone()).or_insert(Place { asked: asked.now, made: None, failed: None, under_way: None });
        place.under_way = Some((by.to_owned(), end.clone()));
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
        let gathered = gather(sources.records.as_ref(), &asked, &sources.rules).await?;
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

/// Makes room for `key`, where there may be one more for `by`: what was not asked for longest is given up, but nothing that is
/// being gathered.
fn make_room(all: &mut BTreeMap<Of, Place>, key: &Of, by: &str) -> Result<(), NotMade> {
    let of_theirs = all.values().filter(|place| place.under_way.as_ref().is_some_and(|(whom, _)| whom == by));
    if of_theirs.count() >= PLACES_EACH {
        return Err(NotMade::Crowded);
    }
    if all.len() < PLACES_MAX || all.contains_key(key) {
        return Ok(());
    }
    let idle = all.iter().filter(|(_, place)| place.under_way.is_none());
    let oldest = idle.min_by_key(|(_, place)| place.asked).map(|(key, _)| key.clone());
    oldest.and_then(|oldest| all.remove(&oldest)).map(drop).ok_or(NotMade::Crowded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::JourneyId;
    use crate::incident::Deadlines;
    use crate::measure::{Complaint, Gathered, Intake, WalkCounts, Window};
    use crate::moment::HandClock;
    use jiff::tz::TimeZone;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// Counts who gathers, in all and at once.
    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
        now: AtomicUsize,
        most: AtomicUsize,
        broken: AtomicBool,
        /// How long each takes, of the tests' own time.
        takes: Duration,
    }

    #[async_trait::async_trait]
    impl Records for Counting {
        async fn gathered(&self, _: &Window, _: (Week, Week), _: &Rules) -> Result<Gathered, LedgerError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            let broken = self.broken.load(Ordering::SeqCst);
            if broken { Err(LedgerError::Failed("no disk".into())) } else { Ok(Gathered::default()) }
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

    /// Saturday of 2026-W47.
    const BEGUN: i64 = 1_795_300_000_000;

    /// A shelf, and what it is asked. Time is the test's own: it goes on where everything waits.
    struct Rig {
        shelf: Shelf,
        records: Arc<Counting>,
        clock: Arc<HandClock>,
    }

    impl Rig {
        /// Where each gathering takes so long.
        fn of(takes: Duration) -> Self {
            let records = Arc::new(Counting { takes, ..Counting::default() });
            let clock = Arc::new(HandClock::at(Moment::from_millis(BEGUN)));
            Self { shelf: Shelf::default(), records, clock }
        }

        /// Lets so many seconds go by, on both clocks.
        async fn later(&self, by: Duration) {
            for _ in 0..by.as_secs() {
                self.clock.advance(seconds(1));
                tokio::time::sleep(seconds(1)).await;
            }
        }

        async fn ask(
            &self,
            week: &str,
            owner: Option<&str>,
            by: &str,
            patience: Patience,
        ) -> Result<Option<Made>, NotMade> {
            let asked = Asked {
                week: week.parse().unwrap(),
                now: self.clock.now(),
                zone: TimeZone::UTC,
                owner: owner.map(str::to_owned),
                deadlines: Deadlines::default(),
                roster: Vec::new(),
                windows: Arc::default(),
            };
            let (records, clock) = (self.records.clone(), self.clock.clone());
            self.shelf.report(&Sources { records, rules: Rules::default(), clock }, asked, by, patience).await
        }

        /// What a page of the week shows: after how many seconds its figures were made, or that it comes again.
        async fn page(&self, week: &str) -> Result<Option<i64>, NotMade> {
            let made = self.ask(week, None, "li.lei", Patience::Page).await?;
            Ok(made.map(|made| (made.at.as_millis() - BEGUN) / 1000))
        }

        fn gathered(&self) -> usize {
            self.records.asked.load(Ordering::SeqCst)
        }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn broken() -> NotMade {
        NotMade::Ledger(LedgerError::Failed("no disk".into()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_many_ask_for_is_gathered_once_and_not_for_long() {
        let rig = Rig::of(Duration::from_millis(10));
        futures_util::future::join_all((0..20).map(|_| rig.page(THIS))).await;
        assert_eq!(rig.gathered(), 1);
        let check = async |after: u64, made_at: i64, gathered: usize| {
            rig.later(seconds(after)).await;
            assert_eq!(rig.page(THIS).await, Ok(Some(made_at)), "it says when it was made");
            tokio::time::sleep(seconds(1)).await;
            assert_eq!(rig.gathered(), gathered, "what is gathered for the next one has ended");
        };
        check(9, 0, 1).await;
        // No longer fresh: a newer one is gathered for whoever comes next.
        check(1, 0, 2).await;
        check(1, 10, 2).await;
        // Too old to be shown.
        check(400, 411, 3).await;
        // Somebody else's, and another week.
        rig.ask(THIS, Some("cards"), "li.lei", Patience::Page).await.unwrap();
        rig.page(LAST).await.unwrap();
        assert_eq!(rig.gathered(), 5);
        // A file is as new as it can be.
        rig.later(seconds(11)).await;
        let file = rig.ask(LAST, None, "li.lei", Patience::File).await.unwrap().unwrap();
        assert_eq!(file.at, rig.clock.now());
    }

    const THIS: &str = "2026-W47";
    const LAST: &str = "2026-W46";

    #[tokio::test(start_paused = true)]
    async fn no_page_waits_for_what_takes_long() {
        let rig = Rig::of(seconds(40));
        for visit in 0..39 {
            let began = Instant::now();
            assert_eq!(rig.page(THIS).await, Ok(None), "visit {visit}");
            assert_eq!(began.elapsed(), PAGE_WAITS);
            rig.later(seconds(1)).await;
        }
        rig.later(seconds(1)).await;
        assert_eq!((rig.page(THIS).await, rig.gathered()), (Ok(Some(0)), 1), "all wait for the same");
        // What is printed or taken away comes once: it waits.
        let sheet = rig.ask(LAST, None, "li.lei", Patience::Sheet).await.unwrap();
        assert!(sheet.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_again_is_told_that_it_failed() {
        let rig = Rig::of(seconds(40));
        rig.records.broken.store(true, Ordering::SeqCst);
        assert_eq!(rig.page(THIS).await, Ok(None));
        rig.later(seconds(41)).await;
        // Each who asks, and without asking the ledger again.
        for _ in 0..3 {
            assert_eq!((rig.page(THIS).await, rig.gathered()), (Err(broken()), 1));
        }
        rig.records.broken.store(false, Ordering::SeqCst);
        rig.later(FAILED_FOR).await;
        assert_eq!(rig.page(THIS).await, Ok(None), "then it is tried again");
        rig.later(seconds(41)).await;
        assert_eq!(rig.gathered(), 2);
        let made = rig.page(THIS).await.unwrap();
        assert!(made.is_some());
        // What was gathered is shown for a while, whatever becomes of a newer one.
        rig.records.broken.store(true, Ordering::SeqCst);
        rig.later(seconds(60)).await;
        assert_eq!(rig.ask(THIS, None, "li.lei", Patience::File).await.err(), Some(broken()));
        assert_eq!(rig.page(THIS).await, Ok(made));
    }

    #[tokio::test(start_paused = true)]
    async fn a_week_that_is_over_is_told_by_what_came_after_it() {
        let rig = Rig::of(seconds(1));
        let sheet = async || rig.ask(THIS, None, "li.lei", Patience::Sheet).await.unwrap().unwrap().at;
        let ends = THIS.parse::<Week>().unwrap().window(&TimeZone::UTC).to();
        let left = ends.since(rig.clock.now());
        rig.clock.advance(left.saturating_sub(seconds(1)));
        assert!(sheet().await < ends);
        rig.clock.advance(seconds(2));
        assert_eq!(sheet().await, rig.clock.now(), "though the last one is seconds old");
    }

    #[tokio::test(start_paused = true)]
    async fn few_are_gathered_at_once_and_none_is_lost_before_its_page_comes_again() {
        let rig = Rig::of(seconds(1));
        let owners: Vec<String> = (0..40).map(|n| format!("team-{n}")).collect();
        let visits = async || {
            let asked = owners.iter().map(|owner| rig.ask(THIS, Some(owner), owner, Patience::Page));
            futures_util::future::join_all(asked).await
        };
        assert!(visits().await.iter().all(|page| matches!(page, Ok(None))));
        rig.later(seconds(21)).await;
        assert!(visits().await.iter().all(|page| matches!(page, Ok(Some(_)))));
        assert_eq!((rig.gathered(), rig.records.most.load(Ordering::SeqCst)), (40, GATHERED_AT_ONCE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_that_asks_for_ever_others_does_not_fill_the_shelf() {
        let rig = Rig::of(seconds(1));
        let weeks: Vec<String> =
            (2020..2025).flat_map(|year| (1..=50).map(move |n| format!("{year}-W{n:02}"))).collect();
        let crowded = async |by: &dyn Fn(usize) -> String| {
            let mut sent_away = 0;
            for (n, week) in weeks.iter().enumerate() {
                let told = rig.ask(week, None, &by(n), Patience::Page).await;
                sent_away += usize::from(matches!(told, Err(NotMade::Crowded)));
            }
            sent_away
        };
        // One of them waits for a few; nobody else is kept out.
        let most = |count: usize| weeks.len() - count;
        assert!(crowded(&|_| "han.meimei".to_owned()).await >= most(PLACES_EACH + 50));
        assert_eq!(rig.page(THIS).await, Ok(None));
        rig.later(seconds(10)).await;
        assert_eq!(rig.page(THIS).await, Ok(Some(0)));
        // Many of them: what is being gathered is not given up for others.
        assert!(crowded(&|n| format!("person-{n}")).await > 0);
        assert_eq!(rig.shelf.all().len(), PLACES_MAX);
        rig.later(seconds(60)).await;
        assert_eq!(rig.page(LAST).await, Ok(None));
        rig.later(seconds(2)).await;
        assert!(matches!(rig.page(LAST).await, Ok(Some(_))));
        assert_eq!(rig.shelf.all().len(), PLACES_MAX);
    }
}
