//! Checkpoints from time to time: the log's newest hash signed and kept elsewhere. What fails is told and tried again;
//! nothing that fails here ends the watch.

use super::key;
use crate::actor::Actor;
use crate::audit::{Action, Checkpoint, Detail, Draft, Head, Line, Log, Object, Page, PublicKey, SigningKey};
use crate::config::{Config, ReferenceSecrets};
use crate::id::LogId;
use crate::moment::Clock;
use crate::vault::{CheckpointFolder, Survey};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long the folder's disk may take to answer.
const DISK_WITHIN: Duration = Duration::from_secs(10);
/// And when the robot is to stop.
const DISK_WITHIN_AT_STOP: Duration = Duration::from_secs(2);

/// What signs and keeps checkpoints.
pub(crate) struct Checkpointer {
    log: Arc<dyn Log>,
    folder: CheckpointFolder,
    key: Arc<SigningKey>,
    clock: Arc<dyn Clock>,
    every: Duration,
    /// What the next one follows; `None` until the folder could be read.
    last: Option<Last>,
    /// What is wrong now.
    failing: Option<String>,
    /// Whether the disk has been asked and has not answered: no second thread waits for it.
    asked: Arc<AtomicBool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Last {
    number: u64,
    seq: u64,
}

impl Checkpointer {
    /// Opens key and folder. What is wrong with them is told in words; without a key there are no checkpoints.
    pub async fn open(
        config: &Config,
        secrets: &ReferenceSecrets,
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
    ) -> (Option<Self>, Vec<String>) {
        let key = match key::open(config, secrets) {
            Ok(key) => Arc::new(key),
            Err(error) => {
                tracing::error!(%error, "the audit log gets no checkpoints");
                return (
                    None,
                    vec![format!("the audit log gets no checkpoints, so cutting it off would not be seen: {error}")],
                );
            }
        };
        let folder = CheckpointFolder::at(config.resolve(&config.audit.checkpoints));
        let every = config.audit.every.0;
        let asked = Arc::default();
        let mut own = Self { log, folder, key, clock, every, last: None, failing: None, asked };
        let warnings = own.once(DISK_WITHIN).await;
        (Some(own), warnings)
    }

