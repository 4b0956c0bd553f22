//! What the walks of these tests share: browsers, a vault, the demo app, and journeys written in place.

use gengfu::browser::{BrowserOptions, Browsers};
use gengfu::evidence::{EvidenceKey, EvidenceKind, Vault, VaultError};
use gengfu::guard::{GuardRules, HostRule, NeverRule};
use gengfu::id::WalkId;
use gengfu::journey::{self, FileProblem, Files, Journey, Limits};
use gengfu::moment::SystemClock;
use gengfu::oracle::Supplied;
use gengfu::secret::Secret;
use gengfu::walk::port::{Account, BusinessCode, Secrets, Unwatched};
use gengfu::walk::run::{Pictures, Plan, World, walk};
use gengfu::walk::{Outcome, Purpose, WalkRecord};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Keeps evidence in memory, where a test can search all of it.
#[derive(Default)]
pub struct Memory(pub Mutex<BTreeMap<EvidenceKey, Vec<u8>>>);

#[async_trait::async_trait]
impl Vault for Memory {
    async fn put(&self, bytes: Vec<u8>, kind: EvidenceKind) -> Result<EvidenceKey, VaultError> {
        let key = EvidenceKey::of(&bytes, kind);
        self.0.lock().unwrap().insert(key.clone(), bytes);
        Ok(key)
    }

    async fn get(&self, key: &EvidenceKey) -> Result<Vec<u8>, VaultError> {
        self.0.lock().unwrap().get(key).cloned().ok_or_else(|| VaultError::Absent(key.to_string()))
    }
}

/// One journey written in a test, and what its app is held to.
struct InPlace<'a> {
    journey: &'a str,
    oracles: &'a [(&'static str, &'static str)],
}

impl Files for InPlace<'_> {
    fn read(&self, path: &str, _bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        if path == "test.yaml" {
            return Ok(self.journey.as_bytes().to_vec());
        }
        let held = self.oracles.iter().find(|(name, _)| *name == path);
        held.map(|(_, text)| text.as_bytes().to_vec()).ok_or(FileProblem::Missing)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let inside = |path: &&str| path.starts_with(folder) && path.ends_with(".yaml");
        self.oracles.iter().map(|(path, _)| *path).filter(inside).map(str::to_owned).collect()
    }
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        reference
            .strip_prefix("env:TEST_")
            .map(|value| Secret::new(reference, value))
            .ok_or_else(|| format!("`{reference}` leads nowhere in these tests"))
    }
}

/// Browsers of one test, gone with it.
pub struct Rig {
    pub browsers: Arc<Browsers>,
    pub vault: Arc<Memory>,
    pub dir: tempfile::TempDir,
    pub base: Url,
    pub hosts: Vec<String>,
    pub never: Vec<(String, String)>,
    pub account: Option<Account>,
    pub pictures: Pictures,
    pub network: bool,
    pub cancel: CancellationToken,
    pub step_within: Duration,
    /// What the app `test` is held to: files by path.
    pub oracles: &'static [(&'static str, &'static str)],
}

/// Browser options for these tests: as root there is no sandbox, and the warden is the binary under test.
pub fn browser_options(dir: &tempfile::TempDir) -> BrowserOptions {
    BrowserOptions {
        root: Some(dir.path().to_owned()),
        warden: Some(PathBuf::from(env!("CARGO_BIN_EXE_gengfu"))),
        no_sandbox: nix::unistd::geteuid().is_root(),
        browsers_max: 1,
        lanes_per_browser_max: 32,
        ..BrowserOptions::default()
    }
}

impl Rig {
    /// Browsers for the app at `base`.
    pub async fn at(base: &str) -> Self {
        let _other_tests_may_be_first = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let browsers = Browsers::start(browser_options(&dir)).await.expect("Chromium and chromedriver are installed");
        let base: Url = base.parse().unwrap();
        let authority = format!("{}:{}", base.host_str().unwrap(), base.port_or_known_default().unwrap());
        Self {
            browsers: Arc::new(browsers),
            vault: Arc::default(),
            dir,
            base,
            hosts: vec![authority],
            never: Vec::new(),
            account: None,
            pictures: Pictures::None,
            network: false,
            cancel: CancellationToken::new(),
            step_within: Duration::from_secs(5),
            oracles: &[],
        }
    }

    pub fn journey(&self, steps: &str) -> Arc<Journey> {
        let text = if steps.contains("journey:") {
            steps.to_owned()
        } else {
            format!("journey: test\ntitle: 测试\napp: test\nsteps:\n{steps}")
        };
        let limits = Limits { script_allowed: true, ..Limits::default() };
        match journey::load("test.yaml", &InPlace { journey: &text, oracles: self.oracles }, &limits) {
            Ok(journey) => Arc::new(journey),
            Err(problems) => {
                panic!("{}", problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n"))
            }
        }
    }

    pub fn plan(&self) -> Plan {
        let rule = |(method, path): &(String, String)| NeverRule::parse(Some(method), None, path).unwrap();
        Plan {
            walk: WalkId::fresh(),
            purpose: Purpose::Manual,
            base: self.base.clone(),
            vars: BTreeMap::new(),
            account: self.account.clone(),
            guard: Arc::new(GuardRules {
                hosts: self.hosts.iter().map(|h| h.parse::<HostRule>().unwrap()).collect(),
                never: self.never.iter().map(rule).collect(),
                private_networks: false,
            }),
            business: Some(BusinessCode {
                code: "$.code".into(),
                message: "$.message".into(),
                right: vec!["0000".into()],
            }),
            step_within: self.step_within,
            pictures: self.pictures,
            network: self.network,
            script_allowed: true,
            folder: self.dir.path().to_owned(),
            own_hosts: vec![self.hosts[0].parse().unwrap()],
            timezone: None,
            locale: "zh-CN".into(),
            supplied: Supplied::default(),
        }
    }

    pub fn world(&self) -> World {
        World {
            lanes: self.browsers.clone(),
            vault: self.vault.clone(),
            secrets: Arc::new(NoSecrets),
            clock: Arc::new(SystemClock),
            watcher: Arc::new(Unwatched),
        }
    }

    /// Walks steps written in YAML.
    pub async fn walk(&self, steps: &str) -> WalkRecord {
        walk(self.journey(steps), self.plan(), self.world(), self.cancel.clone()).await
    }
}

/// The outcome of every step, for a failing test's message.
pub fn told(record: &WalkRecord) -> String {
    let line = |s: &gengfu::walk::StepRecord| {
        let outcome = match &s.outcome {
            Outcome::Failed(f) => format!("FAILED {}: {}", f.kind.word(), f.said),
            Outcome::Inconclusive(t) => format!("INCONCLUSIVE {}: {}", t.kind.word(), t.said),
            other => format!("{other:?}"),
        };
        format!("{:>6} ms  {:<10} {:<40} {outcome}", s.elapsed.as_millis(), s.verb, s.title)
    };
    let steps: Vec<String> = record.steps.iter().map(line).collect();
    format!("{:?} in {} ms\n{}", record.verdict, record.elapsed.as_millis(), steps.join("\n"))
}
