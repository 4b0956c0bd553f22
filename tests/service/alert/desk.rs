//! A ledger, a clock that is moved by hand, and receivers that answer as they are told to.

use super::voice;
use crate::store::{at, change, filing, incident, opening, walk_row};
use gengfu::alert::deliver::{Deliverer, DeliveryLimits, KnownChannels, Round};
use gengfu::alert::{
    Channel, ChannelHealth, Digest, Language, LeasedNotice, Notice, NoticeState, Outbox, Place, Plan, Reach, Receipt,
    Route, Routes, SendError, SendFailure, SendRate,
};
use gengfu::evidence::{EvidenceKind, Vault};
use gengfu::finding::Severity;
use gengfu::id::NoticeId;
use gengfu::incident::{Filing, Incident, Ledger, State, What};
use gengfu::moment::{Clock, HandClock, Moment};
use gengfu::store::Store;
use gengfu::vault::DiskVault;
use gengfu::walk::{Purpose, Verdict};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const LATER: Answer = Answer::Refuse(SendFailure::Temporary { after: None });

pub fn route(channel: &str, to: Option<&str>) -> Route {
    Route { channel: channel.into(), to: to.map(str::to_owned) }
}

/// Remembers what it was given, and when, and answers as it was told to, the last answer for ever.
#[derive(Default)]
pub struct Fake {
    pub sent: Mutex<Vec<Notice>>,
    pub when: Mutex<Vec<Moment>>,
    pub answers: Mutex<Vec<Answer>>,
    pub rates: Vec<SendRate>,
    pub apart: bool,
    pub clock: Option<Arc<HandClock>>,
}

#[derive(Clone)]
pub enum Answer {
    Accept,
    Refuse(SendFailure),
    Panic,
    Hang,
}

impl Fake {
    pub fn answers(&self, answers: &[Answer]) {
        *self.answers.lock().unwrap() = answers.to_vec();
    }

    /// The names of what it was given.
    pub fn names(&self) -> Vec<NoticeId> {
        self.sent.lock().unwrap().iter().map(|notice| notice.id).collect()
    }

    /// The digests among what it was given.
    pub fn digests(&self) -> Vec<Digest> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter_map(|notice| serde_json::from_str(&notice.bulletin).ok()).collect()
    }

    pub fn last(&self) -> Notice {
        self.sent.lock().unwrap().last().cloned().unwrap()
    }
}

#[async_trait::async_trait]
impl Channel for Fake {
    fn name(&self) -> &str {
        "mail"
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        self.sent.lock().unwrap().push(notice.clone());
        self.when.lock().unwrap().extend(self.clock.as_ref().map(|clock| clock.now()));
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or(Answer::Accept) }
        };
        match answer {
            Answer::Accept => Ok(Receipt("250 ok".into())),
            Answer::Refuse(failure) => Err(SendError { failure, said: "451 later".into() }),
            Answer::Panic => panic!("a defect"),
            Answer::Hang => std::future::pending().await,
        }
    }

    fn rates(&self) -> &[SendRate] {
        &self.rates
    }

    /// Text and picture are two messages, as in WeCom.
    fn sends(&self, notice: &Notice) -> u32 {
        1 + u32::from(notice.picture.is_some())
    }

    fn gathers(&self) -> bool {
        !self.apart
    }
}

/// What was told of channels.
#[derive(Default)]
pub struct Health(pub Mutex<Vec<String>>);

#[async_trait::async_trait]
impl ChannelHealth for Health {
    async fn given_up(&self, notice: &LeasedNotice, said: &str) {
        self.0.lock().unwrap().push(format!("{} gave up: {said}", notice.channel));
    }
    async fn accepted(&self, channel: &str) {
        self.0.lock().unwrap().push(format!("{channel} accepts"));
    }
}

pub struct Desk {
    pub dir: tempfile::TempDir,
    pub store: Arc<Store>,
    pub vault: Arc<DiskVault>,
    pub clock: Arc<HandClock>,
    /// The channel `mail`.
    pub fake: Arc<Fake>,
    /// Other channels by name.
    pub others: BTreeMap<String, Arc<dyn Channel>>,
    pub health: Arc<Health>,
    /// Who is told.
    pub reach: Reach,
    pub try_timeout: Duration,
}

impl Desk {
    pub async fn open(answers: &[Answer]) -> Self {
        Self::with(Fake { answers: Mutex::new(answers.to_vec()), ..Fake::default() }).await
    }

