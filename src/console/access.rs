//! Who looked at what, on its way to the audit log.
//!
//! A page never waits for the log: what was looked at goes into a short queue, and a writer takes it from there. The same
//! person and object are written down once an hour, and a page stands for all it shows, so that forty pictures are one entry.
//!
//! When the log cannot be written, pictures, saved pages and network records are refused: they are what a customer's data
//! would be in, and who saw them would not be known. Pages are shown all the same, since an owner needs them on the very
//! night on which the disk is full; how often is counted and written down as soon as it can be.

use crate::actor::Actor;
use crate::audit::{Action, Detail, Draft, Log, Object};
use crate::evidence::EvidenceKey;
use crate::moment::{Clock, Moment};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Accesses that wait to be written.
const WAITING_MAX: usize = 256;
/// And those that are written at once.
const AT_ONCE_MAX: usize = 64;
/// How long the same access is the same entry.
const HOUR_MS: i64 = 3_600_000;
/// Accesses of an hour that are remembered; with more of them, some are written down twice.
const REMEMBERED_MAX: usize = 20_000;
/// Names of what was seen unrecorded that are kept.
const UNRECORDED_NAMED_MAX: usize = 30;
/// How long the writer waits before it tries again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// It cannot be written down now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unrecorded;

/// Takes down who looks at what.
#[derive(Clone)]
pub struct Access(Arc<Desk>);

/// Writes it into the audit log.
pub struct AccessWriter {
    desk: Arc<Desk>,
    waiting: mpsc::Receiver<Draft>,
    log: Arc<dyn Log>,
}

struct Desk {
    clock: Arc<dyn Clock>,
    queue: mpsc::Sender<Draft>,
    known: Mutex<Known>,
    /// Whether the log did not take the last that was to be written.
    failing: AtomicBool,
    unrecorded: Mutex<Option<Seen>>,
}

/// What was looked at in this hour, by whom.
#[derive(Default)]
struct Known {
    hour: i64,
    seen: HashSet<(Actor, Object)>,
}

/// What was looked at and could not be written down.
struct Seen {
    since: Moment,
    count: i64,
    what: BTreeSet<String>,
}

impl Access {
    /// Takes down accesses, and gives what writes them into `log`.
    pub fn open(log: Arc<dyn Log>, clock: Arc<dyn Clock>) -> (Self, AccessWriter) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let (known, failing, unrecorded) = (Mutex::default(), AtomicBool::new(false), Mutex::default());
        let desk = Arc::new(Desk { clock, queue, known, failing, unrecorded });
        (Self(desk.clone()), AccessWriter { desk, waiting, log })
    }

    /// A piece of evidence is about to be given to `actor`: it must not be when this is an error.
    pub(super) fn piece(&self, actor: &Actor, key: &EvidenceKey) -> Result<(), Unrecorded> {
        self.0.take_down(actor, Object::Evidence(key.clone()), Vec::new())
    }

    /// A page on `object` is shown to `actor`, with all the evidence that these records name.
    pub(super) fn page(&self, actor: &Actor, object: Object, records: &[&str]) {
        let pieces: Vec<EvidenceKey> = records.iter().flat_map(|record| keys_in(record)).collect();
        if self.0.take_down(actor, object.clone(), pieces).is_err() {
            self.0.could_not(actor, &object);
        }
    }
}

impl Desk {
    fn take_down(&self, actor: &Actor, object: Object, pieces: Vec<EvidenceKey>) -> Result<(), Unrecorded> {
        let now = self.clock.now();
        let hour = now.as_millis().div_euclid(HOUR_MS);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.hour != hour || known.seen.len() > REMEMBERED_MAX {
            *known = Known { hour, ..Known::default() };
        }
        let access = (actor.clone(), object);
        if known.seen.contains(&access) {
            return Ok(());
        }
        if self.failing.load(Ordering::SeqCst) {
            return Err(Unrecorded);
        }
        let pieces: HashSet<EvidenceKey> = pieces.into_iter().collect();
        let mut detail = Detail::default();
        if !pieces.is_empty() {
            detail = detail.with("pieces", i64::try_from(pieces.len()).unwrap_or(i64::MAX));
        }
        let (actor, object) = access.clone();
        let draft = Draft { at: now, actor, action: Action::EvidenceSeen, object, detail };
        self.queue.try_send(draft).map_err(|_| Unrecorded)?;
        known.seen.extend(pieces.into_iter().map(|piece| (access.0.clone(), Object::Evidence(piece))));
        known.seen.insert(access);
        Ok(())
    }

