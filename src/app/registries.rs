//! Registries behind endpoints: fetched when a walk needs them and what is known is too old, with the last good copy to
//! serve while an endpoint fails. A registry that cannot be had is a loss of the walk's and never a finding against the app.

use super::registry_copy::{self as copy, RegistryCopy};
use super::registry_fetch::{Answer, FetchProblem, Fetcher};
use crate::journey::oracle::{Figure, RegistryAccounts, Subject};
use crate::journey::{Endpoint, Oracle, RegistryTable};
use crate::moment::{Clock, Moment};
use crate::oracle::{Believed, Supplied, SuppliedRows, Weighed, weigh};
use crate::walk::port::Secrets;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// When an endpoint that failed is asked again, unless it is asked more often anyway.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// How long the disk may take for a copy.
const DISK_WITHIN: Duration = Duration::from_secs(4);

/// Every registry behind an endpoint that this process has come by.
pub struct Registries {
    fetcher: Fetcher,
    /// Where copies are kept.
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// By app, oracle, subject and address; each is asked by one walk at a time, and the others wait for what it brings.
    known: Mutex<BTreeMap<PathBuf, Arc<OneRegistry>>>,
}

/// A registry, and how often it was asked: counted when an answer is asked for.
#[derive(Default)]
struct OneRegistry {
    asked: AtomicU64,
    known: tokio::sync::Mutex<Known>,
}

/// What is known of one registry.
#[derive(Default)]
struct Known {
    /// What it was read by: a copy is read anew by another.
    by: Option<(Endpoint, Vec<Figure>)>,
    /// When it was asked last.
    asked: Option<Moment>,
    /// Why what was answered last is not what serves.
    trouble: Option<String>,
    /// What was believed last.
    had: Option<Had>,
    /// Whether the disk has said if there is a copy.
    sought: bool,
    /// Whether the walk before was held to nothing.
    lost: bool,
    /// What was answered last and is doubted.
    doubted: Option<Arc<RegistryAccounts>>,
    /// Which asking brought all this.
    by_asking: u64,
}

/// Rows that were believed.
struct Had {
    accounts: Arc<RegistryAccounts>,
    believed: Believed,
    answer: Answer,
    /// Whether they stand on the disk, too.
    kept: bool,
}

impl Registries {
    /// Registries whose copies lie in `folder`, made when there is something to keep.
    pub fn new(folder: PathBuf, secrets: Arc<dyn Secrets>, clock: Arc<dyn Clock>) -> Self {
        Self { fetcher: Fetcher::new(secrets), folder, clock, known: Mutex::default() }
    }

    /// What the registries of these oracles have to say to a walk, which is `confirming` where another has found something.
    pub async fn supply(&self, oracles: &[Arc<Oracle>], confirming: bool) -> Supplied {
        let of = |oracle: &Arc<Oracle>| {
            let oracle = oracle.clone();
            (0..oracle.subjects.len()).map(move |at| (oracle.clone(), at))
        };
        let asked = oracles.iter().flat_map(of).map(|(oracle, at)| async move {
            let subject = &oracle.subjects[at];
            let endpoint = subject.registry.as_ref()?.endpoint.as_ref()?;
            let (rows, loss) = self.one(&oracle, subject, endpoint, confirming).await;
            Some((oracle.id.clone(), subject.id.clone(), rows, loss))
        });
        let mut supplied = Supplied::default();
        for (oracle, subject, rows, loss) in join_all(asked).await.into_iter().flatten() {
            if let Some(rows) = rows {
                supplied.add(&oracle, &subject, rows);
            }
            supplied.losses.extend(loss);
        }
        supplied
    }

