//! `teams:` — a workflow of Microsoft Teams.

use crate::config::mistakes::Mistakes;
use crate::config::value::{Handle, SecretReference};
use serde_saphyr::Location;
use std::collections::BTreeMap;

/// A workflow of Microsoft Teams that begins with "When a Teams webhook request is received".
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teams {
    /// Its whole address; it holds the key.
    pub webhook: SecretReference,
    /// Who is called when something opens.
    #[serde(default)]
    pub mention: TeamsMention,
}

/// Who is called in a Teams chat or channel.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TeamsMention {
    /// Their names, each with its sign-in name or id: `王经理: wang@bank.example`.
    pub users: BTreeMap<String, Handle>,
}

impl Teams {
    pub(super) fn check(&self, at: Location, mistakes: &mut Mistakes) {
        let odd = |name: &&String| name.is_empty() || name.chars().count() > 80 || name.contains(['<', '>', '&', '\n']);
        if let Some(name) = self.mention.users.keys().find(odd) {
            mistakes.note(
                at,
                &format!("`{name}` cannot be called"),
                "write a name of at most 80 characters, without `<`, `>` and `&`",
            );
        }
    }
}
