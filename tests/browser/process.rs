//! Nothing outlives its owner: real browsers are started and ended in every way, then the process table
//! and the disk are looked at. The robot that dies is this very binary, started again as a holder.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gengfu::browser::process::{
    Death, Driver, DriverOptions, Installed, LaunchError, Places, family_of, find_installed, sweep,
};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

/// What the issue allows after `kill -9` of the robot.
const GONE_WITHIN: Duration = Duration::from_secs(2);
const HOLD_VARIABLE: &str = "GENGFU_TEST_HOLD";

struct Walker {
    driver: Driver,
    traces: Traces,
}

/// What must not be there any more afterwards.
struct Traces {
    marker: String,
    dir: PathBuf,
    pids: Vec<i32>,
}

fn options(root: &Path, driver: &Path) -> DriverOptions {
    let warden = Some(PathBuf::from(env!("CARGO_BIN_EXE_gengfu")));
    DriverOptions { root: root.to_owned(), warden, ..DriverOptions::new(driver) }
}

async fn installed() -> Installed {
    find_installed(&Places::default()).await.expect("Chromium and chromedriver are installed")
}

/// Starts a driver and a browser in it, and knows all their processes.
async fn start(root: &Path) -> Walker {
    let installed = installed().await;
    let driver = Driver::launch(&options(root, &installed.driver)).await.expect("the driver listens");
    open_session(&driver, &installed.browser).await;
    let pids = family_of(driver.marker());
    assert!(pids.len() >= 4, "a driver and a browser are several processes: {pids:?}");
    let traces = Traces { marker: driver.marker().to_owned(), dir: driver.session_dir().to_owned(), pids };
    Walker { driver, traces }
}

async fn open_session(driver: &Driver, browser: &Path) -> Value {
    let profile = format!("--user-data-dir={}", driver.profile_dir().display());
    let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", profile.as_str()];
    let chrome = json!({"binary": browser, "args": arguments});
    let body = json!({"capabilities": {"alwaysMatch": {"webSocketUrl": true, "goog:chromeOptions": chrome}}});
    let _other_tests_may_be_first = rustls::crypto::ring::default_provider().install_default();
    let answer = reqwest::Client::new().post(format!("{}session", driver.url())).json(&body).send().await;
    let answer: Value = answer.expect("the driver answers").json().await.expect("it answers JSON");
    assert!(answer["value"]["capabilities"]["webSocketUrl"].is_string(), "{answer}");
    answer
}

impl Traces {
    /// Fails unless all processes and the directory are gone in time.
    async fn are_gone(&self) {
        let deadline = Instant::now() + GONE_WITHIN;
        loop {
            let left = self.left();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "still there after {GONE_WITHIN:?}: {left:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Anything that names the marker anywhere, seen without the code under examination.
    fn left(&self) -> Vec<String> {
        let mut left: Vec<String> = self
            .pids
            .iter()
            .filter(|pid| lives(**pid))
            .map(|pid| format!("process {pid}: {}", state_of(*pid)))
            .collect();
        left.extend(naming(&self.marker).iter().map(|pid| format!("process {pid} names the marker")));
        left.extend(self.dir.exists().then(|| format!("directory {}", self.dir.display())));
        left
    }
}

/// A zombie counts, too, unless it is orphaned: then the machine's first process reaps it when it likes.
fn lives(pid: i32) -> bool {
    let state = state_of(pid);
    let left_to_init = state.contains("State: Z") && state.ends_with("PPid: 1");
    !state.is_empty() && !left_to_init
}

/// `Z (zombie)` and the like, and whose child it is: what a failure needs to be understood.
fn state_of(pid: i32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let lines = status.lines().filter(|line| ["Name", "State", "PPid"].iter().any(|name| line.starts_with(name)));
    lines.collect::<Vec<_>>().join(" ").replace('\t', " ")
}

fn naming(marker: &str) -> Vec<i32> {
    let pids = fs::read_dir("/proc").expect("/proc is mounted").flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let names = |pid: &i32| {
        ["environ", "cmdline"].iter().any(|file| {
            let text = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            text.windows(marker.len()).any(|window| window == marker.as_bytes())
        })
    };
    pids.filter(names).collect()
}

fn signal(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).expect("the process is there");
}

fn command_of(pid: i32) -> String {
    fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default().replace('\0', " ")
}

/// The one process of the family whose command line says `yes` and not `no`.
fn member(traces: &Traces, yes: &str, no: &str) -> i32 {
    let found = |pid: &&i32| command_of(**pid).contains(yes) && !command_of(**pid).contains(no);
    *traces.pids.iter().find(found).expect("the family has such a member")
}

fn warden_of(traces: &Traces) -> i32 {
    let all = naming(&traces.marker);
    *all.iter().find(|pid| command_of(**pid).contains("__warden")).expect("the warden names its marker")
}

#[tokio::test]
async fn killed_by_its_owner() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    let footprint = driver.footprint().await;
    assert!(footprint.processes >= 4 && footprint.pss_bytes > 50 << 20, "{footprint:?}");
    let died = driver.died();
    let started = Instant::now();
    driver.kill().await;
    assert!(started.elapsed() < GONE_WITHIN, "{:?}", started.elapsed());
    assert_eq!(traces.left(), Vec::<String>::new(), "kill returns when nothing is left");
    assert_eq!(died.await, Death::LetGo);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn dropped_by_its_owner() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    drop(driver);
    traces.are_gone().await;
}

