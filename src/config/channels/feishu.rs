//! `feishu:` — a custom robot of a Feishu or Lark group.

use crate::config::value::{Handle, HttpUrl, SecretReference};

/// A custom robot of a Feishu or Lark group.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feishu {
    /// The robot's address as Feishu or Lark shows it, or what stands behind `hook/` in it.
    pub webhook: SecretReference,
    /// Its signing secret, where its security settings want signatures.
    pub secret: Option<SecretReference>,
    /// One of its keywords, where its security settings want them: it stands in every message.
    pub keyword: Option<String>,
    /// An app of the tenant that may upload pictures; without it they are links.
    pub app: Option<FeishuApp>,
    /// Who is called when something opens.
    #[serde(default)]
    pub mention: FeishuMention,
    /// Another server than `https://open.feishu.cn`: a proxy's, or `https://open.larksuite.com` where `webhook` holds no
    /// more than the token.
    pub base: Option<HttpUrl>,
}

/// An app of the tenant that may upload pictures.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeishuApp {
    /// Its id: `cli_…`.
    pub id: Handle,
    /// Its secret.
    pub secret: SecretReference,
}

/// Who is called in a Feishu or Lark group.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeishuMention {
    /// By Feishu's own ids: `ou_…`.
    pub users: Vec<Handle>,
    /// Everybody.
    pub all: bool,
}
