//! What this machine lacks for walking, and how to get it.

use crate::browser::process::{Places, find_installed};
use crate::config::{Config, ReferenceSecrets};
use crate::moment::{Clock as _, SystemClock};
use nix::sys::statfs::statfs;
use nix::sys::statvfs::statvfs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

/// Less shared memory than this, and Chromium's tabs crash at large pages.
const SHARED_MEMORY_MIB: u64 = 512;
/// Less disk than this, and evidence fills it within days.
const DISK_MIB: u64 = 2_048;
/// What a browser with a few lanes takes.
const MEMORY_MIB: u64 = 1_024;
/// How long `fc-list` may take; the first call builds a cache.
const FONTS_WITHIN: Duration = Duration::from_secs(20);

/// One thing a machine needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its stable name.
    pub name: &'static str,
    /// Whether it is met.
    pub state: NeedState,
    /// What was found.
    pub found: String,
    /// What to do, where it is not met.
    pub remedy: Option<String>,
}

/// Whether a need is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedState {
    /// It is.
    Met,
    /// Not quite: walks can be made, something will be worse.
    Short,
    /// It is not: no walk can be made, or not what was asked for.
    Missing,
}

impl NeedState {
    /// The word in files and on the terminal.
    pub fn word(self) -> &'static str {
        match self {
            NeedState::Met => "ok",
            NeedState::Short => "short",
            NeedState::Missing => "missing",
        }
    }
}

