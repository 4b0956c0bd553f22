//! The egress proxy: what a lane's browser context sends goes through here or nowhere.
//!
//! One loopback listener a lane, each with its own rules. Plain HTTP is decided by method, host and path;
//! a tunnel by host and port. Where never rules must see inside TLS it ends here (`seal`), and what comes out of
//! it is decided request by request, as is a tunnel that carries no TLS, as browsers open for `ws://`. A server
//! whose certificate is not to be trusted gets nothing, and the record has the browser's own word for it.
//! Names are resolved here, their addresses decided on, and only those connected to.
//!
//! Each connection of the browser has one connection upstream, as it would have without a proxy: what the
//! app's server does to it, keep-alive, closing, authentication bound to it, reaches the browser unchanged,
//! and nothing is shared between lanes.

mod ledger;
mod names;
mod relay;
mod seal;
mod serve;
mod tunnel;
mod upstream;

pub use ledger::{Blocked, Counts, Trouble};
pub use names::Names;
pub use relay::{DENIED_HEADER, TROUBLE_HEADER};
pub use seal::Seal;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::guard::GuardRules;
use ledger::Ledger;

/// Limits of one proxy.
#[derive(Debug, Clone)]
pub struct EgressOptions {
    /// Browser connections at once; more are closed at once.
    pub connections_max: usize,
    /// Head of a request or an answer.
    pub head_max_bytes: usize,
    /// Body of one request.
    pub request_max_bytes: usize,
    /// Body of one answer.
    pub response_max_bytes: usize,
    /// Blocked requests and troubles kept until they are drained; more are only counted.
    pub kept_max: usize,
    /// To reach a server.
    pub connect_timeout: Duration,
    /// From the end of a request to the head of its answer.
    pub response_timeout: Duration,
    /// For the next request on a connection.
    pub idle_timeout: Duration,
    /// What TLS is ended with where never rules must see inside it; without it the proxy sees hosts alone.
    pub seal: Option<Arc<Seal>>,
}

impl Default for EgressOptions {
    fn default() -> Self {
        Self {
            connections_max: 512,
            head_max_bytes: 256 << 10,
            request_max_bytes: 256 << 20,
            response_max_bytes: 1 << 30,
            kept_max: 1000,
            connect_timeout: Duration::from_secs(20),
            // As long as browsers wait: a page may poll for minutes.
            response_timeout: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(300),
            seal: None,
        }
    }
}

/// The proxy of one lane. Dropping it closes the listener and everything that goes through it.
#[derive(Debug)]
pub struct Egress {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

/// What the parts of one proxy share.
#[derive(Debug)]
struct Shared {
    rules: RwLock<Arc<GuardRules>>,
    names: Arc<Names>,
    options: EgressOptions,
    ledger: Ledger,
    stop: CancellationToken,
    /// What only this proxy puts into its answers.
    mark: String,
}

impl Shared {
    fn rules(&self) -> Arc<GuardRules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Egress {
    /// Listens on a free loopback port. Must be called within a runtime. `names` may be shared by all lanes.
    pub async fn start(rules: Arc<GuardRules>, names: Arc<Names>, options: EgressOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let ledger = Ledger::new(options.kept_max);
        let (rules, stop, mark) = (RwLock::new(rules), CancellationToken::new(), uuid::Uuid::now_v7().to_string());
        let shared = Arc::new(Shared { rules, names, options, ledger, stop, mark });
        tokio::spawn(listen(listener, shared.clone()));
        Ok(Self { addr, shared })
    }

    /// Takes the rules of the lane that goes out here from now on.
    pub fn adopt(&self, rules: Arc<GuardRules>) {
        *self.shared.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Where the browser finds the proxy.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The proxy settings of a user context, as `browser.createUserContext` takes them in `proxy`. Loopback
    /// is not excepted; see [`BROWSER_ARGUMENTS`] for what the browser itself needs.
    pub fn proxy_capability(&self) -> serde_json::Value {
        let addr = self.addr.to_string();
        serde_json::json!({"proxyType": "manual", "httpProxy": addr, "sslProxy": addr, "noProxy": ["<-loopback>"]})
    }

    /// What stands in the proxy's own answers behind the browser's word for a server that was not reached.
    pub fn mark(&self) -> &str {
        &self.shared.mark
    }

    /// Takes what was denied since the last call, oldest first.
    pub fn blocked(&self) -> Vec<Blocked> {
        self.shared.ledger.drain_blocked()
    }

    /// Takes the servers that could not be reached since the last call, oldest first.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.shared.ledger.drain_troubles()
    }

    /// The number of requests denied so far, to be waited on.
    pub fn blocked_count(&self) -> watch::Receiver<u64> {
        self.shared.ledger.blocked_count()
    }

    /// What went through so far.
    pub fn counts(&self) -> Counts {
        self.shared.ledger.counts()
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

/// What every browser whose lanes have proxies must be started with: requests outside a lane, such as the
/// browser's own, find a port where nobody listens; names are not resolved by the browser; and neither QUIC
/// nor WebRTC sends anything past a proxy.
pub const BROWSER_ARGUMENTS: [&str; 5] = [
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
];

/// Raises the number of descriptors this process may hold, as far as it may raise it itself: each connection of a
/// lane takes two, and the usual thousand is reached by a handful of lanes.
pub fn raise_descriptors() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    const WANTED: u64 = 65_536;
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let wanted = WANTED.min(hard);
        if soft < wanted { setrlimit(Resource::RLIMIT_NOFILE, wanted, hard) } else { Ok(()) }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(shared.options.connections_max));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let Ok(place) = places.clone().try_acquire_owned() else { continue };
                let shared = shared.clone();
                tokio::spawn(async move {
                    serve_browser(stream, shared).await;
                    drop(place);
                });
            }
            // Out of descriptors, as a rule: others must end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve_browser(stream: TcpStream, shared: Arc<Shared>) {
    let _slower_without = stream.set_nodelay(true);
    let stop = shared.stop.clone();
    let served = serve::serve(hyper_util::rt::TokioIo::new(stream), shared, serve::Entrance::Proxy);
    let _stopped = stop.run_until_cancelled(served).await;
}
