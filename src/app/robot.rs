//! One robot of one process: its browsers, its evidence, its secrets, and walks made with them as the config says.

use super::control::ControlPages;
use super::customer_locks::LockedFiles;
use super::registries::Registries;
use crate::browser::process::Places;
use crate::browser::{BrowserOptions, Browsers};
use crate::config::value::{BaseUrl, Slug};
use crate::config::{App, Config, Customer, ReferenceSecrets};
use crate::evidence::{EvidenceKey, Vault, VaultError};
use crate::fleet::{Control, CustomerLocks, Customers, Order, Walks, stillborn};
use crate::journey::Journey;
use crate::moment::{Clock, SystemClock};
use crate::oracle::Supplied;
use crate::secret::Secret;
use crate::vault::DiskVault;
use crate::walk::port::{Account, Secrets as _, Watcher};
use crate::walk::run::{Plan, World, walk};
use crate::walk::{Purpose, Trouble, TroubleKind, WalkRecord};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The folder of registries' copies, beside the ledger.
const REGISTRIES: &str = "registries";

/// How walks are made beyond what the config says.
#[derive(Clone)]
pub struct Manner {
    /// Stands in for the base address of every app.
    pub base: Option<BaseUrl>,
    /// Values over the journeys' own.
    pub vars: BTreeMap<String, String>,
    /// Whether the window is visible.
    pub headed: bool,
    /// Who watches.
    pub watcher: Arc<dyn Watcher>,
}

/// Why the robot did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Root, and the sandbox not switched off.
    #[error(
        "Chromium refuses its sandbox to root: walk as another user, or switch the sandbox off on purpose with \
         `--no-sandbox`, GENGFU_NO_SANDBOX=1 or `browser: {{no_sandbox: true}}`"
    )]
    Sandbox,
    /// No browser or driver.
    #[error("{0}; `gengfu doctor` says what is missing")]
    Browser(String),
    /// Evidence cannot be kept.
    #[error("evidence cannot be kept in `{}`: {why}", folder.display())]
    Evidence {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: VaultError,
    },
}

/// Why a journey cannot be walked with this config.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplanned {
    /// The app is not declared.
    #[error(
        "the journey `{journey}` walks the app `{app}`, which the config does not declare: add it to `apps:`, or give `--base URL`"
    )]
    App {
        /// The journey.
        journey: String,
        /// The app it names.
        app: String,
    },
    /// The pool is not declared.
    #[error(
        "the journey `{journey}` needs a test customer of the pool `{pool}`, which the config does not declare: add it to `accounts:`"
    )]
    Pool {
        /// The journey.
        journey: String,
        /// The pool it names.
        pool: String,
    },
}

/// Browsers, evidence and secrets of this process.
pub struct Robot {
    config: Config,
    manner: Manner,
    browsers: Arc<Browsers>,
    vault: Arc<DiskVault>,
    secrets: Arc<ReferenceSecrets>,
    clock: Arc<dyn Clock>,
    registries: Registries,
}

impl Robot {
    /// Finds a browser and makes the evidence folder. The browser itself starts with the first walk.
    pub async fn start(config: Config, manner: Manner) -> Result<Arc<Self>, StartError> {
        if nix::unistd::geteuid().is_root() && !config.browser.no_sandbox {
            return Err(StartError::Sandbox);
        }
        let folder = config.resolve(&config.evidence.folder);
        let vault = DiskVault::open(&folder).map_err(|why| StartError::Evidence { folder, why })?;
        let browsers = Browsers::start(options(&config, &manner)).await.map_err(|t| StartError::Browser(t.said))?;
        let secrets = Arc::new(ReferenceSecrets { folder: config.folder.clone() });
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let copies = config.resolve(&config.store.file).with_file_name(REGISTRIES);
        let registries = Registries::new(copies, secrets.clone(), clock.clone());
        Ok(Arc::new(Self {
            config,
            manner,
            browsers: Arc::new(browsers),
            vault: Arc::new(vault),
            secrets,
            clock,
            registries,
        }))
    }

    /// Ends every browser and waits until nothing of them is left.
    pub async fn stop(&self) {
        self.browsers.shutdown().await;
    }

    /// What the robot was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The clock walks are timed by.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// What tells an app that answers nothing from a robot that reaches nothing; `None` when the config names no pages.
    pub fn control(&self) -> Option<Arc<dyn Control>> {
        // What must never leave a lane leaves none of these, either.
        let ruled = |page: &BaseUrl| (page.0.clone(), Arc::new(self.config.guard_of(&App::at(page.clone()))));
        let pages = self.config.control.pages.iter().map(ruled).collect();
        ControlPages::over(self.browsers.clone(), pages)
    }

    /// Where evidence is kept.
    pub fn vault(&self) -> Arc<dyn Vault> {
        self.vault.clone()
    }

    /// The browsers walks are made in.
    pub(super) fn browsers(&self) -> &Browsers {
        &self.browsers
    }

    /// The same, for the one that forgets.
    pub(super) fn disk_vault(&self) -> Arc<DiskVault> {
        self.vault.clone()
    }

    /// Where secret references lead.
    pub fn secrets(&self) -> Arc<ReferenceSecrets> {
        self.secrets.clone()
    }

    /// Where a piece of evidence lies on this machine.
    pub fn evidence_path(&self, key: &EvidenceKey) -> PathBuf {
        self.vault.path(key)
    }

    /// What keeps this config's test customers from other processes.
    pub fn customer_locks(&self) -> impl CustomerLocks + use<> {
        LockedFiles::beside(self.config.resolve(&self.config.store.file))
    }

