//! `owners:` — whom a journey's alerts reach.

use super::value::Slug;

/// The owner that takes what no other does.
pub const DEFAULT_OWNER: &str = "default";

/// Someone who answers for an app or a part of it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The channels that reach them.
    pub channels: Vec<Slug>,
}
