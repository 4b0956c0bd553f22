//! Switches on every fault of the demo, walks the journeys it shows in, and prints who noticed: fault, journey, walks,
//! noticed at all, detected (a finding that opens an incident when more walks show it), class, step and
//! detector right. A walk is right when it was detected with class and step right; a fault, when every walk of every
//! journey it shows in was. Before, clean walks of each journey teach its baseline. With `--clean` no fault is on and every
//! finding is a false alarm.
//! `ci/bench faults` builds and starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "stage/shelf.rs"]
mod shelf;
#[path = "stage/mod.rs"]
mod stage;

use clap::Parser;
use gengfu::baseline::{HELD_AFTER_WALKS, Lesson};
use gengfu::browser::Browsers;
use gengfu::demo::{FAULTS, Fault, Rate};
use gengfu::detector::Judged;
use gengfu::fleet::{Experience, Finished};
use gengfu::id::WalkId;
use gengfu::journey::Journey;
use gengfu::walk::port::Account;
use gengfu::walk::run::{Pictures, walk};
use gengfu::walk::{Attribution, Outcome, Purpose, Verdict, WalkRecord};
use serde_json::{Value, json};
use shelf::MemoryShelf;
use stage::Stage;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[derive(Parser, Clone)]
struct Options {
    /// Only these faults, such as `BF01,CT05`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these journeys.
    #[arg(long, value_delimiter = ',')]
    journeys: Vec<String>,
    /// Walks a fault and journey.
    #[arg(long, default_value_t = 1)]
    walks: usize,
    /// Walks every journey this often with churn on and no fault, instead.
    #[arg(long)]
    clean: Option<usize>,
    #[arg(long, default_value_t = 4)]
    at_once: usize,
    /// Writes every walk's judgement there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Says every step of walks that were judged otherwise than expected.
    #[arg(long)]
    steps: bool,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One walk that is wanted.
#[derive(Clone)]
struct Wanted {
    fault: Option<&'static Fault>,
    journey: String,
    turn: usize,
}

/// One walk that was made.
struct Walked {
    wanted: Wanted,
    record: WalkRecord,
    judged: Judged,
    took: Duration,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let options = Options::parse();
    let dir = tempfile::tempdir().unwrap();
    let browsers = stage::browsers(dir.path(), true).await;
    let began = Instant::now();
    let known = Arc::new(MemoryShelf::default());
    let mut walkers = Vec::new();
    for number in 0..options.at_once {
        walkers.push(Walker::start(number, browsers.clone(), dir.path(), known.clone()).await);
    }
    let wanted = wanted(&options);
    let taught = if options.clean.is_some() { VecDeque::new() } else { lessons(&wanted) };
    let (walkers, lessons) = work(walkers, taught).await;
    assert!(lessons.iter().all(|w| w.judged.findings.is_empty()), "a walk that should teach found something");
    let few = known.known().into_iter().find(|(_, taught)| taught.walks() < HELD_AFTER_WALKS);
    assert!(few.is_none(), "not every walk that should teach got through: {few:?}");
    let (walkers, mut walked) = work(walkers, wanted).await;
    for walker in walkers {
        walker.stage.stop().await;
    }
    browsers.shutdown().await;
    let place = |w: &Walked| FAULTS.iter().position(|f| w.wanted.fault.is_some_and(|own| own.id == f.id));
    walked.sort_by_key(|w| (place(w), w.wanted.journey.clone(), w.wanted.turn));
    let right = if options.clean.is_some() { say_clean(&walked) } else { say_faults(&walked, &options) };
    println!("{} walks in {} s", walked.len(), began.elapsed().as_secs());
    if let Some(path) = &options.json {
        let walks: Vec<Value> = walked.iter().map(as_json).collect();
        std::fs::write(path, serde_json::to_string_pretty(&json!({"walks": walks})).unwrap()).unwrap();
    }
    if !right {
        std::process::exit(1);
    }
}

/// The walks that teach what is right, before anything is broken: as many of each journey as a baseline wants.
fn lessons(wanted: &VecDeque<Wanted>) -> VecDeque<Wanted> {
    let journeys: BTreeSet<&String> = wanted.iter().map(|w| &w.journey).collect();
    let each = |turn| journeys.iter().map(move |journey| Wanted { fault: None, journey: (*journey).clone(), turn });
    (0..HELD_AFTER_WALKS as usize).flat_map(each).collect()
}

/// All walkers walk what is wanted, one after another.
async fn work(walkers: Vec<Walker>, wanted: VecDeque<Wanted>) -> (Vec<Walker>, Vec<Walked>) {
    let queue = Arc::new(Mutex::new(wanted));
    let working = walkers.into_iter().map(|walker| {
        let queue = queue.clone();
        tokio::spawn(async move {
            let walked = walker.work(&queue).await;
            (walker, walked)
        })
    });
    let mut all = (Vec::new(), Vec::new());
    for task in working.collect::<Vec<_>>() {
        let (walker, walked) = task.await.unwrap();
        all.0.push(walker);
        all.1.extend(walked);
    }
    all
}

/// Every walk to make, in the order of the table.
fn wanted(options: &Options) -> VecDeque<Wanted> {
    let asked = |journey: &str| options.journeys.is_empty() || options.journeys.iter().any(|j| j == journey);
    if let Some(times) = options.clean {
        let journeys = stage::journeys();
        let each = |turn| journeys.iter().map(move |j| Wanted { fault: None, journey: (*j).to_owned(), turn });
        return (0..times).flat_map(each).filter(|w| asked(&w.journey)).collect();
    }
    // How long steps usually take is learnt and suspected over many walks: `ci/bench detect` makes them.
    let faults = FAULTS.iter().filter(|f| f.expected_detector != "slower-than-usual");
    let faults = faults.filter(|f| options.only.is_empty() || options.only.iter().any(|id| id == f.id));
    let shown = faults.flat_map(|f| f.shows_in.iter().map(move |journey| (f, *journey)));
    shown
        .filter(|(_, journey)| asked(journey))
        .flat_map(|(f, journey)| {
            (0..options.walks).map(move |turn| Wanted { fault: Some(f), journey: journey.to_owned(), turn })
        })
        .collect()
}

/// Walks one walk after another, each walker on its own demo: faults and customers of one are not those of another.
struct Walker {
    number: usize,
    stage: Stage,
    experience: Experience,
}

impl Walker {
    async fn start(number: usize, browsers: Arc<Browsers>, dir: &Path, known: Arc<MemoryShelf>) -> Self {
        let seed = u64::try_from(number).unwrap_or_default() + 1;
        let stage = Stage::start(number, seed, browsers, dir, Pictures::None).await;
        let experience = Experience::new(known, stage.world.vault.clone(), Lesson::Clean);
        Self { number, stage, experience }
    }

