//! Sixty walks of one robot, a third of them called off at random: its memory and its open files stay as they were,
//! user contexts and processes go, and each browser is replaced exactly when promised.
//!
//! The robot is this binary, started again by itself: memory and open files are a whole process's.

use super::hostile::processes;
use super::rig::{Rig, browser_options, told};
use super::zoo::{Pages, Zoo};
use futures_util::{SinkExt as _, StreamExt as _};
use gengfu::browser::{BrowserOptions, Browsers};
use gengfu::vault::DiskVault;
use gengfu::walk::Verdict;
use gengfu::walk::run::{Pictures, World, walk};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

const ROBOT_VARIABLE: &str = "GENGFU_TEST_MEMORY";
/// Walks of one browser, and browsers.
const RECYCLE_AFTER: usize = 20;
const BROWSERS: usize = 3;
/// Walks that are called off as their page comes: one to five of them met the gap.
const CALLED_OFF: usize = 20;
/// What chance starts from.
const SEED: u64 = 20_261_122;
/// How much more resident memory the robot may hold forty walks later. A picture, an archive or a page kept from
/// each walk would be more.
const GROWTH_MIB_MAX: u64 = 24;
/// Descriptors more or less: a connection of a pool that is just being opened or closed.
const FILES_MORE_MAX: usize = 2;
const SOON: Duration = Duration::from_secs(20);

const PAGES: Pages = &[(
    "/desk",
    "<button onclick=\"fetch('/_/api').then(()=>done())\">下一步</button><img src=/_/png width=20 height=20 alt=点>\
     <p id=big></p><script>q('#big').textContent='账'.repeat(2000)</script>",
)];

const JOURNEY: &str = "  - open: /desk\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}";

#[test]
fn sixty_walks_leave_nothing_behind_and_let_nothing_grow() {
    let own = std::env::current_exe().unwrap();
    let mut robot = std::process::Command::new(own);
    robot.args(["--exact", "memory::robot", "--nocapture"]).env(ROBOT_VARIABLE, "1");
    let output = robot.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("sixty walks measured"), "{said}");
}

/// Not a test by itself: started with the variable set, it is the robot.
#[tokio::test(flavor = "multi_thread")]
async fn robot() {
    if std::env::var_os(ROBOT_VARIABLE).is_none() {
        return;
    }
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    let recycle_after_walks = u32::try_from(RECYCLE_AFTER).unwrap();
    let options = BrowserOptions { recycle_after_walks, spare_window: false, ..browser_options(&rig.dir) };
    rig.browsers = Arc::new(Browsers::start(options).await.unwrap());
    (rig.pictures, rig.network) = (Pictures::Failures, true);
    let evidence = tempfile::tempdir().unwrap();
    let world = World { vault: Arc::new(DiskVault::open(evidence.path()).unwrap()), ..rig.world() };
    let mut chance = SEED;
    let mut measures = Vec::new();
    for browser in 0..BROWSERS {
        let mut nest = None;
        for number in 0..RECYCLE_AFTER {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let called_off = (chance >> 33).is_multiple_of(3) && number + 1 < RECYCLE_AFTER;
            walk_one(&rig, &zoo, &world, called_off.then_some((chance >> 40) % 4)).await;
            let there = nests(rig.dir.path());
            assert_eq!(there.len(), 1, "walk {number} of browser {browser}: one browser at a time");
            assert!(nest.is_none_or(|before| before == there), "browser {browser} was replaced before walk {number}");
            nest = Some(there);
        }
        let nest = nest.and_then(|mut nests| nests.pop()).unwrap();
        no_user_context_is_left(&nest).await;
        measures.push(Measure::now());
        println!("after {} walks: {:?}", (browser + 1) * RECYCLE_AFTER, measures.last());
    }
    assert_eq!(Measure::browsers(rig.dir.path()), 1, "only the last browser is there");
    measures[BROWSERS - 1].is_like(&measures[0]).await;
    rig.browsers.shutdown().await;
    assert_eq!(processes(rig.dir.path()), []);
    assert_eq!(nests(rig.dir.path()), Vec::<PathBuf>::new());
    let desks = std::fs::read_dir(evidence.path().join(".unfinished")).unwrap().flatten();
    let unfinished = desks.filter_map(|desk| std::fs::read_dir(desk.path()).ok()).flatten().count();
    assert_eq!(unfinished, 0, "evidence was begun and not finished");
    println!("sixty walks measured");
}

