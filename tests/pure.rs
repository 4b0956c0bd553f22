//! The pure domain through its public seams: no browser, no network.

#[path = "pure/journey.rs"]
mod journey;
