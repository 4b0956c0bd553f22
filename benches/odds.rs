//! How soon what some customers meet is told, and how seldom the robot's own errors are: seeded series through the real
//! pipeline (walk again, judge, fold, SQLite) with walks whose outcome is drawn by lot in place of a browser's.
//! `ci/bench odds` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "stage/record.rs"]
mod record;

use async_trait::async_trait;
use clap::Parser;
use gengfu::detector::Judged;
use gengfu::fleet::{Backlog, CALL_OFF_WITHIN, Clerk, Customers, Herald, Leases, Order, Ticket, Walker, Walks};
use gengfu::incident::{Archive as _, Change, Gathering, IncidentQuery, Kind, Policy, QueuedNotice, State};
use gengfu::journey::{self, FileProblem, Files, Journey, Limits};
use gengfu::moment::{Clock, HandClock, Moment};
use gengfu::store::Store;
use gengfu::walk::port::Account;
use gengfu::walk::{Failure, FailureKind, Purpose, Trouble, TroubleKind, WalkRecord};
use record::record;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[derive(Parser, Clone)]
struct Options {
    /// Series of each share.
    #[arg(long, default_value_t = 100)]
    series: u64,
    /// First looks in a series at most.
    #[arg(long, default_value_t = 400)]
    looks: usize,
    /// Walks of an app that is right, over a hundred journeys.
    #[arg(long, default_value_t = 100_000)]
    clean: usize,
    /// Of how many walks the robot errs, in thousandths.
    #[arg(long, default_value_t = 15)]
    errs: u64,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Xorshift64* (Vigna 2016): the same series on every machine.
struct Lot(u64);

impl Lot {
    fn new(seed: u64) -> Self {
        let mut lot = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            lot.draw();
        }
        lot
    }

    fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Whether so many of a thousand.
    fn falls(&mut self, thousandths: u64) -> bool {
        (self.draw() >> 32) % 1_000 < thousandths
    }
}

/// Walks by lot.
struct ByLot {
    lot: Mutex<Lot>,
    /// Of how many walks the step fails, in thousandths.
    fails: u64,
    /// What a step fails of.
    kind: FailureKind,
    clock: Arc<HandClock>,
}

#[async_trait]
impl Walks for ByLot {
    async fn walk(&self, order: Order, _cancel: CancellationToken) -> WalkRecord {
        let failed = self.lot.lock().unwrap().falls(self.fails);
        self.clock.advance(Duration::from_secs(6));
        let failure = |kind| Failure { kind, said: "by lot".to_owned(), detail: None, locus: Some("基金".into()) };
        let failure = failed.then(|| failure(self.kind.clone()));
        record(&order.journey, order.walk, order.purpose.clone(), self.clock.now(), failure)
    }

    fn base_of(&self, _app: &str) -> String {
        "https://app.test/".to_owned()
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
        "{}".to_owned()
    }

    fn notices(&self, _changes: &mut [Change], _now: Moment) -> Vec<QueuedNotice> {
        Vec::new()
    }
}

struct OneText(String);

impl Files for OneText {
    fn read(&self, _path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(self.0.clone().into_bytes())
    }
}

fn journey(id: &str) -> Arc<Journey> {
    let text = format!(
        "journey: {id}\napp: app\nsteps:\n  - open: /\n    see: {{text: 首页}}\n  - tap: 基金\n    see: {{text: 净值}}\n"
    );
    Arc::new(
        journey::load("odds.yaml", &OneText(text), &Limits::default())
            .unwrap_or_else(|p| panic!("{}", p[0].render(false))),
    )
}

/// A patrol in its own ledger.
struct Patrol {
    walker: Walker,
    clerk: Clerk,
    store: Arc<Store>,
    clock: Arc<HandClock>,
}

