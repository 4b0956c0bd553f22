//! The fleet told as time lines: a clock that moves by itself, a ledger in memory, walks that do as they are told.
//! Nothing sleeps for real: the runtime's clock jumps to the next due thing.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "fleet/adversity.rs"]
mod adversity;
#[path = "fleet/asked.rs"]
mod asked;
#[path = "fleet/queue.rs"]
mod queue;

use async_trait::async_trait;
use gengfu::detector::Judged;
use gengfu::finding::Kin;
use gengfu::fleet::{
    Backlog, CALL_OFF_WITHIN, Clerk, Customers, Dispatcher, FleetLimits, Herald, Leases, OpenError, Order, Post,
    Walker, Walks, stillborn,
};
use gengfu::id::{IncidentId, JourneyId, WalkId};
use gengfu::incident::{
    Change, Deadlines, Filed, Filing, Incident, Known, Ledger, LedgerError, MissReason, Missed, Policy, QueuedNotice,
    SlotClaim, SlotTaken, State, What,
};
use gengfu::journey::{FileProblem, Files, Journey, Limits, load};
use gengfu::maintenance::{Almanac, Windows};
use gengfu::moment::{Clock, Moment};
use gengfu::patrol::Schedule;
use gengfu::walk::port::{Account, Watcher as _};
use gengfu::walk::{Failure, FailureKind, Outcome, Purpose, Trouble, TroubleKind, Verdict, WalkRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Follows the runtime's clock, which tests move; a story may set it off by so many milliseconds.
struct RuntimeClock(Instant, AtomicI64);

impl Clock for RuntimeClock {
    fn now(&self) -> Moment {
        // A whole minute: journeys every 60 s fall due at once, and then each minute of the story.
        Moment::from_millis(1_000_000_020_000 + self.1.load(Ordering::Relaxed)).after(self.0.elapsed())
    }
}

/// Everything the ledger was told.
#[derive(Default)]
struct Memory {
    slots: BTreeMap<(JourneyId, Moment), Option<WalkId>>,
    missed: Vec<(JourneyId, Missed)>,
    filings: Vec<Filing>,
    incidents: Vec<Incident>,
    /// What was changed by no walk.
    amended: Vec<What>,
    /// How many filings fail before the next one is taken.
    failures_left: usize,
    last: BTreeMap<JourneyId, Moment>,
    /// The newest slot of a journey, where its holder died with it.
    lost: BTreeMap<JourneyId, Moment>,
    /// Whether incidents are compared with what was read, as the real ledger does.
    strict: bool,
}

#[derive(Default)]
struct MemoryLedger(Mutex<Memory>);

#[async_trait]
impl Ledger for MemoryLedger {
    async fn take_slot(&self, claim: &SlotClaim) -> Result<SlotTaken, LedgerError> {
        let mut memory = self.0.lock().unwrap();
        let taken = memory.slots.insert((claim.journey.clone(), claim.slot), None).is_some();
        Ok(if taken { SlotTaken::AlreadyTaken } else { SlotTaken::Taken { epoch: 1 } })
    }

    async fn miss_slots(&self, journey: &JourneyId, missed: &[Missed], _now: Moment) -> Result<(), LedgerError> {
        self.0.lock().unwrap().missed.extend(missed.iter().map(|missed| (journey.clone(), *missed)));
        Ok(())
    }

    async fn last_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        Ok(self.0.lock().unwrap().last.get(journey).copied())
    }

    async fn lost_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        Ok(self.0.lock().unwrap().lost.get(journey).copied())
    }

    async fn sweep_slots(&self, _now: Moment) -> Result<u64, LedgerError> {
        Ok(0)
    }

    async fn known(&self, _journey: &JourneyId, _app: &str, _kin: &[&Kin]) -> Result<Known, LedgerError> {
        tokio::task::yield_now().await;
        Ok(Known { incidents: self.0.lock().unwrap().incidents.clone(), last_good: None, first_looks: Vec::new() })
    }

    async fn in_hand(&self, _after: Option<IncidentId>, _limit: u32) -> Result<Vec<Incident>, LedgerError> {
        let all = self.0.lock().unwrap().incidents.clone();
        Ok(all.into_iter().filter(|i| i.state != State::Suspected && i.handling.closed.is_none()).collect())
    }

    async fn forsaken(&self, _limit: u32) -> Result<Vec<Incident>, LedgerError> {
        let all = self.0.lock().unwrap().incidents.clone();
        let closed = |id| all.iter().find(|i| i.id == id).and_then(|original| original.handling.closed);
        let forsaken = |i: &&Incident| {
            i.handling
                .duplicate_of
                .and_then(closed)
                .is_some_and(|closed| i.state == State::Open && i.last_seen > closed)
        };
        Ok(all.iter().filter(forsaken).cloned().collect())
    }

    async fn file(&self, filing: &Filing) -> Result<Filed, LedgerError> {
        let mut memory = self.0.lock().unwrap();
        if memory.failures_left > 0 {
            memory.failures_left -= 1;
            return Err(LedgerError::Failed("database is locked".into()));
        }
        let stale = |change: &Change| {
            let kept = memory.incidents.iter().find(|i| i.fingerprint == change.after.fingerprint);
            kept.map(|i| i.revision) != change.before.as_ref().map(|i| i.revision)
        };
        if memory.strict && filing.changes.iter().any(stale) {
            return Ok(Filed::Conflict);
        }
        for change in &filing.changes {
            memory.incidents.retain(|incident| incident.id != change.after.id);
            memory.incidents.push(change.after.clone());
        }
        memory.filings.push(filing.clone());
        Ok(Filed::Written)
    }

    async fn amend(&self, changes: &[Change], _: &[QueuedNotice], _: Moment) -> Result<Filed, LedgerError> {
        let mut memory = self.0.lock().unwrap();
        for change in changes {
            memory.incidents.retain(|incident| incident.id != change.after.id);
            memory.incidents.push(change.after.clone());
            memory.amended.push(change.what);
        }
        Ok(Filed::Written)
    }
}

