//! `limits:` — how much, how many, how long. Everything has a limit.

use super::value::Lasting;

/// How much, how many, how long.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How many walks are made at once.
    pub walks_at_once: usize,
    /// How many due walks may wait; more are recorded as missed.
    pub walks_waiting: usize,
    /// How long a walk may wait for a free test customer.
    pub account_within: Lasting,
    /// How long walks under way may go on after a call to stop.
    pub drain_within: Lasting,
    /// A due time older than this is not caught up.
    pub catch_up_within: Lasting,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            walks_at_once: 4,
            walks_waiting: 256,
            account_within: Lasting::seconds(60),
            drain_within: Lasting::seconds(25),
            catch_up_within: Lasting::seconds(600),
        }
    }
}
