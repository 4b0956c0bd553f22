//! `pagerduty:` — a service of PagerDuty's.

use crate::config::value::{HttpUrl, SecretReference};

/// A service of PagerDuty's.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerDuty {
    /// The integration key of its Events API v2.
    pub routing_key: SecretReference,
    /// Another server than `https://events.pagerduty.com`: `https://events.eu.pagerduty.com`, or a proxy's.
    pub base: Option<HttpUrl>,
}
