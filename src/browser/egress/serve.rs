//! One connection of the browser, from its first byte to its last.

use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::sync::{Mutex, Notify};

use super::Shared;
use super::relay;
use super::seal::Seal;
use super::upstream::{Stream, Upstream, handshake};
use crate::guard::Request;

/// How the browser's connection came here.
pub(super) enum Entrance {
    /// It speaks to a proxy.
    Proxy,
    /// It speaks, out of its TLS or without any, to the server it asked a tunnel to; the connection to that is open.
    Tunnel {
        /// The host and port it was opened for.
        target: Request,
        /// The open connection; none where the server's TLS failed, which each request is told.
        stream: Option<Box<Stream>>,
        /// What TLS was ended with, where it was.
        seal: Option<Arc<Seal>>,
    },
}

/// What the requests on one connection share.
pub(super) struct Visit {
    pub(super) shared: Arc<Shared>,
    /// The other end of a tunnel; none where the browser speaks to a proxy.
    pub(super) target: Option<Request>,
    /// What a connection upstream speaks TLS with.
    pub(super) seal: Option<Arc<Seal>>,
    pub(super) upstream: Mutex<Option<Upstream>>,
    /// Told when the connection upstream has ended.
    pub(super) closed: Arc<Notify>,
}

/// Serves a connection until either end closes it. When the server closes its end, the browser's follows
/// after the answer on its way, so that no later request is sent into the void.
pub(super) async fn serve<I>(io: I, shared: Arc<Shared>, entrance: Entrance)
where
    I: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let closed = Arc::new(Notify::new());
    let (target, upstream, seal) = match entrance {
        Entrance::Proxy => (None, None, None),
        Entrance::Tunnel { target, stream, seal } => {
            let upstream = match stream {
                None => None,
                Some(stream) => {
                    let Ok(upstream) = handshake(&shared, *stream, &target, closed.clone()).await else { return };
                    Some(upstream)
                }
            };
            (Some(target), upstream, seal)
        }
    };
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(shared.options.idle_timeout)
        .max_buf_size(shared.options.head_max_bytes)
        .preserve_header_case(true)
        .auto_date_header(false);
    let visit = Arc::new(Visit { shared, target, seal, upstream: Mutex::new(upstream), closed: closed.clone() });
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let visit = visit.clone();
        async move { relay::answer(&visit, request).await }
    });
    let mut connection = pin!(builder.serve_connection(io, service).with_upgrades());
    let mut closing = false;
    loop {
        tokio::select! {
            _ended = connection.as_mut() => return,
            () = closed.notified(), if !closing => {
                closing = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
