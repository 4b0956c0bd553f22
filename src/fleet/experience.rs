//! Walks compared with what clean ones have taught, and learnt from.

use super::Finished;
use super::devices::Devices;
use super::portraits::Portraits;
use crate::baseline::{Baseline, Drag, Drags, Lesson, Shelf, ShelfError, Subject};
use crate::detector::{judge, judge_beyond};
use crate::evidence::Vault;
use crate::walk::{Verdict, WalkRecord};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a shelf may take: a disk that hangs must not keep a walk from being filed.
pub(super) const SHELF_WITHIN: Duration = Duration::from_secs(5);
/// How long the pixels of a walk's pictures may take to be packed and kept.
const PIXELS_WITHIN: Duration = Duration::from_secs(20);
/// How often something is learnt anew because another walk taught the same baseline meanwhile.
const TRIES_MAX: usize = 5;

/// What the fleet knows of its journeys from earlier walks. Clones share it.
#[derive(Clone)]
pub struct Experience {
    shelf: Arc<dyn Shelf>,
    portraits: Portraits,
    devices: Devices,
    lesson: Lesson,
    turn: Arc<Mutex<()>>,
    /// How slow everything was lately.
    drags: Arc<StdMutex<Drags>>,
}

impl Experience {
    /// Experience kept on `shelf`; each walk teaches as `lesson` says. What walks pictured is in `vault`.
    pub fn new(shelf: Arc<dyn Shelf>, vault: Arc<dyn Vault>, lesson: Lesson) -> Self {
        let portraits = Portraits { vault, shelf: shelf.clone() };
        let devices = Devices::new(shelf.clone());
        Self { shelf, portraits, devices, lesson, turn: Arc::default(), drags: Arc::default() }
    }

    /// Compares the walk with its baseline, judges it and learns from it; what a person vouches for is learnt first. What
    /// could not be had or taken stands in the record's losses.
    pub async fn judge(&self, mut record: WalkRecord) -> Finished {
        let known = match self.known_to(&mut record).await {
            Ok(known) => known,
            Err(error) => {
                tracing::error!(%error, "a walk is compared with nothing");
                record.losses.push(format!("the walk was compared with no baseline: {error}"));
                Baseline::default()
            }
        };
        let judged = judge_beyond(&record, known.usual());
        Finished { record, judged }
    }

    /// What the walk is judged by, once it has taught.
    async fn known_to(&self, record: &mut WalkRecord) -> Result<Baseline, ShelfError> {
        let subject = Subject::of(record);
        let late = |_| ShelfError { place: subject.journey.to_string(), said: "it could not be had in time".into() };
        let known = tokio::time::timeout(SHELF_WITHIN, self.shelf.read(&subject)).await.map_err(late)??;
        if record.verdict == Verdict::Inconclusive {
            return Ok(known);
        }
        let others = self.drag_of_others(&subject, record);
        if self.lesson == Lesson::Clean {
            if let Some(drag) = known.compare_beside(record, others) {
                self.drags().note(subject.clone(), record.started, drag);
            }
            self.portraits.compare(&known, record).await;
        }
        self.devices.compare(record, known.usual()).await;
        // Packing pictures takes a while: before others have to wait for this walk's turn.
        let kept = tokio::time::timeout(PIXELS_WITHIN, self.portraits.keep(&known, record, self.lesson)).await;
        let learnt = match kept.map_err(late).and_then(|kept| kept) {
            Ok(()) => {
                tokio::time::timeout(SHELF_WITHIN, self.learn(&subject, record, &known, others)).await.map_err(late)
            }
            Err(error) => Ok(Err(error)),
        };
        match (self.lesson, learnt.and_then(|learnt| learnt)) {
            (Lesson::Vouched, Ok(Some(learnt))) => return Ok(learnt),
            (Lesson::Vouched, Ok(None)) => {
                record.losses.push("nothing was taken as usual: the walk did not get through".into());
                known.compare_beside(record, others);
            }
            (_, Err(error)) => record.losses.push(format!("nothing was learnt from the walk: {error}")),
            (Lesson::Clean, Ok(_)) => {}
        }
        Ok(known)
    }

