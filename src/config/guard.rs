//! `never:` — requests that leave no lane, in an app's section or for all.

use super::App;
use super::value::{HostPattern, Method, PathGlob};
use crate::guard::{GuardRules, HostRule, NeverRule};

/// A request that never leaves a lane.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Never {
    /// The method; any when absent.
    pub method: Option<Method>,
    /// The host; any when absent.
    pub host: Option<HostPattern>,
    /// A pattern over the path.
    pub path: PathGlob,
}

impl Never {
    fn rule(&self) -> NeverRule {
        let method = self.method.as_ref().map(|m| m.0.as_str());
        let host = self.host.as_ref().map(|h| h.text.as_str());
        NeverRule::parse(method, host, &self.path.0).expect("invariant: each part was parsed when the file was read")
    }
}

/// What may leave a lane of `app`, with the rules that hold for every app.
pub(super) fn rules_of(app: &App, for_all: &[Never]) -> GuardRules {
    let own = HostRule::of_url(&app.base.0);
    GuardRules {
        hosts: own.into_iter().chain(app.hosts.iter().map(|h| h.rule.clone())).collect(),
        never: app.never.iter().chain(for_all).map(Never::rule).collect(),
        private_networks: app.private_networks,
    }
}
