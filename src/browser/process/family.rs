//! The process table, read from `/proc`: who belongs to a browser, and how much memory they hold.
//!
//! A process belongs to a browser when its environment carries the browser's marker, when one of its
//! options points into the browser's directory, or when such a process is its ancestor (Chromium's
//! renderers overwrite their own environment with their title).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::MARKER_VARIABLE;

/// What one browser holds of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footprint {
    /// Living processes: the driver, the browser and its children, without the warden.
    pub processes: usize,
    /// Proportional set size of all of them, in bytes; shared pages are counted once over all sharers.
    pub pss_bytes: u64,
}

/// The living processes that belong to the browser with this marker. Reads `/proc` once: milliseconds.
pub fn family_of(marker: &str) -> Vec<i32> {
    Table::read().family(marker, None, &[])
}

/// Memory and processes of the browser with this marker. Costs some milliseconds a process: not for a loop.
pub fn footprint_of(marker: &str) -> Footprint {
    let family = family_of(marker);
    let pss_bytes = family.iter().map(|pid| pss_bytes(*pid)).sum();
    Footprint { processes: family.len(), pss_bytes }
}

/// One reading of the process table.
pub(super) struct Table {
    parents: HashMap<i32, i32>,
}

impl Table {
    /// Reads all processes, zombies left out: they hold nothing and wait only for their parent.
    pub(super) fn read() -> Self {
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let parents = pids.filter_map(|pid| Stat::of(pid).filter(|s| s.state != 'Z').map(|s| (pid, s.parent)));
        Self { parents: parents.collect() }
    }

    /// Everybody marked, everybody whose options point into `dir`, everybody below one of `roots`, and all
    /// descendants of these. Never the caller itself, nor the roots.
    pub(super) fn family(&self, marker: &str, dir: Option<&Path>, roots: &[i32]) -> Vec<i32> {
        let marked = self.parents.keys().filter(|pid| is_marked(**pid, marker, dir));
        self.with_descendants(marked.copied().chain(roots.iter().copied()).collect(), roots)
    }

    /// Everybody below the caller. Cheap: no environment is read.
    pub(super) fn descendants(&self) -> Vec<i32> {
        self.with_descendants(HashSet::from([own_pid()]), &[])
    }

    /// These and their descendants, without the caller and `roots`.
    fn with_descendants(&self, mut members: HashSet<i32>, roots: &[i32]) -> Vec<i32> {
        let own = own_pid();
        loop {
            let more = self.parents.iter().filter(|(pid, parent)| members.contains(parent) && !members.contains(pid));
            let more: Vec<i32> = more.map(|(pid, _)| *pid).collect();
            if more.is_empty() {
                break;
            }
            members.extend(more);
        }
        members.retain(|pid| *pid != own && !roots.contains(pid) && *pid > 1);
        members.into_iter().collect()
    }
}

/// Markers of living processes whose directory below `root` is gone: a cleaner of old files took it from
/// under them. No robot uses these any more, since a robot removes a directory only after its processes.
pub(super) fn strays(root: &Path) -> HashSet<String> {
    let table = Table::read();
    let markers = table.parents.keys().filter_map(|pid| {
        let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let value = |name: &str| {
            let entry = environ.split(|b| *b == 0).find_map(|entry| entry.strip_prefix(format!("{name}=").as_bytes()));
            entry.map(|value| String::from_utf8_lossy(value).into_owned())
        };
        let marker = value(MARKER_VARIABLE)?;
        let dir = root.join(&marker);
        (value("TMPDIR").is_some_and(|tmp| Path::new(&tmp) == dir.join("tmp")) && !dir.exists()).then_some(marker)
    });
    markers.collect()
}

/// The caller's process id.
pub(super) fn own_pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

/// When `pid` started, in clock ticks since boot; with the pid it names a process for as long as the boot lasts.
pub(super) fn started(pid: i32) -> Option<u64> {
    Stat::of(pid).filter(|stat| stat.state != 'Z').map(|stat| stat.started)
}

/// Kills `pid` at once. A process that is gone already is what was wanted.
pub(super) fn fell(pid: i32) {
    let _gone = kill(Pid::from_raw(pid), Signal::SIGKILL);
}

fn is_marked(pid: i32, marker: &str, dir: Option<&Path>) -> bool {
    let wanted = format!("{MARKER_VARIABLE}={marker}");
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    if environ.split(|b| *b == 0).any(|entry| entry == wanted.as_bytes()) {
        return true;
    }
    let Some(dir) = dir.and_then(Path::to_str) else { return false };
    let inside = format!("={dir}/");
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    // Renderers join their arguments by spaces when they set their title.
    let mut arguments = command.split(|b| *b == 0 || *b == b' ');
    arguments.any(|a| a.starts_with(b"--") && String::from_utf8_lossy(a).contains(&inside))
}

fn pss_bytes(pid: i32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

struct Stat {
    state: char,
    parent: i32,
    started: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        // The name stands in brackets and may itself hold brackets and blanks: count from the last one.
        let rest = text.get(text.rfind(')')? + 1..)?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let state = fields.first()?.chars().next()?;
        Some(Self { state, parent: fields.get(1)?.parse().ok()?, started: fields.get(19)?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let line = "42 (a) R 1 (b)) S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 998877 1 1";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.state, stat.parent, stat.started), ('S', 7, 998_877));
    }

    #[test]
    fn the_caller_lives_and_is_nobodys_family() {
        assert!(started(own_pid()).is_some());
        let parent = nix::unistd::getppid().as_raw();
        assert!(!Table::read().family("no-such-marker", None, &[parent]).contains(&own_pid()));
    }
}
