//! One shared browser: its driver, its session, its socket, and the lanes in it.

use super::agent;
use super::egress::{BROWSER_ARGUMENTS, Names, Seal};
use super::process::{Death, Driver, DriverOptions, Installed};
use super::router::{Router, SUBSCRIBED};
use super::socket::{CommandError, Deaf, Socket, Spent};
use super::window::Window;
use crate::walk::{Trouble, TroubleKind};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use thirtyfour::{Capabilities, WebDriver};
use tokio::sync::Semaphore;

/// How long a browser may take to come up.
const START_WITHIN: Duration = Duration::from_secs(30);
/// How long housekeeping commands may take: a lane opens in 0.2 s, and in ten times that among thirty others on
/// a busy machine. A browser that is dead is known by its socket, not by this.
pub(super) const KEEP_WITHIN: Duration = Duration::from_secs(30);

/// What a customer never sees of the browser and every lane would pay for. The address bar's popup is two pages
/// with a renderer of their own in each window, and a spare renderer is started for each lane and thrown away:
/// two renderers of three that a walk would start.
const NEEDLESS_FEATURES: [&str; 8] = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    "Translate",
    "MediaRouter",
    "OptimizationHints",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
];

/// A picture is of a surface made for it, as Playwright has it: sure to be new, and a frame sooner.
const NEW_SURFACE: &str = "CDPScreenshotNewSurface";

/// How long a page may take to be reached past the driver.
const ATTACH_WITHIN: Duration = Duration::from_secs(3);

/// How a browser is started.
#[derive(Debug, Clone)]
pub(crate) struct HostOptions {
    pub installed: Installed,
    pub driver: DriverOptions,
    pub headed: bool,
    /// Whether pages are looked at for the detectors.
    pub looks: bool,
    pub no_sandbox: bool,
    pub extra_arguments: Vec<String>,
    /// Lanes at once.
    pub lanes_max: usize,
    /// What the lanes' proxies end TLS with.
    pub seal: Option<Arc<Seal>>,
}

/// A running browser.
pub(crate) struct Host {
    driver: std::sync::Mutex<Option<Driver>>,
    pub socket: Socket,
    /// The browser's own socket, where it is on this machine: pictures come by it.
    direct: Option<Socket>,
    pub router: Router,
    pub names: Arc<Names>,
    pub seal: Option<Arc<Seal>>,
    pub installed: Installed,
    pub headed: bool,
    pub looks: bool,
    pub sandbox: bool,
    pub downloads: std::path::PathBuf,
    /// Its places for lanes, and how many they are.
    pub seats: Arc<Semaphore>,
    pub seats_max: usize,
    /// Lanes opened so far.
    pub lent: AtomicU32,
    /// Set when it must not be lent again.
    pub spoiled: AtomicBool,
    /// The window that the next lane will have.
    spare: std::sync::Mutex<Option<Window>>,
    preparing: AtomicBool,
}

impl Host {
    /// Starts a driver, a session and the one socket, and installs the agent.
    pub(crate) async fn start(options: &HostOptions, names: Arc<Names>) -> Result<Self, Trouble> {
        let driver = Driver::launch(&options.driver).await.map_err(|e| no_browser(&e.to_string()))?;
        let url = match tokio::time::timeout(START_WITHIN, new_session(&driver, options)).await {
            Ok(Ok(url)) => url,
            Ok(Err(error)) => {
                driver.kill().await;
                return Err(no_browser(&error));
            }
            Err(_) => {
                driver.kill().await;
                return Err(no_browser("the driver did not start a browser within 30 s"));
            }
        };
        let connected = Socket::connect(&url, KEEP_WITHIN, driver.died()).await;
        let (socket, incoming) = connected.map_err(|e| no_browser(&e.to_string()))?;
        let router = Router::start(socket.clone(), incoming);
        let direct = direct_socket(&driver).await;
        let downloads = driver.downloads_dir();
        let host = Self {
            driver: std::sync::Mutex::new(Some(driver)),
            socket,
            direct,
            router,
            names,
            seal: options.seal.clone(),
            installed: options.installed.clone(),
            headed: options.headed,
            looks: options.looks,
            sandbox: !options.no_sandbox,
            downloads,
            seats: Arc::new(Semaphore::new(options.lanes_max)),
            seats_max: options.lanes_max,
            lent: AtomicU32::new(0),
            spoiled: AtomicBool::new(false),
            spare: std::sync::Mutex::default(),
            preparing: AtomicBool::new(false),
        };
        host.prepare().await.map_err(|e| no_browser(&e.to_string()))?;
        Ok(host)
    }

