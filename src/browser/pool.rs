//! The browsers of one walker: lanes are lent from as few as needed, and a browser is replaced before it grows old.

use super::egress::{Names, Seal};
use super::host::{Host, HostOptions};
use super::lane::BidiLane;
use super::process::{DriverOptions, Places, find_installed, sweep};
use super::socket::Spent;
use crate::walk::port::{Lane, LaneSpec, Lanes};
use crate::walk::{Trouble, TroubleKind};
use async_trait::async_trait;
use rustls::pki_types::CertificateDer;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// How browsers are had.
#[derive(Debug, Clone)]
pub struct BrowserOptions {
    /// Where to look for the browser and its driver.
    pub places: Places,
    /// Where session directories are made; the system's temporary directory when `None`.
    pub root: Option<PathBuf>,
    /// The binary that serves as warden; the running one when `None`.
    pub warden: Option<PathBuf>,
    /// Starts Chromium without its sandbox. Only for tests, and for root in a container.
    pub no_sandbox: bool,
    /// In a visible window.
    pub headed: bool,
    /// Browsers at once.
    pub browsers_max: usize,
    /// Lanes at once in one browser: what dies with it.
    pub lanes_per_browser_max: usize,
    /// Keeps a blank window ready in each browser, so that the next walk does not wait for one.
    pub spare_window: bool,
    /// Walks after which a browser is replaced.
    pub recycle_after_walks: u32,
    /// Memory above which a browser is replaced, in MiB.
    pub recycle_above_mib: u64,
    /// Looks at pages for the detectors. Only a bench that asks what this costs leaves it out.
    pub looks: bool,
    /// More arguments for the browser, as a person gives them.
    pub arguments: Vec<String>,
    /// Certificates that servers are trusted by beside the system's, where never rules must see inside TLS.
    pub roots: Vec<CertificateDer<'static>>,
}

impl Default for BrowserOptions {
    fn default() -> Self {
        Self {
            places: Places::default(),
            root: None,
            warden: None,
            no_sandbox: false,
            headed: false,
            browsers_max: 2,
            lanes_per_browser_max: 8,
            spare_window: true,
            recycle_after_walks: 200,
            recycle_above_mib: 3_000,
            looks: true,
            arguments: Vec::new(),
            roots: Vec::new(),
        }
    }
}

/// Shared browsers that lend lanes.
pub struct Browsers {
    options: HostOptions,
    limits: BrowserOptions,
    hosts: Mutex<Vec<Arc<Host>>>,
    seats: Arc<Semaphore>,
    names: Arc<Names>,
}

/// One browser, as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserLook {
    /// Lanes lent now.
    pub lanes: usize,
    /// Lanes it can lend at once.
    pub lanes_max: usize,
    /// Lanes it has lent so far.
    pub lent: u32,
    /// Whether it can lend more: one that is broken cannot.
    pub alive: bool,
}

/// How often a broken browser is replaced within one request for a lane.
const TRIES_MAX: usize = 2;
/// How long the sweep of directories of dead robots may take at start.
const SWEEP_WITHIN: Duration = Duration::from_secs(5);

