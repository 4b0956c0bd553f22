//! Walks that come to be filed at once: one transaction, each folded with what those before it left.
#![expect(clippy::unwrap_used, reason = "a failed setup should stop the test where it stands")]

use async_trait::async_trait;
use futures_util::future::join_all;
use gengfu::detector::{Judged, judge};
use gengfu::finding::Kin;
use gengfu::fleet::{Backlog, Clerk, Finished, Herald, Order, stillborn};
use gengfu::id::{IncidentId, JourneyId, WalkId};
use gengfu::incident::{
    Archive as _, Change, Coming, Filed, FiledTogether, Filing, Folding, Incident, IncidentQuery, Known, Ledger,
    LedgerError, Missed, Policy, QueuedNotice, SlotClaim, SlotTaken, State,
};
use gengfu::journey::{FileProblem, Files, Journey, Limits, load};
use gengfu::moment::{HandClock, Moment};
use gengfu::store::Store;
use gengfu::walk::{Failure, FailureKind, Outcome, Purpose, Trouble, TroubleKind, Verdict, WalkRecord};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

struct Mute;

impl Herald for Mute {
    fn record(&self, _record: &WalkRecord, _judged: &Judged) -> String {
        "{}".into()
    }

    fn notices(&self, _changes: &mut [Change], _now: Moment) -> Vec<QueuedNotice> {
        Vec::new()
    }
}

struct Text(String);

impl Files for Text {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(self.0.clone().into_bytes())
    }
}

/// The real ledger; each transaction waits until it is let through, and is counted.
struct Gate {
    store: Store,
    through: Semaphore,
    transactions: AtomicUsize,
    largest: AtomicUsize,
    /// Walks that the ledger never takes.
    refused: std::sync::Mutex<Vec<WalkId>>,
}

#[async_trait]
impl Ledger for Gate {
    async fn take_slot(&self, claim: &SlotClaim) -> Result<SlotTaken, LedgerError> {
        self.store.take_slot(claim).await
    }
    async fn miss_slots(&self, journey: &JourneyId, missed: &[Missed], now: Moment) -> Result<(), LedgerError> {
        self.store.miss_slots(journey, missed, now).await
    }
    async fn last_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        self.store.last_slot(journey).await
    }
    async fn lost_slot(&self, journey: &JourneyId) -> Result<Option<Moment>, LedgerError> {
        self.store.lost_slot(journey).await
    }
    async fn sweep_slots(&self, now: Moment) -> Result<u64, LedgerError> {
        self.store.sweep_slots(now).await
    }
    async fn known(&self, journey: &JourneyId, app: &str, kin: &[&Kin]) -> Result<Known, LedgerError> {
        self.store.known(journey, app, kin).await
    }
    async fn in_hand(&self, after: Option<IncidentId>, limit: u32) -> Result<Vec<Incident>, LedgerError> {
        self.store.in_hand(after, limit).await
    }
    async fn forsaken(&self, limit: u32) -> Result<Vec<Incident>, LedgerError> {
        self.store.forsaken(limit).await
    }
    async fn file(&self, filing: &Filing) -> Result<Filed, LedgerError> {
        self.store.file(filing).await
    }
    async fn file_together(&self, coming: &[Coming<'_>], fold: Folding<'_>) -> Vec<Result<FiledTogether, LedgerError>> {
        self.through.acquire().await.unwrap().forget();
        self.transactions.fetch_add(1, Ordering::SeqCst);
        self.largest.fetch_max(coming.len(), Ordering::SeqCst);
        let mut bad = false;
        for place in 0..coming.len() {
            let known = Known { incidents: Vec::new(), last_good: None, first_looks: Vec::new() };
            bad |= self.refused.lock().unwrap().contains(&fold(place, known).walk.walk);
        }
        match bad {
            true => coming.iter().map(|_| Err(LedgerError::Failed("it cannot be written".into()))).collect(),
            false => self.store.file_together(coming, fold).await,
        }
    }
    async fn amend(&self, changes: &[Change], notices: &[QueuedNotice], now: Moment) -> Result<Filed, LedgerError> {
        Ledger::amend(&self.store, changes, notices, now).await
    }
}

