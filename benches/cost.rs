//! What detection costs: the processor time of all detectors over a recorded walk of thirty steps, and the time that real
//! walks take with all that detection does inside them (looks, oracles, business codes, the watch for restless pages, the
//! comparison with baselines; no confirming walks) against the same walks with none of it. `ci/bench cost` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "stage/mod.rs"]
mod stage;

use clap::Parser;
use gengfu::baseline::{Baseline, HELD_AFTER_WALKS, Lesson};
use gengfu::detector::{ALL, judge, judge_beyond};
use gengfu::id::WalkId;
use gengfu::journey::Journey;
use gengfu::walk::port::Account;
use gengfu::walk::run::{Pictures, walk};
use gengfu::walk::{Outcome, Purpose, Verdict, WalkRecord};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::json;
use stage::Stage;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What the detectors may take over a walk of thirty steps.
const JUDGED_WITHIN: Duration = Duration::from_millis(50);
/// What walks with detection may take, of the time without.
const RATIO_MAX: f64 = 1.10;
/// Steps of the walk that is judged.
const STEPS: usize = 30;

#[derive(Parser)]
struct Options {
    /// Walks a journey, with detection and without, in turn.
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Only these journeys.
    #[arg(long, value_delimiter = ',')]
    journeys: Vec<String>,
    /// How often the recorded walk is judged.
    #[arg(long, default_value_t = 300)]
    times: usize,
    /// Writes every time there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let options = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let dirs = ["on", "off"].map(|name| dir.path().join(name));
    dirs.iter().for_each(|dir| std::fs::create_dir(dir).unwrap());
    let browsers = [stage::browsers(&dirs[0], true).await, stage::browsers(&dirs[1], false).await];
    let on = Stage::start(0, 1, browsers[0].clone(), &dirs[0], Pictures::None).await;
    let off = Stage::start(1, 1, browsers[1].clone(), &dirs[1], Pictures::None).await;
    // What churns by lot would not meet both alike.
    [&on, &off].iter().for_each(|stage| stage.demo.switch_churn(false));
    let judged = say_judging(&record(&on).await, options.times);
    let asked = |name: &&str| options.journeys.is_empty() || options.journeys.iter().any(|one| one == name);
    let journeys: Vec<&str> = stage::journeys().into_iter().filter(asked).collect();
    let rounds = rounds(&on, &off, &journeys, options.rounds).await;
    let ratio = say_rounds(&rounds);
    on.stop().await;
    off.stop().await;
    for browsers in browsers {
        browsers.shutdown().await;
    }
    if let Some(path) = &options.json {
        let rounds: Vec<_> =
            rounds.iter().map(|r| json!({"journey": r.journey, "on_ms": r.on, "off_ms": r.off})).collect();
        let all = json!({"judged_p95_ms": judged, "ratio": ratio, "rounds": rounds});
        std::fs::write(path, serde_json::to_string_pretty(&all).unwrap()).unwrap();
    }
}

/// A real walk of thirty steps: those of several journeys of the demo, one after another, each with its way out.
async fn record(on: &Stage) -> WalkRecord {
    let parts = ["fund-purchase", "transactions", "messages", "wealth-product"].map(stage::load);
    let first = Journey::clone(&parts[0]);
    let mut steps: Vec<_> = parts.iter().flat_map(|part| part.steps.iter().chain(&part.always)).cloned().collect();
    assert!(steps.len() >= STEPS, "{} steps only", steps.len());
    steps.truncate(STEPS);
    let journey = Journey { steps, always: Vec::new(), budget: Duration::from_secs(120), ..first };
    let plan = on.plan(WalkId::fresh(), Purpose::Manual, Some(on.account("linxt")));
    let record = walk(Arc::new(journey), plan, on.world.clone(), CancellationToken::new()).await;
    let said = record.steps.iter().find(|s| matches!(s.outcome, Outcome::Failed(_)));
    assert!(record.verdict != Verdict::Failed, "the walk that is judged should get through: {said:?}");
    record
}

/// The processor time that this thread has taken so far.
fn processor() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).unwrap();
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// Judges the walk so many times; the ninety-fifth percentile in milliseconds.
fn say_judging(record: &WalkRecord, times: usize) -> f64 {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let began = processor();
        std::hint::black_box(judge(std::hint::black_box(record)));
        took.push(millis(processor() - began));
    }
    let mut each: Vec<(f64, &str)> = Vec::new();
    for detector in ALL {
        let began = processor();
        for _ in 0..10 {
            std::hint::black_box((detector.inspect)(std::hint::black_box(record)));
        }
        each.push((millis(processor() - began) / 10.0, detector.id));
    }
    each.sort_by(|one, other| other.0.total_cmp(&one.0));
    let exchanges: usize = record.steps.iter().map(|s| s.seen.exchanges.len()).sum();
    let looks = record.steps.iter().filter(|s| s.seen.page.is_some()).count();
    let [p50, p95] = [0.5, 0.95].map(|share| at(&mut took, share));
    println!(
        "{} detectors over a walk of {} steps, {looks} looks, {exchanges} exchanges: {times} times",
        ALL.len(),
        record.steps.len()
    );
    println!("processor p50 {p50:.2} ms, p95 {p95:.2} ms ({})", target(p95 <= millis(JUDGED_WITHIN), "50 ms"));
    let most = each.iter().take(4).map(|(ms, id)| format!("{id} {ms:.2} ms"));
    println!("most of it: {}", most.collect::<Vec<_>>().join(", "));
    p95
}

