//! Tunnels: bytes both ways, once it is known what they are.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http_body_util::{Either, Full};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use super::Shared;
use super::relay::{Body, unreached_answer, untrusting_answer};
use super::serve::{Entrance, Visit, serve};
use super::upstream::{Stream, connect};
use crate::guard::Request;

/// The first byte of every TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;
/// How long an open tunnel may stay silent before its first byte. Browsers open some ahead of need.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(300);

/// Connects to the host of an allowed tunnel, then says so; what follows goes on in the background.
pub(super) async fn open(visit: &Visit, seen: &Request, request: hyper::Request<Incoming>) -> Response<Body> {
    // Fail closed: most tunnels carry TLS, and before the first byte nobody knows which do not.
    if visit.shared.rules().must_see_inside_tls() && visit.shared.options.seal.is_none() {
        return untrusting_answer(visit, seen);
    }
    let stream = match connect(&visit.shared, seen).await {
        Ok(stream) => stream,
        Err(unreached) => return unreached_answer(visit, seen, unreached),
    };
    visit.shared.ledger.note_tunnel();
    let (shared, target) = (visit.shared.clone(), seen.clone());
    tokio::spawn(async move {
        let stop = shared.stop.clone();
        let _stopped = stop.run_until_cancelled(carry(request, stream, shared, target)).await;
    });
    Response::new(Either::Left(Full::default()))
}

/// TLS is passed through unseen, or ends here. Anything else must be HTTP, and is served as such; boxed, because what is
/// served there could ask for a tunnel again, and is refused only then.
fn carry(
    request: hyper::Request<Incoming>,
    upstream: TcpStream,
    shared: Arc<Shared>,
    target: Request,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let Ok(browser) = hyper::upgrade::on(request).await else { return };
        carry_upgraded(browser, upstream, shared, target).await;
    })
}

async fn carry_upgraded(browser: Upgraded, mut upstream: TcpStream, shared: Arc<Shared>, target: Request) {
    let Ok(parts) = browser.downcast::<TokioIo<TcpStream>>() else { return };
    let (mut browser, early): (TcpStream, Bytes) = (parts.io.into_inner(), parts.read_buf);
    let mut first = [0; 1];
    match early.first() {
        Some(byte) => first[0] = *byte,
        None => match tokio::time::timeout(FIRST_BYTE_TIMEOUT, browser.peek(&mut first)).await {
            Ok(Ok(1)) => {}
            _ => return,
        },
    }
    if first[0] != TLS_HANDSHAKE {
        let entrance = Entrance::Tunnel { target, stream: Some(Box::new(Stream::Left(upstream))), seal: None };
        return serve(TokioIo::new(from_its_first_byte(early, browser)), shared, entrance).await;
    }
    if let Some(seal) = shared.options.seal.clone().filter(|_| shared.rules().must_see_inside_tls()) {
        // Where the server's TLS fails, each request is told so: nothing goes out that was not read.
        let stream = seal.to_server(upstream, &target.host).await.ok().map(Box::new);
        let browser = seal.to_browser(from_its_first_byte(early, browser), &target.host).await;
        let Ok(browser) = browser else { return };
        let entrance = Entrance::Tunnel { target, stream, seal: Some(seal) };
        return serve(TokioIo::new(browser), shared, entrance).await;
    }
    if upstream.write_all(&early).await.is_ok() {
        let _either_end_closed = copy_bidirectional(&mut browser, &mut upstream).await;
    }
}

/// The browser's connection with what was read of it already.
fn from_its_first_byte(early: Bytes, browser: TcpStream) -> impl AsyncRead + AsyncWrite + Send + Unpin + 'static {
    let (reader, writer) = browser.into_split();
    tokio::io::join(Cursor::new(early).chain(reader), writer)
}

/// Joins two upgraded connections in the background until either ends.
pub(super) fn join(visit: &Visit, browser: OnUpgrade, upstream: OnUpgrade) {
    let stop = visit.shared.stop.clone();
    tokio::spawn(async move {
        let joined = async {
            let (browser, upstream) = tokio::try_join!(browser, upstream)?;
            let copied = copy_bidirectional(&mut TokioIo::new(browser), &mut TokioIo::new(upstream)).await;
            Ok::<_, hyper::Error>(copied)
        };
        let _either_end_closed = stop.run_until_cancelled(joined).await;
    });
}