    async fn work(&self, queue: &Mutex<VecDeque<Wanted>>) -> Vec<Walked> {
        let mut walked = Vec::new();
        loop {
            let next = queue.lock().unwrap().pop_front();
            let Some(wanted) = next else { break };
            let (demo, journey) = (&self.stage.demo, stage::load(&wanted.journey));
            demo.mend_all();
            if let Some(fault) = wanted.fault {
                assert!(demo.switch(fault.id, Rate::Always), "`{}` is a fault", fault.id);
            }
            let account = self.customer(&journey, wanted.turn);
            let plan = self.stage.plan(WalkId::fresh(), Purpose::Manual, Some(account));
            let began = Instant::now();
            let record = walk(journey, plan, self.stage.world.clone(), CancellationToken::new()).await;
            let Finished { record, judged } = self.experience.judge(record).await;
            walked.push(Walked { wanted, record, judged, took: began.elapsed() });
        }
        walked
    }

    /// The named customer of the journey's kind at first, another of the pool at every later turn.
    fn customer(&self, journey: &Journey, turn: usize) -> Account {
        let pooled = format!("pool{:02}", (self.number * 10 + turn) % 40 + 1);
        self.stage.account(match (journey.account.as_deref(), turn) {
            (Some("tfa"), _) => "suwq",
            (_, 0) => "linxt",
            _ => &pooled,
        })
    }
}

impl Walked {
    /// Something was said of it, if only beside a walk that got through: nobody is told of that.
    fn noticed(&self) -> bool {
        matches!(self.judged.verdict, Verdict::Failed | Verdict::Degraded) && !self.judged.findings.is_empty()
    }

