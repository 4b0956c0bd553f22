//! The robot's side: a driver and browser that live as long as this value does.

use std::future::Future;
use std::io::{self, PipeWriter};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{oneshot, watch};

use super::LaunchError;
use super::family::{Footprint, footprint_of};
use super::nest::{Nest, own_user};
use super::sweep::fell_family;
use super::warden::{Orders, WARDEN_ARGUMENT, Word};

/// How long [`Driver::kill`] waits for the warden before it does the warden's work itself.
const WARDEN_GRACE: Duration = Duration::from_millis(1400);
/// How long [`Driver::kill`] then waits for that.
const ESCALATION_GRACE: Duration = Duration::from_millis(600);
/// How long the robot itself tries, when the warden could not.
const OWN_GRACE: Duration = Duration::from_secs(2);
/// The driver asks for any free port on IPv4 and then for the same on IPv6, which another may have got meanwhile.
const PORT_TAKEN: &str = "port not available";
/// How often a driver is started that loses this race.
const LAUNCHES_MAX: usize = 4;
/// The variables a browser may see; the robot's own environment may hold secrets.
const ENVIRONMENT: [&str; 20] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "XDG_DATA_DIRS",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// What to start.
#[derive(Debug, Clone)]
pub struct DriverOptions {
    /// Where session directories are made. Keep it short: browsers put sockets below it, and their paths are
    /// limited to about 100 bytes.
    pub root: PathBuf,
    /// The chromedriver binary.
    pub driver: PathBuf,
    /// More arguments for the driver, such as `--log-level=SEVERE`.
    pub arguments: Vec<String>,
    /// The binary to serve as warden; by default the running one.
    pub warden: Option<PathBuf>,
    /// How long the driver may take to listen.
    pub launch_timeout: Duration,
}

impl DriverOptions {
    /// The defaults for a driver binary: directories below the system's temporary one, 20 s to come up.
    pub fn new(driver: impl Into<PathBuf>) -> Self {
        Self {
            root: std::env::temp_dir().join(format!("gengfu-{}", own_user().unwrap_or(0))),
            driver: driver.into(),
            arguments: Vec::new(),
            warden: None,
            launch_timeout: Duration::from_secs(20),
        }
    }
}

/// Why a driver is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Death {
    /// The driver ended by itself or was killed: how, and the end of what it printed.
    Driver(String),
    /// Its warden was killed; what it guarded has been killed, too.
    Warden,
    /// It was let go by its owner.
    LetGo,
}

/// A running driver. Dropping it ends the driver, its browsers and its directory in the background;
/// [`Driver::kill`] waits for that.
#[derive(Debug)]
pub struct Driver {
    port: u16,
    nest: Nest,
    leash: Leash,
}

/// What holds the warden: closing `pipe` lets it go.
#[derive(Debug)]
struct Leash {
    pipe: Option<PipeWriter>,
    life: watch::Receiver<Life>,
    escalate: Option<oneshot::Sender<()>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Life {
    Starting,
    Listening(u16),
    /// The death is known; the family is being killed.
    Dying(Death),
    /// Nothing is left.
    Over(Death),
}

impl Driver {
    /// Starts a driver under a warden and returns once it listens. When it fails or the future is dropped,
    /// nothing stays behind.
    pub async fn launch(options: &DriverOptions) -> Result<Self, LaunchError> {
        for _ in 1..LAUNCHES_MAX {
            match Self::launch_once(options).await {
                Err(LaunchError::Refused { why }) if why.contains(PORT_TAKEN) => {
                    tracing::debug!("the driver's port was taken from under it; starting another");
                }
                settled => return settled,
            }
        }
        Self::launch_once(options).await
    }

    async fn launch_once(options: &DriverOptions) -> Result<Self, LaunchError> {
        let started = Instant::now();
        let nest = Nest::make(&options.root)
            .map_err(|source| LaunchError::Directory { path: options.root.clone(), source })?;
        let mut leash = match start_warden(options, &nest) {
            Ok(leash) => leash,
            Err(trouble) => {
                let _swept_later = Nest::remove(&nest.dir, Duration::ZERO);
                return Err(trouble);
            }
        };
        let settled = leash.life.wait_for(|life| *life != Life::Starting);
        let life = match tokio::time::timeout(options.launch_timeout, settled).await {
            Ok(Ok(life)) => life.clone(),
            Ok(Err(_)) => Life::Over(Death::Warden),
            Err(_) => return Err(LaunchError::Slow { waited_ms: started.elapsed().as_millis() }),
        };
        match life {
            Life::Listening(port) => Ok(Self { port, nest, leash }),
            Life::Dying(Death::Driver(why)) | Life::Over(Death::Driver(why)) => Err(LaunchError::Refused { why }),
            _ => Err(LaunchError::Refused { why: "its warden ended first".to_owned() }),
        }
    }

    /// The driver's URL, `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The text that marks every process of this browser, as the value of [`super::MARKER_VARIABLE`].
    pub fn marker(&self) -> &str {
        &self.nest.marker
    }

    /// The one directory of this browser. It goes with the driver.
    pub fn session_dir(&self) -> &Path {
        &self.nest.dir
    }

