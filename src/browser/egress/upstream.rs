//! The connection to the app's server.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use http_body_util::Limited;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use super::Shared;
use crate::guard::{Decision, Reason, Request};

/// How long one address is waited for before the next is tried beside it.
const STAGGER: Duration = Duration::from_millis(250);

/// Why a server was not reached.
#[derive(Debug)]
pub(super) enum Unreached {
    /// The guard denies where its name leads.
    Denied(Reason),
    /// Its name leads nowhere.
    NoName(io::Error),
    /// It does not take the connection.
    Trouble(io::Error),
}

/// A connection to a server, without TLS or in it.
pub(super) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

/// An open HTTP connection to one host and port.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) host: url::Host<String>,
    pub(super) port: u16,
    pub(super) sender: SendRequest<Limited<Incoming>>,
}

/// Opens a TCP connection to the request's host, to an address the guard allows.
pub(super) async fn connect(shared: &Shared, request: &Request) -> Result<TcpStream, Unreached> {
    let limit = shared.options.connect_timeout;
    let addresses = shared.names.addresses(&request.host, limit).await.map_err(Unreached::NoName)?;
    // One bad address spoils the name: which one is used must not depend on chance.
    let rules = shared.rules();
    for address in &addresses {
        if let Decision::Deny(reason) = rules.decide_address(request, *address) {
            return Err(Unreached::Denied(reason));
        }
    }
    let late = || Unreached::Trouble(io::Error::new(io::ErrorKind::TimedOut, "connection timed out"));
    let connected = tokio::time::timeout(limit, connect_any(&addresses, request.port)).await.map_err(|_| late())?;
    let stream = connected.map_err(Unreached::Trouble)?;
    stream.set_nodelay(true).map_err(Unreached::Trouble)?;
    Ok(stream)
}

/// The first address to answer; a silent one does not hold up the others.
async fn connect_any(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut left = addresses.iter().map(|address| SocketAddr::new(*address, port));
    let mut pending = FuturesUnordered::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut more = true;
    loop {
        if more {
            match left.next() {
                Some(address) => pending.push(TcpStream::connect(address)),
                None if pending.is_empty() => return Err(last),
                None => {}
            }
        }
        let patience = if left.len() == 0 { Duration::MAX } else { STAGGER };
        more = match tokio::time::timeout(patience, pending.next()).await {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(trouble))) => {
                last = trouble;
                true
            }
            Ok(None) | Err(_) => true,
        };
    }
}

/// Speaks HTTP on a connection. `closed` is told when it ends, so that the browser's end follows.
pub(super) async fn handshake(
    shared: &Shared,
    stream: Stream,
    request: &Request,
    closed: Arc<Notify>,
) -> Result<Upstream, hyper::Error> {
    let mut builder = http1::Builder::new();
    // What browsers forgive a server is no fault of its.
    builder
        .preserve_header_case(true)
        .max_buf_size(shared.options.head_max_bytes)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    let stop = shared.stop.clone();
    tokio::spawn(async move {
        let _ended = stop.run_until_cancelled(connection.with_upgrades()).await;
        closed.notify_one();
    });
    Ok(Upstream { host: request.host.clone(), port: request.port, sender })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_declared_name_must_not_lead_inside() {
        let check = async |address: &str, denied: bool| {
            let names = super::super::Names::default();
            names.pretend("bank.example.com", &[address.parse().unwrap()]);
            let shared = Shared {
                rules: std::sync::RwLock::default(),
                names: Arc::new(names),
                options: super::super::EgressOptions {
                    connect_timeout: Duration::from_millis(1),
                    ..Default::default()
                },
                ledger: super::super::ledger::Ledger::new(1),
                stop: tokio_util::sync::CancellationToken::new(),
                mark: String::new(),
            };
            let found = connect(&shared, &Request::tunnel("bank.example.com", 443).unwrap()).await;
            assert_eq!(matches!(found, Err(Unreached::Denied(_))), denied, "{address}: {found:?}");
        };
        check("127.0.0.1", true).await;
        check("169.254.169.254", true).await;
        check("10.0.0.1", true).await;
        check("192.0.2.1", false).await;
    }

    #[tokio::test]
    async fn a_silent_or_closed_address_does_not_hide_the_next() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let check = async |addresses: &[&str]| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            tokio::time::timeout(Duration::from_secs(5), connect_any(&addresses, port)).await.unwrap()
        };
        check(&["127.0.0.1"]).await.unwrap();
        check(&["127.0.0.2", "127.0.0.1"]).await.unwrap();
        check(&["192.0.2.1", "127.0.0.1"]).await.unwrap();
        assert_eq!(check(&["127.0.0.2", "127.0.0.3"]).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
}
