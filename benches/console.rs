//! How fast the console answers with a million walks and a hundred thousand incidents stored: the time from each request to
//! the last byte of its answer, of the real console, signed in, over one connection. `ci/bench console` starts it.
#![expect(clippy::print_stdout, reason = "its output is the table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

#[path = "console/ledger.rs"]
mod ledger;
#[path = "../tests/service/console/record.rs"]
mod record;
#[path = "console/signed_in.rs"]
mod signed_in;
#[path = "../tests/service/console/world.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod world;

use clap::Parser;
use gengfu::config::SignIn;
use gengfu::measure::Week;
use ledger::{Ledger, Size};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// What a page may take.
const WITHIN: Duration = Duration::from_millis(100);

#[derive(Parser)]
struct Options {
    /// Walks stored.
    #[arg(long, default_value_t = 1_000_000)]
    walks: u64,
    /// Incidents stored.
    #[arg(long, default_value_t = 100_000)]
    incidents: u64,
    /// How often each page is measured.
    #[arg(long, default_value_t = 60)]
    times: usize,
    /// How often it is asked for before.
    #[arg(long, default_value_t = 5)]
    warm: usize,
    /// Writes every time there.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Makes the ledger anew.
    #[arg(long)]
    anew: bool,
    /// Makes the ledger and says where it is.
    #[arg(long)]
    only_ledger: bool,
    /// Leaves the console open to be looked at, without sign-in, until it is interrupted.
    #[arg(long)]
    look: bool,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One page's times in milliseconds, in order.
struct Measured {
    path: String,
    bytes: usize,
    /// The first time, with nothing at hand.
    first: f64,
    /// Of the processor, on average.
    cpu: f64,
    times: Vec<f64>,
}

impl Measured {
    fn at(&self, share: f64) -> f64 {
        let at = (share * (self.times.len() - 1) as f64).ceil() as usize;
        self.times[at]
    }
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let size = Size { walks: options.walks, incidents: options.incidents };
    let ledger = Ledger::at(&size, options.anew).await;
    println!("the ledger: {}", ledger.file.display());
    if options.only_ledger {
        return;
    }
    let mut world = ledger.world().await;
    world.roster = ledger::roster();
    if options.look {
        let served = world.serve_with(SignIn::Off, &[], "127.0.0.1:0").await;
        println!("the console: http://{}/", served.address);
        tokio::signal::ctrl_c().await.unwrap();
        return;
    }
    let pages = pages(&ledger);
    let served = world.serve_with(SignIn::Required, &[], "127.0.0.1:0").await;
    let mut visitor = signed_in::Visitor::enter(&world, served.address).await;
    let mut all = Vec::new();
    println!("{:<64} {:>9} {:>9} {:>9} {:>9} {:>9}", "page", "KiB", "first ms", "p50 ms", "p99 ms", "cpu ms");
    for path in pages {
        let (first, _) = visitor.get(&path).await;
        visitor.settle(&path).await;
        for _ in 1..options.warm {
            visitor.get(&path).await;
        }
        let mut measured = Measured { bytes: 0, first: first.as_secs_f64() * 1e3, cpu: 0.0, times: Vec::new(), path };
        let before = processor_ms();
        for _ in 0..options.times.max(1) {
            let (took, answer) = visitor.get(&measured.path).await;
            measured.bytes = answer.len();
            measured.times.push(took.as_secs_f64() * 1e3);
        }
        measured.cpu = (processor_ms() - before) / measured.times.len() as f64;
        measured.times.sort_by(f64::total_cmp);
        let (p50, p99) = (measured.at(0.5), measured.at(0.99));
        let slow = if p99 > WITHIN.as_secs_f64() * 1e3 { "  over 100 ms" } else { "" };
        let Measured { first, cpu, .. } = measured;
        println!(
            "{:<64} {:>9.1} {first:>9.1} {p50:>9.1} {p99:>9.1} {cpu:>9.1}{slow}",
            measured.path,
            measured.bytes as f64 / 1024.0
        );
        all.push(measured);
    }
    let unasked = unasked(&ledger, &mut visitor).await;
    if let Some(path) = &options.json {
        let pages: Vec<_> = all
            .iter()
            .map(
                |m| json!({"path": m.path, "bytes": m.bytes, "first_ms": m.first, "p50_ms": m.at(0.5), "p99_ms": m.at(0.99), "cpu_ms": m.cpu, "ms": m.times}),
            )
            .collect();
        let told = json!({"walks": size.walks, "incidents": size.incidents, "pages": pages});
        std::fs::write(path, serde_json::to_string_pretty(&told).unwrap()).unwrap();
    }
    let slow = all.iter().filter(|m| m.at(0.99) > WITHIN.as_secs_f64() * 1e3).count();
    println!("{} pages, {slow} of them with a p99 over 100 ms", all.len());
    std::process::exit(i32::from(slow > 0 || unasked > WITHIN));
}

/// Asks for reports that nobody asked for before, and says how long their pages and their figures took. The slowest page.
async fn unasked(ledger: &Ledger, visitor: &mut signed_in::Visitor) -> Duration {
    let weeks: Vec<Week> =
        std::iter::successors(Some(ledger.week.previous()), |week| Some(week.previous())).take(3).collect();
    let (mut pages, mut figures) = (Vec::new(), Vec::new());
    for path in weeks.iter().flat_map(|week| ["", "&owner=default"].map(|owner| format!("/reports?week={week}{owner}")))
    {
        let (page, _) = visitor.get(&path).await;
        pages.push(page);
        figures.push(page + visitor.settle(&path).await);
    }
    pages.sort();
    figures.sort();
    let (page, most) = (pages[pages.len() - 1], figures[figures.len() - 1]);
    println!(
        "{} reports that nobody asked for before: the page after {:.1} ms at most, its figures gathered after {:.0} ms at the median and {:.0} at most",
        pages.len(),
        page.as_secs_f64() * 1e3,
        figures[figures.len() / 2].as_secs_f64() * 1e3,
        most.as_secs_f64() * 1e3
    );
    page
}

/// What this process, visitor and console, has had of the processor: what a busy machine does not make longer.
fn processor_ms() -> f64 {
    let used = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let ms = |time: TimeVal| time.tv_sec() as f64 * 1e3 + time.tv_usec() as f64 / 1e3;
    ms(used.user_time()) + ms(used.system_time())
}

/// What is asked for: every page, its filters, and its JSON.
fn pages(ledger: &Ledger) -> Vec<String> {
    let (incident, walk, journey) = (&ledger.incident, &ledger.walk, &ledger.journey);
    let fixed = [
        "/",
        "/?range=1h",
        "/?range=6h",
        "/?range=7d",
        "/incidents",
        "/incidents?state=closed",
        "/incidents?state=all&sort=longest",
        "/incidents?state=aside&app=app-3&severity=P2",
        "/incidents?state=all&class=slow&assignee=li.lei",
        "/incidents?state=all&q=%E7%B3%BB%E7%BB%9F",
        "/incidents?state=all&q=nothing-has-this-name",
        "/journeys",
        "/fleet",
        "/notices",
        "/notices?state=waiting",
        "/notices?state=delivered",
        "/notices?state=all&channel=mail",
        "/audit",
        "/audit?actor=person:li.lei",
        "/audit?actor=robot&action=watch-begun",
        "/audit?action=signed-in&from=2026-10-20&to=2026-10-25",
        "/audit?object=watch&actor=person:li.lei&action=walk-asked",
        "/api/v1/today",
        "/api/v1/journeys",
        "/api/v1/notices?state=all",
        "/metrics",
        "/reports",
        "/reports?owner=default",
        "/reports/print",
        "/reports/table.csv",
        "/reports/table.xlsx",
        "/api/v1/reports",
        "/api/v1/fleet",
        "/maintenance",
        "/api/v1/maintenance",
        "/account",
        "/people",
        "/api/v1/incidents?state=all",
    ];
    let after = format!("/incidents?state=closed&after={}", ledger.midst);
    let named = [
        after,
        format!("/incidents/{incident}"),
        format!("/walks/{walk}"),
        format!("/journeys/{journey}"),
        format!("/notices?incident={incident}"),
        format!("/audit?object=/incidents/{incident}"),
        format!("/api/v1/incidents/{incident}"),
        format!("/api/v1/walks/{walk}"),
        format!("/api/v1/journeys/{journey}"),
        format!("/reports?week={}", ledger.week),
    ];
    fixed.into_iter().map(str::to_owned).chain(named).collect()
}