    pub async fn with(mut fake: Fake) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&dir.path().join("ledger.db")).await.unwrap());
        let vault = Arc::new(DiskVault::open(dir.path().join("vault")).unwrap());
        let clock = Arc::new(HandClock::at(at(100)));
        fake.clock = Some(clock.clone());
        let reach = vec![route("mail", Some("owner@bank.test"))].into();
        let (health, others, try_timeout) = (Arc::default(), BTreeMap::new(), Duration::from_millis(200));
        Self { dir, store, vault, clock, fake: Arc::new(fake), others, health, reach, try_timeout }
    }

    /// Opens an incident and queues its notice, as the fleet does.
    pub async fn told(&self) -> (Filing, NoticeId) {
        self.told_of("v1:aa", "mail").await
    }

    pub async fn told_of(&self, fingerprint: &str, channel: &str) -> (Filing, NoticeId) {
        let mut filing = opening(fingerprint, at(0));
        let picture = self.vault.put(b"a picture".to_vec(), EvidenceKind::Png).await.unwrap();
        filing.changes[0].after.picture = Some(picture);
        let filing = self.filed_to(filing, vec![route(channel, Some("owner@bank.test"))].into()).await;
        let id = filing.notices[0].id;
        (filing, id)
    }

    /// Files `filing` at the present moment, with the notices that its changes call for.
    pub async fn filed(&self, filing: Filing) -> Filing {
        self.filed_to(filing, self.reach.clone()).await
    }

    async fn filed_to(&self, mut filing: Filing, fallback: Reach) -> Filing {
        let place = Place { console: Some("https://gengfu.bank.test".into()), config: None };
        let plan = Plan { routes: Routes { fallback, ..Routes::default() }, place, ..Plan::default() };
        (filing.now, filing.notices) = (self.clock.now(), vec![]);
        filing.notices = plan.notices(&filing.changes, filing.now, &mut NoticeId::fresh);
        self.store.file(&filing).await.unwrap();
        filing
    }

    pub fn deliverer(&self, outbox: Arc<dyn Outbox>) -> Deliverer {
        let mail = ("mail".to_owned(), self.fake.clone() as Arc<dyn Channel>);
        Deliverer {
            outbox,
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            channels: self.others.clone().into_iter().chain([mail]).collect(),
            voice: voice(Language::Zh),
            limits: DeliveryLimits { try_timeout: self.try_timeout, ..DeliveryLimits::default() },
            health: self.health.clone(),
            known: KnownChannels::default(),
        }
    }

    pub async fn state(&self) -> (NoticeState, u32) {
        let row = &self.store.notices(10).await.unwrap()[0];
        (row.state, row.tries)
    }

    /// How many notices are in each state.
    pub async fn tally(&self) -> BTreeMap<NoticeState, u64> {
        self.store.tally().await.unwrap()
    }

    /// One round of a robot that has just begun.
    pub async fn round(&self) -> Round {
        self.deliverer(self.store.clone()).round().await.unwrap()
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// A walk at `seconds` that opens an incident of this severity, without notices.
pub fn opened(fingerprint: &str, seconds: i64, severity: Severity) -> Filing {
    let mut filing = opening(fingerprint, at(seconds));
    let after = &mut filing.changes[0].after;
    (after.severity, after.flapping, after.flaps) = (severity, false, 0);
    filing.notices.clear();
    filing
}

/// A walk at `seconds` that got past `open`.
pub fn recovery(open: &Incident, seconds: i64) -> Filing {
    let walk = walk_row(at(seconds), Verdict::Passed, Purpose::Manual);
    let (state, recovered, revision) = (State::Recovered, Some(at(seconds)), open.revision + 1);
    let over = Incident { state, recovered, revision, flapping: false, ..open.clone() };
    filing(walk.clone(), vec![change(What::Recovered, Some(open.clone()), over, &walk)], vec![])
}

/// One walk at `seconds` that opens many incidents.
pub fn storm(fingerprints: impl Iterator<Item = String>, seconds: i64, severity: Severity) -> Filing {
    let walk = walk_row(at(seconds), Verdict::Failed, Purpose::Manual);
    let opened = |fingerprint: String| {
        let open = Incident { severity, flapping: false, ..incident(&fingerprint, &walk) };
        change(What::Opened, None, open, &walk)
    };
    filing(walk.clone(), fingerprints.map(opened).collect(), vec![])
}
