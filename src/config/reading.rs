//! From a file's bytes to a `Config`, or to what is wrong with it and where.

use super::file::File;
use super::mistakes::Mistakes;
use super::tickets::mapping;
use super::{CONFIG_BYTES_MAX, Config};
use crate::diagnostic::{Diagnostic, Source};
use serde_saphyr::Location;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// Why there is no config.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the config `{}`: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said, or what is wrong with its bytes.
        why: String,
    },
    /// It can be read and is wrong.
    #[error("the config `{}` is wrong in {} place(s)", .0[0].source.name, .0.len())]
    Wrong(Vec<Diagnostic>),
}

/// Reads the file at `path`.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let unreadable = |why: String| ConfigError::Unreadable { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
    if size > CONFIG_BYTES_MAX as u64 {
        return Err(unreadable(format!("it has {size} bytes, and {CONFIG_BYTES_MAX} is the most")));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8: save it as UTF-8".into()))?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let digest = digest_of(&text);
    let mut config =
        parse(Source { name: path.display().to_string(), text: text.into() }).map_err(ConfigError::Wrong)?;
    config.folder = folder.to_owned();
    config.file = Some(path.to_owned());
    config.digest = digest;
    for tickets in config.tickets.values_mut() {
        let file =
            tickets.mapping.as_ref().map(|file| if file.is_absolute() { file.clone() } else { folder.join(file) });
        if let Some(file) = file {
            let (mapping, digest) = mapping::load(&file)?;
            tickets.read = Some(mapping);
            config.named.insert(file.display().to_string(), digest);
        }
    }
    config.read_codes()?;
    Ok(config)
}

/// SHA-256 of a file's text, hexadecimal.
pub fn digest_of(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a config from its text; relative paths stay relative to the working directory.
pub fn parse(source: Source) -> Result<Config, Vec<Diagnostic>> {
    let mut mistakes = Mistakes::in_source(source);
    if mistakes.text().contains('\0') {
        mistakes.note(Location::UNKNOWN, "a NUL character", "config files are plain text");
        return Err(mistakes.into_found());
    }
    let file = match serde_saphyr::from_str_with_options::<File>(mistakes.text(), options()) {
        Ok(file) => file,
        Err(error) => {
            mistakes.note_unreadable(&error);
            return Err(mistakes.into_found());
        }
    };
    let config = file.lower(&mut mistakes);
    let found = mistakes.into_found();
    if found.is_empty() { Ok(config) } else { Err(found) }
}

pub(super) fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        // Aliases are refused rather than counted: nobody needs them here, and 300 bytes of them make 10⁸ nodes.
        budget: serde_saphyr::budget! { max_aliases: 0, max_anchors: 0, max_documents: 1, max_depth: 16, max_nodes: 100_000 },
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
    }
}
