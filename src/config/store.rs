//! `store:` — where incidents, walks and notices are kept.

use std::path::PathBuf;

/// Where incidents, walks and notices are kept.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The SQLite file; its folder is made when it is not there.
    pub file: PathBuf,
}

impl Default for Store {
    fn default() -> Self {
        Self { file: PathBuf::from("data/gengfu.db") }
    }
}
