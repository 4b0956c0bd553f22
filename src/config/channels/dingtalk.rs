//! `dingtalk:` — a custom robot of a DingTalk group.

use crate::config::value::{Handle, HttpUrl, SecretReference};

/// A custom robot of a DingTalk group.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DingTalk {
    /// The robot's address as DingTalk shows it, or the `access_token` in it.
    pub webhook: SecretReference,
    /// Its signing secret (`SEC…`), where its security settings want signatures.
    pub secret: Option<SecretReference>,
    /// One of its keywords, where its security settings want them: it stands in every message.
    pub keyword: Option<String>,
    /// Who is called when something opens.
    #[serde(default)]
    pub mention: DingTalkMention,
    /// Another server than `https://oapi.dingtalk.com`, such as a proxy's.
    pub base: Option<HttpUrl>,
}

/// Who is called in a DingTalk group.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DingTalkMention {
    /// By their phone numbers.
    pub mobiles: Vec<Handle>,
    /// By DingTalk's own ids.
    pub users: Vec<Handle>,
    /// Everybody.
    pub all: bool,
}
