//! Journey files on disk, kept inside the folder of journeys.

use crate::journey::{FileProblem, Files};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most files of a folder that are listed.
const LISTED_MAX: usize = 1_000;

/// The folder of journeys on disk; links that lead out of it are refused.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    /// Files under `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of journeys a file belongs to, and its path inside: the nearest folder above it that is named
    /// `journeys`, otherwise its own.
    pub fn around(file: &Path) -> (Self, String) {
        let own = file.parent().unwrap_or(Path::new(""));
        let named = own.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "journeys"));
        let root = named.unwrap_or(own);
        let inside = file.strip_prefix(root).unwrap_or(file);
        let parts: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        (Self::new(root), parts.join("/"))
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str, bytes_max: usize) -> Result<Vec<u8>, FileProblem> {
        let unreadable = |why: std::io::Error| match why.kind() {
            std::io::ErrorKind::NotFound => FileProblem::Missing,
            _ => FileProblem::Unreadable(why.kind().to_string()),
        };
        let root = if self.root.as_os_str().is_empty() { Path::new(".") } else { &self.root };
        let root = root.canonicalize().map_err(unreadable)?;
        let real = root.join(path).canonicalize().map_err(unreadable)?;
        if !real.starts_with(&root) {
            return Err(FileProblem::Outside);
        }
        let file = std::fs::File::open(&real).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if !about.is_file() {
            return Err(FileProblem::Unreadable("it is not a file".into()));
        }
        if about.len() > bytes_max as u64 {
            return Err(FileProblem::TooLarge { bytes: about.len(), bytes_max });
        }
        let mut bytes = Vec::new();
        // One more than allowed: a file that grew meanwhile is still refused.
        file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join(folder)) else { return Vec::new() };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut paths: Vec<String> =
            names.filter(|name| name.ends_with(".yaml")).map(|name| format!("{folder}/{name}")).collect();
        paths.sort();
        paths.truncate(LISTED_MAX);
        paths
    }

    fn shown(&self, path: &str) -> String {
        self.root.join(path).to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_around_a_file() {
        let check = |file: &str, root: &str, inside: &str| {
            let (files, path) = DiskFiles::around(Path::new(file));
            assert_eq!((files.root().to_str().unwrap(), path.as_str()), (root, inside), "{file}");
        };
        check("journeys/fava/balance.yaml", "journeys", "fava/balance.yaml");
        check("a/journeys/login.yaml", "a/journeys", "login.yaml");
        check("elsewhere/x.yaml", "elsewhere", "x.yaml");
        check("x.yaml", "", "x.yaml");
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("journeys");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(folder.path().join("secret.yaml"), "x").unwrap();
        std::os::unix::fs::symlink("../secret.yaml", inside.join("link.yaml")).unwrap();
        let files = DiskFiles::new(&inside);
        assert_eq!(files.read("link.yaml", 10), Err(FileProblem::Outside));
        assert_eq!(files.read("none.yaml", 10), Err(FileProblem::Missing));
        std::fs::write(inside.join("large.yaml"), "12345678901").unwrap();
        assert_eq!(files.read("large.yaml", 10), Err(FileProblem::TooLarge { bytes: 11, bytes_max: 10 }));
    }
}
