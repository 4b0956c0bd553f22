//! The watch: patrols, alerts and console over one ledger, begun in order and ended in reverse.

use super::audit::{self, Checkpointer};
use super::baselines;
use super::channel_health::FiledHealth;
use super::channels::{self, ChannelError};
use super::cleanup::Cleanup;
use super::inside::Within;
use super::journeys::{self, PostError};
use super::messenger::Messenger;
use super::people::{self, PeopleTrouble};
use super::retention::Retention;
use super::robot::{Robot, Unplanned};
use super::tickets::{self, TicketError};
use crate::alert::deliver::{Deliverer, DeliveryLimits, KnownChannels};
use crate::alert::{AlertPolicy, Plan};
use crate::audit::LogError;
use crate::baseline::{Lesson, ShelfError};
use crate::config::{Config, SignIn};
use crate::console::{self, Access, ConsoleOptions, Feed, QueueRules, Rostered};
use crate::fleet::{
    Backlog, CALL_OFF_WITHIN, Clerk, Desk, Dispatcher, Experience, FleetLimits, Leases, OpenError, Post, Walker, Wishes,
};
use crate::id::JourneyId;
use crate::incident::{Deeds, Policy};
use crate::maintenance::{Almanac, Recurring, WindowError};
use crate::moment::{Clock, Moment};
use crate::people::Pass;
use crate::store::{OpenError as StoreError, Store};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// The longest that ledger, console, alerts and browsers may take to end.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Why the watch could not begin.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Journeys.
    #[error(transparent)]
    Posts(#[from] PostError),
    /// An app or pool.
    #[error(transparent)]
    Unplanned(#[from] Unplanned),
    /// Who may use the console.
    #[error(transparent)]
    People(#[from] PeopleTrouble),
    /// Channels.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// Systems of tickets.
    #[error(transparent)]
    Tickets(#[from] TicketError),
    /// The ledger's file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What clean walks have taught.
    #[error("what walks teach cannot be kept: {0}; set `baseline.folder`")]
    Baseline(#[from] ShelfError),
    /// Maintenance windows.
    #[error(transparent)]
    Maintenance(#[from] WindowError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] LogError),
    /// The fleet.
    #[error(transparent)]
    Fleet(#[from] OpenError),
    /// The console's address.
    #[error("the console cannot listen on {address}: {why}; end what listens there, or set `console.listen`")]
    Console {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        why: io::Error,
    },
}

/// A watch that is ready to be kept.
pub struct Watch {
    dispatcher: Dispatcher,
    cleanup: Cleanup,
    /// Cancelled when stopping begins.
    stopping: CancellationToken,
    stop_within: Duration,
    warnings: Vec<String>,
    console: SocketAddr,
    place: String,
    welcome: Option<Pass>,
    journeys: usize,
    audit_key: Option<String>,
}

impl Watch {
    /// Loads journeys, opens ledger, channels and console. Nothing is walked yet. The robot stays its caller's.
    pub async fn begin(robot: &Arc<Robot>) -> Result<Self, WatchError> {
        let config = robot.config();
        let (posts, files) = journeys::posts(config)?;
        for post in &posts {
            robot.plannable(&post.journey)?;
        }
        let clock = robot.clock();
        let channels = channels::open(config, robot.secrets().as_ref(), &clock)?;
        // A baseline that is damaged costs its journey's walks their comparison, and no watch its beginning.
        let folder = config.resolve(&config.baseline.folder);
        let experience = baselines::experience(robot, &folder, Lesson::Clean, std::iter::empty()).await?;
        let address = config.console.listen;
        let listener = TcpListener::bind(address).await.map_err(|why| WatchError::Console { address, why })?;
        let address = listener.local_addr().unwrap_or(address);
        let (mut cleanup, stopping) = (Cleanup::default(), CancellationToken::new());
        let store = Arc::new(Store::open(&config.resolve(&config.store.file)).await?);
        let kept = store.clone();
        cleanup.push("ledger", async move {
            if let Some(store) = Arc::into_inner(kept) {
                store.close().await;
            }
        });
        let doors = people::doors(config, &store, robot.secrets())?;
        let welcome = match config.console.sign_in {
            SignIn::Off => None,
            SignIn::Required => people::first(&store, clock.as_ref()).await.map_err(PeopleTrouble::from)?,
        };
        let Audited { access, mut warnings, key: audit_key } = audited(&mut cleanup, robot, &store, &files).await?;
        let feed = Feed::default();
        let almanac = Arc::new(Almanac::open(config.maintenance.clone(), store.as_ref()).await?);
        let clerk = clerk(config, &store, &clock, (address, almanac.clone()), feed.clone());
        let deliverer = Deliverer {
            outbox: store.clone(),
            vault: robot.vault(),
            clock: clock.clone(),
            channels,
            voice: channels::voice(config),
            limits: DeliveryLimits { group_within: config.alerts.group_within.0, ..DeliveryLimits::default() },
            health: Arc::new(FiledHealth(clerk.clone())),
            known: KnownChannels::default(),
        };
        serve(&mut cleanup, &stopping, "alerts", |cancel| async move { deliverer.watch(cancel).await });
        let deeds: Arc<dyn Deeds> = Arc::new(Desk { clerk: clerk.clone(), archive: store.clone() });
        let calls =
            tickets::open(config, robot.secrets().as_ref(), &clock, &store, &deeds, (address, almanac.clone()))?;
        if !config.tickets.is_empty() {
            let keeper = calls.keeper.clone();
            serve(&mut cleanup, &stopping, "tickets", |cancel| async move { keeper.watch(cancel).await });
        }
        let within = Arc::new(Within::new(robot.clone(), clerk.backlog.clone(), &posts));
        let wishes = Wishes::new(store.clone(), clock.clone());
        let options = ConsoleOptions {
            wishes: wishes.clone(),
            calls: Some(Arc::new(calls)),
            audit: store.clone(),
            book: store.clone(),
            archive: store.clone(),
            records: store.clone(),
            outbox: store.clone(),
            chronicle: store.clone(),
            notices: store.clone(),
            inside: within.clone(),
            vault: robot.vault(),
            access,
            clock: clock.clone(),
            feed,
            roster: roster(&posts, clock.now()),
            zone: config.alerts.timezone.0.clone(),
            listener,
            config: config_file(config),
            public_url: config.console.public_url.as_ref().map(|url| url.0.clone()),
            connections_per_peer: config.console.connections_per_peer as usize,
            doors,
            deeds,
            queue: QueueRules {
                verify: config.queue.verify(),
                deadlines: channels::deadlines(config),
                owners: config.owners.keys().map(ToString::to_string).collect(),
                tags: config.tags.rules.clone(),
            },
            almanac,
            windows: store.clone(),
        };
        serve(&mut cleanup, &stopping, "console", |cancel| async move {
            if let Err(error) = console::serve(options, cancel).await {
                tracing::error!(%error, "the console stopped");
            }
        });
        let retention = Retention {
            store: store.clone(),
            vault: robot.disk_vault(),
            clock: clock.clone(),
            retain: config.retain.clone(),
        };
        serve(&mut cleanup, &stopping, "retention", |cancel| retention.watch(cancel));
        let walker = walker(robot, experience);
        let count = posts.len();
        let named: Vec<_> = posts.iter().map(|post| (post.journey.id.clone(), post.journey.owner.clone())).collect();
        let opened = Dispatcher::open(posts, walker, clerk, limits(config), holder()).await;
        let dispatcher = match opened {
            Ok(dispatcher) => dispatcher.granting(wishes),
            Err(error) => {
                stopping.cancel();
                cleanup.finish(Instant::now() + CLOSE_WITHIN).await;
                return Err(error.into());
            }
        };
        within.hang(dispatcher.board());
        let stop_within = config.limits.drain_within.0;
        let place = place(config, address);
        warnings.extend(channels::silence(config, &named));
        warnings.extend(unplanned(config, &named));
        Ok(Self {
            dispatcher,
            cleanup,
            stopping,
            stop_within,
            warnings,
            console: address,
            place,
            welcome,
            journeys: count,
            audit_key,
        })
    }

    /// Where the console listens.
    pub fn console(&self) -> SocketAddr {
        self.console
    }

    /// Where people reach the console.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The one-time code that makes the console's first administrator, to be shown to whoever started it and to nobody
    /// else. None once there is anybody.
    pub fn welcome(&self) -> Option<&Pass> {
        self.welcome.as_ref()
    }

    /// How many journeys are on the watch.
    pub fn journeys(&self) -> usize {
        self.journeys
    }

    /// The public key that the audit log's checkpoints are verified by.
    pub fn audit_key(&self) -> Option<&str> {
        self.audit_key.as_deref()
    }

    /// What will be told to nobody, or not to whom it was meant for.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Keeps watch until `cancel`; then walks end, and everything that was begun, last first. Gives the moment by which
    /// the rest must have ended, too: all of it together takes no longer than `limits.drain_within`.
    pub async fn keep(self, cancel: CancellationToken) -> Instant {
        let (stopping, stop_within) = (self.stopping, self.stop_within);
        let began = async {
            cancel.cancelled().await;
            stopping.cancel();
            Instant::now() + stop_within
        };
        let ((), deadline) = tokio::join!(self.dispatcher.watch(cancel.clone()), began);
        // The browsers are killed last, by their owner.
        let rest = closing(stop_within) / 2;
        self.cleanup.finish(deadline.checked_sub(rest).unwrap_or(deadline)).await;
        deadline
    }
}

/// The audit log at work.
struct Audited {
    access: Access,
    warnings: Vec<String>,
    key: Option<String>,
}

/// Writes down what the robot is told to do before it does any of it, and begins to sign how far the log has come. Both
/// services end in their turn and not when stopping begins: what else ends is written down, too.
async fn audited(
    cleanup: &mut Cleanup,
    robot: &Robot,
    store: &Arc<Store>,
    files: &BTreeMap<String, String>,
) -> Result<Audited, LogError> {
    let (config, clock, in_turn) = (robot.config(), robot.clock(), CancellationToken::new());
    audit::began(&**store, config, files, clock.now()).await?;
    let (checkpointer, warnings) = Checkpointer::open(config, &robot.secrets(), store.clone(), clock.clone()).await;
    let key = checkpointer.as_ref().map(|checkpointer| checkpointer.public().to_string());
    if let Some(checkpointer) = checkpointer {
        serve(cleanup, &in_turn, "checkpoints", |cancel| checkpointer.watch(cancel));
    }
    let (access, writer) = Access::open(store.clone(), clock);
    serve(cleanup, &in_turn, "accesses", |cancel| writer.watch(cancel));
    Ok(Audited { access, warnings, key })
}

/// Begins a service of its own and notes how to end it.
fn serve<F: Future<Output = ()> + Send + 'static>(
    cleanup: &mut Cleanup,
    stopping: &CancellationToken,
    name: &'static str,
    begin: impl FnOnce(CancellationToken) -> F,
) {
    let cancel = stopping.child_token();
    // Ended by force when it does not end in time, so that it holds on to nothing.
    let service = AbortOnDropHandle::new(tokio::spawn(begin(cancel.clone())));
    cleanup.push(name, async move {
        cancel.cancel();
        let _ = service.await;
    });
}

fn clerk(
    config: &Config,
    store: &Arc<Store>,
    clock: &Arc<dyn Clock>,
    (console, maintenance): (SocketAddr, Arc<Almanac>),
    feed: Feed,
) -> Clerk {
    let plan = Plan {
        routes: channels::routes(config),
        policy: AlertPolicy { remind_every: config.alerts.remind_every.0 },
        place: channels::place(config, console),
        tags: config.tags.rules.clone(),
        holding: channels::holding(config),
        maintenance,
    };
    Clerk {
        ledger: store.clone(),
        herald: Arc::new(Messenger { plan, feed }),
        clock: clock.clone(),
        policy: Policy { verify: config.queue.verify(), ..Policy::default() },
        backlog: Backlog::default(),
    }
}

/// Where people reach the console, without the last slash.
fn place(config: &Config, listens: SocketAddr) -> String {
    let public = config.console.public_url.as_ref().map(|url| url.0.as_str().trim_end_matches('/').to_owned());
    public.unwrap_or_else(|| format!("http://{listens}"))
}

/// The config file, for commands that people type anywhere on this machine.
pub(super) fn config_file(config: &Config) -> Option<String> {
    let file = config.file.as_ref()?;
    Some(std::path::absolute(file).unwrap_or_else(|_| file.clone()).display().to_string())
}

/// Windows of the configuration that name what nobody patrols: whoever misspelt one would be called all the same.
fn unplanned(config: &Config, named: &[(JourneyId, Option<String>)]) -> Vec<String> {
    let stranger = |journey: &&JourneyId| !named.iter().any(|(other, _)| other == *journey);
    let strangers = |window: &Recurring| {
        let strangers = window.covers.journeys.iter().filter(stranger);
        let said =
            |journey: &JourneyId| format!("maintenance `{}` is of `{journey}`, which is not patrolled", window.name);
        strangers.map(said).collect::<Vec<_>>()
    };
    config.maintenance.iter().flat_map(strangers).collect()
}

/// What the console expects to see.
fn roster(posts: &[Post], now: Moment) -> Vec<Rostered> {
    let rostered = |post: &Post| Rostered {
        journey: post.journey.id.clone(),
        title: post.journey.title.clone(),
        app: post.journey.app.clone(),
        owner: post.journey.owner.clone(),
        schedule: Some(post.schedule.clone()),
        since: now,
    };
    posts.iter().map(rostered).collect()
}

fn walker(robot: &Arc<Robot>, experience: Experience) -> Walker {
    Walker {
        walks: robot.clone(),
        customers: robot.clone(),
        leases: Leases::beside(Arc::new(robot.customer_locks())),
        account_within: robot.config().limits.account_within.0,
        clock: robot.clock(),
        confirms: true,
        call_off_within: CALL_OFF_WITHIN,
        experience: Some(experience),
        control: robot.control(),
    }
}

fn limits(config: &Config) -> FleetLimits {
    FleetLimits {
        walks_at_once: config.limits.walks_at_once,
        walks_waiting: config.limits.walks_waiting,
        catch_up_within: config.limits.catch_up_within.0,
        drain_within: config.limits.drain_within.0 - closing(config.limits.drain_within.0),
        deadlines: channels::deadlines(config),
    }
}

/// Of the time to stop in, what is kept for ledger, console, alerts and browsers to end.
fn closing(stop_within: Duration) -> Duration {
    CLOSE_WITHIN.min(stop_within / 4)
}

/// This process's name in the ledger.
fn holder() -> String {
    format!("walker-{}", std::process::id())
}
