//! The console as a service: what it is made of, its routes, and its connections with their limits.

use super::access::Access;
use super::callback::Strangers;
use super::contrast::Contrasts;
use super::cookies::Wire;
use super::doors::{DoorOptions, Doors, Peer, address};
use super::feed::Feed;
use super::gate::FORM_BYTES_MAX;
use super::inside::Inside;
use super::listeners::Listeners;
use super::peers::Peers;
use super::render::Pages;
use super::shelf::{Shelf, Sources};
use super::{deeds, refusal, routes, shield};
use crate::alert::{Chronicle, NoticeBook, Outbox, Place};
use crate::audit::Log;
use crate::config::CONNECTIONS_MAX;
use crate::evidence::Vault;
use crate::fleet::Wishes;
use crate::incident::{Archive, Deadlines, Deeds, VerifyPolicy};
use crate::maintenance::{Almanac, WindowLedger};
use crate::measure::{Records, RosterLine};
use crate::moment::{Clock, Moment};
use crate::patrol::Schedule;
use crate::people::Pace;
use crate::ticket::{TicketBook, TicketCalls};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;

/// How long an answer may take to begin.
const ANSWER_SECONDS_MAX: u64 = 15;
/// How long a request's head may take to arrive.
const HEAD_SECONDS_MAX: u64 = 10;
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long open answers may go on once the console is to stop.
const DRAIN_SECONDS_MAX: u64 = 5;

/// What the console is made of.
pub struct ConsoleOptions {
    /// What is shown.
    pub archive: Arc<dyn Archive>,
    /// What reports are made of.
    pub records: Arc<dyn Records>,
    /// What people have not been told yet.
    pub outbox: Arc<dyn Outbox>,
    /// Every move, for systems that follow along.
    pub chronicle: Arc<dyn Chronicle>,
    /// What was done, by whom.
    pub audit: Arc<dyn Log>,
    /// The tickets of incidents in other systems.
    pub book: Arc<dyn TicketBook>,
    /// Who takes what those systems say, where some call.
    pub calls: Option<Arc<dyn TicketCalls>>,
    /// All that people were told, or should have been.
    pub notices: Arc<dyn NoticeBook>,
    /// What the running robot knows and the ledger does not.
    pub inside: Arc<dyn Inside>,
    /// Where pictures, pages and HARs are.
    pub vault: Arc<dyn Vault>,
    /// Takes down who looks at what.
    pub access: Access,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Says that something changed.
    pub feed: Feed,
    /// The journeys that are patrolled, so that one that was never walked is seen too.
    pub roster: Vec<Rostered>,
    /// The zone times are shown in.
    pub zone: jiff::tz::TimeZone,
    /// Where it listens.
    pub listener: TcpListener,
    /// The config file, for the commands it shows.
    pub config: Option<String>,
    /// Where people reach it, when not where it listens; its host is answered to.
    pub public_url: Option<Url>,
    /// Connections that one address may hold, of the `CONNECTIONS_MAX` that there are.
    pub connections_per_peer: usize,
    /// Who may come in, and how.
    pub doors: DoorOptions,
    /// Where people's deeds are done.
    pub deeds: Arc<dyn Deeds>,
    /// Where walks are asked for.
    pub wishes: Wishes,
    /// What holds in the queue.
    pub queue: QueueRules,
    /// When work is planned.
    pub almanac: Arc<Almanac>,
    /// Where maintenance windows are kept.
    pub windows: Arc<dyn WindowLedger>,
}

/// What holds in the queue.
#[derive(Debug, Clone, Default)]
pub struct QueueRules {
    /// What closes an incident.
    pub verify: VerifyPolicy,
    /// By when people are to do what they are to do.
    pub deadlines: Deadlines,
    /// Who may be named to see to one, of the owner map.
    pub owners: Vec<String>,
    /// What incidents are filed under.
    pub tags: crate::tags::Rules,
}

/// A journey that is patrolled.
#[derive(Debug, Clone)]
pub struct Rostered {
    /// The journey.
    pub journey: crate::id::JourneyId,
    /// What people call it.
    pub title: String,
    /// The app.
    pub app: String,
    /// Who answers for it, where it says so.
    pub owner: Option<String>,
    /// When it falls due, where that is known.
    pub schedule: Option<Schedule>,
    /// Since when it is patrolled: nothing was to be expected before.
    pub since: Moment,
}

impl Rostered {
    /// As reports know it.
    pub(super) fn measured(&self) -> RosterLine {
        let (journey, title) = (self.journey.clone(), self.title.clone());
        RosterLine { journey, title, app: self.app.clone(), owner: self.owner.clone() }
    }

    /// Whether two due times have passed since `last`, the end of its last walk, without another.
    pub(super) fn overdue(&self, last: Option<Moment>, now: Moment) -> bool {
        let Some(schedule) = &self.schedule else { return false };
        let first = schedule.next(&self.journey, last.unwrap_or(self.since));
        first.and_then(|first| schedule.next(&self.journey, first)).is_some_and(|second| second <= now)
    }
}

