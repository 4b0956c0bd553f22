//! The one directory of one browser: profile, temporary files, and the names of those it belongs to.
//!
//! `<root>/<marker>/` holds `owners` (a JSON line for the robot, then one for its warden), `profile/`, `tmp/` and `downloads/`.
//! It is made under another name and renamed, so that a directory under its marker always has owners.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::family::{own_pid, started};

/// Prefix of a directory that is still being made; the maker's pid follows.
pub(super) const STAGING_PREFIX: &str = ".staging-";
const OWNERS_FILE: &str = "owners";
/// The longest path of a socket, by Linux, without the zero at its end.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// The directory of one browser.
#[derive(Debug, Clone)]
pub(super) struct Nest {
    pub(super) marker: String,
    pub(super) dir: PathBuf,
}

/// A process that answers for a nest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) pid: i32,
    started: u64,
    boot: String,
    pid_namespace: String,
    host: String,
}

/// What can be said about an owner from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Alive,
    Dead,
    /// On another host or in another container: it cannot be seen from here.
    Unseen,
}

impl Nest {
    /// Makes a nest that the caller owns.
    pub(super) fn make(root: &Path) -> io::Result<Self> {
        let root = prepare(root)?;
        let marker = uuid::Uuid::now_v7().simple().to_string();
        let staging = root.join(format!("{STAGING_PREFIX}{}-{marker}", own_pid()));
        let dir = root.join(&marker);
        room_for_sockets(&dir)?;
        private_dir().create(&staging)?;
        let filled = Owner::caller().and_then(|owner| owner.sign(&staging));
        let filled = filled.and_then(|()| {
            ["profile", "tmp", "downloads"].iter().try_for_each(|d| private_dir().create(staging.join(d)))
        });
        if let Err(trouble) = filled.and_then(|()| fs::rename(&staging, &dir)) {
            let _best_effort = fs::remove_dir_all(&staging);
            return Err(trouble);
        }
        Ok(Self { marker, dir })
    }

    /// Where the browser keeps its profile.
    pub(super) fn profile(&self) -> PathBuf {
        self.dir.join("profile")
    }

    /// Removes the directory; tries again while a dying browser still writes into it.
    pub(super) fn remove(dir: &Path, within: Duration) -> io::Result<()> {
        let deadline = Instant::now() + within;
        loop {
            match fs::remove_dir_all(dir) {
                Ok(()) => return Ok(()),
                Err(trouble) if trouble.kind() == io::ErrorKind::NotFound && !dir.exists() => return Ok(()),
                Err(trouble) if Instant::now() >= deadline => return Err(trouble),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

impl Owner {
    /// The calling process as owner.
    pub(super) fn caller() -> io::Result<Self> {
        let pid = own_pid();
        let started =
            started(pid).ok_or_else(|| io::Error::other("`/proc/self/stat` cannot be read: is /proc mounted?"))?;
        Ok(Self { pid, started, boot: boot()?, pid_namespace: pid_namespace()?, host: host()? })
    }

    /// Adds this owner to the nest in `dir`.
    pub(super) fn sign(&self, dir: &Path) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        OpenOptions::new().create(true).append(true).open(dir.join(OWNERS_FILE))?.write_all(&line)
    }

    /// All owners of the nest in `dir`; lines cut short by a crash are left out.
    pub(super) fn read_all(dir: &Path) -> Vec<Self> {
        let text = fs::read_to_string(dir.join(OWNERS_FILE)).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Whether this owner still lives.
    pub(super) fn standing(&self) -> Standing {
        let (Ok(host), Ok(boot), Ok(space)) = (host(), boot(), pid_namespace()) else { return Standing::Unseen };
        if host != self.host {
            return Standing::Unseen;
        }
        if boot != self.boot {
            return Standing::Dead;
        }
        if space != self.pid_namespace {
            return Standing::Unseen;
        }
        if started(self.pid) == Some(self.started) { Standing::Alive } else { Standing::Dead }
    }
}

/// A browser that cannot bind its socket ends without a word that a person could understand.
fn room_for_sockets(dir: &Path) -> io::Result<()> {
    let socket = dir.join("tmp/.org.chromium.Chromium.AAAAAA/SingletonSocket");
    let excess = socket.as_os_str().len().saturating_sub(SOCKET_PATH_BYTES_MAX);
    if excess == 0 {
        return Ok(());
    }
    let said = format!("its path is {excess} bytes too long for the browser's sockets (set TMPDIR to a shorter one)");
    Err(io::Error::new(io::ErrorKind::InvalidFilename, said))
}

/// Profiles hold a customer's cookies: nobody else on the machine may read them.
fn private_dir() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// The user the caller works as.
pub(super) fn own_user() -> io::Result<u32> {
    Ok(fs::metadata("/proc/self")?.uid())
}

/// Makes the root, or takes the one that is there if it is the caller's own: in a shared temporary
/// directory somebody else could have put it there first.
fn prepare(root: &Path) -> io::Result<PathBuf> {
    private_dir().recursive(true).create(root)?;
    let root = fs::canonicalize(root)?;
    let (found, own) = (fs::metadata(&root)?.uid(), own_user()?);
    if found == own {
        return Ok(root);
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("it belongs to user {found}, not to user {own}")))
}

fn boot() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

fn pid_namespace() -> io::Result<String> {
    Ok(fs::read_link("/proc/self/ns/pid")?.to_string_lossy().into_owned())
}

fn host() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/hostname")?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nest_knows_its_maker_and_goes_without_a_trace() {
        let root = tempfile::tempdir().unwrap();
        let nest = Nest::make(root.path()).unwrap();
        let owners = Owner::read_all(&nest.dir);
        assert_eq!(owners.iter().map(Owner::standing).collect::<Vec<_>>(), [Standing::Alive]);
        assert!(nest.profile().is_dir());
        assert_eq!(fs::metadata(&nest.dir).unwrap().mode() & 0o777, 0o700);
        Nest::remove(&nest.dir, Duration::ZERO).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_root_too_deep_for_sockets_says_so() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("x".repeat(60));
        let said = Nest::make(&deep).unwrap_err().to_string();
        assert!(said.contains("too long for the browser's sockets"), "{said}");
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 0);
    }

    #[test]
    fn standing_needs_host_boot_namespace_and_start_time() {
        let own = Owner::caller().unwrap();
        let check = |owner: Owner, expected| assert_eq!(owner.standing(), expected, "{owner:?}");
        check(own.clone(), Standing::Alive);
        check(Owner { started: own.started + 1, ..own.clone() }, Standing::Dead);
        check(Owner { boot: "earlier".into(), ..own.clone() }, Standing::Dead);
        check(Owner { pid_namespace: "pid:[1]".into(), ..own.clone() }, Standing::Unseen);
        check(Owner { host: "elsewhere".into(), ..own }, Standing::Unseen);
    }

    #[test]
    fn a_line_cut_short_is_no_owner() {
        let dir = tempfile::tempdir().unwrap();
        Owner::caller().unwrap().sign(dir.path()).unwrap();
        fs::write(dir.path().join(OWNERS_FILE), "{\"pid\":1,\"sta").unwrap();
        assert_eq!(Owner::read_all(dir.path()), []);
    }
}
