//! How much of what breaks becomes an incident, of the right class at the right step, with the right cause, and how soon:
//! every fault of the demo, always or (`--rates 30,10`) for some visitors only, patrolled in real browsers through the real
//! pipeline (walk, judge, confirm, fold, SQLite). Clean walks teach the baselines before. Faults are switched on one at a
//! time; `--pairs` switches on two that have nothing to do with each other and counts those that are told as one, and
//! `--clean` patrols the healthy demo, where everything that is told is false. `ci/bench detect` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "stage/chance.rs"]
mod chance;
#[path = "detect/clean.rs"]
mod clean;
#[path = "detect/pairs.rs"]
mod pairs;
#[path = "detect/patrol.rs"]
mod patrol;
#[path = "stage/shelf.rs"]
mod shelf;
#[path = "stage/mod.rs"]
mod stage;
#[path = "detect/table.rs"]
mod table;
#[path = "detect/watch.rs"]
mod watch;
#[path = "detect/wilson.rs"]
mod wilson;

use clap::Parser;
use clean::Clean;
use gengfu::demo::{Customer, Demo, DemoOptions, Fault, Rate};
use gengfu::walk::run::Pictures;
use pairs::{Pair, Two};
use patrol::{Patrol, Series};
use serde_json::{Value, json};
use shelf::MemoryShelf;
use stage::Stage;
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