    /// Whether `journey` can be walked with this config.
    pub fn plannable(&self, journey: &Journey) -> Result<(), Unplanned> {
        if self.app(&journey.app).is_none() {
            return Err(Unplanned::App { journey: journey.id.to_string(), app: journey.app.clone() });
        }
        match &journey.account {
            Some(pool) if self.names(pool).is_empty() => {
                Err(Unplanned::Pool { journey: journey.id.to_string(), pool: pool.clone() })
            }
            _ => Ok(()),
        }
    }

    /// The app as declared, at the address it is to be walked at.
    fn app(&self, name: &str) -> Option<App> {
        let declared = self.config.apps.get(name).cloned();
        match (&self.manner.base, declared) {
            (Some(base), Some(app)) => Some(App { base: base.clone(), ..app }),
            (Some(base), None) => Some(App::at(base.clone())),
            (None, declared) => declared,
        }
    }

    fn plan(&self, order: &Order, app: &App, supplied: Supplied) -> Plan {
        // The hosts the app declares, its base among them: `rules_of` has read both.
        let guard = self.config.guard_of(app);
        Plan {
            walk: order.walk,
            purpose: order.purpose.clone(),
            base: app.base.0.clone(),
            vars: self.manner.vars.clone(),
            account: order.account.clone(),
            own_hosts: guard.hosts.clone(),
            guard: Arc::new(guard),
            business: app.business_code.as_ref().map(Into::into),
            step_within: self.config.browser.step_within.0,
            pictures: self.config.browser.pictures.into(),
            network: self.config.browser.network,
            script_allowed: app.script,
            folder: Path::new(&order.journey.source.name).parent().unwrap_or(Path::new(".")).to_owned(),
            timezone: app.timezone.as_ref().map(|zone| zone.name().to_owned()),
            locale: app.locale.clone(),
            supplied,
        }
    }

    fn customer(&self, pool: &str, name: &str) -> Option<&Customer> {
        let at = self.names(pool).iter().position(|own| own == name)?;
        self.config.accounts.get(pool)?.get(at)
    }
}

#[async_trait]
impl Walks for Robot {
    async fn walk(&self, order: Order, cancel: CancellationToken) -> WalkRecord {
        let Some(app) = self.app(&order.journey.app) else {
            let said = format!("the config does not declare the app `{}`", order.journey.app);
            let (now, trouble) = (self.clock.now(), Trouble { kind: TroubleKind::Defect, said });
            return stillborn(&order, String::new(), now, std::time::Duration::ZERO, trouble);
        };
        let watcher: Arc<dyn Watcher> = match &order.onlooker {
            Some(onlooker) => onlooker.clone(),
            None => self.manner.watcher.clone(),
        };
        let world = World {
            lanes: self.browsers.clone(),
            vault: self.vault.clone(),
            secrets: self.secrets.clone(),
            clock: self.clock.clone(),
            watcher,
        };
        let confirming = matches!(order.purpose, Purpose::Confirm { .. });
        let supplied = tokio::select! {
            () = cancel.cancelled() => Supplied::default(),
            supplied = self.registries.supply(&order.journey.oracles, confirming) => supplied,
        };
        let plan = self.plan(&order, &app, supplied);
        walk(order.journey, plan, world, cancel).await
    }

    fn base_of(&self, app: &str) -> String {
        self.app(app).map(|app| app.base.0.to_string()).unwrap_or_default()
    }
}

impl Customers for Robot {
    fn names(&self, pool: &str) -> Vec<String> {
        let pool_of = |(at, customer): (usize, &Customer)| {
            customer.name.as_ref().map_or_else(|| format!("{pool}-{}", at + 1), Slug::to_string)
        };
        self.config.accounts.get(pool).map(|all| all.iter().enumerate().map(pool_of).collect()).unwrap_or_default()
    }

    fn open(&self, pool: &str, name: &str) -> Result<Account, Trouble> {
        let gone =
            || Trouble { kind: TroubleKind::Account, said: format!("no customer `{name}` in the pool `{pool}`") };
        let customer = self.customer(pool, name).ok_or_else(gone)?;
        let mut secrets = BTreeMap::new();
        for (field, reference) in customer.references() {
            let secret = self.secrets.resolve(&reference.to_string());
            let secret = secret.map_err(|said| Trouble { kind: TroubleKind::Secret, said })?;
            secrets.insert(field.to_owned(), Secret::new(format!("account.{field}"), secret.expose()));
        }
        let fields = customer.plain().map(|(field, value)| (field.to_owned(), value.to_owned())).collect();
        Ok(Account { name: name.to_owned(), fields, secrets })
    }
}

fn options(config: &Config, manner: &Manner) -> BrowserOptions {
    BrowserOptions { headed: manner.headed || !config.browser.headless, ..browser_options(config) }
}

/// How browsers are had by the config alone, in no window that anybody sees.
pub(super) fn browser_options(config: &Config) -> BrowserOptions {
    let browser = &config.browser;
    BrowserOptions {
        places: Places { browser: browser.browser.clone(), driver: browser.driver.clone() },
        no_sandbox: browser.no_sandbox,
        browsers_max: browser.browsers,
        lanes_per_browser_max: browser.lanes_per_browser,
        recycle_after_walks: u32::try_from(browser.recycle_after_walks).unwrap_or(u32::MAX),
        recycle_above_mib: browser.recycle_above_mib,
        ..BrowserOptions::default()
    }
}