    /// It would open an incident on the app when more walks show the same.
    fn detected(&self) -> bool {
        self.judged.findings.first().is_some_and(|f| f.opens() && f.attribution == Attribution::Product)
    }

    /// The detector the table expects speaks first.
    fn detector_right(&self) -> bool {
        let first = self.judged.findings.first();
        self.wanted.fault.is_some_and(|fault| first.is_some_and(|f| f.detector == fault.expected_detector))
    }

    fn class_right(&self) -> bool {
        self.wanted.fault.is_some_and(|f| self.judged.class.is_some_and(|c| c.word() == f.class.name()))
    }

    /// The first finding speaks for the walk: its step is the one people are sent to.
    fn step_right(&self) -> bool {
        let (Some(fault), Some(first)) = (self.wanted.fault, self.judged.findings.first()) else { return false };
        fault.shows_at(&first.step.0, &first.step_title)
    }

    fn right(&self) -> bool {
        self.detected() && self.class_right() && self.step_right()
    }
}

type Holds = fn(&Walked) -> bool;

/// What is counted of each walk, in the order of the columns.
const COLUMNS: [(&str, Holds); 6] = [
    ("noticed", Walked::noticed),
    ("detected", Walked::detected),
    ("class", Walked::class_right),
    ("step", Walked::step_right),
    ("detector", Walked::detector_right),
    ("right", Walked::right),
];

/// The table of faults; whether each was judged rightly every time in every journey it shows in.
fn say_faults(walked: &[Walked], options: &Options) -> bool {
    let heads: Vec<&str> = COLUMNS.iter().map(|(head, _)| *head).collect();
    println!("{:<5} {:<18} walks {}  detector and headline", "fault", "journey", heads.join(" "));
    let mut rows: BTreeMap<(Option<usize>, &str), Vec<&Walked>> = BTreeMap::new();
    for w in walked {
        let place = FAULTS.iter().position(|f| w.wanted.fault.is_some_and(|own| own.id == f.id));
        rows.entry((place, &w.wanted.journey)).or_default().push(w);
    }
    // A column holds for a fault in a journey when every walk has it; here: in any journey, in every journey.
    let mut totals: BTreeMap<&str, [[bool; COLUMNS.len()]; 2]> = BTreeMap::new();
    let mut whole = [0; COLUMNS.len()];
    for row in rows.values() {
        let fault = row[0].wanted.fault.expect("invariant: only faults are told here");
        let counts = COLUMNS.map(|(_, is)| row.iter().filter(|w| is(w)).count());
        let all = counts.map(|count| count == row.len());
        let total = totals.entry(fault.id).or_insert([[false; COLUMNS.len()], [true; COLUMNS.len()]]);
        for at in 0..COLUMNS.len() {
            whole[at] += usize::from(all[at]);
            total[0][at] |= all[at];
            total[1][at] &= all[at];
        }
        let cells = COLUMNS.iter().zip(counts).map(|((head, _), count)| format!("{count:>width$}", width = head.len()));
        let cells = cells.collect::<Vec<_>>().join(" ");
        println!("{:<5} {:<18} {:>5} {cells}  {}", fault.id, row[0].wanted.journey, row.len(), said(row[0]));
        if !all[COLUMNS.len() - 1] && options.steps {
            row.iter().for_each(|w| say_steps(w));
        }
    }
    say_totals(&totals, rows.len(), &whole)
}

fn say_totals(
    totals: &BTreeMap<&str, [[bool; COLUMNS.len()]; 2]>,
    rows: usize,
    whole: &[usize; COLUMNS.len()],
) -> bool {
    println!("\n{:<34} {}", "every walk", COLUMNS.map(|(head, _)| format!("{head:>8}")).join(" "));
    let line = |name: String, counts: [usize; COLUMNS.len()]| {
        println!("{name:<34} {}", counts.map(|count| format!("{count:>8}")).join(" "));
    };
    let faults = totals.len();
    let of = |which: usize| std::array::from_fn(|at| totals.values().filter(|t| t[which][at]).count());
    line(format!("{faults} faults, in every journey"), of(1));
    line(format!("{faults} faults, in a journey at least"), of(0));
    line(format!("{rows} pairs of fault and journey"), *whole);
    for (at, (head, _)) in COLUMNS.iter().enumerate() {
        let missed: Vec<&str> = totals.iter().filter(|(_, t)| !t[1][at]).map(|(id, _)| *id).collect();
        println!("not {head} in every journey: {}", if missed.is_empty() { "-".to_owned() } else { missed.join(" ") });
    }
    totals.values().all(|t| t[1][COLUMNS.len() - 1])
}

/// Every finding of a walk without a fault; whether there is none.
fn say_clean(walked: &[Walked]) -> bool {
    let wrong = |w: &&Walked| w.judged.verdict != Verdict::Passed || !w.judged.findings.is_empty();
    for w in walked.iter().filter(wrong) {
        println!("{:<18} {:?} {}", w.wanted.journey, w.judged.verdict, said(w));
        say_steps(w);
    }
    let false_alarms: usize = walked.iter().map(|w| w.judged.findings.len()).sum();
    let unsure = walked.iter().filter(|w| w.judged.verdict == Verdict::Inconclusive).count();
    println!("clean walks {}, false findings {false_alarms}, inconclusive {unsure}", walked.len());
    false_alarms == 0
}

/// The first finding and how many stand beside it.
fn said(walked: &Walked) -> String {
    let findings = &walked.judged.findings;
    match findings.first() {
        Some(first) => {
            let beside = findings.len() - 1;
            let step = format!("{} [{}]", first.step_title, first.class.word());
            format!("{} @ {step} {} (+{beside})", first.detector, first.headline.zh)
        }
        None => format!("nothing ({})", walked.judged.verdict.word()),
    }
}

fn say_steps(walked: &Walked) {
    println!("      {} in {} ms", walked.wanted.journey, walked.took.as_millis());
    for finding in &walked.judged.findings {
        println!(
            "      finding {} [{}] @ {} / {}: {} ({})",
            finding.detector,
            finding.class.word(),
            finding.step.0,
            finding.step_title,
            finding.headline.zh,
            finding.cause.as_deref().unwrap_or("-")
        );
    }
    for step in &walked.record.steps {
        let outcome = match &step.outcome {
            Outcome::Failed(f) => format!("FAILED {}: {}", f.kind.word(), f.said),
            Outcome::Inconclusive(t) => format!("INCONCLUSIVE {}: {}", t.kind.word(), t.said),
            Outcome::Passed | Outcome::NotReached | Outcome::Skipped(_) => continue,
            other => format!("{other:?}"),
        };
        println!("      {:>6} ms {} {} {outcome}", step.elapsed.as_millis(), step.id.0, step.title);
    }
}

fn as_json(w: &Walked) -> Value {
    let finding = |f: &gengfu::finding::Finding| {
        json!({"detector": f.detector, "class": f.class.word(), "step": f.step.0, "title": f.step_title,
            "headline": f.headline.zh, "cause": f.cause, "failing": f.failing, "route": f.route})
    };
    let step = |s: &gengfu::walk::StepRecord| {
        let exchange =
            |e: &gengfu::walk::Exchange| json!([format!("{:?}", e.kind), e.method, e.url, e.status, e.error]);
        let page = s.seen.page.as_ref();
        json!({"id": s.id.0, "title": s.title, "ms": s.elapsed.as_millis(), "guarded": s.seen.guarded,
            "exchanges": s.seen.exchanges.iter().map(exchange).collect::<Vec<_>>(),
            "flaws": page.map(|p| p.flaws.iter().map(|f| format!("{:?} {} {}", f.kind, f.locus, f.words)).collect::<Vec<_>>())})
    };
    json!({
        "fault": w.wanted.fault.map(|f| f.id), "journey": w.wanted.journey, "turn": w.wanted.turn, "ms": w.took.as_millis(),
        "verdict": w.judged.verdict.word(), "noticed": w.noticed(), "detected": w.detected(), "class_right": w.class_right(),
        "step_right": w.step_right(), "detector_right": w.detector_right(), "findings": w.judged.findings.iter().map(finding).collect::<Vec<_>>(),
        "steps": w.record.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
