//! A small watch to look at: a ledger with walks, slots and incidents, a vault in memory, and the console over them.

use async_trait::async_trait;
use gengfu::actor::Actor;
use gengfu::config::SignIn;
use gengfu::console::{
    Access, ConsoleOptions, DoorOptions, Feed, Inside, NobodyInside, ProviderDoor, QueueRules, Rostered, serve,
};
use gengfu::detector::Judged;
use gengfu::evidence::{EvidenceKey, EvidenceKind, Vault, VaultError};
use gengfu::finding::{Bilingual, Fingerprint, Severity};
use gengfu::fleet::{Backlog, Clerk, Desk, Herald, Wishes};
use gengfu::id::{IncidentId, JourneyId, StepId, WalkId};
use gengfu::incident::{
    Archive, Change, Filing, Incident, Kind, Ledger, MissReason, Missed, Odds, Policy, QueuedNotice, Sighting,
    SightingRole, SlotClaim, SlotTaken, State, StepCount, WalkRow, What,
};
use gengfu::journey::{FileProblem, Files, Journey, Limits, load};
use gengfu::maintenance::Almanac;
use gengfu::moment::{Clock, HandClock, Moment};
use gengfu::people::{SealingKey, SessionLimits};
use gengfu::store::Store;
use gengfu::walk::{Attribution, Class, Purpose, Verdict, WalkRecord};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// 2026-11-21 14:03:20 in Shanghai.
pub const NOW: i64 = 1_795_241_000_000;

/// Keeps evidence in memory, and alters or loses it when asked.
#[derive(Default)]
pub struct MemoryVault(Mutex<HashMap<EvidenceKey, Vec<u8>>>);

impl MemoryVault {
    pub fn alter(&self, key: &EvidenceKey) {
        self.0.lock().unwrap().get_mut(key).unwrap().push(b'!');
    }
    pub fn lose(&self, key: &EvidenceKey) {
        self.0.lock().unwrap().remove(key).unwrap();
    }
}

#[async_trait]
impl Vault for MemoryVault {
    async fn put(&self, bytes: Vec<u8>, kind: EvidenceKind) -> Result<EvidenceKey, VaultError> {
        let key = EvidenceKey::of(&bytes, kind);
        self.0.lock().unwrap().insert(key.clone(), bytes);
        Ok(key)
    }
    async fn get(&self, key: &EvidenceKey) -> Result<Vec<u8>, VaultError> {
        self.0.lock().unwrap().get(key).cloned().ok_or_else(|| VaultError::Absent(key.to_string()))
    }
}

