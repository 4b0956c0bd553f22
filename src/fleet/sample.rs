//! Journeys for tests.

use crate::diagnostic::Source;
use crate::journey::{Device, Journey, Safety, Step, Text, Verb};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A journey of one step.
pub fn journey(id: &str) -> Arc<Journey> {
    let source = Source { name: format!("{id}.yaml"), text: "- open: /\n".into() };
    let step = Step {
        id: crate::id::StepId("open".into()),
        title: "open /".into(),
        verb: Verb::Open(Text::literal("/")),
        expects: Vec::new(),
        within: None,
        soft: false,
        note: None,
        span: 0..9,
        source: source.clone(),
    };
    Arc::new(Journey {
        id: id.parse().unwrap(),
        title: id.to_owned(),
        app: "app".into(),
        owner: None,
        tags: BTreeMap::new(),
        device: Device::Desktop,
        safety: Safety::ReadOnly,
        account: None,
        budget: Duration::from_secs(30),
        locale: None,
        timezone: None,
        vars: BTreeMap::new(),
        steps: vec![step],
        always: Vec::new(),
        oracles: Vec::new(),
        source,
        digest: "0".repeat(64),
    })
}
