//! Walks one of the two bench journeys and prints one line of JSON, in the shape of `ci/bench.d/walk-playwright.mjs`
//! with the split of the time beside it. `ci/bench walk` runs both in turn.
#![expect(clippy::print_stdout, reason = "its output is the line of JSON")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop where it stands")]

use clap::Parser;
use gengfu::browser::{BrowserOptions, Browsers};
use gengfu::config::DiskFiles;
use gengfu::demo::{Demo, DemoOptions};
use gengfu::evidence::Vault;
use gengfu::guard::{GuardRules, HostRule};
use gengfu::id::WalkId;
use gengfu::journey::{self, Journey, Limits};
use gengfu::moment::SystemClock;
use gengfu::oracle::Supplied;
use gengfu::secret::Secret;
use gengfu::vault::DiskVault;
use gengfu::walk::port::{Account, Lane, LaneSpec, Lanes, Secrets, Unwatched};
use gengfu::walk::run::{Pictures, Plan, World, walk};
use gengfu::walk::{Purpose, Trouble, Verdict, WalkRecord};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use url::Url;

#[derive(Parser, Clone)]
struct Options {
    /// `light` walks the demo app, `heavy` the app at `--url`.
    #[arg(long, default_value = "light")]
    journey: String,
    /// The app; for `light` the demo is started when it is left out.
    #[arg(long)]
    url: Option<Url>,
    #[arg(long, default_value_t = 1)]
    at_once: usize,
    #[arg(long, default_value_t = 10)]
    walks: i64,
    /// `none` or `full`: a picture a step, HAR, console.
    #[arg(long, default_value = "none")]
    evidence: String,
    /// Opens this many lanes and prints what each costs, instead of walking.
    #[arg(long)]
    lanes: Option<usize>,
    /// Only starts the demo, prints its URL, and waits: for the other tool.
    #[arg(long)]
    serve_demo: bool,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        Err(format!("`{reference}` leads nowhere in the bench"))
    }
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let options = Options::parse();
    let demo = DemoOptions { churn: false, ..DemoOptions::default() };
    let demo = if options.url.is_none() { Some(Demo::start(demo).await.unwrap()) } else { None };
    let base = options.url.clone().unwrap_or_else(|| demo.as_ref().unwrap().app_url().parse().unwrap());
    if options.serve_demo {
        println!("listening {base}");
        return std::future::pending().await;
    }
    let dir = tempfile::tempdir().unwrap();
    let browsers = Arc::new(Browsers::start(browser_options(dir.path())).await.unwrap());
    let line = match options.lanes {
        Some(lanes) => memory(&browsers, lanes, &base).await,
        None => walks(&options, &browsers, dir.path(), &base).await,
    };
    println!("{line}");
    browsers.shutdown().await;
}

fn browser_options(root: &Path) -> BrowserOptions {
    BrowserOptions {
        root: Some(root.to_owned()),
        warden: Some(env!("CARGO_BIN_EXE_gengfu").into()),
        no_sandbox: true,
        browsers_max: 1,
        lanes_per_browser_max: 32,
        recycle_after_walks: 100_000,
        ..BrowserOptions::default()
    }
}

