//! `alertmanager:` — an Alertmanager.

use super::check_base;
use crate::config::mistakes::Mistakes;
use crate::config::value::{HttpUrl, Lasting, SecretReference};
use serde_saphyr::Location;

/// An Alertmanager.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alertmanager {
    /// Where it is: what stands before `/api/v2` in its address.
    pub url: HttpUrl,
    /// The name to sign in with, if a proxy before it wants one.
    pub username: Option<String>,
    /// The password to sign in with.
    pub password: Option<SecretReference>,
    /// The token to sign in with, in place of name and password.
    pub token: Option<SecretReference>,
    /// An alert that is not told again ends by itself after this: longer than `alerts.remind_every`.
    #[serde(default = "a_week")]
    pub lasts: Lasting,
}

fn a_week() -> Lasting {
    Lasting::seconds(7 * 86_400)
}

impl Alertmanager {
    pub(super) fn check(&self, at: Location, remind_every: Lasting, mistakes: &mut Mistakes) {
        check_base(at, Some(&self.url), mistakes);
        if self.username.is_some() != self.password.is_some() {
            mistakes.note(at, "half a sign-in", "`username` and `password` go together");
        }
        if self.token.is_some() && self.password.is_some() {
            mistakes.note(at, "two ways to sign in", "keep `token`, or `username` and `password`");
        }
        if self.lasts <= remind_every {
            mistakes.note(
                at,
                "alerts would end before they are told again",
                "`lasts` must be longer than `alerts.remind_every`, or what still lasts looks recovered",
            );
        }
    }
}