/// Walks once; called off while its lane is being opened (0), or when the page has made so many requests.
async fn walk_one(rig: &Rig, zoo: &Zoo, world: &World, call_off_at: Option<u64>) {
    let cancel = CancellationToken::new();
    let opened = lanes_asked_for(rig).await;
    let visits = zoo.visits().len();
    let (plan, journey) = (rig.plan(), rig.journey(JOURNEY));
    let mut walking = tokio::spawn(walk(journey, plan, world.clone(), cancel.clone()));
    let Some(at) = call_off_at else {
        let record = walking.await.unwrap();
        assert_eq!(record.verdict, Verdict::Passed, "{}", told(&record));
        return;
    };
    let deadline = Instant::now() + SOON;
    loop {
        let reached = if at == 0 {
            lanes_asked_for(rig).await != opened
        } else {
            zoo.visits().len() >= visits + usize::try_from(at).unwrap()
        };
        if reached || walking.is_finished() {
            break;
        }
        assert!(Instant::now() < deadline, "the walk does not come to where it is called off");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    cancel.cancel();
    let record = tokio::time::timeout(SOON, &mut walking).await.expect("what is called off ends").unwrap();
    assert!([Verdict::Passed, Verdict::Inconclusive].contains(&record.verdict), "{}", told(&record));
}

async fn lanes_asked_for(rig: &Rig) -> u64 {
    rig.browsers.spent().await.get("browser.createUserContext").map_or(0, |spent| spent.count)
}

/// Chromium forgets to close a page whose next one is about to come.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_while_its_page_comes_is_closed() {
    let zoo = Zoo::open(PAGES).await;
    let mut rig = Rig::at(&zoo.base).await;
    let options = BrowserOptions { spare_window: false, ..browser_options(&rig.dir) };
    rig.browsers = Arc::new(Browsers::start(options).await.unwrap());
    for _ in 0..CALLED_OFF {
        walk_one(&rig, &zoo, &rig.world(), Some(1)).await;
    }
    let [nest] = &nests(rig.dir.path())[..] else { panic!("the browser was replaced") };
    no_user_context_is_left(nest).await;
}

/// Directories of browsers below `root`.
fn nests(root: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(root).unwrap().map(|nest| nest.unwrap().path()).collect()
}

/// Asks the browser itself, past everything under examination: by its own debugging port.
async fn no_user_context_is_left(nest: &Path) {
    let port = std::fs::read_to_string(nest.join("profile/DevToolsActivePort")).unwrap();
    let (port, path) = port.split_once('\n').unwrap();
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://127.0.0.1:{port}{path}")).await.unwrap();
    let deadline = Instant::now() + SOON;
    loop {
        socket.send(Message::text(r#"{"id":1,"method":"Target.getBrowserContexts"}"#)).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let contexts = answer["result"]["browserContextIds"].as_array().unwrap_or_else(|| panic!("{answer}"));
        if contexts.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "user contexts of walks that have ended: {contexts:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the robot's own process holds.
#[derive(Debug, Clone, Copy)]
struct Measure {
    files: usize,
    resident_mib: u64,
}

impl Measure {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kib: u64 = resident.trim().trim_end_matches("kB").trim().parse().unwrap();
        Self { files: std::fs::read_dir("/proc/self/fd").unwrap().count(), resident_mib: kib / 1024 }
    }

    /// Browsers below `root`, by their main processes.
    fn browsers(root: &Path) -> usize {
        let main =
            |line: &str| line.contains("--user-data-dir=") && !line.contains("--type=") && !line.contains("crashpad");
        processes(root).iter().filter(|(_, line)| main(line) && !line.contains("__warden")).count()
    }

    /// Not more than `before`: what closes in the background is waited for.
    async fn is_like(mut self, before: &Measure) {
        let deadline = Instant::now() + SOON;
        while self.files > before.files + FILES_MORE_MAX {
            assert!(Instant::now() < deadline, "files stay open: {self:?}, before {before:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
            self = Measure::now();
        }
        let most = before.resident_mib + GROWTH_MIB_MAX;
        assert!(self.resident_mib <= most, "memory grows: {self:?}, before {before:?}");
    }
}
