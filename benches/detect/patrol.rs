//! A patrol of the demo through the real pipeline, with the faults on that are wanted.

use super::shelf::MemoryShelf;
use super::stage::{self, Stage};
use super::watch::{TOLD, Watch};
use async_trait::async_trait;
use gengfu::baseline::{Baseline, HELD_AFTER_WALKS, Lesson, PACE_KNOWN_AFTER_LOOKS};
use gengfu::demo::{Fault, Rate};
use gengfu::fleet::{CALL_OFF_WITHIN, Customers, Experience, Leases, Order, Ticket, Walker, Walks};
use gengfu::incident::Incident;
use gengfu::moment::SystemClock;
use gengfu::walk::port::Account;
use gengfu::walk::run::walk;
use gengfu::walk::{Purpose, Trouble, WalkRecord};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Who walks on a stage.
struct OnStage(Stage);

#[async_trait]
impl Walks for OnStage {
    async fn walk(&self, order: Order, cancel: CancellationToken) -> WalkRecord {
        let plan = self.0.plan(order.walk, order.purpose, order.account);
        walk(order.journey, plan, self.0.world.clone(), cancel).await
    }

    fn base_of(&self, _app: &str) -> String {
        self.0.demo.app_url().to_owned()
    }
}

impl Customers for OnStage {
    fn names(&self, pool: &str) -> Vec<String> {
        match pool {
            "tfa" => vec!["suwq".into()],
            _ => (1..=10).map(|n| format!("pool{n:02}")).collect(),
        }
    }

    fn open(&self, _pool: &str, name: &str) -> Result<Account, Trouble> {
        Ok(self.0.account(name))
    }
}

/// Patrols one stage.
pub struct Patrol {
    stage: Arc<OnStage>,
    shelf: Arc<MemoryShelf>,
    dir: PathBuf,
}

/// What became of one fault.
pub struct Series {
    pub fault: &'static Fault,
    /// Of a hundred visitors.
    pub percent: u8,
    /// Cycles of first looks until an incident of the right class at the right step was open; `None` when none was.
    pub found_after: Option<usize>,
    /// Cycles until any incident was open.
    pub opened_after: Option<usize>,
    /// Incidents that people were told of, the first first; those that recovered meanwhile, too.
    pub told: Vec<Told>,
    /// Walks, confirming ones included.
    pub walks: usize,
    /// Walks until it was found, confirming ones included.
    pub walks_to_found: Option<usize>,
    /// Walks that said nothing of the app.
    pub inconclusive: usize,
    pub took: Duration,
}

/// One incident.
pub struct Told {
    pub class_right: bool,
    pub step_right: bool,
    /// Whether it names the request or script that is at fault; `None` where the fault has none.
    pub cause_right: Option<bool>,
    pub cause: Option<String>,
    pub detector: String,
    pub headline: String,
    pub parts: usize,
}

impl Patrol {
    pub fn new(stage: Stage, shelf: Arc<MemoryShelf>, dir: &Path) -> Self {
        Self { stage: Arc::new(OnStage(stage)), shelf, dir: dir.to_owned() }
    }

    fn walker(&self, shelf: Arc<MemoryShelf>) -> Walker {
        Walker {
            walks: self.stage.clone(),
            customers: self.stage.clone(),
            leases: Leases::default(),
            account_within: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
            confirms: true,
            call_off_within: CALL_OFF_WITHIN,
            experience: Some(Experience::new(shelf, self.stage.0.world.vault.clone(), Lesson::Clean)),
            control: None,
        }
    }

    /// A ledger of its own, and a shelf with what was taught: what one series learns of its fault is no lesson for the
    /// next. The faults are on for `rate` of the visitors.
    pub async fn begin(&self, faults: &[&Fault], rate: Rate) -> Watch {
        let demo = &self.stage.0.demo;
        demo.mend_all();
        for fault in faults {
            assert!(demo.switch(fault.id, rate), "`{}` is a fault", fault.id);
        }
        Watch::begin(&self.dir, self.walker(Arc::new(MemoryShelf::clone(&self.shelf)))).await
    }

    /// Mends everything and puts the ledger away.
    pub async fn end(&self, watch: Watch) {
        self.stage.0.demo.mend_all();
        watch.end().await;
    }

    /// Patrols the journeys in which `fault` shows, until an incident is open and one cycle more, or `cycles` are over.
    pub async fn series(&self, fault: &'static Fault, rate: Rate, cycles: usize) -> Series {
        let (began, mut watch) = (Instant::now(), self.begin(&[fault], rate).await);
        let (mut found_after, mut opened_after, mut walks_to_found, mut seen) = (None, None, None, Vec::new());
        for cycle in 1..=cycles {
            let enough = found_after.is_some();
            for name in fault.shows_in {
                watch.walk(stage::load(name)).await;
                if walks_to_found.is_none() && told(&watch, fault).await.iter().any(Told::right) {
                    walks_to_found = Some(watch.walks);
                }
            }
            seen = told(&watch, fault).await;
            found_after = found_after.or(seen.iter().any(Told::right).then_some(cycle));
            opened_after = opened_after.or((!seen.is_empty()).then_some(cycle));
            if enough {
                break;
            }
        }
        let (walks, inconclusive) = (watch.walks, watch.inconclusive);
        self.end(watch).await;
        Series {
            fault,
            percent: rate.percent(),
            found_after,
            opened_after,
            told: seen,
            walks,
            walks_to_found,
            inconclusive,
            took: began.elapsed(),
        }
    }