    fn could_not(&self, actor: &Actor, object: &Object) {
        let mut unrecorded = self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Seen { since: self.clock.now(), count: 0, what: BTreeSet::new() };
        let seen = unrecorded.get_or_insert_with(none);
        seen.count += 1;
        if seen.what.len() < UNRECORDED_NAMED_MAX {
            seen.what.insert(format!("{actor} {object}"));
        }
    }

    /// What was seen unrecorded so far, as an entry.
    fn seen_unrecorded(&self) -> Option<Draft> {
        let seen = self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let what: Vec<String> = seen.what.into_iter().collect();
        let detail =
            Detail::default().with("count", seen.count).with("since", seen.since.to_string()).with("what", what);
        let (actor, action) = (Actor::Robot, Action::EvidenceSeenUnrecorded);
        Some(Draft { at: self.clock.now(), actor, action, object: Object::Watch, detail })
    }
}

impl AccessWriter {
    /// Writes until `cancel`, and then what still waits.
    pub async fn watch(mut self, cancel: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                biased;
                taken = self.waiting.recv_many(&mut batch, AT_ONCE_MAX) => if taken == 0 { return },
                () = cancel.cancelled() => break,
            }
            self.write(&mut batch, &cancel).await;
        }
        self.waiting.close();
        while self.waiting.recv_many(&mut batch, AT_ONCE_MAX).await > 0 {
            self.write(&mut batch, &cancel).await;
        }
        if !batch.is_empty() {
            tracing::error!(accesses = batch.len(), "who looked at what could not be written down before the end");
        }
    }

    /// Writes these down, again and again until it succeeds or the robot is to stop.
    async fn write(&self, batch: &mut Vec<Draft>, cancel: &CancellationToken) {
        loop {
            match self.log.append(batch).await {
                Ok(_) => break,
                Err(error) => {
                    if !self.desk.failing.swap(true, Ordering::SeqCst) {
                        tracing::error!(%error, "who looks at what cannot be written down: evidence is not shown until it can");
                    }
                }
            }
            if cancel.is_cancelled() {
                return;
            }
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(AGAIN_AFTER) => {}
            }
        }
        batch.clear();
        if self.desk.failing.swap(false, Ordering::SeqCst) {
            tracing::info!("who looks at what is written down again");
        }
        if let Some(unrecorded) = self.desk.seen_unrecorded()
            && let Err(error) = self.log.append(&[unrecorded]).await
        {
            tracing::error!(%error, "what was seen unrecorded could not be written down");
        }
    }
}

