//! `baseline:` — where `serve` keeps what clean walks have taught.

use std::path::PathBuf;

/// Where baselines are kept.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Baseline {
    /// The folder; made when it is not there. `gengfu walk --baseline` with the same folder shares it.
    pub folder: PathBuf,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { folder: PathBuf::from("data/baseline") }
    }
}