#[derive(Parser, Clone)]
struct Options {
    /// Only these faults, such as `BF01,CT05`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only this group of the catalogue, such as `A`.
    #[arg(long)]
    group: Option<char>,
    /// For how many visitors in a hundred: 100, 30, 10.
    #[arg(long, value_delimiter = ',', default_value = "100")]
    rates: Vec<u8>,
    /// How often each journey is patrolled at most, when the fault shows always.
    #[arg(long, default_value_t = 3)]
    cycles: usize,
    /// The same, when only some visitors meet it.
    #[arg(long, default_value_t = 40)]
    cycles_rare: usize,
    /// Instead: so many pairs of unrelated faults, drawn by lot, both on at once.
    #[arg(long, conflicts_with = "clean")]
    pairs: Option<usize>,
    /// Instead: so many walks of every journey of the healthy demo, with churn.
    #[arg(long)]
    clean: Option<usize>,
    /// What the demos' chance, and the lot, begin with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 3)]
    at_once: usize,
    /// Only starts a demo of this seed, says where, and waits until its input ends: for `ci/bench rivals`.
    #[arg(long)]
    serve: bool,
    /// Writes every series there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One thing to patrol.
enum Wanted {
    /// One fault for one share of the visitors.
    Fault(&'static Fault, Rate),
    Pair(Two),
    Clean(Vec<&'static str>),
}

/// What came of it.
#[derive(Default)]
struct Done {
    series: Vec<Series>,
    pairs: Vec<Pair>,
    clean: Option<Clean>,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let options = Options::parse();
    if options.serve {
        return serve(options.seed).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let browsers = stage::browsers(dir.path(), true).await;
    let (began, shelf) = (Instant::now(), Arc::new(MemoryShelf::default()));
    let (wanted, journeys) = wanted(&options);
    let mut patrols = Vec::new();
    for number in 0..options.at_once {
        let seed = options.seed * 1_000 + u64::try_from(number).unwrap_or_default();
        let stage = Stage::start(number, seed, browsers.clone(), dir.path(), Pictures::Failures).await;
        patrols.push(Patrol::new(stage, shelf.clone(), dir.path()));
    }
    patrol::teach(&patrols, journeys).await;
    let taught = began.elapsed().as_secs();
    println!("taught in {taught} s");
    let (patrols, mut done) = work(patrols, wanted, &options).await;
    for patrol in patrols {
        patrol.stop().await;
    }
    browsers.shutdown().await;
    done.series.sort_by_key(|s| (100 - s.percent, s.fault.group, s.fault.id));
    if !done.series.is_empty() {
        table::say(&done.series);
    }
    if !done.pairs.is_empty() {
        table::say_pairs(&done.pairs);
    }
    done.clean.iter().for_each(table::say_clean);
    println!("seed {}, {} at once, {} s in all", options.seed, options.at_once, began.elapsed().as_secs());
    if let Some(path) = &options.json {
        let all = json!({"seed": options.seed, "at_once": options.at_once, "taught_seconds": taught,
            "seconds": began.elapsed().as_secs(), "table": table::to_json(&done.series),
            "series": done.series.iter().map(Series::to_json).collect::<Vec<_>>(),
            "pairs": done.pairs.iter().map(Pair::to_json).collect::<Vec<_>>(),
            "clean": done.clean.as_ref().map_or(Value::Null, Clean::to_json)});
        std::fs::write(path, serde_json::to_string_pretty(&all).unwrap()).unwrap();
    }
}

async fn serve(seed: u64) {
    let demo = Demo::start(DemoOptions { seed, ..DemoOptions::default() }).await.unwrap();
    let customer = |c: &Customer| json!({"username": c.username, "password": c.password, "trade_pin": c.trade_pin, "totp": c.totp_secret});
    let customers: Vec<Value> = demo.customers().iter().map(customer).collect();
    println!("{}", json!({"app": demo.app_url(), "control": demo.control_url(), "customers": customers}));
    let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    let _ = ended.await;
    demo.stop().await;
}

/// What the options ask for, and the journeys of it.
fn wanted(options: &Options) -> (VecDeque<Wanted>, BTreeSet<&'static str>) {
    let faults = pairs::faults(|f| {
        (options.only.is_empty() || options.only.iter().any(|id| id == f.id))
            && options.group.is_none_or(|group| group == f.group)
    });
    if let Some(times) = options.clean {
        let journeys = stage::journeys();
        let all: Vec<&str> = (0..times).flat_map(|_| journeys.iter().copied()).collect();
        let share = |at| Wanted::Clean(all.iter().copied().skip(at).step_by(options.at_once).collect());
        return ((0..options.at_once).map(share).collect(), journeys);
    }
    if let Some(count) = options.pairs {
        let drawn = pairs::drawn(&faults, count, options.seed);
        let journeys = drawn.iter().flatten().flat_map(|fault| fault.shows_in.iter().copied()).collect();
        return (drawn.into_iter().map(Wanted::Pair).collect(), journeys);
    }
    let rates = options.rates.iter().map(|percent| match percent {
        100 => Rate::Always,
        30 => Rate::ThirtyPercent,
        10 => Rate::TenPercent,
        other => panic!("a fault shows to 100, 30 or 10 visitors in a hundred, not to {other}"),
    });
    let journeys = faults.iter().flat_map(|fault| fault.shows_in.iter().copied()).collect();
    (rates.flat_map(|rate| faults.iter().map(move |fault| Wanted::Fault(fault, rate))).collect(), journeys)
}

/// All patrols take one thing after another.
async fn work(patrols: Vec<Patrol>, wanted: VecDeque<Wanted>, options: &Options) -> (Vec<Patrol>, Done) {
    let queue = Arc::new(Mutex::new(wanted));
    let working = patrols.into_iter().map(|patrol| {
        let (queue, options) = (queue.clone(), options.clone());
        tokio::spawn(async move {
            let mut all = Done::default();
            loop {
                let next = queue.lock().unwrap().pop_front();
                let Some(next) = next else { break };
                all.take(&patrol, next, &options).await;
            }
            (patrol, all)
        })
    });
    let (mut patrols, mut done) = (Vec::new(), Done::default());
    for task in working.collect::<Vec<_>>() {
        let (patrol, all) = task.await.unwrap();
        patrols.push(patrol);
        done.series.extend(all.series);
        done.pairs.extend(all.pairs);
        done.clean = match (done.clean, all.clean) {
            (Some(one), Some(other)) => Some(one.with(other)),
            (one, other) => one.or(other),
        };
    }
    (patrols, done)
}

impl Done {
    async fn take(&mut self, patrol: &Patrol, wanted: Wanted, options: &Options) {
        match wanted {
            Wanted::Fault(fault, rate) => {
                let cycles = if rate == Rate::Always { options.cycles } else { options.cycles_rare };
                let series = patrol.series(fault, rate, patrol::cycles_of(fault, cycles)).await;
                println!("{}", table::line(&series));
                self.series.push(series);
            }
            Wanted::Pair(faults) => {
                let pair = patrol.pair(faults, options.cycles).await;
                println!("{}", pair.line());
                self.pairs.push(pair);
            }
            Wanted::Clean(journeys) => {
                let clean = patrol.clean(&journeys).await;
                self.clean = Some(match self.clean.take() {
                    Some(before) => before.with(clean),
                    None => clean,
                });
            }
        }
    }
}