    /// Where the browser must keep its profile: `--user-data-dir`.
    pub fn profile_dir(&self) -> PathBuf {
        self.nest.profile()
    }

    /// Where downloads may be put. It goes with the driver.
    pub fn downloads_dir(&self) -> PathBuf {
        self.nest.dir.join("downloads")
    }

    /// Resolves when the driver is dead, with the reason. Independent of this value's life.
    pub fn died(&self) -> impl Future<Output = Death> + Send + use<> {
        let mut life = self.leash.life.clone();
        async move {
            let dead = life.wait_for(|life| matches!(life, Life::Dying(_) | Life::Over(_))).await;
            match dead.as_deref() {
                Ok(Life::Dying(death) | Life::Over(death)) => death.clone(),
                _ => Death::Warden,
            }
        }
    }

    /// Memory and processes of this browser, read off the runtime's threads.
    pub async fn footprint(&self) -> Footprint {
        let marker = self.nest.marker.clone();
        tokio::task::spawn_blocking(move || footprint_of(&marker)).await.unwrap_or_default()
    }

    /// Ends the driver, its browsers and its directory, and returns when nothing is left: as a rule after some
    /// tens of milliseconds, never later than two seconds; what is left then is still being killed. Asks neither driver nor browser.
    pub async fn kill(mut self) {
        self.leash.pipe = None;
        if self.over_within(WARDEN_GRACE).await {
            return;
        }
        if let Some(escalate) = self.leash.escalate.take() {
            let _warden_ended_meanwhile = escalate.send(());
        }
        self.over_within(ESCALATION_GRACE).await;
    }

    async fn over_within(&mut self, limit: Duration) -> bool {
        let over = self.leash.life.wait_for(|life| matches!(life, Life::Over(_)));
        tokio::time::timeout(limit, over).await.is_ok()
    }
}

fn start_warden(options: &DriverOptions, nest: &Nest) -> Result<Leash, LaunchError> {
    // The running binary itself, also when its file was replaced or removed by an upgrade meanwhile.
    let warden = options.warden.clone().unwrap_or_else(|| PathBuf::from("/proc/self/exe"));
    let failed = |source: io::Error| LaunchError::Warden { path: warden.clone(), source };
    let orders = Orders {
        marker: nest.marker.clone(),
        dir: nest.dir.clone(),
        driver: options.driver.clone(),
        arguments: options.arguments.clone(),
    };
    let orders = serde_json::to_string(&orders).map_err(|trouble| failed(trouble.into()))?;
    let (stdin, pipe) = io::pipe().map_err(failed)?;
    let mut child = Command::new(&warden)
        .arg0("gengfu")
        .arg(WARDEN_ARGUMENT)
        .arg(orders)
        .env_clear()
        .envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .stdin(Stdio::from(stdin))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let stdout = child.stdout.take().expect("invariant: standard output was piped");
    let (tell, life) = watch::channel(Life::Starting);
    let (escalate, escalated) = oneshot::channel();
    let words = BufReader::new(stdout).lines();
    tokio::spawn(attend(Attendance { child, words, tell, escalated, nest: nest.clone() }));
    Ok(Leash { pipe: Some(pipe), life, escalate: Some(escalate) })
}

struct Attendance {
    child: Child,
    words: Lines<BufReader<ChildStdout>>,
    tell: watch::Sender<Life>,
    escalated: oneshot::Receiver<()>,
    nest: Nest,
}

/// Follows one warden to its end and past it: what a killed warden left is removed here.
async fn attend(mut this: Attendance) {
    let mut death = None;
    let mut escalated = false;
    loop {
        tokio::select! {
            word = this.words.next_line() => match word {
                Ok(Some(line)) => match serde_json::from_str(&line) {
                    Ok(Word::Listening(port)) => drop(this.tell.send_replace(Life::Listening(port))),
                    Ok(Word::Died(why)) => {
                        death = Some(Death::Driver(why.clone()));
                        drop(this.tell.send_replace(Life::Dying(Death::Driver(why))));
                    }
                    Err(_) => {}
                },
                Ok(None) | Err(_) => break,
            },
            asked = &mut this.escalated, if !escalated => {
                // Also when it will never be asked: a channel that has answered must not be asked again.
                escalated = true;
                if asked.is_ok() {
                    let _ended_meanwhile = this.child.start_kill();
                }
            }
        }
    }
    let clean = tokio::select! {
        status = this.child.wait() => status.is_ok_and(|status| status.success()),
        Ok(()) = &mut this.escalated, if !escalated => {
            let _ended_meanwhile = this.child.kill().await;
            false
        }
    };
    let death = death.unwrap_or(if clean { Death::LetGo } else { Death::Warden });
    if !clean {
        this.tell.send_replace(Life::Dying(death.clone()));
        let _swept_later = tokio::task::spawn_blocking(move || clean_up(&this.nest)).await;
    }
    this.tell.send_replace(Life::Over(death));
}

fn clean_up(nest: &Nest) {
    let _felled = fell_family(&nest.marker, &nest.dir, &[], Instant::now() + OWN_GRACE);
    let _swept_later = Nest::remove(&nest.dir, OWN_GRACE);
}
