//! What may leave the browser.

/// The rules of one lane.
#[derive(Debug, Clone, Default)]
pub struct GuardRules {}
