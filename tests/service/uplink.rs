//! The robot's own way is cut while every journey is due: one incident, the operator's, and not a word against the app.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on should stop where it stands")]

use async_trait::async_trait;
use gengfu::detector::Judged;
use gengfu::fleet::{
    Backlog, CALL_OFF_WITHIN, Clerk, Control, Customers, Herald, Leases, Order, Ticket, Walker, Walks, stillborn,
};
use gengfu::incident::{Archive as _, Change, IncidentQuery, Kind, Policy, QueuedNotice, State};
use gengfu::journey::{FileProblem, Files, Journey, Limits, load};
use gengfu::moment::{Clock, HandClock, Moment};
use gengfu::store::Store;
use gengfu::walk::port::Account;
use gengfu::walk::{Failure, FailureKind, Outcome, Purpose, Trouble, TroubleKind, Verdict, WalkRecord};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Nothing answers any walk.
struct Unanswered(Arc<HandClock>);

#[async_trait]
impl Walks for Unanswered {
    async fn walk(&self, order: Order, _cancel: CancellationToken) -> WalkRecord {
        self.0.advance(Duration::from_secs(5));
        let trouble = Trouble { kind: TroubleKind::Cancelled, said: String::new() };
        let mut record = stillborn(&order, self.base_of(""), self.0.now(), Duration::from_secs(5), trouble);
        let kind = FailureKind::NavigationFailed { error: "net::ERR_CONNECTION_TIMED_OUT".into() };
        record.losses.clear();
        record.verdict = Verdict::Failed;
        record.steps[0].outcome =
            Outcome::Failed(Failure { kind, said: "no answer".into(), detail: None, locus: None });
        record
    }

    fn base_of(&self, _app: &str) -> String {
        "https://bank.test/".into()
    }
}

/// Control pages that answer, or do not.
struct Pages {
    answer: bool,
    asked: AtomicUsize,
}

#[async_trait]
impl Control for Pages {
    async fn blind(&self) -> Option<String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        (!self.answer).then(|| "status.test: timed out".to_owned())
    }
}

struct Nobody;

impl Customers for Nobody {
    fn names(&self, _pool: &str) -> Vec<String> {
        Vec::new()
    }

    fn open(&self, _pool: &str, name: &str) -> Result<Account, Trouble> {
        Err(Trouble { kind: TroubleKind::Account, said: name.to_owned() })
    }
}

impl Herald for Nobody {
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

fn journey(number: usize) -> Arc<Journey> {
    let text = format!("journey: journey-{number}\napp: bank\nsteps:\n  - open: /\n    see: {{text: hi}}\n");
    Arc::new(load("j.yaml", &Text(text), &Limits::default()).unwrap())
}

/// Three rounds of eight journeys; the open incidents by kind: the app's, the robot's.
async fn check(answer: bool, expected: (bool, usize)) {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&dir.path().join("ledger.db")).await.unwrap());
    let clock = Arc::new(HandClock::at(Moment::from_millis(1_795_000_000_000)));
    let pages = Arc::new(Pages { answer, asked: AtomicUsize::new(0) });
    let walker = Walker {
        walks: Arc::new(Unanswered(clock.clone())),
        customers: Arc::new(Nobody),
        leases: Leases::default(),
        account_within: Duration::from_secs(1),
        clock: clock.clone(),
        confirms: true,
        call_off_within: CALL_OFF_WITHIN,
        experience: None,
        control: Some(pages.clone()),
    };
    let clerk = Clerk {
        ledger: store.clone(),
        herald: Arc::new(Nobody),
        clock: clock.clone(),
        policy: Policy::default(),
        backlog: Backlog::default(),
    };
    let (journeys, never) = ((0..8).map(journey).collect::<Vec<_>>(), CancellationToken::new());
    for _ in 0..3 {
        for journey in &journeys {
            let ticket = Ticket::new(journey.clone(), Purpose::Manual);
            walker.walk_and_file(&ticket, None, &clerk, &never, &never).await.unwrap();
        }
        clock.advance(Duration::from_secs(300));
    }
    assert!(pages.asked.load(Ordering::SeqCst) > 0, "the robot doubts itself before it blames an app");
    let open =
        |kind| IncidentQuery { states: vec![State::Open], kind: Some(kind), limit: 100, ..IncidentQuery::default() };
    let apps = store.incidents(&open(Kind::App)).await.unwrap().len();
    let robots = store.incidents(&open(Kind::Robot)).await.unwrap().len();
    assert_eq!((apps > 0, robots), expected, "{apps} incidents of the app");
}

#[tokio::test]
async fn who_reaches_nothing_blames_no_app_and_tells_the_operator_once() {
    check(false, (false, 1)).await;
}

#[tokio::test]
async fn an_app_that_alone_does_not_answer_is_blamed() {
    check(true, (true, 0)).await;
}