    /// The key checkpoints are verified by.
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// Keeps checkpoints until `cancel`, and the last one then.
    pub async fn watch(mut self, cancel: CancellationToken) {
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                () = tokio::time::sleep(self.every) => drop(self.once(DISK_WITHIN).await),
            }
        }
        if let Err(error) = self.log.append(&[super::ended(self.clock.now())]).await {
            tracing::error!(%error, "the end of the watch could not be written down");
        }
        self.once(DISK_WITHIN_AT_STOP).await;
    }

    /// A checkpoint, if something was written since the last one. What is new to be told is given back.
    async fn once(&mut self, within: Duration) -> Vec<String> {
        let mut told = Vec::new();
        match self.try_once(within, &mut told).await {
            Ok(()) => {
                if self.failing.take().is_some() {
                    tracing::info!("checkpoints of the audit log are kept again");
                    self.note(Action::CheckpointResumed, Detail::default()).await;
                }
            }
            Err(said) if self.failing.as_ref() == Some(&said) => {}
            Err(said) => {
                let folder = self.folder.root().display();
                tracing::error!(%folder, said, "no checkpoint of the audit log could be kept: it is tried again");
                told.push(format!("no checkpoint of the audit log could be kept in `{folder}`: {said}"));
                if self.failing.replace(said.clone()).is_none() {
                    self.note(Action::CheckpointFailed, Detail::default().with("said", said)).await;
                }
            }
        }
        told
    }

    async fn try_once(&mut self, within: Duration, told: &mut Vec<String>) -> Result<(), String> {
        let Some((log, head)) = self.log.head().await.map_err(|e| e.to_string())? else { return Ok(()) };
        let last = match self.last {
            Some(last) => last,
            None => self.take_up(log, within, told).await?,
        };
        self.last = Some(last);
        // What contradicts the newest checkpoint was written down: the head is the one after that.
        let head = self.log.head().await.map_err(|e| e.to_string())?.map_or(head, |(_, head)| head);
        if head.seq == last.seq {
            return Ok(());
        }
        let checkpoint = Checkpoint::sign(log, last.number + 1, &head, self.clock.now(), &self.key);
        let (folder, key) = (self.folder.clone(), self.key.public());
        self.ask_disk(within, move || folder.add(&checkpoint, &key)).await?;
        self.last = Some(Last { number: last.number + 1, seq: head.seq });
        Ok(())
    }

    /// What the folder's newest checkpoint says, and whether the log still says so.
    async fn take_up(&self, log: LogId, within: Duration, told: &mut Vec<String>) -> Result<Last, String> {
        let (folder, key) = (self.folder.clone(), self.key.public());
        let survey: Survey = self.ask_disk(within, move || folder.survey(log, &key)).await?;
        let mut contradictions = Vec::new();
        if let Some(other) = survey.other {
            let said = format!("the newest checkpoint is of another log ({other}): this one was put in its place");
            contradictions.push((said, Detail::default().with("other", other.to_string())));
        }
        let Some(newest) = survey.newest else {
            self.contradicted(contradictions, told).await;
            return Ok(Last { number: 0, seq: 0 });
        };
        if !self.agrees(&newest.head()).await? {
            let said = format!(
                "entry {} is not the one that was signed: the log was altered, cut off or rolled back",
                newest.seq
            );
            let detail = Detail::default().with("entry", i64::try_from(newest.seq).unwrap_or(i64::MAX));
            contradictions.push((said, detail.with("hash", newest.hash.to_string())));
        }
        let agreed = contradictions.is_empty();
        self.contradicted(contradictions, told).await;
        // After a contradiction the next one is signed whatever its number is.
        Ok(Last { number: newest.number, seq: if agreed { newest.seq } else { 0 } })
    }

    async fn agrees(&self, signed: &Head) -> Result<bool, String> {
        let page = Page { after: signed.seq.saturating_sub(1), limit: 1, ..Page::default() };
        let found = self.log.read(&page).await.map_err(|e| e.to_string())?;
        Ok(matches!(found.first(), Some(Line::Entry(entry)) if entry.head() == *signed && entry.is_whole()))
    }

    async fn contradicted(&self, contradictions: Vec<(String, Detail)>, told: &mut Vec<String>) {
        for (said, detail) in contradictions {
            tracing::error!(said, "the audit log is not what its checkpoints say: `gengfu audit verify` says more");
            told.push(format!(
                "the audit log is not what its checkpoints say: {said}; `gengfu audit verify` says more"
            ));
            self.note(Action::CheckpointContradicted, detail).await;
        }
    }

    async fn note(&self, action: Action, detail: Detail) {
        let draft = Draft { at: self.clock.now(), actor: Actor::Robot, action, object: Object::Watch, detail };
        if let Err(error) = self.log.append(&[draft]).await {
            tracing::error!(%error, action = action.word(), "could not be written down");
        }
    }

    /// Asks the folder's disk on a thread of its own. One that hangs is not asked again until it has answered.
    async fn ask_disk<T: Send + 'static>(
        &self,
        within: Duration,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        if self.asked.swap(true, Ordering::SeqCst) {
            return Err("its disk still has not answered".to_owned());
        }
        let asking = self.asked.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let done = work();
            asking.store(false, Ordering::SeqCst);
            done
        });
        match tokio::time::timeout(within, asked).await {
            Ok(Ok(done)) => done.map_err(|error| error.to_string()),
            Ok(Err(ended)) => Err(ended.to_string()),
            Err(_) => Err(format!("its disk did not answer within {} s", within.as_secs())),
        }
    }
}