struct Mute(Arc<Almanac>);

impl Herald for Mute {
    fn record(&self, _record: &WalkRecord, _judged: &Judged) -> String {
        "{}".into()
    }
    fn notices(&self, changes: &mut [Change], now: Moment) -> Vec<QueuedNotice> {
        let plan = gengfu::alert::Plan { maintenance: self.0.clone(), ..Default::default() };
        plan.tell(changes, now, &mut gengfu::id::NoticeId::fresh)
    }
    fn windows(&self, now: Moment) -> Arc<Windows> {
        self.0.around(now)
    }
}

/// One customer in the pool `retail`.
struct OneCustomer;

impl Customers for OneCustomer {
    fn names(&self, pool: &str) -> Vec<String> {
        if pool == "retail" { vec!["retail-1".into()] } else { Vec::new() }
    }
    fn open(&self, _pool: &str, name: &str) -> Result<Account, Trouble> {
        Ok(Account { name: name.into(), fields: BTreeMap::new(), secrets: BTreeMap::new() })
    }
}

/// What a walk does.
#[derive(Clone, Copy)]
enum Deed {
    Pass,
    Fail,
    Panic,
    /// Walks until it is called off.
    Dally,
    /// Does not even end when it is called off.
    Hang,
}

/// What the n-th walk of a journey does.
type Plan = dyn Fn(&str, usize) -> Deed + Send + Sync;

/// Walks that take `lasting` and do as the plan says of the n-th walk of a journey.
struct Actors {
    clock: Arc<dyn Clock>,
    lasting: Duration,
    plan: Box<Plan>,
    stage: Mutex<Acted>,
}

#[derive(Default)]
struct Acted {
    walks: BTreeMap<String, usize>,
    under_way: BTreeSet<WalkId>,
    most_at_once: usize,
    accounts: Vec<String>,
    shared_account: bool,
}

