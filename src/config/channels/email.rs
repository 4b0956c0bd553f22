//! `email:` — a mail server, a sender and who receives.

use crate::config::mistakes::Mistakes;
use crate::config::value::SecretReference;
use serde_saphyr::Location;

/// A mail server, a sender and who receives.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// The server's name or address.
    pub host: String,
    /// Its port: 465 for `implicit`, 587 for `starttls` by custom.
    pub port: u16,
    /// How the way there is kept secret.
    #[serde(default)]
    pub tls: EmailTls,
    /// The name to sign in with, if the server wants one.
    pub username: Option<String>,
    /// The password to sign in with.
    pub password: Option<SecretReference>,
    /// The sender: `更夫 <gengfu@bank.example>`.
    pub from: String,
    /// Who receives.
    pub to: Vec<String>,
}

/// How the way to a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailTls {
    /// TLS from the first byte.
    Implicit,
    /// TLS after a greeting in the clear; refused when the server does not offer it.
    #[default]
    Starttls,
    /// In the clear: only for a server on this machine.
    None,
}

impl Email {
    pub(super) fn check(&self, at: Location, mistakes: &mut Mistakes) {
        if self.to.is_empty() {
            mistakes.note(at, "an e-mail channel that reaches nobody", "write `to: [team@bank.example]`");
        }
        let local = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if self.tls == EmailTls::None && !local {
            mistakes.note(
                at,
                "mail in the clear",
                "`tls: none` is for a server on this machine only; write `tls: starttls` or `tls: implicit`",
            );
        }
        if self.username.is_some() != self.password.is_some() {
            mistakes.note(at, "half a sign-in", "`username` and `password` go together");
        }
    }
}
