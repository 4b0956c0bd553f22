//! What the program's exit code says.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Passed, or degraded: customers get through.
    Passed = 0,
    /// A defect of the robot.
    Bug = 1,
    /// The command line or the config is wrong, or the machine lacks something.
    Usage = 2,
    /// A journey file does not parse.
    Unparsed = 3,
    /// The app failed, or a log was tampered with.
    Failed = 4,
    /// The robot cannot say.
    Inconclusive = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
