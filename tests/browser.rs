//! Behaviour with real browsers. Needs Chromium and chromedriver.

#[path = "browser/egress.rs"]
mod egress;
#[path = "browser/egress_wire.rs"]
mod egress_wire;
#[path = "browser/process.rs"]
mod process;