    async fn one(
        &self,
        oracle: &Oracle,
        subject: &Subject,
        endpoint: &Endpoint,
        confirming: bool,
    ) -> (Option<SuppliedRows>, Option<String>) {
        let name = format!("the registry {}/{} ({})", oracle.id, subject.id, endpoint.shown());
        let place = copy::place(&self.folder, oracle, &subject.id, endpoint);
        let one = self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(place.clone()).or_default().clone();
        // What was asked before the walk to confirm has ended confirms nothing: it may be what is wrong. Whoever asks from
        // now on asks for this walk, too.
        let asked = one.asked.load(Ordering::Relaxed);
        let mut known = one.known.lock().await;
        let by = (endpoint.clone(), subject.figures.clone());
        if known.by.as_ref() != Some(&by) {
            *known = Known { by: Some(by), ..Known::default() };
        }
        // What could not be looked for is looked for again: a disk that hangs is not one without a copy.
        if known.had.is_none()
            && !known.sought
            && let Some(had) = remembered(&place, endpoint, &subject.figures).await
        {
            (known.had, known.sought) = (had, true);
        }
        let due = match confirming {
            true => known.by_asking <= asked,
            false => known.is_due(self.clock.now(), endpoint.every),
        };
        if due {
            let asking = one.asked.fetch_add(1, Ordering::Relaxed) + 1;
            let before = known.trouble.clone();
            let answered = self.fetcher.fetch(endpoint, &subject.figures).await;
            let removed = known.had.as_ref().is_some_and(|had| had.kept) && is_removed(&place).await;
            known.by_asking = asking;
            if known.take(answered, &place, removed, endpoint, self.clock.now()) {
                known.keep(&place, endpoint).await;
            }
            if let Some(why) = known.trouble.as_ref().filter(|why| before.as_ref() != Some(*why)) {
                tracing::info!(registry = name, "{why}");
            }
        }
        let (rows, how) = known.says(subject, endpoint, self.clock.now());
        let loss = known.trouble.as_ref().map(|why| format!("{name} {why}; {how}"));
        if std::mem::replace(&mut known.lost, rows.is_none()) != rows.is_none() {
            match &loss {
                Some(loss) => tracing::warn!("{loss}"),
                None => tracing::info!(registry = name, "walks are held to it again"),
            }
        }
        match loss {
            // Nothing is confirmed by what may be out of date, and nothing refuted.
            Some(loss) if confirming => (None, Some(format!("{loss}; only what it says now confirms a finding"))),
            loss => (rows, loss),
        }
    }
}

impl Known {
    fn is_due(&self, now: Moment, every: Duration) -> bool {
        let most = if self.trouble.is_some() { every.min(AGAIN_AFTER) } else { every };
        // A clock that was set back says nothing of how old they are.
        self.asked.is_none_or(|asked| now < asked || now.since(asked) >= most)
    }

    /// What comes of an answer, or of none; whether there is something new to keep. Nothing is waited for in it: a walk that
    /// is called off leaves no half of it behind. Who has `removed` the copy has said that it is wrong.
    fn take(
        &mut self,
        answered: Result<(Answer, RegistryTable), FetchProblem>,
        place: &Path,
        removed: bool,
        endpoint: &Endpoint,
        now: Moment,
    ) -> bool {
        (self.asked, self.trouble) = (Some(now), None);
        let before = self.had.as_mut().filter(|_| !removed);
        let (answer, table) = match answered {
            Ok(answered) => answered,
            Err(problem) => {
                self.trouble = Some(format!("could not be read: {problem}"));
                return before.is_some_and(|had| had.believed.interrupt());
            }
        };
        let rows = table.rows();
        let (before_it, every) = (before.as_ref().map(|had| &had.believed), endpoint.every);
        let weighed = weigh(rows, before_it, now, every, endpoint.stale_after);
        let believed = match (weighed, before) {
            (Weighed::Doubted(doubt), Some(had)) => {
                let (was, hours) = (had.believed.most.0.max(had.believed.rows), shown(endpoint.stale_after));
                self.trouble = Some(format!(
                    "has {rows} rows where it had {was}, which is believed once it has said so for {hours}; remove `{}` \
                     to believe it now",
                    place.display()
                ));
                had.believed.doubt = Some(doubt);
                self.doubted = Some(table.accounts);
                return true;
            }
            (Weighed::Doubted(_), None) => return false,
            (Weighed::Taken(believed), _) => believed,
        };
        self.doubted = None;
        self.had = Some(Had { accounts: table.accounts, believed, answer, kept: false });
        true
    }

