//! Walks that people ask for: in the same seats as all others, never two of a journey at once, and shown as they come.

use super::*;
use gengfu::actor::Actor;
use gengfu::audit::{Draft, Entry, Head, Line, Log, LogError, Look, ObjectKind, Page};
use gengfu::fleet::{ASKED_MAX, Ask, NotAsked, WishEnd, WishLook, WishStage, Wishes};
use gengfu::id::LogId;
use gengfu::incident::Meaning;
use std::sync::atomic::AtomicBool;

/// An audit log that keeps what it is given, or is full.
#[derive(Default)]
struct Kept {
    drafts: Mutex<Vec<Draft>>,
    full: AtomicBool,
}

#[async_trait]
impl Log for Kept {
    async fn append(&self, drafts: &[Draft]) -> Result<Head, LogError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(LogError("full".into()));
        }
        self.drafts.lock().unwrap().extend_from_slice(drafts);
        Ok(Entry::first(LogId::fresh(), Moment::from_millis(0)).head())
    }
    async fn head(&self) -> Result<Option<(LogId, Head)>, LogError> {
        Ok(None)
    }
    async fn read(&self, _: &Page) -> Result<Vec<Line>, LogError> {
        Ok(Vec::new())
    }
    async fn look(&self, _: &Look) -> Result<Vec<Line>, LogError> {
        Ok(Vec::new())
    }
    async fn each(&self, _: &mut (dyn FnMut(Line) + Send)) -> Result<(), LogError> {
        Ok(())
    }
    async fn newest_of(&self, _: ObjectKind) -> Result<Vec<Entry>, LogError> {
        Ok(Vec::new())
    }
}

/// A fleet on the watch whose people may ask.
struct Asked {
    story: Story,
    log: Arc<Kept>,
    wishes: Wishes,
    cancel: CancellationToken,
    watching: tokio::task::JoinHandle<()>,
}

impl Asked {
    async fn of(story: Story) -> Self {
        let (log, cancel) = (Arc::new(Kept::default()), CancellationToken::new());
        let wishes = Wishes::new(log.clone(), story.clock.clone());
        let dispatcher = story.open().await.unwrap().granting(wishes.clone());
        let watching = tokio::spawn(dispatcher.watch(cancel.clone()));
        Self { story, log, wishes, cancel, watching }
    }

    async fn ask(&self, journey: &str, of: Option<IncidentId>, who: &str) -> Result<(WishLook, bool), NotAsked> {
        self.wishes.ask(Ask { journey: journey.parse().unwrap(), of, by: Actor::person(who).unwrap() }).await
    }

    /// How a wish stands after so many seconds.
    async fn after(&self, seconds: u64, wish: &WishLook) -> WishLook {
        tokio::time::sleep_until(Instant::now() + Duration::from_secs(seconds)).await;
        self.wishes.look(wish.id).unwrap()
    }

    async fn stop(self) -> Story {
        self.cancel.cancel();
        self.watching.await.unwrap();
        self.story
    }
}

/// One journey every hour, whose first `failing` walks fail.
fn hourly(failing: usize) -> Story {
    let plan = move |_: &str, n: usize| if n <= failing { Deed::Fail } else { Deed::Pass };
    let mut story = Story::of(&[journey("buy", None)], 4, plan);
    story.posts[0].schedule = Schedule::every(Duration::from_secs(3600)).unwrap();
    story
}

