//! `audit:` — where the audit log's checkpoints are kept, and what signs them.

use super::value::{Lasting, SecretReference};
use std::path::PathBuf;

/// Checkpoints of the audit log.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// The folder they are kept in; made when it is not there. It protects as far as it is out of reach of whoever can
    /// write the ledger.
    pub checkpoints: PathBuf,
    /// How often one is signed when something was written; what is newer than the last one can be cut off unnoticed.
    pub every: Lasting,
    /// The private key; one is made beside the config file when there is none.
    pub key: Option<SecretReference>,
}

impl Default for Audit {
    fn default() -> Self {
        Self { checkpoints: PathBuf::from("data/audit"), every: Lasting::seconds(60), key: None }
    }
}
