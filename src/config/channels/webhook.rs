//! `webhook:` — a receiver of signed POSTs.

use crate::config::mistakes::Mistakes;
use crate::config::value::{HttpUrl, SecretReference};
use serde_saphyr::Location;

/// A receiver of signed POSTs.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where to.
    pub url: HttpUrl,
    /// The signing key: `whsec_` and at least 24 bytes in base64.
    pub secret: SecretReference,
    /// The key before it, while receivers change over: everything is signed with both.
    pub old_secret: Option<SecretReference>,
}

impl Webhook {
    pub(super) fn check(&self, at: Location, mistakes: &mut Mistakes) {
        if self.url.in_the_clear() {
            let help = "`http` is for a receiver on this machine only; write `https://…`";
            mistakes.note(at, "a webhook in the clear", help);
        }
    }
}
