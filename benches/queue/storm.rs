//! How fast walks are folded and filed, how long those who come all at once wait, and how soon owners know.

use super::desk::{Desk, owner};
use super::point::Death;
use super::receiver::Receiver;
use gengfu::alert::deliver::DeliveryLimits;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What must be filed within this of arriving.
const FILED_WITHIN: Duration = Duration::from_secs(5);

/// Milliseconds: the middle, nearly all, and the longest.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    pub count: usize,
    pub p50: f64,
    pub p99: f64,
    pub most: f64,
}

impl Spread {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: f64| {
            let place = ((all.len() as f64 * share).ceil() as usize).clamp(1, all.len().max(1)) - 1;
            all.get(place).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
        };
        Self { count: all.len(), p50: at(0.5), p99: at(0.99), most: at(1.0) }
    }
}

fn alive() -> Death {
    Death { point: None, after: 0.into() }
}

/// Incidents opened one after another as fast as it goes; how many a second, of how many filings.
pub async fn rate(incidents: usize) -> (f64, Spread) {
    let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let desk = Desk::open(dir.path(), &receiver.url, 40, DeliveryLimits::default(), alive()).await;
    let (began, mut each) = (Instant::now(), Vec::new());
    for number in 0..incidents {
        let one = Instant::now();
        desk.open_incident(number).await.unwrap();
        each.push(one.elapsed());
    }
    (incidents as f64 / began.elapsed().as_secs_f64(), Spread::of(each))
}

/// What a storm did.
pub struct Storm {
    pub filed: Spread,
    /// Messages, and the most that one owner got within one window.
    pub messages: usize,
    pub most_in_window: usize,
    pub lost: usize,
}

impl Storm {
    pub fn met(&self) -> bool {
        self.filed.most <= FILED_WITHIN.as_secs_f64() * 1000.0 && self.most_in_window <= 1 && self.lost == 0
    }
}

/// So many incidents within `over`, told to forty owners, one message each a window.
pub async fn storm(incidents: usize, over: Duration) -> Storm {
    let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let limits = DeliveryLimits { group_within: Duration::from_secs(60), ..DeliveryLimits::default() };
    let desk = Arc::new(Desk::open(dir.path(), &receiver.url, 40, limits, alive()).await);
    let cancel = CancellationToken::new();
    let (began, mut took, mut open) = (Instant::now(), Vec::new(), BTreeMap::new());
    let filing = async {
        let mut coming = tokio::task::JoinSet::new();
        for number in 0..incidents {
            // Each arrives when it arrives, however long those before it take: as from lanes that walk side by side.
            let (due, desk) = (began + over.mul_f64(number as f64 / incidents as f64), desk.clone());
            coming.spawn(async move {
                tokio::time::sleep_until(due.into()).await;
                let incident = desk.open_incident(number).await.unwrap();
                (number, incident, due.elapsed())
            });
        }
        while let Some(came) = coming.join_next().await {
            let (number, incident, within) = came.unwrap();
            took.push(within);
            open.insert(incident.to_string(), owner(number, 40));
        }
        let deadline = Instant::now() + Duration::from_secs(200);
        while desk.waiting().await > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        cancel.cancel();
    };
    tokio::join!(filing, desk.deliverer.watch(cancel.clone()));
    let came = receiver.came();
    let window = Duration::from_secs(60);
    let within = |one: &super::receiver::Came| {
        came.iter().filter(|c| c.owner == one.owner && c.at >= one.at && c.at < one.at + window).count()
    };
    let most_in_window = came.iter().map(within).max().unwrap_or(0);
    for (incident, _) in came.iter().flat_map(super::receiver::Came::tells) {
        open.remove(&incident);
    }
    Storm { filed: Spread::of(took), messages: came.len(), most_in_window, lost: open.len() }
}

/// From the end of the walk that shows it to the receiver's having it, for incidents that come one at a time.
pub async fn told(incidents: usize, every: Duration) -> Spread {
    let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let desk = Desk::open(dir.path(), &receiver.url, incidents, DeliveryLimits::default(), alive()).await;
    let (cancel, mut ended) = (CancellationToken::new(), BTreeMap::new());
    let filing = async {
        for number in 0..incidents {
            let walked = Instant::now();
            let incident = desk.open_incident(number).await.unwrap();
            ended.insert(incident.to_string(), walked);
            tokio::time::sleep(every).await;
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        while desk.waiting().await > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        cancel.cancel();
    };
    tokio::join!(filing, desk.deliverer.watch(cancel.clone()));
    let took = receiver.came().into_iter().flat_map(|came| {
        let at = came.at;
        came.tells().into_iter().map(move |(incident, _)| (incident, at)).collect::<Vec<_>>()
    });
    Spread::of(took.filter_map(|(incident, at)| Some(at - *ended.get(&incident)?)).collect())
}