/// What every route sees.
pub(super) struct Console {
    pub archive: Arc<dyn Archive>,
    pub records: Arc<dyn Records>,
    pub outbox: Arc<dyn Outbox>,
    pub chronicle: Arc<dyn Chronicle>,
    pub audit: Arc<dyn Log>,
    pub book: Arc<dyn TicketBook>,
    pub calls: Option<Arc<dyn TicketCalls>>,
    pub strangers: Strangers,
    /// Where other systems find what the feed tells of.
    pub place: Place,
    pub notices: Arc<dyn NoticeBook>,
    pub inside: Arc<dyn Inside>,
    pub vault: Arc<dyn Vault>,
    pub access: Access,
    pub clock: Arc<dyn Clock>,
    pub feed: Feed,
    pub roster: Vec<Rostered>,
    pub zone: jiff::tz::TimeZone,
    pub pages: Pages,
    pub contrasts: Contrasts,
    pub shelf: Shelf,
    pub listeners: Listeners,
    pub cancel: CancellationToken,
    pub config: Option<String>,
    pub deeds: Arc<dyn Deeds>,
    pub wishes: Wishes,
    /// How many deeds each person did lately.
    pace: Mutex<Pace>,
    pub queue: QueueRules,
    pub almanac: Arc<Almanac>,
    pub windows: Arc<dyn WindowLedger>,
    pub doors: Doors,
    /// The host name it answers to besides loopback, without port.
    host: Option<String>,
    /// Where its pages are seen to come from, besides loopback.
    public_origin: Option<String>,
}

impl Console {
    /// What reports are made of.
    pub fn sources(&self) -> Sources {
        Sources { records: self.records.clone(), rules: self.queue.tags.clone(), clock: self.clock.clone() }
    }

    /// Whether a request for `host` is answered.
    pub fn answers_to(&self, host: &str) -> bool {
        shield::is_loopback(host) || self.host.as_deref() == Some(host)
    }

    /// Where its pages are seen to come from, besides loopback: `https://gengfu.bank.example`.
    pub fn public_origin(&self) -> Option<&str> {
        self.public_origin.as_deref()
    }

    /// How many deeds each person did lately.
    pub fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address that a request's tries are counted by.
    pub fn address(&self, peer: Option<Peer>, headers: &HeaderMap) -> String {
        address(peer, self.host.is_some(), headers)
    }
}

/// Serves the console until `cancel`; open answers then have a few seconds to end.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(options: ConsoleOptions, cancel: CancellationToken) -> io::Result<()> {
    let wire = match &options.public_url {
        Some(url) if url.scheme() == "https" => Wire::Https,
        _ => Wire::Plain,
    };
    let public = options.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    let peers = Peers::new(options.connections_per_peer, options.public_url.is_some());
    let here = || options.listener.local_addr().ok().map(|address| format!("http://{address}"));
    let console = Arc::new(Console {
        chronicle: options.chronicle,
        audit: options.audit,
        book: options.book,
        calls: options.calls,
        strangers: Strangers::default(),
        place: Place { console: public.or_else(here), config: options.config.clone() },
        deeds: options.deeds,
        wishes: options.wishes,
        pace: Mutex::new(Pace::new(deeds::ALLOWED)),
        queue: options.queue,
        almanac: options.almanac,
        windows: options.windows,
        doors: Doors::new(options.doors, wire),
        public_origin: options.public_url.as_ref().map(|url| url.origin().ascii_serialization()),
        archive: options.archive,
        records: options.records,
        outbox: options.outbox,
        notices: options.notices,
        inside: options.inside,
        vault: options.vault,
        access: options.access,
        clock: options.clock,
        feed: options.feed,
        roster: options.roster,
        zone: options.zone,
        pages: Pages::new(),
        contrasts: Contrasts::default(),
        shelf: Shelf::default(),
        listeners: Listeners::default(),
        cancel: cancel.clone(),
        config: options.config,
        host: options.public_url.and_then(|url| url.host_str().map(str::to_ascii_lowercase)),
    });
    accept(&options.listener, &console, &peers, &cancel).await
}

fn router(console: Arc<Console>) -> Router {
    routes::router(&console)
        .layer(RequestBodyLimitLayer::new(FORM_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(ANSWER_SECONDS_MAX)))
        .layer(CatchPanicLayer::custom(refusal::defect))
        .layer(from_fn_with_state(console.clone(), shield::host))
        .layer(from_fn_with_state(console.clone(), shield::headers))
        .with_state(console)
}

async fn accept(
    listener: &TcpListener,
    console: &Arc<Console>,
    peers: &Peers,
    cancel: &CancellationToken,
) -> io::Result<()> {
    let router = router(console.clone());
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                // Who holds enough is hung up on without a word: what they would be told they need not read.
                let Some(seat) = peers.enter(from.ip()) else {
                    if let Some(turned_away) = peers.to_tell(console.clock.now()) {
                        tracing::warn!(turned_away, newest = %from.ip(), "connections of one address were closed: it holds as many as it may (`console.connections_per_peer`)");
                    }
                    continue;
                };
                let answered = answer(stream, Peer(from.ip()), router.clone(), cancel.clone());
                open.spawn(async move {
                    answered.await;
                    drop((place, seat));
                });
            }
            // A connection that died in the queue, or no file handle for now: neither ends the service.
            Err(error) => {
                tracing::warn!(%error, "a console connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    let drained = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS_MAX), drained).await.is_err() {
        open.abort_all();
    }
    Ok(())
}

async fn answer(stream: TcpStream, peer: Peer, router: Router, cancel: CancellationToken) {
    let routes = TowerToHyperService::new(router);
    let known = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        routes.call(request)
    });
    let mut connection = std::pin::pin!(
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), known)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a console connection ended early");
    }
}
