//! Starting and stopping the demo: three loopback listeners and nothing else.

use super::customer::Customer;
use super::fault::{FAULTS, Fault, Rate};
use super::request_ledger::LedgerLine;
use super::site::{Shared, Site};
use super::{api, asset, control, feed, gate, page, third_party};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::routing::get;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The host the third party is known by: browsers take every name under `localhost` for loopback.
const THIRD_PARTY_HOST: &str = "metrics.localhost";
const REQUEST_BYTES_MAX: usize = 3 * 1024 * 1024;

/// How the demo is started. Port 0 takes any free port.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Where customers come in.
    pub app_port: u16,
    /// Where faults are switched.
    pub control_port: u16,
    /// Where the slow third party listens.
    pub third_party_port: u16,
    /// Whether benign churn is on.
    pub churn: bool,
    /// What chance starts from: the same seed, faults and order of visitors give the same visits.
    pub seed: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { app_port: 0, control_port: 0, third_party_port: 0, churn: true, seed: 1 }
    }
}

/// A running demo. Dropping it stops the listeners at once; [`Demo::stop`] lets answers under way finish.
pub struct Demo {
    site: Shared,
    control: SocketAddr,
    leave: CancellationToken,
    listeners: Vec<JoinHandle<io::Result<()>>>,
}

impl Demo {
    /// Binds the three listeners on 127.0.0.1 and serves. Fails when a port is taken.
    pub async fn start(options: DemoOptions) -> io::Result<Self> {
        let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let (app, control, third) =
            (bind(options.app_port).await?, bind(options.control_port).await?, bind(options.third_party_port).await?);
        let app_url = format!("http://{}", app.local_addr()?);
        let third_party_url = format!("http://{THIRD_PARTY_HOST}:{}", third.local_addr()?.port());
        let site = Arc::new(Site::new(options.seed, options.churn, app_url, third_party_url));
        let control_at = control.local_addr()?;
        let leave = CancellationToken::new();
        let listeners = vec![
            serve(app, app_router(&site), &leave),
            serve(control, control::router(site.clone()), &leave),
            serve(third, third_party::router(site.clone()), &leave),
        ];
        Ok(Self { site, control: control_at, leave, listeners })
    }

    /// `http://127.0.0.1:PORT` of the app.
    pub fn app_url(&self) -> &str {
        &self.site.app_url
    }

    /// `http://127.0.0.1:PORT` of the control page and its API.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// Host name of the third party, without its port.
    pub fn third_party_host(&self) -> &'static str {
        THIRD_PARTY_HOST
    }

    /// `http://metrics.localhost:PORT` of the third party.
    pub fn third_party_url(&self) -> &str {
        &self.site.third_party_url
    }

    /// The catalogue of faults.
    pub fn faults(&self) -> &'static [Fault] {
        &FAULTS
    }

    /// Switches a fault; false when there is none with this id.
    pub fn switch(&self, id: &str, rate: Rate) -> bool {
        self.site.switchboard.switch(id, rate)
    }

    /// Switches every fault off.
    pub fn mend_all(&self) {
        self.site.switchboard.mend_all();
    }

    /// Switches benign churn.
    pub fn switch_churn(&self, on: bool) {
        self.site.churn.switch(on);
    }

    /// Every order or transfer that arrived: empty, unless something got past a guard.
    pub fn tripwire(&self) -> Vec<LedgerLine> {
        self.site.ledger.tripwire()
    }

    /// Every request that arrived at the app, oldest first.
    pub fn ledger(&self) -> Vec<LedgerLine> {
        self.site.ledger.after(0)
    }

    /// Empties the ledger and the tripwire.
    pub fn clear_ledger(&self) {
        self.site.ledger.clear();
    }

    /// Everyone who can log in, with the demo secrets.
    pub fn customers(&self) -> &[Customer] {
        &self.site.customers
    }

    /// Stops the listeners and waits until answers under way are given, at most two seconds.
    pub async fn stop(mut self) {
        self.leave.cancel();
        for mut listener in std::mem::take(&mut self.listeners) {
            // A browser may keep a connection open for ever; it is not waited for.
            if tokio::time::timeout(std::time::Duration::from_secs(2), &mut listener).await.is_err() {
                listener.abort();
            }
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.listeners.iter().for_each(JoinHandle::abort);
    }
}

fn serve(listener: TcpListener, router: Router, leave: &CancellationToken) -> JoinHandle<io::Result<()>> {
    let leave = leave.clone();
    tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(leave.cancelled_owned()).await })
}

fn app_router(site: &Shared) -> Router {
    Router::new()
        .merge(page::routes())
        .merge(api::routes())
        .merge(feed::routes())
        .route("/assets/{*name}", get(asset::serve))
        .route("/favicon.ico", get(|headers| asset::serve(Path("img/logo.svg".to_owned()), headers)))
        .fallback(page::missing)
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(axum::middleware::from_fn_with_state(site.clone(), gate::pass))
        .with_state(site.clone())
}
