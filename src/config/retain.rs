//! `retain:` — how long what is kept is kept.

use super::value::Lasting;

const DAY_S: u64 = 86_400;

/// How long what is kept is kept, by its age.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retain {
    /// Walks, with their sightings and slots; those that an incident which still lasts points at stay.
    pub walks: Lasting,
    /// What happened to incidents that recovered.
    pub moves: Lasting,
    /// Notices that were delivered, superseded or given up.
    pub notices: Lasting,
    /// Pictures, pages and network records; those that an incident which still lasts is shown with stay.
    pub evidence: Lasting,
    /// Suspicions that no other walk shared.
    pub suspicions: Lasting,
}

impl Default for Retain {
    fn default() -> Self {
        Self {
            walks: Lasting::seconds(90 * DAY_S),
            moves: Lasting::seconds(366 * DAY_S),
            notices: Lasting::seconds(90 * DAY_S),
            evidence: Lasting::seconds(30 * DAY_S),
            suspicions: Lasting::seconds(7 * DAY_S),
        }
    }
}
