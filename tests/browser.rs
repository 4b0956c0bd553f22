//! Behaviour with real browsers. Needs Chromium and chromedriver.

#[path = "browser/egress.rs"]
mod egress;
#[path = "browser/process.rs"]
mod process;
