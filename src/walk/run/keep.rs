//! Keeping evidence beside the walk: pictures are taken while it goes on and stored off its path. Each piece
//! fails on its own.

use super::super::port::{Lane, Watcher};
use super::super::{Kept, StepRecord};
use super::Pictures;
use crate::evidence::{EvidenceKey, EvidenceKind, Vault};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long evidence may keep a finished walk waiting.
const GATHER_WITHIN: Duration = Duration::from_secs(12);

/// How long the page of a step that failed may take to give its source.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(3);

/// Evidence on its way.
pub(super) struct Keeping {
    vault: Arc<dyn Vault>,
    watcher: Arc<dyn Watcher>,
    pictures: Pictures,
    under_way: Vec<(usize, Piece, Storing)>,
    named: Option<Result<EvidenceKey, String>>,
}

/// A piece being stored: its key, or why there is none.
type Storing = JoinHandle<Result<EvidenceKey, String>>;

/// What a piece belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Picture,
    Snapshot,
}

impl Keeping {
    pub(super) fn new(vault: Arc<dyn Vault>, watcher: Arc<dyn Watcher>, pictures: Pictures) -> Self {
        Self { vault, watcher, pictures, under_way: Vec::new(), named: None }
    }

    /// The picture of a `screenshot` step stands for the step's own.
    pub(super) fn named(&mut self, picture: Option<Result<EvidenceKey, String>>) {
        self.named = picture;
    }

    /// Takes what the step's end calls for.
    pub(super) async fn step(&mut self, number: usize, failed: bool, lane: &mut dyn Lane) {
        if let Some(named) = self.named.take() {
            if let Ok(key) = &named {
                self.watcher.picture_kept(number, key);
            }
            self.under_way.push((number, Piece::Picture, tokio::spawn(async move { named })));
        } else if self.pictures == Pictures::All || (failed && self.pictures == Pictures::Failures) {
            let picture = lane.picture(None);
            let (vault, watcher) = (self.vault.clone(), self.watcher.clone());
            self.under_way.push((
                number,
                Piece::Picture,
                tokio::spawn(async move {
                    let kept = store(vault, picture.await?, EvidenceKind::Jpeg).await;
                    kept.inspect(|key| watcher.picture_kept(number, key))
                }),
            ));
        }
        if failed && self.pictures != Pictures::None {
            let html = tokio::time::timeout(SNAPSHOT_WITHIN, lane.snapshot()).await;
            let html = html.unwrap_or_else(|_| Err(format!("it did not come within {} s", SNAPSHOT_WITHIN.as_secs())));
            let vault = self.vault.clone();
            self.under_way.push((
                number,
                Piece::Snapshot,
                tokio::spawn(async move { store(vault, html?.into_bytes(), EvidenceKind::Html).await }),
            ));
        }
    }

    /// Says of a page that answers nothing that its evidence is lost.
    pub(super) fn nothing(&mut self, number: usize, failed: bool) {
        let lost = || tokio::spawn(async { Err("the page answered nothing any more".to_owned()) });
        if self.pictures == Pictures::All || (failed && self.pictures == Pictures::Failures) {
            self.under_way.push((number, Piece::Picture, lost()));
        }
        if failed && self.pictures != Pictures::None {
            self.under_way.push((number, Piece::Snapshot, lost()));
        }
    }

    pub(super) async fn store_picture(
        &self,
        picture: Result<Vec<u8>, String>,
        kind: EvidenceKind,
    ) -> Result<EvidenceKey, String> {
        store(self.vault.clone(), picture?, kind).await
    }

    pub(super) async fn store_console(&self, lines: String) -> Kept {
        let stored = store(self.vault.clone(), lines.into_bytes(), EvidenceKind::Console).await;
        stored.map_or_else(Kept::Lost, Kept::At)
    }

    /// Waits for everything on its way and writes it into the steps; returns the network archive.
    pub(super) async fn gather(self, steps: &mut [StepRecord], har: Option<Vec<u8>>) -> Kept {
        let until = tokio::time::Instant::now() + GATHER_WITHIN;
        for (number, piece, storing) in self.under_way {
            let kept = match tokio::time::timeout_at(until, storing).await {
                Ok(Ok(Ok(key))) => Kept::At(key),
                Ok(Ok(Err(why))) => Kept::Lost(why),
                Ok(Err(defect)) => Kept::Lost(defect.to_string()),
                Err(_) => Kept::Lost("it did not come in time".to_owned()),
            };
            if let Some(step) = steps.get_mut(number) {
                match piece {
                    Piece::Picture => step.picture = kept,
                    Piece::Snapshot => step.snapshot = kept,
                }
            }
        }
        match har {
            None => Kept::NotAsked,
            Some(har) => store(self.vault.clone(), har, EvidenceKind::Har).await.map_or_else(Kept::Lost, Kept::At),
        }
    }
}

async fn store(vault: Arc<dyn Vault>, bytes: Vec<u8>, kind: EvidenceKind) -> Result<EvidenceKey, String> {
    vault.put(bytes, kind).await.map_err(|e| e.to_string())
}
