//! What the console may know of the robot it runs in.

use super::robot::Robot;
use crate::config::DiskFiles;
use crate::console::{BrowserView, FleetLook, Inside, Mistake, SourceLook};
use crate::diagnostic::Diagnostic;
use crate::fleet::{Backlog, Board, Post, WALKS_WAITING_MAX};
use crate::id::JourneyId;
use crate::journey::{self, Limits};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The robot as the console sees it.
pub(super) struct Within {
    robot: Arc<Robot>,
    backlog: Backlog,
    /// Known once the fleet has taken up the watch, which is after the console has begun.
    board: OnceLock<Board>,
    sources: BTreeMap<JourneyId, (PathBuf, Arc<str>)>,
    script_allowed: bool,
}

impl Within {
    pub fn new(robot: Arc<Robot>, backlog: Backlog, posts: &[Post]) -> Self {
        let source = |post: &Post| {
            let source = &post.journey.source;
            (post.journey.id.clone(), (PathBuf::from(&source.name), source.text.clone()))
        };
        let script_allowed = robot.config().apps.values().any(|app| app.script);
        let sources = posts.iter().map(source).collect();
        Self { robot, backlog, board: OnceLock::new(), sources, script_allowed }
    }

    /// The fleet has taken up the watch.
    pub fn hang(&self, board: Board) {
        // It does so once.
        let _hung = self.board.set(board);
    }
}

#[async_trait]
impl Inside for Within {
    fn fleet(&self) -> Option<FleetLook> {
        let browser = &self.robot.config().browser;
        let view = |look: crate::browser::BrowserLook| BrowserView {
            lanes: look.lanes,
            lanes_max: look.lanes_max,
            lent: look.lent,
            alive: look.alive,
        };
        Some(FleetLook {
            board: self.board.get()?.look(),
            browsers: self.robot.browsers().look().map(|all| all.into_iter().map(view).collect()),
            browsers_max: browser.browsers,
            recycle_after_walks: u32::try_from(browser.recycle_after_walks).unwrap_or(u32::MAX),
            backlog: self.backlog.waiting(),
            backlog_max: WALKS_WAITING_MAX,
        })
    }

    async fn source(&self, journey: &JourneyId) -> Option<SourceLook> {
        let (file, walked) = self.sources.get(journey)?.clone();
        let limits = Limits { script_allowed: self.script_allowed, ..Limits::default() };
        let read = tokio::task::spawn_blocking(move || look(&file, &walked, &limits)).await;
        read.inspect_err(|error| tracing::error!(%error, "a journey's file could not be looked at")).ok()
    }
}

fn look(file: &Path, walked: &str, limits: &Limits) -> SourceLook {
    let (folder, path) = DiskFiles::around(file);
    let mistakes = journey::load(&path, &folder, limits).err().unwrap_or_default();
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).ok();
    let mistake = |told: &Diagnostic| Mistake {
        line: (Path::new(&told.source.name) == file).then(|| told.line_column().0),
        title: told.title.clone(),
        said: told.render(false),
    };
    SourceLook {
        changed: text.as_deref() != Some(walked),
        mistakes: mistakes.iter().map(mistake).collect(),
        file: shown,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_broke_since_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.yaml");
        let good = "journey: a\ntitle: a\napp: bank\nsteps:\n  - open: /\n    see: {text: hi}\n";
        let check = |text: &str, changed: bool, lines: &[Option<usize>]| {
            std::fs::write(&file, text).unwrap();
            let look = look(&file, good, &Limits::default());
            assert_eq!((look.changed, look.text.as_deref()), (changed, Some(text)));
            assert_eq!(look.mistakes.iter().map(|m| m.line).collect::<Vec<_>>(), lines, "{:?}", look.mistakes);
        };
        check(good, false, &[]);
        check(&good.replace("open", "opne"), true, &[Some(5)]);
        std::fs::remove_file(&file).unwrap();
        let gone = look(&file, good, &Limits::default());
        assert_eq!((gone.text, gone.changed, gone.mistakes.len()), (None, true, 1));
    }
}
