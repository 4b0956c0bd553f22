//! Faults that anyone brings, on an app that nobody here has seen: a file says what is changed on the way from the app, and
//! what should be said of it. Clean walks teach the baselines before; then each fault is patrolled through the whole pipeline
//! (walk, judge, confirm, fold, SQLite), and clean walks at the end say what is told of the healthy app.
//! `ci/bench foreign` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::print_stderr, reason = "what is wrong with the file goes beside it")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "stage/browsers.rs"]
mod browsers;
#[path = "foreign/faults.rs"]
mod faults;
#[path = "foreign/ground.rs"]
mod ground;
#[path = "foreign/proxy.rs"]
mod proxy;
#[path = "stage/shelf.rs"]
mod shelf;
#[path = "detect/watch.rs"]
mod watch;
#[path = "detect/wilson.rs"]
mod wilson;

use clap::Parser;
use faults::{App, Fault};
use gengfu::baseline::{Baseline, HELD_AFTER_WALKS};
use gengfu::incident::Incident;
use ground::Ground;
use proxy::Proxy;
use serde_json::{Value, json};
use shelf::MemoryShelf;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use url::Url;
use watch::{TOLD, Watch};
use wilson::share;

#[derive(Parser)]
struct Options {
    /// What can be broken, and what should be said of it.
    file: PathBuf,
    /// Where the app is.
    #[arg(long)]
    base: Url,
    /// Only these faults.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How often each journey is patrolled at most.
    #[arg(long, default_value_t = 3)]
    cycles: usize,
    /// Walks of each journey of the healthy app at the end.
    #[arg(long, default_value_t = 3)]
    clean: usize,
    /// Writes everything there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What became of one fault.
struct Series<'a> {
    fault: &'a Fault,
    /// Cycles until an incident of the right class at the right step was open.
    found_after: Option<usize>,
    told: Vec<Incident>,
    walks: usize,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let options = Options::parse();
    let read = faults::read(&options.file);
    let mut app = read.unwrap_or_else(|mistakes| {
        mistakes.iter().for_each(|mistake| eprintln!("{mistake}"));
        std::process::exit(2);
    });
    if let Some(unknown) = options.only.iter().find(|id| app.faults.iter().all(|fault| fault.id != **id)) {
        eprintln!("{}: no fault `{unknown}`", options.file.display());
        std::process::exit(2);
    }
    app.faults.retain(|fault| options.only.is_empty() || options.only.contains(&fault.id));
    let (began, dir) = (Instant::now(), tempfile::tempdir().unwrap());
    let browsers = browsers::browsers(dir.path(), true).await;
    let proxy = Proxy::start(options.base.clone()).await;
    let shelf = Arc::new(MemoryShelf::default());
    let ground = Ground::new(&app, &proxy.url, browsers.clone(), dir.path(), shelf.clone()).unwrap_or_else(|mistake| {
        eprintln!("{}: {mistake}", options.file.display());
        std::process::exit(2);
    });
    if let Err(said) = teach(&app, &ground, &shelf).await {
        eprintln!("{}: the healthy app should teach first: {said}", options.file.display());
        std::process::exit(1);
    }
    println!("taught in {} s", began.elapsed().as_secs());
    let mut all = Vec::new();
    for fault in &app.faults {
        proxy.switch(&fault.change);
        let series = patrol(fault, &ground, options.cycles).await;
        println!("{}", line(&series));
        all.push(series);
    }
    proxy.switch(&[]);
    let (walks, wrong) = clean(&app, &ground, options.clean).await;
    say(&all, walks, &wrong);
    println!("{} s in all", began.elapsed().as_secs());
    drop(ground);
    browsers.shutdown().await;
    if let Some(path) = &options.json {
        let all = json!({"app": app.app, "series": all.iter().map(to_json).collect::<Vec<_>>(),
            "clean": {"walks": walks, "incidents": wrong}});
        std::fs::write(path, serde_json::to_string_pretty(&all).unwrap()).unwrap();
    }
}

/// Walks each journey as often as a baseline wants. What is found now is no fault of the file's.
async fn teach(app: &App, ground: &Ground, shelf: &MemoryShelf) -> Result<(), String> {
    let mut watch = ground.watch().await;
    for _ in 0..HELD_AFTER_WALKS {
        for name in app.walked() {
            watch.walk(ground.load(name)?).await;
        }
    }
    let found = first_of(&watch).await;
    watch.end().await;
    let known = shelf.known();
    let few = app.walked().into_iter().find(|name| {
        let id = ground.load(name).map(|journey| journey.id.to_string()).unwrap_or_default();
        known.get(&id).map_or(0, Baseline::walks) < HELD_AFTER_WALKS
    });
    match (found, few) {
        (Some(found), _) => Err(found),
        (None, Some(name)) => Err(format!("not every walk of {name} got through")),
        (None, None) => Ok(()),
    }
}

async fn first_of(watch: &Watch) -> Option<String> {
    watch.families(&TOLD).await.first().map(|(found, _)| words(found))
}

fn words(incident: &Incident) -> String {
    format!("{} @ {} / {}: {}", incident.detector, incident.journey, incident.step_title, incident.headline.en)
}

