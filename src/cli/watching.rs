//! A line a step, as it happens.

use super::report::{Language, step_line};
use super::terminal::Terminal;
use crate::walk::StepRecord;
use crate::walk::port::Watcher;
use async_trait::async_trait;
use std::time::Duration;

/// Writes a line a step, and pauses where a person wants to look.
pub(super) struct StepLines {
    pub terminal: Terminal,
    pub language: Language,
    /// Off where many walks at once would mix their lines.
    pub lines: bool,
    pub pause: Option<Duration>,
}

#[async_trait]
impl Watcher for StepLines {
    async fn step_ended(&self, _number: usize, step: &StepRecord) {
        if self.lines {
            self.terminal.line(&step_line(step, self.language, self.terminal.colours()));
        }
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
        }
    }
}
