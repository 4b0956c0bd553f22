//! `slack:` — an incoming webhook of Slack's.

use crate::config::value::{Handle, HttpUrl, SecretReference};

/// An incoming webhook of Slack's.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// Its address as Slack shows it, or what stands behind `services/` in it.
    pub webhook: SecretReference,
    /// Who is called when something opens.
    #[serde(default)]
    pub mention: SlackMention,
    /// Another server than `https://hooks.slack.com`, such as a proxy's.
    pub base: Option<HttpUrl>,
}

/// Who is called in a Slack channel.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlackMention {
    /// By Slack's own ids: `U…`.
    pub users: Vec<Handle>,
    /// User groups by Slack's own ids: `S…`.
    pub groups: Vec<Handle>,
    /// Everybody in the channel.
    pub all: bool,
}