struct Rig {
    _dir: tempfile::TempDir,
    gate: Arc<Gate>,
    clerk: Clerk,
    journey: Arc<Journey>,
    clock: Arc<HandClock>,
}

impl Rig {
    async fn new(refused: Vec<WalkId>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("ledger.db")).await.unwrap();
        let (through, transactions, largest) = (Semaphore::new(0), AtomicUsize::default(), AtomicUsize::default());
        let gate = Arc::new(Gate { store, through, transactions, largest, refused: refused.into() });
        let clock = Arc::new(HandClock::at(Moment::from_millis(1_795_000_000_000)));
        let (herald, policy, backlog) = (Arc::new(Mute), Policy::default(), Backlog::default());
        let clerk = Clerk { ledger: gate.clone(), herald, clock: clock.clone(), policy, backlog };
        let text = "journey: way\napp: bank\nsteps:\n  - open: /\n    see: {text: hi}\n".to_owned();
        let journey = Arc::new(load("way.yaml", &Text(text), &Limits::default()).unwrap());
        Self { _dir: dir, gate, clerk, journey, clock }
    }

    /// A walk that failed, begun `after` seconds.
    fn walk(&self, walk: WalkId, after: u64) -> Finished {
        let trouble = Trouble { kind: TroubleKind::Cancelled, said: String::new() };
        let order =
            Order { walk, journey: self.journey.clone(), purpose: Purpose::Manual, account: None, onlooker: None };
        let started = Moment::from_millis(1_795_000_000_000).after(Duration::from_secs(after));
        let mut record = stillborn(&order, "https://bank.test/".into(), started, Duration::from_secs(1), trouble);
        record.losses.clear();
        record.verdict = Verdict::Failed;
        let kind = FailureKind::Missing;
        record.steps[0].outcome = Outcome::Failed(Failure {
            kind,
            said: "nothing is named hi".into(),
            detail: None,
            locus: Some("hi".into()),
        });
        Finished { judged: judge(&record), record }
    }

    fn open_the_gate(&self) {
        self.gate.through.add_permits(1_000);
    }

    async fn incidents(&self) -> Vec<Incident> {
        let query = IncidentQuery { states: State::ALL.to_vec(), limit: 1_000, ..IncidentQuery::default() };
        self.gate.store.incidents(&query).await.unwrap()
    }
}

/// Files them; the gate opens when each has come as far as it can.
async fn at_once(rig: &Rig, walks: &[Finished]) -> Vec<Result<Vec<Change>, LedgerError>> {
    rig.clock.advance(Duration::from_secs(3_600));
    let filing = join_all(walks.iter().map(|walk| rig.clerk.file(walk, None)));
    let (filed, ()) = tokio::join!(filing, async { rig.open_the_gate() });
    filed
}

#[tokio::test]
async fn walks_that_come_at_once_are_one_transaction_and_each_knows_of_those_before_it() {
    let rig = Rig::new(Vec::new()).await;
    let walks: Vec<Finished> = (0..40).map(|number| rig.walk(WalkId::fresh(), number)).collect();
    let filed = at_once(&rig, &walks).await;
    assert!(filed.iter().all(Result::is_ok), "{filed:?}");
    let incidents = rig.incidents().await;
    assert_eq!(incidents.len(), 1, "one fault is one incident: {incidents:?}");
    assert_eq!(incidents[0].sightings, 40, "each walk was folded with what the one before it left");
    let (transactions, largest) =
        (rig.gate.transactions.load(Ordering::SeqCst), rig.gate.largest.load(Ordering::SeqCst));
    assert!(transactions <= 3 && largest >= 38, "{transactions} transactions, the largest of {largest} walks");
    assert!(rig.clerk.backlog.is_empty());
}