/// The journey that is on the watch.
fn watched() -> Arc<Journey> {
    struct Text(&'static str);
    impl Files for Text {
        fn read(&self, _: &str, _: usize) -> Result<Vec<u8>, FileProblem> {
            Ok(self.0.as_bytes().to_vec())
        }
    }
    let text = Text(
        "journey: fund-purchase\ntitle: 基金申购\napp: wealth-h5\ndevice: h5-iphone\naccount: retail\nsteps:\n  - open: /\n    see: {text: 首页}\n",
    );
    Arc::new(load("fund-purchase.yaml", &text, &Limits::default()).unwrap_or_else(|wrong| panic!("{wrong:?}")))
}

/// The ledger, the vault, the clock.
pub struct World {
    pub store: Arc<Store>,
    pub vault: Arc<MemoryVault>,
    pub clock: Arc<HandClock>,
    pub roster: Vec<Rostered>,
    /// Who takes what ticket systems say.
    pub calls: Option<Arc<dyn gengfu::ticket::TicketCalls>>,
    pub inside: Arc<dyn Inside>,
    /// Walks that people ask for: of the fund's journey, made by whoever takes them.
    pub wishes: Wishes,
    /// Connections that one address may hold.
    pub per_peer: usize,
    pub almanac: Arc<Almanac>,
    pub deadlines: gengfu::incident::Deadlines,
    dir: tempfile::TempDir,
}

/// The console over a world; stops when dropped.
pub struct Served {
    pub address: SocketAddr,
    pub feed: Feed,
    pub cancel: CancellationToken,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// What a walk is of.
#[derive(Clone)]
pub struct Way {
    pub id: JourneyId,
    pub title: String,
    pub app: String,
    pub device: String,
}

impl Way {
    pub fn new(id: &str, title: &str, app: &str, device: &str) -> Self {
        Self { id: id.parse().unwrap(), title: title.into(), app: app.into(), device: device.into() }
    }
}

impl World {
    pub async fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&dir.path().join("ledger.db")).await.unwrap());
        Self { dir, ..Self::over(store) }
    }

    /// The world of a ledger that lies elsewhere.
    pub fn over(store: Arc<Store>) -> Self {
        let clock = Arc::new(HandClock::at(Moment::from_millis(NOW)));
        let wishes = Wishes::new(store.clone(), clock.clone());
        wishes.opened([watched()].into_iter());
        Self {
            wishes,
            almanac: Arc::default(),
            deadlines: Default::default(),
            store,
            vault: Arc::default(),
            clock,
            roster: vec![],
            calls: None,
            inside: Arc::new(NobodyInside),
            per_peer: 128,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// Where the ledger lies.
    pub fn ledger(&self) -> std::path::PathBuf {
        self.dir.path().join("ledger.db")
    }

    /// `minutes` before now.
    pub fn ago(&self, minutes: u32) -> Moment {
        Moment::from_millis(self.clock.now().as_millis() - i64::from(minutes) * 60_000)
    }

    pub fn row(&self, way: &Way, started: Moment, verdict: Verdict, json: String) -> WalkRow {
        let failed = verdict == Verdict::Failed;
        WalkRow {
            walk: WalkId::fresh(),
            journey: way.id.clone(),
            title: way.title.clone(),
            app: way.app.clone(),
            device: way.device.clone(),
            purpose: Purpose::Manual,
            started,
            elapsed: Duration::from_millis(8_340),
            verdict,
            class: failed.then_some(Class::Blocked),
            attribution: failed.then_some(Attribution::Product),
            steps: StepCount { walked: if failed { 3 } else { 5 }, all: 5 },
            json,
        }
    }

    /// Files a walk of a patrol's slot.
    pub async fn patrolled(&self, mut row: WalkRow) -> WalkRow {
        let slot = row.started;
        let claim = SlotClaim {
            journey: row.journey.clone(),
            slot,
            holder: "here".into(),
            now: slot,
            lease: Duration::from_secs(120),
        };
        let SlotTaken::Taken { epoch } = self.store.take_slot(&claim).await.unwrap() else { panic!("taken twice") };
        row.purpose = Purpose::Patrol { slot };
        self.file(row, Some(epoch), vec![]).await
    }

    pub async fn file(&self, walk: WalkRow, epoch: Option<i64>, changes: Vec<Change>) -> WalkRow {
        let now = walk.started.after(walk.elapsed);
        self.store.file(&Filing { walk: walk.clone(), epoch, changes, notices: vec![], now }).await.unwrap();
        walk
    }

    pub async fn missed(&self, way: &Way, slot: Moment, reason: MissReason) {
        self.store.miss_slots(&way.id, &[Missed { slot, reason }], slot).await.unwrap();
    }

    /// A failing walk and the incident it opens.
    pub async fn opened(&self, incident: Incident, walk: WalkRow) -> Incident {
        let change = change(What::Opened, None, incident.clone(), &walk, SightingRole::Confirmation);
        self.file(walk, None, vec![change]).await;
        incident
    }

    /// A later walk that changes the incident.
    pub async fn moved(&self, before: &Incident, what: What, walk: WalkRow) -> Incident {
        let seen = what != What::Recovered;
        let mut after = Incident { revision: before.revision + 1, judged: (walk.started, walk.walk), ..before.clone() };
        if seen {
            after.last_seen = walk.started;
            after.sightings += 1;
            after.state = State::Open;
            after.failing_walk = walk.walk;
            after.reopened += u32::from(what == What::Reopened);
        } else {
            after.state = State::Recovered;
            after.recovered = Some(walk.started);
        }
        let role = if seen { SightingRole::Repeat } else { SightingRole::Refutation };
        let change = change(what, Some(before.clone()), after.clone(), &walk, role);
        self.file(walk, None, vec![change]).await;
        after
    }

    /// An incident as it is kept.
    pub async fn store_incident(&self, id: &str) -> Incident {
        self.store.incident(id.parse().unwrap()).await.unwrap().unwrap().incident
    }

    /// The console over this world, answering to `hosts` besides loopback.
    pub async fn serve(&self, hosts: &[&str]) -> Served {
        self.serve_at(hosts, "127.0.0.1:0").await
    }

    pub async fn serve_at(&self, hosts: &[&str], at: &str) -> Served {
        self.serve_with(SignIn::Off, hosts, at).await
    }

    /// Where deeds are done. Nobody is told.
    pub fn desk(&self) -> Desk {
        let (ledger, archive) = (self.store.clone(), self.store.clone());
        let (herald, clock) = (Arc::new(Mute), self.clock.clone());
        let clerk = Clerk { ledger, herald, clock, policy: Policy::default(), backlog: Backlog::default() };
        Desk { clerk, archive }
    }

    /// The same, asking people to sign in or not.
    pub async fn serve_with(&self, sign_in: SignIn, hosts: &[&str], at: &str) -> Served {
        self.serve_by(sign_in, hosts, at, None).await
    }

    /// The same, where a system may say who people are.
    pub async fn serve_by(&self, sign_in: SignIn, hosts: &[&str], at: &str, provider: Option<ProviderDoor>) -> Served {
        let listener = tokio::net::TcpListener::bind(at).await.unwrap();
        let served =
            Served { address: listener.local_addr().unwrap(), feed: Feed::default(), cancel: CancellationToken::new() };
        let (access, writer) = Access::open(self.store.clone(), self.clock.clone());
        tokio::spawn(writer.watch(served.cancel.clone()));
        let options = ConsoleOptions {
            archive: self.store.clone(),
            records: self.store.clone(),
            outbox: self.store.clone(),
            chronicle: self.store.clone(),
            audit: self.store.clone(),
            book: self.store.clone(),
            calls: self.calls.clone(),
            notices: self.store.clone(),
            inside: self.inside.clone(),
            vault: self.vault.clone(),
            access,
            clock: self.clock.clone(),
            feed: served.feed.clone(),
            roster: self.roster.clone(),
            zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(8)),
            listener,
            config: Some("/etc/gengfu/gengfu.yaml".into()),
            public_url: hosts.first().map(|host| format!("https://{host}/").parse().unwrap()),
            connections_per_peer: self.per_peer,
            doors: DoorOptions {
                sign_in,
                register: self.store.clone(),
                key: SealingKey::new([7; 32]),
                sessions: SessionLimits::default(),
                provider,
            },
            deeds: Arc::new(self.desk()),
            wishes: self.wishes.clone(),
            queue: QueueRules {
                owners: vec!["wealth-team".into()],
                deadlines: self.deadlines.clone(),
                ..QueueRules::default()
            },
            almanac: self.almanac.clone(),
            windows: self.store.clone(),
        };
        tokio::spawn(serve(options, served.cancel.clone()));
        served
    }
}