#[async_trait]
impl Walks for Actors {
    async fn walk(&self, order: Order, cancel: CancellationToken) -> WalkRecord {
        let (journey, started) = (order.journey.id.to_string(), self.clock.now());
        let number = {
            let mut stage = self.stage.lock().unwrap();
            stage.under_way.insert(order.walk);
            stage.most_at_once = stage.most_at_once.max(stage.under_way.len());
            if let Some(account) = &order.account {
                stage.shared_account |= stage.accounts.contains(&account.name);
                stage.accounts.push(account.name.clone());
            }
            let walks = stage.walks.entry(journey.clone()).or_default();
            *walks += 1;
            *walks
        };
        let deed = (self.plan)(&journey, number);
        if let Some(onlooker) = &order.onlooker {
            onlooker.step_begins(0, "打开首页").await;
        }
        match deed {
            Deed::Dally => cancel.cancelled().await,
            Deed::Hang => std::future::pending().await,
            Deed::Pass | Deed::Fail | Deed::Panic => tokio::time::sleep_until(Instant::now() + self.lasting).await,
        }
        {
            let mut stage = self.stage.lock().unwrap();
            stage.under_way.remove(&order.walk);
            stage.accounts.retain(|name| order.account.as_ref().is_none_or(|account| account.name != *name));
        }
        assert!(!matches!(deed, Deed::Panic), "a step kind that panics");
        let trouble = Trouble { kind: TroubleKind::Cancelled, said: "called off".into() };
        let mut record = stillborn(&order, String::new(), started, self.clock.now().since(started), trouble);
        let outcome = match deed {
            Deed::Dally => return record,
            Deed::Fail => Outcome::Failed(Failure {
                kind: FailureKind::Missing,
                said: "nothing is named 登录".into(),
                detail: None,
                locus: Some("登录".into()),
            }),
            _ => Outcome::Passed,
        };
        record.verdict = if matches!(deed, Deed::Fail) { Verdict::Failed } else { Verdict::Passed };
        record.losses.clear();
        record.steps[0].outcome = outcome;
        if let Some(onlooker) = &order.onlooker {
            onlooker.step_ended(0, &record.steps[0]).await;
        }
        record
    }

    fn base_of(&self, _app: &str) -> String {
        "http://127.0.0.1/".into()
    }
}

struct Text(String);

impl Files for Text {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(self.0.clone().into_bytes())
    }
}

fn journey(id: &str, account: Option<&str>) -> Arc<Journey> {
    let account = account.map(|pool| format!("account: {pool}\n")).unwrap_or_default();
    let text = format!("journey: {id}\ntitle: {id}\napp: bank\n{account}steps:\n  - open: /\n    see: {{text: hi}}\n");
    Arc::new(load("j.yaml", &Text(text), &Limits::default()).unwrap_or_else(|wrong| panic!("{wrong:?}")))
}

/// A fleet on its stage.
struct Story {
    ledger: Arc<MemoryLedger>,
    actors: Arc<Actors>,
    clock: Arc<RuntimeClock>,
    posts: Vec<Post>,
    limits: FleetLimits,
    almanac: Arc<Almanac>,
}

impl Story {
    /// Journeys every 60 s, walks of `lasting` seconds, three at once.
    fn of(journeys: &[Arc<Journey>], lasting: u64, plan: impl Fn(&str, usize) -> Deed + Send + Sync + 'static) -> Self {
        let clock = Arc::new(RuntimeClock(Instant::now(), AtomicI64::new(0)));
        let lasting = Duration::from_secs(lasting);
        let schedule = Schedule::every(Duration::from_secs(60)).unwrap();
        let post = |journey: &Arc<Journey>| Post { journey: journey.clone(), schedule: schedule.clone() };
        Self {
            ledger: Arc::default(),
            actors: Arc::new(Actors { clock: clock.clone(), lasting, plan: Box::new(plan), stage: Mutex::default() }),
            clock,
            posts: journeys.iter().map(post).collect(),
            limits: FleetLimits {
                walks_at_once: 3,
                walks_waiting: 100,
                catch_up_within: Duration::from_secs(120),
                drain_within: Duration::from_secs(20),
                deadlines: Deadlines::default(),
            },
            almanac: Arc::default(),
        }
    }

    async fn open(&self) -> Result<Dispatcher, OpenError> {
        let walker = Walker {
            walks: self.actors.clone(),
            customers: Arc::new(OneCustomer),
            leases: Leases::default(),
            account_within: Duration::from_secs(10),
            clock: self.clock.clone(),
            confirms: true,
            call_off_within: CALL_OFF_WITHIN,
            experience: None,
            control: None,
        };
        let clerk = Clerk {
            ledger: self.ledger.clone(),
            herald: Arc::new(Mute(self.almanac.clone())),
            clock: self.clock.clone(),
            policy: Policy::default(),
            backlog: Backlog::default(),
        };
        Dispatcher::open(self.posts.clone(), walker, clerk, self.limits.clone(), "walker-1".into()).await
    }

    /// Keeps watch for `seconds`, then stops; gives how long stopping took.
    async fn watch(&self, seconds: u64) -> Duration {
        let cancel = CancellationToken::new();
        let watching = tokio::spawn(self.open().await.unwrap().watch(cancel.clone()));
        tokio::time::sleep_until(Instant::now() + Duration::from_secs(seconds)).await;
        cancel.cancel();
        let stopping = Instant::now();
        watching.await.unwrap();
        stopping.elapsed()
    }

