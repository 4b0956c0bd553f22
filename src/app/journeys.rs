//! Journeys of a patrol: patterns over files, loaded and put on the watch.

use crate::config::{Config, DiskFiles};
use crate::diagnostic::Diagnostic;
use crate::fleet::Post;
use crate::journey::{self, FileProblem, Files, Journey, Limits, glob};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How deep folders are looked through.
const DEPTH_MAX: usize = 8;
/// The most files one pattern may name.
const FILES_MAX: usize = 5_000;

/// Why journeys cannot be patrolled.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A pattern that names nothing.
    #[error("no journey file is named by `{0}` in `patrols:`; patterns are relative to the config file")]
    Nothing(String),
    /// A pattern that names too much.
    #[error("`{0}` in `patrols:` names more than {FILES_MAX} files")]
    TooMany(String),
    /// Two files with one name.
    #[error("`{}` and `{}` are both the journey `{id}`: a journey's name is its own", first.display(), second.display())]
    Twice {
        /// The name.
        id: String,
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Files that do not parse.
    #[error("{} mistake(s) in the journeys of `patrols:`", .0.len())]
    Wrong(Vec<Diagnostic>),
}

/// SHA-256 of every file that journeys were read from, parts and oracles included, hexadecimal, by the file's path.
pub(super) type Digests = BTreeMap<String, String>;

/// Files on disk, and the digests of what was read of them: those of the very bytes that journeys are made of.
struct Noted<'a> {
    files: &'a DiskFiles,
    digests: &'a Mutex<Digests>,
}

impl Files for Noted<'_> {
    fn read(&self, path: &str, bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        let bytes = self.files.read(path, bytes_max)?;
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.digests.lock().unwrap_or_else(PoisonError::into_inner).insert(self.files.shown(path), digest);
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.files.list(folder)
    }

    fn shown(&self, path: &str) -> String {
        self.files.shown(path)
    }
}