impl Browsers {
    /// Finds browser and driver and clears what dead robots left. Browsers start with the first lane.
    pub async fn start(limits: BrowserOptions) -> Result<Self, Trouble> {
        super::egress::raise_descriptors();
        let lost = |said: String| Trouble { kind: TroubleKind::NoBrowser, said };
        let installed = find_installed(&limits.places).await.map_err(|e| lost(e.to_string()))?;
        let mut driver = DriverOptions::new(&installed.driver);
        if let Some(root) = &limits.root {
            driver.root.clone_from(root);
        }
        driver.warden.clone_from(&limits.warden);
        driver.arguments.push("--log-level=SEVERE".into());
        let root = driver.root.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&root, SWEEP_WITHIN)).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(%error, "what dead robots left could not be swept");
        }
        // Without it nothing in TLS goes out where never rules would have to read it.
        let seal = Seal::new(limits.roots.clone()).map(Arc::new);
        let seal = seal.inspect_err(|why| tracing::warn!(%why, "no certificates to trust servers by")).ok();
        let arguments = limits.arguments.clone();
        let options = HostOptions {
            extra_arguments: seal.as_ref().map_or(arguments.clone(), |seal| seal.taken_by(arguments)),
            seal,
            installed,
            driver,
            headed: limits.headed,
            looks: limits.looks,
            no_sandbox: limits.no_sandbox,
            lanes_max: limits.lanes_per_browser_max.max(1),
        };
        let seats = Arc::new(Semaphore::new(limits.browsers_max.max(1) * limits.lanes_per_browser_max.max(1)));
        Ok(Self { options, limits, hosts: Mutex::default(), seats, names: Arc::default() })
    }

    /// The browser a new lane goes to, with its place there: the fullest that has room, so that others run empty and
    /// can be replaced.
    pub(super) async fn host(&self) -> Result<(Arc<Host>, OwnedSemaphorePermit), Trouble> {
        let mut hosts = self.hosts.lock().await;
        self.retire(&mut hosts).await;
        hosts.sort_by_key(|h| h.seats.available_permits());
        for host in
            hosts.iter().filter(|h| h.alive() && h.lent.load(Ordering::Relaxed) < self.limits.recycle_after_walks)
        {
            if let Ok(seat) = host.seats.clone().try_acquire_owned() {
                host.lent.fetch_add(1, Ordering::Relaxed);
                return Ok((host.clone(), seat));
            }
        }
        let host = Arc::new(Host::start(&self.options, self.names.clone()).await?);
        host.lent.fetch_add(1, Ordering::Relaxed);
        let seat = host.seats.clone().try_acquire_owned().expect("invariant: a new browser has room for a lane");
        hosts.push(host.clone());
        Ok((host, seat))
    }

    /// Has a window ready in `host` for the next lane, if that may be lent there.
    fn prepare(&self, host: &Arc<Host>) {
        let young = host.lent.load(Ordering::Relaxed) < self.limits.recycle_after_walks;
        if self.limits.spare_window && young && host.seats.available_permits() > 0 {
            host.prepare_window();
        }
    }

    /// Kills browsers that are broken, and old or fat ones that nobody walks in.
    async fn retire(&self, hosts: &mut Vec<Arc<Host>>) {
        let mut kept = Vec::with_capacity(hosts.len());
        for host in hosts.drain(..) {
            let idle = host.idle();
            let old = host.lent.load(Ordering::Relaxed) >= self.limits.recycle_after_walks;
            let fat = idle
                && !old
                && host.lent.load(Ordering::Relaxed) % 16 == 15
                && host.resident_bytes().await > self.limits.recycle_above_mib << 20;
            let dead = host.socket.dead().is_some();
            if dead || (idle && (old || fat || !host.alive())) {
                host.kill().await;
            } else {
                kept.push(host);
            }
        }
        *hosts = kept;
    }

    /// Kills every browser. Lanes still open end as browser lost.
    pub async fn shutdown(&self) {
        let hosts: Vec<_> = self.hosts.lock().await.drain(..).collect();
        futures_util::future::join_all(hosts.iter().map(|h| h.kill())).await;
    }

    /// What the commands of all living browsers cost so far, by name: where a walk's time goes.
    pub async fn spent(&self) -> BTreeMap<String, Spent> {
        let mut total = BTreeMap::<String, Spent>::new();
        for host in self.hosts.lock().await.iter() {
            for (method, spent) in host.spent() {
                let all = total.entry(method).or_default();
                all.count += spent.count;
                all.time += spent.time;
            }
        }
        total
    }

    /// Every browser there is now. `None` while one is being started or replaced.
    pub fn look(&self) -> Option<Vec<BrowserLook>> {
        let hosts = self.hosts.try_lock().ok()?;
        let look = |host: &Arc<Host>| BrowserLook {
            lanes: host.seats_max - host.seats.available_permits(),
            lanes_max: host.seats_max,
            lent: host.lent.load(Ordering::Relaxed),
            alive: host.alive(),
        };
        Some(hosts.iter().map(look).collect())
    }

    /// Memory of all browsers, in bytes (proportional set size), for the bench.
    pub async fn resident_bytes(&self) -> u64 {
        let hosts = self.hosts.lock().await.clone();
        let mut total = 0;
        for host in hosts {
            total += host.resident_bytes().await;
        }
        total
    }
}

#[async_trait]
impl Lanes for Browsers {
    async fn lend(&self, spec: &LaneSpec) -> Result<Box<dyn Lane>, Trouble> {
        let seat: OwnedSemaphorePermit = self
            .seats
            .clone()
            .acquire_owned()
            .await
            .map_err(|e| Trouble { kind: TroubleKind::NoBrowser, said: e.to_string() })?;
        let mut trouble = None;
        for _ in 0..TRIES_MAX {
            let (host, place) = self.host().await?;
            match BidiLane::enter(host.clone(), spec).await {
                Ok(lane) => {
                    self.prepare(&host);
                    return Ok(Box::new(lane.seated([seat, place])));
                }
                Err(error) => trouble = Some(error),
            }
        }
        Err(trouble.expect("invariant: a loop that lends no lane has met trouble"))
    }
}