/// Every piece of evidence that a record's text names.
fn keys_in(record: &str) -> impl Iterator<Item = EvidenceKey> {
    const DIGEST: usize = 64;
    record.split('"').filter(|word| word.len() > DIGEST && word.len() < DIGEST + 12).filter_map(EvidenceKey::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Entry, Head, Line, LogError, Look, ObjectKind, Page};
    use crate::evidence::EvidenceKind;
    use crate::id::{LogId, WalkId};
    use crate::moment::HandClock;

    /// Keeps what is appended, or refuses it.
    #[derive(Default)]
    struct Kept {
        drafts: Mutex<Vec<Draft>>,
        full: AtomicBool,
    }

    #[async_trait::async_trait]
    impl Log for Kept {
        async fn append(&self, drafts: &[Draft]) -> Result<Head, LogError> {
            if self.full.load(Ordering::SeqCst) {
                return Err(LogError("full".into()));
            }
            self.drafts.lock().unwrap().extend_from_slice(drafts);
            Ok(Entry::first(LogId::fresh(), Moment::from_millis(0)).head())
        }
        async fn head(&self) -> Result<Option<(LogId, Head)>, LogError> {
            Ok(None)
        }
        async fn read(&self, _: &Page) -> Result<Vec<Line>, LogError> {
            Ok(Vec::new())
        }
        async fn look(&self, _: &Look) -> Result<Vec<Line>, LogError> {
            Ok(Vec::new())
        }
        async fn each(&self, _: &mut (dyn FnMut(Line) + Send)) -> Result<(), LogError> {
            Ok(())
        }
        async fn newest_of(&self, _: ObjectKind) -> Result<Vec<Entry>, LogError> {
            Ok(Vec::new())
        }
    }

    fn actor(name: &str) -> Actor {
        Actor::person(name).unwrap()
    }

    fn picture(n: u8) -> EvidenceKey {
        EvidenceKey::of(&[n], EvidenceKind::Png)
    }

    #[tokio::test]
    async fn a_page_of_forty_pictures_is_one_entry_an_hour_and_person() {
        let (log, clock) = (Arc::new(Kept::default()), Arc::new(HandClock::at(Moment::from_millis(HOUR_MS * 7))));
        let (access, writer) = Access::open(log.clone(), clock.clone());
        let record =
            serde_json::json!({"steps": (0..40).map(|n| picture(n).to_string()).collect::<Vec<_>>()}).to_string();
        let walk = Object::Walk(WalkId::fresh());
        let look = |who: &str| {
            access.page(&actor(who), walk.clone(), &[&record]);
            (0..40).for_each(|n| access.piece(&actor(who), &picture(n)).unwrap());
        };
        look("chen");
        look("chen");
        look("li");
        access.piece(&actor("chen"), &picture(99)).unwrap();
        clock.advance(Duration::from_millis(HOUR_MS as u64));
        look("chen");
        let cancel = CancellationToken::new();
        cancel.cancel();
        writer.watch(cancel).await;
        let told: Vec<_> = log
            .drafts
            .lock()
            .unwrap()
            .iter()
            .map(|d| (d.actor.word(), d.object.to_string(), d.detail.text()))
            .collect();
        let page = |who: &str| (format!("person:{who}"), walk.to_string(), r#"{"pieces":40}"#.to_owned());
        let single = ("person:chen".to_owned(), format!("evidence/{}", picture(99)), "{}".to_owned());
        assert_eq!(told, [page("chen"), page("li"), single, page("chen")]);
    }

    #[tokio::test(start_paused = true)]
    async fn evidence_is_refused_while_nothing_can_be_written_and_pages_are_counted() {
        let (log, clock) = (Arc::new(Kept::default()), Arc::new(HandClock::at(Moment::from_millis(0))));
        let (access, writer) = Access::open(log.clone(), clock);
        log.full.store(true, Ordering::SeqCst);
        let cancel = CancellationToken::new();
        let writing = tokio::spawn(writer.watch(cancel.clone()));
        access.piece(&actor("chen"), &picture(1)).unwrap();
        while !access.0.failing.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        assert_eq!(access.piece(&actor("chen"), &picture(2)), Err(Unrecorded));
        assert_eq!(access.piece(&actor("chen"), &picture(1)), Ok(()), "it waits to be written and is not lost");
        let walk = Object::Walk(WalkId::fresh());
        access.page(&actor("li"), walk.clone(), &[]);
        access.page(&actor("li"), walk.clone(), &[]);
        log.full.store(false, Ordering::SeqCst);
        while access.0.failing.load(Ordering::SeqCst) {
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        cancel.cancel();
        writing.await.unwrap();
        let told: Vec<_> = log.drafts.lock().unwrap().iter().map(|d| (d.action, d.detail.text())).collect();
        let lost = format!(r#"{{"count":2,"since":"1970-01-01T00:00:00Z","what":["person:li {walk}"]}}"#);
        assert_eq!(told, [(Action::EvidenceSeen, "{}".to_owned()), (Action::EvidenceSeenUnrecorded, lost)]);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_rather_than_waits() {
        let clock = Arc::new(HandClock::at(Moment::from_millis(0)));
        let (access, _writer) = Access::open(Arc::new(Kept::default()), clock);
        let taken = (0..u32::MAX).take_while(|n| {
            let key = EvidenceKey::of(&n.to_be_bytes(), EvidenceKind::Png);
            access.piece(&actor("chen"), &key).is_ok()
        });
        assert_eq!(taken.count(), WAITING_MAX);
    }
}