/// One walk of a journey with detection and one without, in milliseconds.
struct Round {
    journey: String,
    on: f64,
    off: f64,
}

async fn rounds(on: &Stage, off: &Stage, journeys: &[&str], rounds: usize) -> Vec<Round> {
    let mut known: BTreeMap<&str, Baseline> = BTreeMap::new();
    let mut all = Vec::new();
    // The first rounds warm both browsers and teach the baselines.
    for round in 0..rounds + HELD_AFTER_WALKS as usize {
        for (number, name) in journeys.iter().enumerate() {
            let journey = stage::load(name);
            let baseline = known.entry(name).or_default();
            // Who goes first changes, round by round and journey by journey.
            let (with, without) = if (round + number).is_multiple_of(2) {
                let with = with(on, journey.clone(), baseline).await;
                (with, bare(off, &journey).await)
            } else {
                let without = bare(off, &journey).await;
                (with(on, journey, baseline).await, without)
            };
            if round >= HELD_AFTER_WALKS as usize {
                all.push(Round { journey: (*name).to_owned(), on: with, off: without });
            }
        }
    }
    all
}

/// A walk with all that detection does, its judgement included.
async fn with(on: &Stage, journey: Arc<Journey>, known: &mut Baseline) -> f64 {
    let plan = on.plan(WalkId::fresh(), Purpose::Manual, Some(customer_of(on, &journey)));
    let began = Instant::now();
    let mut record = walk(journey, plan, on.world.clone(), CancellationToken::new()).await;
    known.compare(&mut record);
    let judged = judge_beyond(&record, known.usual());
    known.learn(&record, judged.verdict, &judged.findings, Lesson::Clean);
    let took = millis(began.elapsed());
    assert_eq!(judged.verdict, Verdict::Passed, "{}: {:?}", record.journey, judged.headline);
    took
}

/// The named customer of the journey's kind.
fn customer_of(stage: &Stage, journey: &Journey) -> Account {
    stage.account(if journey.account.as_deref() == Some("tfa") { "suwq" } else { "linxt" })
}

/// The same without any of it: no look, no oracle, no business code.
async fn bare(off: &Stage, journey: &Journey) -> f64 {
    let mut plan = off.plan(WalkId::fresh(), Purpose::Manual, Some(customer_of(off, journey)));
    plan.business = None;
    let journey = Arc::new(Journey { oracles: Vec::new(), ..journey.clone() });
    let began = Instant::now();
    let record = walk(journey, plan, off.world.clone(), CancellationToken::new()).await;
    let took = millis(began.elapsed());
    assert_eq!(record.verdict, Verdict::Passed, "{}", record.journey);
    assert!(record.steps.iter().all(|step| step.seen.page.is_none()), "a page was looked at");
    took
}

/// The ratio of all walks, and how far rounds of one journey are apart.
fn say_rounds(rounds: &[Round]) -> f64 {
    let mut rows: BTreeMap<&str, Vec<&Round>> = BTreeMap::new();
    for round in rounds {
        rows.entry(&round.journey).or_default().push(round);
    }
    println!("\n{:<18} walks  with p50  without p50  ratio of medians  ratios p10-p90", "journey");
    let row = |name: &str, rounds: &[&Round]| {
        let [mut on, mut off] =
            [|r: &Round| r.on, |r: &Round| r.off].map(|of| rounds.iter().map(|r| of(r)).collect::<Vec<_>>());
        let mut ratios: Vec<f64> = rounds.iter().map(|r| r.on / r.off).collect();
        let (with, without) = (at(&mut on, 0.5), at(&mut off, 0.5));
        let [low, high] = [0.1, 0.9].map(|share| at(&mut ratios, share));
        println!(
            "{name:<18} {:>5} {with:>6.0} ms {without:>9.0} ms {:>17.3}  {low:.3}-{high:.3}",
            rounds.len(),
            with / without
        );
        at(&mut ratios, 0.5)
    };
    for (name, rounds) in &rows {
        row(name, rounds);
    }
    let middle = row("all", &rounds.iter().collect::<Vec<_>>());
    let sum = |of: fn(&Round) -> f64| rounds.iter().map(of).sum::<f64>();
    let ratio = sum(|r| r.on) / sum(|r| r.off);
    println!(
        "time with detection {ratio:.3} of that without, {middle:.3} at the median of pairs ({})",
        target(ratio <= RATIO_MAX, "1.10")
    );
    ratio
}

fn target(met: bool, most: &str) -> String {
    format!("at most {most}: {}", if met { "met" } else { "missed" })
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The value below which this share of them lies.
fn at(all: &mut [f64], share: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    let at = (share * all.len().saturating_sub(1) as f64).round() as usize;
    all.get(at).copied().unwrap_or(f64::NAN)
}
