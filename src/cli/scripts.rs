//! Journey files as a command line names them.

use super::terminal::Terminal;
use crate::config::DiskFiles;
use crate::diagnostic::Diagnostic;
use crate::journey::{self, Files as _, Journey, Limits, ORACLES, Oracle};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The most files one command takes.
const FILES_MAX: usize = 1_000;

/// Why a file cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpreadError {
    /// It is not there.
    #[error("there is no file `{}`", .0.display())]
    Missing(PathBuf),
    /// A folder without journeys.
    #[error("the folder `{}` holds no journey: a journey's file ends in `.yaml`", .0.display())]
    Empty(PathBuf),
    /// The system refused.
    #[error("the folder `{}` cannot be read: {why}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// Too many.
    #[error("more than {FILES_MAX} files: name fewer")]
    TooMany,
}

/// Files as they are, folders as the journeys directly in them (`shared/` holds parts, not journeys), each once.
pub(super) fn spread(named: &[PathBuf]) -> Result<Vec<PathBuf>, SpreadError> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for path in named {
        let found = if path.is_dir() { journeys_in(path)? } else { vec![path.clone()] };
        if let Some(missing) = found.iter().find(|file| !file.exists()) {
            return Err(SpreadError::Missing(missing.clone()));
        }
        files.extend(found.into_iter().filter(|file| seen.insert(file.clone())));
    }
    if files.len() > FILES_MAX { Err(SpreadError::TooMany) } else { Ok(files) }
}

fn journeys_in(folder: &Path) -> Result<Vec<PathBuf>, SpreadError> {
    let unreadable = |why| SpreadError::Unreadable { path: folder.to_owned(), why };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() { Err(SpreadError::Empty(folder.to_owned())) } else { Ok(files) }
}

/// Loads the journey in `file` with everything it uses.
pub(super) fn load(file: &Path, script_allowed: bool) -> Result<Journey, Vec<Diagnostic>> {
    let (files, path) = DiskFiles::around(file);
    journey::load(&path, &files, &Limits { script_allowed, ..Limits::default() })
}

/// The oracle in `file`; `None` when it does not lie in `oracles/`.
pub(super) fn oracle(file: &Path) -> Option<Result<Oracle, Vec<Diagnostic>>> {
    let named = file.parent().and_then(Path::file_name).is_some_and(|folder| folder == ORACLES);
    let (files, path) = DiskFiles::around(file);
    named.then(|| journey::load_oracle(&path, &files, &Limits::default()))
}

/// The oracles beside these files that no journey of theirs is held to: the app may be misspelt.
pub(super) fn idle_oracles(files: &[PathBuf], held: impl Fn(&str) -> bool) -> Vec<Oracle> {
    let roots: BTreeSet<PathBuf> = files.iter().map(|file| DiskFiles::around(file).0.root().to_owned()).collect();
    let mut idle = Vec::new();
    for files in roots.into_iter().map(DiskFiles::new) {
        let oracles = files.list(ORACLES).into_iter();
        idle.extend(oracles.filter_map(|path| journey::load_oracle(&path, &files, &Limits::default()).ok()));
    }
    idle.retain(|oracle| !held(&oracle.id));
    idle
}

/// What was told of files: an oracle is read for each journey of its app, and its mistakes are told once.
#[derive(Default)]
pub(super) struct Told(BTreeSet<String>);

impl Told {
    /// Shows everything that is wrong and was not shown yet.
    pub(super) fn complain(&mut self, terminal: Terminal, wrong: &[Diagnostic]) {
        for diagnostic in wrong {
            if self.0.insert(diagnostic.render(false)) {
                terminal.complain(&diagnostic.render(terminal.colours_errors()));
            }
        }
    }
}