    fn filed(&self, journey: &str) -> Vec<Filing> {
        let memory = self.ledger.0.lock().unwrap();
        memory.filings.iter().filter(|filing| filing.walk.journey.as_str() == journey).cloned().collect()
    }

    fn missed(&self, reason: MissReason) -> usize {
        self.ledger.0.lock().unwrap().missed.iter().filter(|(_, missed)| missed.reason == reason).count()
    }

    /// What happened to incidents, in order, repeats left out.
    fn changes(&self, journey: &str) -> Vec<What> {
        let all = self.filed(journey);
        all.iter().flat_map(|f| &f.changes).map(|c| c.what).filter(|what| what.is_move()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn each_due_time_is_walked_once_and_no_more_than_allowed_at_once() {
    let journeys: Vec<_> = ["a", "b", "c", "d", "e"].map(|id| journey(id, None)).into();
    let story = Story::of(&journeys, 4, |_, _| Deed::Pass);
    story.watch(300).await;
    for id in ["a", "b", "c", "d", "e"] {
        let filed = story.filed(id);
        let slots: BTreeSet<_> = filed.iter().map(|filing| format!("{:?}", filing.walk.purpose)).collect();
        assert!((5..=6).contains(&filed.len()), "{id}: {}", filed.len());
        assert_eq!(slots.len(), filed.len(), "{id}: a slot was walked twice");
        assert!(filed.iter().all(|filing| filing.epoch == Some(1)));
    }
    assert_eq!(story.actors.stage.lock().unwrap().most_at_once, 3);
    assert_eq!(story.ledger.0.lock().unwrap().missed, []);
}

#[tokio::test(start_paused = true)]
async fn a_walk_longer_than_its_period_is_not_overtaken() {
    let story = Story::of(&[journey("slow", None)], 150, |_, _| Deed::Pass);
    story.watch(600).await;
    assert_eq!(story.actors.stage.lock().unwrap().most_at_once, 1);
    assert!((3..=4).contains(&story.filed("slow").len()));
    assert!(story.missed(MissReason::Overlap) >= 5, "each skipped due time is told");
    let memory = story.ledger.0.lock().unwrap();
    let mut told: Vec<i64> = memory.missed.iter().map(|(_, missed)| missed.slot.as_millis()).collect();
    told.extend(memory.slots.keys().map(|(_, slot)| slot.as_millis()));
    told.sort_unstable();
    assert!(told.windows(2).all(|pair| pair[1] - pair[0] == 60_000), "a due time is forgotten or told twice: {told:?}");
}

/// Where the next robot takes up the watch is the newest slot in the ledger.
#[tokio::test(start_paused = true)]
async fn a_robot_that_dies_has_told_no_due_time_beyond_one_that_waits() {
    let mut story = Story::of(&[journey("long", None), journey("waits", None)], 250, |_, _| Deed::Pass);
    story.limits.walks_at_once = 1;
    let watching = tokio::spawn(story.open().await.unwrap().watch(CancellationToken::new()));
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(200)).await;
    watching.abort();
    assert!(watching.await.unwrap_err().is_cancelled());
    let memory = story.ledger.0.lock().unwrap();
    assert_eq!((memory.slots.len(), &memory.missed[..]), (1, &[][..]));
}

#[tokio::test(start_paused = true)]
async fn a_test_customer_is_never_in_two_walks() {
    let journeys = [journey("a", Some("retail")), journey("b", Some("retail")), journey("c", Some("retail"))];
    let story = Story::of(&journeys, 4, |_, _| Deed::Pass);
    story.watch(120).await;
    assert!(!story.actors.stage.lock().unwrap().shared_account);
    let walked = |id: &str| story.filed(id).iter().filter(|f| f.walk.verdict == Verdict::Passed).count();
    assert!(walked("a") >= 2 && walked("b") >= 2 && walked("c") >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_walk_without_a_customer_says_so() {
    let story = Story::of(&[journey("a", Some("vip"))], 4, |_, _| Deed::Pass);
    story.watch(30).await;
    let filed = story.filed("a");
    assert_eq!(filed.len(), 1);
    assert_eq!(filed[0].walk.verdict, Verdict::Inconclusive);
    assert_eq!(filed[0].changes[0].after.detector, "robot-health");
    assert_eq!(story.actors.stage.lock().unwrap().walks.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_confirmed_at_once_opened_once_and_recovers() {
    // The first patrol's three walks and the next two patrols fail, then the app is well.
    let story = Story::of(&[journey("buy", None)], 4, |_, n| if n <= 5 { Deed::Fail } else { Deed::Pass });
    story.watch(400).await;
    assert_eq!(story.changes("buy"), [What::Suspected, What::Suspected, What::Opened, What::Recovered]);
    let confirming = |f: &&Filing| matches!(f.walk.purpose, Purpose::Confirm { .. });
    let filed = story.filed("buy");
    assert_eq!(filed.iter().filter(confirming).count(), 2, "an open incident is not confirmed again");
    let gap = filed[1].walk.started.since(filed[0].walk.started);
    assert!(gap < Duration::from_secs(6), "the second walk followed at once, not {gap:?} later");
    assert_eq!(filed[1].epoch, None, "the slot belongs to the first walk");
    assert_eq!(story.ledger.0.lock().unwrap().incidents[0].state, State::Recovered);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_confirmed_once_it_is_stopping() {
    let story = Story::of(&[journey("buy", None)], 4, |_, _| Deed::Fail);
    story.watch(1).await;
    assert_eq!((story.filed("buy").len(), story.changes("buy")), (1, vec![What::Suspected]));
}

#[tokio::test(start_paused = true)]
async fn what_the_second_walk_does_not_see_opens_nothing() {
    let story = Story::of(&[journey("buy", None)], 4, |_, n| if n == 1 { Deed::Fail } else { Deed::Pass });
    story.watch(200).await;
    assert_eq!(story.changes("buy"), [What::Suspected, What::Unconfirmed]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_one_walk_and_nothing_else() {
    let story = Story::of(&[journey("poison", None), journey("well", None)], 4, |id, _| match id {
        "poison" => Deed::Panic,
        _ => Deed::Pass,
    });
    story.watch(180).await;
    let poisoned = story.filed("poison");
    assert!(poisoned.len() >= 3, "it is tried again when due");
    assert!(poisoned.iter().all(|filing| filing.walk.verdict == Verdict::Inconclusive));
    let incident = &poisoned[0].changes[0].after;
    assert!(incident.cause.as_deref().unwrap_or_default().contains("a step kind that panics"), "{incident:?}");
    assert!(story.filed("well").iter().all(|filing| filing.walk.verdict == Verdict::Passed));
}

#[tokio::test(start_paused = true)]
async fn stopping_lets_walks_end_calls_off_the_rest_and_tells_what_waited() {
    let journeys: Vec<_> = ["quick", "dally", "hang", "waits", "waits-too"].map(|id| journey(id, None)).into();
    let story = Story::of(&journeys, 5, |id, _| match id {
        "dally" => Deed::Dally,
        "hang" => Deed::Hang,
        _ => Deed::Pass,
    });
    let took = story.watch(2).await;
    assert!(took <= Duration::from_secs(21), "{took:?}");
    assert_eq!(story.filed("quick")[0].walk.verdict, Verdict::Passed, "it had time to end");
    assert_eq!(story.filed("dally")[0].walk.verdict, Verdict::Inconclusive);
    assert_eq!(story.filed("dally")[0].changes, [], "what was called off says nothing of anybody");
    let hung = &story.filed("hang")[0];
    assert_eq!((hung.walk.verdict, &hung.changes[..]), (Verdict::Inconclusive, &[][..]), "given up, with a record");
    assert_eq!(story.missed(MissReason::Draining), 2);
}

#[tokio::test(start_paused = true)]
async fn an_absence_is_told_and_caught_up_by_one_walk() {
    let story = Story::of(&[journey("a", None)], 4, |_, _| Deed::Pass);
    let away = Moment::from_millis(story.clock.now().as_millis() - 600_000);
    story.ledger.0.lock().unwrap().last.insert("a".parse().unwrap(), away);
    story.watch(10).await;
    assert_eq!(story.filed("a").len(), 1);
    assert_eq!(story.missed(MissReason::Away), 9);
}

#[tokio::test(start_paused = true)]
async fn patrolling_nothing_is_an_error() {
    let story = Story::of(&[], 4, |_, _| Deed::Pass);
    assert!(matches!(story.open().await, Err(OpenError::Nothing(_))));
}
