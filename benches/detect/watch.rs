//! What a patrol of a bench files, and where: the whole pipeline behind the walk, on a ledger of its own.

use gengfu::detector::Judged;
use gengfu::fleet::{Backlog, Clerk, Herald, Ticket, Walker};
use gengfu::id::WalkId;
use gengfu::incident::{Archive as _, Change, Gathering, Incident, IncidentQuery, Kind, Policy, QueuedNotice, State};
use gengfu::journey::Journey;
use gengfu::moment::{Moment, SystemClock};
use gengfu::store::Store;
use gengfu::walk::v1::WalkV1;
use gengfu::walk::{Purpose, Verdict, WalkRecord};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Keeps the records, and tells nobody.
struct Quiet;

impl Herald for Quiet {
    fn record(&self, record: &WalkRecord, judged: &Judged) -> String {
        WalkV1::from((record, judged)).to_json()
    }

    fn notices(&self, _changes: &mut [Change], _now: Moment) -> Vec<QueuedNotice> {
        Vec::new()
    }
}

/// A ledger of its own and who writes it.
pub struct Watch {
    store: Arc<Store>,
    clerk: Clerk,
    walker: Walker,
    never: CancellationToken,
    /// Walks so far, confirming ones included.
    pub walks: usize,
    /// Of them, those that said nothing of the app.
    pub inconclusive: usize,
}

/// What people were told of, recovered meanwhile or not.
pub const TOLD: [State; 2] = [State::Open, State::Recovered];

impl Watch {
    /// An empty ledger below `dir`, and who walks for it.
    pub async fn begin(dir: &Path, walker: Walker) -> Self {
        let store = Arc::new(Store::open(&dir.join(format!("{}.db", WalkId::fresh()))).await.unwrap());
        let clerk = Clerk {
            ledger: store.clone(),
            herald: Arc::new(Quiet),
            clock: Arc::new(SystemClock),
            policy: Policy::default(),
            backlog: Backlog::default(),
        };
        Self { store, clerk, walker, never: CancellationToken::new(), walks: 0, inconclusive: 0 }
    }

    /// Puts the ledger away.
    pub async fn end(self) {
        drop(self.clerk);
        Arc::into_inner(self.store).expect("invariant: the clerk is gone").close().await;
    }

    /// Walks a journey and files what it found, with the walks that confirm it.
    pub async fn walk(&mut self, journey: Arc<Journey>) {
        let ticket = Ticket { journey, purpose: Purpose::Manual, onlooker: None };
        let walked = self.walker.walk_and_file(&ticket, None, &self.clerk, &self.never, &self.never).await.unwrap();
        self.walks += walked.len();
        self.inconclusive += walked.iter().filter(|w| w.judged.verdict == Verdict::Inconclusive).count();
    }

    /// The incidents of the app in these states: each that is no part of another, with its parts, the first seen first.
    pub async fn families(&self, states: &[State]) -> Vec<(Incident, Vec<Incident>)> {
        let query = |gathering| IncidentQuery {
            states: states.to_vec(),
            kind: Some(Kind::App),
            gathering,
            limit: 100,
            ..IncidentQuery::default()
        };
        let mut wholes = self.store.incidents(&query(Gathering::Wholes)).await.unwrap();
        wholes.sort_by_key(|whole| whole.first_seen);
        let mut families = Vec::new();
        for whole in wholes {
            let parts = self.store.incidents(&query(Gathering::PartsOf(whole.id))).await.unwrap();
            families.push((whole, parts));
        }
        families
    }
}
