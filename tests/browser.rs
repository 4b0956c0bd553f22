//! Behaviour with real browsers. Needs Chromium and chromedriver.

#[path = "browser/process.rs"]
mod process;
