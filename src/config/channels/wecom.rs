//! `wecom:` — a robot of a WeCom group.

use crate::config::value::{Handle, HttpUrl, SecretReference};

/// A robot of a WeCom group.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeCom {
    /// The robot's address as WeCom shows it, or the `key` in it.
    pub webhook: SecretReference,
    /// Who is called when something opens.
    #[serde(default)]
    pub mention: WeComMention,
    /// Whether pictures are sent, each as a message of its own.
    #[serde(default = "yes")]
    pub pictures: bool,
    /// Another server than `https://qyapi.weixin.qq.com`, such as a proxy's.
    pub base: Option<HttpUrl>,
}

/// Who is called in a WeCom group.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeComMention {
    /// By WeCom's own ids.
    pub users: Vec<Handle>,
    /// By their phone numbers, in a message of its own.
    pub mobiles: Vec<Handle>,
    /// Everybody, in a message of its own.
    pub all: bool,
}

fn yes() -> bool {
    true
}