    /// How slow others' walks were as a whole at about the time of this one.
    fn drag_of_others(&self, subject: &Subject, record: &WalkRecord) -> Option<Drag> {
        self.drags().of_others(subject, record.started)
    }

    fn drags(&self) -> std::sync::MutexGuard<'_, Drags> {
        self.drags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The baseline with what the walk teaches; `None` when it teaches nothing.
    async fn learn(
        &self,
        subject: &Subject,
        record: &WalkRecord,
        known: &Baseline,
        others: Option<Drag>,
    ) -> Result<Option<Baseline>, ShelfError> {
        // Between processes the shelf decides; within this one nobody has to try again for another's sake.
        let _turn = self.turn.lock().await;
        let (mut was, mut record) = (known.clone(), record.clone());
        for _ in 0..TRIES_MAX {
            let judged = match self.lesson {
                Lesson::Clean => judge_beyond(&record, was.usual()),
                Lesson::Vouched => judge(&record),
            };
            let mut with = was.clone();
            if !with.learn(&record, judged.verdict, &judged.findings, self.lesson) {
                return Ok(None);
            }
            if self.shelf.replace(subject, &was, &with).await? {
                return Ok(Some(with));
            }
            was = self.shelf.read(subject).await?;
            if self.lesson == Lesson::Clean {
                // What another walk has taught meanwhile may make a change of what was none.
                self.portraits.compare(&was, &mut record).await;
                self.portraits.keep(&was, &record, self.lesson).await?;
                was.compare_beside(&mut record, others);
            }
        }
        Err(ShelfError { place: subject.journey.to_string(), said: "others write it all the time".into() })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::baseline::{Sheet, SheetOf};
    use crate::detector::sample::{exchange, step_with, walk};
    use crate::evidence::{EvidenceKey, EvidenceKind, VaultError};
    use crate::walk::{ExchangeKind, Promises, ScriptError};
    use async_trait::async_trait;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    /// One baseline; damaged when it is none. Who reads it is overtaken by others.
    pub(in crate::fleet) struct One(Mutex<Option<Baseline>>, Mutex<BTreeMap<SheetOf, Sheet>>);

    pub(in crate::fleet) fn one(kept: Option<Baseline>) -> Arc<One> {
        Arc::new(One(Mutex::new(kept), Mutex::default()))
    }

    #[async_trait]
    impl Shelf for One {
        async fn read(&self, _: &Subject) -> Result<Baseline, ShelfError> {
            let damaged = ShelfError { place: "login.json".into(), said: "damaged".into() };
            tokio::task::yield_now().await;
            self.0.lock().unwrap().clone().ok_or(damaged)
        }

        async fn replace(&self, _: &Subject, was: &Baseline, with: &Baseline) -> Result<bool, ShelfError> {
            tokio::task::yield_now().await;
            let mut kept = self.0.lock().unwrap();
            let same = kept.as_ref() == Some(was);
            if same {
                *kept = Some(with.clone());
            }
            Ok(same)
        }

        async fn sheet(&self, of: &SheetOf) -> Result<Sheet, ShelfError> {
            tokio::task::yield_now().await;
            Ok(self.1.lock().unwrap().get(of).cloned().unwrap_or_default())
        }

        async fn replace_sheet(&self, of: &SheetOf, was: &Sheet, with: &Sheet) -> Result<bool, ShelfError> {
            tokio::task::yield_now().await;
            let mut all = self.1.lock().unwrap();
            let kept = all.entry(of.clone()).or_default();
            let same = *kept == *was;
            if same {
                *kept = with.clone();
            }
            Ok(same)
        }

        async fn pixels(&self, _: &EvidenceKey) -> Result<Option<Vec<u8>>, ShelfError> {
            Ok(None)
        }

        async fn keep_pixels(&self, _: &EvidenceKey, _: Vec<u8>) -> Result<(), ShelfError> {
            Ok(())
        }
    }

    /// Walks of these tests picture nothing; those of `tests/browser/baseline.rs` do.
    struct NoPictures;

    #[async_trait]
    impl Vault for NoPictures {
        async fn put(&self, bytes: Vec<u8>, kind: EvidenceKind) -> Result<EvidenceKey, VaultError> {
            Ok(EvidenceKey::of(&bytes, kind))
        }

        async fn get(&self, key: &EvidenceKey) -> Result<Vec<u8>, VaultError> {
            Err(VaultError::Absent(key.to_string()))
        }
    }

    pub(in crate::fleet) fn no_pictures() -> Arc<dyn Vault> {
        Arc::new(NoPictures)
    }

    fn seen(headers: &[(&str, &str)], thrown: &[&str]) -> WalkRecord {
        walk([step_with("open", |s| {
            let mut page = exchange(ExchangeKind::Document, "GET", "/home", 200);
            page.promises = Promises::read(headers.iter().copied(), true);
            s.seen.exchanges.push(page);
            let error = |text: &&str| ScriptError {
                text: (*text).into(),
                frame: None,
                own: true,
                offset: std::time::Duration::ZERO,
            };
            s.seen.script_errors = thrown.iter().map(error).collect();
        })])
    }

    const GUARDED: &[(&str, &str)] = &[("X-Frame-Options", "DENY")];

    async fn check(experience: &Experience, record: WalkRecord, verdict: Verdict, usual: usize, lost: usize) {
        let walked = experience.judge(record).await;
        let told = (walked.judged.verdict, walked.judged.usual, walked.record.losses.len());
        assert_eq!(told, (verdict, usual, lost), "{:?}", walked.judged.findings);
    }

    #[tokio::test]
    async fn what_was_taught_is_missed_until_a_person_vouches() {
        let shelf = one(Some(Baseline::default()));
        let patrol = Experience::new(shelf.clone(), no_pictures(), Lesson::Clean);
        for _ in 0..5 {
            check(&patrol, seen(GUARDED, &[]), Verdict::Passed, 0, 0).await;
        }
        check(&patrol, seen(&[], &[]), Verdict::Degraded, 0, 0).await;
        check(&patrol, seen(&[], &[]), Verdict::Degraded, 0, 0).await;
        let person = Experience::new(shelf.clone(), no_pictures(), Lesson::Vouched);
        check(&person, seen(&[], &["TypeError: a is null"]), Verdict::Passed, 1, 0).await;
        check(&patrol, seen(&[], &["TypeError: a is null"]), Verdict::Passed, 1, 0).await;
        check(&patrol, seen(&[], &["TypeError: b is null"]), Verdict::Failed, 0, 0).await;
    }

    #[tokio::test]
    async fn walks_that_end_at_once_all_teach() {
        let shelf = one(Some(Baseline::default()));
        let patrol = Experience::new(shelf.clone(), no_pictures(), Lesson::Clean);
        futures_util::future::join_all((0..8).map(|_| patrol.judge(seen(GUARDED, &[])))).await;
        assert_eq!(shelf.0.lock().unwrap().as_ref().unwrap().walks(), 8);
    }

    #[tokio::test]
    async fn who_vouches_with_a_walk_that_failed_is_told_so() {
        let person = Experience::new(one(Some(Baseline::default())), no_pictures(), Lesson::Vouched);
        let missing = crate::detector::sample::failed("next", crate::walk::FailureKind::Missing);
        check(&person, walk([missing]), Verdict::Failed, 0, 1).await;
    }

    #[tokio::test]
    async fn without_a_baseline_a_walk_is_judged_and_says_so() {
        let shelf = one(None);
        check(&Experience::new(shelf.clone(), no_pictures(), Lesson::Clean), seen(&[], &[]), Verdict::Passed, 0, 1)
            .await;
        assert_eq!(*shelf.0.lock().unwrap(), None);
    }
}
