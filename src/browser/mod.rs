//! Real browsers over WebDriver BiDi.

pub mod process;