/// Every journey that `patrols:` names, once, with all its times, and the files they were read from.
pub(super) fn posts(config: &Config) -> Result<(Vec<Post>, Digests), PostError> {
    let digests = Mutex::default();
    let script_allowed = config.apps.values().any(|app| app.script);
    let limits = Limits { script_allowed, ..Limits::default() };
    let mut loaded: BTreeMap<PathBuf, Arc<Journey>> = BTreeMap::new();
    let (mut posts, mut wrong): (BTreeMap<PathBuf, Post>, _) = (BTreeMap::new(), Vec::new());
    let mut told = BTreeSet::new();
    for patrol in &config.patrols {
        let mut mine = BTreeSet::new();
        for pattern in &patrol.journeys {
            for file in files(&config.folder, pattern)? {
                if !loaded.contains_key(&file) {
                    let (folder, path) = DiskFiles::around(&file);
                    match journey::load(&path, &Noted { files: &folder, digests: &digests }, &limits) {
                        Ok(journey) => drop(loaded.insert(file.clone(), Arc::new(journey))),
                        // An oracle is read for each journey of its app: its mistakes are told once.
                        Err(mistakes) => wrong.extend(mistakes.into_iter().filter(|m| told.insert(m.render(false)))),
                    }
                }
                // Two patterns of one patrol may name the same file.
                if !mine.insert(file.clone()) {
                    continue;
                }
                let Some(journey) = loaded.get(&file) else { continue };
                let schedule = patrol.schedule.clone();
                // In several patrols it is still one journey: no walk of it overtakes another.
                let post = match posts.remove(&file) {
                    Some(post) => Post { schedule: post.schedule.joined(schedule), ..post },
                    None => Post { journey: journey.clone(), schedule },
                };
                posts.insert(file, post);
            }
        }
    }
    if !wrong.is_empty() {
        return Err(PostError::Wrong(wrong));
    }
    one_name_each(&loaded)?;
    Ok((posts.into_values().collect(), digests.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

fn one_name_each(loaded: &BTreeMap<PathBuf, Arc<Journey>>) -> Result<(), PostError> {
    let mut names: BTreeMap<&str, &PathBuf> = BTreeMap::new();
    for (file, journey) in loaded {
        if let Some(first) = names.insert(journey.id.as_str(), file) {
            let (first, second) = (first.clone(), file.clone());
            return Err(PostError::Twice { id: journey.id.to_string(), first, second });
        }
    }
    Ok(())
}

/// The files a pattern names, in order. `shared/` holds parts of journeys and `oracles/` what they are held to, not journeys.
fn files(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, PostError> {
    if !pattern.contains('*') {
        let file = folder.join(pattern);
        return if file.is_file() { Ok(vec![file]) } else { Err(PostError::Nothing(pattern.to_owned())) };
    }
    let plain = pattern.split('/').take_while(|part| !part.contains('*')).collect::<Vec<_>>().join("/");
    let mut found = Vec::new();
    gather(&folder.join(&plain), &plain, pattern, 0, &mut found);
    found.sort();
    match found.len() {
        0 => Err(PostError::Nothing(pattern.to_owned())),
        1..=FILES_MAX => Ok(found.into_iter().map(|path| folder.join(path)).collect()),
        _ => Err(PostError::TooMany(pattern.to_owned())),
    }
}

fn gather(folder: &Path, shown: &str, pattern: &str, depth: usize, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let shown = if shown.is_empty() { name.clone() } else { format!("{shown}/{name}") };
        if entry.path().is_dir() && depth < DEPTH_MAX && !["shared", journey::ORACLES].contains(&name.as_str()) {
            gather(&entry.path(), &shown, pattern, depth + 1, found);
        } else if name.ends_with(".yaml") && glob::covers(pattern, &shown) && found.len() <= FILES_MAX {
            found.push(shown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Moment;

    #[test]
    fn a_journey_in_two_patrols_is_one_post() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("j")).unwrap();
        for id in ["a", "b"] {
            let text = format!("journey: {id}\ntitle: {id}\napp: bank\nsteps:\n  - open: /\n    see: {{text: hi}}\n");
            std::fs::write(dir.path().join(format!("j/{id}.yaml")), text).unwrap();
        }
        let text =
            "patrols:\n  - {journeys: [j/a.yaml, 'j/*.yaml'], every: 1h}\n  - {journeys: [j/a.yaml], every: 25m}\n";
        let file = dir.path().join("gengfu.yaml");
        std::fs::write(&file, text).unwrap();
        let (posts, digests) = posts(&crate::config::load(&file).unwrap()).unwrap();
        let due =
            |post: &Post| post.schedule.next(&post.journey.id, Moment::from_millis(0)).unwrap().as_millis() / 60_000;
        let posts: Vec<(String, i64)> = posts.iter().map(|post| (post.journey.id.to_string(), due(post))).collect();
        assert_eq!(posts, [("a".to_owned(), 25), ("b".to_owned(), 60)]);
        let read: Vec<_> = digests.keys().map(|name| name.rsplit('/').next().unwrap()).collect();
        assert_eq!(read, ["a.yaml", "b.yaml"]);
    }

    #[test]
    fn patterns_name_journeys_and_not_their_parts() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["j/a.yaml", "j/b.yaml", "j/notes.txt", "j/fava/c.yaml", "j/shared/login.yaml"] {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let check = |pattern: &str, expected: &[&str]| {
            let found = files(dir.path(), pattern).unwrap_or_default();
            let expected: Vec<PathBuf> = expected.iter().map(|file| dir.path().join(file)).collect();
            assert_eq!(found, expected, "{pattern}");
        };
        check("j/*.yaml", &["j/a.yaml", "j/b.yaml"]);
        check("j/**/*.yaml", &["j/fava/c.yaml"]);
        check("j/**.yaml", &["j/a.yaml", "j/b.yaml", "j/fava/c.yaml"]);
        check("j/a.yaml", &["j/a.yaml"]);
        check("j/none.yaml", &[]);
        check("k/*.yaml", &[]);
    }
}
