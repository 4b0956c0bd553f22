//! A demo of one's own with what a walk on it needs: what `faults` and `detect` walk on. Faults and customers of one stage
//! are not those of another.

mod browsers;

pub use browsers::browsers;

use browsers::NoSecrets;
use gengfu::browser::Browsers;
use gengfu::config::DiskFiles;
use gengfu::demo::{Customer, Demo, DemoOptions};
use gengfu::guard::{GuardRules, HostRule, NeverRule};
use gengfu::id::WalkId;
use gengfu::journey::{self, Journey, Limits};
use gengfu::moment::SystemClock;
use gengfu::oracle::Supplied;
use gengfu::secret::Secret;
use gengfu::vault::DiskVault;
use gengfu::walk::Purpose;
use gengfu::walk::port::{Account, BusinessCode, Unwatched};
use gengfu::walk::run::{Pictures, Plan, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Where the journeys lie.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("journeys")
}

/// The demo's journeys: those that lie in the folder itself.
pub fn journeys() -> BTreeSet<&'static str> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let scripts = files.filter(|path| path.extension().is_some_and(|e| e == "yaml"));
    scripts.map(|path| &*path.file_stem().unwrap().to_string_lossy().into_owned().leak()).collect()
}

/// The journey of this name.
pub fn load(name: &str) -> Arc<Journey> {
    let (files, inside) = DiskFiles::around(&folder().join(format!("{name}.yaml")));
    let journey = journey::load(&inside, &files, &Limits::default());
    Arc::new(journey.unwrap_or_else(|p| panic!("{}", p[0].render(false))))
}

/// A demo and what walks on it are made with.
pub struct Stage {
    pub demo: Demo,
    pub world: World,
    pictures: Pictures,
    dir: PathBuf,
}

impl Stage {
    /// The stage of this number; its demo's chance begins with `seed`.
    pub async fn start(number: usize, seed: u64, browsers: Arc<Browsers>, dir: &Path, pictures: Pictures) -> Self {
        let demo = Demo::start(DemoOptions { seed, ..DemoOptions::default() }).await.unwrap();
        let vault = Arc::new(DiskVault::open(dir.join(format!("evidence-{number}"))).unwrap());
        let (secrets, clock, watcher) = (Arc::new(NoSecrets), Arc::new(SystemClock), Arc::new(Unwatched));
        let world = World { lanes: browsers, vault, secrets, clock, watcher };
        Self { demo, world, pictures, dir: dir.to_owned() }
    }

    /// What a walk of this name is made with.
    pub fn plan(&self, walk: WalkId, purpose: Purpose, account: Option<Account>) -> Plan {
        let base: Url = self.demo.app_url().parse().unwrap();
        let host = |url: &str| HostRule::of_url(&url.parse().unwrap()).unwrap();
        let never = |path| NeverRule::parse(Some("POST"), None, path).unwrap();
        Plan {
            walk,
            purpose,
            vars: BTreeMap::new(),
            account,
            guard: Arc::new(GuardRules {
                hosts: vec![host(self.demo.app_url()), host(self.demo.third_party_url())],
                never: vec![never("/api/orders"), never("/api/transfers")],
                private_networks: false,
            }),
            business: Some(BusinessCode {
                code: "$.code".into(),
                message: "$.message".into(),
                right: vec!["0000".into()],
            }),
            step_within: std::time::Duration::from_secs(10),
            pictures: self.pictures,
            network: false,
            script_allowed: false,
            folder: self.dir.clone(),
            own_hosts: HostRule::of_url(&base).into_iter().collect(),
            timezone: None,
            locale: "zh-CN".into(),
            supplied: Supplied::default(),
            base,
        }
    }

    /// Ends the demo. No order may have reached it.
    pub async fn stop(self) {
        assert!(self.demo.tripwire().is_empty(), "an order or transfer reached the app");
        self.demo.stop().await;
    }

    /// The customer of this name, with its secrets.
    pub fn account(&self, name: &str) -> Account {
        let known = self.demo.customers().iter().find(|c| c.username == name);
        account(known.expect("invariant: the demo has these customers"))
    }
}

fn account(customer: &Customer) -> Account {
    let mut secrets = BTreeMap::from([
        ("password".to_owned(), Secret::new("account.password", &customer.password)),
        ("trade_pin".to_owned(), Secret::new("account.trade_pin", &customer.trade_pin)),
    ]);
    if let Some(totp) = &customer.totp_secret {
        secrets.insert("totp".to_owned(), Secret::new("account.totp", totp));
    }
    let fields = BTreeMap::from([("username".to_owned(), customer.username.clone())]);
    Account { name: customer.username.clone(), fields, secrets }
}
