//! Real browsers over WebDriver BiDi.

pub mod egress;
pub mod process;