#[tokio::test]
async fn driver_killed() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    signal(member(&traces, "--port=0", "--user-data-dir"), Signal::SIGKILL);
    let death = tokio::time::timeout(GONE_WITHIN, driver.died()).await.expect("the death is told");
    assert!(matches!(&death, Death::Driver(how) if how.contains("SIGKILL")), "{death:?}");
    traces.are_gone().await;
    driver.kill().await;
}

#[tokio::test]
async fn driver_terminated_does_not_orphan_the_browser() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    signal(member(&traces, "--port=0", "--user-data-dir"), Signal::SIGTERM);
    driver.died().await;
    traces.are_gone().await;
}

#[tokio::test]
async fn browser_killed() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    signal(member(&traces, "--user-data-dir", "--type="), Signal::SIGKILL);
    driver.kill().await;
    traces.are_gone().await;
}

#[tokio::test]
async fn warden_killed() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    signal(warden_of(&traces), Signal::SIGKILL);
    assert_eq!(driver.died().await, Death::Warden);
    traces.are_gone().await;
}

#[tokio::test]
async fn warden_hung() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    signal(warden_of(&traces), Signal::SIGSTOP);
    let started = Instant::now();
    driver.kill().await;
    assert!(started.elapsed() < Duration::from_millis(2200), "{:?}", started.elapsed());
    traces.are_gone().await;
}

/// Not a test by itself: started with the variable set, it is a robot that holds a browser until it dies.
#[tokio::test]
async fn hold() {
    let Some(root) = std::env::var_os(HOLD_VARIABLE).map(PathBuf::from) else { return };
    let walker = start(&root.join("sessions")).await;
    let traces = json!({"marker": walker.traces.marker, "dir": walker.traces.dir, "pids": walker.traces.pids});
    fs::write(root.join("held.new"), traces.to_string()).unwrap();
    fs::rename(root.join("held.new"), root.join("held")).unwrap();
    // A job in a shell's background ignores interrupts, and so do its children unless they ask for them.
    tokio::signal::ctrl_c().await.unwrap();
    std::process::exit(130);
}

