//! Kills the real `gengfu serve` again and again in the middle of walks, and looks at what is left: processes,
//! directories, walks it had called finished, evidence, slots, incidents. `ci/bench kills` builds and starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "kills/night.rs"]
mod night;

use clap::Parser;
use night::{Night, watch_through};
use std::time::Duration;

/// What is promised after `kill -9` of the robot, on a machine with nothing else to do.
const GONE_WITHIN: Duration = Duration::from_secs(2);

#[derive(Parser)]
struct Options {
    /// How many walks the robots have to say they finished.
    #[arg(long, default_value_t = 200)]
    walks: usize,
    /// How often a robot is killed while it walks.
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// What chance starts from; taken from the clock and printed when it is left out.
    #[arg(long)]
    seed: Option<u64>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let clock = || std::time::UNIX_EPOCH.elapsed().map_or(1, |age| u64::from(age.subsec_nanos()));
    let seed = options.seed.unwrap_or_else(clock);
    println!("{} walks, {} kills, seed {seed}", options.walks, options.kills);
    let night = Night { walks: options.walks, kills: options.kills, seed, every_s: 10, gone_within: GONE_WITHIN };
    let told = watch_through(&night, &|line| println!("{line}")).await;
    println!("\n{}", told.table());
    if !told.wrong.is_empty() {
        println!("\n{} wrong:\n{}", told.wrong.len(), told.wrong.join("\n"));
        std::process::exit(1);
    }
}
