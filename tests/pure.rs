//! The pure domain through its public seams: no browser, no network.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

#[path = "pure/audit.rs"]
mod audit;
#[path = "pure/bad_journeys.rs"]
mod bad_journeys;
#[path = "pure/bad_oracles.rs"]
mod bad_oracles;
#[path = "pure/baseline.rs"]
mod baseline;
#[path = "pure/catalogue.rs"]
mod catalogue;
#[path = "pure/detector.rs"]
mod detector;
#[path = "pure/foreign.rs"]
mod foreign;
#[path = "pure/grouping.rs"]
mod grouping;
#[path = "pure/journey.rs"]
mod journey;
#[path = "pure/ledger.rs"]
mod ledger;
#[path = "pure/openapi.rs"]
mod openapi;
#[path = "pure/oracle.rs"]
mod oracle;
#[path = "pure/pace.rs"]
mod pace;
#[path = "pure/picture.rs"]
mod picture;
#[path = "pure/report.rs"]
mod report;
#[path = "pure/schema.rs"]
mod schema;
#[path = "pure/streams.rs"]
mod streams;
#[path = "pure/supplied.rs"]
mod supplied;
#[path = "pure/walks.rs"]
mod walks;