    async fn prepare(&self) -> Result<(), CommandError> {
        let preload = json!({"functionDeclaration": agent::INSTALL, "sandbox": agent::SANDBOX});
        // A page must not fill the disk: files are taken only while a step waits for one.
        let folder = json!({"downloadBehavior": {"type": "denied"}});
        tokio::try_join!(
            self.socket.send("browser.setDownloadBehavior", folder, KEEP_WITHIN),
            self.socket.send("session.subscribe", json!({"events": SUBSCRIBED}), KEEP_WITHIN),
            self.socket.send("script.addPreloadScript", preload, KEEP_WITHIN),
        )?;
        Ok(())
    }

    /// A window nobody has walked in: the one kept ready, or one opened now.
    pub(crate) async fn window(self: &Arc<Self>) -> Result<Window, CommandError> {
        let spare = self.spare().take();
        match spare {
            Some(window) => Ok(window),
            None => Window::open(self).await,
        }
    }

    /// Has a window ready for the lane to come, without waiting for it.
    pub(crate) fn prepare_window(self: &Arc<Self>) {
        if self.spare().is_some() || self.preparing.swap(true, Ordering::Relaxed) {
            return;
        }
        let host = self.clone();
        tokio::spawn(async move {
            match Window::open(&host).await {
                Ok(window) => *host.spare() = Some(window),
                Err(error) => {
                    tracing::debug!(%error, "no window could be made ready");
                    host.spoiled.store(true, Ordering::Relaxed);
                }
            }
            // Not before the window is there: another would be opened for nothing.
            host.preparing.store(false, Ordering::Relaxed);
        });
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Option<Window>> {
        self.spare.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether no lane is open in it.
    pub(crate) fn idle(&self) -> bool {
        self.seats.available_permits() == self.seats_max
    }

    /// Whether a lane may be opened in it.
    pub(crate) fn alive(&self) -> bool {
        self.socket.dead().is_none() && !self.spoiled.load(Ordering::Relaxed)
    }

    /// A socket to one page past the driver; `None` where there is none.
    pub(crate) async fn attach(&self, context: &str) -> Option<Socket> {
        let direct = self.direct.as_ref()?;
        let wanted = json!({"targetId": context, "flatten": true});
        match direct.send("Target.attachToTarget", wanted, ATTACH_WITHIN).await {
            Ok(attached) => Some(direct.in_session(attached["sessionId"].as_str()?)),
            Err(error) => {
                tracing::debug!(%error, "this page is pictured by way of the driver");
                None
            }
        }
    }

    /// What the commands cost so far, by name.
    pub(crate) fn spent(&self) -> impl Iterator<Item = (String, Spent)> {
        let direct = self.direct.as_ref().map(Socket::spent).unwrap_or_default();
        self.socket.spent().into_iter().chain(direct)
    }

    /// Why commands fail: the driver's death is told by its warden, the browser's by the socket alone.
    pub(crate) fn trouble(&self, error: &CommandError) -> Trouble {
        if let CommandError::Overloaded { .. } = error {
            return trouble(TroubleKind::Overloaded, error.to_string());
        }
        let driver_death = {
            use futures_util::FutureExt as _;
            let driver = self.driver.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            driver.as_ref().and_then(|d| d.died().now_or_never())
        };
        match driver_death {
            Some(Death::Driver(why)) => trouble(TroubleKind::DriverLost, format!("the driver is gone: {why}")),
            Some(Death::Warden) => trouble(TroubleKind::DriverLost, "the driver's warden is gone".into()),
            _ => trouble(TroubleKind::BrowserLost, error.to_string()),
        }
    }

    /// Proportional set size of the browser's processes, in bytes.
    pub(crate) async fn resident_bytes(&self) -> u64 {
        let reading = {
            let driver = self.driver.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            driver.as_ref().map(|d| d.marker().to_owned())
        };
        let Some(marker) = reading else { return 0 };
        let read = tokio::task::spawn_blocking(move || super::process::footprint_of(&marker).pss_bytes);
        read.await.unwrap_or(0)
    }

    /// Kills it: nothing is asked of it, and nothing is left of it.
    pub(crate) async fn kill(&self) {
        self.spoiled.store(true, Ordering::Relaxed);
        let driver = self.driver.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(driver) = driver {
            driver.kill().await;
        }
    }
}

fn trouble(kind: TroubleKind, said: String) -> Trouble {
    Trouble { kind, said }
}

/// The browser's own socket, whose place it writes into its profile for the driver. Without it everything goes through
/// the driver: slower, and no less true.
async fn direct_socket(driver: &Driver) -> Option<Socket> {
    let place = tokio::fs::read_to_string(driver.profile_dir().join("DevToolsActivePort")).await.ok()?;
    let (port, path) = place.trim().split_once('\n')?;
    let url = format!("ws://127.0.0.1:{port}{path}");
    match Socket::connect(&url, ATTACH_WITHIN, driver.died()).await {
        Ok((socket, incoming)) => {
            // The driver's events are the record.
            incoming.read_by(Deaf);
            Some(socket)
        }
        Err(error) => {
            tracing::warn!(%error, "there is no way past the driver");
            None
        }
    }
}

fn no_browser(said: &str) -> Trouble {
    trouble(TroubleKind::NoBrowser, said.to_owned())
}

/// Asks the driver for a session; returns its BiDi URL. The session is never deleted: the driver is killed.
async fn new_session(driver: &Driver, options: &HostOptions) -> Result<String, String> {
    let mut arguments = vec![
        format!("--user-data-dir={}", driver.profile_dir().display()),
        "--no-first-run".into(),
        "--no-default-browser-check".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--disable-gpu".into(),
        "--disable-search-engine-choice-screen".into(),
        format!("--disable-features={}", NEEDLESS_FEATURES.join(",")),
        format!("--enable-features={NEW_SURFACE}"),
        "--password-store=basic".into(),
        "--use-mock-keychain".into(),
        "--disable-renderer-backgrounding".into(),
        "--disable-backgrounding-occluded-windows".into(),
        "--disable-background-timer-throttling".into(),
        "--disable-ipc-flooding-protection".into(),
        "--force-color-profile=srgb".into(),
        "--hide-scrollbars".into(),
        "--mute-audio".into(),
    ];
    if !options.headed {
        arguments.push("--headless=new".into());
    }
    if options.no_sandbox {
        arguments.push("--no-sandbox".into());
    }
    arguments.extend(BROWSER_ARGUMENTS.iter().map(|a| (*a).to_owned()));
    arguments.extend(options.extra_arguments.iter().cloned());
    let capabilities: Capabilities = serde_json::from_value(json!({
        "browserName": "chrome",
        "webSocketUrl": true,
        "acceptInsecureCerts": false,
        "unhandledPromptBehavior": {"default": "ignore"},
        "goog:chromeOptions": {
            "binary": options.installed.browser,
            "args": arguments,
            "excludeSwitches": ["enable-automation"],
            "prefs": {"credentials_enable_service": false, "profile.password_manager_enabled": false,
                      "autofill.profile_enabled": false, "autofill.credit_card_enabled": false},
        },
    }))
    .map_err(|e| e.to_string())?;
    let session = WebDriver::new(driver.url(), capabilities).await.map_err(|e| short(&e.to_string()))?;
    let url = session.handle().capabilities().get("webSocketUrl").and_then(Value::as_str).map(str::to_owned);
    // The session lives and dies with its driver; thirtyfour's drop would block a thread of the runtime.
    session.leak().map_err(|e| e.to_string())?;
    url.ok_or_else(|| "the driver offers no BiDi socket: Chromium and chromedriver 115 or newer are needed".to_owned())
}

fn short(text: &str) -> String {
    text.lines().next().unwrap_or(text).chars().take(400).collect()
}