/// Tells nobody.
struct Mute;

impl Herald for Mute {
    fn record(&self, _: &WalkRecord, _: &Judged) -> String {
        String::new()
    }

    fn notices(&self, _: &mut [Change], _: Moment) -> Vec<QueuedNotice> {
        Vec::new()
    }
}

fn change(what: What, before: Option<Incident>, after: Incident, walk: &WalkRow, role: SightingRole) -> Change {
    let sighting = Sighting {
        incident: after.id,
        walk: walk.walk,
        at: walk.started,
        role,
        device: walk.device.clone(),
        cause: after.cause.clone(),
        evidence: vec![],
    };
    Change {
        what,
        before,
        after,
        sighting: Some(sighting),
        by: Actor::Robot,
        why: String::new(),
        whole: None,
        walk: walk.walk,
        at: walk.started.after(walk.elapsed),
    }
}

/// An open incident met at `step` of `walk`.
pub fn incident(walk: &WalkRow, step: &str, step_title: &str, zh: &str, en: &str) -> Incident {
    Incident {
        id: IncidentId::fresh(),
        fingerprint: Fingerprint::of(&walk.journey, &StepId(step.into()), "element-missing", "/funds/:id", en),
        kind: Kind::App,
        kin: None,
        parent: None,
        past: None,
        app: walk.app.clone(),
        journey: walk.journey.clone(),
        title: walk.title.clone(),
        step: Some(StepId(step.into())),
        step_title: step_title.into(),
        route: "/funds/:id".into(),
        devices: BTreeSet::from([walk.device.clone()]),
        detector: "element-missing".into(),
        class: Some(Class::Blocked),
        severity: Severity::P1,
        attribution: Attribution::Product,
        headline: Bilingual::new(zh, en),
        cause: None,
        state: State::Open,
        suspicion: None,
        first_seen: walk.started,
        last_seen: walk.started,
        opened: Some(walk.started),
        recovered: None,
        sightings: 2,
        unconfirmed: 0,
        reopened: 0,
        flaps: 0,
        odds: Odds::default(),
        flapping: false,
        handling: Default::default(),
        digest: String::new(),
        good_walk: None,
        failing_walk: walk.walk,
        picture: None,
        owner: Some("wealth-team".into()),
        tags: BTreeMap::from([("channel".into(), "移动客户端".into()), ("business".into(), "银行代理业务".into())]),
        previous: None,
        judged: (walk.started, walk.walk),
        revision: 1,
    }
}
