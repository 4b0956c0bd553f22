//! The warden: the process that answers for one driver and everything the driver starts.
//!
//! It lives in a process group of its own, swallows the terminal's signals, and ends for two reasons only:
//! its standard input reached the end (the robot let go, or died in whatever way), or the driver ended.
//! Either way it kills the whole family, verifies that nobody is left, removes the nest, and exits.
//! It is synchronous on purpose: a few threads that block, nothing that can starve.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use super::MARKER_VARIABLE;
use super::family::{Table, fell};
use super::nest::{Nest, Owner};
use super::sweep::fell_family;

/// The first argument that turns the binary into a warden. Hidden: no person types it.
pub const WARDEN_ARGUMENT: &str = "__warden";

/// How long a warden tries to kill its family and to remove its nest, each.
const FELL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a dead driver's last words are waited for: its family is killed, so that its pipes end at once.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_millis(250);
/// How much of what the driver printed is kept for its obituary.
const TAIL_BYTES_MAX: usize = 4 * 1024;

/// What a robot asks of a warden: the second argument, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) marker: String,
    pub(super) dir: PathBuf,
    pub(super) driver: PathBuf,
    pub(super) arguments: Vec<String>,
}

/// What a warden says to its robot: a JSON line each on standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// The driver listens on this loopback port.
    Listening(u16),
    /// The driver ended, or never began, for this reason.
    Died(String),
}

/// Serves as warden when the command line asks for it; else returns nothing, at once.
/// Must come before anything else in `main`.
pub fn serve_as_warden() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WARDEN_ARGUMENT {
        return None;
    }
    let orders = arguments.next().and_then(|text| serde_json::from_str::<Orders>(text.to_str()?).ok());
    Some(orders.map_or(ExitCode::from(2), |orders| watch(&orders)))
}

enum News {
    Listening(u16),
    DriverEnded(String),
    OwnerGone,
}

type Tail = Arc<Mutex<VecDeque<u8>>>;

/// What the driver prints: the end of it, and when there will be no more.
struct Output {
    tail: Tail,
    /// Disconnected once every pipe of the driver has been read to its end.
    ended: Receiver<()>,
}

fn watch(orders: &Orders) -> ExitCode {
    let _signals = swallow_signals();
    let (tell, told) = channel();
    watch_owner(tell.clone());
    let adopted = prctl::set_child_subreaper(true).map_err(io::Error::from);
    let signed = adopted.and_then(|()| Owner::caller()).and_then(|owner| owner.sign(&orders.dir));
    let driver = signed.and_then(|()| spawn_driver(orders));
    match driver {
        Ok(mut driver) => {
            let output = watch_output(&mut driver, &tell);
            let pid = Pid::from_raw(driver.id().cast_signed());
            watch_children(pid, tell);
            let ended = attend(&told);
            fell_nearest(pid);
            if let Some(how) = ended {
                say(&Word::Died(format!("{how}; it printed: {}", output.last_words())));
            }
        }
        Err(trouble) => say(&Word::Died(format!("`{}` cannot be started: {trouble}", orders.driver.display()))),
    }
    clean_up(orders)
}

/// Signals reach handlers that do nothing. They are caught, not ignored or blocked, because a caught signal
/// returns to its default in the driver, and an ignored or blocked one would not.
fn swallow_signals() -> Option<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().ok()?;
    let entered = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()] {
        let _installed_for_good = signal(kind);
    }
    drop(entered);
    Some(runtime)
}

fn watch_owner(tell: Sender<News>) {
    thread::spawn(move || {
        let mut rest = [0; 64];
        let mut stdin = io::stdin().lock();
        while stdin.read(&mut rest).is_ok_and(|count| count > 0) {}
        let _nobody_listens = tell.send(News::OwnerGone);
    });
}

