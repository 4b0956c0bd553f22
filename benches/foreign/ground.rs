//! What walks on an app that somebody brings are made with.

use super::browsers::NoSecrets;
use super::faults::App;
use super::shelf::MemoryShelf;
use super::watch::Watch;
use async_trait::async_trait;
use gengfu::baseline::Lesson;
use gengfu::browser::Browsers;
use gengfu::config::DiskFiles;
use gengfu::fleet::{CALL_OFF_WITHIN, Customers, Experience, Leases, Order, Walker, Walks};
use gengfu::guard::{GuardRules, HostRule, NeverRule};
use gengfu::journey::{self, Journey, Limits};
use gengfu::moment::SystemClock;
use gengfu::oracle::Supplied;
use gengfu::secret::Secret;
use gengfu::vault::DiskVault;
use gengfu::walk::port::{Account, BusinessCode, Unwatched};
use gengfu::walk::run::{Pictures, Plan, World, walk};
use gengfu::walk::{Trouble, WalkRecord};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Where walks are made.
pub struct Ground {
    on: Arc<On>,
    journeys: BTreeMap<String, Arc<Journey>>,
    shelf: Arc<MemoryShelf>,
    dir: PathBuf,
}

struct On {
    base: Url,
    world: World,
    guard: Arc<GuardRules>,
    own_hosts: Vec<HostRule>,
    business: Option<BusinessCode>,
    account: Account,
    dir: PathBuf,
}

impl Ground {
    /// Of `app`, seen at `base`.
    pub fn new(
        app: &App,
        base: &Url,
        lanes: Arc<Browsers>,
        dir: &Path,
        shelf: Arc<MemoryShelf>,
    ) -> Result<Self, String> {
        let own = HostRule::of_url(base).ok_or_else(|| format!("`{base}` has no host"))?;
        let mut hosts = vec![own.clone()];
        for host in &app.hosts {
            hosts.push(host.parse().map_err(|error| format!("{error}"))?);
        }
        let never = |rule: &String| {
            let (method, path) = rule.split_once(' ').unwrap_or(("POST", rule));
            NeverRule::parse(Some(method), None, path).map_err(|error| format!("never `{rule}`: {error}"))
        };
        let never = app.never.iter().map(never).collect::<Result<Vec<_>, _>>()?;
        let vault = Arc::new(DiskVault::open(dir.join("evidence")).unwrap());
        let (secrets, clock, watcher) = (Arc::new(NoSecrets), Arc::new(SystemClock), Arc::new(Unwatched));
        let on = On {
            base: base.clone(),
            world: World { lanes, vault, secrets, clock, watcher },
            guard: Arc::new(GuardRules { hosts, never, private_networks: false }),
            own_hosts: vec![own],
            business: app.business.as_ref().map(|b| BusinessCode {
                code: b.code.clone(),
                message: b.message.clone(),
                right: b.right.clone(),
            }),
            account: customer(app)?,
            dir: dir.to_owned(),
        };
        let mut journeys = BTreeMap::new();
        for name in app.walked() {
            let (files, inside) = DiskFiles::around(&app.file_of(name));
            let journey = journey::load(&inside, &files, &Limits::default()).map_err(|all| all[0].render(false))?;
            if journey.account.is_some() && app.customer.is_none() {
                return Err(format!("journey `{name}` leases a test customer: say which under `customer`"));
            }
            journeys.insert(name.clone(), Arc::new(journey));
        }
        Ok(Self { on: Arc::new(on), journeys, shelf, dir: dir.to_owned() })
    }

    /// The journey of this file.
    pub fn load(&self, name: &str) -> Result<Arc<Journey>, String> {
        self.journeys.get(name).cloned().ok_or_else(|| format!("no journey `{name}`"))
    }

    /// An empty ledger, and who walks for it.
    pub async fn watch(&self) -> Watch {
        let walker = Walker {
            walks: self.on.clone(),
            customers: self.on.clone(),
            leases: Leases::default(),
            account_within: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
            confirms: true,
            call_off_within: CALL_OFF_WITHIN,
            experience: Some(Experience::new(self.shelf.clone(), self.on.world.vault.clone(), Lesson::Clean)),
            control: None,
        };
        Watch::begin(&self.dir, walker).await
    }
}

/// The one test customer, its secrets out of the environment.
fn customer(app: &App) -> Result<Account, String> {
    let mut account = Account { name: "customer".into(), fields: BTreeMap::new(), secrets: BTreeMap::new() };
    let Some(customer) = &app.customer else { return Ok(account) };
    account.fields = customer.fields.clone();
    for (name, variable) in &customer.secrets {
        let value = std::env::var(variable).map_err(|_| format!("customer: the variable `{variable}` is not set"))?;
        account.secrets.insert(name.clone(), Secret::new(format!("account.{name}"), &value));
    }
    Ok(account)
}

#[async_trait]
impl Walks for On {
    async fn walk(&self, order: Order, cancel: CancellationToken) -> WalkRecord {
        let plan = Plan {
            walk: order.walk,
            purpose: order.purpose,
            base: self.base.clone(),
            vars: BTreeMap::new(),
            account: order.account,
            guard: self.guard.clone(),
            business: self.business.clone(),
            step_within: Duration::from_secs(10),
            pictures: Pictures::Failures,
            network: false,
            script_allowed: false,
            folder: self.dir.clone(),
            own_hosts: self.own_hosts.clone(),
            timezone: None,
            locale: "zh-CN".into(),
            supplied: Supplied::default(),
        };
        walk(order.journey, plan, self.world.clone(), cancel).await
    }

    fn base_of(&self, _app: &str) -> String {
        self.base.to_string()
    }
}

impl Customers for On {
    fn names(&self, _pool: &str) -> Vec<String> {
        vec![self.account.name.clone()]
    }

    fn open(&self, _pool: &str, _name: &str) -> Result<Account, Trouble> {
        Ok(self.account.clone())
    }
}