/// Starts a robot in its own process group and waits until it holds a browser.
async fn robot(root: &Path) -> (Child, Traces) {
    let own = std::env::current_exe().expect("the binary knows itself");
    let mut command = Command::new(own);
    command.args(["--exact", "process::hold", "--nocapture"]).env(HOLD_VARIABLE, root);
    let child = command.process_group(0).stdout(Stdio::null()).spawn().expect("the robot starts");
    let deadline = Instant::now() + Duration::from_secs(40);
    let held = loop {
        if let Ok(text) = fs::read_to_string(root.join("held")) {
            break serde_json::from_str::<Value>(&text).expect("it is JSON");
        }
        assert!(Instant::now() < deadline, "the robot holds no browser");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let pids = serde_json::from_value(held["pids"].clone()).expect("pids are numbers");
    let text = |key: &str| held[key].as_str().expect("it is text").to_owned();
    (child, Traces { marker: text("marker"), dir: PathBuf::from(text("dir")), pids })
}

async fn robot_ended_by(end: impl FnOnce(Pid)) {
    let root = tempfile::tempdir().expect("a directory");
    let (mut robot, traces) = robot(root.path()).await;
    end(Pid::from_raw(robot.id().cast_signed()));
    robot.wait().expect("the robot ends");
    traces.are_gone().await;
}

#[tokio::test]
async fn robot_interrupted_with_its_group() {
    robot_ended_by(|robot| killpg(robot, Signal::SIGINT).unwrap()).await;
}

#[tokio::test]
async fn robot_terminated() {
    robot_ended_by(|robot| kill(robot, Signal::SIGTERM).unwrap()).await;
}

#[tokio::test]
async fn robot_killed() {
    robot_ended_by(|robot| kill(robot, Signal::SIGKILL).unwrap()).await;
}

#[tokio::test]
async fn robot_killed_and_warden_hung_is_swept_at_the_next_start() {
    let root = tempfile::tempdir().unwrap();
    let (mut robot, traces) = robot(root.path()).await;
    let living = start(&root.path().join("sessions")).await;
    signal(warden_of(&traces), Signal::SIGSTOP);
    robot.kill().unwrap();
    robot.wait().unwrap();
    let swept = sweep(&root.path().join("sessions"), GONE_WITHIN).unwrap();
    assert_eq!((swept.removed, swept.in_use, swept.left_over), (1, 1, 0), "{swept:?}");
    traces.are_gone().await;
    let dead: Vec<&i32> = living.traces.pids.iter().filter(|pid| !lives(**pid)).collect();
    assert!(dead.is_empty(), "a neighbour's browser was touched: {dead:?}");
    living.driver.kill().await;
}

#[tokio::test]
async fn many_at_once_do_not_collide() {
    let root = tempfile::tempdir().unwrap();
    let installed = installed().await;
    let options = options(root.path(), &installed.driver);
    let drivers = futures_util::future::join_all((0..12).map(|_| Driver::launch(&options))).await;
    let drivers: Vec<Driver> = drivers.into_iter().map(|driver| driver.unwrap()).collect();
    let urls: std::collections::HashSet<String> = drivers.iter().map(Driver::url).collect();
    assert_eq!(urls.len(), 12);
    futures_util::future::join_all(drivers.into_iter().map(Driver::kill)).await;
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

/// A stand-in for the driver: a shell script.
fn script(dir: &Path, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = dir.join("driver.sh");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("the disk has room");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    path
}

#[tokio::test]
async fn children_that_flee_group_session_and_marker_are_killed() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("sessions");
    let flee = "env -i setsid sh -c 'echo $$ > fled; exec sleep 1000' &
        while [ ! -s fled ]; do sleep 0.01; done
        echo started successfully on port 1.; exec sleep 1000";
    let driver = Driver::launch(&options(&root, &script(home.path(), flee))).await.unwrap();
    let fled: i32 = fs::read_to_string(driver.session_dir().join("fled")).unwrap().trim().parse().unwrap();
    let traces = Traces { marker: driver.marker().to_owned(), dir: driver.session_dir().to_owned(), pids: vec![fled] };
    assert!(lives(fled));
    driver.kill().await;
    traces.are_gone().await;
}

#[tokio::test]
async fn a_driver_that_does_not_come_up_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("sessions");
    let refused = Driver::launch(&options(&root, &script(home.path(), "echo no display >&2; exit 3"))).await;
    assert!(
        matches!(&refused, Err(LaunchError::Refused { why }) if why.contains("code 3; it printed: no display")),
        "{refused:?}"
    );
    let absent = Driver::launch(&options(&root, Path::new("/no/such/driver"))).await;
    assert!(matches!(&absent, Err(LaunchError::Refused { why }) if why.contains("/no/such/driver")), "{absent:?}");
    let mute = script(home.path(), "exec sleep 1000");
    let mute = DriverOptions { launch_timeout: Duration::from_millis(200), ..options(&root, &mute) };
    let slow = Driver::launch(&mute).await;
    assert!(matches!(slow, Err(LaunchError::Slow { .. })), "{slow:?}");
    let empty = || fs::read_dir(&root).unwrap().count() == 0;
    let deadline = Instant::now() + GONE_WITHIN;
    while !empty() {
        assert!(Instant::now() < deadline, "a directory stays");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_driver_whose_port_was_taken_is_started_again() {
    let home = tempfile::tempdir().unwrap();
    let unlucky = format!(
        "[ -e {0}/once ] || {{ touch {0}/once; echo IPv4 port not available. Exiting...; exit 1; }}
        echo started successfully on port 1.; exec sleep 1000",
        home.path().display()
    );
    let driver = Driver::launch(&options(&home.path().join("sessions"), &script(home.path(), &unlucky))).await.unwrap();
    assert!(home.path().join("once").exists());
    driver.kill().await;
    assert_eq!(fs::read_dir(home.path().join("sessions")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_browser_does_not_see_the_robots_environment() {
    let root = tempfile::tempdir().unwrap();
    let Walker { driver, traces } = start(root.path()).await;
    let environ = fs::read(format!("/proc/{}/environ", member(&traces, "--user-data-dir", "--type="))).unwrap();
    let names: Vec<String> = environ.split(|b| *b == 0).map(|e| String::from_utf8_lossy(e).into_owned()).collect();
    assert!(names.iter().any(|entry| *entry == format!("GENGFU_SESSION={}", traces.marker)), "{names:?}");
    assert!(!names.iter().any(|entry| entry.starts_with("CARGO")), "{names:?}");
    driver.kill().await;
}

#[tokio::test]
async fn robot_and_warden_killed_is_swept_too() {
    let root = tempfile::tempdir().unwrap();
    let (mut robot, traces) = robot(root.path()).await;
    let warden = warden_of(&traces);
    signal(warden, Signal::SIGSTOP);
    robot.kill().unwrap();
    robot.wait().unwrap();
    signal(warden, Signal::SIGKILL);
    let swept = sweep(&root.path().join("sessions"), GONE_WITHIN).unwrap();
    assert_eq!((swept.removed, swept.left_over), (1, 0), "{swept:?}");
    traces.are_gone().await;
}