impl Patrol {
    async fn new(dir: &Path, name: &str, seed: u64, fails: u64, kind: FailureKind) -> Self {
        let clock = Arc::new(HandClock::at(Moment::from_millis(1_795_000_000_000)));
        let store = Arc::new(Store::open(&dir.join(format!("{name}.db"))).await.unwrap());
        let walks = ByLot { lot: Mutex::new(Lot::new(seed)), fails, kind, clock: clock.clone() };
        let walker = Walker {
            walks: Arc::new(walks),
            customers: Arc::new(Nobody),
            leases: Leases::default(),
            account_within: Duration::from_secs(1),
            clock: clock.clone(),
            confirms: true,
            call_off_within: CALL_OFF_WITHIN,
            experience: None,
            control: None,
        };
        let clerk = Clerk {
            ledger: store.clone(),
            herald: Arc::new(Nobody),
            clock: clock.clone(),
            policy: Policy::default(),
            backlog: Backlog::default(),
        };
        Self { walker, clerk, store, clock }
    }

    /// One first look, and the walks made because of it; how many there were.
    async fn look(&self, journey: &Arc<Journey>) -> usize {
        let ticket = Ticket { journey: journey.clone(), purpose: Purpose::Manual, onlooker: None };
        let never = CancellationToken::new();
        self.walker.walk_and_file(&ticket, None, &self.clerk, &never, &never).await.unwrap().len()
    }

    /// Incidents that people were told of.
    async fn told(&self) -> usize {
        let query = IncidentQuery {
            states: vec![State::Open, State::Recovered],
            kind: Some(Kind::App),
            gathering: Gathering::Wholes,
            limit: 1_000,
            ..IncidentQuery::default()
        };
        self.store.incidents(&query).await.unwrap().len()
    }
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    println!(
        "first looks at 5 min until an incident is open, {} seeded series each; walks count confirming ones, too",
        options.series
    );
    println!("share of customers   read off the page   first looks p50/p90   walks p50/p90   not opened");
    for share in [1_000, 300, 100] {
        for (deterministic, kind) in
            [(false, FailureKind::Missing), (true, FailureKind::AssertionFalse { shown: "a == b (1, 2)".into() })]
        {
            shares(&options, dir.path(), share, deterministic, &kind).await;
        }
    }
    clean(&options, dir.path()).await;
}

async fn shares(options: &Options, dir: &Path, share: u64, deterministic: bool, kind: &FailureKind) {
    let journey = journey("fund");
    let (mut looks, mut walks, mut never) = (Vec::new(), Vec::new(), 0);
    for seed in 1..=options.series {
        let patrol = Patrol::new(dir, &format!("{share}-{deterministic}-{seed}"), seed, share, kind.clone()).await;
        let mut walked = 0;
        let mut opened = None;
        for look in 1..=options.looks {
            walked += patrol.look(&journey).await;
            if patrol.told().await > 0 {
                opened = Some(look);
                break;
            }
            patrol.clock.advance(Duration::from_secs(300));
        }
        match opened {
            Some(look) => {
                looks.push(look);
                walks.push(walked);
            }
            None => never += 1,
        }
    }
    looks.sort_unstable();
    walks.sort_unstable();
    let at = |all: &[usize], share: f64| {
        all.get(((all.len() as f64 * share).ceil() as usize).max(1) - 1).copied().unwrap_or(0)
    };
    println!(
        "{:>15} %   {:<17}   {:>9}/{:<9}   {:>6}/{:<6}   {never}",
        share / 10,
        if deterministic { "yes" } else { "no" },
        at(&looks, 0.5),
        at(&looks, 0.9),
        at(&walks, 0.5),
        at(&walks, 0.9),
    );
}

async fn clean(options: &Options, dir: &Path) {
    let began = Instant::now();
    let journeys: Vec<Arc<Journey>> = (0..100).map(|n| journey(&format!("journey-{n}"))).collect();
    let patrol = Patrol::new(dir, "clean", 1, options.errs, FailureKind::Missing).await;
    let (mut first, mut all) = (0, 0);
    while first < options.clean {
        for journey in &journeys {
            all += patrol.look(journey).await;
            first += 1;
        }
        patrol.clock.advance(Duration::from_secs(300));
    }
    println!(
        "an app that is right, {:.1} % of walks err: {} incidents in {first} first looks ({all} walks), seed 1, {} s",
        options.errs as f64 / 10.0,
        patrol.told().await,
        began.elapsed().as_secs()
    );
}
