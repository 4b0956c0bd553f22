//! Walks compared with what clean ones have taught, and learnt from.

use super::Finished;
use crate::baseline::{Lesson, Shelf, ShelfError, Subject};
use crate::detector::{judge, judge_beyond};
use crate::walk::WalkRecord;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What the fleet knows of its journeys from earlier walks. Clones share it.
#[derive(Clone)]
pub struct Experience {
    shelf: Arc<dyn Shelf>,
    lesson: Lesson,
    /// Who learns reads, changes and writes back.
    turn: Arc<Mutex<()>>,
}

impl Experience {
    /// Experience kept on `shelf`; each walk teaches as `lesson` says.
    pub fn new(shelf: Arc<dyn Shelf>, lesson: Lesson) -> Self {
        Self { shelf, lesson, turn: Arc::default() }
    }

    /// Compares the walk with its baseline, judges it and learns from it. Without a baseline that can be read it is judged
    /// by itself, and its record says so.
    pub(super) async fn judge(&self, mut record: WalkRecord) -> Finished {
        let subject = Subject::of(&record);
        let known = match self.shelf.read(&subject).await {
            Ok(known) => known,
            Err(error) => {
                tracing::error!(%error, "a walk is compared with nothing");
                record.losses.push(format!("the walk was compared with no baseline: {error}"));
                let judged = judge(&record);
                return Finished { record, judged };
            }
        };
        if self.lesson == Lesson::Clean {
            known.compare(&mut record);
        }
        let judged = judge_beyond(&record, known.usual());
        let finished = Finished { record, judged };
        if let Err(error) = self.learn(&subject, &finished).await {
            tracing::error!(%error, "nothing was learnt from a walk");
        }
        finished
    }

    async fn learn(&self, subject: &Subject, finished: &Finished) -> Result<(), ShelfError> {
        let _turn = self.turn.lock().await;
        // Others may have learnt meanwhile.
        let mut known = self.shelf.read(subject).await?;
        let (record, judged) = (&finished.record, &finished.judged);
        if known.learn(record, judged.verdict, &judged.findings, self.lesson) {
            self.shelf.write(subject, &known).await?;
        }
        Ok(())
    }
}
