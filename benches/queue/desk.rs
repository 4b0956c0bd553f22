//! A desk: walks come in, are folded and filed, and their owners are told. All of it is real but the walks.

use super::between::Between;
use super::invented;
use super::point::{Death, Mortal};
use gengfu::alert::deliver::{Deliverer, DeliveryLimits, KnownChannels};
use gengfu::alert::{
    Channel, ChannelHealth, Language, LeasedNotice, NoticeState, Outbox as _, Plan, Reach, Route, Routes, Voice,
};
use gengfu::channel::{Webhook, WebhookReceiver};
use gengfu::detector::Judged;
use gengfu::fleet::{Backlog, Clerk, Finished, Herald};
use gengfu::id::{IncidentId, NoticeId};
use gengfu::incident::{Change, LedgerError, Policy, QueuedNotice, What};
use gengfu::moment::{Clock, Moment, SystemClock};
use gengfu::secret::Secret;
use gengfu::store::Store;
use gengfu::vault::DiskVault;
use gengfu::walk::v1::WalkV1;
use gengfu::walk::{Purpose, WalkRecord};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The most walks of one journey until its incident is open.
const WALKS_MAX: usize = 8;

pub struct Desk {
    pub store: Arc<Store>,
    pub clerk: Clerk,
    pub deliverer: Deliverer,
    clock: Arc<dyn Clock>,
    owners: usize,
}

/// Whom to tell, by the owner map; what a walk's record says is its own length.
struct Owners(Plan);

impl Herald for Owners {
    fn record(&self, record: &WalkRecord, judged: &Judged) -> String {
        WalkV1::from((record, judged)).to_json()
    }
    fn notices(&self, changes: &mut [Change], now: Moment) -> Vec<QueuedNotice> {
        self.0.tell(changes, now, &mut NoticeId::fresh)
    }
}

struct Silent;

#[async_trait::async_trait]
impl ChannelHealth for Silent {
    async fn given_up(&self, _notice: &LeasedNotice, _said: &str) {}
    async fn accepted(&self, _channel: &str) {}
}

/// The name of the owner of this journey.
pub fn owner(number: usize, owners: usize) -> String {
    format!("team-{}", number % owners.max(1))
}

impl Desk {
    /// Opens the ledger in `folder`; `owners` teams hear of it at `receiver`, each by a channel of its own.
    pub async fn open(folder: &Path, receiver: &Url, owners: usize, limits: DeliveryLimits, death: Death) -> Self {
        let death = Arc::new(death);
        let store = Arc::new(Store::open(&folder.join("gengfu.db")).await.unwrap());
        let mortal = Arc::new(Mortal { inner: store.clone(), death: death.clone() });
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let names: Vec<String> = (0..owners).map(|number| owner(number, owners)).collect();
        let reach = |name: &String| Reach::from(vec![Route { channel: name.clone(), to: None }]);
        let routes = Routes {
            owners: names.iter().map(|name| (name.clone(), reach(name))).collect(),
            fallback: reach(&names[0]),
            ..Routes::default()
        };
        let channels = names.iter().map(|name| {
            let inner: Arc<dyn Channel> = Arc::new(webhook(name, receiver, clock.clone()));
            (name.clone(), Arc::new(Mortal { inner, death: death.clone() }) as Arc<dyn Channel>)
        });
        let channels: BTreeMap<String, Arc<dyn Channel>> = channels.collect();
        let clerk = Clerk {
            ledger: mortal,
            herald: Arc::new(Owners(Plan { routes, ..Plan::default() })),
            clock: clock.clone(),
            policy: Policy::default(),
            backlog: Backlog::default(),
        };
        let deliverer = Deliverer {
            outbox: Arc::new(Between { store: store.clone(), way: death }),
            vault: Arc::new(DiskVault::open(folder.join("evidence")).unwrap()),
            clock: clock.clone(),
            channels,
            voice: Voice { language: Language::Zh, zone: jiff::tz::TimeZone::UTC },
            limits,
            health: Arc::new(Silent),
            known: KnownChannels::default(),
        };
        Self { store, clerk, deliverer, clock, owners }
    }

    /// Files walks of the journey, each a moment after the one before, until its incident is open.
    pub async fn open_incident(&self, number: usize) -> Result<IncidentId, LedgerError> {
        let journey = invented::journey(number);
        let mut first = None;
        for _ in 0..WALKS_MAX {
            let purpose = first.map_or(Purpose::Manual, |of| Purpose::Confirm { of });
            let walked = self.walked(invented::failing(&journey, purpose, self.clock.now()), number);
            first.get_or_insert(walked.record.walk);
            let changes = self.clerk.file(&walked, None).await?;
            let opened = changes.iter().find(|change| matches!(change.what, What::Opened | What::Sighted));
            if let Some(open) = opened.filter(|change| change.after.opened.is_some()) {
                return Ok(open.after.id);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err(LedgerError::Failed(format!("{WALKS_MAX} walks opened nothing")))
    }

    fn walked(&self, mut finished: Finished, number: usize) -> Finished {
        finished.record.owner = Some(owner(number, self.owners));
        finished
    }

    /// How many notices still wait.
    pub async fn waiting(&self) -> u64 {
        self.store.tally().await.unwrap().get(&NoticeState::Waiting).copied().unwrap_or(0)
    }
}

fn webhook(name: &str, receiver: &Url, clock: Arc<dyn Clock>) -> Webhook {
    let key = Secret::new("bench:key", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    Webhook::new(name, &WebhookReceiver { url: receiver.join(name).unwrap(), keys: vec![key] }, clock).unwrap()
}
