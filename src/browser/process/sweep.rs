//! What a robot that was killed together with its wardens left behind, removed at the next start.
//!
//! A directory is swept only when the robot it names is dead; neither age nor name decides. The user's own
//! browsers carry no marker and are never touched.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::family::{Table, fell, strays};
use super::nest::{Nest, Owner, STAGING_PREFIX, Standing};

/// What a sweep did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// Directories removed.
    pub removed: usize,
    /// Processes killed.
    pub killed: usize,
    /// Directories in use by living robots, left alone.
    pub in_use: usize,
    /// Directories whose robot cannot be seen from this host or container, or that name none, left alone.
    pub unseen: usize,
    /// Directories that could not be removed, or were not reached in time. The next sweep tries again.
    pub left_over: usize,
}

/// Removes the leavings of dead robots under `root`. Ends within about `within`. Blocking: call it before
/// the runtime is busy, or from a blocking thread. A root that does not exist is clean.
pub fn sweep(root: &Path, within: Duration) -> io::Result<Swept> {
    let deadline = Instant::now() + within;
    let mut swept = Swept::default();
    let root = match fs::canonicalize(root) {
        Ok(root) => root,
        Err(trouble) if trouble.kind() == io::ErrorKind::NotFound => return Ok(swept),
        Err(trouble) => return Err(trouble),
    };
    for entry in fs::read_dir(&root)? {
        let entry = entry?;
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        match verdict(&entry.path()) {
            Standing::Alive => swept.in_use += 1,
            Standing::Unseen => swept.unseen += 1,
            Standing::Dead if Instant::now() >= deadline => swept.left_over += 1,
            Standing::Dead => sweep_one(&entry.path(), deadline, &mut swept),
        }
    }
    for marker in strays(&root) {
        swept.killed += fell_family(&marker, &root.join(&marker), &[], deadline).killed;
    }
    Ok(swept)
}

/// The robot, the first owner, decides. A directory still being made belongs to the pid in its name.
fn verdict(dir: &Path) -> Standing {
    let owners = Owner::read_all(dir);
    if owners.is_empty() {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        let maker = name.strip_prefix(STAGING_PREFIX).and_then(|rest| rest.split('-').next()?.parse().ok());
        return match maker {
            Some(pid) if super::family::started(pid).is_none() => Standing::Dead,
            Some(_) => Standing::Alive,
            None => Standing::Unseen,
        };
    }
    owners.first().map_or(Standing::Unseen, Owner::standing)
}

fn sweep_one(dir: &Path, deadline: Instant, swept: &mut Swept) {
    let marker = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // A warden that outlives its robot is cleaning up or stuck; what it would do is done here.
    for warden in Owner::read_all(dir).iter().skip(1).filter(|owner| owner.standing() == Standing::Alive) {
        fell(warden.pid);
        swept.killed += 1;
    }
    swept.killed += fell_family(&marker, dir, &[], deadline).killed;
    match Nest::remove(dir, deadline.saturating_duration_since(Instant::now())) {
        Ok(()) => swept.removed += 1,
        Err(_) => swept.left_over += 1,
    }
}

/// How a felling ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Felled {
    /// Processes killed, each counted once.
    pub(super) killed: usize,
    /// Whether nobody was left when the time was up.
    pub(super) clean: bool,
}

