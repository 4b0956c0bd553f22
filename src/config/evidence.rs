//! `evidence:` — where pictures, pages and network records are kept.

use std::path::PathBuf;

/// Where evidence is kept.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// The folder; made when it is not there.
    pub folder: PathBuf,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { folder: PathBuf::from("screenshots/evidence") }
    }
}