#[tokio::test]
async fn a_walk_whose_slot_is_anothers_keeps_none_of_the_others() {
    let rig = Rig::new(Vec::new()).await;
    let walks: Vec<Finished> = (0..9).map(|number| rig.walk(WalkId::fresh(), number)).collect();
    let slot = Moment::from_millis(1_795_000_000_000);
    let stale = {
        let mut walk = rig.walk(WalkId::fresh(), 20);
        walk.record.purpose = Purpose::Patrol { slot };
        walk
    };
    rig.open_the_gate();
    rig.clock.advance(Duration::from_secs(3_600));
    let (others, refused) =
        tokio::join!(join_all(walks.iter().map(|walk| rig.clerk.file(walk, None))), rig.clerk.file(&stale, Some(7)));
    assert!(others.iter().all(Result::is_ok), "{others:?}");
    assert!(matches!(refused, Err(LedgerError::StaleEpoch { epoch: 7, .. })), "{refused:?}");
    assert_eq!(rig.incidents().await[0].sightings, 9);
    assert_eq!(rig.gate.store.walk(stale.record.walk).await.unwrap(), None, "nothing of it is written");
    assert!(rig.clerk.backlog.is_empty());
}

#[tokio::test]
async fn walks_that_the_ledger_does_not_take_keep_none_of_the_others() {
    let bad = [WalkId::fresh(), WalkId::fresh()];
    let rig = Rig::new(bad.to_vec()).await;
    let mut walks: Vec<Finished> = (0..9).map(|number| rig.walk(WalkId::fresh(), number)).collect();
    walks.insert(4, rig.walk(bad[0], 30));
    let filed = at_once(&rig, &walks).await;
    let failed: Vec<usize> = (0..10).filter(|place| filed[*place].is_err()).collect();
    assert_eq!(failed, vec![4], "{filed:?}");
    assert_eq!(rig.incidents().await[0].sightings, 9);
    assert_eq!(rig.clerk.backlog.waiting(), 1, "it waits for a better time");
    // Nor those that come after it, nor after two of them.
    rig.clerk.file(&rig.walk(WalkId::fresh(), 40), None).await.unwrap();
    assert_eq!((rig.incidents().await[0].sightings, rig.clerk.backlog.waiting()), (10, 1));
    rig.clerk.file(&rig.walk(bad[1], 50), None).await.unwrap_err();
    rig.clerk.file(&rig.walk(WalkId::fresh(), 60), None).await.unwrap();
    assert_eq!((rig.incidents().await[0].sightings, rig.clerk.backlog.waiting()), (11, 2));
    // Nor one that waits behind them, and is taken by now.
    let late = rig.walk(WalkId::fresh(), 80);
    rig.gate.refused.lock().unwrap().push(late.record.walk);
    rig.clerk.file(&late, None).await.unwrap_err();
    rig.gate.refused.lock().unwrap().pop();
    rig.clerk.file(&rig.walk(WalkId::fresh(), 70), None).await.unwrap();
    assert_eq!((rig.incidents().await[0].sightings, rig.clerk.backlog.waiting()), (13, 2));
}

#[tokio::test]
async fn who_is_called_off_while_filing_for_others_leaves_them_filed_and_its_own_walk_kept() {
    let rig = Rig::new(Vec::new()).await;
    let walks: Vec<Finished> = (0..5).map(|number| rig.walk(WalkId::fresh(), number)).collect();
    rig.clock.advance(Duration::from_secs(3_600));
    let first = {
        let (clerk, walk) = (rig.clerk.clone(), walks[0].clone());
        tokio::spawn(async move { clerk.file(&walk, None).await })
    };
    let others = {
        let (clerk, walks) = (rig.clerk.clone(), walks[1..].to_vec());
        tokio::spawn(async move { join_all(walks.iter().map(|walk| clerk.file(walk, None))).await })
    };
    // Both have come as far as they can: the first stands before the gate with what it took along.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    rig.open_the_gate();
    let filed = others.await.unwrap();
    assert!(filed.iter().all(Result::is_ok), "{filed:?}");
    rig.clerk.catch_up().await.unwrap();
    assert_eq!(rig.incidents().await[0].sightings, 5, "none is lost, none is there twice");
    assert!(rig.clerk.backlog.is_empty());
}
