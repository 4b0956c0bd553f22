//! Which key signs checkpoints: the one the config refers to, or one that is made once beside the config.

use crate::audit::{KeyError, PublicKey, SigningKey};
use crate::config::{Config, ReferenceSecrets};
use crate::secret::Secret;
use crate::walk::port::Secrets as _;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The file beside the config.
const FILE: &str = "audit.key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum AuditKeyError {
    /// The reference leads to none.
    #[error("{0}")]
    Secret(String),
    /// What it leads to is none.
    #[error("`audit.key` is {0}")]
    Wrong(#[from] KeyError),
    /// None could be made.
    #[error("no key could be written to `{}`: {why}; set `audit.key`", path.display())]
    Unwritable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// The key, made if there is none and the config names none.
pub(super) fn open(config: &Config, secrets: &ReferenceSecrets) -> Result<SigningKey, AuditKeyError> {
    let path = config.folder.join(FILE);
    if config.audit.key.is_none() && !path.exists() {
        let (_, text) = SigningKey::fresh()?;
        write(&path, &text).map_err(|why| AuditKeyError::Unwritable { path: path.clone(), why })?;
    }
    read(config, secrets)
}

/// The key that is there.
fn read(config: &Config, secrets: &ReferenceSecrets) -> Result<SigningKey, AuditKeyError> {
    let reference = config.audit.key.as_ref().map_or_else(|| format!("file:{FILE}"), ToString::to_string);
    let secret = secrets.resolve(&reference).map_err(AuditKeyError::Secret)?;
    Ok(SigningKey::parse(&secret)?)
}

/// The public half of the key that is there; nothing is made.
///
/// # Errors
/// When there is none, or this user may not read it.
pub fn published_keys(config: &Config) -> Result<PublicKey, AuditKeyError> {
    let secrets = ReferenceSecrets { folder: config.folder.clone() };
    read(config, &secrets).map(|key| key.public())
}

/// Writes it for its owner alone. One that another process wrote meanwhile stays.
fn write(path: &Path, text: &Secret) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Beside its place first: nobody reads half a key, not even after a power cut.
    let made = tempfile::Builder::new().prefix(".audit-key-").permissions(mode(0o600)).tempfile_in(folder)?;
    made.as_file().write_all(text.expose().as_bytes())?;
    made.as_file().sync_all()?;
    match made.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

fn mode(mode: u32) -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}