/// Kills the family until a reading of the process table shows nobody left: a process that forks while it
/// is being read is caught by the next reading.
pub(super) fn fell_family(marker: &str, dir: &Path, roots: &[i32], deadline: Instant) -> Felled {
    let mut killed = std::collections::HashSet::new();
    loop {
        let family = Table::read().family(marker, Some(dir), roots);
        if family.is_empty() {
            return Felled { killed: killed.len(), clean: true };
        }
        // Whoever is seen is killed, however late it is: only the looking again is bounded.
        for pid in family {
            fell(pid);
            killed.insert(pid);
        }
        if Instant::now() >= deadline {
            return Felled { killed: killed.len(), clean: false };
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    fn check(plant: impl FnOnce(&Path), expected: Swept) {
        let root = tempfile::tempdir().unwrap();
        plant(root.path());
        assert_eq!(sweep(root.path(), WITHIN).unwrap(), expected);
    }

    fn plant_owned(root: &Path, change: impl FnOnce(String) -> String) {
        let nest = Nest::make(root).unwrap();
        fs::write(nest.profile().join("Preferences"), "{}").unwrap();
        let owners = nest.dir.join("owners");
        fs::write(&owners, change(fs::read_to_string(&owners).unwrap())).unwrap();
    }

    #[test]
    fn the_dead_are_swept_and_the_living_left() {
        let dead = |text: String| text.replace("\"started\":", "\"started\":9");
        check(|root| plant_owned(root, dead), Swept { removed: 1, ..Swept::default() });
        check(|root| plant_owned(root, |text| text), Swept { in_use: 1, ..Swept::default() });
        let wardenless = |text: String| format!("{text}{}", text.replace("\"started\":", "\"started\":9"));
        check(|root| plant_owned(root, wardenless), Swept { in_use: 1, ..Swept::default() });
    }

    #[test]
    fn strangers_are_left_whatever_their_age_or_name() {
        let elsewhere = |text: String| text.replace("\"host\":\"", "\"host\":\"x");
        check(|root| plant_owned(root, elsewhere), Swept { unseen: 1, ..Swept::default() });
        check(
            |root| fs::create_dir(root.join("0190f5e27c1d7a3b8c4d5e6f70819203")).unwrap(),
            Swept { unseen: 1, ..Swept::default() },
        );
        check(|root| fs::write(root.join("notes.txt"), "mine").unwrap(), Swept::default());
    }

    #[test]
    fn a_half_made_directory_goes_when_its_maker_is_gone() {
        check(
            |root| fs::create_dir(root.join(".staging-2147483646-a")).unwrap(),
            Swept { removed: 1, ..Swept::default() },
        );
        let own = format!(".staging-{}-a", super::super::family::own_pid());
        check(|root| fs::create_dir(root.join(own)).unwrap(), Swept { in_use: 1, ..Swept::default() });
    }

    #[test]
    fn processes_whose_directory_was_taken_away_are_killed_and_others_left() {
        let root = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(root.path()).unwrap();
        fs::create_dir(path.join("kept")).unwrap();
        let start = |marker: &str| {
            let mut command = std::process::Command::new("sleep");
            command.arg("1000").env(super::super::MARKER_VARIABLE, marker).env("TMPDIR", path.join(marker).join("tmp"));
            let child = command.spawn().unwrap();
            // `spawn` returns a little before the new process shows its environment.
            let deadline = Instant::now() + WITHIN;
            while !fs::read_to_string(format!("/proc/{}/environ", child.id())).unwrap().contains(marker) {
                assert!(Instant::now() < deadline, "the process shows no environment");
                std::thread::sleep(Duration::from_millis(1));
            }
            child
        };
        let (mut stray, mut kept) = (start("taken"), start("kept"));
        let swept = sweep(&path, WITHIN).unwrap();
        assert_eq!((swept.killed, swept.unseen), (1, 1), "{swept:?}");
        assert!(!stray.wait().unwrap().success());
        assert!(kept.try_wait().unwrap().is_none());
        kept.kill().unwrap();
        kept.wait().unwrap();
    }

    #[test]
    fn whoever_is_seen_is_killed_however_late_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new("sleep");
        let mut child = command.arg("1000").env(super::super::MARKER_VARIABLE, "late-1").spawn().unwrap();
        let deadline = Instant::now() + WITHIN;
        while child.try_wait().unwrap().is_none() {
            fell_family("late-1", dir.path(), &[], Instant::now());
            assert!(Instant::now() < deadline, "it lives on");
        }
    }

    #[test]
    fn a_root_that_does_not_exist_is_clean() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(sweep(&root.path().join("none"), WITHIN).unwrap(), Swept::default());
    }

    #[test]
    fn time_up_leaves_the_rest_for_the_next_sweep() {
        let root = tempfile::tempdir().unwrap();
        plant_owned(root.path(), |text| text.replace("\"started\":", "\"started\":9"));
        assert_eq!(sweep(root.path(), Duration::ZERO).unwrap(), Swept { left_over: 1, ..Swept::default() });
        assert_eq!(sweep(root.path(), WITHIN).unwrap(), Swept { removed: 1, ..Swept::default() });
    }
}