fn spawn_driver(orders: &Orders) -> io::Result<Child> {
    Command::new(&orders.driver)
        .arg("--port=0")
        .args(&orders.arguments)
        .env(MARKER_VARIABLE, &orders.marker)
        .env("TMPDIR", orders.dir.join("tmp"))
        .env("XDG_CONFIG_HOME", orders.dir.join("tmp"))
        .env("XDG_CACHE_HOME", orders.dir.join("tmp"))
        .current_dir(&orders.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Reads all the driver prints, so that it never blocks on a full pipe; keeps the end of it.
fn watch_output(driver: &mut Child, tell: &Sender<News>) -> Output {
    let tail = Tail::default();
    let (open, ended) = channel();
    if let Some(output) = driver.stdout.take() {
        let (tell, tail, open) = (tell.clone(), tail.clone(), open.clone());
        thread::spawn(move || {
            let _ends_with_the_pipe = open;
            drain(output, &tail, |line| {
                if let Some(port) = listening_port(line) {
                    let _nobody_listens = tell.send(News::Listening(port));
                }
            })
        });
    }
    if let Some(output) = driver.stderr.take() {
        let tail = tail.clone();
        thread::spawn(move || {
            let _ends_with_the_pipe = open;
            drain(output, &tail, |_| ())
        });
    }
    Output { tail, ended }
}

impl Output {
    /// The driver's end is known before its pipes are read: what they still hold is waited for, else the reason
    /// would be lost whenever the machine is busy.
    fn last_words(&self) -> String {
        let _read_or_held_open_by_a_stray = self.ended.recv_timeout(LAST_WORDS_TIMEOUT);
        let tail: Vec<u8> = self.tail.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        String::from_utf8_lossy(&tail).trim().to_owned()
    }
}

fn drain(output: impl Read, tail: &Tail, mut each: impl FnMut(&str)) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end must not fill the memory.
        match output.by_ref().take(TAIL_BYTES_MAX as u64).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => each(&String::from_utf8_lossy(&line)),
        }
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(&line);
        let excess = tail.len().saturating_sub(TAIL_BYTES_MAX);
        tail.drain(..excess);
    }
}

fn listening_port(line: &str) -> Option<u16> {
    let rest = line.split_once("started successfully on port ")?.1;
    rest.trim_end().trim_end_matches('.').parse().ok()
}

/// Reaps the driver and every orphan it leaves, so that no zombie stays.
fn watch_children(driver: Pid, tell: Sender<News>) {
    thread::spawn(move || {
        loop {
            let ended = match waitpid(None, None) {
                Ok(WaitStatus::Exited(pid, code)) if pid == driver => format!("exited with code {code}"),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == driver => format!("killed by {signal}"),
                Ok(_) | Err(nix::errno::Errno::EINTR) => continue,
                Err(_) => return,
            };
            if tell.send(News::DriverEnded(ended)).is_err() {
                return;
            }
        }
    });
}

/// Returns when the family is to be killed; with how the driver ended, if that is why.
fn attend(told: &Receiver<News>) -> Option<String> {
    loop {
        match told.recv() {
            Ok(News::Listening(port)) => say(&Word::Listening(port)),
            Ok(News::DriverEnded(how)) => return Some(how),
            Ok(News::OwnerGone) | Err(_) => return None,
        }
    }
}

/// Nobody may listen any more: that is no reason to stop cleaning up.
fn say(word: &Word) {
    let line = serde_json::to_string(word).expect("invariant: a word is plain data");
    let mut stdout = io::stdout().lock();
    let _nobody_listens = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// The driver's group and descendants. As a subreaper the warden is the ancestor of all of them: most are found at
/// once, before the whole table is looked through.
fn fell_nearest(group: Pid) {
    let _gone = killpg(group, Signal::SIGKILL);
    Table::read().descendants().into_iter().for_each(fell);
}

fn clean_up(orders: &Orders) -> ExitCode {
    let deadline = Instant::now() + FELL_TIMEOUT;
    let felled = fell_family(&orders.marker, &orders.dir, &[super::family::own_pid()], deadline);
    reap_all(deadline);
    let removed = Nest::remove(&orders.dir, FELL_TIMEOUT);
    if felled.clean && removed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Waits until the last child is reaped: what is killed but not reaped still stands in the process table.
fn reap_all(deadline: Instant) {
    while waitpid(None, Some(WaitPidFlag::WNOHANG)) != Err(nix::errno::Errno::ECHILD) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_drivers_own_words() {
        let check = |line, expected| assert_eq!(listening_port(line), expected, "{line}");
        check("ChromeDriver was started successfully on port 37893.\n", Some(37893));
        check("ChromeDriver was started successfully on port 80.", Some(80));
        check("Starting ChromeDriver 156.0 (abc) on port 0", None);
        check("started successfully on port 99999.", None);
    }

    #[test]
    fn the_tail_is_bounded_even_without_line_ends() {
        let tail = Tail::default();
        let long = vec![b'x'; 10 * TAIL_BYTES_MAX];
        drain(long.as_slice(), &tail, |_| ());
        assert_eq!(tail.lock().unwrap().len(), TAIL_BYTES_MAX);
    }

    #[test]
    fn words_and_orders_survive_the_pipe() {
        let line = serde_json::to_string(&Word::Listening(4444)).unwrap();
        assert_eq!(line, r#"{"listening":4444}"#);
        assert_eq!(serde_json::from_str::<Word>(&line).unwrap(), Word::Listening(4444));
    }
}