    /// Keeps a copy, if that is possible: what is in memory serves without it.
    async fn keep(&mut self, place: &Path, endpoint: &Endpoint) {
        let Some(had) = &mut self.had else { return };
        let Believed { at, most, doubt, .. } = had.believed;
        let (to, of) = (place.to_owned(), RegistryCopy { answer: had.answer.clone(), at, most, doubt });
        let (address, stale_after) = (endpoint.shown(), endpoint.stale_after);
        let why = match off_thread(move || copy::keep(&to, &address, &of, stale_after)).await {
            Some(Ok(())) => {
                had.kept = true;
                return;
            }
            Some(Err(error)) => error.to_string(),
            None => "the disk hangs".to_owned(),
        };
        tracing::warn!(place = %place.display(), why, "a registry's copy could not be kept");
    }

    /// The rows that serve, and what is to be said of them where they are not what it says now.
    fn says(&self, subject: &Subject, endpoint: &Endpoint, now: Moment) -> (Option<SuppliedRows>, String) {
        let Some(had) = &self.had else {
            let copy = if self.sought { "there is no copy of it" } else { "the disk hangs, and its copy with it" };
            return (None, format!("{copy}: nothing was held to it"));
        };
        let rows = had.accounts.clone();
        if self.trouble.is_none() {
            return (Some(SuppliedRows::sure(rows)), String::new());
        }
        let (at, age) = (had.believed.at, now.since(had.believed.at));
        let copy = format!("the copy of {}", at.timestamp().strftime("%Y-%m-%dT%H:%MZ"));
        let old = shown(age);
        if age > endpoint.stale_after {
            let most = shown(endpoint.stale_after);
            return (None, format!("{copy} is {old} old, more than {most}: nothing was held to it"));
        }
        match &self.doubted {
            None => (Some(SuppliedRows::old(rows)), format!("{copy} was used, {old} old")),
            // Whose row is whose is not put together from two tables.
            Some(_) if endpoint.account.is_some() => (None, "nothing was held to it".to_owned()),
            Some(doubted) => {
                let listed = subject.registry.as_ref().and_then(|registry| registry.listed.as_ref());
                let agreed = SuppliedRows::agreed(&rows, doubted, listed);
                (Some(agreed), format!("what {copy} says, too, was used, {old} old"))
            }
        }
    }
}

/// What stands on the disk, read as it would be now, if anything; `None` when the disk does not say.
async fn remembered(place: &Path, endpoint: &Endpoint, figures: &[Figure]) -> Option<Option<Had>> {
    let (place, endpoint, figures) = (place.to_owned(), endpoint.clone(), figures.to_vec());
    off_thread(move || {
        let RegistryCopy { answer, at, most, doubt } = copy::load(&place)?;
        let table = endpoint.read(&figures, &answer.media, &answer.text).ok()?;
        let believed = Believed { rows: table.rows(), at, most, doubt };
        Some(Had { accounts: table.accounts, believed, answer, kept: true })
    })
    .await
}

/// Whether a copy was removed; not when the disk does not say.
async fn is_removed(place: &Path) -> bool {
    let place = place.to_owned();
    off_thread(move || copy::is_removed(&place)).await.unwrap_or(false)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::time::timeout(DISK_WITHIN, tokio::task::spawn_blocking(work)).await.ok()?.ok()
}

/// A length of time as people say it.
fn shown(lasting: Duration) -> String {
    match lasting.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ ..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
