//! How much of what breaks becomes an incident, of the right class at the right step, and how soon: every fault of the demo,
//! always or (`--rates 30,10`) for some visitors only, patrolled in real browsers through the real pipeline (walk, judge,
//! confirm, fold, SQLite). Clean walks teach the baselines before. Faults are switched on one at a time: wrong merges of two
//! are not measured here, and false incidents of clean walks by `ci/bench faults --clean`. `ci/bench detect` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "detect/patrol.rs"]
mod patrol;
#[path = "stage/mod.rs"]
mod stage;
#[path = "detect/table.rs"]
mod table;

use clap::Parser;
use gengfu::demo::{FAULTS, Fault, Rate};
use gengfu::walk::run::Pictures;
use patrol::{MemoryShelf, Patrol, Series};
use serde_json::json;
use stage::Stage;
use std::collections::VecDeque;
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
    /// What the demos' chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 3)]
    at_once: usize,
    /// Writes every series there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One fault for one share of the visitors.
#[derive(Clone, Copy)]
struct Wanted {
    fault: &'static Fault,
    rate: Rate,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let options = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let browsers = stage::browsers(dir.path()).await;
    let (began, shelf) = (Instant::now(), Arc::new(MemoryShelf::default()));
    let wanted = wanted(&options);
    let mut patrols = Vec::new();
    for number in 0..options.at_once {
        let seed = options.seed * 1_000 + u64::try_from(number).unwrap_or_default();
        let stage = Stage::start(number, seed, browsers.clone(), dir.path(), Pictures::Failures).await;
        patrols.push(Patrol::new(stage, shelf.clone(), dir.path()));
    }
    let journeys = wanted.iter().flat_map(|w| w.fault.shows_in.iter().copied()).collect();
    patrol::teach(&patrols, journeys).await;
    println!("taught in {} s", began.elapsed().as_secs());
    let (patrols, mut all) = work(patrols, wanted, &options).await;
    for patrol in patrols {
        patrol.stop().await;
    }
    browsers.shutdown().await;
    all.sort_by_key(|s| (100 - s.percent, s.fault.group, s.fault.id));
    table::say(&all);
    println!("seed {}, {} series in {} s", options.seed, all.len(), began.elapsed().as_secs());
    if let Some(path) = &options.json {
        let all = json!({"seed": options.seed, "series": all.iter().map(Series::to_json).collect::<Vec<_>>()});
        std::fs::write(path, serde_json::to_string_pretty(&all).unwrap()).unwrap();
    }
}

fn wanted(options: &Options) -> VecDeque<Wanted> {
    let asked = |f: &&Fault| {
        (options.only.is_empty() || options.only.iter().any(|id| id == f.id))
            && options.group.is_none_or(|group| group == f.group)
    };
    let rates = options.rates.iter().map(|percent| match percent {
        100 => Rate::Always,
        30 => Rate::ThirtyPercent,
        10 => Rate::TenPercent,
        other => panic!("a fault shows to 100, 30 or 10 visitors in a hundred, not to {other}"),
    });
    rates.flat_map(|rate| FAULTS.iter().filter(asked).map(move |fault| Wanted { fault, rate })).collect()
}

/// All patrols take one series after another.
async fn work(patrols: Vec<Patrol>, wanted: VecDeque<Wanted>, options: &Options) -> (Vec<Patrol>, Vec<Series>) {
    let queue = Arc::new(Mutex::new(wanted));
    let working = patrols.into_iter().map(|patrol| {
        let (queue, options) = (queue.clone(), options.clone());
        tokio::spawn(async move {
            let mut all = Vec::new();
            loop {
                let next = queue.lock().unwrap().pop_front();
                let Some(Wanted { fault, rate }) = next else { break };
                let cycles = if rate == Rate::Always { options.cycles } else { options.cycles_rare };
                let series = patrol.series(fault, rate, cycles).await;
                println!("{}", table::line(&series));
                all.push(series);
            }
            (patrol, all)
        })
    });
    let mut done = (Vec::new(), Vec::new());
    for task in working.collect::<Vec<_>>() {
        let (patrol, all) = task.await.unwrap();
        done.0.push(patrol);
        done.1.extend(all);
    }
    done
}
