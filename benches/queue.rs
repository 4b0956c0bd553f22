//! The queue: how fast walks are folded and filed, how a storm of incidents is borne, how soon owners know, and what is left
//! when the process is killed at every named point and at random. `ci/bench queue` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "../tests/service/alert/between.rs"]
mod between;
#[path = "stage/chance.rs"]
mod chance;
#[path = "queue/desk.rs"]
mod desk;
#[path = "queue/invented.rs"]
mod invented;
#[path = "queue/kills.rs"]
mod kills;
#[path = "queue/point.rs"]
mod point;
#[path = "queue/receiver.rs"]
mod receiver;
#[path = "stage/record.rs"]
mod record;
#[path = "queue/storm.rs"]
mod storm;

use clap::Parser;
use desk::Desk;
use gengfu::alert::deliver::DeliveryLimits;
use point::Death;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;
use storm::Spread;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The most incidents a desk opens that waits for its end.
const OPENED_MAX: usize = 12;

#[derive(Parser)]
struct Options {
    /// Incidents of the storm, within a minute.
    #[arg(long, default_value_t = 5_000)]
    storm: usize,
    /// Incidents filed as fast as it goes.
    #[arg(long, default_value_t = 2_000)]
    rate: usize,
    /// Incidents that come one at a time.
    #[arg(long, default_value_t = 60)]
    told: usize,
    /// Kills the process so often at random, and eight times at each named point; measures nothing else.
    #[arg(long)]
    kills: Option<usize>,
    /// What chance starts from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// One desk of those that are killed: its folder.
    #[arg(long, hide = true, requires = "receiver")]
    desk: Option<PathBuf>,
    #[arg(long, hide = true)]
    receiver: Option<Url>,
    #[arg(long, hide = true, default_value_t = 0)]
    from: usize,
    #[arg(long, hide = true)]
    die: Option<String>,
    #[arg(long, hide = true, default_value_t = 0)]
    after: u32,
    #[arg(long, hide = true)]
    drain: bool,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let _first = rustls::crypto::ring::default_provider().install_default();
    let options = Options::parse();
    match (&options.desk, &options.receiver, options.kills) {
        (Some(folder), Some(receiver), _) => one_desk(folder, receiver, &options).await,
        (_, _, Some(kills)) => killed(kills, options.seed).await,
        _ => measured(&options).await,
    }
}

/// A desk that works until it dies, or until nothing waits any more.
async fn one_desk(folder: &std::path::Path, receiver: &Url, options: &Options) {
    let limits = DeliveryLimits {
        group_within: Duration::from_millis(150),
        try_timeout: Duration::from_millis(500),
        look_every: Duration::from_millis(10),
        ..DeliveryLimits::default()
    };
    let death = Death { point: options.die.clone(), after: options.after.into() };
    let desk = Desk::open(folder, receiver, kills::OWNERS, limits, death).await;
    let cancel = CancellationToken::new();
    let work = async {
        say("ready");
        if options.drain {
            while desk.waiting().await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            return cancel.cancel();
        }
        for number in options.from..options.from + OPENED_MAX {
            let incident = desk.open_incident(number).await.unwrap();
            say(&format!("filed {number} {incident}"));
        }
    };
    tokio::join!(work, desk.deliverer.watch(cancel.clone()));
}

/// One line, out at once: who is killed has said it.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}

async fn killed(random: usize, seed: u64) {
    let told = kills::kill_desks(random, seed).await;
    for (point, times) in &told.kills {
        println!("killed {point:<16} {times:>5} times");
    }
    println!("{} incidents called filed, {} messages", told.filed, told.messages);
    println!("{} messages came again, under their name and word for word", told.repeated);
    println!("{} wrong, seed {seed}", told.wrong.len());
    told.wrong.iter().take(20).for_each(|wrong| println!("  {wrong}"));
    if !told.wrong.is_empty() {
        std::process::exit(1);
    }
}

async fn measured(options: &Options) {
    let line = |what: &str, s: &Spread| {
        println!("{what:<44} {:>6}  p50 {:>8.1} ms  p99 {:>8.1} ms  most {:>8.1} ms", s.count, s.p50, s.p99, s.most);
    };
    let (rate, each) = storm::rate(options.rate).await;
    println!("incidents folded and filed, each of two walks {rate:>8.0} a second");
    line("  one of them", &each);
    let told = storm::told(options.told, Duration::from_millis(330)).await;
    line("from the end of a walk to its owner", &told);
    let storm = storm::storm(options.storm, Duration::from_secs(60)).await;
    line("a minute's storm: from arriving to filed", &storm.filed);
    println!(
        "  {} messages, at most {} an owner and window, {} incidents untold (5 s, 1 and 0: {})",
        storm.messages,
        storm.most_in_window,
        storm.lost,
        if storm.met() { "met" } else { "missed" }
    );
    if let Some(path) = &options.json {
        let figures = serde_json::json!({
            "incidents_per_second": rate, "each": each, "told": told, "storm_filed": storm.filed,
            "storm_messages": storm.messages, "most_in_window": storm.most_in_window, "untold": storm.lost,
        });
        std::fs::write(path, format!("{figures:#}\n")).unwrap();
    }
}
