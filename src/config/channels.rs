//! `channels:` — ways to tell people.

use super::value::{HttpUrl, SecretReference};

/// One way to tell people: exactly one of `email` and `webhook`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Email(Email),
    /// By a signed POST, as Standard Webhooks has it.
    Webhook(Webhook),
}

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
