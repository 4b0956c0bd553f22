//! Many who ask for reports, of a ledger that takes its time.

use super::*;
use crate::id::JourneyId;
use crate::incident::Deadlines;
use crate::measure::{Complaint, Gathered, Intake, WalkCounts, Window};
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

/// Saturday of this week.
const BEGUN: i64 = 1_795_300_000_000;
const THIS: &str = "2026-W47";
const LAST: &str = "2026-W46";

/// The runtime's own time, as the console's clock shows it.
struct OneClock(Instant);

impl Clock for OneClock {
    fn now(&self) -> Moment {
        Moment::from_millis(BEGUN).after(self.0.elapsed())
    }
}

/// A shelf, and what it is asked. Time is the test's own: it goes on where everything waits.
struct Rig {
    shelf: Shelf,
    records: Arc<Counting>,
    clock: Arc<OneClock>,
}

impl Rig {
    /// Where each gathering takes so long.
    fn of(takes: Duration) -> Self {
        let records = Arc::new(Counting { takes, ..Counting::default() });
        let clock = Arc::new(OneClock(Instant::now()));
        Self { shelf: Shelf::default(), records, clock }
    }

    /// Lets so much time go by.
    async fn later(&self, by: Duration) {
        tokio::time::sleep(by).await;
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
    check(8, 0, 1).await;
    // No longer fresh: a newer one is gathered for whoever comes next.
    check(2, 0, 2).await;
    check(1, 11, 2).await;
    // Too old to be shown.
    check(400, 414, 3).await;
    // Somebody else's, and another week.
    rig.ask(THIS, Some("cards"), "li.lei", Patience::Page).await.unwrap();
    rig.page(LAST).await.unwrap();
    assert_eq!(rig.gathered(), 5);
    // A file is as new as it can be.
    rig.later(seconds(11)).await;
    let asked = rig.clock.now();
    let file = rig.ask(LAST, None, "li.lei", Patience::File).await.unwrap().unwrap();
    assert_eq!(file.at, asked);
}

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
}

