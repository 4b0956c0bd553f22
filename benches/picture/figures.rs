//! The same pages walked by the robot with an oracle that knows their figures: what pictures do not tell, values do.

use super::pages::{self, VARIANTS};
use axum::Router;
use axum::extract::Path as Route;
use axum::response::Html;
use axum::routing::get;
use gengfu::browser::{BrowserOptions, Browsers};
use gengfu::detector::judge;
use gengfu::guard::{GuardRules, HostRule};
use gengfu::id::WalkId;
use gengfu::journey::{self, FileProblem, Files, Limits};
use gengfu::moment::SystemClock;
use gengfu::oracle::Supplied;
use gengfu::secret::Secret;
use gengfu::vault::DiskVault;
use gengfu::walk::Purpose;
use gengfu::walk::port::{Secrets, Unwatched};
use gengfu::walk::run::{Pictures, Plan, World, walk};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

const JOURNEY: &str = "journey: wealth\ntitle: 理财\napp: bench\nvars: {page: \"0\"}\nsteps:\n  - open: /page/${page}\n    see: {text: 总资产（元）}\n";

const ORACLE: &str = r#"
oracle: wealth
app: bench
subjects:
  assets:
    title: 资产
    figures: {total: {as: money, title: 总资产, min: 0.01}}
    places:
      - {on: /page/*, read: {total: {css: .figure}}}
  product:
    title: 产品
    figures: {rate: {as: percent, title: 业绩比较基准, min: 0.5, max: 8}}
    places:
      - {on: /page/*, each: {css: .card}, key: {attribute: id}, read: {rate: {css: b}}}
    registry: {file: rates.csv, key: id}
"#;

struct Script {
    rates: String,
}

impl Files for Script {
    fn read(&self, path: &str, _: usize) -> Result<Vec<u8>, FileProblem> {
        match path {
            "wealth.yaml" => Ok(JOURNEY.as_bytes().to_vec()),
            "oracles/wealth.yaml" => Ok(ORACLE.as_bytes().to_vec()),
            "oracles/rates.csv" => Ok(self.rates.as_bytes().to_vec()),
            _ => Err(FileProblem::Missing),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        if folder.starts_with("oracles") { vec!["oracles/wealth.yaml".to_owned()] } else { Vec::new() }
    }
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        Err(format!("`{reference}` leads nowhere in the bench"))
    }
}

/// For each variant, what the first finding of a walk says; `None` when it says nothing.
pub async fn told(dir: &Path) -> Vec<Option<String>> {
    rustls::crypto::ring::default_provider().install_default().expect("invariant: the first provider of the process");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let page = |Route(number): Route<usize>| async move { Html(pages::page(&VARIANTS[number])) };
    let app = Router::new().route("/page/{number}", get(page));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let options = BrowserOptions {
        root: Some(dir.to_owned()),
        warden: Some(env!("CARGO_BIN_EXE_gengfu").into()),
        no_sandbox: nix::unistd::geteuid().is_root(),
        browsers_max: 1,
        ..BrowserOptions::default()
    };
    let browsers = Arc::new(Browsers::start(options).await.unwrap());
    let world = World {
        lanes: browsers.clone(),
        vault: Arc::new(DiskVault::open(dir.join("evidence")).unwrap()),
        secrets: Arc::new(NoSecrets),
        clock: Arc::new(SystemClock),
        watcher: Arc::new(Unwatched),
    };
    let script = Script { rates: pages::rates() };
    let journey = journey::load("wealth.yaml", &script, &Limits::default());
    let journey = Arc::new(journey.unwrap_or_else(|p| panic!("{}", p[0].render(false))));
    let mut all = Vec::new();
    for number in 0..VARIANTS.len() {
        let record = walk(journey.clone(), plan(&base, number, dir), world.clone(), CancellationToken::new()).await;
        all.push(judge(&record).findings.first().map(|f| format!("{}: {}", f.detector, f.headline.en)));
    }
    browsers.shutdown().await;
    serving.abort();
    all
}

fn plan(base: &Url, number: usize, dir: &Path) -> Plan {
    let host = HostRule::of_url(base).unwrap();
    Plan {
        walk: WalkId::fresh(),
        purpose: Purpose::Manual,
        base: base.clone(),
        vars: [("page".to_owned(), number.to_string())].into(),
        account: None,
        guard: Arc::new(GuardRules { hosts: vec![host.clone()], never: Vec::new(), private_networks: false }),
        business: None,
        step_within: Duration::from_secs(10),
        pictures: Pictures::None,
        network: false,
        script_allowed: false,
        folder: dir.to_owned(),
        own_hosts: vec![host],
        timezone: None,
        locale: "zh-CN".into(),
        supplied: Supplied::default(),
    }
}
