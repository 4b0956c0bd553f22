//! One robot: `gengfu serve` as its operator starts it, what it says, and what is left when it is killed.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a robot may take to begin its watch.
const UP_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to end when it is asked to.
const DOWN_WITHIN: Duration = Duration::from_secs(35);

/// A robot on its watch.
pub struct Robot {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
    tmp: PathBuf,
    /// `http://127.0.0.1:PORT` of its console.
    pub console: String,
}

/// A robot that was killed.
pub struct Dead {
    /// The walks it had called finished.
    pub said: BTreeSet<String>,
    /// Processes of it and of its browsers when it was killed, by id and start time.
    pub pids: BTreeSet<(i32, u64)>,
    /// Directories of its browsers when it was killed.
    pub nests: Vec<PathBuf>,
    /// When.
    pub at: Instant,
}

impl Robot {
    /// Starts `gengfu serve` with the config and waits until it keeps watch. All it makes for a while lies in `tmp`.
    pub async fn start(config: &Path, tmp: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gengfu"));
        command.args(["serve", "--log-json", "--no-sandbox", "--config"]).arg(config);
        for variable in ["GENGFU_CONFIG", "GENGFU_BROWSER", "GENGFU_DRIVER", "GENGFU_LOG"] {
            command.env_remove(variable);
        }
        let command = command.env("TMPDIR", tmp).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Arc::default();
        let pipes: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let readers = pipes.into_iter().map(|pipe| read(pipe, &lines)).collect();
        let mut robot = Self { child, lines, readers, tmp: tmp.to_owned(), console: String::new() };
        let deadline = Instant::now() + UP_WITHIN;
        robot.console = loop {
            let up = robot.line("keeping watch").and_then(|line| Some(line.split_once("console ")?.1.to_owned()));
            if let Some(console) = up {
                break console;
            }
            let ended = robot.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "no watch ({ended:?}): {}", robot.told());
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        robot
    }

    fn line(&self, part: &str) -> Option<String> {
        self.lines.lock().unwrap().iter().find(|line| line.contains(part)).cloned()
    }

    /// The last that it said.
    pub fn told(&self) -> String {
        let lines = self.lines.lock().unwrap();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// The walks it has called finished so far.
    pub fn said(&self) -> BTreeSet<String> {
        said(&self.lines.lock().unwrap())
    }

    /// Kills it as nobody can refuse, and hears what it had still said.
    pub fn kill(mut self) -> Dead {
        let pids = family(self.child.id().cast_signed(), &self.tmp);
        let nests = nests(&self.tmp);
        self.child.kill().unwrap();
        let at = Instant::now();
        self.child.wait().unwrap();
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        Dead { said: self.said(), pids, nests, at }
    }

    /// Asks it to end; its exit code and what it said, or nothing when it does not end in time.
    pub async fn stop(mut self) -> (Option<i32>, BTreeSet<String>) {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM).unwrap();
        let deadline = Instant::now() + DOWN_WITHIN;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.readers.drain(..).for_each(|reader| reader.join().unwrap());
                return (status.code(), self.said());
            }
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                return (None, self.said());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Robot {
    fn drop(&mut self) {
        // Where the watch itself stops with an error, nothing stays behind either.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn read(pipe: Box<dyn Read + Send>, lines: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let lines = lines.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            lines.lock().unwrap().push(line);
        }
    })
}

/// Walks in the log's lines `walked`.
fn said(lines: &[String]) -> BTreeSet<String> {
    let walked = |line: &String| {
        let line: Value = serde_json::from_str(line).ok()?;
        let walk = line["fields"]["walk"].as_str()?.to_owned();
        (line["fields"]["message"] == "walked").then_some(walk)
    };
    lines.iter().filter_map(walked).collect()
}

/// Processes below `robot`, and all that name `tmp` in their environment or command line, by id and start time.
pub fn family(robot: i32, tmp: &Path) -> BTreeSet<(i32, u64)> {
    let tmp = tmp.to_string_lossy().into_owned();
    let mut parents: BTreeMap<i32, i32> = BTreeMap::new();
    let mut found = BTreeSet::from([robot]);
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Some((parent, _)) = stat(pid) else { continue };
        parents.insert(pid, parent);
        let names = ["environ", "cmdline"].iter().any(|file| {
            std::fs::read(format!("/proc/{pid}/{file}")).is_ok_and(|b| String::from_utf8_lossy(&b).contains(&tmp))
        });
        if names && pid != std::process::id().cast_signed() {
            found.insert(pid);
        }
    }
    loop {
        let more: Vec<i32> = parents
            .iter()
            .filter(|(pid, up)| found.contains(up) && !found.contains(pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            return found.into_iter().filter_map(|pid| Some((pid, stat(pid)?.1))).collect();
        }
        found.extend(more);
    }
}

/// Those of `known` that still live; when there are none, everybody that names `tmp`. The whole table is looked
/// through only then: the killed need the machine to end.
pub fn survivors(known: &BTreeSet<(i32, u64)>, tmp: &Path) -> BTreeSet<(i32, u64)> {
    let lives = |(pid, started): &&(i32, u64)| stat(*pid).is_some_and(|(_, now)| now == *started);
    let still: BTreeSet<(i32, u64)> = known.iter().filter(lives).copied().collect();
    // The robot itself is reaped: nobody is below the id -1.
    if still.is_empty() { family(-1, tmp) } else { still }
}

/// Parent and start time of a process; a zombie that was left to the machine's first process lives no more.
fn stat(pid: i32) -> Option<(i32, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let over = fields.first() == Some(&"Z") && parent == 1;
    (!over).then_some((parent, fields.get(19)?.parse().ok()?))
}

/// Directories of browsers in `tmp`, also those half made.
pub fn nests(tmp: &Path) -> Vec<PathBuf> {
    let roots = std::fs::read_dir(tmp).unwrap().map(|root| root.unwrap().path());
    let below = roots.filter(|root| root.is_dir()).flat_map(|root| std::fs::read_dir(root).unwrap());
    below.filter_map(|nest| Some(nest.ok()?.path())).collect()
}