/// Pages come again as `gathering` in console.js does; whoever fetches a file, as often as they were told to.
#[tokio::test(start_paused = true)]
async fn however_long_it_takes_whoever_comes_again_has_it() {
    for takes in 1..100 {
        let rig = Rig::of(seconds(takes));
        let mut pause = seconds(1);
        while rig.page(THIS).await == Ok(None) {
            rig.later(pause).await;
            pause = (pause * 3 / 2).min(seconds(10));
        }
        assert_eq!((rig.page(THIS).await, rig.gathered()), (Ok(Some(0)), 1), "{takes} s");
        for every in [5, 30, 60] {
            let rig = Rig::of(seconds(takes));
            let began = Instant::now();
            while rig.ask(THIS, None, "a program", Patience::File).await.unwrap().is_none() {
                rig.later(seconds(every)).await;
                assert!(began.elapsed() < seconds(3 * takes + 2 * every), "{takes} s, asked for every {every} s");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_again_is_told_that_it_failed() {
    for takes in 1..100 {
        let rig = Rig::of(seconds(takes));
        rig.records.broken.store(true, Ordering::SeqCst);
        let mut pause = seconds(1);
        while rig.page(THIS).await == Ok(None) {
            rig.later(pause).await;
            pause = (pause * 3 / 2).min(seconds(10));
        }
        // Everybody, whoever else tries again, and without asking the ledger.
        let file = rig.ask(THIS, None, "a program", Patience::File);
        let (page, _) = tokio::join!(async { rig.page(THIS).await }, file);
        assert_eq!((page, rig.page(THIS).await), (Err(broken()), Err(broken())), "{takes} s");
        assert_eq!(rig.gathered(), 2, "once for pages, once for the file: {takes} s");
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_tried_again_and_hides_nothing_that_is_there() {
    let rig = Rig::of(seconds(1));
    rig.records.broken.store(true, Ordering::SeqCst);
    assert_eq!(rig.page(THIS).await, Ok(None));
    rig.later(seconds(2)).await;
    assert_eq!(rig.page(THIS).await, Err(broken()));
    rig.records.broken.store(false, Ordering::SeqCst);
    rig.later(FAILED_FOR).await;
    assert_eq!(rig.page(THIS).await, Ok(None), "it is tried again");
    rig.later(seconds(2)).await;
    let made = rig.page(THIS).await;
    assert!(matches!(made, Ok(Some(_))));
    // What was gathered is shown for a while, whatever becomes of a newer one.
    rig.records.broken.store(true, Ordering::SeqCst);
    rig.later(seconds(60)).await;
    assert_eq!(rig.ask(THIS, None, "li.lei", Patience::File).await.err(), Some(broken()));
    assert_eq!(rig.page(THIS).await, made);
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_never_answers_is_given_up() {
    let rig = Rig::of(seconds(10_000));
    assert_eq!(rig.page(THIS).await, Ok(None));
    rig.later(GATHERED_WITHIN + seconds(1)).await;
    assert!(matches!(rig.page(THIS).await, Err(NotMade::Ledger(LedgerError::Failed(_)))));
}

#[tokio::test(start_paused = true)]
async fn a_week_that_is_over_is_told_by_what_came_after_it() {
    let rig = Rig::of(seconds(3));
    let sheet = async || rig.ask(THIS, None, "li.lei", Patience::Sheet).await.unwrap().unwrap().at;
    let ends = THIS.parse::<Week>().unwrap().window(&TimeZone::UTC).to();
    rig.later(ends.since(rig.clock.now()).saturating_sub(seconds(5))).await;
    assert!(sheet().await < ends);
    rig.later(seconds(3)).await;
    assert!(sheet().await > ends, "though the last one is seconds old");
    // One that is under way when the week ends is not it, either.
    let rig = Rig::of(seconds(3));
    rig.later(ends.since(rig.clock.now()).saturating_sub(seconds(1))).await;
    assert_eq!(rig.page(THIS).await, Ok(None));
    rig.later(seconds(2)).await;
    let told = rig.ask(THIS, None, "li.lei", Patience::Sheet).await.unwrap().unwrap().at;
    assert_eq!((told > ends, rig.gathered()), (true, 2));
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
    // A program that fetches one week after another takes nobody's place.
    for n in 1..=52 {
        rig.ask(&format!("2025-W{n:02}"), None, "a program", Patience::File).await.unwrap();
    }
    assert!(visits().await.iter().all(|page| matches!(page, Ok(Some(_)))));
    assert_eq!((rig.gathered(), rig.records.most.load(Ordering::SeqCst)), (40 + 52, GATHERED_AT_ONCE));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_asks_for_ever_others_does_not_fill_the_shelf() {
    let rig = Rig::of(seconds(1));
    let weeks: Vec<String> = (2020..2025).flat_map(|year| (1..=50).map(move |n| format!("{year}-W{n:02}"))).collect();
    let sent_away = async |by: &dyn Fn(usize) -> String, why: NotMade| {
        let mut count = 0;
        for (n, week) in weeks.iter().enumerate() {
            count += usize::from(rig.ask(week, None, &by(n), Patience::Page).await == Err(why.clone()));
        }
        count
    };
    // One of them waits for a few; nobody else is kept out.
    assert!(sent_away(&|_| "han.meimei".to_owned(), NotMade::TooMany).await > 200);
    assert_eq!(rig.page(THIS).await, Ok(None));
    rig.later(seconds(10)).await;
    assert_eq!(rig.page(THIS).await, Ok(Some(0)));
    // Many of them: what is being gathered is not given up for others.
    assert!(sent_away(&|n| format!("person-{n}"), NotMade::Crowded).await > 0);
    assert_eq!(rig.shelf.all().len(), PLACES_MAX);
    rig.later(seconds(60)).await;
    assert_eq!(rig.page(LAST).await, Ok(None));
    rig.later(seconds(2)).await;
    assert!(matches!(rig.page(LAST).await, Ok(Some(_))));
    assert_eq!(rig.shelf.all().len(), PLACES_MAX);
}