impl Need {
    fn met(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: NeedState::Met, found: found.into(), remedy: None }
    }

    fn short(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: NeedState::Short, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn missing(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state: NeedState::Missing, found: found.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at everything `config` will need.
pub async fn examine(config: &Config) -> Vec<Need> {
    let evidence = config.resolve(&config.evidence.folder);
    let store = config.resolve(&config.store.file);
    let mut needs = vec![
        browser(config).await,
        sandbox(config),
        fonts().await,
        shared_memory(),
        memory(),
        disk("evidence-disk", &evidence),
        disk("temporary-disk", &std::env::temp_dir()),
        store_disk(&store),
        console_port(config),
        display(),
    ];
    needs.extend(sign_in_provider(config).await);
    needs
}

async fn browser(config: &Config) -> Need {
    let places = Places { browser: config.browser.browser.clone(), driver: config.browser.driver.clone() };
    match find_installed(&places).await {
        Ok(found) => Need::met(
            "browser",
            format!(
                "{} {} with driver {} {}",
                found.browser.display(),
                found.browser_version,
                found.driver.display(),
                found.driver_version
            ),
        ),
        Err(trouble) => Need::missing(
            "browser",
            trouble.to_string(),
            "Debian, Ubuntu: apt-get install chromium chromium-driver; others: https://googlechromelabs.github.io/chrome-for-testing/",
        ),
    }
}

fn sandbox(config: &Config) -> Need {
    const REMEDY: &str = "walk as another user, or switch Chromium's sandbox off on purpose: `--no-sandbox`, GENGFU_NO_SANDBOX=1 or `browser: {no_sandbox: true}`";
    if config.browser.no_sandbox {
        return Need::short(
            "sandbox",
            "switched off on purpose",
            "walk as another user than root, then switch it on again",
        );
    }
    if nix::unistd::geteuid().is_root() {
        return Need::missing("sandbox", "Chromium refuses its sandbox to root", REMEDY);
    }
    let setting = |path: &str| std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let forbidden = setting("/proc/sys/kernel/unprivileged_userns_clone") == "0"
        || setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
        || setting("/proc/sys/user/max_user_namespaces") == "0";
    let helper = ["/usr/lib/chromium/chrome-sandbox", "/opt/google/chrome/chrome-sandbox"];
    if forbidden && !helper.iter().any(|path| Path::new(path).exists()) {
        return Need::missing("sandbox", "user namespaces are forbidden to users here", REMEDY);
    }
    Need::met("sandbox", "usable")
}

async fn fonts() -> Need {
    const REMEDY: &str =
        "Debian, Ubuntu: apt-get install fonts-noto-cjk; without them Chinese pages show boxes in every picture";
    let listing = Command::new("fc-list").args([":lang=zh-cn", "family"]).kill_on_drop(true).output();
    match tokio::time::timeout(FONTS_WITHIN, listing).await {
        Ok(Ok(listed)) => match String::from_utf8_lossy(&listed.stdout).lines().next() {
            Some(first) => Need::met("chinese-fonts", first.trim().to_owned()),
            None => Need::short("chinese-fonts", "none", REMEDY),
        },
        _ => Need::short("chinese-fonts", "`fc-list` did not answer", format!("apt-get install fontconfig; {REMEDY}")),
    }
}

fn shared_memory() -> Need {
    let path = Path::new("/dev/shm");
    match statvfs(path) {
        Ok(space) => {
            let mib = mib(space.blocks(), space.fragment_size());
            let found = format!("/dev/shm has {mib} MiB");
            if mib >= SHARED_MEMORY_MIB {
                Need::met("shared-memory", found)
            } else {
                let remedy = format!(
                    "give it {SHARED_MEMORY_MIB} MiB: mount -o remount,size=1g /dev/shm, or `--shm-size=1g` of a container"
                );
                Need::short("shared-memory", found, remedy)
            }
        }
        Err(error) => Need::short("shared-memory", format!("/dev/shm: {error}"), "mount a tmpfs at /dev/shm"),
    }
}

fn memory() -> Need {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = available.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    match kib.map(|kib| kib / 1024) {
        Some(mib) if mib >= MEMORY_MIB => Need::met("memory", format!("{mib} MiB available")),
        Some(mib) => Need::short(
            "memory",
            format!("{mib} MiB available"),
            "keep `limits.walks_at_once` at 1, or give the machine 2 GiB more",
        ),
        None => Need::met("memory", "this system does not say"),
    }
}

fn disk(name: &'static str, folder: &Path) -> Need {
    let there = existing(folder);
    let shown = there.display();
    if !writable(&there) {
        return Need::missing(
            name,
            format!("{shown} cannot be written"),
            format!("make it writable for this user: chown $(id -u) {shown}"),
        );
    }
    match statvfs(&there) {
        Ok(space) => {
            let mib = mib(space.blocks_available(), space.fragment_size());
            let found = format!("{mib} MiB free at {shown}");
            if mib >= DISK_MIB {
                Need::met(name, found)
            } else {
                Need::short(name, found, format!("free {DISK_MIB} MiB"))
            }
        }
        Err(error) => Need::short(name, format!("{shown}: {error}"), "see whether the disk is mounted"),
    }
}

fn store_disk(file: &Path) -> Need {
    /// The kernel's magic number of NFS, where SQLite's locks do not hold.
    const NFS: i64 = 0x6969;
    let folder = existing(file.parent().unwrap_or(Path::new(".")));
    #[expect(clippy::unnecessary_cast, reason = "the type of a file system's magic number differs between systems")]
    let on_nfs = statfs(&folder).is_ok_and(|fs| fs.filesystem_type().0 as i64 == NFS);
    if on_nfs {
        let found = format!("{} is on NFS", folder.display());
        return Need::missing(
            "store-disk",
            found,
            "SQLite's locks do not hold there: set `store.file` on a local disk",
        );
    }
    disk("store-disk", &folder)
}

fn console_port(config: &Config) -> Need {
    let address = config.console.listen;
    match TcpListener::bind(address) {
        Ok(_) => Need::met("console-port", format!("{address} is free")),
        Err(error) => Need::short(
            "console-port",
            format!("{address}: {error}"),
            "end what listens there, or set `console.listen`",
        ),
    }
}

/// Whether people can sign in at the config's provider, as far as that is known without one of them.
async fn sign_in_provider(config: &Config) -> Option<Need> {
    const NAME: &str = "sign-in-provider";
    let oidc = config.console.oidc.as_ref()?;
    let secrets = std::sync::Arc::new(ReferenceSecrets { folder: config.folder.clone() });
    let provider = super::people::provider(oidc, secrets)?;
    Some(match provider.examine(SystemClock.now()).await {
        Ok(0) => Need::missing(NAME, "it has no keys", "ask whoever runs it: nothing it signs can be believed"),
        Ok(keys) => Need::met(NAME, format!("{} answers with {keys} key(s)", oidc.issuer.written)),
        Err(trouble) => Need::missing(
            NAME,
            trouble.to_string(),
            "correct `console: oidc:`; `issuer` is what its document at `…/.well-known/openid-configuration` says of itself",
        ),
    })
}

fn display() -> Need {
    match std::env::var("DISPLAY").or_else(|_| std::env::var("WAYLAND_DISPLAY")) {
        Ok(display) if !display.is_empty() => Need::met("display", display),
        _ => Need::short(
            "display",
            "none",
            "only `replay` and `--headed` need one: xvfb-run -a gengfu replay FILE (apt-get install xvfb)",
        ),
    }
}

/// The folder itself or its nearest parent that is there.
fn existing(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    absolute.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

fn writable(folder: &Path) -> bool {
    nix::unistd::access(folder, nix::unistd::AccessFlags::W_OK).is_ok()
}

fn mib(blocks: u64, block_bytes: u64) -> u64 {
    blocks.saturating_mul(block_bytes) / (1024 * 1024)
}