fn ended(look: &WishLook, expected: WishEnd) {
    assert_eq!(look.stage, WishStage::Ended(expected), "{look:?}");
    assert!(look.ended.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_asked_walk_is_made_at_once_shown_and_says_what_it_means() {
    // The first patrol's three walks open the incident; the fourth is asked for.
    let asked = Asked::of(hourly(4)).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(30)).await;
    let of = asked.story.ledger.0.lock().unwrap().incidents[0].id;
    let (wish, joined) = asked.ask("buy", Some(of), "chen").await.unwrap();
    assert!(!joined);
    let look = asked.after(2, &wish).await;
    assert_eq!((&look.stage, look.steps[0].outcome), (&WishStage::Walks, None), "{look:?}");
    let look = asked.after(4, &wish).await;
    ended(&look, WishEnd::Filed { verdict: Verdict::Failed, meanings: vec![(of, Meaning::Still)] });
    assert_eq!(look.steps[0].outcome.map(|outcome| outcome.word()), Some("failed"));
    let filed = asked.story.filed("buy");
    let last = filed.last().unwrap();
    let by = Actor::person("chen").unwrap();
    assert_eq!((last.walk.purpose.clone(), last.epoch), (Purpose::Asked { by, of: Some(of) }, None));
    assert_eq!(look.walk, Some(last.walk.walk));
    // What passes counts for closing, one by one.
    for count in 1..=2 {
        let (wish, _) = asked.ask("buy", Some(of), "li").await.unwrap();
        let look = asked.after(6, &wish).await;
        ended(&look, WishEnd::Filed { verdict: Verdict::Passed, meanings: vec![(of, Meaning::Passed { count })] });
    }
    let told: Vec<_> = asked.log.drafts.lock().unwrap().iter().map(|d| (d.actor.word(), d.action.word())).collect();
    assert_eq!(told, ["chen", "li", "li"].map(|who| (format!("person:{who}"), "walk-asked")));
    let story = asked.stop().await;
    assert_eq!(story.ledger.0.lock().unwrap().missed, []);
}

#[tokio::test(start_paused = true)]
async fn who_asks_while_one_waits_joins_and_nothing_is_walked_twice() {
    let asked = Asked::of(hourly(0)).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(10)).await;
    let (first, _) = asked.ask("buy", None, "chen").await.unwrap();
    assert_eq!(asked.after(1, &first).await.stage, WishStage::Walks);
    // What is walked already was begun before they asked: it waits for that to end.
    let (second, joined) = asked.ask("buy", None, "chen").await.unwrap();
    assert!(!joined && second.id != first.id);
    let (third, joined) = asked.ask("buy", None, "li").await.unwrap();
    assert_eq!((third.id, joined), (second.id, true));
    // Nobody is named whom the audit log does not name.
    asked.log.full.store(true, Ordering::SeqCst);
    assert_eq!(asked.ask("buy", None, "wang").await.unwrap_err(), NotAsked::Unrecorded);
    asked.log.full.store(false, Ordering::SeqCst);
    assert!(asked.ask("buy", None, "wang").await.unwrap().1);
    let look = asked.after(14, &third).await;
    ended(&look, WishEnd::Filed { verdict: Verdict::Passed, meanings: vec![] });
    assert_eq!(look.by.iter().map(Actor::name).collect::<Vec<_>>(), ["chen", "li", "wang"]);
    assert_eq!(asked.story.filed("buy").len(), 3, "the patrol's and two more");
    // Who comes later sees how the last one ended, for a while.
    let shown = |asked: &Asked| asked.wishes.latest_of(&"buy".parse().unwrap()).map(|look| look.id);
    assert_eq!(shown(&asked), Some(second.id));
    let (fourth, _) = asked.ask("buy", None, "chen").await.unwrap();
    assert_eq!(shown(&asked), Some(fourth.id));
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(20 * 60)).await;
    assert_eq!(shown(&asked), None);
    asked.stop().await;
}