    pub async fn stop(self) {
        Arc::into_inner(self.stage).expect("invariant: no walker is left").0.stop().await;
    }
}

/// The incidents that were opened, recovered or not, and are no part of another.
async fn told(watch: &Watch, fault: &Fault) -> Vec<Told> {
    let families = watch.families(&TOLD).await;
    let told = families.into_iter().map(|(whole, parts)| Told {
        class_right: class_right(fault, &whole),
        step_right: shows_at(fault, &whole),
        cause_right: (!fault.causes().is_empty()).then(|| cause_right(fault, &whole)),
        detector: whole.detector.clone(),
        headline: whole.headline.zh.clone(),
        cause: whole.cause,
        parts: parts.len(),
    });
    told.collect()
}

pub fn class_right(fault: &Fault, incident: &Incident) -> bool {
    incident.class.is_some_and(|c| c.word() == fault.class.name())
}

pub fn shows_at(fault: &Fault, incident: &Incident) -> bool {
    incident.step.as_ref().is_some_and(|step| fault.shows_at(&step.0, &incident.step_title))
}

pub fn cause_right(fault: &Fault, incident: &Incident) -> bool {
    incident.cause.as_deref().is_some_and(|cause| fault.caused_by(cause))
}

impl Told {
    pub fn right(&self) -> bool {
        self.class_right && self.step_right
    }
}

impl Series {
    pub fn to_json(&self) -> Value {
        let told = |t: &Told| {
            json!({"class_right": t.class_right, "step_right": t.step_right, "cause_right": t.cause_right,
                "detector": t.detector, "headline": t.headline, "cause": t.cause, "parts": t.parts})
        };
        json!({"fault": self.fault.id, "group": self.fault.group.to_string(), "percent": self.percent,
            "found_after": self.found_after, "opened_after": self.opened_after, "walks": self.walks,
            "walks_to_found": self.walks_to_found, "inconclusive": self.inconclusive, "seconds": self.took.as_secs(),
            "told": self.told.iter().map(told).collect::<Vec<_>>()})
    }
}

/// The detector that needs to know how long steps usually take.
const OF_PACE: &str = "slower-than-usual";
/// What is found by how long steps take is suspected for some looks before it is told.
const CYCLES_OF_PACE: usize = 8;

/// How often the journeys of a fault are patrolled at most, where others are so often.
pub fn cycles_of(fault: &Fault, cycles: usize) -> usize {
    if fault.expected_detector == OF_PACE { cycles.max(CYCLES_OF_PACE) } else { cycles }
}

/// Clean walks of a journey before anything is broken.
fn lessons_of(journey: &str) -> usize {
    let paced = |f: &Fault| f.expected_detector == OF_PACE && f.shows_in.contains(&journey);
    if gengfu::demo::FAULTS.iter().any(paced) { PACE_KNOWN_AFTER_LOOKS } else { HELD_AFTER_WALKS as usize }
}

/// Walks each journey as often as a baseline wants, while nothing is broken.
pub async fn teach(patrols: &[Patrol], journeys: BTreeSet<&'static str>) {
    let each = |journey: &&'static str| std::iter::repeat_n(*journey, lessons_of(journey));
    let lessons = journeys.iter().flat_map(each).collect::<Vec<_>>();
    let shares = patrols.iter().enumerate().map(|(at, patrol)| {
        let mine: Vec<&str> = lessons.iter().copied().skip(at).step_by(patrols.len()).collect();
        async move {
            let (walker, never) = (patrol.walker(patrol.shelf.clone()), CancellationToken::new());
            for name in mine {
                let ticket = Ticket { journey: stage::load(name), purpose: Purpose::Manual, onlooker: None };
                let walked = walker.walk_and_confirm(&ticket, &|_| {}, &never).await;
                let found = walked.iter().flat_map(|w| &w.judged.findings).map(|f| f.headline.zh.clone());
                let found: Vec<String> = found.collect();
                assert!(found.is_empty(), "a walk of {name} that should teach found {found:?}");
            }
        }
    });
    futures_util::future::join_all(shares).await;
    let known = patrols.first().map(|p| p.shelf.known()).unwrap_or_default();
    for name in journeys {
        let walks = known.get(name).map_or(0, Baseline::walks);
        assert!(walks >= HELD_AFTER_WALKS, "{name} was taught by {walks} walks only");
    }
}