async fn walks(options: &Options, browsers: &Arc<Browsers>, dir: &Path, base: &Url) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/journeys");
    let file = format!("{}.yaml", options.journey);
    let journey = journey::load(&file, &DiskFiles::new(folder), &Limits::default());
    let journey = Arc::new(journey.unwrap_or_else(|p| panic!("{}", p[0].render(false))));
    let vault: Arc<dyn Vault> = Arc::new(DiskVault::open(dir.join("evidence")).unwrap());
    let plan = plan(base, options.evidence == "full");
    let world = World {
        lanes: browsers.clone(),
        vault,
        secrets: Arc::new(NoSecrets),
        clock: Arc::new(SystemClock),
        watcher: Arc::new(Unwatched),
    };
    one(&journey, &plan, &world).await;
    let before = browsers.spent().await;
    let left = Arc::new(AtomicI64::new(options.walks));
    let began = Instant::now();
    let mut walkers = Vec::new();
    for _ in 0..options.at_once {
        let (journey, plan, world, left) = (journey.clone(), plan.clone(), world.clone(), left.clone());
        walkers.push(tokio::spawn(async move {
            let mut done = Vec::new();
            while left.fetch_sub(1, Ordering::SeqCst) > 0 {
                done.push(one(&journey, &plan, &world).await);
            }
            done
        }));
    }
    let mut done = Vec::new();
    for walker in walkers {
        done.extend(walker.await.unwrap());
    }
    let wall = began.elapsed();
    let mut sorted: Vec<u128> = done.iter().map(|(took, _)| took.as_millis()).collect();
    sorted.sort_unstable();
    let at = |share: f64| sorted[((sorted.len() as f64 * share) as usize).min(sorted.len() - 1)];
    let steps = |record: &WalkRecord| record.steps.iter().map(|s| s.elapsed.as_millis()).collect::<Vec<_>>();
    let walks: Vec<Value> = done.iter().map(|(took, r)| json!({"ms": took.as_millis(), "steps": steps(r)})).collect();
    let mut split = BTreeMap::new();
    for (method, spent) in browsers.spent().await {
        let earlier = before.get(&method).copied().unwrap_or_default();
        let count = (spent.count - earlier.count) as f64 / done.len() as f64;
        let ms = (spent.time - earlier.time).as_secs_f64() * 1e3 / done.len() as f64;
        if count > 0.0 {
            split.insert(method, json!({"count": (count * 10.0).round() / 10.0, "ms": ms.round()}));
        }
    }
    json!({
        "tool": "gengfu", "version": env!("CARGO_PKG_VERSION"), "journey": options.journey, "evidence": options.evidence,
        "at_once": options.at_once, "walks": walks, "median_ms": at(0.5), "p90_ms": at(0.9), "wall_ms": wall.as_millis(),
        "split_per_walk": split, "resident_robot_mib": resident_robot() >> 20,
    })
}

async fn one(journey: &Arc<Journey>, plan: &Plan, world: &World) -> (Duration, WalkRecord) {
    let began = Instant::now();
    let plan = Plan { walk: WalkId::fresh(), ..plan.clone() };
    let record = walk(journey.clone(), plan, world.clone(), CancellationToken::new()).await;
    let took = began.elapsed();
    assert_eq!(record.verdict, Verdict::Passed, "{:?}", record.steps.iter().map(|s| &s.outcome).collect::<Vec<_>>());
    (took, record)
}

fn plan(base: &Url, full: bool) -> Plan {
    let rule = HostRule::of_url(base).unwrap();
    let fields = BTreeMap::from([("username".to_owned(), "linxt".to_owned())]);
    let secrets = BTreeMap::from([("password".to_owned(), Secret::new("account.password", "Tingchao#2601"))]);
    Plan {
        walk: WalkId::fresh(),
        purpose: Purpose::Manual,
        base: base.clone(),
        vars: BTreeMap::new(),
        account: Some(Account { name: "linxt".into(), fields, secrets }),
        guard: Arc::new(GuardRules { hosts: vec![rule.clone()], never: Vec::new(), private_networks: false }),
        business: None,
        step_within: Duration::from_secs(30),
        pictures: if full { Pictures::All } else { Pictures::None },
        network: full,
        script_allowed: false,
        folder: std::env::temp_dir(),
        own_hosts: vec![rule],
        timezone: None,
        locale: "zh-CN".into(),
        supplied: Supplied::default(),
    }
}

/// What a lane costs in memory: all lanes on one page, less the browser with one lane.
async fn memory(browsers: &Arc<Browsers>, lanes: usize, base: &Url) -> Value {
    let mut open: Vec<Box<dyn Lane>> = vec![lane(browsers, base).await.unwrap()];
    let first = browsers.resident_bytes().await;
    for _ in 1..lanes {
        open.push(lane(browsers, base).await.unwrap());
    }
    let all = browsers.resident_bytes().await;
    let each = (all.saturating_sub(first)) / (lanes as u64 - 1).max(1);
    json!({"lanes": lanes, "pss_first_mib": first >> 20, "pss_all_mib": all >> 20, "pss_each_mib": each >> 20,
        "resident_robot_mib": resident_robot() >> 20})
}

async fn lane(browsers: &Browsers, base: &Url) -> Result<Box<dyn Lane>, Trouble> {
    let plan = plan(base, false);
    let spec = LaneSpec {
        device: gengfu::journey::Device::Desktop,
        locale: plan.locale,
        timezone: None,
        own_hosts: plan.own_hosts,
        guard: plan.guard,
        business: None,
        bodies: false,
        evidence: false,
        pictures: false,
        retap: true,
    };
    let mut lane = browsers.lend(&spec).await?;
    lane.open(base, Duration::from_secs(30)).await.expect("the app answers");
    Ok(lane)
}

/// The robot's own resident memory, in bytes.
fn resident_robot() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) << 10
}
