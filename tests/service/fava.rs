//! The command line on Fava, an app nobody here wrote: its journeys pass, and what dies in the middle of a walk is told
//! for what it is: the app's death as the app's failure, the driver's as nothing that can be said of the app.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use super::cli::{UnderWay, gengfu};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Fava on a free port, gone with its value.
struct Fava {
    child: Child,
    url: String,
}

impl Fava {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/fava");
        let mut child = Command::new(script).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("Fava comes up").unwrap();
        Self { child, url: first.strip_prefix("listening ").unwrap().to_owned() }
    }

    fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Kills Fava itself at once, and returns when nobody answers at its address any more.
    fn kill(&self) {
        let (_, port) = self.authority().split_once(':').unwrap();
        slay(&|command, _| command.contains(&format!("fava --host 127.0.0.1 --port {port} ")));
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.authority()).is_ok() {
            assert!(Instant::now() < deadline, "Fava still answers");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Fava {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Kills the one process that `is` is true of, by its command line and environment.
fn slay(is: &dyn Fn(&str, &str) -> bool) {
    let read = |pid: i32, file: &str| {
        let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let found: Vec<i32> = pids.filter(|pid| is(&read(*pid, "cmdline"), &read(*pid, "environ"))).collect();
    assert_eq!(found.len(), 1, "one process is meant");
    kill(Pid::from_raw(found[0]), Signal::SIGKILL).unwrap();
}

/// `gengfu walk` on journeys of Fava, in a folder of its own.
fn walk(fava: &Fava, folder: &Path, journeys: &str, more: &[&str]) -> Command {
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("journeys/fava").join(journeys);
    let mut command =
        gengfu(&["walk", "--no-sandbox", "--language", "en", "--base", &fava.url, "--json", "walks.json"]);
    command.args(more).arg(journeys).current_dir(folder).env("TMPDIR", folder);
    command
}

/// Every walk of the report: verdict, class (or nothing) and the outcome of its first step.
fn walks(folder: &Path) -> Vec<(String, String, String)> {
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("walks.json")).unwrap()).unwrap();
    let all = if json.is_array() { json.as_array().unwrap().clone() } else { vec![json] };
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    all.iter().map(|w| (text(&w["verdict"]), text(&w["class"]), text(&w["steps"][0]["outcome"]))).collect()
}

/// A folder near the root: browsers put sockets far below it.
fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("f").rand_bytes(4).tempdir().unwrap()
}

#[test]
fn every_journey_of_fava_passes() {
    let (fava, folder) = (Fava::start(), folder());
    let output = walk(&fava, folder.path(), "", &[]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let all = walks(folder.path());
    assert_eq!(all.len(), 6, "{said}");
    // Where many tests share a machine, Fava may well be slow; that is said, and nothing else.
    let through = |(verdict, class, _): &(String, String, String)| match verdict.as_str() {
        "passed" => class.is_empty(),
        "degraded" => class == "slow",
        _ => false,
    };
    assert!(all.iter().all(through), "{said}");
}

/// Stopped when the first step is told, long before the last one that needs an answer.
#[test]
fn an_app_that_dies_in_the_middle_of_a_walk_has_failed() {
    let (fava, folder) = (Fava::start(), folder());
    let walking = UnderWay::start(walk(&fava, folder.path(), "journal-filter.yaml", &[]));
    walking.line("✓ open /");
    fava.kill();
    assert_eq!(walking.end(Duration::from_secs(150)), Some(4));
    let all = walks(folder.path());
    let hurt = |(verdict, class, _): &(String, String, String)| {
        verdict == "failed" && ["blocked", "broken"].contains(&class.as_str())
    };
    assert!(all.len() == 2 && all.iter().all(hurt), "the walk and the one that confirms it: {all:?}");
    assert_eq!((all[0].2.as_str(), all[1].2.as_str()), ("passed", "failed"), "it was there, and then it was not");
}

#[test]
fn a_driver_that_dies_in_the_middle_of_a_walk_says_nothing_of_the_app() {
    let (fava, folder) = (Fava::start(), folder());
    let walking = UnderWay::start(walk(&fava, folder.path(), "journal-filter.yaml", &[]));
    walking.line("✓ open /");
    let own = format!("TMPDIR={}/", folder.path().display());
    slay(&|command, environment| command.contains("chromedriver --port=0") && environment.contains(&own));
    assert_eq!(walking.end(Duration::from_secs(60)), Some(5));
    let all = walks(folder.path());
    assert_eq!(all, [("inconclusive".into(), String::new(), "passed".into())]);
    let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let nests: usize = left
        .filter(|dir| dir.join("").is_dir() && dir.to_string_lossy().contains("gengfu-"))
        .map(|root| std::fs::read_dir(root).unwrap().count())
        .sum();
    assert_eq!(nests, 0, "directories of the browser are left");
}