/// Patrols the journeys in which it shows, until an incident is open and one cycle more, or `cycles` are over.
async fn patrol<'a>(fault: &'a Fault, ground: &Ground, cycles: usize) -> Series<'a> {
    let (mut watch, mut found_after, mut told) = (ground.watch().await, None, Vec::new());
    for cycle in 1..=cycles {
        let enough = found_after.is_some();
        for name in &fault.journeys {
            watch.walk(ground.load(name).expect("invariant: it was walked to teach")).await;
        }
        told = watch.families(&TOLD).await.into_iter().map(|(whole, _)| whole).collect();
        let right = |i: &Incident| class_right(fault, i) && step_right(fault, i);
        found_after = found_after.or(told.iter().any(right).then_some(cycle));
        if enough {
            break;
        }
    }
    let walks = watch.walks;
    watch.end().await;
    Series { fault, found_after, told, walks }
}

/// Walks of the healthy app, and what was told of it.
async fn clean(app: &App, ground: &Ground, times: usize) -> (usize, Vec<String>) {
    let mut watch = ground.watch().await;
    for _ in 0..times {
        for name in app.walked() {
            watch.walk(ground.load(name).expect("invariant: it was walked to teach")).await;
        }
    }
    let (walks, wrong) = (watch.walks, watch.families(&TOLD).await);
    watch.end().await;
    (walks, wrong.iter().map(|(found, _)| words(found)).collect())
}

fn class_right(fault: &Fault, incident: &Incident) -> bool {
    incident.class.is_some_and(|class| class.word() == fault.class.word())
}

fn step_right(fault: &Fault, incident: &Incident) -> bool {
    incident.step.as_ref().is_some_and(|step| fault.shows_at(&step.0, &incident.step_title))
}

/// Whether it names what the file wants; `None` where that wants nothing.
fn cause_right(fault: &Fault, incident: &Incident) -> Option<bool> {
    let wanted = fault.cause.as_deref()?;
    Some(incident.cause.as_deref().is_some_and(|cause| cause.contains(wanted)))
}

fn line(series: &Series<'_>) -> String {
    let after = series.found_after.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let told = series.told.iter().map(|incident| {
        let mut wrong = Vec::new();
        wrong.extend(
            (!class_right(series.fault, incident))
                .then(|| format!("class {}", incident.class.map_or("none", |c| c.word()))),
        );
        wrong.extend(
            (!step_right(series.fault, incident))
                .then(|| format!("step {}", incident.step.as_ref().map_or("none", |s| &s.0))),
        );
        let cause = cause_right(series.fault, incident) == Some(false);
        wrong.extend(cause.then(|| format!("cause {}", incident.cause.as_deref().unwrap_or("none"))));
        let wrong = if wrong.is_empty() { String::new() } else { format!(" (wrong: {})", wrong.join("; ")) };
        format!("{}{wrong}", words(incident))
    });
    let told = told.collect::<Vec<_>>().join(" | ");
    format!(
        "{:<20} found after {after:>2} incidents {} walks {:>3}  {told}",
        series.fault.id,
        series.told.len(),
        series.walks
    )
}

fn say(all: &[Series<'_>], walks: usize, wrong: &[String]) {
    let first = || all.iter().filter_map(|s| Some((s.fault, s.told.first()?)));
    let opened = first().count();
    let caused: Vec<bool> = first().filter_map(|(fault, incident)| cause_right(fault, incident)).collect();
    println!("\nshares with their 95 % interval (Wilson 1927); class, step and cause are of the first incident");
    println!("recall {}", share(all.iter().filter(|s| s.found_after.is_some()).count(), all.len()));
    println!("class  {}", share(first().filter(|(fault, i)| class_right(fault, i)).count(), opened));
    println!("step   {}", share(first().filter(|(fault, i)| step_right(fault, i)).count(), opened));
    println!("cause  {}", share(caused.iter().filter(|right| **right).count(), caused.len()));
    for group in 'A'..='G' {
        let of: Vec<_> = all.iter().filter(|s| s.fault.group == group).collect();
        if !of.is_empty() {
            println!(
                "recall of group {group} {}",
                share(of.iter().filter(|s| s.found_after.is_some()).count(), of.len())
            );
        }
    }
    let told: usize = all.iter().map(|s| s.told.len()).sum();
    println!("incidents per fault {:.2}", told as f64 / opened.max(1) as f64);
    wrong.iter().for_each(|said| println!("false incident: {said}"));
    println!("false incidents per clean walk {}", share(wrong.len(), walks));
    let missed = all.iter().filter(|s| s.found_after.is_none());
    missed.for_each(|s| println!("not found: {} {}", s.fault.id, s.fault.title));
}

fn to_json(series: &Series<'_>) -> Value {
    let told = |incident: &Incident| {
        json!({"detector": incident.detector, "headline": incident.headline.en, "cause": incident.cause,
            "class_right": class_right(series.fault, incident), "step_right": step_right(series.fault, incident),
            "cause_right": cause_right(series.fault, incident)})
    };
    json!({"fault": series.fault.id, "group": series.fault.group.to_string(), "found_after": series.found_after,
        "walks": series.walks, "told": series.told.iter().map(told).collect::<Vec<_>>()})
}