/// A due time waits for the walk that somebody asked for, and is walked then.
#[tokio::test(start_paused = true)]
async fn no_due_time_is_missed_for_it_and_no_journey_walked_twice_at_once() {
    let asked = Asked::of(Story::of(&[journey("buy", Some("retail"))], 25, |_, _| Deed::Pass)).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(50)).await;
    let (wish, _) = asked.ask("buy", None, "chen").await.unwrap();
    let look = asked.after(30, &wish).await;
    ended(&look, WishEnd::Filed { verdict: Verdict::Passed, meanings: vec![] });
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(100)).await;
    let story = asked.stop().await;
    assert_eq!(story.actors.stage.lock().unwrap().most_at_once, 1);
    assert!(!story.actors.stage.lock().unwrap().shared_account);
    assert_eq!(story.ledger.0.lock().unwrap().missed, []);
    let patrols = story.filed("buy").iter().filter(|f| f.epoch.is_some()).count();
    assert!(patrols >= 3, "{patrols}");
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_seat_like_any_other_and_gives_up_in_time() {
    let mut story = Story::of(&[journey("long", None), journey("buy", None)], 300, |_, _| Deed::Pass);
    story.limits.walks_at_once = 1;
    story.posts.iter_mut().for_each(|post| post.schedule = Schedule::every(Duration::from_secs(3600)).unwrap());
    // "buy" is not due before the hour is full.
    let now = story.clock.now();
    story.ledger.0.lock().unwrap().last.insert("buy".parse().unwrap(), now);
    let asked = Asked::of(story).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(2)).await;
    let (wish, _) = asked.ask("buy", None, "chen").await.unwrap();
    assert_eq!(asked.after(200, &wish).await.stage, WishStage::Waits, "the one seat is taken");
    let look = asked.after(120, &wish).await;
    assert!(matches!(look.stage, WishStage::Walks | WishStage::Prepares), "{look:?}");
    assert_eq!(asked.story.actors.stage.lock().unwrap().most_at_once, 1);
    // What its own journey's walk keeps waiting too long is given up.
    let (other, _) = asked.ask("long", None, "chen").await.unwrap();
    let look = asked.after(125, &other).await;
    ended(&look, WishEnd::NoRoom);
    asked.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_walked_says_why() {
    let mut story = hourly(0);
    let money = Journey { safety: gengfu::journey::Safety::Money, ..Journey::clone(&journey("pay", None)) };
    story.posts.push(Post { journey: Arc::new(money), schedule: story.posts[0].schedule.clone() });
    let asked = Asked::of(story).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(10)).await;
    let refused = async |journey: &str, who: &str| asked.ask(journey, None, who).await.unwrap_err();
    assert_eq!(refused("pay", "chen").await, NotAsked::LeavesTraces);
    assert_eq!(refused("nowhere", "chen").await, NotAsked::NotWatched);
    asked.log.full.store(true, Ordering::SeqCst);
    assert_eq!(refused("buy", "chen").await, NotAsked::Unrecorded);
    let patrols = asked.story.filed("buy").len();
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(60)).await;
    assert_eq!(asked.story.filed("buy").len(), patrols, "nothing is walked for whom the log does not name");
    asked.log.full.store(false, Ordering::SeqCst);
    for _ in 0..ASKED_MAX {
        asked.ask("buy", None, "li").await.unwrap();
        tokio::time::sleep_until(Instant::now() + Duration::from_secs(10)).await;
    }
    assert!(matches!(refused("buy", "li").await, NotAsked::TooOften(wait) if wait > Duration::from_secs(500)));
    asked.ask("buy", None, "wang").await.unwrap();
    asked.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_robot_that_stops_says_so_to_who_waits_and_to_who_looks_on() {
    let plan = |journey: &str, n: usize| if journey == "buy" && n > 1 { Deed::Dally } else { Deed::Pass };
    let mut story = Story::of(&[journey("buy", None), journey("next", None)], 4, plan);
    story.posts.iter_mut().for_each(|post| post.schedule = Schedule::every(Duration::from_secs(3600)).unwrap());
    let asked = Asked::of(story).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(10)).await;
    let (walks, _) = asked.ask("buy", None, "chen").await.unwrap();
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(2)).await;
    // Three seats: one asked walk at a time, so that this one waits.
    let (waits, _) = asked.ask("next", None, "chen").await.unwrap();
    assert_eq!(asked.after(1, &waits).await.stage, WishStage::Waits);
    let wishes = asked.wishes.clone();
    asked.stop().await;
    for wish in [walks, waits] {
        ended(&wishes.look(wish.id).unwrap(), WishEnd::Stopped);
    }
    let late = Ask { journey: "buy".parse().unwrap(), of: None, by: Actor::person("chen").unwrap() };
    assert_eq!(wishes.ask(late).await.unwrap_err(), NotAsked::Stopping);
}

#[tokio::test(start_paused = true)]
async fn a_walker_that_is_lost_leaves_nobody_waiting() {
    let plan = |_: &str, n: usize| if n == 2 { Deed::Panic } else { Deed::Pass };
    let mut story = Story::of(&[journey("buy", None)], 4, plan);
    story.posts[0].schedule = Schedule::every(Duration::from_secs(3600)).unwrap();
    let asked = Asked::of(story).await;
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(10)).await;
    let (wish, _) = asked.ask("buy", None, "chen").await.unwrap();
    let look = asked.after(10, &wish).await;
    // Its record says that a defect ended it, and it means nothing for the app.
    ended(&look, WishEnd::Filed { verdict: Verdict::Inconclusive, meanings: vec![] });
    asked.stop().await;
}
